/* SPDX-License-Identifier: MIT */
/* Which cards a certification runs on, and that they are as before afterwards. */
#ifndef CARDMINT_CLI_CERTIFY_H
#define CARDMINT_CLI_CERTIFY_H

#include "cli/cli.h"
#include "kit/kit.h"

/* What a fresh card is. */
struct certify_profile {
    const char *name;
    enum softcard_applications applications;
    bool read_only; /* nothing can be written: there are keys with certificates on it */
};

/* NULL: the first; unknown: NULL. */
const struct certify_profile *certify_profile_find(const char *name);

struct certify_cards {
    const struct certify_profile *profile; /* of fresh cards */
    struct kit_config config; /* certify_cards_clear */
    char home[64];            /* made for this run, with all that is in it; "": none */
    char names[KIT_CARDS_MAX][SOFTCARD_NAME_MAX]; /* software cards; "": none */
    bool inserted[KIT_CARDS_MAX]; /* by us: ejected afterwards */
};

/* From the command line and the kit's configuration file. Makes nothing yet. */
enum exit_code certify_cards_choose(const struct cli *cli, struct certify_cards *ret);
void certify_cards_clear(struct certify_cards *cards);

/* Makes the nth of the fresh cards, inserted. */
enum exit_code certify_fresh_make(const struct certify_cards *cards, size_t n);
/* All are made: those that are only to be read get the kit's files too, and are closed. Of a PIV card
 * the admin key is forgotten: who has it may write. */
enum exit_code certify_fresh_close(struct certify_cards *cards);

/* Runs `work` in a process of its own, on cards that are ready, and tidies up behind it, also when
 * it was ended by a signal. Its exit code. */
typedef enum exit_code certify_work(const struct cli *cli, const struct certify_cards *cards);
enum exit_code certify_cards_use(const struct cli *cli, struct certify_cards *cards,
                                 certify_work *work);

#endif
