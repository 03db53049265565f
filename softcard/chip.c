/* SPDX-License-Identifier: MIT */
/* APDU in, APDU out: what is the same for every command. */
#include "softcard/chip.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

struct softcard {
    struct image *image;
    uint8_t work[SOFTCARD_ANSWER_MAX]; /* an answer being built */
};

#define INS_GET_RESPONSE 0xC0u
#define CLA_SM_BITS 0x0Cu

static void drop_chain(struct softcard_ram *ram)
{
    wipe(ram->chain.data, ram->chain.len);
    ram->chain.active = 0;
    ram->chain.len = 0;
}

/* Whatever comes, some things were to be met by this command or by none. */
static void tell_before(struct softcard_ram *ram, const struct apdu *cmd)
{
    const struct application *app = chip_selected(ram);

    if (app != NULL && app->before != NULL)
        app->before(ram, cmd);
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

/* What stands before a handler: is its application there, and does its life allow it? */
static uint16_t admit(struct call *call, const struct found *found)
{
    if (found->app == NULL)
        return SW_OK;
    if (chip_selected(call->ram) != found->app)
        return found->app->unselected;
    return found->app->admit != NULL ? found->app->admit(call, found->command) : SW_OK;
}

/* Runs the handler in a transaction of its own. */
static uint16_t run(struct call *call, const struct found *found)
{
    bool asks = found->command->asks && call->cmd.data_len == 0;
    uint16_t sw = SW_MUTE;

    if (image_begin(call->image, asks ? IMAGE_READS : found->command->access))
        sw = admit(call, found);
    if (sw == SW_OK)
        sw = found->command->run(call);
    if ((sw == SW_OK || sw == SW_TERMINATED) && !image_commit(call->image))
        sw = SW_MUTE;
    image_rollback(call->image);
    drop_chain(call->ram);
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

/* Answer data that does not fit Le waits in ram->rest. */
static uint16_t answer_of(struct call *call, uint16_t sw, uint8_t *data, struct wr *answer)
{
    struct softcard_ram *ram = call->ram;
    const struct application *app = chip_selected(ram);
    bool unasked = call->cmd.le == 0 && app != NULL && app->answers_unasked;
    size_t len = wr_len(&call->out);

    if (call->out.bad)
        sw = SW_UNKNOWN;
    if (sw == SW_OK && len != 0) {
        ram->rest.at = 0;
        ram->rest.len = (uint32_t)len;
        memcpy(ram->rest.data, data, len);
        sw = hand_out(ram, unasked ? APDU_SHORT_LE : call->cmd.le, answer);
    } else if (sw == SW_TERMINATED && len != 0) {
        wr_bytes(answer, data, len);
    }
    wipe(data, len);
    return sw;
}

/* A whole command that is no GET RESPONSE. */
static uint16_t dispatch(struct softcard *card, struct softcard_ram *ram, const struct apdu *cmd,
                         struct wr *answer)
{
    struct call call = { .image = card->image, .ram = ram, .cmd = *cmd };
    bool chained = (cmd->cla & CLA_CHAINING) != 0;
    struct found found;
    uint16_t sw;

    if (!chip_find_command(card->image, ram, cmd->ins, &found))
        return SW_MUTE;
    tell_before(ram, cmd);
    if (found.command == NULL || (chained && !found.command->chains)) {
        drop_chain(ram);
        return found.command == NULL ? SW_INS : SW_CHAINING_UNSUPPORTED;
    }
    if (chained)
        return add_to_chain(ram, cmd);
    if (ram->chain.active) {
        sw = add_to_chain(ram, cmd);
        if (sw != SW_OK)
            return sw;
        call.cmd.data = ram->chain.data;
        call.cmd.data_len = ram->chain.len;
    }
    call.out = wr_init(card->work, sizeof(card->work) - 2);
    sw = run(&call, &found);
    return answer_of(&call, sw, card->work, answer);
}

static uint16_t answer_to(struct softcard *card, struct softcard_ram *ram, struct rd in,
                          struct wr *answer)
{
    const struct apdu nothing = { 0 };
    struct apdu cmd;
    bool extended = false;
    unsigned no_extended = 0;
    uint16_t sw;

    if (!apdu_parse(in, &cmd, &extended)) {
        tell_before(ram, &nothing);
        return SW_WRONG_LENGTH;
    }
    if (extended && !image_number(card->image, IMAGE_NO_EXTENDED, &no_extended))
        return SW_MUTE;
    sw = extended && no_extended != 0 ? SW_WRONG_LENGTH : class_ok(cmd.cla);
    if (sw != SW_OK) {
        tell_before(ram, &nothing);
        return sw;
    }
    if (cmd.ins == INS_GET_RESPONSE) {
        drop_chain(ram);
        tell_before(ram, &cmd);
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

static bool factory(struct image *image)
{
    unsigned on;
    bool ok = image_number(image, IMAGE_APPLICATIONS, &on);

    for (size_t i = 0; i < application_count && ok; i++)
        if ((applications[i]->on & on) != 0 && applications[i]->factory != NULL)
            ok = applications[i]->factory(image);
    return ok;
}

enum softcard_result softcard_create(const char *path, const struct softcard_options *options)
{
    return image_create(path, options, factory);
}

enum softcard_result softcard_seal(struct softcard *card)
{
    if (!image_begin(card->image, IMAGE_WRITES))
        return SOFTCARD_IO;
    if (seal_image(card->image) && image_commit(card->image))
        return SOFTCARD_OK;
    image_rollback(card->image);
    return SOFTCARD_IO;
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

static void forget_roles(struct softcard_ram *ram)
{
    const struct application *app = chip_selected(ram);

    ram->global_pin_ok = 0;
    if (app != NULL && app->forget != NULL)
        app->forget(ram);
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
        forget_roles(ram);
        return SOFTCARD_IO;
    }
    wr_u16be(&answer, sw);
    *out_len = wr_len(&answer);
    return SOFTCARD_OK;
}
