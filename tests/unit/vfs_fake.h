/* SPDX-License-Identifier: MIT */
/* An edge without files, for vfs: what the "card" holds is memory here, and any of its answers can
 * be made to fail. */
#ifndef CARDMINT_TESTS_UNIT_VFS_FAKE_H
#define CARDMINT_TESTS_UNIT_VFS_FAKE_H

#include "edge/vfs.h"
#include "script.h"

#define CERT      0u /* places: mscp\kxc00 */
#define ROOTS     1u /* mscp\msroots, which the card cannot take away */
#define ELSEWHERE 2u /* other\thing */
#define PLACES    3u
#define BOXES     4u /* containers */

#define USER  (1u << EDGE_USER)
#define ADMIN (1u << EDGE_ADMIN)

struct bytes {
    uint8_t data[VFS_FILE_MAX + 1];
    size_t len; /* 0: nothing */
};

/* The card, as all contexts see it. */
struct fake_card {
    struct bytes places[PLACES], parts[VFS_PARTS];
    struct vfs_label labels[BOXES];
    struct edge_container boxes[BOXES];
    bool holds;       /* parts */
    bool holds_label; /* labels can be written */
    bool refuses_put; /* SCARD_E_UNSUPPORTED_FEATURE */
    size_t room;      /* bytes of all parts together, old and new beside each other; 0: no end */
    uint8_t roles;
    unsigned answers; /* of the source, so far */
    unsigned fail_at; /* this one fails (1: the first); 0: none */
    DWORD fail_with;
};

extern struct fake_card card;

/* A context on it. */
struct fake_context {
    struct edge e;
    struct vfs vfs;
};

/* An empty card that holds parts, the user and the admin authenticated; boxes 0 (RSA-2048, exchange)
 * and 2 (P-256, signature) have keys. */
void card_reset(void);
void context_open(struct fake_context *c, struct caller *caller);
void context_close(struct fake_context *c);

/* By name through the table, as the core does. NULL when it is not listed. */
const struct edge_file *look(struct fake_context *c, const char *dir, const char *name);

DWORD make(struct fake_context *c, const char *dir, const char *name, uint8_t ac);
DWORD put(struct fake_context *c, const char *dir, const char *name, const void *data, size_t len);
DWORD drop(struct fake_context *c, const char *dir, const char *name);

/* Reads into `got`. */
DWORD get(struct fake_context *c, const char *dir, const char *name);
extern struct bytes got;

/* Fails the test unless the file has just this content. */
void assert_file(struct fake_context *c, const char *dir, const char *name, const void *data,
                 size_t len);

#endif
