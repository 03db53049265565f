/* SPDX-License-Identifier: MIT */
/* The GIDS application: its name, its commands, and what its state of life allows. */
#include "softcard/gids.h"

#define INS_GENERAL_AUTHENTICATE 0x87u
#define INS_SELECT 0xA4u
#define INS_DELETE 0xE4u
#define INS_GET_DATA 0xCBu
#define INS_TERMINATE 0xE6u

const uint8_t gids_aid[11] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x02, 0x01 };

/* The commands of GIDS 2.0 and of ISO/IEC 7816-4 that this card has. Checks run in the order class,
 * instruction, life cycle, then in the handler P1P2, data, existence, rule. */
static const struct command commands[] = {
    { 0xE0, false, IMAGE_WRITES, false, gids_create               }, /* CREATE FILE, 7816-9 */
    { 0x44, false, IMAGE_WRITES, false, gids_activate             }, /* ACTIVATE FILE, 7816-9 */
    { 0xE4, false, IMAGE_WRITES, false, gids_delete               }, /* DELETE FILE, 7816-9 */
    { 0xE6, false, IMAGE_WRITES, false, gids_terminate            }, /* TERMINATE DF, 7816-9 */
    { 0xCB, false, IMAGE_READS,  false, gids_get_data             }, /* GET DATA, 7816-4 11.5 */
    { 0xDB, true,  IMAGE_WRITES, false, gids_put_data             }, /* PUT DATA, 7816-4 11.5 */
    { 0x47, false, IMAGE_WRITES, false, gids_generate             }, /* GENERATE KEY PAIR */
    { 0x22, true,  IMAGE_READS,  false, gids_mse                  }, /* MANAGE SECURITY ENV. */
    { 0x2A, true,  IMAGE_READS,  false, gids_pso                  }, /* PERFORM SECURITY OP. */
    { 0x87, true,  IMAGE_READS,  false, gids_general_authenticate }, /* GENERAL AUTHENTICATE */
    { 0x20, true,  IMAGE_WRITES, true,  gids_verify               }, /* VERIFY, 7816-4 11.6.6 */
    { 0x24, true,  IMAGE_WRITES, false, gids_change               }, /* CHANGE REFERENCE DATA */
    { 0x2C, true,  IMAGE_WRITES, false, gids_reset_retry          }, /* RESET RETRY COUNTER */
};

static uint16_t admit(struct call *call, const struct command *command)
{
    if (!image_number(call->image, IMAGE_LIFE_CYCLE, &call->life_cycle))
        return SW_MUTE;
    if (call->life_cycle < LCS_TERMINATED || command->ins == INS_GET_DATA)
        return SW_OK;
    return command->ins == INS_TERMINATE ? SW_TERMINATED : SW_CONDITIONS;
}

static void before(struct softcard_ram *ram, const struct apdu *cmd)
{
    struct gids_ram *own = gids_own(ram);

    if (cmd->ins != INS_GENERAL_AUTHENTICATE)
        own->challenge = CHALLENGE_NONE;
    if (cmd->ins != INS_SELECT && cmd->ins != INS_DELETE)
        own->file_just_selected = 0;
}

const struct application gids_application = {
    .on = SOFTCARD_GIDS, .aid = gids_aid, .aid_len = sizeof(gids_aid), .aid_least = 5, .next = true,
    .select = gids_select, .select_file = gids_select_file, .commands = commands,
    .command_count = sizeof(commands) / sizeof(commands[0]), .unselected = SW_NO_CURRENT_EF,
    .admit = admit, .before = before, .forget = gids_forget_roles,
};
