/* SPDX-License-Identifier: MIT */
/* Tests of chapters 2.1 and 2.2, by the file they are in. */
#ifndef CARDMINT_KIT_ROWS_GENERAL_H
#define CARDMINT_KIT_ROWS_GENERAL_H

#include "kit/kit.h"

/* general_file.c: what can be read off the module's file */
test_fn general_exports, general_one_library, general_size;
/* general_manners.c: what the module does to the process, and by which way to the card */
test_fn general_no_backdoor, general_no_ui, general_resource_manager, general_card_data,
    general_no_privileges, general_other_modules;
/* general_keys.c */
test_fn general_card_computes, general_card_keeps_keys;
/* general_many.c */
test_fn general_two_cards, general_processes;
/* general_names.c */
test_fn general_names, general_two_levels, general_case, general_ansi;
/* general_access.c */
test_fn general_access;
/* general_memory.c, general_callbacks.c */
test_fn general_allocation, general_alloc_fails, general_reallocation, general_realloc_fails,
    general_freeing, general_cache, general_padding;

#endif
