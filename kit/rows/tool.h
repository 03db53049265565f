/* SPDX-License-Identifier: MIT */
/* Tests of tool_rows.c, by the file they are in. */
#ifndef CARDMINT_KIT_ROWS_TOOL_H
#define CARDMINT_KIT_ROWS_TOOL_H

#include "kit/kit.h"

/* tool_install.c */
test_fn tool_hash, tool_inf, tool_registration, tool_reset_atr, tool_entry_points;
/* tool_random.c */
test_fn tool_challenge_size, tool_challenge_randomness, tool_new_challenges, tool_new_keys;
/* tool_memory.c */
test_fn tool_traced_memory, tool_out_of_memory, tool_no_leaks;
/* tool_files.c */
test_fn tool_directory_transaction, tool_file_transaction, tool_roles;
/* tool_steps.c, tool_steps_keys.c: calls with its arguments */
test_fn step_acquire_badly, step_delete_badly, step_pin_badly, step_read_badly, step_info_badly,
    step_list_badly, step_space_badly, step_abilities_badly, step_sizes_badly;
test_fn step_container_badly, step_sign_badly, step_sign_well;
/* tool_content.c */
test_fn step_read_well, step_info_well, step_list_well, step_names, step_pins, step_lacking;
/* tool_many.c */
test_fn tool_simultaneous, tool_two_cards, tool_threads, tool_reconnect;

#endif
