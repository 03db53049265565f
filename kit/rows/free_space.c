/* SPDX-License-Identifier: MIT */
/* 2.3.4.9: CardQueryFreeSpace. */
#include "kit/rows/free_space.h"
#include "kit/bench/fixture_keys.h"

#include <string.h>

#define INVALID SCARD_E_INVALID_PARAMETER
#define UNKNOWN CARD_DATA_VALUE_UNKNOWN

/* ---- functional ------------------------------------------------------------------------------ */

/* Asked over what lay there before. */
static DWORD ask(struct bench *b, DWORD version, CARD_FREE_SPACE_INFO *ret)
{
    memset(ret, 0xA5, sizeof(*ret));
    ret->dwVersion = version;
    return CALL(b, QueryFreeSpace, &b->data, 0, ret);
}

static CARD_FREE_SPACE_INFO need_space(struct bench *b)
{
    CARD_FREE_SPACE_INFO info;

    NEED(b->run, ask(b, CARD_FREE_SPACE_INFO_CURRENT_VERSION, &info));
    return info;
}

static void check_plausible(struct run *r, const CARD_FREE_SPACE_INFO *info)
{
    const DWORD free = info->dwKeyContainersAvailable, most = info->dwMaxKeyContainers;

    CHECK(r, info->dwVersion == 1, "version %u of the structure comes back",
          (unsigned)info->dwVersion);
    CHECK(r, info->dwBytesAvailable <= 0x40000000 || info->dwBytesAvailable == UNKNOWN,
          "%u bytes", (unsigned)info->dwBytesAvailable);
    CHECK(r, most <= 256 || most == UNKNOWN, "%u containers at most", (unsigned)most);
    CHECK(r, free == UNKNOWN || free <= 256, "%u containers free", (unsigned)free);
    CHECK(r, free == UNKNOWN || most == UNKNOWN || free <= most, "%u containers free, of %u",
          (unsigned)free, (unsigned)most);
    run_saw(r, "%d bytes, %d of %d containers (-1: not known)", (int)info->dwBytesAvailable,
            (int)free, (int)most);
}

/* Another file, of that size. */
static DWORD write_more(struct bench *b, unsigned n, DWORD size)
{
    static const BYTE zeros[1u << 16];
    const char *name = fill_name(n);
    DWORD rc;

    own_file(b, NULL, name, NULL, 0);
    rc = put_file(b, NULL, name, zeros, size < sizeof(zeros) ? size : sizeof(zeros));
    run_note(b->run, "%u bytes more: %s", (unsigned)size, kit_code(rc));
    return rc;
}

/* Approximations are permitted, and a number that is only "at least": then as much as it tells goes
 * in, again and again. Else it is less, when something is written. */
static void check_bytes(struct bench *b)
{
    const DWORD before = need_space(b).dwBytesAvailable;
    const DWORD sizes[] = { 4000, before / 2, before / 2, before / 2, before / 2 };
    DWORD after = before, rc = SCARD_S_SUCCESS;

    if (before == UNKNOWN || before < 8000) {
        run_note(b->run, "no bytes told, or few");
        return;
    }
    be_user(b);
    for (unsigned n = 0; n < ARRAY(sizes) && after >= before && rc == SCARD_S_SUCCESS; n++) {
        rc = write_more(b, n, sizes[n]);
        after = need_space(b).dwBytesAvailable;
    }
    empty_card(b);
    CHECK(b->run, after < before || rc != SCARD_E_WRITE_TOO_MANY,
          "%u bytes free, whatever is written, but half of them find no room", (unsigned)after);
    NEED(b->run, rc);
    run_saw(b->run, after < before ? "%u bytes with files more" : "%u bytes, at least",
            (unsigned)after);
}

static void check_containers(struct bench *b)
{
    const CARD_FREE_SPACE_INFO before = need_space(b);
    const BYTE index = scratch_index(b);
    const DWORD spec = any_spec(b);
    CARD_FREE_SPACE_INFO after;

    if (before.dwKeyContainersAvailable == UNKNOWN || spec == 0 || index == 0xFF)
        return;
    CHECK(b->run, before.dwKeyContainersAvailable != 0 || is_read_only(b),
          "no container is free, but %u is empty", (unsigned)index);
    be_user(b);
    if (put_key(b, index, spec, spec_bits(b, spec)) != SCARD_S_SUCCESS) {
        run_note(b->run, "no key can be put into container %u", (unsigned)index);
        return;
    }
    after = need_space(b);
    NEED(b->run, drop_container(b, index));
    CHECK(b->run, after.dwKeyContainersAvailable < before.dwKeyContainersAvailable,
          "%u containers free, and %u with one more taken",
          (unsigned)before.dwKeyContainersAvailable, (unsigned)after.dwKeyContainersAvailable);
}

static void tells_space(struct run *r)
{
    CARD_FREE_SPACE_INFO info;
    struct bench b;

    bench_open(r, &b);
    choose_place(&b);
    info = need_space(&b);
    check_plausible(r, &info);
    if (is_read_only(&b)) {
        CHECK(r, info.dwBytesAvailable == 0 && info.dwKeyContainersAvailable == 0,
              "a card that is only read has %u bytes and %u containers free",
              (unsigned)info.dwBytesAvailable, (unsigned)info.dwKeyContainersAvailable);
        return;
    }
    check_bytes(&b);
    check_containers(&b);
}

static void space_returns_0(struct run *r)
{
    CARD_FREE_SPACE_INFO info;
    struct bench b;

    bench_open(r, &b);
    for (enum role role = NOBODY; role < roles_end(&b); role++) {
        become(&b, role);
        EXPECT(r, ask(&b, 1, &info), SCARD_S_SUCCESS);
    }
}

static void takes_version_0(struct run *r)
{
    CARD_FREE_SPACE_INFO zero, one;
    struct bench b;

    bench_open(r, &b);
    one = need_space(&b);
    EXPECT(r, ask(&b, 0, &zero), SCARD_S_SUCCESS);
    CHECK(r, zero.dwVersion == 1, "version %u comes back for version 0", (unsigned)zero.dwVersion);
    CHECK(r, memcmp(&zero, &one, sizeof(one)) == 0, "other numbers for version 0 than for 1");
}

const struct requirement free_space[3] = {
    ROW("CMR.3.4.9.1", "the room there is; it changes with what is on the card", tells_space),
    ROW("CMR.3.4.9.2", "0 on success", space_returns_0, .versions = KIT_V4_TO_V7),
    ROW("CMR.3.4.9.3", "version 0 of CARD_FREE_SPACE_INFO is version 1", takes_version_0,
        .versions = KIT_V(4) | KIT_V(5) | KIT_V(7)),
};

/* ---- errors ---------------------------------------------------------------------------------- */

static DWORD call_space(struct args *a)
{
    return CALL(a->b, QueryFreeSpace, a->data, a->flags, a->info);
}

static void good_space(struct args *a)
{
    a->box.space.dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION;
}

const struct subject free_space_subject = { .call = call_space, .good = good_space };

const struct requirement free_space_errors[4] = {
    ERROR_ROW("CMR.3.4.9.E1", "pCardData NULL", CODES(INVALID), NO_DATA),
    ERROR_ROW("CMR.3.4.9.E2", "pCardFreeSpaceInfo NULL", CODES(INVALID), NO_INFO),
    { .id = "CMR.3.4.9.E3", .test = each_flag, .faults = { FLAGS }, .codes = { INVALID },
      .versions = KIT_V(4) | KIT_V(5) | KIT_V(7), .words = "dwFlags not 0, each bit" },
    { .id = "CMR.3.4.9.E4", .test = each_version, .faults = { VERSION_HIGH },
      .codes = { ERROR_REVISION_MISMATCH },
      .words = "a version of the structure that there is not" },
};
