/* SPDX-License-Identifier: MIT */
#include "kit/bench/tour.h"

#include "kit/bench/fixture_keys.h"
#include "kit/bench/watch.h"

#include <string.h>

#define NONE 0xFF

/* Not by NEED: that a module has no challenges is nothing to a tour. */
static bool challenges(struct bench *b)
{
    PBYTE challenge = NULL;
    DWORD len = 0;
    bool has;

    if (b->run->config->admin_key.len == 0)
        return false;
    has = CALL(b, GetChallenge, &b->data, &challenge, &len) == SCARD_S_SUCCESS &&
          challenge != NULL && len != 0 && len <= KIT_SECRET_MAX && len % 8 == 0;
    if (mem_is_ours(challenge))
        mem_free(challenge);
    return has;
}

/* The first of these kinds that the fixture has; 0: none. */
static DWORD first_key(struct bench *b, DWORD from, DWORD to, BYTE *ret_index)
{
    for (DWORD spec = from; spec <= to; spec++) {
        *ret_index = has_spec(b, spec) ? fixture_key(b, spec) : NONE;
        if (*ret_index != NONE)
            return spec;
    }
    return 0;
}

void tour_begin(struct tour *t, struct bench *b)
{
    memset(t, 0, sizeof(*t));
    t->b = b;
    be_user(b);
    t->admin = challenges(b);
    t->scratch = scratch_index(b);
    t->decrypt_index = has_spec(b, AT_KEYEXCHANGE) ? fixture_key(b, AT_KEYEXCHANGE) : NONE;
    t->agree_spec = first_key(b, AT_ECDHE_P256, AT_ECDHE_P521, &t->agree_index);
    t->sign_spec = first_key(b, AT_SIGNATURE, AT_ECDSA_P521, &t->sign_index);
    if (t->sign_index == NONE) {
        t->sign_spec = AT_KEYEXCHANGE;
        t->sign_index = t->decrypt_index;
    }
    t->new_spec = any_spec(b);
    t->new_bits = spec_bits(b, t->new_spec);
}

const struct stop *tour_stop(const struct tour *t, size_t n)
{
    static const struct stop *const tables[] = { tour_card_stops, tour_key_stops,
                                                 tour_later_stops };

    for (size_t i = 0; i < ARRAY(tables); i++)
        for (const struct stop *s = tables[i]; s->function != NULL; s++)
            if (t->b->data.dwVersion >= s->version && (s->has == NULL || s->has(t)) && n-- == 0)
                return s;
    return NULL;
}

void tour_take(struct tour *t, unsigned n, const void *block, DWORD len)
{
    t->given[n] = bytes_of(block);
    t->given_len[n] = len;
}

void tour_before(struct tour *t, const struct stop *stop)
{
    if (stop->prepare != NULL)
        stop->prepare(t);
    memset(t->given, 0, sizeof(t->given));
    memset(t->given_len, 0, sizeof(t->given_len));
}

const char *tour_wrong(const struct tour *t)
{
    for (unsigned i = 0; i < ARRAY(t->given); i++) {
        if (t->given[i] == NULL)
            continue;
        if (!mem_is_ours(t->given[i]))
            return "a result is not in a block of pfnCspAlloc";
        if (t->given_len[i] > mem_len(t->given[i]))
            return "a result is longer than its block";
    }
    return NULL;
}

void tour_after(struct tour *t, const struct stop *stop)
{
    for (unsigned i = 0; i < ARRAY(t->given); i++)
        if (mem_is_ours(t->given[i]))
            mem_free(t->given[i]);
    memset(t->given, 0, sizeof(t->given));
    if (stop->tidy != NULL)
        stop->tidy(t);
}

DWORD tour_call(struct tour *t, const struct stop *stop)
{
    DWORD rc;

    tour_before(t, stop);
    rc = stop->call(t);
    tour_after(t, stop);
    return rc;
}

void tour_watched(struct run *r, tour_judge *judge)
{
    const struct stop *stop;
    struct bench first, b;
    struct tour t;

    bench_connect(r, &first, 0); /* PC/SC first: the module shall find the same */
    watch_begin(r);
    bench_again(&first, &b);
    tour_begin(&t, &b);
    for (size_t n = 0; (stop = tour_stop(&t, n)) != NULL; n++) {
        DWORD rc;

        tour_before(&t, stop);
        rc = stop->call(&t);
        judge(&t, stop, rc);
        tour_after(&t, stop);
        judge(&t, stop, SCARD_E_UNEXPECTED);
    }
    be_nobody(&b);
}
