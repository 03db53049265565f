/* SPDX-License-Identifier: MIT */
/* Selection, the life of files, and the access rules. GIDS 2.0, file management. */
#include "softcard/gids_space.h"

#include <string.h>

/* Rule of the application, that of Microsoft's profile: creating and deleting files by PIN or admin
 * key. It has no bit for TERMINATE DF, so nobody may once the card is in use. */
static const uint8_t application_rules[2][3] = { { 0x03, 0x30, 0x30 },
                                                 { 0x03, 0xFF, 0xFF } }; /* sealed */
#define RULE_LEN sizeof(application_rules[0])

/* The one that is in force; NULL: the image cannot be read. */
static const uint8_t *application_rule(const struct call *call)
{
    unsigned sealed;

    return image_number(call->image, IMAGE_SEALED, &sealed) ? application_rules[sealed != 0] : NULL;
}

/* ---- access rules, attribute 8C (7816-4 5.4.3.1, compact) ------------------------------------ */

static bool condition_holds(const struct gids_ram *ram, uint8_t scb)
{
    bool admin = (scb & 0x20) != 0, user = (scb & 0x10) != 0;

    if (scb == 0x00)
        return true;
    if (scb == 0xFF || (scb & 0x40) != 0 || (scb & 0x0F) > 1) /* RFU, or not over this interface */
        return false;
    if ((scb & 0x80) != 0)
        return (!admin || ram->admin_ok) && (!user || ram->pin_ok) && (admin || user);
    return (admin && ram->admin_ok) || (user && ram->pin_ok);
}

/* What a rule says to a command: nothing, when its bit is in no group. */
enum verdict { RULE_SILENT, RULE_REFUSES, RULE_ALLOWS };

/* Groups of access mode byte and one condition a bit, highest bit first; groups are
 * alternatives. */
static enum verdict rule_says(const struct gids_ram *ram, const uint8_t *rule, size_t len,
                              uint8_t bit)
{
    struct rd r = rd_init(rule, len);
    enum verdict says = RULE_SILENT;

    while (rd_left(&r) != 0) {
        uint8_t modes = rd_u8(&r);

        for (uint8_t b = 0x40; b != 0; b >>= 1) {
            uint8_t scb;

            if ((modes & b) == 0)
                continue;
            scb = rd_u8(&r);
            if (b != bit)
                continue;
            if (!r.bad && condition_holds(ram, scb))
                return RULE_ALLOWS;
            says = RULE_REFUSES;
        }
    }
    return says;
}

/* Are rules looked at? Not while card or file is being made. */
static bool rules_sleep(const struct call *call, const struct image_file *file)
{
    return call->life_cycle < LCS_ACTIVATED || file->life_cycle < LCS_DEACTIVATED;
}

bool gids_allowed(const struct call *call, const struct image_file *file, uint8_t bit)
{
    return rules_sleep(call, file) ||
           rule_says(gids_of(call), file->rule, file->rule_len, bit) == RULE_ALLOWS;
}

bool gids_allowed_application(const struct call *call, uint8_t bit)
{
    const uint8_t *rule = application_rule(call);

    return rule != NULL && (call->life_cycle < LCS_ACTIVATED ||
                            rule_says(gids_of(call), rule, RULE_LEN, bit) == RULE_ALLOWS);
}

/* ---- control reference templates of a key file ----------------------------------------------- */

bool gids_crt_has(const struct image_file *file, uint32_t tag, uint8_t alg)
{
    struct rd list = rd_init(file->crts, file->crts_len);
    struct tlv crt;

    while (tlv_next(&list, &crt)) {
        struct rd value = tlv_find(&crt.value, 0x80);

        if (crt.tag == tag && rd_left(&value) == 1 && value.at[0] == alg)
            return true;
    }
    return false;
}

bool gids_is_admin_key(const struct image_file *file)
{
    struct rd list = rd_init(file->crts, file->crts_len);
    struct tlv crt;

    while (tlv_next(&list, &crt)) {
        struct rd usage = tlv_find(&crt.value, 0x95);

        if (crt.tag == 0xA4 && rd_left(&usage) == 1 && (usage.at[0] & 0x80) != 0)
            return true;
    }
    return false;
}

/* Every template has one algorithm, and all name the same key (tags 83 and 84 are both in use).
 * That key need not be the file's own: OpenSC writes 83 into every file of a key for signatures. It
 * is the file's identifier that counts when a key is used. */
static bool crts_ok(const struct image_file *file)
{
    struct rd list = rd_init(file->crts, file->crts_len);
    struct tlv crt;
    uint8_t same = 0;
    unsigned n = 0;

    while (tlv_next(&list, &crt)) {
        struct rd alg = tlv_find(&crt.value, 0x80);
        struct rd ref = tlv_find(&crt.value, 0x83);

        if (ref.bad)
            ref = tlv_find(&crt.value, 0x84);
        if ((crt.tag != 0xA4 && crt.tag != 0xB6 && crt.tag != 0xB8) || rd_left(&alg) != 1 ||
            rd_left(&ref) != 1 || (n != 0 && ref.at[0] != same))
            return false;
        same = ref.at[0];
        n++;
    }
    return !list.bad && n != 0;
}

/* ---- SELECT, GIDS 2.0 / 7816-4 11.2.2 -------------------------------------------------------- */

uint16_t gids_find(struct call *call, uint16_t fid, struct image_file *ret)
{
    bool found;

    if (!image_file(call->image, fid, &found, ret))
        return SW_MUTE;
    return found ? SW_OK : SW_NOT_FOUND;
}

/* A sealed card says so here, where a driver looks first (docs/card-extensions.md, section 10). */
static void put_fci(struct wr *w, const uint8_t *rule)
{
    size_t fci = tlv_open(w, 0x61), discretionary;

    tlv_put(w, 0x4F, gids_aid, sizeof(gids_aid));
    discretionary = tlv_open(w, 0x73);
    tlv_put_u8(w, 0x40, 0xC0); /* mutual and external authentication by a symmetric key */
    tlv_close(w, 0x73, discretionary);
    if (rule == application_rules[1])
        tlv_put(w, 0x8C, rule, RULE_LEN);
    tlv_close(w, 0x61, fci);
}

static void put_application_fcp(struct wr *w, const uint8_t *rule)
{
    size_t fcp = tlv_open(w, 0x62);

    tlv_put_u8(w, 0x82, 0x38);
    tlv_put(w, 0x8C, rule, RULE_LEN);
    tlv_close(w, 0x62, fcp);
}

static void put_fmd(struct wr *w)
{
    static const uint8_t pin_policy = 0x60; /* application PIN, also as global PIN */
    size_t fmd = tlv_open(w, 0x64), caps;

    tlv_put(w, 0x5F2F, &pin_policy, 1);
    caps = tlv_open(w, 0x7F65);
    tlv_put(w, 0x80, NULL, 0);
    tlv_close(w, 0x7F65, caps);
    tlv_close(w, 0x64, fmd);
}

static void put_file_fcp(struct wr *w, const struct image_file *file)
{
    size_t fcp = tlv_open(w, 0x62);
    uint8_t fid[2] = { (uint8_t)(file->fid >> 8), (uint8_t)file->fid };

    tlv_put_u8(w, 0x82, file->kind);
    tlv_put(w, 0x83, fid, sizeof(fid));
    tlv_put_u8(w, 0x8A, file->life_cycle);
    tlv_put(w, 0x8C, file->rule, file->rule_len);
    if (file->kind == FILE_KEY)
        tlv_put(w, 0xA5, file->crts, file->crts_len);
    tlv_close(w, 0x62, fcp);
}

/* What P2 asks for, of the application. */
static uint16_t application_answer(struct call *call)
{
    const uint8_t *rule = application_rule(call);

    if (rule == NULL)
        return SW_MUTE;
    switch (call->cmd.p2 & 0x0C) {
    case 0x00:
        put_fci(&call->out, rule);
        break;
    case 0x04:
        put_application_fcp(&call->out, rule);
        break;
    case 0x08:
        put_fmd(&call->out);
        break;
    default:
        break;
    }
    return call->life_cycle >= LCS_TERMINATED ? SW_TERMINATED : SW_OK;
}

static uint16_t file_answer(struct call *call, const struct image_file *file)
{
    size_t fmd;

    switch (call->cmd.p2 & 0x0C) {
    case 0x00: /* FCI and FCP are the same for files */
    case 0x04:
        put_file_fcp(&call->out, file);
        break;
    case 0x08:
        fmd = tlv_open(&call->out, 0x64);
        tlv_close(&call->out, 0x64, fmd);
        break;
    default:
        break;
    }
    return SW_OK;
}

uint16_t gids_select(struct call *call)
{
    if (!image_number(call->image, IMAGE_LIFE_CYCLE, &call->life_cycle))
        return SW_MUTE;
    gids_of(call)->current = FID_CURRENT;
    gids_of(call)->file_just_selected = 0;
    return application_answer(call);
}

static uint16_t select_next(struct call *call, struct image_file *file)
{
    bool found;

    if (!image_next_file(call->image, (call->cmd.p2 & 0x02) != 0 ? gids_of(call)->current : 0, &found,
                         file))
        return SW_MUTE;
    return found ? SW_OK : SW_NOT_FOUND;
}

uint16_t gids_select_file(struct call *call)
{
    struct image_file file = { .fid = gids_of(call)->current };
    uint16_t sw;

    if (!image_number(call->image, IMAGE_LIFE_CYCLE, &call->life_cycle))
        return SW_MUTE;
    if (call->cmd.data_len == 2)
        file.fid = (uint16_t)(call->cmd.data[0] << 8 | call->cmd.data[1]);
    else if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (call->cmd.data_len == 2 && file.fid == FID_APPLICATION) {
        gids_of(call)->current = FID_CURRENT;
        gids_of(call)->file_just_selected = 0;
        return application_answer(call);
    }
    if (call->cmd.data_len == 2 && file.fid == FID_CURRENT)
        file.fid = gids_of(call)->current;
    sw = call->cmd.data_len == 0 ? select_next(call, &file) : gids_find(call, file.fid, &file);
    if (sw != SW_OK)
        return sw;
    gids_of(call)->current = file.fid;
    gids_of(call)->file_just_selected = 1;
    return file_answer(call, &file);
}

/* ---- CREATE, ACTIVATE, DELETE, TERMINATE ----------------------------------------------------- */

static bool reserved_fid(uint16_t fid)
{
    return fid == FID_CURRENT || fid == FID_DIR || fid == FID_ATR || fid == FID_MF ||
           fid == FID_APPLICATION || fid == 0xFFFF;
}

/* FCP template of CREATE FILE into *file. */
static uint16_t parse_fcp(struct rd data, struct image_file *file)
{
    struct rd fcp = tlv_enter(&data, 0x62);
    struct rd kind = tlv_find(&fcp, 0x82), fid = tlv_find(&fcp, 0x83);
    struct rd rule = tlv_find(&fcp, 0x8C), crts = tlv_find(&fcp, 0xA5);

    if (!rd_done(&data) || rd_left(&kind) != 1 || rd_left(&fid) != 2 || rule.bad)
        return SW_WRONG_DATA;
    file->kind = rd_u8(&kind);
    file->fid = rd_u16be(&fid);
    file->rule_len = rd_left(&rule);
    file->crts_len = crts.bad ? 0 : rd_left(&crts);
    if (file->rule_len == 0 || file->rule_len > IMAGE_RULE_MAX || file->crts_len > IMAGE_CRTS_MAX)
        return SW_WRONG_DATA;
    rd_copy(&rule, file->rule, file->rule_len);
    rd_copy(&crts, file->crts, file->crts_len);
    if (reserved_fid(file->fid))
        return SW_WRONG_DATA;
    if (file->kind == FILE_KEY)
        return crts_ok(file) ? SW_OK : SW_WRONG_DATA;
    return file->kind == FILE_OBJECTS && file->crts_len == 0 ? SW_OK : SW_WRONG_DATA;
}

uint16_t gids_create(struct call *call)
{
    struct image_file file = { .life_cycle = LCS_INITIALISATION }, old;
    unsigned files;
    uint16_t sw;

    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    sw = parse_fcp(rd_init(call->cmd.data, call->cmd.data_len), &file);
    if (sw != SW_OK)
        return sw;
    if (!gids_allowed_application(call, AM_CREATE))
        return SW_SECURITY_STATUS;
    /* An admin key may not be made by the user alone [GIDS 2.0, access rules of key files]. */
    if (call->life_cycle >= LCS_ACTIVATED && gids_is_admin_key(&file) && !gids_of(call)->admin_ok)
        return SW_SECURITY_STATUS;
    sw = gids_find(call, file.fid, &old);
    if (sw != SW_NOT_FOUND)
        return sw == SW_OK ? SW_FILE_EXISTS : sw;
    if (!image_count_files(call->image, &files))
        return SW_MUTE;
    if (files >= FILES_MAX)
        return SW_NO_SPACE;
    if (!image_add_file(call->image, &file))
        return SW_MUTE;
    gids_of(call)->current = file.fid;
    return SW_OK;
}

/* A repeated activation changes nothing. */
static uint16_t activate_file(struct call *call)
{
    struct image_file file;
    uint16_t sw = gids_find(call, gids_of(call)->current, &file);

    if (sw != SW_OK)
        return sw;
    if (file.life_cycle >= LCS_ACTIVATED)
        return SW_OK;
    return image_set_life_cycle(call->image, file.fid, LCS_ACTIVATED) ? SW_OK : SW_MUTE;
}

uint16_t gids_activate(struct call *call)
{
    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (gids_of(call)->current != FID_CURRENT)
        return activate_file(call);
    if (call->life_cycle < LCS_ACTIVATED &&
        !image_set_number(call->image, IMAGE_LIFE_CYCLE, LCS_ACTIVATED))
        return SW_MUTE;
    return SW_OK;
}

/* The application's rule, and the file's own if that says anything about deleting it: GIDS 2.0 has
 * the first only, with which the user might take the admin's files away. */
static bool may_delete(const struct call *call, const struct image_file *file)
{
    return gids_allowed_application(call, AM_DELETE) &&
           (rules_sleep(call, file) ||
            rule_says(gids_of(call), file->rule, file->rule_len, AM_DELETE_SELF) != RULE_REFUSES);
}

uint16_t gids_delete(struct call *call)
{
    struct image_file file;
    bool just_selected = gids_of(call)->file_just_selected != 0;
    uint16_t sw;

    gids_of(call)->file_just_selected = 0;
    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (gids_of(call)->current == FID_CURRENT || !just_selected)
        return SW_NO_CURRENT_EF; /* the command before must have selected it */
    sw = gids_find(call, gids_of(call)->current, &file);
    if (sw != SW_OK)
        return sw;
    if (!may_delete(call, &file))
        return SW_SECURITY_STATUS;
    if (!image_remove_file(call->image, file.fid))
        return SW_MUTE;
    gids_of(call)->current = FID_CURRENT;
    return SW_OK;
}

uint16_t gids_terminate(struct call *call)
{
    if (call->cmd.p1 != 0 || call->cmd.p2 != 0)
        return SW_WRONG_P1P2;
    if (call->cmd.data_len != 0)
        return SW_WRONG_LENGTH;
    if (!gids_allowed_application(call, AM_TERMINATE))
        return SW_SECURITY_STATUS;
    return image_set_number(call->image, IMAGE_LIFE_CYCLE, LCS_TERMINATED) ? SW_OK : SW_MUTE;
}
