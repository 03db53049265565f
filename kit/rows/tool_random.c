/* SPDX-License-Identifier: MIT */
/* Challenges and keys: their size, and that nobody can foresee them. */
#include "kit/bench/fixture_keys.h"
#include "kit/rows/tool.h"

#include <stdlib.h>
#include <string.h>

#define SIZES_SEEN 16u
#define KEYS       4u
#define BITS(n)    ((n) * 8)

/* ---- drawing --------------------------------------------------------------------------------- */

/* Without a card that gives challenges there is nothing to ask. */
static DWORD first_challenge(struct bench *b, PBYTE *ret)
{
    DWORD len = 0, rc;

    *ret = NULL;
    rc = CALL(b, GetChallenge, &b->data, ret, &len);
    if (rc == SCARD_E_UNSUPPORTED_FEATURE)
        run_not_applicable(b->run, "the card gives no challenges (CardGetChallenge: %s)",
                           kit_code(rc));
    NEED(b->run, rc);
    if (!mem_is_ours(*ret) || len > mem_len(*ret))
        run_blocked(b->run, "CardGetChallenge gives no challenge");
    return len;
}

static unsigned block_len(const struct run *r)
{
    return r->config->admin_aes ? 16 : 8;
}

void tool_challenge_size(struct run *r)
{
    struct bench b;
    DWORD first = 0;

    bench_open(r, &b);
    for (unsigned i = 0; i < SIZES_SEEN; i++) {
        PBYTE challenge;
        DWORD len = first_challenge(&b, &challenge);

        CHECK(r, len != 0 && len % block_len(r) == 0, "%u bytes; the key's blocks have %u",
              (unsigned)len, block_len(r));
        CHECK(r, i == 0 || len == first, "%u bytes, then %u", (unsigned)first, (unsigned)len);
        first = len;
        mem_free(challenge);
    }
    run_saw(r, "%u bytes", (unsigned)first);
}

struct draws {
    BYTE *bytes;
    size_t len, count; /* of one; how many */
};

/* Half of them behind a reset of the card. */
static struct draws draw(struct run *r)
{
    struct draws d = { .count = r->config->challenges > 2 ? r->config->challenges : 2 };
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < d.count; i++) {
        PBYTE challenge;
        DWORD len = first_challenge(&b, &challenge);

        if (d.bytes == NULL) {
            d.len = len;
            d.bytes = calloc(d.count, len);
        }
        if (d.bytes == NULL || len != d.len)
            run_blocked(r, "%u bytes of challenge", (unsigned)len);
        memcpy(d.bytes + i * len, challenge, len);
        mem_free(challenge);
        if (i == d.count / 2)
            be_nobody(&b);
    }
    return d;
}

static size_t compared;

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, compared);
}

void tool_new_challenges(struct run *r)
{
    struct draws d = draw(r);

    compared = d.len;
    qsort(d.bytes, d.count, d.len, by_bytes);
    for (size_t i = 1; i < d.count; i++)
        CHECK(r, memcmp(d.bytes + (i - 1) * d.len, d.bytes + i * d.len, d.len) != 0,
              "of %zu challenges one came twice", d.count);
    run_saw(r, "%zu challenges of %zu bytes", d.count, d.len);
}

/* ---- do they look random? --------------------------------------------------------------------- *
 * Each limit lies six standard deviations out: a good source fails a test less often than once in
 * 10^8 runs. (FIPS 140-1 and NIST SP 800-22 have these tests, with closer limits.) */

#define SIGMAS_SQUARED 36.0
#define CHI_LIMIT      415.0 /* chi squared, 255 degrees of freedom, one in 10^9 */

static bool bit(const BYTE *bytes, size_t i)
{
    return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

/* `count` of n even chances: (count - n/2)^2 <= 36 n/4 */
static bool is_even(double count, double n)
{
    double off = count - n / 2;

    return off * off <= SIGMAS_SQUARED * n / 4;
}

static void check_ones(struct run *r, const BYTE *bytes, size_t n, const char *what)
{
    size_t ones = 0;

    for (size_t i = 0; i < n; i++)
        ones += bit(bytes, i);
    CHECK(r, is_even((double)ones, (double)n), "%zu ones in %zu bits of %s", ones, n, what);
}

static void check_runs(struct run *r, const BYTE *bytes, size_t n)
{
    size_t changes = 0;

    for (size_t i = 1; i < n; i++)
        changes += bit(bytes, i) != bit(bytes, i - 1);
    CHECK(r, is_even((double)changes, (double)n - 1), "%zu changes between %zu bits", changes, n);
}

static void check_bytes(struct run *r, const BYTE *bytes, size_t len)
{
    const double want = (double)len / 256;
    double sum = 0;
    size_t seen[256] = { 0 };

    for (size_t i = 0; i < len; i++)
        seen[bytes[i]]++;
    for (size_t v = 0; v < 256; v++)
        sum += ((double)seen[v] - want) * ((double)seen[v] - want) / want;
    CHECK(r, sum <= CHI_LIMIT, "chi squared of %zu bytes is %.0f, at most %.0f", len, sum,
          CHI_LIMIT);
}

/* Each place of a challenge by itself, and from one challenge to the next: counters, clocks and
 * bytes that stay. */
static void check_places(struct run *r, const struct draws *d)
{
    for (size_t i = 0; i < BITS(d->len); i++) {
        size_t ones = 0, changes = 0;

        for (size_t c = 0; c < d->count; c++) {
            ones += bit(d->bytes + c * d->len, i);
            if (c != 0)
                changes += bit(d->bytes + c * d->len, i) != bit(d->bytes + (c - 1) * d->len, i);
        }
        CHECK(r, is_even((double)ones, (double)d->count), "bit %zu is set in %zu of %zu", i, ones,
              d->count);
        CHECK(r, is_even((double)changes, (double)d->count - 1), "bit %zu changes %zu of %zu times",
              i, changes, d->count);
    }
}

void tool_challenge_randomness(struct run *r)
{
    struct draws d = draw(r);

    check_ones(r, d.bytes, BITS(d.count * d.len), "all challenges");
    check_runs(r, d.bytes, BITS(d.count * d.len));
    if (d.count * d.len >= 5 * 256)
        check_bytes(r, d.bytes, d.count * d.len);
    check_places(r, &d);
    run_saw(r, "%zu challenges of %zu bytes; a good source fails once in 10^6 runs", d.count,
            d.len);
}

/* ---- keys ------------------------------------------------------------------------------------ */

void tool_new_keys(struct run *r)
{
    static BYTE blobs[KEYS][KEY_BLOB_MAX];
    size_t lens[KEYS];
    struct bench b;
    DWORD spec;
    BYTE index;

    bench_open(r, &b);
    need_generation(&b);
    index = need_scratch(&b);
    spec = any_spec(&b);
    for (size_t i = 0; i < KEYS; i++) {
        const char *why = "";
        EVP_PKEY *key;

        be_user(&b);
        NEED(r, generate_key(&b, index, spec, spec_bits(&b, spec)));
        key = public_key_of(&b, index, spec, &why);
        lens[i] = key != NULL ? public_blob(key, spec, blobs[i]) : 0;
        EVP_PKEY_free(key);
        NEED(r, drop_container(&b, index));
        if (lens[i] == 0)
            run_blocked(r, "a new key's public half is not to be had: %s", why);
        for (size_t k = 0; k < i; k++)
            CHECK(r, lens[k] != lens[i] || memcmp(blobs[k], blobs[i], lens[i]) != 0,
                  "key %zu is key %zu again", i, k);
    }
    be_nobody(&b);
    run_saw(r, "%u keys %s", KEYS, spec_name(spec));
}
