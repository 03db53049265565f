/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <ctype.h>
#include <stdio.h>

#define APDU_MAX 8192u

static const struct script_kind gids = {
    &edge_gids, "00A4040009A0000003974254465900",
    "61124F0BA000000397425446590201 73034001C0 9000", "00CB3FFF045C027F7100",
};
const struct script_kind script_piv = {
    &edge_piv, "00A4040009A0000003080000100000",
    "61114F0600001000010079074F05A000000308 9000", "00CB3FFF035C017E00",
};

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Reads hex up to the end of the line; returns where it stopped. */
static const char *hex_line(const char *text, uint8_t *out, size_t cap, size_t *ret_len)
{
    size_t len = 0;

    while (*text != '\0' && *text != '\n' && *text != '#' && *text != '.') {
        if (*text == ' ') {
            text++;
            continue;
        }
        if (*text == '*') {
            unsigned long times = strtoul(text + 1, (char **)(uintptr_t)&text, 10);

            assert_true(len > 0 && times > 0 && len + times - 1 <= cap);
            memset(out + len, out[len - 1], times - 1);
            len += times - 1;
            continue;
        }
        if (digit(text[0]) < 0 || digit(text[1]) < 0 || len == cap)
            fail_msg("no hex: %.20s", text);
        out[len++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text += 2;
    }
    while (*text != '\0' && *text != '\n')
        text++;
    *ret_len = len;
    return text;
}

size_t hex(const char *text, uint8_t *out, size_t cap)
{
    size_t len;

    (void)hex_line(text, out, cap, &len);
    return len;
}

static const char *skip_blank(const char *at)
{
    for (;;) {
        while (*at == ' ' || *at == '\n')
            at++;
        if (*at != '#')
            return at;
        while (*at != '\0' && *at != '\n')
            at++;
    }
}

bool script_done(const struct script *s)
{
    return *skip_blank(s->at) == '\0';
}

static bool is_hex(const uint8_t *bytes, size_t len, const char *text)
{
    uint8_t want[64];

    return hex(text, want, sizeof(want)) == len && memcmp(want, bytes, len) == 0;
}

static uint32_t answer(const char *text, uint8_t *out, size_t *out_len)
{
    uint8_t buf[APDU_MAX];
    size_t len = hex(text, buf, sizeof(buf));

    assert_true(len <= *out_len);
    memcpy(out, buf, len);
    *out_len = len;
    return SCARD_S_SUCCESS;
}

/* Writes, deletes, makes keys, or costs a try. */
static bool is_dangerous(const uint8_t *in, size_t in_len)
{
    switch (in[1]) {
    case 0x20:
        return in_len > 4;
    case 0x24:
    case 0x2C:
    case 0x44:
    case 0x47:
    case 0xDB:
    case 0xE0:
    case 0xE4:
    case 0xE6:
    case 0xF6:
    case 0xFE:
    case 0xFF:
        return true;
    default:
        return false;
    }
}

static uint32_t foreign_answer(struct script *s, const uint8_t *in, size_t in_len, uint8_t *out,
                               size_t *out_len)
{
    if (is_hex(in, in_len, s->kind->select)) {
        s->foreign = false;
        return answer(s->kind->answer, out, out_len);
    }
    s->dangerous += is_dangerous(in, in_len) ? 1 : 0;
    out[0] = (uint8_t)(s->foreign_sw >> 8);
    out[1] = (uint8_t)s->foreign_sw;
    *out_len = 2;
    return SCARD_S_SUCCESS;
}

static void unexpected(const uint8_t *in, size_t in_len, const uint8_t *want, size_t want_len)
{
    char got[200], wanted[200];
    size_t n = 0;

    for (size_t i = 0; i < in_len && n < sizeof(got) - 3; i++)
        n += (size_t)snprintf(got + n, sizeof(got) - n, "%02X", in[i]);
    n = 0;
    wanted[0] = '\0';
    for (size_t i = 0; i < want_len && n < sizeof(wanted) - 3; i++)
        n += (size_t)snprintf(wanted + n, sizeof(wanted) - n, "%02X", want[i]);
    fail_msg("command\n  %s (%zu bytes)\ninstead of\n  %s (%zu bytes)", got, in_len, wanted,
             want_len);
}

static bool has_open_end(const char *line)
{
    const char *dots = strstr(line, "...");
    const char *end = strchr(line, '\n');

    return dots != NULL && (end == NULL || dots < end);
}

/* The next command of the dialogue. A proof that is not asked for (it was given before) is passed
 * over. */
static bool expect(struct script *s, const uint8_t *in, size_t in_len)
{
    uint8_t want[APDU_MAX];
    size_t want_len;

    for (;;) {
        const char *at = skip_blank(s->at);
        bool open_end;

        if (*at == '\0' && s->lenient)
            return false;
        if (*at != '>')
            unexpected(in, in_len, NULL, 0);
        open_end = has_open_end(at);
        at = hex_line(at + 1, want, sizeof(want), &want_len);
        if ((want_len == in_len || (open_end && want_len < in_len)) &&
            memcmp(want, in, want_len) == 0) {
            s->at = at;
            return true;
        }
        if (s->lenient)
            return false;
        if (s->foreign_sw == 0 || !is_hex(want, want_len, s->kind->proof))
            unexpected(in, in_len, want, want_len);
        at = strchr(skip_blank(at), '\n');
        s->at = at != NULL ? at : "";
    }
}

uint32_t script_transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len)
{
    struct script *s = link;
    uint8_t buf[APDU_MAX];
    size_t len;

    assert_true(in_len >= 4);
    if (s->fail_with != 0 && s->played >= s->fail_from)
        return s->fail_with;
    s->played++;
    if (s->foreign)
        return foreign_answer(s, in, in_len, out, out_len);
    if (!expect(s, in, in_len))
        return answer("6F00", out, out_len);
    s->at = skip_blank(s->at);
    assert_int_equal(*s->at, '<');
    s->at = hex_line(s->at + 1, buf, sizeof(buf), &len);
    assert_true(len <= *out_len);
    memcpy(out, buf, len);
    *out_len = len;
    return SCARD_S_SUCCESS;
}

/* ---- the caller ---- */

static void *caller_alloc(void *host, size_t len)
{
    struct caller *c = host;

    if (++c->allocs == c->fail_alloc)
        return NULL;
    c->blocks++;
    return malloc(len);
}

static void caller_free(void *host, void *block)
{
    struct caller *c = host;

    if (block != NULL)
        c->blocks--;
    free(block);
}

static size_t item(const struct caller *c, const char *tag)
{
    size_t i = 0;

    while (i < CALLER_ITEMS && !(c->items[i].used && strcmp(c->items[i].tag, tag) == 0))
        i++;
    return i;
}

static bool caller_find(void *host, const char *tag, uint8_t **ret_data, size_t *ret_len)
{
    struct caller *c = host;
    size_t i = item(c, tag);
    uint8_t *data;

    if (i == CALLER_ITEMS || c->forgets)
        return false;
    data = caller_alloc(c, c->items[i].len + 1);
    if (data == NULL)
        return false;
    memcpy(data, c->items[i].data, c->items[i].len);
    *ret_data = data;
    *ret_len = c->items[i].len;
    return true;
}

static void caller_drop(void *host, const char *tag)
{
    struct caller *c = host;
    size_t i = item(c, tag);

    if (i < CALLER_ITEMS)
        c->items[i].used = false;
}

static void caller_add(void *host, const char *tag, const uint8_t *data, size_t len)
{
    struct caller *c = host;
    size_t i = 0;

    caller_drop(host, tag);
    while (i < CALLER_ITEMS && c->items[i].used)
        i++;
    if (i == CALLER_ITEMS || len > sizeof(c->items[i].data))
        return;
    assert_true(strlen(tag) < sizeof(c->items[i].tag));
    memcpy(c->items[i].tag, tag, strlen(tag) + 1);
    memcpy(c->items[i].data, data, len);
    c->items[i].len = len;
    c->items[i].used = true;
}

void caller_put(struct caller *c, const char *tag, const char *hex_text)
{
    static uint8_t buf[4096];

    caller_add(c, tag, buf, hex(hex_text, buf, sizeof(buf)));
}

bool caller_has(const struct caller *c, const char *tag, const char *hex_text)
{
    uint8_t buf[4096];
    size_t i = item(c, tag), len = hex(hex_text, buf, sizeof(buf));

    return i < CALLER_ITEMS && c->items[i].len == len && memcmp(c->items[i].data, buf, len) == 0;
}

void caller_begin(struct caller *c)
{
    c->blocks = c->allocs = c->fail_alloc = 0;
    c->forgets = false;
    for (size_t i = 0; i < CALLER_ITEMS; i++)
        c->items[i].used = false;
}

struct services caller_services(struct caller *c)
{
    struct services s = { c, caller_alloc, caller_free, caller_find, caller_add, caller_drop };

    return s;
}

void edge_begin(struct edge *e, struct script *s, struct caller *c, const char *dialogue)
{
    memset(e, 0, sizeof(*e));
    memset(s, 0, sizeof(*s));
    caller_begin(c);
    card_init(&e->card, script_transmit, s);
    e->ops = gids.ops;
    e->services = caller_services(c);
    s->kind = &gids;
    s->at = dialogue;
}

void edge_begin_piv(struct edge *e, struct script *s, struct caller *c, const char *dialogue)
{
    edge_begin(e, s, c, "");
    s->kind = &script_piv;
    s->foreign = true; /* until ours is selected */
    assert_int_equal(script_piv.ops->probe(e, &e->profile), SCARD_S_SUCCESS);
    e->ops = script_piv.ops;
    e->card.exchanges = 0;
    c->allocs = 0;
    s->played = 0;
    s->at = dialogue;
}

void edge_end(struct edge *e, const struct caller *c)
{
    if (e->ops->close != NULL && e->own != NULL)
        e->ops->close(e);
    assert_int_equal(c->blocks, 0);
}
