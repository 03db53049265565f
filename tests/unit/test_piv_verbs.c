/* SPDX-License-Identifier: MIT */
/* Each verb of the PIV edge as rows (verbs.h). The bytes are those that real cards and independent
 * software exchange. */
#include "verbs.h"
#include "vectors_piv.h"

#include "edge/piv_internal.h"

static const uint32_t two = 2, none = 0, unknown = LEFT_UNKNOWN;

static void know_pin(struct edge *e)
{
    piv_own(e)->discovery = EDGE_YES;
}

static void challenged_3des(struct edge *e)
{
    piv_own(e)->challenge_alg = 0x03;
}

static void challenged_aes(struct edge *e)
{
    piv_own(e)->challenge_alg = 0x08;
}

static void admin(struct edge *e)
{
    know_pin(e);
    piv_own(e)->admin_since = e->selections;
}

static void no_map(struct edge *e)
{
    piv_own(e)->vendor_objects = EDGE_NO;
}

static void admin_no_map(struct edge *e)
{
    admin(e);
    no_map(e);
}

static void old_card(struct edge *e)
{
    piv_own(e)->discovery = EDGE_NO;
}

#define PIN_123456 "31 32 33 34 35 36"
#define VERIFY     "> 0020008008 313233343536FFFF\n"
#define STATUS_80  "> 00200080\n"
#define LOGOUT     "> 0020FF80\n"
#define CHANGE     "> 0024008010 313233343536FFFF 363534333231FFFF\n"
#define UNBLOCK    "> 002C008010 3132333435363738 313233343536FFFF\n"
#define PUK        "31 32 33 34 35 36 37 38"
#define NEW_3DES   "010203040506 0708 1112131415161718 2122232425262728"

#define GENERATE_EC   "> 0047009A05AC0380011100\n"
#define GENERATE_2048 "> 0047009A05AC0380010700\n"
#define PIV_RSA_ANSWER                                                                             \
    "< 7F4982010981820100 C1*247 610E\n> 00C000000E\n< C1*9 8203010001 9000\n"

#define SIGN_2048                                                                                  \
    "> 1087079AFF 7C82010682008182 0100 0001FF*202 00 3031300D060960864801650304020105000420"      \
    "BA7816BF8F01CFEA414140DE5DAE2223B00361A396\n< 9000\n"                                         \
    "> 0087079A0B 177A9CB410FF61F20015AD 00\n"
#define BLOCK_2048 "< 7C82010482820100 C1*248 6108\n> 00C0000008\n< C1*8 9000\n"

#define CHUID_SHORT                                                                                \
    "533B 3019 00*25 3410 112233445566778899AABBCCDDEEFF00 3508 3230333031323331 3E00 FE00"

static const struct row rows[] = {
    { .name = "verify", .run = run_verify, .exchanges = 2, .args = { .in = PIN_123456 },
      .left = &unknown, .dialogue = PIV_PROOF VERIFY OK },
    { .name = "verify, wrong", .run = run_verify, .exchanges = 2, .args = { .in = PIN_123456 },
      .rc = SCARD_W_WRONG_CHV, .left = &two, .dialogue = PIV_PROOF VERIFY "< 63C2\n" },
    { .name = "verify, wrong, as an old card says it", .run = run_verify, .exchanges = 2,
      .args = { .in = PIN_123456 }, .rc = SCARD_W_WRONG_CHV, .left = &two,
      .dialogue = PIV_PROOF VERIFY "< 6302\n" },
    { .name = "verify, blocked", .run = run_verify, .exchanges = 2, .args = { .in = PIN_123456 },
      .rc = SCARD_W_CHV_BLOCKED, .left = &none, .dialogue = PIV_PROOF VERIFY "< 6983\n" },
    { .name = "verify, the global PIN", .run = run_verify, .exchanges = 2,
      .args = { .in = PIN_123456 },
      .dialogue = GLOBAL "> 0020000008 313233343536FFFF\n" OK },
    { .name = "verify on a card without discovery object", .run = run_verify, .exchanges = 2,
      .args = { .in = PIN_123456 }, .prepare = old_card, .stays = true,
      .dialogue = GET("C102") "< " CHUID_SHORT "9000\n" VERIFY OK },
    { .name = "verify, too short for a PIN", .run = run_verify, .exchanges = 0, .stays = true,
      .args = { .in = "3132333435" }, .rc = SCARD_E_INVALID_PARAMETER, .dialogue = "" },
    { .name = "the PUK cannot be shown", .run = run_verify, .exchanges = 0, .stays = true,
      .args = { .in = PUK, .role = 4 }, .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .dialogue = "" },
    { .name = "verify for 9C, keys known", .run = run_verify, .exchanges = 2,
      .args = { .in = PIN_123456, .role = 3 }, .cached = { { KEYS, KEY_9A } },
      .dialogue = PIV_PROOF VERIFY OK },

    { .name = "roles: nobody", .run = run_roles, .exchanges = 1, .prepare = know_pin, .out = "00",
      .dialogue = STATUS_80 "< 63C3\n" },
    { .name = "roles: nobody, blocked", .run = run_roles, .exchanges = 1, .prepare = know_pin,
      .out = "00", .dialogue = STATUS_80 "< 6983\n" },
    { .name = "roles: the user", .run = run_roles, .exchanges = 2, .prepare = know_pin,
      .out = "0A", .stays = true, .dialogue = STATUS_80 OK PIV_PROOF },
    { .name = "roles: the user, for the first time", .run = run_roles, .exchanges = 2,
      .out = "0A", .dialogue = PIV_PROOF STATUS_80 OK },
    { .name = "roles: the admin", .run = run_roles, .exchanges = 2, .prepare = admin, .out = "04",
      .stays = true, .dialogue = STATUS_80 "< 63C3\n" PIV_PROOF },
    { .name = "roles: another application says yes", .run = run_roles, .exchanges = 3,
      .prepare = know_pin, .out = "00", .stays = true,
      .dialogue = STATUS_80 OK ASK_7E "< 6A82\n" SELECT_PIV PIV_APT },

    { .name = "log out", .run = run_logout, .exchanges = 1, .prepare = know_pin,
      .dialogue = LOGOUT OK },
    { .name = "log out of a card that does not know it", .run = run_logout, .exchanges = 4,
      .prepare = know_pin, .stays = true,
      .dialogue = LOGOUT "< 6A86\n" PIV_PROOF SELECT_PIV PIV_APT STATUS_80 "< 63C3\n" },
    { .name = "log out, the card keeps on", .run = run_logout, .exchanges = 4,
      .prepare = know_pin, .stays = true, .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .dialogue = LOGOUT "< 6A86\n" PIV_PROOF SELECT_PIV PIV_APT STATUS_80 OK },

    { .name = "change the PIN", .run = run_change, .exchanges = 2, .left = &unknown,
      .args = { .in = PIN_123456, .fresh = "36 35 34 33 32 31" }, .dialogue = PIV_PROOF CHANGE OK },
    { .name = "change, wrong", .run = run_change, .exchanges = 3, .left = &two,
      .args = { .in = PIN_123456, .fresh = "36 35 34 33 32 31" }, .rc = SCARD_W_WRONG_CHV,
      .dialogue = PIV_PROOF CHANGE "< 63C2\n" LOGOUT OK },
    { .name = "change the PUK", .run = run_change, .exchanges = 2,
      .args = { .in = PUK, .fresh = PUK, .role = 4 },
      .dialogue = PIV_PROOF "> 0024008110 3132333435363738 3132333435363738\n" OK },
    { .name = "unblock", .run = run_unblock, .exchanges = 3, .left = &unknown, .tidying = 1,
      .args = { .in = PUK, .fresh = PIN_123456 }, .dialogue = PIV_PROOF UNBLOCK OK LOGOUT OK },
    { .name = "unblock, wrong", .run = run_unblock, .exchanges = 3, .left = &two,
      .args = { .in = PUK, .fresh = PIN_123456 }, .rc = SCARD_W_WRONG_CHV,
      .dialogue = PIV_PROOF UNBLOCK "< 63C2\n" LOGOUT OK },
    { .name = "unblock, other tries", .run = run_unblock, .exchanges = 1, .prepare = know_pin,
      .args = { .in = PUK, .fresh = PIN_123456, .tries = 5 }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = LOGOUT OK },
    { .name = "unblock by the admin key", .run = run_unblock, .exchanges = 4, .stays = true,
      .cached = { { FACTS, KNOWN("01", "03") } }, .prepare = challenged_3des,
      .args = { .in = "199FA374705A69EB", .fresh = PIN_123456 },
      .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .dialogue = RESPONSE OK PIV_PROOF LOGOUT OK CHALLENGE },

    { .name = "challenge, 3DES", .run = run_challenge, .exchanges = 1,
      .cached = { { FACTS, KNOWN("01", "03") } }, .out = "A1A2A3A4A5A6A7A8",
      .dialogue = CHALLENGE },
    { .name = "challenge, the card tells", .run = run_challenge, .exchanges = 2,
      .out = "A1A2A3A4A5A6A7A8",
      .dialogue = "> 00F7009B00\n< 010103 05010102020201030100 9000\n" CHALLENGE },
    { .name = "challenge, AES, found out", .run = run_challenge, .exchanges = 4,
      .cached = { { FACTS, KNOWN("02", "00") } },
      .cached_after = { { FACTS, KNOWN("02", "08") } },
      .out = "A1A2A3A4A5A6A7A8A9AAABACADAEAFB0",
      .dialogue = "> 0087039B047C02810000\n< 6A86\n" PIV_PROOF
                  "> 00870A9B047C02810000\n< 6A80\n> 0087089B047C02810000\n"
                  "< 7C128110A1A2A3A4A5A6A7A8A9AAABACADAEAFB0 9000\n" },
    { .name = "challenge of another length", .run = run_challenge, .exchanges = 1,
      .cached = { { FACTS, KNOWN("01", "03") } }, .rc = SCARD_E_UNEXPECTED,
      .dialogue = "> 0087039B047C02810000\n< 7C098107A1A2A3A4A5A6A7 9000\n" },
    { .name = "respond, 3DES", .run = run_respond, .exchanges = 1, .stays = true,
      .prepare = challenged_3des, .args = { .in = "199FA374705A69EB" }, .dialogue = RESPONSE OK },
    { .name = "respond, AES", .run = run_respond, .exchanges = 1, .stays = true,
      .prepare = challenged_aes, .args = { .in = "61DFEB970E94C8C959938040EA3F6D71" },
      .dialogue = "> 0087089B147C12821061DFEB970E94C8C959938040EA3F6D71\n" OK },
    { .name = "respond, wrong", .run = run_respond, .exchanges = 1, .stays = true,
      .prepare = challenged_3des, .args = { .in = "199FA374705A69EB" }, .rc = SCARD_W_WRONG_CHV,
      .left = &unknown, .dialogue = RESPONSE "< 6A80\n" },
    { .name = "respond to nothing", .run = run_respond, .exchanges = 0, .stays = true,
      .args = { .in = "199FA374705A69EB" }, .rc = SCARD_W_WRONG_CHV, .dialogue = "" },
    { .name = "another admin key", .run = run_change_key, .exchanges = 2, .stays = true,
      .prepare = challenged_3des, .cached = { { FACTS, "01 01 00 01 01 050703 03" } },
      .args = { .in = "199FA374705A69EB", .fresh = NEW_3DES },
      .dialogue = RESPONSE OK "> 00FFFFFF1B039B18" NEW_3DES "\n" OK },
    { .name = "another admin key, which the PIN opens", .run = run_change_key, .exchanges = 3,
      .tidying = 1, .stays = true,
      .prepare = challenged_3des, .cached = { { FACTS, KNOWN("01", "03") } },
      .args = { .in = "199FA374705A69EB", .fresh = NEW_3DES },
      .dialogue = RESPONSE OK "> 00FFFFFF1B039B18" NEW_3DES "\n" OK
                  "> 00DB3FFF23 5C035FC109 531C881A8918" NEW_3DES "\n" OK },

    { .name = "sign, RSA-2048 PKCS#1, short", .run = run_sign, .exchanges = 3,
      .args = { .key = RSA_9A, .padding = EDGE_PKCS1, .in = INFO_ABC }, .out = "C1*256",
      .dialogue = SIGN_2048 BLOCK_2048 },
    { .name = "sign, RSA-2048 raw, extended", .run = run_sign, .exchanges = 1, .extended = true,
      .args = { .key = RSA_9A, .padding = EDGE_RAW, .in = "55*256" }, .out = "C1*256",
      .dialogue = "> 0087079A00010A 7C820106820081820100 55*256 0108\n"
                  "< 7C82010482820100 C1*256 9000\n" },
    { .name = "sign without the PIN", .run = run_sign, .exchanges = 2,
      .args = { .key = RSA_9A, .padding = EDGE_RAW, .in = "55*256" },
      .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = "> 1087079AFF...\n< 6982\n" PIV_PROOF },
    { .name = "sign, an empty slot", .run = run_sign, .exchanges = 2,
      .args = { .key = EC_9C, .in = SHA256_ABC }, .rc = SCARD_E_NO_KEY_CONTAINER,
      .dialogue = "> 0087119C26...\n< 6A86\n" PIV_PROOF },
    { .name = "sign, P-256 with 9C", .run = run_sign, .exchanges = 1,
      .args = { .key = EC_9C, .in = SHA256_ABC }, .out = ECDSA_R ECDSA_S,
      .dialogue = "> 0087119C26 7C2482008120" SHA256_ABC "00\n"
                  "< 7C498247 30450220" ECDSA_R "022100" ECDSA_S "9000\n" },
    { .name = "sign, P-256, a longer digest", .run = run_sign, .exchanges = 1,
      .args = { .key = EC_9C, .in = SHA256_ABC "FF*16" }, .out = ECDSA_R ECDSA_S,
      .dialogue = "> 0087119C26 7C2482008120" SHA256_ABC "00\n"
                  "< 7C498247 30450220" ECDSA_R "022100" ECDSA_S "9000\n" },
    { .name = "decrypt, RSA-2048 PKCS#1", .run = run_decrypt, .exchanges = 1, .extended = true,
      .args = { .key = RSA_9A, .padding = EDGE_PKCS1, .in = "55*256" }, .out = "AABBCC",
      .dialogue = "> 0087079A00010A 7C820106820081820100 55*256 0108\n"
                  "< 7C82010482820100 0002 77*250 00 AABBCC 9000\n" },
    { .name = "decrypt, not padded so", .run = run_decrypt, .exchanges = 1, .extended = true,
      .args = { .key = RSA_9A, .padding = EDGE_PKCS1, .in = "55*256" },
      .rc = SCARD_F_INTERNAL_ERROR,
      .dialogue = "> 0087079A00010A 7C820106820081820100 55*256 0108\n"
                  "< 7C82010482820100 0001 77*250 00 AABBCC 9000\n" },
    { .name = "decrypt, no number below the modulus", .run = run_decrypt, .exchanges = 2,
      .extended = true, .args = { .key = RSA_9A, .padding = EDGE_PKCS1, .in = "FF*256" },
      .rc = SCARD_F_INTERNAL_ERROR,
      .dialogue = "> 0087079A00010A 7C820106820081820100 FF*256 0108\n< 6A80\n"
                  PIV_PROOF },
    { .name = "agree, P-256", .run = run_agree, .exchanges = 1,
      .args = { .key = ECDH_9D, .in = DH_PEER }, .out = DH_Z,
      .dialogue = "> 0087119D47 7C45820085 4104" DH_PEER "00\n< 7C228220" DH_Z "9000\n" },

    { .name = "keys, from the cache", .run = run_listed, .exchanges = 0, .stays = true,
      .cached = { { KEYS, KEY_9D } }, .out = "01061001", .dialogue = "" },
    { .name = "generate P-256", .run = run_generate, .exchanges = 4, .prepare = no_map,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 },
      .cached_after = { { KEYS, "01 110301 00*69" },
                        { "piv.public.00009a", "11 8641 04" EC_X EC_Y } },
      .dialogue = ADMITTED GENERATE_EC "< 7F4943 8641 04" EC_X EC_Y "9000\n" },
    { .name = "generate, the map says nothing else", .run = run_generate, .exchanges = 5,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 },
      .dialogue = ADMITTED GENERATE_EC "< 7F4943 8641 04" EC_X EC_Y "9000\n" GET("FF10") NONE },
    { .name = "generate RSA-2048", .run = run_generate, .exchanges = 5, .prepare = no_map,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 1, .bits = 2048 }, .cached_after = { { KEYS, KEY_9A } },
      .dialogue = ADMITTED GENERATE_2048 PIV_RSA_ANSWER },
    { .name = "generate, as admin and user", .run = run_generate, .exchanges = 4,
      .prepare = admin_no_map,
      .stays = true, .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 },
      .dialogue = "> 00200080\n< 9000\n" PIV_PROOF PIV_PROOF GENERATE_EC "< 7F4943 8641 04" EC_X EC_Y
                  "9000\n" },
    { .name = "generate, as the admin alone: CMR.4.2.1.E8", .run = run_generate, .exchanges = 2,
      .prepare = admin_no_map,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = "> 00200080\n< 63C3\n" PIV_PROOF },
    { .name = "generate, the PIN is not shown", .run = run_generate, .exchanges = 2,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET("C109") "< 6982\n" PIV_PROOF },
    { .name = "generate on a card of somebody else's", .run = run_generate, .exchanges = 0,
      .stays = true, .cached = { { FACTS, "01 01 00 01 00 000000 00" }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = "" },
    { .name = "generate, the copy is not the key", .run = run_generate, .exchanges = 3,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = PROTECTED CHALLENGE RESPONSE "< 6982\n" },
    { .name = "generate beside another key", .run = run_generate, .exchanges = 0, .stays = true,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, KEY_9A } },
      .args = { .index = 0, .spec = 2, .bits = 2048 }, .rc = SCARD_E_UNSUPPORTED_FEATURE, .dialogue = "" },
    { .name = "generate, the card does not make it", .run = run_generate, .exchanges = 4,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 3, .bits = 256 }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = ADMITTED GENERATE_EC "< 6A80\n" },
    { .name = "generate where certificates tell of keys", .run = run_generate, .exchanges = 5,
      .prepare = no_map,
      .cached = { { FACTS, KNOWN("02", "03") }, { KEYS, NO_KEYS },
                  { "piv.object.5fc105", "01 7003300100 710100 FE00" } },
      .args = { .index = 0, .spec = 3, .bits = 256 },
      .dialogue = ADMITTED GENERATE_EC "< 7F4943 8641 04" EC_X EC_Y "9000\n"
                  "> 00DB3FFF07 5C035FC105 5300\n" OK },
    { .name = "import P-256 into 9D", .run = run_import, .exchanges = 4, .prepare = no_map,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 1, .spec = 3, .bits = 256 },
      .cached_after = { { KEYS, "01 000000 110301 00*66" } },
      .dialogue = ADMITTED "> 00FE119D22 0620" EC_D "\n" OK },
    { .name = "import RSA-2048", .run = run_import, .exchanges = 6, .prepare = no_map,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, NO_KEYS } },
      .args = { .index = 0, .spec = 1, .bits = 2048 }, .cached_after = { { KEYS, KEY_9A } },
      .dialogue = ADMITTED "> 10FE079AFF 018180 77*128 028180 77*121\n" OK
                  "> 10FE079AFF 77*7 038180 77*128 048180 77*114\n" OK
                  "> 00FE079A91 77*14 058180 77*128\n" OK },
    { .name = "erase", .run = run_erase, .exchanges = 5,
      .cached = { { FACTS, KNOWN("01", "03") }, { KEYS, KEY_9A }, { "piv.object.5fc105", "00" } },
      .args = { .index = 0 }, .cached_after = { { KEYS, NO_KEYS } },
      .dialogue = ADMITTED "> 00F6FF9A\n" OK GET("FF10") "< 6A82\n" },
    { .name = "erase on a card that cannot", .run = run_erase, .exchanges = 6,
      .cached = { { FACTS, KNOWN("02", "03") }, { KEYS, KEY_9A },
                  { "piv.object.5fc105", "01 7003300100 710100 FE00" } },
      .args = { .index = 0 }, .cached_after = { { KEYS, NO_KEYS } },
      .dialogue = ADMITTED "> 00F6FF9A\n< 6D00\n> 00DB3FFF07 5C035FC105 5300\n" OK
                  GET("FF10") "< 6A82\n" },
    { .name = "erase nothing", .run = run_erase, .exchanges = 0, .stays = true,
      .cached = { { KEYS, NO_KEYS } }, .args = { .index = 5 }, .dialogue = "" },
};

int main(void)
{
    static struct row all[sizeof(rows) / sizeof(rows[0])];

    memcpy(all, rows, sizeof(all));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        all[i].piv = true;
    return verbs_play("piv_verbs", all, sizeof(all) / sizeof(all[0]));
}
