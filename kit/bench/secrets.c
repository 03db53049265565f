/* SPDX-License-Identifier: MIT */
#include "kit/bench/secrets.h"

#include "kit/run.h"

#include <string.h>

#define OK SCARD_S_SUCCESS

DWORD not_asked;

/* ---- secrets --------------------------------------------------------------------------------- */

struct kit_secret other_pin(const struct kit_config *config)
{
    struct kit_secret other = config->user_pin;

    for (DWORD i = 0; i < other.len; i++)
        other.bytes[i] = other.bytes[i] == '3' ? '5' : '3';
    return other;
}

/* Two bits of each byte: odd parity stays odd. */
struct kit_secret other_admin_key(const struct kit_config *config)
{
    struct kit_secret other = config->admin_key;

    for (DWORD i = 0; i < other.len; i++)
        other.bytes[i] ^= 6;
    return other;
}

bool unblocks_by_puk(const struct bench *b)
{
    return b->run->config->puk.len != 0;
}

/* ---- PINs ------------------------------------------------------------------------------------ */

DWORD show_pin(struct bench *b, const struct kit_secret *pin, PDWORD left)
{
    return CALL(b, AuthenticatePin, &b->data, user_name(), bytes_of(pin->bytes), pin->len, left);
}

DWORD change_pin(struct bench *b, const struct kit_secret *old, const struct kit_secret *fresh,
                 DWORD tries, PDWORD left)
{
    return CALL(b, ChangeAuthenticator, &b->data, user_name(), bytes_of(old->bytes), old->len,
                bytes_of(fresh->bytes), fresh->len, tries, BY_PIN, left);
}

static bool can_unblock(const struct bench *b)
{
    return unblocks_by_puk(b) || b->run->config->admin_key.len != 0;
}

void need_unblocking(struct bench *b)
{
    if (!can_unblock(b))
        run_not_applicable(b->run, "a PIN is unblocked by the admin's key or a PUK, and neither is "
                                   "configured");
}

struct kit_secret new_proof(struct bench *b)
{
    struct kit_secret proof = b->run->config->puk;

    need_unblocking(b);
    if (proof.len == 0)
        proof.len = draw_and_answer(b, proof.bytes);
    return proof;
}

DWORD unblock_by(struct bench *b, const struct kit_secret *proof, const struct kit_secret *fresh,
                 DWORD tries)
{
    return CALL(b, UnblockPin, &b->data, user_name(), bytes_of(proof->bytes), proof->len,
                bytes_of(fresh->bytes), fresh->len, tries, BY_KEY);
}

DWORD unblock_to(struct bench *b, const struct kit_secret *fresh, DWORD tries)
{
    const struct kit_secret proof = new_proof(b);

    return unblock_by(b, &proof, fresh, tries);
}

const char *way_back(struct bench *b)
{
    const struct kit_config *config = b->run->config;
    const struct kit_secret other = other_pin(config);
    const char *wrong = NULL;

    if (!can_unblock(b))
        return "a blocked PIN could not be unblocked: neither admin key nor PUK are configured";
    if (unblock_to(b, &other, 0) != OK)
        return "a blocked PIN could not be unblocked: CardUnblockPin fails";
    if (show_pin(b, &other, &not_asked) != OK)
        wrong = "a blocked PIN could not be unblocked: CardUnblockPin sets no PIN";
    if (unblock_to(b, &config->user_pin, 0) != OK && wrong == NULL)
        wrong = "a blocked PIN could not be unblocked: CardUnblockPin fails the second time";
    restore_pin(b);
    return wrong;
}

void need_way_back(struct bench *b)
{
    const char *wrong;

    need_unblocking(b);
    wrong = way_back(b);
    if (wrong != NULL)
        run_blocked(b->run, "%s", wrong);
}

/* ---- the admin ------------------------------------------------------------------------------- */

void need_admin_key(struct bench *b)
{
    if (b->run->config->admin_key.len == 0)
        run_not_applicable(b->run, "the admin has no key (none is configured)");
}

struct kit_secret draw_for(struct bench *b, const struct kit_secret *key)
{
    struct run *own = b->run, other = *own;
    struct kit_config config = *own->config;
    struct kit_secret response = { .len = 0 };

    config.admin_key = *key;
    other.config = &config;
    b->run = &other;
    response.len = draw_and_answer(b, response.bytes);
    b->run = own;
    return response;
}

DWORD respond(struct bench *b, const struct kit_secret *response, PDWORD left)
{
    return CALL(b, AuthenticateChallenge, &b->data, bytes_of(response->bytes), response->len, left);
}

DWORD change_key(struct bench *b, const struct kit_secret *response, const struct kit_secret *key,
                 DWORD tries, PDWORD left)
{
    return CALL(b, ChangeAuthenticator, &b->data, admin_name(), bytes_of(response->bytes),
                response->len, bytes_of(key->bytes), key->len, tries, BY_KEY, left);
}

void restore_admin_key(struct bench *b)
{
    const struct kit_config *config = b->run->config;
    const struct kit_secret other = other_admin_key(config);
    struct kit_secret response = draw_for(b, &config->admin_key);

    if (respond(b, &response, &not_asked) != OK) {
        response = draw_for(b, &other);
        (void)change_key(b, &response, &config->admin_key, 0, &not_asked);
    }
    be_nobody(b);
}
