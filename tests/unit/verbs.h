/* SPDX-License-Identifier: MIT */
/*
 * Rows of verbs of an edge: the exact commands, how many exchanges, what comes out. Each row
 * is played as it stands, then with the transport failing at each exchange, with each allocation
 * failing, and with another application selected at the start.
 */
#ifndef CARDMINT_TESTS_UNIT_VERBS_H
#define CARDMINT_TESTS_UNIT_VERBS_H

#include "script.h"
#include "vectors.h"

struct args {
    struct edge_key key; /* of verbs that use one */
    unsigned role;       /* 0: the user */
    unsigned index;
    uint8_t spec;
    uint32_t bits;
    enum edge_padding padding;
    const char *in;      /* data; the old secret, or what proves the right to a new one */
    const char *fresh;   /* the new secret */
    unsigned tries;
    struct edge_file file;
    uint32_t reserve;
};

struct result {
    uint8_t data[1200];
    size_t len;
    uint32_t left;
};

typedef DWORD run_fn(struct edge *e, const struct args *a, struct result *r);

run_fn run_probe, run_table, run_read, run_write, run_create, run_remove, run_space;
run_fn run_roles, run_verify, run_logout, run_challenge, run_respond;
run_fn run_change, run_change_key, run_unblock;
run_fn run_containers, run_listed, run_generate, run_import, run_erase;
run_fn run_public, run_sign, run_decrypt, run_agree;

#define LEFT_UNKNOWN 0xFFFFFFFFu

struct item {
    const char *tag, *hex;
};

struct row {
    const char *name;
    bool piv;
    void (*prepare)(struct edge *e);       /* what is known at the start */
    struct item cached[5], cached_after[3]; /* PIV: in the cache */
    run_fn *run;
    unsigned exchanges;
    struct args args;
    const char *dialogue;
    const char *keymap, *table, *admin_table; /* in the cache at the start */
    const char *out;                          /* what comes out */
    DWORD rc;
    const uint32_t *left;                     /* tries left that are told; NULL: not looked at */
    unsigned tidying;                         /* last exchanges whose failure is nobody's concern */
    bool extended;                            /* the card is known to take extended APDUs */
    bool stays;                               /* is not repeated when another one is selected */
    enum edge_answer space;                   /* what is known of the card at the start */
    enum edge_answer space_after;             /* and at the end; NOT_ASKED: not looked at */
    const char *keymap_after, *table_after, *admin_table_after; /* in the cache at the end */
};

/* Plays them in all four ways. */
int verbs_play(const char *name, const struct row *rows, size_t count);

#endif
