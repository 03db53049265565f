/* SPDX-License-Identifier: MIT */
/* Which application is selected, and which command is meant. */
#include "softcard/chip.h"

#include "base/secret.h"

#include <string.h>

#define INS_SELECT 0xA4u

const struct application *chip_selected(const struct softcard_ram *ram)
{
    return ram->selected != 0 && ram->selected <= application_count
               ? applications[ram->selected - 1] : NULL;
}

/* A name may be cut short, and may ask for the next occurrence where there is but one. */
static bool is_meant(const struct application *app, const struct apdu *cmd)
{
    return (app->next || (cmd->p2 & 0x03) == 0) && cmd->data_len >= app->aid_least &&
           cmd->data_len <= app->aid_len && memcmp(cmd->data, app->aid, cmd->data_len) == 0;
}

/* With its selection an application loses what it had in RAM (7816-4 5.3.1); selected again, it
 * keeps that, except on cards that log out then. A name that is none's changes nothing. */
static uint16_t select_by_name(struct call *call)
{
    unsigned on, logs_out;
    uint8_t place = 0;

    if ((call->cmd.p2 & 0x03) != 0 && call->cmd.p2 != 0x02)
        return SW_WRONG_P1P2;
    if (!image_number(call->image, IMAGE_APPLICATIONS, &on) ||
        !image_number(call->image, IMAGE_RESELECT_LOGS_OUT, &logs_out))
        return SW_MUTE;
    while (place < application_count && ((applications[place]->on & on) == 0 ||
                                         !is_meant(applications[place], &call->cmd)))
        place++;
    if (place == application_count)
        return SW_NOT_FOUND;
    if (call->ram->selected != place + 1)
        wipe(&call->ram->own, sizeof(call->ram->own));
    else if (logs_out != 0 && applications[place]->forget != NULL)
        applications[place]->forget(call->ram);
    call->ram->selected = (uint8_t)(place + 1);
    return applications[place]->select(call);
}

/* SELECT, 7816-4 11.2.2: any application by its name, files where there are some. */
static uint16_t select_any(struct call *call)
{
    const struct application *app = chip_selected(call->ram);

    if ((call->cmd.p2 & 0xF0) != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.p1 == 0x04)
        return select_by_name(call);
    if (call->cmd.p1 != 0x00)
        return SW_WRONG_P1P2;
    return app != NULL && app->select_file != NULL ? app->select_file(call) : SW_NOT_FOUND;
}

static const struct command select_command = { INS_SELECT, false, IMAGE_READS, false, select_any };

static bool find_in(const struct application *app, uint8_t ins, struct found *ret)
{
    for (size_t i = 0; i < app->command_count; i++)
        if (app->commands[i].ins == ins) {
            *ret = (struct found){ app, &app->commands[i] };
            return true;
        }
    return false;
}

bool chip_find_command(struct image *image, const struct softcard_ram *ram, uint8_t ins,
                       struct found *ret)
{
    unsigned on;

    *ret = (struct found){ NULL, ins == INS_SELECT ? &select_command : NULL };
    if (ret->command != NULL)
        return true;
    if (chip_selected(ram) != NULL) {
        (void)find_in(chip_selected(ram), ins, ret);
        return true;
    }
    if (!image_number(image, IMAGE_APPLICATIONS, &on))
        return false;
    for (size_t i = 0; i < application_count; i++)
        if ((applications[i]->on & on) != 0 && applications[i]->unselected != 0 &&
            find_in(applications[i], ins, ret))
            break;
    return true;
}
