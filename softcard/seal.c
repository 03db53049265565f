/* SPDX-License-Identifier: MIT */
/* A card that is only read. */
#include "softcard/gids.h"
#include "softcard/piv.h"

#define NEVER      0xFFu
#define PRINTED    0x5FC109u /* printed information: the key, by Yubico's convention */
#define ADMIN_DATA 0x5FFF00u /* says that it is there */

/* What writes, by access mode bit: the object or key itself (02), GENERATE (08, key files alone), and
 * the file's going (40). */
#define WRITES (AM_PUT | AM_GENERATE | AM_DELETE_SELF)

/* Sets the conditions of those bits; the rest of the rule stays as it is. */
static void forbid(struct image_file *file)
{
    size_t at = 0;

    while (at < file->rule_len) {
        uint8_t modes = file->rule[at++];

        for (uint8_t b = 0x40; b != 0 && at < file->rule_len; b >>= 1) {
            if ((modes & b) == 0)
                continue;
            if ((b & WRITES) != 0)
                file->rule[at] = NEVER;
            at++;
        }
    }
}

static bool seal_files(struct image *image)
{
    struct image_file file = { .fid = 0 };
    bool found = true;

    while (found) {
        if (!image_next_file(image, file.fid, &found, &file))
            return false;
        if (!found || gids_is_admin_key(&file)) /* whose holder may still replace it */
            continue;
        forbid(&file);
        if (!image_set_rule(image, &file))
            return false;
    }
    return true;
}

/* PIV: only who has the admin key writes, and it is nowhere on the card to be read. */
static bool hide_admin_key(struct image *image)
{
    return image_remove_object(image, IMAGE_PIV, PRINTED) &&
           image_remove_object(image, IMAGE_PIV, ADMIN_DATA);
}

bool seal_image(struct image *image)
{
    return seal_files(image) && hide_admin_key(image) && image_set_number(image, IMAGE_SEALED, 1);
}
