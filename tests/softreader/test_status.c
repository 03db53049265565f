/* SPDX-License-Identifier: MIT */
/* SCardGetStatusChange: states, waiting, timeouts, events, Cancel. */
#include "support.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define COUNTER(flags) ((flags) >> 16)
#define FLAGS(flags)   ((flags) & 0xFFFF)

static char alice_name[] = "alice", bob_name[] = "bob";

/* Something that happens a little later, in another thread. */
struct later {
    pthread_t thread;
    void (*what)(void *);
    void *argument;
};

static void *later_run(void *argument)
{
    const struct later *later = argument;

    sleep_ms(100);
    later->what(later->argument);
    return NULL;
}

static void later_start(struct later *later, void (*what)(void *), void *argument)
{
    later->what = what;
    later->argument = argument;
    assert_int_equal(pthread_create(&later->thread, NULL, later_run, later), 0);
}

static void do_eject(void *name)
{
    home_eject(name);
}

static void do_insert(void *name)
{
    home_insert(name);
}

static void do_remove(void *name)
{
    home_remove(name);
}

static void do_cancel(void *context)
{
    SCardCancel(*(SCARDCONTEXT *)context);
}

static void do_release(void *context)
{
    SCardReleaseContext(*(SCARDCONTEXT *)context);
}

static void do_disconnect(void *card)
{
    SCardDisconnect(*(SCARDHANDLE *)card, SCARD_LEAVE_CARD);
}

static void states_at_first_sight(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE states[3] = { { .szReader = ALICE }, { .szReader = BOB },
                                    { .szReader = "nobody at all",
                                      .dwCurrentState = SCARD_STATE_IGNORE } };
    SCARDHANDLE card;
    DWORD protocol;

    (void)state;
    make_card("bob", false);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, states, 3), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(states[0].dwEventState), SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    assert_int_equal(states[0].cbAtr, 13);
    assert_int_equal(states[0].rgbAtr[0], 0x3B);
    assert_int_equal(FLAGS(states[1].dwEventState), SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    assert_int_equal(states[1].cbAtr, 0);

    card = connect_to(context, ALICE);
    assert_int_equal(SCardGetStatusChange(context, 0, states, 1), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(states[0].dwEventState),
                     SCARD_STATE_PRESENT | SCARD_STATE_INUSE | SCARD_STATE_CHANGED);
    assert_int_equal(SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_ANY,
                                    SCARD_LEAVE_CARD, &protocol),
                     SCARD_S_SUCCESS);
    assert_int_equal(SCardGetStatusChange(context, 0, states, 1), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(states[0].dwEventState),
                     SCARD_STATE_PRESENT | SCARD_STATE_EXCLUSIVE | SCARD_STATE_CHANGED);
    SCardReleaseContext(context);
}

static void damaged_cards_are_mute(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE bob = { .szReader = BOB };
    char path[HOME_PATH_MAX];
    FILE *f;

    (void)state;
    make_card("bob", true);
    assert_true(home_image_path("bob", path));
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("this is no card", f);
    fclose(f);
    assert_int_equal(SCardGetStatusChange(context, 0, &bob, 1), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(bob.dwEventState),
                     SCARD_STATE_PRESENT | SCARD_STATE_MUTE | SCARD_STATE_CHANGED);
    bob.dwCurrentState = bob.dwEventState;
    assert_int_equal(SCardGetStatusChange(context, 0, &bob, 1), SCARD_E_TIMEOUT);
    SCardReleaseContext(context);
}

static void arguments_are_checked(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE one = { .szReader = NULL };

    (void)state;
    assert_int_equal(SCardGetStatusChange(0, 0, &one, 1), SCARD_E_INVALID_HANDLE);
    assert_int_equal(SCardGetStatusChange(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardGetStatusChange(context, 0, &one, 1000), SCARD_E_INVALID_PARAMETER);
    assert_int_equal(SCardGetStatusChange(context, 0, &one, 1), SCARD_E_INVALID_VALUE);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, NULL, 0), SCARD_S_SUCCESS);
    one.szReader = BOB; /* no such card */
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &one, 1), SCARD_E_UNKNOWN_READER);
    one.szReader = "some other reader";
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &one, 1), SCARD_E_UNKNOWN_READER);
    one.dwCurrentState = SCARD_STATE_IGNORE;
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &one, 1), SCARD_S_SUCCESS);
    SCardReleaseContext(context);
}

static void waiting_ends(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE alice = { .szReader = ALICE };
    int64_t start;

    (void)state;
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_S_SUCCESS);
    alice.dwCurrentState = alice.dwEventState;
    start = clock_ms();
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_E_TIMEOUT);
    assert_true(clock_ms() - start < 100);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_PRESENT); /* told all the same */
    start = clock_ms();
    assert_int_equal(SCardGetStatusChange(context, 300, &alice, 1), SCARD_E_TIMEOUT);
    assert_true(clock_ms() - start >= 300);
    assert_true(clock_ms() - start < 1000);
    SCardReleaseContext(context);
}

static void insertion_and_removal_are_events(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE alice = { .szReader = ALICE };
    struct later later;
    DWORD counter;
    int64_t start;

    (void)state;
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_S_SUCCESS);
    counter = COUNTER(alice.dwEventState);
    alice.dwCurrentState = alice.dwEventState;
    start = clock_ms();
    later_start(&later, do_eject, alice_name);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &alice, 1), SCARD_S_SUCCESS);
    assert_true(clock_ms() - start < 1000);
    pthread_join(later.thread, NULL);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    assert_int_equal(COUNTER(alice.dwEventState), counter + 1);
    assert_int_equal(alice.cbAtr, 0);

    alice.dwCurrentState = alice.dwEventState;
    later_start(&later, do_insert, alice_name);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &alice, 1), SCARD_S_SUCCESS);
    pthread_join(later.thread, NULL);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    assert_int_equal(COUNTER(alice.dwEventState), counter + 2);

    /* Out and in again while nobody looks: the state is the same, the counter tells. */
    alice.dwCurrentState = alice.dwEventState;
    home_eject("alice");
    sleep_ms(20);
    home_insert("alice");
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &alice, 1), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    assert_int_equal(COUNTER(alice.dwEventState), counter + 4);
    SCardReleaseContext(context);
}

static void a_deleted_card_is_unknown(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE alice = { .szReader = ALICE };
    struct later later;

    (void)state;
    home_eject("alice");
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_S_SUCCESS);
    alice.dwCurrentState = alice.dwEventState;
    later_start(&later, do_remove, alice_name);
    assert_int_equal(SCardGetStatusChange(context, 5000, &alice, 1), SCARD_S_SUCCESS);
    pthread_join(later.thread, NULL);
    assert_int_equal(alice.dwEventState, SCARD_STATE_UNKNOWN | SCARD_STATE_CHANGED);

    alice.dwCurrentState = alice.dwEventState; /* UNKNOWN: waits for it to come */
    assert_int_equal(SCardGetStatusChange(context, 50, &alice, 1), SCARD_E_TIMEOUT);
    make_card("alice", true);
    assert_int_equal(SCardGetStatusChange(context, 5000, &alice, 1), SCARD_S_SUCCESS);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    SCardReleaseContext(context);
}

static void the_pnp_reader_tells_of_readers(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE pnp = { .szReader = PNP };
    struct later later;

    (void)state;
    make_card("bob", false);
    assert_int_equal(SCardGetStatusChange(context, 50, &pnp, 1), SCARD_E_TIMEOUT);
    assert_int_equal(pnp.dwEventState, 1 << 16);
    later_start(&later, do_insert, bob_name);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &pnp, 1), SCARD_S_SUCCESS);
    pthread_join(later.thread, NULL);
    assert_int_equal(pnp.dwEventState, 2 << 16 | SCARD_STATE_CHANGED);
    pnp.dwCurrentState = pnp.dwEventState;
    assert_int_equal(SCardGetStatusChange(context, 50, &pnp, 1), SCARD_E_TIMEOUT);
    home_eject("bob"); /* between two calls: the count tells */
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &pnp, 1), SCARD_S_SUCCESS);
    assert_int_equal(pnp.dwEventState, 1 << 16 | SCARD_STATE_CHANGED);
    SCardReleaseContext(context);
}

static void cancel_wakes(void **state)
{
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE alice = { .szReader = ALICE };
    struct later later;
    int64_t start;

    (void)state;
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_S_SUCCESS);
    alice.dwCurrentState = alice.dwEventState;
    assert_int_equal(SCardCancel(context), SCARD_S_SUCCESS); /* nobody waits: no effect */
    assert_int_equal(SCardGetStatusChange(context, 50, &alice, 1), SCARD_E_TIMEOUT);
    start = clock_ms();
    later_start(&later, do_cancel, &context);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &alice, 1), SCARD_E_CANCELLED);
    assert_true(clock_ms() - start < 1000);
    pthread_join(later.thread, NULL);
    later_start(&later, do_release, &context);
    assert_int_equal(SCardGetStatusChange(context, INFINITE, &alice, 1), SCARD_E_CANCELLED);
    pthread_join(later.thread, NULL);
    assert_int_equal(SCardIsValidContext(context), SCARD_E_INVALID_HANDLE);
}

static void who_believes_it_in_use_is_told_when_it_is_not(void **state)
{
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_to(context, ALICE);
    SCARD_READERSTATE alice = { .szReader = ALICE };
    struct later later;

    (void)state;
    assert_int_equal(SCardGetStatusChange(context, 0, &alice, 1), SCARD_S_SUCCESS);
    alice.dwCurrentState = alice.dwEventState;
    assert_true(alice.dwCurrentState & SCARD_STATE_INUSE);
    later_start(&later, do_disconnect, &card);
    assert_int_equal(SCardGetStatusChange(context, 5000, &alice, 1), SCARD_S_SUCCESS);
    pthread_join(later.thread, NULL);
    assert_int_equal(FLAGS(alice.dwEventState), SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    SCardReleaseContext(context);
}

#define CARD_TEST(f) cmocka_unit_test_setup_teardown(f, card_setup, home_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CARD_TEST(states_at_first_sight),
        CARD_TEST(damaged_cards_are_mute),
        CARD_TEST(arguments_are_checked),
        CARD_TEST(waiting_ends),
        CARD_TEST(insertion_and_removal_are_events),
        CARD_TEST(a_deleted_card_is_unknown),
        CARD_TEST(the_pnp_reader_tells_of_readers),
        CARD_TEST(cancel_wakes),
        CARD_TEST(who_believes_it_in_use_is_told_when_it_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
