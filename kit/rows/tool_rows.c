/* SPDX-License-Identifier: MIT */
/* Steps of the closed tool that no row of the document has, or that go further than one. The names
 * behind "T." are its own. */
#include "kit/bench/bench.h"
#include "kit/rows/general.h"
#include "kit/groups.h"
#include "kit/rows/tool.h"

static const struct requirement installation[] = {
    ROW("T.HashCM", "the file that is hashed is the one that runs; its hash is in the log",
        tool_hash),
    ROW("T.InstCheckINF", "the INF file is of class SmartCard, names the card's device and has a "
                          "DefaultInstall section for each platform", tool_inf),
    ROW("T.ResetATR", "the card has the same ATR after a reset, and the module takes it",
        tool_reset_atr),
    ROW("T.InstRegistration", "the INF file registers module and card: ATR and mask fit, provider "
                              "names are right", tool_registration),
    ROW("T.InstMaxSize", "the module's file has at most 2 MB", general_size),
};

static const struct requirement uses[] = {
    ROW("T.DeleteDirectoryTransaction", "a directory deleted in one transaction is gone in the "
                                        "next, for every context", tool_directory_transaction),
    ROW("T.DeleteFileTransaction", "a file deleted in one transaction is gone in the next, for "
                                   "every context", tool_file_transaction),
    ROW("T.ChallengeSize", "challenges have the admin key's block size, or a multiple, always the "
                           "same", tool_challenge_size),
    ROW("T.ChallengeRandomness", "challenges look random", tool_challenge_randomness),
    ROW("T.NonRepeatingChallenge", "of many challenges none comes twice, before and after a reset",
        tool_new_challenges),
    ROW("T.NonRepeatingKeys", "of several keys made none comes twice", tool_new_keys),
    ROW("T.EntryPoints", "CardAcquireContext is found by its name; registration functions "
                         "come as a pair or not at all", tool_entry_points),
    ROW("T.RoleRestrictions", "what one role may, another may not", tool_roles),
    ROW("T.SimultaneousUse", "two processes use the card for a while", tool_simultaneous),
    ROW("T.SupportMultiple", "threads use two cards for a while", tool_two_cards),
    ROW("T.MultiThreaded", "threads use the card, each with a context of its own", tool_threads),
    ROW("T.CspMem", "every block is made, changed and freed by the callbacks; none is left after "
                    "CardDeleteContext", tool_traced_memory),
    ROW("T.OutOfMem", "no memory, at any request: SCARD_E_NO_MEMORY and nothing else",
        tool_out_of_memory, .versions = KIT_V(7)),
    ROW("T.NoMemoryLeaks", "contexts come and go, and memory stays the same", tool_no_leaks,
        .versions = KIT_V(7)),
    ROW("T.Reconnect", "a context goes on after the caller has reset the card and connected anew",
        tool_reconnect),
};

static const struct section sections[] = {
    { "T.1", "", KIT_GENERAL, NULL, installation, ARRAY(installation) },
    { "T.2", "", KIT_FUNCTIONAL, NULL, uses, ARRAY(uses) },
};

const struct group tool_rows = { sections, ARRAY(sections) };
