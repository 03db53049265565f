/* SPDX-License-Identifier: MIT */
/* From a card as it was made to somebody's. */
#include "softcard/personal.h"

#include "base/secret.h"
#include "softcard/gids.h"
#include "softcard/piv.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MAX 300u
#define SECRET_LEAST 4u

static bool answered(const struct session *s, uint16_t sw)
{
    const uint8_t *end = s->answer + s->answer_len;

    return end[0] == sw >> 8 && end[1] == (sw & 0xFF);
}

void personal_send_or(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data,
                      size_t len, uint16_t also)
{
    uint8_t out[COMMAND_MAX];
    struct wr w = wr_init(out, sizeof(out));
    struct apdu cmd = { .ins = ins, .p1 = (uint8_t)(p1p2 >> 8), .p2 = (uint8_t)p1p2, .data = data,
                        .data_len = len, .le = APDU_SHORT_LE };
    size_t answer_len = SOFTCARD_ANSWER_MAX;

    if (s->result != SOFTCARD_OK)
        return;
    apdu_encode(&w, &cmd, false);
    s->result = w.bad ? SOFTCARD_ARGUMENT
                      : softcard_transmit(s->card, s->ram, out, wr_len(&w), s->answer, &answer_len);
    if (s->result == SOFTCARD_OK) {
        s->answer_len = answer_len - 2;
        if (!answered(s, SW_OK) && !answered(s, also))
            s->result = SOFTCARD_ARGUMENT;
    }
    wipe(out, sizeof(out));
}

void personal_send(struct session *s, uint8_t ins, uint16_t p1p2, const uint8_t *data, size_t len)
{
    personal_send_or(s, ins, p1p2, data, len, SW_OK);
}

static bool has(struct session *s, const struct application *app)
{
    personal_send_or(s, 0xA4, 0x040C, app->aid, app->aid_len, SW_NOT_FOUND);
    return s->result == SOFTCARD_OK && answered(s, SW_OK);
}

/* The algorithm number of an admin key; 0: no cipher has keys of that length. */
static uint8_t admin_alg(const struct softcard_person *who)
{
    static const uint8_t algs[] = { 2, 3, 4, 5 }; /* 3DES with three keys; AES-128, -192, -256 */

    for (size_t i = who->admin_aes ? 1 : 0; i < (who->admin_aes ? sizeof(algs) : 1); i++)
        if (cipher_key_len(algs[i]) == who->admin_key_len)
            return algs[i];
    return 0;
}

static bool secret_ok(const uint8_t *secret, size_t len)
{
    return secret != NULL && len >= SECRET_LEAST && len <= IMAGE_SECRET_MAX;
}

static bool person_ok(const struct softcard_person *who)
{
    return secret_ok(who->pin, who->pin_len) &&
           (who->puk_len == 0 || secret_ok(who->puk, who->puk_len)) && admin_alg(who) != 0 &&
           who->admin_key != NULL;
}

static void run(struct session *s, const struct softcard_person *who)
{
    s->has_piv = has(s, &piv_application);
    s->has_gids = has(s, &gids_application);
    if (s->has_piv && !personal_piv_ok(who))
        s->result = SOFTCARD_ARGUMENT;
    if (s->has_piv) /* first: it is the one that may still refuse an admin key */
        personal_piv(s, who, admin_alg(who));
    if (s->has_gids)
        personal_gids(s, who, admin_alg(who));
}

enum softcard_result softcard_personalise(struct softcard *card, const struct softcard_person *who)
{
    struct session s = { .card = card, .result = SOFTCARD_OK };
    uint8_t atr[SOFTCARD_ATR_MAX];
    size_t atr_len;

    if (!person_ok(who))
        return SOFTCARD_ARGUMENT;
    s.ram = calloc(1, softcard_ram_size());
    s.answer = malloc(SOFTCARD_ANSWER_MAX);
    if (s.ram == NULL || s.answer == NULL) {
        s.result = SOFTCARD_MEMORY;
    } else {
        softcard_power_on(card, s.ram, atr, &atr_len);
        run(&s, who);
        softcard_power_off(s.ram);
    }
    free(s.ram);
    free(s.answer);
    return s.result;
}
