/* SPDX-License-Identifier: MIT */
/*
 * A card that is nothing but the answers of its edge: what no GIDS card has (directories of the
 * admin, two keys in a container, a free space that is known), and any verb failing when told to.
 * Takes the places of edge/ and pcsc/ in a program that has the driver linked in.
 */
#ifndef CARDMINT_TESTS_CARD_FAKE_EDGE_H
#define CARDMINT_TESTS_CARD_FAKE_EDGE_H

#include "edge/edge.h"

enum verb {
    TABLE, READ, WRITE, CREATE, REMOVE, SPACE, ROLES, VERIFY, LOGOUT, CHALLENGE, RESPOND,
    CHANGE, CHANGE_KEY, UNBLOCK, CONTAINERS, GENERATE, IMPORT, ERASE, PUBLIC_KEY, SIGN, DECRYPT,
    AGREE, DESCRIBE, CLOSE, VERBS
};

#define FAKE_FILES      8u
#define FAKE_CONTAINERS 3u

struct fake {
    struct profile profile;
    bool lazy;                   /* recognising the card tells this much; ... */
    struct profile whole;        /* ... describing it the rest */
    uint8_t roles;               /* authenticated now */
    struct edge_file files[FAKE_FILES];
    const char *content[FAKE_FILES];
    size_t file_count;
    bool has_fixed;              /* cardid is looked for at a fixed place, and is not there */
    uint32_t free_bytes;
    struct edge_container containers[FAKE_CONTAINERS];
    uint32_t reserved;           /* by the last file made */
    enum edge_role role;         /* of the last PIN shown, changed or unblocked */
    unsigned tries;              /* as the last new PIN asked for */
    size_t off;                  /* signatures are that much too short, plaintexts too long */
    enum verb failing;           /* VERBS: none */
    DWORD fails_with;
    unsigned fails_at;           /* which call of it; 0: each */
    unsigned asked[VERBS];       /* calls since fake_reset */
};

extern struct fake fake;

/* A writable card, nobody authenticated: \cardid; \secret of the admin; the user's directory
 * "mine" with "one" in it, the admin's "theirs"; container 0 with an RSA key in each slot,
 * container 1 with one of a curve. */
void fake_reset(void);

#endif
