/* SPDX-License-Identifier: MIT */
/* The PIV application: its name, its commands, its numbers. */
#include "softcard/piv.h"

#include "base/secret.h"

#define INS_GENERAL_AUTHENTICATE 0x87u

/* NIST's RID and the PIX; its last two bytes, the version, are often left out (part 1, 2.2). */
static const uint8_t aid[11] = { 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };
#define RID_LEN 5u

/* SELECT, part 2, 3.1.1: the application property template, table 3. P2 that asks for no answer
 * gets none, as ISO/IEC 7816-4 has it. */
static uint16_t select_piv(struct call *call)
{
    static const char label[] = "cardmint PIV";
    size_t apt, authority;

    if ((call->cmd.p2 & 0x0C) != 0)
        return SW_OK;
    apt = tlv_open(&call->out, 0x61);
    tlv_put(&call->out, 0x4F, aid + RID_LEN, sizeof(aid) - RID_LEN);
    authority = tlv_open(&call->out, 0x79);
    tlv_put(&call->out, 0x4F, aid, RID_LEN);
    tlv_close(&call->out, 0x79, authority);
    tlv_put(&call->out, 0x50, label, sizeof(label) - 1);
    tlv_close(&call->out, 0x61, apt);
    return SW_OK;
}

/* Checks run in the order instruction, P1P2, who is authenticated, data, existence; a handler that
 * differs says why. */
static const struct command commands[] = {
    { 0xCB, false, IMAGE_READS,  false, piv_get_data             }, /* part 2, 3.1.2 */
    { 0x20, false, IMAGE_WRITES, true,  piv_verify               }, /* part 2, 3.2.1 */
    { 0x24, false, IMAGE_WRITES, false, piv_change               }, /* part 2, 3.2.2 */
    { 0x2C, false, IMAGE_WRITES, false, piv_reset_retry          }, /* part 2, 3.2.3 */
    { 0x87, true,  IMAGE_READS,  false, piv_general_authenticate }, /* part 2, 3.2.4 */
    { 0xDB, true,  IMAGE_WRITES, false, piv_put_data             }, /* part 2, 3.3.1 */
    { 0x47, true,  IMAGE_WRITES, false, piv_generate             }, /* part 2, 3.3.2 */
    { 0xFE, true,  IMAGE_WRITES, false, piv_import               }, /* Yubico: IMPORT KEY */
    { 0xFF, false, IMAGE_WRITES, false, piv_set_admin_key        }, /* Yubico: SET MANAGEMENT KEY */
    { 0xF6, false, IMAGE_WRITES, false, piv_move                 }, /* Yubico: MOVE KEY */
    { 0xF7, false, IMAGE_READS,  false, piv_metadata             }, /* Yubico: GET METADATA */
    { 0xF8, false, IMAGE_READS,  false, piv_serial               }, /* Yubico: GET SERIAL */
    { 0xFA, false, IMAGE_WRITES, false, piv_set_tries            }, /* Yubico: SET PIN RETRIES */
    { 0xFB, false, IMAGE_WRITES, false, piv_reset                }, /* Yubico: RESET */
    { 0xFD, false, IMAGE_READS,  false, piv_version              }, /* Yubico: GET VERSION */
};

/* Yubico's commands are those above F0: a card of the standard alone does not know them. */
static uint16_t admit(struct call *call, const struct command *command)
{
    unsigned standard;

    if (!image_number(call->image, IMAGE_PIV_STANDARD, &standard))
        return SW_MUTE;
    return standard != 0 && command->ins >= 0xF0 ? SW_INS : SW_OK;
}

/* A challenge and a VERIFY are for the next GENERAL AUTHENTICATE; one that is broken off for a key, and
 * followed by one for another, was that. */
static void before(struct softcard_ram *ram, const struct apdu *cmd)
{
    struct piv_ram *own = piv_own(ram);
    bool another = ram->chain.active && (ram->chain.p1 != cmd->p1 || ram->chain.p2 != cmd->p2);

    if (cmd->ins != INS_GENERAL_AUTHENTICATE || another) {
        own->challenge = PIV_NO_CHALLENGE;
        own->just_verified = 0;
    }
}

static void forget(struct softcard_ram *ram)
{
    wipe(piv_own(ram), sizeof(struct piv_ram));
}

/* Yubico's cards answer without Le too, and Yubico's programs select so. */
const struct application piv_application = {
    .on = SOFTCARD_PIV, .aid = aid, .aid_len = sizeof(aid), .aid_least = RID_LEN,
    .select = select_piv, .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]), .factory = piv_factory,
    .answers_unasked = true, .admit = admit, .before = before, .forget = forget,
};

/* ---- numbers --------------------------------------------------------------------------------- */

static const struct {
    uint8_t id, alg;
} algorithms[] = {
    { 0x03, 2 },   { 0x08, 3 },   { 0x0A, 4 },   { 0x0C, 5 },   /* 3DES, AES-128, -192, -256 */
    { 0x06, 0x6 }, { 0x07, 0x7 }, { 0x05, 0x8 }, { 0x16, 0x9 }, /* RSA 1024, 2048, 3072, 4096 */
    { 0x11, 0xC }, { 0x14, 0xD },                               /* P-256, P-384 */
};

uint8_t piv_alg(uint8_t id)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (algorithms[i].id == (id == 0x00 ? 0x03 : id))
            return algorithms[i].alg;
    return 0;
}

uint8_t piv_alg_id(uint8_t alg)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (algorithms[i].alg == alg)
            return algorithms[i].id;
    return 0;
}

bool piv_is_slot(uint8_t ref)
{
    return ref == 0x9A || ref == 0x9C || ref == 0x9D || ref == 0x9E || (ref >= 0x82 && ref <= 0x95);
}

uint16_t piv_p1p2(const struct call *call)
{
    return (uint16_t)(call->cmd.p1 << 8 | call->cmd.p2);
}
