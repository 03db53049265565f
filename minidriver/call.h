/* SPDX-License-Identifier: MIT */
/*
 * What every entry point begins and ends with.
 *
 *     DWORD WINAPI CardXxx(PCARD_DATA pCardData, ...)
 *     {
 *         struct md_call m;
 *         DWORD rc = md_enter(&m, pCardData);                          CMR.x.E1
 *
 *         if (rc != SCARD_S_SUCCESS)
 *             return rc;                                               nothing is held
 *         REQUIRE(pbData != NULL, SCARD_E_INVALID_PARAMETER, "CMR.x.E2");
 *         ...
 *         return md_leave(&m, m.edge->ops->verb(m.edge, ...));
 *     }
 *
 * Checks stand in the order in which the certification document prints them, one line each, with
 * the requirement's number; "inferred" where the document has none. Facts of the card (md_has_...)
 * are fetched when first asked for. Where such a fact stands before a plain check in print, it is
 * still the first to be named, but an exchange is spent on it only where the call is going to fail:
 * md_may below.
 */
#ifndef CARDMINT_MINIDRIVER_CALL_H
#define CARDMINT_MINIDRIVER_CALL_H

#include "cardmint/cardmod.h"
#include "edge/edge.h"
#include "pcsc/pcsc.h"

struct agreement; /* agreement.h */

/* A context: CARD_DATA.pvVendorSpecific. From the caller's pfnCspAlloc, in one block with *pcsc. */
struct md_context {
    struct pcsc *pcsc; /* behind this struct */
    struct pcsc_channel channel;
    struct edge edge;
    struct agreement *agreements; /* the one thing kept from call to call */
    unsigned selections;          /* of the edge, when they were last known to be alive */
};

/* One call. Nothing of it outlives the call. */
struct md_call {
    PCARD_DATA data;
    struct md_context *context;
    struct edge *edge;
    DWORD failed;               /* a fact could not be had: this is why, and what is returned */
    struct edge_file *files;    /* the table of files, once asked for */
    size_t file_count;
    bool has_files;
    struct edge_container *containers; /* once asked for; profile.containers_max of them */
};

/* SCARD_E_INVALID_PARAMETER for a NULL pCardData (the first check of every function), or one that
 * no context was acquired for (inferred). */
DWORD md_enter(struct md_call *m, PCARD_DATA data);

/* Releases what the call fetched. Returns rc, or what hindered the call from finding out a fact. */
DWORD md_leave(struct md_call *m, DWORD rc);

/* The only macro that hides a return. */
#define REQUIRE(condition, code, id)        \
    do {                                    \
        if (!(condition))                   \
            return md_leave(&m, (code));    \
    } while (0)

/* ---- memory of the caller -------------------------------------------------------------------- */

void *md_alloc(struct md_call *m, size_t len);   /* NULL: out of memory */
void md_free(struct md_call *m, void *block);    /* NULL is welcome */
void md_wipe_free(struct md_call *m, void *block, size_t len);

/* ---- facts of the card ----------------------------------------------------------------------- */

/* What the card is, whole: asked of it when first needed in a context. Never NULL; when it cannot be
 * had m->failed is set, and what is returned is what was known before. Roles and containers_max are
 * known without asking (edge.h, describe). */
const struct profile *md_profile(struct md_call *m);

/* The table of files; NULL and m->failed set when it cannot be had. With no files: count 0. */
const struct edge_file *md_files(struct md_call *m);

/* dir NULL: root. Names as the caller gave them; false also when m->failed. */
bool md_has_dir(struct md_call *m, const char *dir);
const struct edge_file *md_find_dir(struct md_call *m, const char *dir);
const struct edge_file *md_find_file(struct md_call *m, const char *dir, const char *name);

/* What container `index` holds; NULL when it is empty, out of range, or m->failed. */
const struct edge_container *md_container(struct md_call *m, BYTE index);

/* Its key of that specification, or NULL. */
const struct edge_key *md_key(const struct edge_container *container, DWORD spec);

/* Is one of the roles in `set` authenticated? Asks the card. */
bool md_is_any(struct md_call *m, PIN_SET set);

/* For a right that the card enforces itself but that print names before other checks: `sound` says
 * that those others hold. Then the card will answer in the verb; otherwise it is asked now, so that
 * the error printed first is the one returned. */
bool md_may(struct md_call *m, bool sound, PIN_SET set);

#define MD_USER  CREATE_PIN_SET(ROLE_USER)
#define MD_ADMIN CREATE_PIN_SET(ROLE_ADMIN)

#endif
