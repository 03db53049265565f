/* SPDX-License-Identifier: MIT */
/* MANAGE SECURITY ENVIRONMENT and PERFORM SECURITY OPERATION. GIDS 2.0, cryptography; 7816-8. */
#include "softcard/gids.h"

#include "base/secret.h"

/* Algorithm bytes of a template: the low nibble is the key, the high nibble what the card does. */
enum { USE_RAW_DECIPHER = 0x00, USE_RAW_SIGN = 0x10, USE_PKCS1_DECIPHER = 0x40,
       USE_PKCS1_SIGN = 0x50, USE_OAEP_DECIPHER = 0x80 };

static const struct crt_kind {
    uint8_t tag;   /* P2 of MSE */
    enum crt crt;
} crt_kinds[] = { { 0xA4, CRT_AT }, { 0xB6, CRT_DST }, { 0xB8, CRT_CT } };

/* ---- MSE SET, 7816-4 11.6.11 ----------------------------------------------------------------- */

/* {80 alg, 83 or 84 reference}. The admin key's algorithm may be left out. */
static bool parse_crt(struct rd data, struct environment *ret, bool *ret_has_alg)
{
    struct rd alg = tlv_find(&data, 0x80), ref = tlv_find(&data, 0x84);

    if (ref.bad)
        ref = tlv_find(&data, 0x83);
    *ret_has_alg = rd_left(&alg) == 1;
    ret->alg = *ret_has_alg ? alg.at[0] : 0;
    ret->ref = rd_u8(&ref);
    ret->set = true;
    return rd_done(&ref) && (alg.bad || *ret_has_alg);
}

/* The file of the key, and the right to use it. */
static uint16_t usable(struct call *call, const struct environment *env, uint8_t tag,
                       struct image_file *file)
{
    uint16_t sw = gids_find(call, (uint16_t)(FID_KEYS | env->ref), file);

    if (sw != SW_OK)
        return sw == SW_NOT_FOUND ? SW_REFERENCE_NOT_FOUND : sw;
    if (file->kind != FILE_KEY)
        return SW_WRONG_FILE_TYPE;
    if (call->life_cycle >= LCS_ACTIVATED && file->life_cycle < LCS_ACTIVATED)
        return SW_CONDITIONS;
    if (tag != 0xA4 && !gids_crt_has(file, tag, env->alg))
        return SW_REFERENCE_DATA; /* the file does not list this use */
    return gids_allowed(call, file, AM_USE) ? SW_OK : SW_SECURITY_STATUS;
}

uint16_t gids_mse(struct call *call)
{
    struct environment env = { 0 };
    const struct crt_kind *kind = NULL;
    struct image_file file;
    bool has_alg;
    uint16_t sw;

    for (size_t i = 0; i < sizeof(crt_kinds) / sizeof(crt_kinds[0]); i++)
        if (crt_kinds[i].tag == call->cmd.p2)
            kind = &crt_kinds[i];
    /* SET for computation, verification or both; private keys only compute */
    if (kind == NULL || (call->cmd.p1 != 0x41 && call->cmd.p1 != 0x81 && call->cmd.p1 != 0xC1) ||
        (kind->crt != CRT_AT && call->cmd.p1 != 0x41))
        return SW_WRONG_P1P2;
    if (!parse_crt(rd_init(call->cmd.data, call->cmd.data_len), &env, &has_alg) ||
        (!has_alg && kind->crt != CRT_AT))
        return SW_WRONG_DATA;
    sw = usable(call, &env, kind->tag, &file);
    if (sw != SW_OK)
        return sw;
    if (kind->crt == CRT_AT && (!gids_is_admin_key(&file) ||
                                (has_alg && !gids_crt_has(&file, 0xA4, env.alg))))
        return SW_REFERENCE_DATA;
    gids_of(call)->env[kind->crt] = env;
    return SW_OK;
}

/* ---- PSO, 7816-8 5.2 ------------------------------------------------------------------------- */

struct operation {
    uint8_t alg;      /* nibble */
    uint8_t use;      /* USE_... */
    struct image_blob key;
};

/* The key of the environment; its rule is asked again, for roles may have been dropped. */
static uint16_t load(struct call *call, enum crt which, uint8_t tag, struct operation *ret)
{
    const struct environment *env = &gids_of(call)->env[which];
    struct image_file file;
    bool found;
    uint16_t sw;

    if (!env->set || call->life_cycle < LCS_ACTIVATED)
        return SW_CONDITIONS;
    sw = usable(call, env, tag, &file);
    if (sw != SW_OK)
        return sw == SW_REFERENCE_NOT_FOUND ? SW_CONDITIONS : sw;
    if (!image_key(call->image, file.fid, &found, &ret->alg, &ret->key))
        return SW_MUTE;
    ret->use = env->alg & 0xF0;
    if (found && ret->alg == (env->alg & 0x0F))
        return SW_OK;
    image_free(&ret->key);
    return SW_CONDITIONS;
}

/* Is the input as long as the operation wants it? */
static bool length_fits(const struct operation *op, size_t len)
{
    size_t k = key_bytes(op->alg);

    if (key_is_ec(op->alg))
        return len != 0 && len <= 66;
    return op->use == USE_PKCS1_SIGN ? len != 0 && len <= k - 11 : len == k;
}

static uint16_t finish(struct call *call, struct operation *op, bool ok,
                       uint8_t out[KEY_MAX_BYTES], size_t len)
{
    if (ok)
        wr_bytes(&call->out, out, len);
    wipe(out, KEY_MAX_BYTES); /* what failed may have left something too */
    image_free(&op->key);
    return ok ? SW_OK : SW_WRONG_DATA;
}

/* 9E 9A: COMPUTE DIGITAL SIGNATURE */
static uint16_t sign(struct call *call)
{
    const struct apdu *cmd = &call->cmd;
    struct operation op = { 0 };
    uint8_t out[KEY_MAX_BYTES];
    size_t len = 0;
    bool ok;
    uint16_t sw = load(call, CRT_DST, 0xB6, &op);

    if (sw != SW_OK)
        return sw;
    if (!length_fits(&op, cmd->data_len)) {
        image_free(&op.key);
        return SW_WRONG_LENGTH;
    }
    if (key_is_ec(op.alg))
        ok = key_ecdsa(&op.key, op.alg, cmd->data, cmd->data_len, out, &len);
    else
        ok = key_rsa_sign(&op.key, op.use == USE_PKCS1_SIGN ? KEY_PKCS1 : KEY_RAW, cmd->data,
                          cmd->data_len, out, &len);
    return finish(call, &op, ok, out, len);
}

/* A6 {7F49 {86 point}}: key agreement, docs/card-extensions.md */
static bool agree(const struct operation *op, struct rd data, uint8_t *out, size_t *ret_len)
{
    struct rd a6 = tlv_enter(&data, 0xA6), pub = tlv_enter(&a6, 0x7F49);
    struct rd point = tlv_enter(&pub, 0x86);

    return !point.bad && rd_done(&pub) && rd_done(&a6) && rd_done(&data) &&
           key_ecdh(&op->key, op->alg, point.at, rd_left(&point), out, ret_len);
}

/* 80 86: DECIPHER. No padding indicator stands before the cryptogram: real cards refuse it. */
static uint16_t decipher(struct call *call)
{
    const struct apdu *cmd = &call->cmd;
    struct operation op = { 0 };
    uint8_t out[KEY_MAX_BYTES];
    size_t len = 0;
    bool ok;
    uint16_t sw = load(call, CRT_CT, 0xB8, &op);

    if (sw != SW_OK)
        return sw;
    if (key_is_ec(op.alg)) {
        ok = agree(&op, rd_init(cmd->data, cmd->data_len), out, &len);
        return finish(call, &op, ok, out, len);
    }
    if (!length_fits(&op, cmd->data_len)) {
        image_free(&op.key);
        return SW_WRONG_LENGTH;
    }
    ok = key_rsa_decrypt(&op.key,
                         op.use == USE_PKCS1_DECIPHER ? KEY_PKCS1
                         : op.use == USE_OAEP_DECIPHER ? KEY_OAEP_SHA1 : KEY_RAW,
                         cmd->data, cmd->data_len, out, &len);
    return finish(call, &op, ok, out, len);
}

uint16_t gids_pso(struct call *call)
{
    uint16_t op = (uint16_t)(call->cmd.p1 << 8 | call->cmd.p2);

    if (op == 0x9E9A)
        return sign(call);
    return op == 0x8086 ? decipher(call) : SW_WRONG_P1P2;
}
