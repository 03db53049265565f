/* SPDX-License-Identifier: MIT */
/* Roles of the GIDS edge, row by row: verbs.h. New PINs and keys, with docs/card-extensions.md. */
#include "verbs.h"

static const uint32_t none = 0, two = 2, unknown = LEFT_UNKNOWN;

#define PIN_OLD "3132333435363738"
#define PIN_NEW "383736353433"
#define VERIFY  "> 0020008008" PIN_OLD "\n"
#define CHANGE  "> 002400800E" PIN_OLD PIN_NEW "\n"
#define TRIES   "> 00DB3FFF06 7F7103930105\n"
#define TRIES_BACK "> 00DB3FFF06 7F7103930103\n"
#define LOGOUT  "> 00200082\n"

/* Responses, keys and their check values: docs/card-extensions.md, section 4 */
#define RESPONSE_3DES "199FA374705A69EB"
#define RESPONSE_AES  "1E174BDA18685847DDBCF304E192F0FD"
#define RESPOND_3DES  "> 008700000C7C0A8208" RESPONSE_3DES "\n"
#define RESPOND_AES   "> 00870000147C128210" RESPONSE_AES "\n"
#define KEY_3DES      "404142434445464748494A4B4C4D4E4F5051525354555657"
#define KEY_16        "0102030405060708090A0B0C0D0E0F10"
#define KEY_24        KEY_16 "1112131415161718"
#define KEY_32        KEY_24 "191A1B1C1D1E1F20"
#define PUT_3DES      "> 00DB3FFF26 7024 840180 A51F 8718" KEY_3DES "8803B4692B\n"
#define PUT_AES128    "> 00DB3FFF1E 701C 840180 A517 8710" KEY_16 "8803DBF184\n"
#define PUT_AES192    "> 00DB3FFF26 7024 840180 A51F 8718" KEY_24 "8803BD584C\n"
#define PUT_AES256    "> 00DB3FFF2E 702C 840180 A527 8720" KEY_32 "8803A73C55\n"

#define BY_ADMIN   "> 002C028006" PIN_NEW "\n"
#define PUK        "3232323232323232"
#define WRONG_PUK  "3939393939393939"
#define AS_ANSWER(puk) "> 008700000C7C0A8208" puk "\n"
#define BY_PUK(puk) "> 002C00800E" puk PIN_NEW "\n"
#define GET_PUK    "> 00CB3FFF045C027F7300\n"
#define PUK_STATUS "< 7F7306970103930103 9000\n"

static const struct row rows[] = {
    /* roles */
    { .name = "roles: nobody", .run = run_roles, .exchanges = 1, .stays = true, .out = "00",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6982\n" },
    { .name = "roles: user", .run = run_roles, .exchanges = 2, .stays = true, .out = "02",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6982\n" },
    { .name = "roles: admin", .run = run_roles, .exchanges = 4, .stays = true, .out = "04",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6A88\n" PROOF
                  "> 00200080\n< 63C3\n" },
    { .name = "roles: both", .run = run_roles, .exchanges = 4, .stays = true, .out = "06",
      .dialogue = "> 00CBA013045C02DF1E00\n< 6A88\n> 00CBA014045C02DF1E00\n< 6A88\n" PROOF
                  "> 00200080\n< 9000\n" },
    { .name = "roles: another application", .run = run_roles, .exchanges = 3, .stays = true,
      .out = "00", .dialogue = "> 00CBA013045C02DF1E00\n< 6D00\n" STATUS "< 6D00\n" SELECT FCI },
    { .name = "verify", .run = run_verify, .exchanges = 2, .args = { .in = "3132333435363738" },
      .dialogue = PROOF "> 00200080083132333435363738\n" OK },
    { .name = "verify, wrong", .run = run_verify, .exchanges = 2, .rc = SCARD_W_WRONG_CHV,
      .args = { .in = "303030303030" },
      .left = &two, .dialogue = PROOF "> 0020008006303030303030\n< 63C2\n" },
    { .name = "verify, blocked", .run = run_verify, .exchanges = 2, .rc = SCARD_W_CHV_BLOCKED,
      .args = { .in = "303030303030" },
      .left = &none, .dialogue = PROOF "> 0020008006303030303030\n< 6983\n" },
    { .name = "verify, no PIN: nothing is sent", .run = run_verify, .exchanges = 0, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .args = { .in = "" }, .dialogue = "" },
    { .name = "logout", .run = run_logout, .exchanges = 1, .dialogue = "> 00200082\n" OK },
    { .name = "challenge", .run = run_challenge, .exchanges = 2, .out = "A1A2A3A4A5A6A7A8",
      .dialogue = "> 002281A403830180\n" OK "> 00870000047C02810000\n"
                  "< 7C0A8108A1A2A3A4A5A6A7A8 9000\n" },
    { .name = "respond", .run = run_respond, .exchanges = 1, .stays = true,
      .args = { .in = "199FA374705A69EB" },
      .dialogue = "> 008700000C7C0A8208199FA374705A69EB\n" OK },
    { .name = "respond, wrong", .run = run_respond, .exchanges = 1, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .args = { .in = "0000000000000000" },
      .dialogue = "> 008700000C7C0A820800*8\n< 6982\n" },
    { .name = "respond, late", .run = run_respond, .exchanges = 1, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .args = { .in = "0000000000000000" },
      .dialogue = "> 008700000C7C0A820800*8\n< 6985\n" },

    /* a new PIN: the old one is shown first */
    { .name = "change", .run = run_change, .exchanges = 3, .left = &unknown,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW }, .dialogue = PROOF VERIFY OK CHANGE OK },
    { .name = "change, and the tries", .run = run_change, .exchanges = 5, .left = &unknown,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 },
      .dialogue = PROOF VERIFY OK PROOF TRIES OK CHANGE OK },
    { .name = "change, wrong old PIN: nothing else is sent", .run = run_change, .exchanges = 2,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 }, .rc = SCARD_W_WRONG_CHV,
      .left = &two, .dialogue = PROOF VERIFY "< 63C2\n" },
    { .name = "change, blocked: nothing else is sent", .run = run_change, .exchanges = 2,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW }, .rc = SCARD_W_CHV_BLOCKED, .left = &none,
      .dialogue = PROOF VERIFY "< 6983\n" },
    { .name = "change, the new PIN is refused", .run = run_change, .exchanges = 4,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF VERIFY OK CHANGE "< 6A80\n" LOGOUT OK },
    { .name = "change, the new PIN's length is refused", .run = run_change, .exchanges = 4,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF VERIFY OK CHANGE "< 6700\n" LOGOUT OK },
    { .name = "change, the tries are refused", .run = run_change, .exchanges = 5,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF VERIFY OK PROOF TRIES "< 6A80\n" LOGOUT OK },
    { .name = "change, the new PIN is refused: the tries are put back", .run = run_change,
      .exchanges = 7, .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 },
      .rc = SCARD_E_INVALID_PARAMETER, .left = &unknown,
      .dialogue = PROOF VERIFY OK PROOF TRIES OK CHANGE "< 6A80\n" TRIES_BACK OK LOGOUT OK },
    { .name = "change, the card sets no tries", .run = run_change, .exchanges = 5,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = PROOF VERIFY OK PROOF TRIES "< 6A88\n" LOGOUT OK },
    { .name = "change, the user may not set the tries", .run = run_change, .exchanges = 5,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 5 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = PROOF VERIFY OK PROOF TRIES "< 6982\n" LOGOUT OK },
    { .name = "change, the old PIN's length is refused", .run = run_change, .exchanges = 3,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW }, .rc = SCARD_E_INVALID_PARAMETER,
      .left = &unknown, .dialogue = PROOF VERIFY "< 6700\n" LOGOUT OK },
    { .name = "change, old PIN too short", .run = run_change, .exchanges = 1, .stays = true,
      .args = { .in = "313233", .fresh = PIN_NEW }, .rc = SCARD_E_INVALID_PARAMETER,
      .left = &unknown, .dialogue = LOGOUT OK },
    { .name = "change, new PIN too short", .run = run_change, .exchanges = 1, .stays = true,
      .args = { .in = PIN_OLD, .fresh = "313233" }, .rc = SCARD_E_INVALID_PARAMETER,
      .left = &unknown, .dialogue = LOGOUT OK },
    { .name = "change, new PIN too long", .run = run_change, .exchanges = 1, .stays = true,
      .args = { .in = PIN_OLD, .fresh = "31*128" }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = LOGOUT OK },
    { .name = "change, more tries than can be told", .run = run_change, .exchanges = 1,
      .args = { .in = PIN_OLD, .fresh = PIN_NEW, .tries = 16 }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = LOGOUT OK },

    /* a new admin key */
    { .name = "change key, 3DES", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_3DES }, .stays = true, .left = &unknown,
      .dialogue = RESPOND_3DES OK PUT_3DES OK },
    { .name = "change key, AES-128", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_AES, .fresh = KEY_16 }, .stays = true,
      .dialogue = RESPOND_AES OK PUT_AES128 OK },
    { .name = "change key, AES-192", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_AES, .fresh = KEY_24 }, .stays = true,
      .dialogue = RESPOND_AES OK PUT_AES192 OK },
    { .name = "change key, AES-256", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_AES, .fresh = KEY_32 }, .stays = true,
      .dialogue = RESPOND_AES OK PUT_AES256 OK },
    { .name = "change key, wrong response", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_3DES }, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .left = &unknown, .dialogue = RESPOND_3DES "< 6982\n" LOGOUT OK },
    { .name = "change key, late response", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_3DES }, .stays = true,
      .rc = SCARD_W_WRONG_CHV, .dialogue = RESPOND_3DES "< 6985\n" LOGOUT OK },
    { .name = "change key, blocked", .run = run_change_key, .exchanges = 2,
      .args = { .in = RESPONSE_AES, .fresh = KEY_16 }, .stays = true,
      .rc = SCARD_W_CHV_BLOCKED, .left = &none, .dialogue = RESPOND_AES "< 6983\n" LOGOUT OK },
    { .name = "change key, PUT KEY refused: logged out", .run = run_change_key, .exchanges = 3,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_3DES }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = RESPOND_3DES OK PUT_3DES "< 6A80\n" LOGOUT OK },
    { .name = "change key, PUT KEY not allowed: logged out", .run = run_change_key, .exchanges = 3,
      .args = { .in = RESPONSE_AES, .fresh = KEY_32 }, .stays = true,
      .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = RESPOND_AES OK PUT_AES256 "< 6982\n" LOGOUT OK },
    { .name = "change key, two keys of DES", .run = run_change_key, .exchanges = 1, .stays = true,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_16 }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = LOGOUT OK },
    { .name = "change key, AES in place of 3DES", .run = run_change_key, .exchanges = 1,
      .args = { .in = RESPONSE_3DES, .fresh = KEY_32 }, .rc = SCARD_E_INVALID_PARAMETER,
      .stays = true, .dialogue = LOGOUT OK },
    { .name = "change key, no length of AES", .run = run_change_key, .exchanges = 1,
      .args = { .in = RESPONSE_AES, .fresh = KEY_16 "AABBCCDD" }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = LOGOUT OK },
    { .name = "change key, no response at all", .run = run_change_key, .exchanges = 1,
      .args = { .in = "", .fresh = KEY_16 }, .stays = true, .rc = SCARD_W_WRONG_CHV,
      .dialogue = LOGOUT OK },

    /* a new PIN by another role */
    { .name = "unblock by the admin", .run = run_unblock, .exchanges = 2, .stays = true,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW }, .left = &unknown,
      .dialogue = RESPOND_3DES OK BY_ADMIN OK },
    { .name = "unblock by the admin, AES", .run = run_unblock, .exchanges = 2, .stays = true,
      .args = { .in = RESPONSE_AES, .fresh = PIN_NEW },
      .dialogue = RESPOND_AES OK BY_ADMIN OK },
    { .name = "unblock by the admin, and the tries", .run = run_unblock, .exchanges = 4,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW, .tries = 5 }, .stays = true,
      .dialogue = RESPOND_3DES OK PROOF TRIES OK BY_ADMIN OK },
    { .name = "unblock by the admin, the tries are refused", .run = run_unblock, .exchanges = 4,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW, .tries = 5 }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = RESPOND_3DES OK PROOF TRIES "< 6D00\n" LOGOUT OK },
    { .name = "unblock by the admin, the new PIN is refused", .run = run_unblock, .exchanges = 3,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = RESPOND_3DES OK BY_ADMIN "< 6A80\n" LOGOUT OK },
    { .name = "unblock by the admin of a card with a PUK", .run = run_unblock, .exchanges = 3,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW }, .stays = true,
      .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .dialogue = RESPOND_3DES OK BY_ADMIN "< 6A86\n" LOGOUT OK },
    { .name = "unblock by the admin, the new PIN is refused: the tries are put back",
      .run = run_unblock, .exchanges = 6, .stays = true,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW, .tries = 5 },
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = RESPOND_3DES OK PROOF TRIES OK BY_ADMIN "< 6A80\n" TRIES_BACK OK LOGOUT OK },
    { .name = "unblock by the PUK", .run = run_unblock, .exchanges = 4,
      .args = { .in = PUK, .fresh = PIN_NEW }, .stays = true, .tidying = 1, .left = &unknown,
      .dialogue = AS_ANSWER(PUK) "< 6982\n" GET_PUK PUK_STATUS BY_PUK(PUK) OK LOGOUT OK },
    { .name = "unblock by the PUK, another application selected", .run = run_unblock,
      .exchanges = 7, .args = { .in = PUK, .fresh = PIN_NEW }, .stays = true, .tidying = 1,
      .dialogue = AS_ANSWER(PUK) "< 6D00\n" GET_PUK "< 6D00\n" STATUS "< 6D00\n" SELECT FCI
                  GET_PUK PUK_STATUS BY_PUK(PUK) OK LOGOUT OK },
    { .name = "unblock by a PUK that is no response", .run = run_unblock, .exchanges = 3,
      .args = { .in = "393939393939", .fresh = PIN_NEW }, .tidying = 1,
      .dialogue = GET_PUK PUK_STATUS "> 002C00800C 393939393939" PIN_NEW "\n" OK LOGOUT OK },
    { .name = "unblock by a wrong PUK: it counts", .run = run_unblock, .exchanges = 4,
      .args = { .in = WRONG_PUK, .fresh = PIN_NEW }, .stays = true, .rc = SCARD_W_WRONG_CHV,
      .left = &two, .dialogue = AS_ANSWER(WRONG_PUK) "< 6982\n" GET_PUK PUK_STATUS
                                BY_PUK(WRONG_PUK) "< 63C2\n" LOGOUT OK },
    { .name = "unblock by a PUK that is blocked", .run = run_unblock, .exchanges = 4,
      .args = { .in = PUK, .fresh = PIN_NEW }, .stays = true, .rc = SCARD_W_CHV_BLOCKED,
      .left = &none, .dialogue = AS_ANSWER(PUK) "< 6982\n" GET_PUK PUK_STATUS BY_PUK(PUK)
                                 "< 6983\n" LOGOUT OK },
    { .name = "unblock by the PUK, the new PIN is refused", .run = run_unblock, .exchanges = 4,
      .args = { .in = PUK, .fresh = PIN_NEW }, .stays = true, .rc = SCARD_E_INVALID_PARAMETER,
      .left = &unknown, .dialogue = AS_ANSWER(PUK) "< 6982\n" GET_PUK PUK_STATUS BY_PUK(PUK)
                                    "< 6A80\n" LOGOUT OK },
    { .name = "unblock by the PUK sets no tries", .run = run_unblock, .exchanges = 3,
      .args = { .in = PUK, .fresh = PIN_NEW, .tries = 3 }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = AS_ANSWER(PUK) "< 6982\n" GET_PUK PUK_STATUS LOGOUT OK },
    { .name = "unblock by what is no PUK", .run = run_unblock, .exchanges = 2,
      .args = { .in = "313233", .fresh = PIN_NEW }, .rc = SCARD_W_WRONG_CHV, .stays = true,
      .left = &unknown, .dialogue = GET_PUK PUK_STATUS LOGOUT OK },
    { .name = "unblock by neither", .run = run_unblock, .exchanges = 4,
      .args = { .in = WRONG_PUK, .fresh = PIN_NEW }, .stays = true, .rc = SCARD_W_WRONG_CHV,
      .left = &unknown,
      .dialogue = AS_ANSWER(WRONG_PUK) "< 6982\n" GET_PUK "< 6A88\n" PROOF LOGOUT OK },
    { .name = "unblock, the admin key blocked", .run = run_unblock, .exchanges = 2,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW }, .stays = true, .left = &none,
      .rc = SCARD_W_CHV_BLOCKED, .dialogue = RESPOND_3DES "< 6983\n" LOGOUT OK },
    { .name = "unblock, new PIN too short", .run = run_unblock, .exchanges = 1, .stays = true,
      .args = { .in = RESPONSE_3DES, .fresh = "313233" }, .rc = SCARD_E_INVALID_PARAMETER,
      .left = &unknown, .dialogue = LOGOUT OK },
    { .name = "unblock, more tries than can be told", .run = run_unblock, .exchanges = 1,
      .args = { .in = RESPONSE_3DES, .fresh = PIN_NEW, .tries = 16 }, .stays = true,
      .rc = SCARD_E_INVALID_PARAMETER, .dialogue = LOGOUT OK },
};

int main(void)
{
    return verbs_play("gids_roles", rows, sizeof(rows) / sizeof(rows[0]));
}
