/* SPDX-License-Identifier: MIT */
/* 2.5.2 PIN change, 2.5.7 PIN unblock: calls of the minidriver, made as they are listed. */
#include "kit/rows/sequences.h"

#include "kit/bench/scenario.h"
#include "kit/bench/secrets.h"

static const struct kit_secret *pin_of(struct run *r)
{
    return &r->config->user_pin;
}

/* The Base CSP counts up bPinsFreshness in cardcf: the user may write it. */
static void write_cardcf(struct bench *b)
{
    PBYTE data = NULL;
    DWORD len = 0;

    EXPECT(b->run, CALL(b, ReadFile, &b->data, NULL, str("cardcf"), 0, &data, &len), 0);
    if (!mem_is_ours(data) || len < 2)
        run_fail(b->run, "cardcf with its freshness counters", "%u bytes", (unsigned)len);
    data[1]++;
    EXPECT(b->run, CALL(b, WriteFile, &b->data, NULL, str("cardcf"), 0, data, len), 0);
    mem_free(data);
}

static void make_file_system(struct run *r)
{
    struct scenario s;
    struct bench b;

    bench_open(r, &b);
    need_writable(&b); /* cardcf is written */
    bench_close(&b);
    scenario_open(r, &s, "kit-none"); /* sees to cardcf */
    scenario_leave(&s);
}

/* The end of both. Without CardDeauthenticate the card is reset. */
static void end_of_user(struct bench *b)
{
    if (b->data.pfnCardDeauthenticate != NULL)
        EXPECT(b->run, CALL(b, Deauthenticate, &b->data, user_name(), 0), 0);
    else
        be_nobody(b);
    EXPECT(b->run, CALL(b, DeleteContext, &b->data), 0);
    bench_close(b);
}

/* The six calls, and no other between. */
static void change_in_order(struct run *r, const struct kit_secret *old,
                            const struct kit_secret *fresh)
{
    struct bench b;
    DWORD left = 0;

    bench_connect(r, &b, 0);
    be_nobody(&b);
    EXPECT(r, ACQUIRE(&b, &b.data, 0), 0);
    EXPECT(r, CALL(&b, ChangeAuthenticator, &b.data, user_name(), bytes_of(old->bytes), old->len,
                   bytes_of(fresh->bytes), fresh->len, 0, CARD_AUTHENTICATE_PIN_PIN, &left), 0);
    write_cardcf(&b);
    end_of_user(&b);
}

/* And again, so that the PIN is as before: in a context that knows nothing of the first. */
void sequence_pin_change(struct run *r)
{
    const struct kit_secret *old = pin_of(r), fresh = wrong_pin(r->config);

    make_file_system(r);
    change_in_order(r, old, &fresh);
    change_in_order(r, &fresh, old);
}

/* By wrong ones, where the card blocks a PIN, and where that can be undone. */
static void block(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    if (unblocks_by_puk(&b))
        run_not_applicable(r, "this card unblocks by a PUK, without a challenge");
    need_unblocking(&b);
    if (r->config->pin_blocks != KIT_NO && way_back(&b) == NULL)
        (void)block_pin(&b, AUTHENTICATE_PIN);
    bench_close(&b);
}

/* The eight calls, and no other between. */
static void unblock_in_order(struct run *r, const struct kit_secret *fresh)
{
    BYTE response[KIT_SECRET_MAX];
    PBYTE challenge = NULL;
    DWORD len = 0, left = 0;
    struct bench b;

    bench_connect(r, &b, 0);
    be_nobody(&b);
    EXPECT(r, ACQUIRE(&b, &b.data, 0), 0);
    EXPECT(r, CALL(&b, GetChallenge, &b.data, &challenge, &len), 0);
    if (!mem_is_ours(challenge) || len > mem_len(challenge))
        run_blocked(r, "CardGetChallenge gives no challenge");
    answer_challenge(&b, challenge, len, response);
    mem_free(challenge);
    EXPECT(r, CALL(&b, UnblockPin, &b.data, user_name(), response, len, bytes_of(fresh->bytes),
                   fresh->len, 0, CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE), 0);
    EXPECT(r, CALL(&b, AuthenticatePin, &b.data, user_name(), bytes_of(fresh->bytes), fresh->len,
                   &left), 0);
    write_cardcf(&b);
    end_of_user(&b);
}

/* To another PIN: so it shows that something was done. */
void sequence_pin_unblock(struct run *r)
{
    const struct kit_secret fresh = other_pin(r->config);
    struct bench b;

    make_file_system(r);
    block(r);
    unblock_in_order(r, &fresh);
    bench_open(r, &b);
    restore_pin(&b);
    bench_close(&b);
}
