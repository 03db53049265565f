/* SPDX-License-Identifier: MIT */
/* Functions of version 7. Room for them: what every module of that version must have. */
#include "kit/bench/bench.h"
#include "kit/groups.h"

#include <stddef.h>

/* Entry points that version 7 brings; a module fills all of them, also those that only answer that
 * they are not supported. */
static const struct {
    const char *name;
    size_t at;
} slots[] = {
#define SLOT(name) { #name, offsetof(CARD_DATA, pfn##name) }
    SLOT(MDImportSessionKey),   SLOT(MDEncryptData),        SLOT(CardImportSessionKey),
    SLOT(CardGetSharedKeyHandle), SLOT(CardGetAlgorithmProperty), SLOT(CardGetKeyProperty),
    SLOT(CardSetKeyProperty),   SLOT(CardDestroyKey),       SLOT(CardProcessEncryptedData),
    SLOT(CardCreateContainerEx),
#undef SLOT
};

static void all_there(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    for (size_t i = 0; i < ARRAY(slots); i++) {
        void *const *slot = (void *const *)(const void *)((const char *)&b.data + slots[i].at);

        CHECK(r, *slot != NULL, "pfn%s is NULL", slots[i].name);
    }
}

static const struct requirement rows[] = {
    ROW("V7.1.1", "A module of version 7 has every entry point of version 7", all_there,
        .versions = KIT_V(7)),
};

static const struct section sections[] = { { "V7.1", "", KIT_FUNCTIONAL, NULL, rows, ARRAY(rows) } };

const struct group version_7_rows = { sections, ARRAY(sections) };
