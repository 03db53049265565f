/* SPDX-License-Identifier: MIT */
/* CMR.1.1.6 and CMR.1.1.7. */
#include "kit/rows/general.h"
#include "kit/bench/multi.h"

#include <string.h>

#define PROCESSES 4u
#define ROUNDS    2u

static void write_text(struct bench *b, const char *text)
{
    EXPECT(b->run, put_file(b, FIXTURE_DIR, FIXTURE_FILE, text, strlen(text)), SCARD_S_SUCCESS);
}

static void see_text(struct bench *b, const char *text, const char *which)
{
    DWORD rc = see_file(b, FIXTURE_DIR, FIXTURE_FILE, text, strlen(text));

    CHECK(b->run, rc != SCARD_E_COMM_DATA_LOST, "the %s card's file has another content", which);
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
}

static DWORD show_pin(struct bench *b)
{
    const struct kit_secret *pin = &b->run->config->user_pin;

    return CALL(b, AuthenticatePin, &b->data, user_name(), bytes_of(pin->bytes), pin->len, NULL);
}

/* Both contexts live, both transactions open; calls go to the one and the other in turn. */
void general_two_cards(struct run *r)
{
    struct bench one, two;

    need_second_card(r);
    open_card(r, &one, 0);
    bench_connect(r, &two, 1);
    EXPECT(r, ACQUIRE(&two, &two.data, 0), SCARD_S_SUCCESS);
    be_nobody(&one);
    be_nobody(&two);
    EXPECT(r, show_pin(&one), SCARD_S_SUCCESS);
    CHECK(r, !is_user(&two), "the user of one card is the user of the other");
    EXPECT(r, show_pin(&two), SCARD_S_SUCCESS);
    CHECK(r, is_user(&one) && is_user(&two), "the user of one card is not the user any more");
    need_writable(&one); /* what follows is seen by what is written */
    need_writable(&two);
    write_text(&one, "on one");
    write_text(&two, "and on two");
    see_text(&one, "on one", "first");
    see_text(&two, "and on two", "second");
    EXPECT(r, CALL(&one, DeleteContext, &one.data), SCARD_S_SUCCESS);
    see_text(&two, "and on two", "second");
    write_text(&two, FIXTURE_TEXT);
    EXPECT(r, ACQUIRE(&one, &one.data, 0), SCARD_S_SUCCESS);
    be_user(&one);
    write_text(&one, FIXTURE_TEXT);
    run_saw(r, "\"%s\" and \"%s\"", one.reader, two.reader);
}

void general_processes(struct run *r)
{
    const struct crowd crowd = { .count = PROCESSES, .cards = 1, .rounds = ROUNDS,
                                 .work = crowd_use };

    crowd_prepare(r, &crowd);
    crowd_in_processes(r, &crowd);
    crowd_tidy(r, &crowd);
    run_saw(r, "%u processes, %u contexts each", PROCESSES, ROUNDS);
}
