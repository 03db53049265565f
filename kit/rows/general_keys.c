/* SPDX-License-Identifier: MIT */
/* CMR.1.0.4 and CMR.1.0.5: keys are on the card, and nowhere else. */
#include "kit/bench/fixture_keys.h"
#include "kit/rows/general.h"
#include "kit/bench/key_use.h"
#include "kit/bench/multi.h"
#include "kit/bench/tour.h"
#include "kit/bench/watch.h"

#include <string.h>

/* ---- nothing computes without the card ------------------------------------------------------- */

/* CardDeriveKey is not among them: many cards give the secret away, and others do the rest. */
static bool computes(const struct stop *stop)
{
    static const char *const functions[] = { "CardSignData", "CardRSADecrypt",
                                             "CardConstructDHAgreement", "CardCreateContainer" };

    for (size_t i = 0; i < ARRAY(functions); i++)
        if (strcmp(functions[i], stop->function) == 0)
            return true;
    return false;
}

static bool imports(const struct tour *t, const struct stop *stop)
{
    return strcmp(stop->function, "CardCreateContainer") == 0 && t->blob_len != 0;
}

static uintptr_t closed_handle(struct bench *b)
{
    uintptr_t card = 0;

    NEED(b->run, pcsc_connect(b->pcsc, b->ctx, b->reader, PCSC_SHARED, &card));
    NEED(b->run, pcsc_disconnect(b->pcsc, card, PCSC_LEAVE));
    return card;
}

static bool is_computed_by_card(struct tour *t, const struct stop *stop)
{
    const SCARDHANDLE good = t->b->data.hScard;
    bool usual = tour_call(t, stop) == SCARD_S_SUCCESS;
    DWORD rc;

    if (!usual)
        return false;
    tour_before(t, stop);
    t->b->data.hScard = (SCARDHANDLE)closed_handle(t->b);
    rc = imports(t, stop) ? SCARD_E_INVALID_HANDLE : stop->call(t);
    t->b->data.hScard = good;
    tour_after(t, stop);
    CHECK(t->b->run, rc != SCARD_S_SUCCESS, "%s succeeds by a handle that is closed",
          stop->function);
    return true;
}

void general_card_computes(struct run *r)
{
    const struct stop *stop;
    unsigned count = 0;
    struct bench b;
    struct tour t;

    bench_open(r, &b);
    tour_begin(&t, &b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++)
        if (computes(stop) && is_computed_by_card(&t, stop))
            count++;
    be_nobody(&b);
    if (count == 0)
        run_not_applicable(r, "the card neither has a key of the fixture nor makes one "
                              "(CardQueryKeySizes, CardQueryCapabilities)");
    run_saw(r, "%u functions need the card", count);
}

/* ---- keys stay on the card ------------------------------------------------------------------- */

static struct kept {
    BYTE index, blob[KEY_BLOB_MAX];
    size_t len;
    DWORD spec;
} *kept; /* shared by the processes */

static EVP_PKEY *key_there(struct bench *b)
{
    const char *why = "";
    EVP_PKEY *key = public_key_of(b, kept->index, kept->spec, &why);

    if (key == NULL)
        run_note(b->run, "container %u: %s", (unsigned)kept->index, why);
    return key;
}

static void make_key(struct run *r)
{
    struct bench first, b;
    EVP_PKEY *key;

    bench_connect(r, &first, 0);
    watch_begin(r);
    bench_again(&first, &b);
    kept->index = need_scratch(&b);
    kept->spec = any_spec(&b);
    NEED(r, put_key(&b, kept->index, kept->spec, spec_bits(&b, kept->spec)));
    CHECK(r, watch_count(WATCH_WRITE) == 0, "%s, when a key was made", watch_last(WATCH_WRITE));
    key = key_there(&b);
    kept->len = key != NULL ? public_blob(key, kept->spec, kept->blob) : 0;
    EVP_PKEY_free(key);
    if (kept->len == 0)
        run_blocked(r, "the public key of a new container is not to be had");
}

static bool is_same(EVP_PKEY *key)
{
    BYTE blob[KEY_BLOB_MAX];

    return public_blob(key, kept->spec, blob) == kept->len &&
           memcmp(blob, kept->blob, kept->len) == 0;
}

static void find_key(struct run *r)
{
    struct bench b;
    EVP_PKEY *key;

    bench_open(r, &b);
    key = key_there(&b);
    CHECK(r, key != NULL, "another process does not find the key");
    CHECK(r, is_same(key), "another process finds another key");
    be_user(&b);
    prove_key(&b, kept->index, kept->spec, key);
    NEED(r, drop_container(&b, kept->index));
    be_nobody(&b);
}

static void miss_key(struct run *r)
{
    struct bench b;
    EVP_PKEY *key;

    open_card(r, &b, 1);
    key = key_there(&b);
    CHECK(r, key == NULL || !is_same(key), "the key is seen on another card");
}

void general_card_keeps_keys(struct run *r)
{
    kept = shared_memory(r, sizeof(*kept));
    in_process(r, make_key);
    if (r->config->readers[1] != NULL)
        in_process(r, miss_key);
    in_process(r, find_key);
}
