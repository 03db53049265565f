/* SPDX-License-Identifier: MIT */
/* The kit's configuration: every member of struct kit_config has a name of its own. */
#include "kit/config.h"

#include "base/secret.h"
#include "base/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\r\n\v\f,"
#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

struct kit_config kit_config_default(void)
{
    return (struct kit_config){
        .least_version = 4, .newest_version = 7,
        .pin_least = 4, .pin_most = 127,
        .threads = 8, .thread_rounds = 5,
        .challenges = 300, .repeats = 20,
        .seconds = 2, .limit_seconds = 120,
    };
}

void kit_config_clear(struct kit_config *config)
{
    free(config->module);
    free(config->pcsc);
    free(config->inf);
    for (size_t i = 0; i < KIT_CARDS_MAX; i++)
        free(config->readers[i]);
    wipe(config, sizeof(*config));
}

/* ---- names ----------------------------------------------------------------------------------- */

enum kind { TEXT, NUMBER, YES_NO, ANSWER, SECRET, SET, SIZES };

struct word {
    const char *name;
    unsigned bit;
};

/* What cardmod.h and the closed tool call them, and short. */
static const struct word key_spec_words[] = {
    { "AT_KEYEXCHANGE", 1u << AT_KEYEXCHANGE }, { "AT_SIGNATURE", 1u << AT_SIGNATURE },
    { "AT_ECDSA_P256", 1u << AT_ECDSA_P256 },   { "AT_ECDSA_P384", 1u << AT_ECDSA_P384 },
    { "AT_ECDSA_P521", 1u << AT_ECDSA_P521 },   { "AT_ECDHE_P256", 1u << AT_ECDHE_P256 },
    { "AT_ECDHE_P384", 1u << AT_ECDHE_P384 },   { "AT_ECDHE_P521", 1u << AT_ECDHE_P521 },
    { NULL, 0 },
};
static const struct word padding_words[] = {
    { "CARD_PADDING_PKCS1", 1u << CARD_PADDING_PKCS1 }, { "PKCS1", 1u << CARD_PADDING_PKCS1 },
    { "CARD_PADDING_PSS", 1u << CARD_PADDING_PSS },     { "PSS", 1u << CARD_PADDING_PSS },
    { "CARD_PADDING_OAEP", 1u << CARD_PADDING_OAEP },   { "OAEP", 1u << CARD_PADDING_OAEP },
    { NULL, 0 },
};
static const struct word kdf_words[] = {
    { "HASH", KIT_KDF_HASH },       { "HMAC", KIT_KDF_HMAC },
    { "TLS_PRF", KIT_KDF_TLS_PRF }, { "SP800_56A_CONCAT", KIT_KDF_SP800_56A },
    { NULL, 0 },
};
static const struct word answer_words[] = {
    { "ask", KIT_ASK }, { "yes", KIT_YES },  { "no", KIT_NO },   { "true", KIT_YES },
    { "1", KIT_YES },   { "false", KIT_NO }, { "0", KIT_NO },    { NULL, 0 },
};

#define AT(member)             #member, offsetof(struct kit_config, member)
#define NAMED(name, member)    name, offsetof(struct kit_config, member)

/* clang-format off */
static const struct entry {
    const char *name;
    size_t at;
    enum kind kind;
    unsigned least, most;     /* NUMBER; SECRET: most bytes */
    const struct word *words; /* SET */
} entries[] = {
    { AT(module),         TEXT,   0, 0, NULL },
    { AT(pcsc),           TEXT,   0, 0, NULL },
    { NAMED("reader", readers[0]),        TEXT, 0, 0, NULL },
    { NAMED("second_reader", readers[1]), TEXT, 0, 0, NULL },
    { AT(inf),            TEXT,   0, 0, NULL },
    { AT(least_version),  NUMBER, 4, 7, NULL },
    { AT(newest_version), NUMBER, 4, 7, NULL },
    { AT(user_pin),       SECRET, 0, 0, NULL },
    { AT(admin_pin),      SECRET, 0, 0, NULL },
    { AT(puk),            SECRET, 0, 0, NULL },
    { AT(admin_key),      SECRET, 0, 0, NULL },
    { AT(admin_aes),      YES_NO, 0, 0, NULL },
    { AT(pin_least),      NUMBER, 1, KIT_SECRET_MAX - 1, NULL },
    { AT(pin_most),       NUMBER, 1, KIT_SECRET_MAX - 1, NULL },
    { AT(pin_tries),      NUMBER, 0, 255, NULL },
    { AT(pin_blocks),     ANSWER, 0, 0, NULL },
    { AT(admin_blocks),   ANSWER, 0, 0, NULL },
    { AT(key_import),     ANSWER, 0, 0, NULL },
    { AT(key_generation), ANSWER, 0, 0, NULL },
    { AT(key_specs),      SET,    0, 0, key_spec_words },
    { AT(rsa_bits),       SIZES,  384, 16384, NULL },
    { AT(paddings),       SET,    0, 0, padding_words },
    { AT(kdfs),           SET,    0, 0, kdf_words },
    { AT(retry_count),    ANSWER, 0, 0, NULL },
    { AT(threads),        NUMBER, 1, 64, NULL },
    { AT(thread_rounds),  NUMBER, 1, 100000, NULL },
    { AT(challenges),     NUMBER, 2, 100000, NULL },
    { AT(repeats),        NUMBER, 1, 1000, NULL },
    { AT(seconds),        NUMBER, 1, 3600, NULL },
    { AT(limit_seconds),  NUMBER, 1, 86400, NULL },
    { AT(keep_fixture),   YES_NO, 0, 0, NULL },
};
/* clang-format on */

/* ---- one value ------------------------------------------------------------------------------- */

bool kit_config_wrong(char says[256], const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(says, 256, format, list);
    va_end(list);
    return false;
}

static bool set_text(char **at, const char *value, char says[256])
{
    char *copy = strdup(value);

    if (copy == NULL)
        return kit_config_wrong(says, "out of memory");
    free(*at);
    *at = copy;
    return true;
}

static bool set_number(unsigned *at, const struct entry *e, const char *value, char says[256])
{
    uint32_t number = 0;

    if (!settings_number(value, &number) || number < e->least || number > e->most)
        return kit_config_wrong(says, "%s is a number from %u to %u, not \"%.60s\"", e->name,
                                e->least, e->most, value);
    *at = number;
    return true;
}

static const struct word *find_word(const struct word *words, const char *name)
{
    for (; words->name != NULL; words++)
        if (settings_same(words->name, name))
            return words;
    return NULL;
}

static bool set_answer(enum kit_answer *at, const struct entry *e, const char *value,
                       char says[256])
{
    const struct word *word = find_word(answer_words, value);

    if (word == NULL)
        return kit_config_wrong(says, "%s is yes, no or ask, not \"%.60s\"", e->name, value);
    *at = (enum kit_answer)word->bit;
    return true;
}

/* The next word of *at into `word`, which moves on; false: none, or longer than any we know. */
static bool next_word(const char **at, char word[64])
{
    const char *begin = *at + strspn(*at, BLANKS);
    size_t len = strcspn(begin, BLANKS);

    *at = begin + len;
    snprintf(word, 64, "%.*s", (int)(len < 63 ? len : 63), begin);
    return len != 0;
}

static bool set_set(unsigned *at, const struct entry *e, const char *value, char says[256])
{
    unsigned set = 0;
    char one[64];

    while (next_word(&value, one)) {
        const struct word *word = find_word(e->words, one);

        if (word == NULL)
            return kit_config_wrong(says, "%s: \"%s\" is not known; the first of them is %s",
                                    e->name, one, e->words[0].name);
        set |= word->bit;
    }
    *at = set;
    return true;
}

static bool set_sizes(DWORD *at, size_t room, const struct entry *e, const char *value,
                      char says[256])
{
    DWORD sizes[16] = { 0 };
    size_t count = 0;
    char one[64];

    while (next_word(&value, one)) {
        uint32_t bits;

        if (count + 1 >= room)
            return kit_config_wrong(says, "%s has at most %zu numbers", e->name, room - 1);
        if (!settings_number(one, &bits) || bits < e->least || bits > e->most)
            return kit_config_wrong(says, "%s are numbers from %u to %u, not \"%s\"", e->name,
                                    e->least, e->most, one);
        sizes[count++] = bits;
    }
    memcpy(at, sizes, room * sizeof(*at));
    return true;
}

/* ---- secrets --------------------------------------------------------------------------------- */

static int digit(char c)
{
    const char *all = "0123456789abcdefABCDEF";
    const char *at = c != '\0' ? strchr(all, c) : NULL;

    return at == NULL ? -1 : at - all < 16 ? (int)(at - all) : (int)(at - all) - 6;
}

/* "0x31323334", and as the closed tool has it: "0x31 0x32 0x33 0x34". */
static bool from_hex(const char *text, struct kit_secret *ret)
{
    while (*text != '\0') {
        size_t blanks = strspn(text, BLANKS);

        text += blanks;
        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
            text += 2;
            if (digit(*text) < 0)
                return false;
        }
        if (*text == '\0')
            break;
        if (digit(text[0]) < 0 || digit(text[1]) < 0 || ret->len == KIT_SECRET_MAX)
            return false;
        ret->bytes[ret->len++] = (BYTE)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    return true;
}

/* The value itself is never said: it is a secret, and messages end up in logs. */
static bool set_secret(struct kit_secret *at, const struct entry *e, const char *value,
                       char says[256])
{
    struct kit_secret secret = { .len = 0 };
    bool hex = value[0] == '0' && (value[1] == 'x' || value[1] == 'X');
    bool fits = true;

    if (hex)
        fits = from_hex(value, &secret);
    else if (strlen(value) > KIT_SECRET_MAX)
        fits = false;
    else
        memcpy(secret.bytes, value, secret.len = (DWORD)strlen(value));
    if (fits)
        *at = secret;
    wipe(&secret, sizeof(secret));
    if (!fits)
        return kit_config_wrong(says, "%s is text, or 0x and pairs of hexadecimal digits, of at "
                                      "most %d bytes",
                                e->name, KIT_SECRET_MAX);
    return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const struct entry *find(const char *name)
{
    for (size_t i = 0; i < ARRAY(entries); i++)
        if (settings_same(entries[i].name, name))
            return &entries[i];
    return NULL;
}

bool kit_config_set(struct kit_config *config, const char *name, const char *value, char says[256])
{
    const struct entry *e = find(name);
    void *at;

    if (e == NULL)
        return kit_config_wrong(says, "there is no setting \"%.60s\"", name);
    at = (char *)config + e->at;
    if (value[0] == '\0' && e->kind != SET && e->kind != SIZES)
        return kit_config_wrong(says, "%s has no value", e->name);
    switch (e->kind) {
    case TEXT:
        return set_text(at, value, says);
    case NUMBER:
        return set_number(at, e, value, says);
    case YES_NO:
        return settings_flag(value, at) ||
               kit_config_wrong(says, "%s is yes or no, not \"%.60s\"", e->name, value);
    case ANSWER:
        return set_answer(at, e, value, says);
    case SECRET:
        return set_secret(at, e, value, says);
    case SET:
        return set_set(at, e, value, says);
    default:
        return set_sizes(at, ARRAY(config->rsa_bits), e, value, says);
    }
}

const char *kit_config_name(size_t n)
{
    return n < ARRAY(entries) ? entries[n].name : NULL;
}

bool kit_config_check(const struct kit_config *config, char says[256])
{
    DWORD len = config->admin_key.len;

    if (config->least_version > config->newest_version)
        return kit_config_wrong(says, "least_version %u is above newest_version %u",
                                config->least_version, config->newest_version);
    if (config->pin_least > config->pin_most)
        return kit_config_wrong(says, "pin_least %u is above pin_most %u", config->pin_least,
                                config->pin_most);
    if (len != 0 && len != 16 && len != 24 && (len != 32 || !config->admin_aes))
        return kit_config_wrong(says, "admin_key has %u bytes; it must have 16 or 24 (3DES), or "
                                      "16, 24 or 32 (AES)",
                                len);
    if (config->readers[0] == NULL && config->readers[1] != NULL)
        return kit_config_wrong(says, "second_reader is given, and no reader");
    return true;
}
