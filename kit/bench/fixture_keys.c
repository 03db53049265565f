/* SPDX-License-Identifier: MIT */
/* What is known of the keys on a card is found out once, in the process that makes the fixture, and
 * kept in memory that all tests share: a test that needs a key makes no call of the module for it,
 * and a module that fails in one function does not spoil the rows of all others. */
#include "kit/bench/fixture_keys.h"
#include "kit/run.h"

#include <string.h>
#include <sys/mman.h>

#define CONTAINERS_MAX   32u  /* looked through; a fixture needs less */
#define CONTAINERS_GUESS 16u  /* of a card that does not say */
#define NONE             0xFF
#define RSA_WANTED       1024u

static struct facts {
    char reader[PCSC_NAME_MAX];
    bool known;
    unsigned specs;         /* set of 1 << AT_... */
    DWORD rsa_bits;
    BYTE index[SPECS_END];
    BYTE scratch, empty;
    unsigned made;          /* set of 1 << index */
    bool read_only, generates;
    bool full;              /* no container was left for a key of the fixture */
    DWORD refusal;          /* of CardCreateContainer, where no key could be made */
} *shared, own[KIT_CARDS_MAX];

/* Before main, so that every child has it. */
__attribute__((constructor)) static void share(void)
{
    void *at = mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    shared = at != MAP_FAILED ? at : own;
}

static struct facts *entry(struct bench *b)
{
    for (size_t i = 0; i < KIT_CARDS_MAX; i++)
        if (strcmp(shared[i].reader, b->reader) == 0)
            return &shared[i];
    for (size_t i = 0; i + 1 < KIT_CARDS_MAX; i++)
        if (shared[i].reader[0] == '\0')
            return &shared[i];
    return &shared[KIT_CARDS_MAX - 1];
}

/* ---- what the card has ------------------------------------------------------------------------- */

static unsigned specs_of(struct bench *b)
{
    CARD_KEY_SIZES sizes;
    unsigned specs = 0;

    if (b->run->config->key_specs != 0)
        return b->run->config->key_specs;
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++)
        if (key_sizes_of(b, spec, &sizes))
            specs |= 1u << spec;
    return specs;
}

static DWORD rsa_spec(unsigned specs)
{
    return (specs & 1u << AT_SIGNATURE) != 0 ? AT_SIGNATURE : AT_KEYEXCHANGE;
}

/* ---- what is in the containers ------------------------------------------------------------------ */

static void drop_info(CONTAINER_INFO *info)
{
    if (mem_is_ours(info->pbSigPublicKey))
        mem_free(info->pbSigPublicKey);
    if (mem_is_ours(info->pbKeyExPublicKey))
        mem_free(info->pbKeyExPublicKey);
}

static EVP_PKEY *key_in(const CONTAINER_INFO *info, DWORD spec, const char **why)
{
    bool exchanges = spec_exchanges(spec);
    const BYTE *blob = exchanges ? info->pbKeyExPublicKey : info->pbSigPublicKey;
    DWORD len = exchanges ? info->cbKeyExPublicKey : info->cbSigPublicKey;

    *why = "it cannot be that long";
    return len <= KEY_BLOB_MAX ? key_from_blob(blob, len, spec, why) : NULL;
}

EVP_PKEY *public_key_of(struct bench *b, BYTE index, DWORD spec, const char **why)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    DWORD rc = CALL(b, GetContainerInfo, &b->data, index, 0, &info);
    EVP_PKEY *key = NULL;

    *why = kit_code(rc);
    if (rc == SCARD_S_SUCCESS)
        key = key_in(&info, spec, why);
    drop_info(&info);
    return key;
}

struct shown shown_key(struct bench *b, BYTE index, DWORD spec)
{
    CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
    struct shown shown = { .len = 0 };
    const BYTE *blob;

    if (CALL(b, GetContainerInfo, &b->data, index, 0, &info) == SCARD_S_SUCCESS) {
        blob = spec_exchanges(spec) ? info.pbKeyExPublicKey : info.pbSigPublicKey;
        shown.len = spec_exchanges(spec) ? info.cbKeyExPublicKey : info.cbSigPublicKey;
        if (blob == NULL || shown.len > sizeof(shown.bytes))
            shown.len = 0;
        if (shown.len != 0)
            memcpy(shown.bytes, blob, shown.len);
    }
    drop_info(&info);
    return shown;
}

bool same_shown(const struct shown *a, const struct shown *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Which keys are there alone; of RSA of any size, if the card can make no other. */
static void note_key(struct facts *f, BYTE index, const CONTAINER_INFO *info, bool any_size)
{
    for (DWORD spec = AT_KEYEXCHANGE; spec < SPECS_END; spec++) {
        const char *why;
        EVP_PKEY *key = f->index[spec] == NONE ? key_in(info, spec, &why) : NULL;
        bool fits = key != NULL && (spec_is_curve(spec) || any_size ||
                                    (DWORD)EVP_PKEY_get_bits(key) == f->rsa_bits);

        if (fits)
            f->index[spec] = index;
        if (fits && any_size && spec_is_rsa(spec))
            f->rsa_bits = (DWORD)EVP_PKEY_get_bits(key);
        EVP_PKEY_free(key);
    }
}

/* A module that says in wrong words that a container is empty shall fail in one row, not in all. */
static bool is_empty(DWORD rc)
{
    return rc != SCARD_S_SUCCESS && rc != SCARD_W_RESET_CARD && rc != SCARD_W_REMOVED_CARD;
}

static BYTE container_count(struct bench *b)
{
    CARD_FREE_SPACE_INFO space = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    DWORD rc = CALL(b, QueryFreeSpace, &b->data, 0, &space);

    if (rc != SCARD_S_SUCCESS || space.dwMaxKeyContainers == CARD_DATA_VALUE_UNKNOWN ||
        space.dwMaxKeyContainers == 0)
        return CONTAINERS_GUESS;
    return space.dwMaxKeyContainers < CONTAINERS_MAX ? (BYTE)space.dwMaxKeyContainers
                                                     : CONTAINERS_MAX;
}

/* *ret_free: set of 1 << index. */
static void look_through(struct bench *b, struct facts *f, bool any_size, unsigned *ret_free)
{
    BYTE count = container_count(b);

    *ret_free = 0;
    for (BYTE i = 0; i < count; i++) {
        CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };
        DWORD rc = CALL(b, GetContainerInfo, &b->data, i, 0, &info);

        if (is_empty(rc))
            *ret_free |= 1u << i;
        else if (rc == SCARD_S_SUCCESS &&
                 (info.cbSigPublicKey == 0 || info.cbKeyExPublicKey == 0))
            note_key(f, i, &info, any_size);
        drop_info(&info);
    }
}

static BYTE take_free(unsigned *free_ones)
{
    for (BYTE i = 0; i < CONTAINERS_MAX; i++)
        if ((*free_ones & 1u << i) != 0) {
            *free_ones &= ~(1u << i);
            return i;
        }
    return NONE;
}

static void take_empty_ones(struct facts *f, unsigned free_ones)
{
    f->scratch = take_free(&free_ones);
    f->empty = take_free(&free_ones);
    if (f->empty == NONE)
        f->empty = f->scratch; /* which tests leave empty */
}

/* Version 5 has no way to say so; what a later version says, holds for all. */
static bool says_read_only(struct bench *b)
{
    static const WCHAR name[] = CP_CARD_READ_ONLY;
    BOOL read_only = FALSE;
    DWORD len = 0;

    return b->data.dwVersion >= 6 &&
           CALL(b, GetProperty, &b->data, name, (PBYTE)&read_only, sizeof(read_only), &len, 0) ==
               SCARD_S_SUCCESS &&
           read_only;
}

/* A card that says so, and takes what the user writes all the same, is tested as any other. */
static bool writes(struct bench *b)
{
    return put_file(b, FIXTURE_DIR, FIXTURE_FILE, FIXTURE_TEXT, sizeof(FIXTURE_TEXT) - 1) ==
           SCARD_S_SUCCESS;
}

static bool says_generates(struct bench *b)
{
    CARD_CAPABILITIES says = { .dwVersion = CARD_CAPABILITIES_CURRENT_VERSION };

    return CALL(b, QueryCapabilities, &b->data, &says) == SCARD_S_SUCCESS && says.fKeyGen;
}

static void find_out(struct bench *b, struct facts *f)
{
    DWORD least = 0;

    memset(f, 0, sizeof(*f));
    memset(f->index, NONE, sizeof(f->index));
    memcpy(f->reader, b->reader, sizeof(f->reader));
    f->read_only = says_read_only(b) && !writes(b);
    f->generates = says_generates(b);
    f->specs = specs_of(b);
    f->rsa_bits = offers_rsa(b, rsa_spec(f->specs), RSA_WANTED, &least) ? RSA_WANTED : least;
}

static struct facts *facts_of(struct bench *b)
{
    struct facts *f = entry(b);
    unsigned free_ones;

    if (f->known)
        return f;
    find_out(b, f); /* nobody has made a fixture: as the card is */
    look_through(b, f, true, &free_ones);
    take_empty_ones(f, free_ones);
    f->known = true;
    return f;
}

/* ---- making and removing ------------------------------------------------------------------------- */

static const DWORD wanted[] = { AT_SIGNATURE, AT_KEYEXCHANGE, AT_ECDSA_P256, AT_ECDHE_P256 };

/* What this run has made is what it is, however the module shows it. */
static void keep_made(struct facts *f, const struct facts *before, unsigned free_ones)
{
    if (strcmp(before->reader, f->reader) != 0)
        return;
    f->made = before->made & ~free_ones;
    for (DWORD spec = 0; spec < SPECS_END; spec++)
        if (before->index[spec] < CONTAINERS_MAX && (f->made & 1u << before->index[spec]) != 0)
            f->index[spec] = before->index[spec];
}

static bool make_one(struct bench *b, struct facts *f, DWORD spec, unsigned *free_ones)
{
    const bool last = (*free_ones & (*free_ones - 1)) == 0; /* tests need it */
    const BYTE index = last ? NONE : take_free(free_ones);
    DWORD rc = last ? SCARD_E_NO_MEMORY : put_key(b, index, spec, spec_bits(b, spec));

    if (rc == SCARD_S_SUCCESS) {
        f->index[spec] = index;
        f->made |= 1u << index;
        return true;
    }
    f->refusal = rc;
    f->full = f->full || last;
    *free_ones |= index != NONE ? 1u << index : 0;
    run_note(b->run, "no key %s can be made: %s", spec_name(spec), kit_code(rc));
    return false;
}

void fixture_keys_make(struct bench *b)
{
    struct facts *f = entry(b), before = *f;
    unsigned free_ones;
    bool lacks = false;

    find_out(b, f);
    look_through(b, f, false, &free_ones);
    keep_made(f, &before, free_ones);
    f->known = true;
    for (size_t i = 0; i < ARRAY(wanted); i++)
        if ((f->specs & 1u << wanted[i]) != 0 && f->index[wanted[i]] == NONE)
            lacks = !make_one(b, f, wanted[i], &free_ones) || lacks;
    if (f->made != 0)
        f->refusal = 0;
    take_empty_ones(f, free_ones);
    if (lacks)
        look_through(b, f, true, &free_ones); /* there may be one of another size */
}

void fixture_keys_forget(struct bench *b)
{
    entry(b)->known = false;
}

void fixture_keys_remove(struct bench *b)
{
    struct facts *f = entry(b);

    for (BYTE i = 0; i < CONTAINERS_MAX; i++)
        if (f->known && (f->made & 1u << i) != 0)
            (void)drop_container(b, i);
    memset(f, 0, sizeof(*f));
}

/* ---- what tests ask ------------------------------------------------------------------------------ */

BYTE fixture_key(struct bench *b, DWORD spec)
{
    return spec < SPECS_END ? facts_of(b)->index[spec] : NONE;
}

DWORD fixture_rsa_bits(struct bench *b)
{
    return facts_of(b)->rsa_bits;
}

BYTE scratch_index(struct bench *b)
{
    return facts_of(b)->scratch;
}

BYTE empty_index(struct bench *b)
{
    return facts_of(b)->empty;
}

bool has_spec(struct bench *b, DWORD spec)
{
    return spec < SPECS_END && (facts_of(b)->specs & 1u << spec) != 0;
}

bool can_generate(struct bench *b)
{
    enum kit_answer told = b->run->config->key_generation;

    return told == KIT_ASK ? facts_of(b)->generates : told == KIT_YES;
}

bool is_read_only(struct bench *b)
{
    return facts_of(b)->read_only;
}

void no_key(struct bench *b, const char *what)
{
    if (facts_of(b)->read_only)
        run_not_applicable(b->run, "the card is read-only (CP_CARD_READ_ONLY), and no container has "
                                   "%s", what);
    if (facts_of(b)->full)
        run_not_applicable(b->run, "no container has %s, and none is left for it: run again with "
                                   "such a key on the card", what);
    run_blocked(b->run, "no container has %s", what);
}

DWORD key_refusal(struct bench *b)
{
    return facts_of(b)->refusal;
}
