/* SPDX-License-Identifier: MIT */
/* APDU in, APDU out: what is the same for every command. */
#include "softcard/gids.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

struct softcard {
    struct image *image;
    uint8_t work[SOFTCARD_ANSWER_MAX]; /* an answer being built */
};

/* SELECT finds either application by name, and files only where there are any. */
static uint16_t select_any(struct call *call)
{
    if (pnp_is_meant(&call->cmd))
        return pnp_select(call);
    if (call->ram->selected == APP_PNP && call->cmd.p1 == 0x00)
        return SW_NOT_FOUND;
    return gids_select(call);
}

/* The commands of GIDS 2.0 and of ISO/IEC 7816-4 that this card has. Checks run in the order class,
 * instruction, life cycle, then in the handler P1P2, data, existence, rule. */
static const struct command {
    uint8_t ins;
    bool chains;              /* may come in pieces (CLA 10) */
    enum application of;      /* APP_NONE: of the card as a whole */
    enum image_access access; /* VERIFY without data reads only */
    handler_fn *run;
} commands[] = {
    { 0xA4, false, APP_NONE, IMAGE_READS,  select_any                }, /* SELECT, 7816-4 11.2.2 */
    { 0xE0, false, APP_GIDS, IMAGE_WRITES, gids_create               }, /* CREATE FILE, 7816-9 */
    { 0x44, false, APP_GIDS, IMAGE_WRITES, gids_activate             }, /* ACTIVATE FILE, 7816-9 */
    { 0xE4, false, APP_GIDS, IMAGE_WRITES, gids_delete               }, /* DELETE FILE, 7816-9 */
    { 0xE6, false, APP_GIDS, IMAGE_WRITES, gids_terminate            }, /* TERMINATE DF, 7816-9 */
    { 0xCB, false, APP_GIDS, IMAGE_READS,  gids_get_data             }, /* GET DATA, 7816-4 11.5 */
    { 0xDB, true,  APP_GIDS, IMAGE_WRITES, gids_put_data             }, /* PUT DATA, 7816-4 11.5 */
    { 0x47, false, APP_GIDS, IMAGE_WRITES, gids_generate             }, /* GENERATE KEY PAIR */
    { 0x22, true,  APP_GIDS, IMAGE_READS,  gids_mse                  }, /* MANAGE SECURITY ENV. */
    { 0x2A, true,  APP_GIDS, IMAGE_READS,  gids_pso                  }, /* PERFORM SECURITY OP. */
    { 0x87, true,  APP_GIDS, IMAGE_READS,  gids_general_authenticate }, /* GENERAL AUTHENTICATE */
    { 0x20, true,  APP_GIDS, IMAGE_WRITES, gids_verify               }, /* VERIFY, 7816-4 11.6.6 */
    { 0x24, true,  APP_GIDS, IMAGE_WRITES, gids_change               }, /* CHANGE REFERENCE DATA */
    { 0x2C, true,  APP_GIDS, IMAGE_WRITES, gids_reset_retry          }, /* RESET RETRY COUNTER */
    { 0xCA, false, APP_PNP,  IMAGE_READS,  pnp_get_data              }, /* GET DATA, 7816-4 11.5 */
};

#define INS_GET_RESPONSE 0xC0u
#define INS_VERIFY 0x20u
#define INS_GENERAL_AUTHENTICATE 0x87u
#define INS_SELECT 0xA4u
#define INS_DELETE 0xE4u
#define INS_GET_DATA 0xCBu
#define INS_TERMINATE 0xE6u
#define CLA_SM_BITS 0x0Cu

/* An application has no commands of another. Without any it is GIDS that refuses. */
static const struct command *command_of(uint8_t ins, uint8_t selected)
{
    enum application talks = selected != APP_NONE ? selected : APP_GIDS;

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (commands[i].ins == ins && (commands[i].of == APP_NONE || commands[i].of == talks))
            return &commands[i];
    return NULL;
}

static void drop_chain(struct softcard_ram *ram)
{
    wipe(ram->chain.data, ram->chain.len);
    ram->chain.active = 0;
    ram->chain.len = 0;
}

/* What any command ends, save the one that was to follow. */
static void drop_expectations(struct softcard_ram *ram, uint8_t ins)
{
    if (ins != INS_GENERAL_AUTHENTICATE)
        ram->challenge = CHALLENGE_NONE;
    if (ins != INS_SELECT && ins != INS_DELETE)
        ram->file_just_selected = 0;
}

static void drop_rest(struct softcard_ram *ram)
{
    wipe(ram->rest.data, ram->rest.len);
    ram->rest.at = ram->rest.len = 0;
}

/* One block of a chain, 7816-4 5.3.3. A command that does not continue the chain cancels it. */
static uint16_t add_to_chain(struct softcard_ram *ram, const struct apdu *cmd)
{
    bool continues = ram->chain.active && ram->chain.ins == cmd->ins && ram->chain.p1 == cmd->p1 &&
                     ram->chain.p2 == cmd->p2;

    if (!continues)
        drop_chain(ram);
    if (cmd->data_len > CHAIN_MAX - ram->chain.len) {
        drop_chain(ram);
        return SW_WRONG_LENGTH;
    }
    if (cmd->data_len != 0)
        memcpy(ram->chain.data + ram->chain.len, cmd->data, cmd->data_len);
    ram->chain.active = 1;
    ram->chain.ins = cmd->ins;
    ram->chain.p1 = cmd->p1;
    ram->chain.p2 = cmd->p2;
    ram->chain.len += (uint32_t)cmd->data_len;
    return SW_OK;
}

/* Runs the handler in a transaction of its own. */
static uint16_t run(struct call *call, const struct command *command)
{
    bool only_asks = command->ins == INS_VERIFY && call->cmd.data_len == 0;
    uint16_t sw;

    if (!image_begin(call->image, only_asks ? IMAGE_READS : command->access))
        sw = SW_MUTE;
    else if (!image_number(call->image, IMAGE_LIFE_CYCLE, &call->life_cycle))
        sw = SW_MUTE;
    else if (command->of == APP_GIDS && call->ram->selected != APP_GIDS)
        sw = SW_NO_CURRENT_EF;
    else if (command->of == APP_GIDS && call->life_cycle >= LCS_TERMINATED &&
             command->ins != INS_GET_DATA)
        sw = command->ins == INS_TERMINATE ? SW_TERMINATED : SW_CONDITIONS;
    else
        sw = command->run(call);
    if (sw == SW_OK || sw == SW_TERMINATED) {
        if (!image_commit(call->image))
            sw = SW_MUTE;
    }
    image_rollback(call->image);
    return sw;
}

/* What a complete command changes in RAM, besides what its handler does. */
static uint16_t run_command(struct call *call, const struct command *command)
{
    struct softcard_ram *ram = call->ram;
    uint16_t sw;

    sw = run(call, command);
    if (command->ins != INS_SELECT)
        ram->file_just_selected = 0;
    drop_chain(ram);
    return sw;
}

/* Class byte, 7816-4 5.4.1: no secure messaging, no logical channels, no proprietary class. */
static uint16_t class_ok(uint8_t cla)
{
    if ((cla & 0xE0) != 0)
        return SW_CLA;
    if ((cla & CLA_SM_BITS) != 0)
        return SW_SM_UNSUPPORTED;
    return (cla & 0x03) != 0 ? 0x6881 : SW_OK;
}

/* Hands out at most `le` bytes of the answer in ram->rest; 61xx tells what is left. */
static uint16_t hand_out(struct softcard_ram *ram, uint32_t le, struct wr *answer)
{
    uint32_t left = ram->rest.len - ram->rest.at;
    uint32_t n = left < le ? left : le;

    wr_bytes(answer, ram->rest.data + ram->rest.at, n);
    wipe(ram->rest.data + ram->rest.at, n);
    ram->rest.at += n;
    left -= n;
    if (left == 0) {
        drop_rest(ram);
        return SW_OK;
    }
    return (uint16_t)(SW_MORE_DATA | (left < 256 ? left : 0));
}

static uint16_t get_response(struct softcard_ram *ram, const struct apdu *cmd, struct wr *answer)
{
    if (cmd->p1 != 0 || cmd->p2 != 0)
        return SW_WRONG_P1P2;
    if (cmd->data_len != 0)
        return SW_WRONG_LENGTH;
    if (ram->rest.len == 0)
        return SW_CONDITIONS;
    return hand_out(ram, cmd->le != 0 ? cmd->le : APDU_SHORT_LE, answer);
}

/* A whole command that is no GET RESPONSE. Answer data that does not fit Le waits in ram->rest. */
static uint16_t dispatch(struct softcard *card, struct softcard_ram *ram, const struct apdu *cmd,
                         struct wr *answer)
{
    const struct command *command = command_of(cmd->ins, ram->selected);
    struct call call = { .image = card->image, .ram = ram, .cmd = *cmd };
    uint16_t sw;

    drop_expectations(ram, cmd->ins);
    if (command == NULL || ((cmd->cla & CLA_CHAINING) != 0 && !command->chains)) {
        drop_chain(ram);
        return command == NULL ? SW_INS : SW_CHAINING_UNSUPPORTED;
    }
    if ((cmd->cla & CLA_CHAINING) != 0)
        return add_to_chain(ram, cmd);
    if (ram->chain.active) {
        sw = add_to_chain(ram, cmd);
        if (sw != SW_OK)
            return sw;
        call.cmd.data = ram->chain.data;
        call.cmd.data_len = ram->chain.len;
    }
    call.out = wr_init(card->work, sizeof(card->work) - 2);
    sw = run_command(&call, command);
    if (call.out.bad)
        sw = SW_UNKNOWN;
    if (sw == SW_OK && wr_len(&call.out) != 0) {
        ram->rest.at = 0;
        ram->rest.len = (uint32_t)wr_len(&call.out);
        memcpy(ram->rest.data, card->work, ram->rest.len);
        sw = hand_out(ram, cmd->le, answer);
    } else if (sw == SW_TERMINATED && wr_len(&call.out) != 0) {
        wr_bytes(answer, card->work, wr_len(&call.out));
    }
    wipe(card->work, wr_len(&call.out));
    return sw;
}

static uint16_t answer_to(struct softcard *card, struct softcard_ram *ram, struct rd in,
                          struct wr *answer)
{
    struct apdu cmd;
    bool extended = false;
    unsigned no_extended = 0;
    uint16_t sw;

    if (!apdu_parse(in, &cmd, &extended))
        return SW_WRONG_LENGTH;
    if (extended && !image_number(card->image, IMAGE_NO_EXTENDED, &no_extended))
        return SW_MUTE;
    if (extended && no_extended != 0)
        return SW_WRONG_LENGTH;
    sw = class_ok(cmd.cla);
    if (sw != SW_OK)
        return sw;
    if (cmd.ins == INS_GET_RESPONSE) {
        drop_chain(ram);
        drop_expectations(ram, cmd.ins);
        return get_response(ram, &cmd, answer);
    }
    drop_rest(ram);
    return dispatch(card, ram, &cmd, answer);
}

/* ---- the contract of softcard.h -------------------------------------------------------------- */

const char *softcard_says(enum softcard_result result)
{
    static const char *const says[] = {
        [SOFTCARD_OK] = "done",
        [SOFTCARD_EXISTS] = "a card of that name exists already",
        [SOFTCARD_MISSING] = "there is no such card",
        [SOFTCARD_DAMAGED] = "the file is no card image, is damaged, or is of a newer version",
        [SOFTCARD_IO] = "the card image cannot be read or written",
        [SOFTCARD_MEMORY] = "out of memory",
        [SOFTCARD_ARGUMENT] = "an option is out of range",
    };

    return (size_t)result < sizeof(says) / sizeof(says[0]) ? says[result] : "unknown result";
}

size_t softcard_ram_size(void)
{
    return sizeof(struct softcard_ram);
}

enum softcard_result softcard_create(const char *path, const struct softcard_options *options)
{
    return image_create(path, options);
}

enum softcard_result softcard_open(const char *path, struct softcard **ret)
{
    struct softcard *card = calloc(1, sizeof(*card));
    enum softcard_result result;

    if (card == NULL)
        return SOFTCARD_MEMORY;
    result = image_open(path, &card->image);
    if (result != SOFTCARD_OK) {
        free(card);
        return result;
    }
    *ret = card;
    return SOFTCARD_OK;
}

void softcard_close(struct softcard *card)
{
    if (card == NULL)
        return;
    image_close(card->image);
    free(card);
}

void softcard_atr(const struct softcard *card, uint8_t *atr, size_t *ret_atr_len)
{
    *ret_atr_len = 0;
    (void)image_atr(card->image, atr, ret_atr_len);
}

void softcard_power_off(struct softcard_ram *ram)
{
    wipe(ram, sizeof(*ram));
}

void softcard_power_on(struct softcard *card, struct softcard_ram *ram, uint8_t *atr,
                       size_t *ret_atr_len)
{
    softcard_power_off(ram);
    ram->powered = 1;
    softcard_atr(card, atr, ret_atr_len);
}

enum softcard_result softcard_transmit(struct softcard *card, struct softcard_ram *ram,
                                       const uint8_t *in, size_t in_len, uint8_t *out,
                                       size_t *out_len)
{
    struct wr answer;
    uint16_t sw;

    if (!ram->powered || *out_len < SOFTCARD_ANSWER_MAX)
        return SOFTCARD_ARGUMENT;
    answer = wr_init(out, SOFTCARD_ANSWER_MAX);
    sw = answer_to(card, ram, rd_init(in, in_len), &answer);
    if (sw == SW_MUTE) { /* nothing of the command has happened */
        gids_forget_roles(ram);
        return SOFTCARD_IO;
    }
    wr_u16be(&answer, sw);
    *out_len = wr_len(&answer);
    return SOFTCARD_OK;
}
