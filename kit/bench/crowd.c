/* SPDX-License-Identifier: MIT */
/* What each caller of a crowd does, and what it needs on the card. */
#include "kit/bench/multi.h"

#include <string.h>

#define SIGNATURE_MAX 1024u
#define TEXT_MAX      32u

/* What a single caller has found before: seen by all threads and processes. Signatures are RSA's,
 * which come out the same each time. */
static struct alone {
    bool writes, guards; /* files of the user's; and refuses them to others */
    ALG_ID hash[KIT_CARDS_MAX]; /* 0: does not sign */
    struct {
        BYTE bytes[SIGNATURE_MAX];
        DWORD len;
    } signature[KIT_CARDS_MAX][CROWD_MAX];
} *alone;

static const struct crowd *prepared; /* of this process, and those it starts */

static void file_of(unsigned number, char name[TEXT_MAX])
{
    snprintf(name, TEXT_MAX, "kitm%02u", number);
}

static unsigned card_of(unsigned number)
{
    return number % prepared->cards;
}

static DWORD rsa_key(struct bench *b, BYTE *ret_index)
{
    DWORD spec = has_spec(b, AT_SIGNATURE) ? AT_SIGNATURE : AT_KEYEXCHANGE;

    *ret_index = fixture_key(b, spec);
    return spec;
}

/* A digest of the caller's own. false: the module did not sign. */
static bool sign(struct bench *b, unsigned number, ALG_ID hash, BYTE *out, DWORD *ret_len)
{
    BYTE digest[32] = { (BYTE)(number + 1) };
    CARD_SIGNING_INFO info = { .dwVersion = CARD_SIGNING_INFO_BASIC_VERSION, .pbData = digest,
                               .cbData = hash == CALG_SHA1 ? 20 : 32, .aiHashAlg = hash };
    bool ok;

    info.dwKeySpec = rsa_key(b, &info.bContainerIndex);
    if (info.bContainerIndex == 0xFF || CALL(b, SignData, &b->data, &info) != SCARD_S_SUCCESS)
        return false;
    ok = mem_is_ours(info.pbSignedData) && info.cbSignedData <= SIGNATURE_MAX &&
         info.cbSignedData <= mem_len(info.pbSignedData);
    if (ok) {
        memcpy(out, info.pbSignedData, info.cbSignedData);
        *ret_len = info.cbSignedData;
    }
    if (mem_is_ours(info.pbSignedData))
        mem_free(info.pbSignedData);
    return ok;
}

static bool is_signature(struct bench *b, unsigned number)
{
    const unsigned card = card_of(number);
    BYTE again[SIGNATURE_MAX];
    DWORD len = 0;

    return sign(b, number, alone->hash[card], again, &len) &&
           len == alone->signature[card][number].len &&
           memcmp(again, alone->signature[card][number].bytes, len) == 0;
}

static void write_own(struct bench *b, unsigned number, const char *text)
{
    char name[TEXT_MAX];

    file_of(number, name);
    EXPECT(b->run, put_file(b, FIXTURE_DIR, name, text, strlen(text)), SCARD_S_SUCCESS);
}

static void see_own(struct bench *b, unsigned number, const char *text)
{
    char name[TEXT_MAX];
    DWORD rc;

    file_of(number, name);
    rc = see_file(b, FIXTURE_DIR, name, text, strlen(text));
    CHECK(b->run, rc != SCARD_E_COMM_DATA_LOST, "caller %u reads another content than it wrote",
          number);
    EXPECT(b->run, rc, SCARD_S_SUCCESS);
}

static void is_nobody(struct bench *b, unsigned number)
{
    char name[TEXT_MAX];

    file_of(number, name);
    EXPECT(b->run, put_file(b, FIXTURE_DIR, name, name, strlen(name)), SCARD_W_SECURITY_VIOLATION);
}

void crowd_use(struct bench *b, unsigned number)
{
    static _Thread_local unsigned round;
    const bool first = round == 0;
    char text[TEXT_MAX];

    snprintf(text, sizeof(text), "caller %u, %u", number, round++);
    turn_begin(b);
    if (alone->guards)
        is_nobody(b, number);
    EXPECT(b->run, CALL(b, AuthenticatePin, &b->data, user_name(),
                        bytes_of(b->run->config->user_pin.bytes), b->run->config->user_pin.len,
                        NULL), SCARD_S_SUCCESS);
    if (alone->writes)
        write_own(b, number, text);
    if (alone->hash[card_of(number)] != 0)
        CHECK(b->run, is_signature(b, number), "caller %u: no signature, or not its own", number);
    turn_end(b);
    if (first)
        crowd_meet(b, MEET_BETWEEN);
    turn_begin(b);
    if (alone->writes)
        see_own(b, number, text);
    if (alone->guards)
        is_nobody(b, number);
    turn_end(b);
}

/* ---- before and after ------------------------------------------------------------------------ */

static bool writes_alone(struct bench *b, unsigned number)
{
    char name[TEXT_MAX];
    DWORD rc;

    file_of(number, name);
    rc = make_file(b, FIXTURE_DIR, name, EveryoneReadUserWriteAc);
    return (rc == SCARD_S_SUCCESS || rc == ERROR_FILE_EXISTS) &&
           put_file(b, FIXTURE_DIR, name, name, strlen(name)) == SCARD_S_SUCCESS &&
           see_file(b, FIXTURE_DIR, name, name, strlen(name)) == SCARD_S_SUCCESS;
}

static void sign_alone(struct bench *b, unsigned card)
{
    static const ALG_ID hashes[] = { CALG_SHA_256, CALG_SHA1 };

    for (size_t h = 0; h < ARRAY(hashes) && alone->hash[card] == 0; h++) {
        alone->hash[card] = hashes[h];
        for (unsigned i = card; i < prepared->count && alone->hash[card] != 0; i += prepared->cards)
            if (!sign(b, i, hashes[h], alone->signature[card][i].bytes,
                      &alone->signature[card][i].len) || !is_signature(b, i))
                alone->hash[card] = 0;
    }
}

static bool guards_alone(struct bench *b, unsigned number)
{
    char name[TEXT_MAX];

    file_of(number, name);
    turn_end(b);
    turn_begin(b);
    return put_file(b, FIXTURE_DIR, name, name, strlen(name)) == SCARD_W_SECURITY_VIOLATION;
}

static void prepare(struct run *r)
{
    alone->writes = alone->guards = true;
    for (unsigned card = 0; card < prepared->cards; card++) {
        struct bench b;

        open_card(r, &b, card);
        be_user(&b);
        for (unsigned i = card; i < prepared->count; i += prepared->cards)
            alone->writes = alone->writes && writes_alone(&b, i);
        sign_alone(&b, card);
        alone->guards = alone->guards && alone->writes && guards_alone(&b, card);
        bench_close(&b);
    }
    run_note(r, "a single caller: %s, %s, %s", alone->writes ? "writes" : "does not write",
             alone->guards ? "is let do so by PIN alone" : "does so without PIN, or not at all",
             alone->hash[0] != 0 ? "signs" : "does not sign");
}

static void tidy(struct run *r)
{
    for (unsigned card = 0; card < prepared->cards; card++) {
        struct bench b;

        open_card(r, &b, card);
        be_user(&b);
        for (unsigned i = card; alone->writes && i < prepared->count; i += prepared->cards) {
            char name[TEXT_MAX];

            file_of(i, name);
            (void)drop_file(&b, FIXTURE_DIR, name);
        }
        be_nobody(&b);
        bench_close(&b);
    }
}

void crowd_prepare(struct run *r, const struct crowd *crowd)
{
    if (crowd->count > CROWD_MAX || crowd->cards > KIT_CARDS_MAX)
        run_blocked(r, "too many callers");
    prepared = crowd;
    alone = shared_memory(r, sizeof(*alone));
    in_process(r, prepare);
}

void crowd_tidy(struct run *r, const struct crowd *crowd)
{
    prepared = crowd;
    in_process(r, tidy);
}
