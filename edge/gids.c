/* SPDX-License-Identifier: MIT */
/* The GIDS card as a whole, and the table of its verbs. */
#include "edge/gids_internal.h"

/* GIDS has no list of what a card is able to: what it lacks (most cards: EC) it refuses when
 * asked. */
static const struct profile gids_profile = {
    .generates = true,
    .imports = true,
    .containers_max = GIDS_CONTAINERS,
    .pins = {
        [EDGE_USER] = { EDGE_SECRET_PIN, GIDS_PIN_MIN, GIDS_PIN_MAX, 1u << EDGE_USER,
                        1u << EDGE_ADMIN, EDGE_PURPOSE_PRIMARY, false },
        [EDGE_ADMIN] = { EDGE_SECRET_KEY, GIDS_RESPONSE_MIN, GIDS_RESPONSE_MAX, 1u << EDGE_ADMIN,
                         0, EDGE_PURPOSE_ADMIN, false },
    },
    .keys = {
        [SPEC_RSA_EXCHANGE] = { 1024, 2048, 4096, 1024 },
        [SPEC_RSA_SIGNATURE] = { 1024, 2048, 4096, 1024 },
        [SPEC_ECDSA_P256] = { 256, 256, 256, 1 },
        [SPEC_ECDSA_P384] = { 384, 384, 384, 1 },
        [SPEC_ECDSA_P521] = { 521, 521, 521, 1 },
        [SPEC_ECDHE_P256] = { 256, 256, 256, 1 },
        [SPEC_ECDHE_P384] = { 384, 384, 384, 1 },
        [SPEC_ECDHE_P521] = { 521, 521, 521, 1 },
    },
};

static DWORD gids_probe(struct edge *e, struct profile *profile)
{
    bool read_only = false;
    DWORD rc = gids_select_and_see(e, &read_only);

    if (rc != SCARD_S_SUCCESS)
        return rc;
    e->card.extended = false;
    e->link_known = false;
    *profile = gids_profile;
    profile->read_only = read_only;
    return SCARD_S_SUCCESS;
}

const struct edge_ops edge_gids = {
    .name = "gids",
    .probe = gids_probe,
    .table = gids_files_table,
    .read = gids_files_read,
    .fixed = gids_files_fixed,
    .write = gids_files_write,
    .create = gids_files_create,
    .remove = gids_files_remove,
    .free_space = gids_free_space,
    .roles = gids_roles,
    .verify = gids_pin_verify,
    .logout = gids_logout,
    .challenge = gids_challenge,
    .respond = gids_respond,
    .change = gids_pin_change,
    .change_key = gids_change_key,
    .unblock = gids_unblock,
    .containers = gids_containers,
    .generate = gids_keys_generate,
    .import = gids_keys_import,
    .erase = gids_keys_erase,
    .public_key = gids_public_key,
    .sign = gids_sign,
    .decrypt = gids_decrypt,
    .agree = gids_agree,
};
