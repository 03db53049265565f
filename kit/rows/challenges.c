/* SPDX-License-Identifier: MIT */
/* 2.3.2.2 and 2.3.2.3: CardGetChallenge and CardAuthenticateChallenge. */
#include "kit/bench/fixture_keys.h"
#include "kit/rows/authentication.h"

#include <stdlib.h>
#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define WRONG   SCARD_W_WRONG_CHV
#define OK      SCARD_S_SUCCESS

/* ---- CardGetChallenge ------------------------------------------------------------------------ */

/* A challenge; freed when the process ends. What is in the length on entry does not count. */
static PBYTE draw(struct bench *b, DWORD *len)
{
    PBYTE challenge = NULL;

    *len = 3;
    EXPECT(b->run, CALL(b, GetChallenge, &b->data, &challenge, len), OK);
    return challenge;
}

static PBYTE need_challenge(struct bench *b, DWORD *len)
{
    PBYTE challenge = NULL;

    NEED(b->run, CALL(b, GetChallenge, &b->data, &challenge, len));
    if (challenge == NULL)
        run_blocked(b->run, "CardGetChallenge gives no challenge");
    return challenge;
}

/* The admin key answers it, and the card accepts that. */
static void challenge_of_admin_key(struct run *r)
{
    struct kit_secret response;
    PBYTE challenge;
    struct bench b;

    bench_open(r, &b);
    challenge = draw(&b, &response.len);
    CHECK(r, challenge != NULL && response.len != 0, "no challenge");
    need_admin_key(&b);
    answer_challenge(&b, challenge, response.len, response.bytes);
    EXPECT(r, respond(&b, &response, &not_asked), OK);
}

static void challenge_is_allocated(struct run *r)
{
    struct bench b;
    PBYTE challenge;
    DWORD len = 0;

    bench_open(r, &b);
    challenge = need_challenge(&b, &len);
    CHECK(r, mem_is_ours(challenge), "a pointer that pfnCspAlloc has not given");
    mem_free(challenge);
    CHECK(r, mem_fault() == NULL, "%s", mem_fault());
}

/* So many bytes are there, and so many the card wants back. */
static void challenge_has_length(struct run *r)
{
    struct kit_secret response;
    struct bench b;
    PBYTE challenge;

    bench_open(r, &b);
    response.len = 0xFFFFFFFF;
    challenge = need_challenge(&b, &response.len);
    CHECK(r, response.len != 0 && response.len != 0xFFFFFFFF, "%u bytes", (unsigned)response.len);
    CHECK(r, !mem_is_ours(challenge) || response.len <= mem_len(challenge),
          "%u bytes, of a block of %zu", (unsigned)response.len, mem_len(challenge));
    CHECK(r, response.len % 8 == 0, "%u bytes are no number of whole blocks",
          (unsigned)response.len);
    need_admin_key(&b);
    answer_challenge(&b, challenge, response.len, response.bytes);
    CHECK(r, respond(&b, &response, &not_asked) == OK, "%u bytes, which cannot be answered",
          (unsigned)response.len);
}

static void challenge_succeeds(struct run *r)
{
    struct bench b;
    DWORD len;

    bench_open(r, &b);
    (void)draw(&b, &len);
    be_user(&b);
    (void)draw(&b, &len); /* anyone may */
}

/* ---- what comes between ---------------------------------------------------------------------- */

static void read_between(struct bench *b)
{
    (void)see_file(b, FIXTURE_DIR, FIXTURE_FILE, NULL, 0);
}

static void write_between(struct bench *b)
{
    (void)put_file(b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_TEXT, strlen(FIXTURE_TEXT));
}

static void list_between(struct bench *b)
{
    LPSTR names = NULL;
    DWORD len = 0;

    (void)CALL(b, EnumFiles, &b->data, str(FIXTURE_DIR), &names, &len, 0);
}

static void draw_between(struct bench *b)
{
    DWORD len = 0;

    (void)need_challenge(b, &len);
}

static void challenge_is_discarded(struct run *r)
{
    static const struct {
        const char *what;
        void (*act)(struct bench *b);
    } between[] = {
        { "CardReadFile", read_between },
        { "CardWriteFile", write_between },
        { "CardEnumFiles", list_between },
        { "another CardGetChallenge", draw_between },
        { "a reset", be_nobody },
    };
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    for (size_t i = 0; i < ARRAY(between); i++) {
        struct kit_secret response;

        if (between[i].act == write_between && is_read_only(&b))
            continue; /* asks nothing of the card */
        be_admin(&b); /* the counter, if there is one, is where it was */
        be_user(&b);
        response = draw_for(&b, &r->config->admin_key);
        between[i].act(&b);
        CHECK(r, respond(&b, &response, &not_asked) != OK, "the response is accepted, after %s",
              between[i].what);
        CHECK(r, !is_admin(&b), "the admin may write, after %s", between[i].what);
    }
    be_admin(&b);
}

#define CHALLENGE_MAX 64u

struct drawn {
    DWORD len;
    BYTE bytes[CHALLENGE_MAX];
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct drawn));
}

/* Over resets too: what begins at the same place after each would repeat itself. */
static void challenges_differ(struct run *r)
{
    const unsigned count = r->config->challenges, resets = count / 10 + 1;
    struct drawn *all = calloc(count + 1, sizeof(*all));
    struct bench b;

    bench_open(r, &b);
    if (all == NULL)
        run_blocked(r, "no memory");
    for (unsigned i = 0; i < count; i++) {
        PBYTE challenge = need_challenge(&b, &all[i].len);

        if (all[i].len > CHALLENGE_MAX)
            all[i].len = CHALLENGE_MAX;
        memcpy(all[i].bytes, challenge, all[i].len);
        if (mem_is_ours(challenge))
            mem_free(challenge);
        if (i % resets == resets - 1)
            be_nobody(&b);
    }
    qsort(all, count, sizeof(*all), by_bytes);
    for (unsigned i = 1; i < count; i++)
        CHECK(r, memcmp(&all[i], &all[i - 1], sizeof(*all)) != 0, "one of %u challenges came twice",
              count);
    free(all);
    run_saw(r, "%u challenges, all different", count);
}

/* What a wrong response leaves, all tries there before. */
static DWORD left_after_wrong(struct bench *b, unsigned challenges)
{
    DWORD left = 0, len = 0;

    NEED(b->run, show_right(b, AUTHENTICATE_CHALLENGE, &not_asked));
    while (challenges-- > 0)
        (void)need_challenge(b, &len);
    if (show_wrong(b, AUTHENTICATE_CHALLENGE, &left) != WRONG)
        run_blocked(b->run, "a wrong response is not answered by SCARD_W_WRONG_CHV");
    NEED(b->run, show_right(b, AUTHENTICATE_CHALLENGE, &not_asked));
    return left;
}

static void challenge_costs_no_try(struct run *r)
{
    struct bench b;
    DWORD before, after;

    bench_open(r, &b);
    need_admin_key(&b);
    before = left_after_wrong(&b, 0);
    if (before == 0xFFFFFFFF)
        run_not_applicable(r, "CardAuthenticateChallenge does not tell the tries left: FFFFFFFF");
    after = left_after_wrong(&b, 3);
    CHECK(r, after == before, "%u tries left, and %u with three challenges more", (unsigned)before,
          (unsigned)after);
}

static void challenge_is_long(struct run *r)
{
    struct bench b;
    DWORD len = 0;

    bench_open(r, &b);
    (void)need_challenge(&b, &len);
    CHECK(r, len >= 8, "%u bytes", (unsigned)len);
    run_saw(r, "%u bytes", (unsigned)len);
}

const struct requirement challenge_rows[8] = {
    ROW("CMR.3.2.2.1", "A challenge that the admin key answers", challenge_of_admin_key),
    ROW("CMR.3.2.2.2", "The challenge is a block of pfnCspAlloc", challenge_is_allocated,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.2.2.3", "The length is the challenge's", challenge_has_length),
    ROW("CMR.3.2.2.4", "A good call returns 0", challenge_succeeds, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.2.2.5", "Whatever is asked of the card next ends the challenge",
        challenge_is_discarded),
    ROW("CMR.3.2.2.6", "No challenge comes twice", challenges_differ),
    ROW("CMR.3.2.2.7", "A challenge costs the admin no try", challenge_costs_no_try,
        .optional = true),
    ROW("CMR.3.2.2.8", "A challenge has at least 8 bytes", challenge_is_long),
};

static DWORD get_challenge(struct args *a)
{
    return CALL(a->b, GetChallenge, a->data, a->out, a->out_len);
}

const struct subject challenge_subject = { .call = get_challenge };

const struct requirement challenge_errors[3] = {
    { .id = "CMR.3.2.2.E1", .words = "pCardData NULL", .test = error_row, .codes = CODES(INVALID),
      .faults = { NO_DATA }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7) },
    ERROR_ROW("CMR.3.2.2.E2", "ppbChallengeData NULL", CODES(INVALID), NO_OUT),
    ERROR_ROW("CMR.3.2.2.E3", "pcbChallengeData NULL", CODES(INVALID), NO_OUT_LEN),
};

/* ---- CardAuthenticateChallenge --------------------------------------------------------------- */

static void response_makes_admin(struct run *r)
{
    struct kit_secret response;
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    be_nobody(&b);
    if (is_admin(&b))
        run_blocked(r, "nobody is authenticated, and may write a file of the admin");
    response = draw_for(&b, &r->config->admin_key);
    EXPECT(r, respond(&b, &response, &not_asked), OK);
    CHECK(r, is_admin(&b), "the admin may not write, after the right response");
}

static void response_succeeds(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    EXPECT(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked), OK);
    EXPECT(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked), OK); /* again, authenticated */
}

const struct requirement response_rows[2] = {
    ROW("CMR.3.2.3.1", "The right response makes the admin, who may then write",
        response_makes_admin, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
    ROW("CMR.3.2.3.2", "The right response: 0 is returned", response_succeeds,
        .versions = KIT_V4_TO_V7),
};

/* ---- CardAuthenticateChallenge: errors ------------------------------------------------------- */

static DWORD authenticate(struct args *a)
{
    return CALL(a->b, AuthenticateChallenge, a->data, a->in, a->in_len, &a->left);
}

/* The right response before, so that wrong ones never come one after the other. */
static void good_response(struct args *a)
{
    NEED(a->b->run, show_right(a->b, AUTHENTICATE_CHALLENGE, &not_asked));
    a->in_len = draw_and_answer(a->b, a->bytes);
}

static bool spoil_response(struct args *a, enum fault fault)
{
    if (fault == USED_CHALLENGE)
        (void)CALL(a->b, AuthenticateChallenge, &a->b->data, a->bytes, a->in_len, &not_asked);
    return fault == USED_CHALLENGE;
}

const struct subject response_subject = {
    .call = authenticate, .good = good_response, .prepare = need_admin_key, .spoil = spoil_response,
    .moves_roles = true
};

/* Other lengths than 0 have no code of their own. */
static void response_lengths(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    need_admin_key(&b);
    for (unsigned i = 0; i < 2; i++) {
        struct kit_secret response = { .len = 0 };

        NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
        response = draw_for(&b, &r->config->admin_key);
        response.len = i == 0 ? response.len - 1 : response.len + 8;
        EXPECT(r, respond(&b, &response, &not_asked), WRONG, INVALID, SCARD_W_SECURITY_VIOLATION);
    }
    NEED(r, show_right(&b, AUTHENTICATE_CHALLENGE, &not_asked));
    bench_close(&b);
    error_row(r);
}

/* Is the admin still there, after an attempt that failed? */
static void check_gone(struct bench *b, bool drawn, DWORD len, const char *what)
{
    struct kit_secret response = { .len = 0 };
    DWORD rc;

    be_admin(b);
    if (!is_admin(b))
        run_blocked(b->run, "the admin may not write, after the right response");
    if (drawn)
        response = draw_for(b, &b->run->config->admin_key);
    response.bytes[0] ^= 1;
    rc = CALL(b, AuthenticateChallenge, &b->data, response.bytes, len, &not_asked);
    CHECK(b->run, rc == OK || !is_admin(b), "the admin may still write, after %s", what);
}

static void failure_logs_out(struct run *r)
{
    struct bench b;
    DWORD len;

    bench_open(r, &b);
    need_admin_key(&b);
    len = draw_for(&b, &r->config->admin_key).len;
    check_gone(&b, true, len, "a wrong response");
    check_gone(&b, false, len, "a response to no challenge");
    check_gone(&b, true, len - 1, "a response that is too short");
    check_gone(&b, true, 0, "an empty response");
    be_admin(&b);
}

static void key_blocks(struct run *r)
{
    check_key_blocks(r, AUTHENTICATE_CHALLENGE);
}

static void key_count(struct run *r)
{
    check_count(r, AUTHENTICATE_CHALLENGE);
}

const struct requirement response_errors[8] = {
    { .id = "CMR.3.2.3.E1", .words = "pCardData NULL", .test = error_row, .codes = CODES(INVALID),
      .faults = { NO_DATA }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7) },
    ERROR_ROW("CMR.3.2.3.E2", "pbResponseData NULL", CODES(INVALID), NO_IN),
    { .id = "CMR.3.2.3.E3", .words = "cbResponseData 0, or another than the challenge's",
      .test = response_lengths, .codes = CODES(INVALID), .faults = { IN_EMPTY } },
    ERROR_ROW("CMR.3.2.3.E4", "A response when the command before was not CardGetChallenge",
              CODES(WRONG), NO_CHALLENGE, USED_CHALLENGE),
    ERROR_ROW("CMR.3.2.3.E5", "A wrong response", CODES(WRONG), IN_WRONG),
    ROW("CMR.3.2.3.E6", "Whatever fails leaves the admin not authenticated", failure_logs_out),
    ROW("CMR.3.2.3.E7", "Too many wrong responses block the admin key", key_blocks,
        .optional = true),
    ROW("CMR.3.2.3.E8",
        "A wrong response tells the tries left: on the last try 0, then SCARD_W_CHV_BLOCKED and 0; "
        "FFFFFFFF where they are not known",
        key_count),
};
