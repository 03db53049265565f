/* SPDX-License-Identifier: MIT */
/*
 * What can be broken, as tables: one line a mutation, in the order of the requirements. $MUTATION
 * names one: the first id of its line, a slash, its word ("CMR.3.4.3.E1/accepted"). A mutation
 * knows the arguments, the answers and what was called before in this process - never which test
 * is running.
 */
#ifndef CARDMINT_TESTS_KIT_MUTATION_H
#define CARDMINT_TESTS_KIT_MUTATION_H

#include "call.h"

struct mutation;
typedef bool when_fn(const struct call *c);
typedef DWORD what_fn(struct call *c, const struct mutation *m);

struct mutation {
    const char *ids;    /* requirements that must fail, with blanks between */
    const char *word;   /* what is wrong */
    enum function function;
    when_fn *when, *and; /* before the call; NULL: always */
    what_fn *what;      /* makes the call, or not; NULL: see `file` */
    DWORD a, b;         /* what `what` needs */
    const char *also;   /* requirements that may fail as well, or their beginnings; "*": any */
    const char *reason; /* why those; or, without `what`: why no module can break this */
    const char *file;   /* not the module's calls, but its file: what mutants.py does with it */
};

#define ARRAY(a) (sizeof(a) / sizeof((a)[0]))

/* One line of a table; behind `when` comes what it does, and .also. */
#define BREAK(ids_, word_, function_, when_, ...) \
    { .ids = ids_, .word = word_, .function = fn_##function_, .when = when_, __VA_ARGS__ }
/* Both must be so: of two errors, the later one's code. */
#define BOTH(ids_, word_, function_, when_, and_, ...) \
    { .ids = ids_, .word = word_, .function = fn_##function_, .when = when_, .and = and_, \
      __VA_ARGS__ }
#define BREAK_FILE(ids_, word_, how_, ...) \
    { .ids = ids_, .word = word_, .function = fn_none, .file = how_, __VA_ARGS__ }
#define CANNOT_BREAK(ids_, reason_) { .ids = ids_, .word = "", .function = fn_none, \
                                      .reason = reason_ }
#define MAY_SPREAD(also_, reason_) .also = also_, .reason = reason_

struct table {
    const struct mutation *lines;
    size_t count;
};
extern const struct table general_table, rules_table, context_table, authentication_table,
    pin_table, directory_table, read_table, write_table, listing_table, container_table,
    decrypt_table, agreement_table, sign_table, sequence_table, kit_table, steps_table,
    later_table;
const struct table *mutation_table(size_t n); /* in order; NULL behind the last */
void mutation_name(const struct mutation *m, char name[96]);

/* ---- what: makes the call and spoils what it did --------------------------------------------- */

#define ANSWERS(code)      .what = what_answer, .a = (code) /* without a call */
#define CRASHES            .what = what_crash
#define FAILS(code)        .what = what_fail, .a = (code)   /* done, but says so */
#define RECODES(from, to)  .what = what_recode, .a = (from), .b = (to)
#define SLOW(ms)           .what = what_slow, .a = (ms), .b = 1 /* by the clock, each call */
#define SLOW_ONCE_IN_TEN(ms)   .what = what_slow, .a = (ms), .b = 10
#define SLOW_ONCE_IN_THREE(ms) .what = what_slow, .a = (ms), .b = 3
#define DOES(what_)        .what = what_
what_fn what_answer, what_crash, what_fail, what_recode, what_slow;
/* The block that is the result: not by the callback, a bit turned, one byte more or less than it
 * has (in truth, or by the length alone), none. */
what_fn what_foreign_block, what_turn_bit, what_turn_first_bit, what_len_more, what_len_less,
    what_len_claimed, what_len_kept;
/* dwVersion of the structure: 0 refused; not written. */
what_fn what_refuse_version_0, what_keep_version;
/* Tries: one more than there are; not written. */
what_fn what_more_tries, what_tries_kept;
/* A block of the caller's memory: not freed, freed twice; one that is not freed by the callback. */
what_fn what_leak, what_free_twice, what_free_foreign;
/* The argument: changed before the call. */
what_fn what_flags_to_zero;
/* One process at a time. */
what_fn what_lock_others_out;
/* A file is read once, and then from the module's own memory. */
what_fn what_read_once;

/* ---- when ------------------------------------------------------------------------------------ */

/* when.c: the arguments. */
when_fn no_data, has_data, no_user, other_user, for_user, for_admin, no_in, in_empty, in_endless,
    in_short, no_out, no_out_len, no_info, no_left, has_left, flags, no_fresh, fresh_empty,
    fresh_short, fresh_long, tries_set, tries_high, version_0, version_high, version_low, at_6,
    at_7;
when_fn no_name, no_name_at_all, long_name, odd_name, eight_letters, capitals;
when_fn no_dir, in_a_dir, empty_dir, long_dir, odd_dir;
when_fn bad_dir_ac, ac_zero, ac_not_zero, size_huge, spec_bad, spec_curve, spec_rsa;

/* when_card.c: what is on the card, who is authenticated, what was called before. */
when_fn missing_dir, dir_there, missing_file, file_there, name_is_file, index_empty;
when_fn as_nobody, as_user, as_admin;
when_fn after_challenge, not_after_challenge, response_used;

/* ---- helps ----------------------------------------------------------------------------------- */

/* Who is authenticated on the card, asked of the real module in a context of its own. */
PIN_SET who(const struct call *c);
/* The result's block and its length, wherever the function puts them; false: there is none. */
struct block {
    PBYTE *at;
    PDWORD len;
};
bool result_of(const struct call *c, struct block *ret);
/* Adds to the kit's clock ($CARDMINT_KIT_CLOCK). */
void clock_add(unsigned ms);

/* ---- what is remembered (memory.c) ----------------------------------------------------------- */

#define SECRET_MAX 256u

void remember(const struct call *c);           /* after each call */
enum function last_function(PCARD_DATA data);  /* before this one; fn_none */
DWORD challenge_len(PCARD_DATA data);          /* of the last one; 0 */
bool was_accepted(const BYTE *response, DWORD len);
DWORD right_pin(BYTE pin[SECRET_MAX]);         /* the last one shown with success; 0: not known */
unsigned calls_of(enum function function);     /* with success, in this process */
unsigned contexts_alive(void);
/* The context that lives since longest, not this one; NULL. */
PCARD_DATA another_context(PCARD_DATA data);

#endif
