/* SPDX-License-Identifier: MIT */
/* Errors of 2.4.2: CardDeleteContainer and CardGetContainerInfo. */
#include "kit/rows/containers.h"

/* ---- CardDeleteContainer -------------------------------------------------------------------------------- */

static DWORD delete(struct args *a)
{
    return CALL(a->b, DeleteContainer, a->data, a->index, a->flags);
}

static void good_delete(struct args *a)
{
    a->index = empty_index(a->b);
}

static void prepare_delete(struct bench *b)
{
    (void)need_scratch(b);
}

const struct subject container_delete_subject = { .call = delete, .good = good_delete,
                                                  .prepare = prepare_delete };

static void delete_refuses_flags(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    (void)need_scratch(&b);
    for (DWORD bit = 1; bit != 0; bit <<= 1)
        EXPECT(r, CALL(&b, DeleteContainer, &b.data, empty_index(&b), bit),
               SCARD_E_INVALID_PARAMETER);
    bench_close(&b);
    error_row(r);
}

/* User and admin may. Of a container that is empty nobody may also hear, by CMR.4.2.2.2, that it is
 * gone. */
static void delete_needs_a_role(struct run *r)
{
    struct bench b;
    BYTE index;
    DWORD spec;

    bench_open(r, &b);
    index = need_scratch(&b);
    spec = any_spec(&b);
    for (unsigned role = 0; role < (has_admin(&b) ? 2 : 1); role++) {
        be_user(&b);
        NEED(r, put_key(&b, index, spec, spec_bits(&b, spec)));
        be_nobody(&b);
        EXPECT(r, drop_container(&b, index), SCARD_W_SECURITY_VIOLATION);
        EXPECT(r, drop_container(&b, empty_index(&b)), SCARD_W_SECURITY_VIOLATION,
               SCARD_S_SUCCESS);
        CHECK(r, shown_key(&b, index, spec).len != 0, "the key is gone all the same");
        if (role == 0)
            be_user(&b);
        else
            be_admin(&b);
        EXPECT(r, drop_container(&b, index), SCARD_S_SUCCESS);
    }
}

const struct requirement container_delete_errors[3] = {
    ERROR_ROW("CMR.4.2.2.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
    { .id = "CMR.4.2.2.E3", .test = delete_refuses_flags, .faults = { FLAGS },
      .codes = { SCARD_E_INVALID_PARAMETER }, .versions = KIT_V(4) | KIT_V(5),
      .words = "dwReserved not 0" },
    { .id = "CMR.4.2.2.E4", .test = delete_needs_a_role, .faults = { AS_NOBODY },
      .codes = { SCARD_W_SECURITY_VIOLATION }, .versions = KIT_V(5) | KIT_V(7),
      .words = "nobody authenticated; the key stays. User and admin may" },
};

/* ---- CardGetContainerInfo --------------------------------------------------------------------------------- */

static DWORD get_info(struct args *a)
{
    return CALL(a->b, GetContainerInfo, a->data, a->index, a->flags, a->info);
}

static void good_info(struct args *a)
{
    a->index = fixture_key(a->b, need_fixture_key(a->b));
    a->box.container.dwVersion = CONTAINER_INFO_CURRENT_VERSION;
}

const struct subject container_info_subject = { .call = get_info, .good = good_info };

/* Also the first index that the card says it has not. */
static void info_needs_a_container(struct run *r)
{
    CARD_FREE_SPACE_INFO space = { .dwVersion = CARD_FREE_SPACE_INFO_CURRENT_VERSION };
    struct bench b;

    bench_open(r, &b);
    if (CALL(&b, QueryFreeSpace, &b.data, 0, &space) == SCARD_S_SUCCESS &&
        space.dwMaxKeyContainers != 0 && space.dwMaxKeyContainers < 0xFF) {
        CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };

        EXPECT(r, CALL(&b, GetContainerInfo, &b.data, (BYTE)space.dwMaxKeyContainers, 0, &info),
               SCARD_E_NO_KEY_CONTAINER);
    }
    bench_close(&b);
    error_row(r);
}

static void info_refuses_flags(struct run *r)
{
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = fixture_key(&b, need_fixture_key(&b));
    for (DWORD bit = 1; bit != 0; bit <<= 1) {
        CONTAINER_INFO info = { .dwVersion = CONTAINER_INFO_CURRENT_VERSION };

        EXPECT(r, CALL(&b, GetContainerInfo, &b.data, index, bit, &info),
               SCARD_E_INVALID_PARAMETER);
    }
    bench_close(&b);
    error_row(r);
}

static void info_refuses_versions(struct run *r)
{
    static const DWORD versions[] = { 2, 257, 65537, 0xFFFFFFFF };
    struct bench b;
    BYTE index;

    bench_open(r, &b);
    index = fixture_key(&b, need_fixture_key(&b));
    for (size_t i = 0; i < ARRAY(versions); i++) {
        CONTAINER_INFO info = { .dwVersion = versions[i] };

        EXPECT(r, CALL(&b, GetContainerInfo, &b.data, index, 0, &info), ERROR_REVISION_MISMATCH);
    }
    bench_close(&b);
    error_row(r);
}

const struct requirement container_info_errors[5] = {
    ERROR_ROW("CMR.4.2.3.E1", "pCardData NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_DATA),
    ERROR_ROW("CMR.4.2.3.E2", "pContainerInfo NULL", CODES(SCARD_E_INVALID_PARAMETER), NO_INFO),
    { .id = "CMR.4.2.3.E3", .test = info_needs_a_container, .faults = { NO_INDEX, EMPTY_INDEX },
      .codes = { SCARD_E_NO_KEY_CONTAINER },
      .words = "a container that is empty, or beyond the last" },
    { .id = "CMR.4.2.3.E4", .test = info_refuses_flags, .faults = { FLAGS },
      .codes = { SCARD_E_INVALID_PARAMETER }, .words = "dwFlags not 0" },
    { .id = "CMR.4.2.3.E5", .test = info_refuses_versions, .faults = { VERSION_HIGH },
      .codes = { ERROR_REVISION_MISMATCH }, .versions = KIT_V(4) | KIT_V(5) | KIT_V(7),
      .words = "a version of CONTAINER_INFO that does not exist yet" },
};
