/* SPDX-License-Identifier: MIT */
#include "kit/bench/faults.h"

#include <string.h>

#define HUGE_FILE 400000u /* more than a card holds */

static BYTE huge[HUGE_FILE];
static BCryptBufferDesc bad_list = { 99, 0, NULL };

void good_args(struct args *a, struct bench *b, const struct subject *s)
{
    const struct kit_secret *pin = &b->run->config->user_pin;

    memset(a, 0, sizeof(*a));
    a->b = b;
    a->data = &b->data;
    a->user = user_name();
    memcpy(a->bytes, pin->bytes, pin->len);
    a->in = a->bytes;
    a->in_len = pin->len;
    a->dir = str(FIXTURE_DIR);
    a->name = str(FIXTURE_FILE);
    a->ac = EveryoneReadUserWriteAc;
    a->out = &a->out_block;
    a->out_len = &a->out_count;
    a->info = &a->box;
    a->spec = AT_SIGNATURE;
    a->pin = ROLE_USER;
    if (s->good != NULL)
        s->good(a);
}

/* ---- what is spoiled, by kind ------------------------------------------------------------------- */

static bool spoil_input(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_IN:
        a->in = NULL;
        return true;
    case IN_EMPTY:
        a->in_len = 0;
        return true;
    case IN_SHORT:
        a->in_len = 3;
        return true;
    case IN_LONG:
        a->in_len = 300;
        return true;
    case IN_ENDLESS:
        a->in_len = 0xFFFFFFFF;
        return true;
    case IN_WRONG:
        a->bytes[0] ^= 0x55;
        return true;
    case IN_HUGE:
        a->in = a->in != NULL ? huge : NULL;
        a->in_len = sizeof(huge);
        return true;
    default:
        return false;
    }
}

static bool spoil_name(struct args *a, enum fault fault)
{
    static const struct {
        enum fault fault;
        const char *name;
    } names[] = {
        { NO_NAME, NULL },
        { EMPTY_NAME, "" },
        { LONG_NAME, "ninechars" },
        { ODD_NAME, "a*b" },
        { MISSING_NAME, "kitnone" },
        { TAKEN_BY_FILE, FIXTURE_READ_FILE },
        { TAKEN_BY_DIR, FIXTURE_EMPTY_DIR },
        { FULL_DIR, FIXTURE_DIR },
    };

    for (size_t i = 0; i < ARRAY(names); i++)
        if (names[i].fault == fault) {
            a->name = str(names[i].name);
            return true;
        }
    return false;
}

static bool spoil_dir(struct args *a, enum fault fault)
{
    static const struct {
        enum fault fault;
        const char *dir;
    } dirs[] = {
        { EMPTY_DIR, "" },
        { LONG_DIR, "ninechars" },
        { ODD_DIR, "a?b" },
        { MISSING_DIR, "kitnone" },
        { NO_FILES, FIXTURE_EMPTY_DIR },
    };

    for (size_t i = 0; i < ARRAY(dirs); i++)
        if (dirs[i].fault == fault) {
            a->dir = str(dirs[i].dir);
            return true;
        }
    if (fault != UNREADABLE && fault != UNWRITABLE)
        return false;
    a->dir = NULL;
    a->name = str(fault == UNREADABLE ? FIXTURE_ADMIN_FILE : FIXTURE_READ_FILE);
    return true;
}

static bool spoil_key(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_INDEX:
        a->index = 0xFF;
        return true;
    case EMPTY_INDEX:
        a->index = empty_index(a->b);
        return true;
    case RSA_INDEX:
        a->index = fixture_key(a->b, AT_KEYEXCHANGE);
        return true;
    case BAD_SPEC:
        a->spec = 9;
        return true;
    case OTHER_SPEC:
        a->spec = a->spec == AT_SIGNATURE ? AT_KEYEXCHANGE : AT_SIGNATURE;
        return true;
    case BAD_BITS:
        a->bits = 1;
        return true;
    case LACKING_BITS:
        a->bits = 1536;
        return true;
    case NO_HASH:
        a->box.sign.aiHashAlg = CALG_RSA_SIGN;
        return true;
    case STRANGE_HASH:
        a->box.sign.aiHashAlg = ALG_CLASS_HASH | 2; /* MD4 */
        return true;
    default:
        return false;
    }
}

static bool spoil_fresh(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_FRESH:
        a->fresh = NULL;
        return true;
    case FRESH_SHORT:
        a->fresh_len = a->b->run->config->pin_least - 1;
        return true;
    case FRESH_LONG:
        a->fresh_len = a->b->run->config->pin_most + 1;
        return true;
    case TRIES_HIGH:
        a->tries = a->b->run->config->retry_count == KIT_NO ? 5 : 0x10000;
        return true;
    default:
        return false;
    }
}

static bool spoil_derivation(struct args *a, enum fault fault)
{
    static WCHAR strange[] = CM_WSTR("NO SUCH KDF");

    switch (fault) {
    case NO_KDF:
        a->kdf = NULL;
        return true;
    case STRANGE_KDF:
        a->kdf = strange;
        return true;
    case BAD_LIST:
        a->list = &bad_list;
        return true;
    case NO_AGREEMENT:
        a->index = 0xFE;
        return true;
    default:
        return false;
    }
}

static void spoil_common(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_DATA:
        a->data = NULL;
        break;
    case NO_USER:
        a->user = NULL;
        break;
    case OTHER_USER:
        a->user = anonymous_name();
        break;
    case NO_OUT:
        a->out = NULL;
        break;
    case NO_OUT_LEN:
        a->out_len = NULL;
        break;
    case NO_INFO:
        a->info = NULL;
        break;
    case VERSION_HIGH:
        a->box.version = 99;
        break;
    case FLAGS:
        a->flags |= 0x80;
        break;
    case BAD_AC:
        a->ac = 0xFF;
        break;
    case AC_ZERO:
        a->ac = 0;
        break;
    case BAD_PIN_ID:
        a->pin = 8;
        break;
    case SMALL_ROOM:
        a->room = 1;
        break;
    case NO_CHALLENGE: /* any function that asks the card */
        (void)see_file(a->b, FIXTURE_DIR, FIXTURE_FILE, NULL, 0);
        break;
    default:
        break;
    }
}

void spoil(struct args *a, const struct subject *s, enum fault fault)
{
    static bool (*const kinds[])(struct args *, enum fault) = { spoil_input, spoil_name, spoil_dir,
                                                               spoil_key, spoil_fresh,
                                                               spoil_derivation };

    if (s->spoil != NULL && s->spoil(a, fault))
        return;
    for (size_t i = 0; i < ARRAY(kinds); i++)
        if (kinds[i](a, fault))
            return;
    spoil_common(a, fault);
}

void drop_results(struct args *a)
{
    PBYTE *const blocks[] = { &a->out_block, &a->box.container.pbSigPublicKey,
                              &a->box.container.pbKeyExPublicKey, &a->box.sign.pbSignedData,
                              &a->box.derive.pbDerivedKey };

    for (size_t i = 0; i < ARRAY(blocks); i++)
        if (*blocks[i] != NULL && mem_is_ours(*blocks[i]))
            mem_free(*blocks[i]);
    a->out_block = NULL;
    memset(&a->box, 0, sizeof(a->box));
}

const char *fault_name(enum fault fault)
{
    static const char *const names[FAULT_COUNT] = {
        "nothing", "pCardData NULL", "no user id", "another user id", "no data", "no bytes of data",
        "too few bytes", "too many bytes", "wrong bytes", "far too many bytes",
        "a length of FFFFFFFF", "another command after the challenge", "a response used before",
        "no place for the result", "no place for its length", "no structure",
        "a structure of a version too high", "a flag that there is not", "no name", "an empty name",
        "a name too long", "a name with a forbidden character", "a name that is not there",
        "the name of a file", "the name of a directory", "a directory with files",
        "a directory without files", "an empty directory name", "a directory name too long",
        "a directory name with a forbidden character", "a directory that is not there",
        "a bad access condition", "access condition 0", "a file that may not be read",
        "a file that may not be written", "nobody authenticated", "the admin authenticated",
        "a container out of range", "an empty container", "a container with an RSA key",
        "no key specification", "a key specification the container lacks", "a senseless key size",
        "a key size the card lacks", "an algorithm that is no hash", "an unknown hash",
        "no new secret", "a new secret too short", "a new secret too long", "too many tries",
        "no KDF", "an unknown KDF", "a bad parameter list", "no such agreement", "no ATR",
        "a bad length of the ATR", "the ATR of no card", "no card name", "no pfnCspAlloc",
        "no pfnCspReAlloc", "no pfnCspFree", "a bad context handle", "no card handle",
        "a version too low", "the number of no PIN", "too little room",
    };

    return fault < FAULT_COUNT && names[fault] != NULL ? names[fault] : "another fault";
}
