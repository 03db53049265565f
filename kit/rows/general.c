/* SPDX-License-Identifier: MIT */
/* 2.1 and 2.2: what holds for the module as a whole. */
#include "kit/rows/general.h"

#include "kit/bench/bench.h"
#include "kit/groups.h"

static const struct requirement untested[] = {
    { .id = "CMR.1.0.0", .words = "a card of format ID-1 is tested in a reader that is certified "
                                  "itself; look at the reader's listing" },
    ROW("CMR.1.0.1", "nothing is exported but CardAcquireContext and what Windows asks of a DLL",
        general_exports),
    ROW("CMR.1.0.2", "no Trojan, no backdoor: no function opens files for writing or logs, "
                     "network, programs or shared memory, nor prints the PIN",
        general_no_backdoor),
    ROW("CMR.1.0.3", "no user interface: no library for one is loaded, nothing printed, no program "
                     "started", general_no_ui),
    ROW("CMR.1.0.4", "cryptography happens on the card: without it no key signs, decrypts, agrees "
                     "or is made", general_card_computes),
    ROW("CMR.1.0.5", "keys are on the card: another process finds a key there and uses it, and it "
                     "leaves nothing on this machine", general_card_keeps_keys),
    ROW("CMR.1.0.6", "the card is reached through the resource manager, by the caller's handle",
        general_resource_manager),
    ROW("CMR.1.0.7", "of CARD_DATA no function but CardAcquireContext changes anything, save "
                     "pvVendorSpecific", general_card_data, .versions = KIT_V4_TO_V7),
    { .id = "CMR.1.0.8", .words = "a module for several kinds of card meets all of this with each: "
                                  "run the kit with one card of each kind" },
};

static const struct requirement installation[] = {
    ROW("CMR.1.1.1", "the module is one dynamic library, and needs none from its own folder",
        general_one_library),
    ROW("CMR.1.1.2", "its file has at most 2 MB", general_size),
    ROW("CMR.1.1.3", "what works with an administrator's privileges works without them",
        general_no_privileges),
    ROW("CMR.1.1.5", "another module in the same process goes on as before, and the process's own "
                     "state stays", general_other_modules),
    ROW("CMR.1.1.6", "two cards are used at once, each as if alone", general_two_cards),
    ROW("CMR.1.1.7", "several processes use the card in turn, each as if alone", general_processes),
};

static const struct requirement file_system[] = {
    ROW("CMR.1.2.1", "names of 1 to 8 characters, none of \\ / : * ? \" < > | nor codes 1 to 31",
        general_names),
    ROW("CMR.1.2.2", "two levels: the root, and directories in it", general_two_levels),
    ROW("CMR.1.2.3", "a name is the same in letters of any case", general_case),
    ROW("CMR.1.2.4", "access conditions hold: who reads, writes and deletes", general_access,
        .versions = KIT_V(5) | KIT_V(7)),
};

static const struct requirement conventions[] = {
    ROW("CMR.1.3.1", "names in and out are single-byte ANSI", general_ansi),
    ROW("CMR.1.3.4", "memory comes from pfnCspAlloc and pfnCspReAlloc alone, inside too",
        general_allocation, .versions = KIT_V(5) | KIT_V(7)),
};

static const struct requirement memory[] = {
    ROW("CMR.1.4.1", "pfnCspAlloc fails, at any of its calls: an error, nothing leaks, and all "
                     "works afterwards", general_alloc_fails),
    ROW("CMR.1.4.2", "blocks grow by pfnCspReAlloc alone, and are blocks of pfnCspAlloc",
        general_reallocation),
    ROW("CMR.1.4.3", "pfnCspReAlloc fails: an error, nothing leaks, and all works afterwards",
        general_realloc_fails),
    ROW("CMR.1.4.4", "blocks of pfnCspAlloc are freed by pfnCspFree, once", general_freeing),
};

static const struct requirement optional[] = {
    ROW("CMR.1.5.1", "a cache file on the card; what comes out of the caller's cache is what the "
                     "card has", general_cache, .optional = true),
    ROW("CMR.1.5.2", "padding that the card does not do is done by pfnCspPadData", general_padding,
        .optional = true),
};

static const struct section sections[] = {
    { "2.1", "", KIT_GENERAL, NULL, untested, ARRAY(untested) },
    { "2.2.1", "", KIT_GENERAL, NULL, installation, ARRAY(installation) },
    { "2.2.1.1", "", KIT_GENERAL, NULL, file_system, ARRAY(file_system) },
    { "2.2.2", "", KIT_GENERAL, NULL, conventions, ARRAY(conventions) },
    { "2.2.3", "", KIT_GENERAL, NULL, memory, ARRAY(memory) },
    { "2.2.4", "", KIT_GENERAL, NULL, optional, ARRAY(optional) },
};

const struct group general_rows = { sections, ARRAY(sections) };
