/* SPDX-License-Identifier: MIT */
/*
 * CMR.1.1.6, CMR.1.1.7, CMR.3.1.1.4 and CMR.3.1.1.5 at once: several threads, each with contexts
 * of its own, on one card and on another; as the certification kit does, five threads, five rounds.
 */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 5u
#define ROUNDS  5u
#define CHECK(call)                                                              \
    do {                                                                         \
        DWORD rc_ = (call);                                                      \
        if (rc_ != SCARD_S_SUCCESS) {                                            \
            print_error("thread %u, line %d: %08x\n", w->number, __LINE__, rc_); \
            return false;                                                        \
        }                                                                        \
    } while (0)

/* The helpers of support.h count without locks and end the test by a long jump: not for threads. */
static atomic_long live;

static LPVOID WINAPI take(SIZE_T len)
{
    live++;
    return malloc(len);
}

static LPVOID WINAPI take_again(LPVOID block, SIZE_T len)
{
    return realloc(block, len);
}

static void WINAPI give_back(LPVOID block)
{
    live--;
    free(block);
}

struct worker {
    pthread_t thread;
    unsigned number;
    const char *card;
    bool good;
};

static PFN_CARD_ACQUIRE_CONTEXT acquire;
static struct pcsc *pcsc; /* shared: immutable once loaded */

/* A transaction: nobody else's roles are seen, and nobody sees ours. */
static bool use(const struct worker *w, PCARD_DATA d)
{
    static const WCHAR user[] = wszCARD_USER_USER, name[] = CP_CARD_AUTHENTICATED_STATE;
    CARD_SIGNING_INFO sign = { .dwVersion = 1, .dwKeySpec = AT_SIGNATURE, .aiHashAlg = CALG_SHA1 };
    BYTE digest[20] = { (BYTE)w->number };
    char file[9];
    PBYTE data = NULL;
    PIN_SET set = 0;
    DWORD len = 0;
    bool same;

    snprintf(file, sizeof(file), "file%u", w->number);
    sign.pbData = digest;
    sign.cbData = sizeof(digest);
    CHECK(d->pfnCardGetProperty(d, name, (PBYTE)&set, sizeof(set), &len, 0));
    if (set != 0)
        return false;
    CHECK(d->pfnCardAuthenticatePin(d, wide(user), bytes(PIN), PIN_LEN, NULL));
    CHECK(d->pfnCardWriteFile(d, NULL, file, 0, (PBYTE)file, (DWORD)strlen(file)));
    CHECK(d->pfnCardSignData(d, &sign));
    give_back(sign.pbSignedData);
    CHECK(d->pfnCardReadFile(d, NULL, file, 0, &data, &len));
    same = len == strlen(file) && memcmp(data, file, len) == 0;
    give_back(data);
    CHECK(d->pfnCardDeauthenticate(d, wide(user), 0));
    return same;
}

/* Connect, acquire, two transactions, delete. */
static bool one_round(const struct worker *w)
{
    static WCHAR card_name[] = CM_WSTR("cardmint test card");
    BYTE atr[PCSC_ATR_MAX];
    size_t atr_len = sizeof(atr);
    CARD_DATA d = { .dwVersion = CARD_DATA_CURRENT_VERSION, .pbAtr = atr,
                    .pwszCardName = card_name, .pfnCspAlloc = take, .pfnCspReAlloc = take_again,
                    .pfnCspFree = give_back };
    char reader[PCSC_NAME_MAX];
    uintptr_t ctx, card;

    snprintf(reader, sizeof(reader), "cardmint %s 00 00", w->card);
    CHECK(pcsc_establish(pcsc, &ctx));
    CHECK(pcsc_connect(pcsc, ctx, reader, PCSC_SHARED, &card));
    CHECK(pcsc_status(pcsc, card, atr, &atr_len, NULL));
    d.cbAtr = (DWORD)atr_len;
    d.hSCardCtx = (SCARDCONTEXT)ctx;
    d.hScard = (SCARDHANDLE)card;
    CHECK(pcsc_begin(pcsc, card));
    CHECK(acquire(&d, 0));
    CHECK(pcsc_end(pcsc, card, PCSC_LEAVE));
    for (int i = 0; i < 2; i++) {
        bool good;

        CHECK(pcsc_begin(pcsc, card));
        good = use(w, &d);
        CHECK(pcsc_end(pcsc, card, PCSC_LEAVE));
        if (!good)
            return false;
    }
    CHECK(d.pfnCardDeleteContext(&d));
    CHECK(pcsc_disconnect(pcsc, card, PCSC_LEAVE));
    pcsc_release(pcsc, ctx);
    return true;
}

static void *work(void *arg)
{
    struct worker *w = arg;

    w->good = true;
    for (unsigned i = 0; i < ROUNDS && w->good; i++)
        w->good = one_round(w);
    return NULL;
}

static void prepare(const char *name)
{
    struct desk d;
    char file[9];

    desk_open(&d, name, 7);
    be_user(&d);
    for (unsigned i = 0; i < THREADS; i++) {
        snprintf(file, sizeof(file), "file%u", i);
        assert_rc(create_file(&d, NULL, file, EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    }
    assert_rc(d.data.pfnCardCreateContainer(&d.data, 0, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE,
                                            1024, NULL),
              SCARD_S_SUCCESS);
    be_nobody(&d);
    acquire = d.acquire;
    desk_close(&d);
}

static void threads(void **state)
{
    struct worker workers[THREADS] = { 0 };

    (void)state;
    make_card("bob", NULL);
    prepare(CARD);
    prepare("bob");
    assert_rc(pcsc_load(READER_LIBRARY, &pcsc), SCARD_S_SUCCESS);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].card = i % 2 == 0 ? CARD : "bob";
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_true(workers[i].good);
    assert_int_equal(live, 0);
    pcsc_free(pcsc);
    assert_int_equal(home_remove("bob"), SOFTCARD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads),
    };

    return cmocka_run_group_tests(tests, home_begin, home_end);
}
