/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

static const WCHAR user_name[] = wszCARD_USER_USER, everyone_name[] = wszCARD_USER_EVERYONE;

#define HUGE_FILE 400000u /* more than any card holds */
static BYTE huge[HUGE_FILE];
static BCryptBufferDesc bad_list = { 99, 0, NULL };

/* The base point of P-256 as a peer's public key. */
const BYTE fault_peer[FAULT_PEER_LEN] =
    "ECK1\x20\0\0\0"
    "\x6B\x17\xD1\xF2\xE1\x2C\x42\x47\xF8\xBC\xE6\xE5\x63\xA4\x40\xF2"
    "\x77\x03\x7D\x81\x2D\xEB\x33\xA0\xF4\xA1\x39\x45\xD8\x98\xC2\x96"
    "\x4F\xE3\x42\xE2\xFE\x1A\x7F\x9B\x8E\xE7\xEB\x4A\x7C\x0F\x9E\x16"
    "\x2B\xCE\x33\x57\x6B\x31\x5E\xCE\xCB\xB6\x40\x68\x37\xBF\x51\xF5";

void agree_for_faults(struct desk *d)
{
    BYTE peer[FAULT_PEER_LEN];
    CARD_DH_AGREEMENT_INFO info = { .dwVersion = CARD_DH_AGREEMENT_INFO_VERSION,
                                    .bContainerIndex = 3, .dwPublicKey = sizeof(peer),
                                    .pbPublicKey = peer };

    memcpy(peer, fault_peer, sizeof(peer));
    assert_rc(d->data.pfnCardConstructDHAgreement(&d->data, &info), SCARD_S_SUCCESS);
    assert_int_equal(info.bSecretAgreementIndex, 0);
}

void card_for_faults(struct desk *d)
{
    CARD_DATA *c = &d->data;

    be_admin(d);
    assert_rc(c->pfnCardCreateDirectory(c, str("dir"), UserCreateDeleteDirAc), SCARD_S_SUCCESS);
    assert_rc(c->pfnCardCreateDirectory(c, str("empty"), UserCreateDeleteDirAc), SCARD_S_SUCCESS);
    assert_rc(create_file(d, "dir", "open", EveryoneReadUserWriteAc), SCARD_S_SUCCESS);
    assert_rc(create_file(d, NULL, "cardid", EveryoneReadAdminWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_file(d, NULL, "cardid", "0123456789abcdef", 16), SCARD_S_SUCCESS);
    assert_rc(create_file(d, NULL, "secret", AdminReadWriteAc), SCARD_S_SUCCESS);
    assert_rc(write_file(d, NULL, "secret", "xyz", 3), SCARD_S_SUCCESS);
    be_user(d);
    assert_rc(write_file(d, "dir", "open", "hello", 5), SCARD_S_SUCCESS);
    assert_rc(c->pfnCardCreateContainer(c, 0, CARD_CREATE_CONTAINER_KEY_GEN, AT_SIGNATURE, 1024,
                                        NULL), SCARD_S_SUCCESS);
    assert_rc(c->pfnCardCreateContainer(c, 1, CARD_CREATE_CONTAINER_KEY_GEN, AT_KEYEXCHANGE, 1024,
                                        NULL), SCARD_S_SUCCESS);
    assert_rc(c->pfnCardCreateContainer(c, 3, CARD_CREATE_CONTAINER_KEY_GEN, AT_ECDHE_P256, 0,
                                        NULL), SCARD_S_SUCCESS);
    agree_for_faults(d);
}

void good_args(struct args *a, struct desk *d, const struct function *f)
{
    memset(a, 0, sizeof(*a));
    a->d = d;
    a->role = USER;
    a->data = &d->data;
    a->user = wide(user_name);
    memcpy(a->bytes, PIN, PIN_LEN);
    a->in = a->bytes;
    a->in_len = PIN_LEN;
    a->dir = str("dir");
    a->name = str("open");
    a->ac = EveryoneReadUserWriteAc;
    a->pin = ROLE_USER;
    a->out = &a->out_block;
    a->out_len = &a->out_count;
    a->info = &a->box;
    a->spec = AT_SIGNATURE;
    if (f->adjust != NULL)
        f->adjust(a);
}

static void spoil_input(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_IN:
        a->in = NULL;
        a->box.sign.pbData = a->info != NULL && a->box.version == 1 ? NULL : a->box.sign.pbData;
        break;
    case IN_EMPTY:
        a->in_len = 0;
        break;
    case IN_SHORT:
        a->in_len = 3;
        break;
    case IN_LONG:
        a->in_len = 200;
        break;
    case IN_WRONG:
        a->bytes[0] ^= 0x55;
        break;
    default: /* IN_HUGE */
        a->in = a->in != NULL ? huge : NULL;
        a->in_len = sizeof(huge);
        break;
    }
}

static void spoil_name(struct args *a, enum fault fault)
{
    static const struct {
        enum fault fault;
        const char *name;
    } names[] = {
        { NO_NAME, NULL },         { EMPTY_NAME, "" },       { LONG_NAME, "ninechars" },
        { ODD_NAME, "a*b" },       { MISSING_NAME, "none" }, { TAKEN_BY_FILE, "cardid" },
        { TAKEN_BY_DIR, "empty" }, { FULL_DIR, "dir" },
    };

    for (size_t i = 0; i < ARRAY(names); i++)
        if (names[i].fault == fault)
            a->name = str(names[i].name);
}

static void spoil_dir(struct args *a, enum fault fault)
{
    a->dir = str(fault == EMPTY_DIR  ? ""
                 : fault == LONG_DIR ? "ninechars"
                 : fault == ODD_DIR  ? "a?b"
                 : fault == NO_FILES ? "empty"
                                     : "nodir");
}

static void spoil_key(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_INDEX:
        a->index = 0xFF;
        break;
    case EMPTY_INDEX:
        a->index = 7;
        break;
    case BAD_SPEC:
        a->spec = 9;
        break;
    case OTHER_SPEC:
        a->spec = a->spec == AT_SIGNATURE ? AT_KEYEXCHANGE : AT_SIGNATURE;
        break;
    case BAD_BITS:
        a->bits = 1;
        break;
    case LACKING_BITS:
        a->bits = 1536;
        break;
    case NO_HASH:
        a->box.sign.aiHashAlg = CALG_RSA_SIGN;
        break;
    default: /* STRANGE_HASH: MD4 */
        a->box.sign.aiHashAlg = ALG_CLASS_HASH | 2;
        break;
    }
}

static void spoil_fresh(struct args *a, enum fault fault)
{
    if (fault == NO_FRESH)
        a->fresh = NULL;
    else if (fault == TRIES_HIGH)
        a->tries = 16;
    else
        a->fresh_len = fault == FRESH_SHORT ? 3 : 200;
}

static void spoil_common(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_DATA:
        a->data = NULL;
        break;
    case NO_USER:
        a->user = NULL;
        break;
    case OTHER_USER:
        a->user = wide(everyone_name);
        break;
    case NO_OUT:
        a->out = NULL;
        break;
    case NO_OUT_LEN:
        a->out_len = NULL;
        break;
    case NO_INFO:
        a->info = NULL;
        break;
    case VERSION_HIGH:
        a->box.version = 99;
        break;
    case FLAGS:
        a->flags |= 0x80;
        break;
    case BAD_AC:
        a->ac = 0xFF;
        break;
    case AC_ZERO:
        a->ac = 0;
        break;
    case SMALL_ROOM:
        a->room = 1;
        break;
    default: /* PIN_ID_HIGH */
        a->pin = 8;
        break;
    }
}

void spoil(struct args *a, enum fault fault)
{
    switch (fault) {
    case NO_IN: case IN_EMPTY: case IN_SHORT: case IN_LONG: case IN_WRONG: case IN_HUGE:
        spoil_input(a, fault);
        break;
    case NO_NAME: case EMPTY_NAME: case LONG_NAME: case ODD_NAME: case MISSING_NAME:
    case TAKEN_BY_FILE: case TAKEN_BY_DIR: case FULL_DIR:
        spoil_name(a, fault);
        break;
    case NO_FILES: case EMPTY_DIR: case LONG_DIR: case ODD_DIR: case MISSING_DIR:
        spoil_dir(a, fault);
        break;
    case UNREADABLE: case UNWRITABLE:
        a->dir = NULL;
        a->name = str(fault == UNREADABLE ? "secret" : "cardid");
        break;
    case AS_NOBODY: case AS_ADMIN:
        a->role = fault == AS_ADMIN ? ADMIN : NOBODY;
        break;
    case NO_FRESH: case FRESH_SHORT: case FRESH_LONG: case TRIES_HIGH:
        spoil_fresh(a, fault);
        break;
    case BAD_LIST:
        a->list = &bad_list;
        break;
    case RSA_INDEX:
        a->index = 1;
        break;
    case NO_CHALLENGE:
        (void)desk_send(a->d, "00CB3FFF045C027F7100");
        break;
    case NO_INDEX: case EMPTY_INDEX: case BAD_SPEC: case OTHER_SPEC:
    case BAD_BITS: case LACKING_BITS: case NO_HASH: case STRANGE_HASH:
        spoil_key(a, fault);
        break;
    default:
        spoil_common(a, fault);
        break;
    }
}
