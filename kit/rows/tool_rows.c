/* SPDX-License-Identifier: MIT */
/* Steps of the closed tool that no row of the document has, or that go further than one; and its
 * calls with its own arguments, at every version. The names behind "T." are its own. */
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
                    "CardDeleteContext", tool_traced_memory, .versions = KIT_V(5) | KIT_V(7)),
    ROW("T.OutOfMem", "no memory, at any request: SCARD_E_NO_MEMORY and nothing else",
        tool_out_of_memory, .versions = KIT_V(7)),
    ROW("T.NoMemoryLeaks", "contexts come and go, and memory stays the same", tool_no_leaks,
        .versions = KIT_V(7)),
    ROW("T.Reconnect", "a context goes on after the caller has reset the card and connected anew",
        tool_reconnect),
};

#define STEPS(id_, words_, test_) ROW(id_, words_, test_, .versions = KIT_V4_TO_V7)
#define SINCE_6 (KIT_V(6) | KIT_V(7))

static const struct requirement steps[] = {
    ROW("T.SanityTest.1", "the list of PINs has the user, and the admin if there is a key",
        step_pins, .versions = SINCE_6),
    ROW("T.SanityTest.2", "a card that is read-only, or gives no challenges, says so in each "
                          "function that it lacks", step_lacking, .versions = KIT_V(6)),
    STEPS("T.CardAcquireContext.Negative", "flags, versions, ATRs, callbacks and handle that are "
                                           "wrong", step_acquire_badly),
    STEPS("T.CardDeleteContext.Negative", "pCardData NULL ends no context; the context itself can "
                                          "be deleted afterwards", step_delete_badly),
    STEPS("T.CardAuthenticatePin.Negative", "the right PIN is right straight after each wrong one: "
                                            "wrong in a place, too short, too long, of 1 byte",
          step_pin_badly),
    STEPS("T.CardReadFile.Positive", "anybody reads cardid, of 16 bytes, and cardcf",
          step_read_well),
    STEPS("T.CardReadFile.Negative", "what is not there: directory or file, though the other has "
                                     "that name; flags FF", step_read_badly),
    STEPS("T.CardGetFileInfo.Positive", "cardapps has the size that it is said to have",
          step_info_well),
    STEPS("T.CardGetFileInfo.Negative", "what is not there; version 2 of the structure",
          step_info_badly),
    STEPS("T.CardEnumFiles.Positive", "the root has cardapps, mscp has cmapfile", step_list_well),
    STEPS("T.CardEnumFiles.Negative", "pointers NULL, what is not there, flags FF",
          step_list_badly),
    STEPS("T.CardQueryFreeSpace.Negative", "flags FF, versions 2 and FF", step_space_badly),
    STEPS("T.CardQueryCapabilities.Negative", "versions 2 and 257", step_abilities_badly),
    STEPS("T.CardGetContainerInfo.Negative", "an empty container, container 255, flags, versions 2 "
                                             "and 257", step_container_badly),
    ROW("T.CardSignData.Positive", "each hash, told by number in either version of the structure, "
                                   "or by name: in all ways or in none", step_sign_well),
    STEPS("T.CardSignData.Negative", "version 65538, key specification 65538, flags FFFFFFFF, "
                                     "hashes that are none", step_sign_badly),
    STEPS("T.CardQueryKeySizes.Negative", "kinds of key that the card lacks; versions 2 and 65537",
          step_sizes_badly),
    STEPS("T.FileName", "mscp and cmapfile are found in letters of any case, and listed",
          step_names),
};

static const struct section sections[] = {
    { "T.1", "", KIT_GENERAL, NULL, installation, ARRAY(installation) },
    { "T.2", "", KIT_FUNCTIONAL, NULL, uses, ARRAY(uses) },
    { "T.3", "", KIT_FUNCTIONAL, NULL, steps, ARRAY(steps) },
};

const struct group tool_rows = { sections, ARRAY(sections) };
