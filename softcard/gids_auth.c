/* SPDX-License-Identifier: MIT */
/* GENERAL AUTHENTICATE with the admin key: external and mutual. GIDS 2.0, authentication. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <string.h>

#define MUTUAL_RANDOM ((size_t)16)
#define MUTUAL_PLAIN_MAX 64u

/* Half of the pre-master secret that mutual authentication transports, by algorithm. It is
 * not used for anything: GIDS 2.0 defines no secure messaging. */
static const uint8_t secret_half[] = { 0, 5, 7, 8, 12, 16 };

struct admin_key {
    uint8_t alg;
    struct image_blob key;
};

/* The key that MSE AT has set. The rule of its file was checked there, and is again: keys may have
 * been replaced, roles dropped. */
static uint16_t load_key(struct call *call, struct admin_key *ret)
{
    const struct environment *at = &gids_of(call)->env[CRT_AT];
    struct image_file file;
    bool found;
    uint16_t sw;

    if (!at->set || call->life_cycle < LCS_ACTIVATED)
        return call->life_cycle < LCS_ACTIVATED ? SW_NO_CURRENT_EF : SW_CONDITIONS;
    sw = gids_find(call, (uint16_t)(FID_KEYS | at->ref), &file);
    if (sw != SW_OK)
        return sw == SW_MUTE ? sw : SW_CONDITIONS;
    if (!gids_is_admin_key(&file))
        return SW_CONDITIONS;
    if (!gids_allowed(call, &file, AM_USE))
        return SW_SECURITY_STATUS;
    if (!image_key(call->image, file.fid, &found, &ret->alg, &ret->key))
        return SW_MUTE;
    if (found && cipher_block(ret->alg) != 0 && ret->key.len == cipher_key_len(ret->alg))
        return SW_OK;
    image_free(&ret->key);
    return SW_CONDITIONS;
}

/* Length of an external challenge: 8 bytes, 16 for AES (docs/card-extensions.md). */
static size_t challenge_len(uint8_t alg)
{
    return cipher_block(alg);
}

/* 7C {81 00} -> 7C {81 R} */
static uint16_t external_challenge(struct call *call, uint8_t alg)
{
    size_t len = challenge_len(alg);
    size_t mark;

    if (!key_random(gids_of(call)->card_random, len))
        return SW_MUTE;
    gids_of(call)->challenge = CHALLENGE_EXTERNAL;
    mark = tlv_open(&call->out, 0x7C);
    tlv_put(&call->out, 0x81, gids_of(call)->card_random, len);
    tlv_close(&call->out, 0x7C, mark);
    return SW_OK;
}

/* 7C {81 R1} -> 7C {81 R2} */
static uint16_t mutual_challenge(struct call *call, struct rd host_random)
{
    size_t mark;

    if (rd_left(&host_random) != MUTUAL_RANDOM)
        return SW_WRONG_DATA;
    if (!key_random(gids_of(call)->card_random, MUTUAL_RANDOM))
        return SW_MUTE;
    rd_copy(&host_random, gids_of(call)->host_random, MUTUAL_RANDOM);
    gids_of(call)->challenge = CHALLENGE_MUTUAL;
    mark = tlv_open(&call->out, 0x7C);
    tlv_put(&call->out, 0x81, gids_of(call)->card_random, MUTUAL_RANDOM);
    tlv_close(&call->out, 0x7C, mark);
    return SW_OK;
}

/* 7C {82 E}, E the challenge under the admin key. */
static uint16_t external_response(struct call *call, const struct admin_key *admin,
                                  struct rd response)
{
    size_t len = challenge_len(admin->alg);
    uint8_t expected[16];
    bool same;

    if (rd_left(&response) != len)
        return SW_SECURITY_STATUS;
    if (!cipher_cbc(admin->alg, true, admin->key.data, gids_of(call)->card_random, len, expected))
        return SW_MUTE;
    same = secret_equal(expected, response.at, len);
    wipe(expected, sizeof(expected));
    gids_of(call)->admin_ok = same;
    return same ? SW_OK : SW_SECURITY_STATUS;
}

/* Plaintext of one side: first || second || secret || 80 (ISO/IEC 9797-1 padding method 2). */
static size_t mutual_len(uint8_t alg)
{
    size_t len = 2 * MUTUAL_RANDOM + secret_half[alg] + 1;
    size_t block = cipher_block(alg);

    return (len + block - 1) / block * block;
}

static bool mutual_answer(struct call *call, const struct admin_key *admin)
{
    uint8_t plain[MUTUAL_PLAIN_MAX] = { 0 }, cryptogram[MUTUAL_PLAIN_MAX];
    size_t len = mutual_len(admin->alg), half = secret_half[admin->alg], mark;
    struct wr w = wr_init(plain, len);
    bool ok;

    wr_bytes(&w, gids_of(call)->host_random, MUTUAL_RANDOM);
    wr_bytes(&w, gids_of(call)->card_random, MUTUAL_RANDOM);
    ok = key_random(plain + 2 * MUTUAL_RANDOM, half);
    plain[2 * MUTUAL_RANDOM + half] = 0x80;
    ok = ok && cipher_cbc(admin->alg, true, admin->key.data, plain, len, cryptogram);
    if (ok) {
        mark = tlv_open(&call->out, 0x7C);
        tlv_put(&call->out, 0x82, cryptogram, len);
        tlv_close(&call->out, 0x7C, mark);
    }
    wipe(plain, sizeof(plain));
    return ok;
}

/* 7C {82 E}, E of R2 || R1 || Z1 || 80 ..; answered by the same with the roles turned round. */
static uint16_t mutual_response(struct call *call, const struct admin_key *admin,
                                struct rd response)
{
    uint8_t plain[MUTUAL_PLAIN_MAX], zeros[MUTUAL_PLAIN_MAX] = { 0 };
    size_t len = mutual_len(admin->alg), end = 2 * MUTUAL_RANDOM + secret_half[admin->alg];
    bool same;

    if (rd_left(&response) != len)
        return SW_SECURITY_STATUS;
    if (!cipher_cbc(admin->alg, false, admin->key.data, response.at, len, plain))
        return SW_MUTE;
    same = secret_equal(plain, gids_of(call)->card_random, MUTUAL_RANDOM);
    same = secret_equal(plain + MUTUAL_RANDOM, gids_of(call)->host_random, MUTUAL_RANDOM) && same;
    same = plain[end] == 0x80 && secret_equal(plain + end + 1, zeros, len - end - 1) && same;
    wipe(plain, sizeof(plain));
    gids_of(call)->admin_ok = same;
    if (!same)
        return SW_SECURITY_STATUS;
    return mutual_answer(call, admin) ? SW_OK : SW_MUTE;
}

static uint16_t respond(struct call *call, const struct admin_key *admin, struct rd response)
{
    uint8_t kind = gids_of(call)->challenge;
    uint16_t sw;

    gids_of(call)->challenge = CHALLENGE_NONE; /* one use, right or wrong */
    gids_of(call)->admin_ok = 0;               /* a failed authentication leaves none */
    if (kind == CHALLENGE_NONE)
        return SW_CONDITIONS;
    sw = kind == CHALLENGE_EXTERNAL ? external_response(call, admin, response)
                                    : mutual_response(call, admin, response);
    wipe(gids_of(call)->card_random, sizeof(gids_of(call)->card_random));
    wipe(gids_of(call)->host_random, sizeof(gids_of(call)->host_random));
    return sw;
}

uint16_t gids_general_authenticate(struct call *call)
{
    struct rd data = rd_init(call->cmd.data, call->cmd.data_len);
    struct admin_key admin = { 0 };
    struct rd tpl;
    struct tlv obj;
    uint16_t sw;

    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    tpl = tlv_enter(&data, 0x7C);
    if (!rd_done(&data) || !tlv_next(&tpl, &obj) || !rd_done(&tpl))
        return SW_WRONG_DATA;
    sw = load_key(call, &admin);
    if (sw != SW_OK)
        return sw;
    if (obj.tag == 0x81)
        sw = rd_left(&obj.value) == 0 ? external_challenge(call, admin.alg)
                                      : mutual_challenge(call, obj.value);
    else
        sw = obj.tag == 0x82 ? respond(call, &admin, obj.value) : SW_WRONG_DATA;
    image_free(&admin.key);
    return sw;
}
