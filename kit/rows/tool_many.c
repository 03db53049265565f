/* SPDX-License-Identifier: MIT */
/* SimultaneousUse, SupportMultiple, MultiThreaded, Reconnect. */
#include "kit/bench/multi.h"
#include "kit/rows/tool.h"

#define ENDLESS 100000u

static unsigned rounds_of(const struct run *r)
{
    return r->config->thread_rounds != 0 ? r->config->thread_rounds : 1;
}

void tool_simultaneous(struct run *r)
{
    const struct crowd crowd = { .count = 2, .cards = 1, .rounds = ENDLESS,
                                 .seconds = r->config->seconds, .work = crowd_use };

    crowd_prepare(r, &crowd);
    crowd_in_processes(r, &crowd);
    crowd_tidy(r, &crowd);
    run_saw(r, "2 processes, %u seconds", crowd.seconds);
}

void tool_two_cards(struct run *r)
{
    const struct crowd crowd = { .count = 4, .cards = 2, .rounds = ENDLESS,
                                 .seconds = r->config->seconds, .work = crowd_use };

    need_second_card(r);
    crowd_prepare(r, &crowd);
    crowd_in_threads(r, &crowd);
    crowd_tidy(r, &crowd);
    run_saw(r, "4 threads, 2 cards, %u seconds", crowd.seconds);
}

void tool_threads(struct run *r)
{
    /* two cards, if there are: on one, transactions keep the threads apart */
    struct crowd crowd = { .count = r->config->threads, .rounds = rounds_of(r),
                           .cards = r->config->readers[1] != NULL ? 2 : 1, .work = crowd_use };

    if (crowd.count > CROWD_MAX)
        crowd.count = CROWD_MAX;
    crowd_prepare(r, &crowd);
    crowd_in_threads(r, &crowd);
    crowd_tidy(r, &crowd);
    run_saw(r, "%u threads, %u contexts each", crowd.count, crowd.rounds);
}

static void use(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin;
    CARD_CAPABILITIES says = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };

    EXPECT(b->run, CALL(b, AuthenticatePin, &b->data, user_name(), bytes_of(pin->bytes), pin->len,
                        NULL), SCARD_S_SUCCESS);
    EXPECT(b->run, CALL(b, QueryCapabilities, &b->data, &says), SCARD_S_SUCCESS);
    EXPECT(b->run, see_fixture(b), SCARD_S_SUCCESS);
    if (b->data.pfnCardDeauthenticate != NULL)
        EXPECT(b->run, CALL(b, Deauthenticate, &b->data, user_name(), 0), SCARD_S_SUCCESS);
}

/* The same handle, reset; then another handle, told by CARD_DATA. */
void tool_reconnect(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    use(&b);
    bench_reset(&b);
    use(&b);
    bench_pause(&b);
    NEED(r, pcsc_disconnect(b.pcsc, b.card, PCSC_RESET));
    NEED(r, pcsc_connect(b.pcsc, b.ctx, b.reader, PCSC_SHARED, &b.card));
    bench_resume(&b);
    b.data.hScard = (SCARDHANDLE)b.card;
    use(&b);
    EXPECT(r, CALL(&b, DeleteContext, &b.data), SCARD_S_SUCCESS);
    NEED(r, pcsc_end(b.pcsc, b.card, PCSC_RESET));
    NEED(r, pcsc_disconnect(b.pcsc, b.card, PCSC_RESET));
}
