/* SPDX-License-Identifier: MIT */
/* Files, key containers and keys of the GIDS edge, row by row: verbs.h. */
#include "verbs.h"

#define FILE_KXC00  { "mscp", "kxc00", 1, true, 0xA010DF24 }
#define FILE_CARDCF { "", "cardcf", 1, false, 0xA010DF22 }
#define FILE_CARDID { "", "cardid", 3, false, 0xA012DF20 }

#define READ_24   "> 00CBA010045C02DF2400\n"
#define READ_24_X "> 00CBA010000004 5C02DF24 1000\n"
#define MSE(crt, alg) "> 002241" crt "068001" alg "840181\n"

#define GET_ADMIN "> 00CBA012045C02DF1F00\n"
#define GET_SPACE "> 00CB3FFF045C02DF7E00\n"
#define RESERVE   "> 00DB3FFF0B DF7D08 A010DF24 " /* and the bytes */
#define AGREE_P256 "> 002A808648 A646 7F4943 8641 04" DH_PEER "00\n< " /* and the answer */
#define KEY_AWAY  "01000000 07 9A 82B0 FFFF 0000" /* where the next container's would be */
#define DIR_ADM   "61646D00*6 00*9 0000 00000000 12A00000"
#define ADM_FILE  "61646D00*6 7800*8 0000 24DF0000 14A00000"

static const struct row rows[] = {
    { .name = "probe", .run = run_probe, .exchanges = 1, .stays = true, .out = "1E",
      .dialogue = SELECT FCI },

    /* files */
    { .name = "table cached", .run = run_table, .exchanges = 0, .table = MASTER, .dialogue = "",
      .out = "01A0000000 03A012DF20 01A010DF21 01A010DF22 01A010DF23" },
    { .name = "table", .run = run_table, .exchanges = 1,
      .dialogue = GET_MASTER "< DF1F818D" MASTER "9000\n", .table_after = MASTER,
      .out = "01A0000000 03A012DF20 01A010DF21 01A010DF22 01A010DF23" },
    { .name = "table missing", .run = run_table, .exchanges = 2, .table_after = "01", .out = "",
      .dialogue = GET_MASTER "< 6A88\n" PROOF },
    { .name = "read cardcf", .run = run_read, .exchanges = 1, .args = { .file = FILE_CARDCF },
      .dialogue = "> 00CBA010045C02DF2200\n< DF2206 000102030405 9000\n", .out = "000102030405" },
    { .name = "read cardid, absent", .run = run_read, .exchanges = 2, .rc = SCARD_E_FILE_NOT_FOUND,
      .args = { .file = FILE_CARDID }, .dialogue = "> 00CBA012045C02DF2000\n< 6A88\n" PROOF },
    { .name = "read 700 bytes short", .run = run_read, .exchanges = 3,
      .args = { .file = FILE_KXC00 }, .out = "55*700",
      .dialogue = READ_24 "< DF248202BC 55*251 6100\n> 00C0000000\n< 55*256 61C1\n"
                          "> 00C00000C1\n< 55*193 9000\n" },
    { .name = "read 700 bytes extended", .run = run_read, .exchanges = 1, .extended = true,
      .args = { .file = FILE_KXC00 }, .out = "55*700",
      .dialogue = READ_24_X "< DF248202BC 55*700 9000\n" },
    { .name = "read, never written", .run = run_read, .exchanges = 2,
      .args = { .file = FILE_KXC00 }, .out = "", .dialogue = READ_24 "< 6A88\n" PROOF },
    { .name = "read without right", .run = run_read, .exchanges = 2,
      .rc = SCARD_W_SECURITY_VIOLATION, .args = { .file = FILE_KXC00 },
      .dialogue = READ_24 "< 6982\n" PROOF },
    { .name = "write 6 bytes", .run = run_write, .exchanges = 2,
      .args = { .file = FILE_CARDCF, .in = "000000000100" },
      .dialogue = PROOF "> 00DBA01009DF2206 000000000100\n" OK },
    { .name = "write 700 bytes short", .run = run_write, .exchanges = 4,
      .args = { .file = FILE_KXC00, .in = "55*700" },
      .dialogue = PROOF "> 10DBA010FF DF248202BC 55*250\n" OK "> 10DBA010FF 55*255\n" OK
                        "> 00DBA010C3 55*195\n" OK },
    { .name = "write 700 bytes extended", .run = run_write, .exchanges = 2, .extended = true,
      .args = { .file = FILE_KXC00, .in = "55*700" },
      .dialogue = PROOF "> 00DBA010 0002C1 DF248202BC 55*700\n" OK },
    { .name = "write, too much", .run = run_write, .exchanges = 2, .rc = SCARD_E_WRITE_TOO_MANY,
      .args = { .file = FILE_KXC00, .in = "5555" },
      .dialogue = PROOF "> 00DBA01005 DF2402 5555\n< 6A84\n" },
    { .name = "create kxc00, whatever the cache has", .run = run_create, .exchanges = 2,
      .table = "01", .table_after = MASTER KXC00,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 } },
      .dialogue = GET_MASTER MASTER_5 "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "create what another program has created", .run = run_create, .exchanges = 1,
      .rc = ERROR_FILE_EXISTS, .table = MASTER, .table_after = MASTER KXC00,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 } }, .dialogue = GET_MASTER MASTER_6 },
    { .name = "create the first file", .run = run_create, .exchanges = 3,
      .args = { .file = { "", "cardid", 3, true, 0 } }, .table_after = "01" CARDID,
      .dialogue = GET_MASTER "< 6A88\n" PROOF "> 00DBA00020 DF1F1D01" CARDID "\n" OK },
    { .name = "create, no room in the table", .run = run_create, .exchanges = 2,
      .rc = SCARD_E_NO_MEMORY, .args = { .file = { "mscp", "kxc00", 1, true, 0 } },
      .dialogue = GET_MASTER MASTER_5 "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n< 6A84\n" },
    { .name = "create, reserved", .run = run_create, .exchanges = 3, .table_after = MASTER KXC00,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 0x01020304 },
      .dialogue = GET_MASTER MASTER_5 RESERVE "01020304\n" OK
                  "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "create, cannot be spared: no record", .run = run_create, .exchanges = 2,
      .rc = SCARD_E_WRITE_TOO_MANY, .table_after = MASTER,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 65536 },
      .dialogue = GET_MASTER MASTER_5 RESERVE "00010000\n< 6A84\n" },
    { .name = "create, may not be reserved: no record", .run = run_create, .exchanges = 2,
      .rc = SCARD_W_SECURITY_VIOLATION, .table_after = MASTER,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 1 },
      .dialogue = GET_MASTER MASTER_5 RESERVE "00000001\n< 6982\n" },
    { .name = "create on a card that knows no reservation", .run = run_create, .exchanges = 3,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 1 }, .space_after = EDGE_NO,
      .table_after = MASTER KXC00,
      .dialogue = GET_MASTER MASTER_5 RESERVE "00000001\n< 6A88\n"
                  "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "the same again: it is not asked", .run = run_create, .exchanges = 2,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 1 }, .space = EDGE_NO,
      .table_after = MASTER KXC00,
      .dialogue = GET_MASTER MASTER_5 "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },
    { .name = "create, reserved, not entered: given back", .run = run_create, .exchanges = 4,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 }, .reserve = 1 },
      .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_MASTER MASTER_5 RESERVE "00000001\n" OK
                  "> 00DBA000AD DF1F81A9" MASTER KXC00 "\n< 6982\n> 00DBA01003DF2400\n" OK },
    { .name = "create a directory of nobody's", .run = run_create, .exchanges = 0, .stays = true,
      .rc = SCARD_E_UNSUPPORTED_FEATURE, .args = { .file = { "abc", "", 3, true, 0 } },
      .dialogue = "" },
    { .name = "remove kxc00, whatever the cache has", .run = run_remove, .exchanges = 3,
      .table = "01", .args = { .file = FILE_KXC00 }, .table_after = MASTER,
      .dialogue = GET_MASTER MASTER_6 "> 00DBA00091 DF1F818D" MASTER "\n" OK
                  "> 00DBA01003DF2400\n" OK },
    { .name = "remove what another program has removed", .run = run_remove, .exchanges = 1,
      .table = MASTER KXC00, .args = { .file = FILE_KXC00 }, .rc = SCARD_E_FILE_NOT_FOUND,
      .table_after = MASTER, .dialogue = GET_MASTER MASTER_5 },
    { .name = "remove a directory", .run = run_remove, .exchanges = 3,
      .args = { .file = { "adm", "", 2, true, 0xA0120000 } }, .table_after = MASTER,
      .dialogue = GET_MASTER "< DF1F81A9" MASTER DIR_ADM "9000\n" GET_ADMIN "< 6A88\n"
                  "> 00DBA00091 DF1F818D" MASTER "\n" OK },
    { .name = "remove a directory that was filled meanwhile", .run = run_remove, .exchanges = 1,
      .args = { .file = { "mscp", "", 1, true, 0xA0000000 } }, .rc = ERROR_DIR_NOT_EMPTY,
      .table = "01" DIR_MSCP, .dialogue = GET_MASTER MASTER_5 },
    { .name = "remove one of two that share a DO", .run = run_remove, .exchanges = 2,
      .args = { .file = FILE_KXC00 }, .table_after = MASTER KXC01,
      .dialogue = GET_MASTER "< DF1F81C5" MASTER KXC00 KXC01 "9000\n"
                  "> 00DBA000AD DF1F81A9" MASTER KXC01 "\n" OK },
    { .name = "remove, not allowed: the table is put back", .run = run_remove, .exchanges = 4,
      .args = { .file = FILE_KXC00 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .table_after = MASTER KXC00,
      .dialogue = GET_MASTER MASTER_6 "> 00DBA00091 DF1F818D" MASTER "\n" OK
                  "> 00DBA01003DF2400\n< 6982\n> 00DBA000AD DF1F81A9" MASTER KXC00 "\n" OK },

    /* directories of the admin */
    { .name = "create admin directory", .run = run_create, .exchanges = 2,
      .args = { .file = { "adm", "", 2, true, 0 } }, .table_after = MASTER DIR_ADM,
      .dialogue = GET_MASTER MASTER_5 "> 00DBA000AD DF1F81A9" MASTER DIR_ADM "\n" OK },
    { .name = "table with admin directory", .run = run_table, .exchanges = 2,
      .table_after = "01" DIR_ADM CARDID, .admin_table_after = "01" ADM_FILE,
      .dialogue = GET_MASTER "< DF1F39 01" DIR_ADM CARDID "9000\n" GET_ADMIN "< DF1F1D 01"
                  ADM_FILE "9000\n", .out = "02A0120000 03A012DF20 06A014DF24" },
    { .name = "table with admin directory, cached", .run = run_table, .exchanges = 0,
      .table = "01" DIR_ADM CARDID, .admin_table = "01" ADM_FILE, .dialogue = "",
      .out = "02A0120000 03A012DF20 06A014DF24" },
    { .name = "table with an empty admin directory", .run = run_table, .exchanges = 2,
      .dialogue = GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n" GET_ADMIN "< 6A88\n",
      .admin_table_after = "01", .out = "02A0120000" },
    { .name = "create the first in the admin directory", .run = run_create, .exchanges = 3,
      .args = { .file = { "adm", "x", 6, true, 0 } }, .table_after = "01" DIR_ADM,
      .admin_table_after = "01" ADM_FILE,
      .dialogue = GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n" GET_ADMIN "< 6A88\n"
                  "> 00DBA01220 DF1F1D01" ADM_FILE "\n" OK },
    { .name = "create in the admin directory, as the user", .run = run_create, .exchanges = 3,
      .args = { .file = { "adm", "x", 6, true, 0 } }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n" GET_ADMIN "< 6A88\n"
                  "> 00DBA01220 DF1F1D01" ADM_FILE "\n< 6982\n" },
    { .name = "create beside the admin directory", .run = run_create, .exchanges = 3,
      .args = { .file = { "mscp", "kxc00", 1, true, 0 } }, .admin_table_after = "01" ADM_FILE,
      .table_after = "01" DIR_ADM DIR_MSCP KXC00,
      .dialogue = GET_MASTER "< DF1F39 01" DIR_ADM DIR_MSCP "9000\n" GET_ADMIN "< DF1F1D 01"
                  ADM_FILE "9000\n> 00DBA00058 DF1F5501" DIR_ADM DIR_MSCP KXC00 "\n" OK },
    { .name = "remove from the admin directory", .run = run_remove, .exchanges = 4,
      .args = { .file = { "adm", "x", 6, true, 0xA014DF24 } }, .admin_table_after = "01",
      .dialogue = GET_MASTER "< DF1F1D 01" DIR_ADM "9000\n" GET_ADMIN "< DF1F1D 01" ADM_FILE
                  "9000\n> 00DBA01204 DF1F0101\n" OK "> 00DBA01403DF2400\n" OK },
    { .name = "remove what only the user says is there", .run = run_remove, .exchanges = 2,
      .args = { .file = { "adm", "x", 6, true, 0xA014DF24 } }, .rc = SCARD_E_FILE_NOT_FOUND,
      .dialogue = GET_MASTER "< DF1F39 01" DIR_ADM ADM_FILE "9000\n" GET_ADMIN "< 6A88\n" },

    /* free space */
    { .name = "free space", .run = run_space, .exchanges = 1, .keymap = "01" KEY_FREE KEY_FREE,
      .dialogue = GET_SPACE "< DF7E08 00004321 00000004 9000\n", .space_after = EDGE_YES,
      .out = "00004321 00000004" },
    { .name = "free space, more key files than containers", .run = run_space, .exchanges = 1,
      .keymap = "01" KEY_RSA KEY_FREE, .out = "00000000 0000001D", .space = EDGE_YES,
      .dialogue = GET_SPACE "< DF7E08 00000000 0000003C 9000\n", .space_after = EDGE_YES },
    { .name = "free space, two keys in one container", .run = run_space, .exchanges = 0,
      .keymap = "01" KEY_TWO, .space = EDGE_NO, .dialogue = "", .out = "FFFFFFFF 0000001C" },
    { .name = "free space of a card that cannot tell", .run = run_space, .exchanges = 2,
      .keymap = "01" KEY_FREE KEY_FREE, .dialogue = GET_SPACE "< 6A88\n" PROOF,
      .space_after = EDGE_NO, .out = "FFFFFFFF 0000001E" },
    { .name = "free space, no keymap in the cache", .run = run_space, .exchanges = 1,
      .dialogue = GET_KEYMAP MAP(KEY_RSA), .keymap_after = "01" KEY_RSA, .space = EDGE_NO,
      .space_after = EDGE_NO, .out = "FFFFFFFF 0000001D" },

    /* containers */
    { .name = "containers cached", .run = run_containers, .exchanges = 0, .dialogue = "",
      .keymap = "01" KEY_RSA KEY_FREE "01000000 0C 9C 83B0 FFFF 0000", .out = "000100000300" },
    { .name = "containers", .run = run_containers, .exchanges = 1, .out = "000100000000",
      .dialogue = GET_KEYMAP MAP(KEY_RSA), .keymap_after = "01" KEY_RSA },
    { .name = "generate RSA-2048 short", .run = run_generate, .exchanges = 6,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate RSA-2048 extended", .run = run_generate, .exchanges = 5,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA, .extended = true,
      .dialogue = GET_KEYMAP_X MAP_EMPTY CREATE_RSA OK ACTIVATE OK
                  "> 00470000 000008 AC06800107830181 0258\n< " TPL_RSA "9000\n"
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate, no keymap on the card", .run = run_generate, .exchanges = 7,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP "< 6A88\n" PROOF CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER
                  PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate over the same kind", .run = run_generate, .exchanges = 3,
      .args = { .spec = 1, .bits = 2048 },
      .dialogue = GET_KEYMAP MAP(KEY_RSA) GENERATE_RSA TPL_ANSWER },
    { .name = "generate over an EF left behind", .run = run_generate, .exchanges = 9,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA "< 6A89\n" SELECT_KEY OK DELETE OK
                  CREATE_RSA OK ACTIVATE OK GENERATE_RSA TPL_ANSWER PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "generate over another size: the old one goes last", .run = run_generate,
      .exchanges = 8, .tidying = 2, .keymap = "01", .args = { .spec = 1, .bits = 2048 },
      .keymap_after = "01 01000000 07 9A 9EB0 FFFF 0000",
      .dialogue = GET_KEYMAP MAP(KEY_RSA4096) CREATE_RSA_LAST OK ACTIVATE OK GENERATE_LAST
                  TPL_ANSWER PUT_KEYMAP "01000000 07 9A 9EB0 FFFF 0000\n" OK SELECT_KEY OK DELETE
                  OK },
    { .name = "generate over another size, refused: the old one stays", .run = run_generate,
      .exchanges = 6, .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_E_NO_MEMORY,
      .keymap_after = "01" KEY_RSA4096,
      .dialogue = GET_KEYMAP MAP(KEY_RSA4096) CREATE_RSA_LAST OK ACTIVATE OK GENERATE_LAST
                  "< 6A84\n" SELECT_LAST OK DELETE OK },
    { .name = "generate over another size, not entered: the old one stays", .run = run_generate,
      .exchanges = 8, .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_KEYMAP MAP(KEY_RSA4096) CREATE_RSA_LAST OK ACTIVATE OK GENERATE_LAST
                  TPL_ANSWER PUT_KEYMAP "01000000 07 9A 9EB0 FFFF 0000\n< 6982\n" SELECT_LAST OK
                  DELETE OK },
    { .name = "generate beside the other slot", .run = run_generate, .exchanges = 6,
      .keymap_after = "01" KEY_TWO, .args = { .spec = 2, .bits = 2048 },
      .dialogue = GET_KEYMAP MAP(KEY_RSA) CREATE_SIG_LAST OK ACTIVATE OK GENERATE_LAST TPL_ANSWER
                  PUT_KEYMAP KEY_TWO "\n" OK },
    { .name = "generate over the second key", .run = run_generate, .exchanges = 3,
      .keymap_after = "01" KEY_TWO, .args = { .spec = 2, .bits = 2048 },
      .dialogue = GET_KEYMAP MAP(KEY_TWO) GENERATE_LAST TPL_ANSWER },
    { .name = "generate over the second key, another size", .run = run_generate, .exchanges = 7,
      .tidying = 2, .args = { .spec = 3, .bits = 256 },
      .keymap_after = "01 01000000 07 9A 81B0 9DB0 0C 9C",
      .dialogue = GET_KEYMAP MAP(KEY_TWO)
                  "> 00E000001D 621B8201188302B09D8C058F10101000A50B B60980011C83019D950140\n" OK
                  ACTIVATE OK "> 0047000008AC0680010C83019D00\n< 7F49438641 04" EC_X EC_Y
                  "9000\n" PUT_KEYMAP "01000000 07 9A 81B0 9DB0 0C 9C\n" OK SELECT_LAST OK DELETE
                  OK },
    { .name = "generate over a key whose EF is gone", .run = run_generate, .exchanges = 7,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP MAP(KEY_RSA) GENERATE_RSA "< 6984\n" CREATE_RSA OK ACTIVATE OK
                  GENERATE_RSA TPL_ANSWER PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "import of bad bytes over a key: the key stays", .run = run_import, .exchanges = 7,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = GET_KEYMAP MAP(KEY_RSA) "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK
                  "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK "> 00DB3FFF...\n< 6984\n" PROOF },
    { .name = "generate refused: nothing stays", .run = run_generate, .exchanges = 6,
      .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .keymap_after = "01",
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA OK ACTIVATE OK GENERATE_RSA "< 6A81\n"
                  SELECT_KEY OK DELETE OK },
    { .name = "generate, no room for the EF", .run = run_generate, .exchanges = 2,
      .args = { .spec = 1, .bits = 2048 }, .rc = SCARD_E_NO_MEMORY,
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA "< 6A84\n" },
    { .name = "generate P-256", .run = run_generate, .exchanges = 5,
      .args = { .spec = 3, .bits = 256 }, .keymap_after = "01" KEY_P256,
      .dialogue = GET_KEYMAP MAP_EMPTY
                  "> 00E000001D 621B8201188302B0818C058F10101000A50B B60980011C830181950140\n"
                  OK ACTIVATE OK "> 0047000008AC0680010C83018100\n< 7F49438641 04" EC_X EC_Y
                  "9000\n" PUT_KEYMAP KEY_P256 "\n" OK },
    { .name = "import P-256", .run = run_import, .exchanges = 5,
      .args = { .spec = 3, .bits = 256 }, .keymap_after = "01" KEY_P256,
      .dialogue = GET_KEYMAP MAP_EMPTY
                  "> 00E000001D 621B8201188302B0818C058F10101000A50B B60980011C830181950140\n"
                  OK ACTIVATE OK "> 00DB3FFF79 7077840181A572830103840100876A3068020101 0420" EC_D
                  "044104" EC_X EC_Y "\n" OK PUT_KEYMAP KEY_P256 "\n" OK },
    { .name = "import RSA-1024 extended", .run = run_import, .exchanges = 5,
      .args = { .spec = 2, .bits = 1024 }, .keymap_after = "01" KEY_RSA1024, .extended = true,
      .dialogue = GET_KEYMAP_X MAP_EMPTY "> 00E0000028 62268201188302B0818C058F10101000A516"
                  "B609800116830181950140 B609800156830181950140\n" OK ACTIVATE OK
                  "> 00DB3FFF 000272 7082026E 840181 A5820267 830102 840100 8782025D 30820259"
                  "020100 02818100FF*128 0203010001 028180 55*128 0240 77*64 0240 77*64 0240 77*64"
                  " 0240 77*64 0240 77*64\n" OK PUT_KEYMAP KEY_RSA1024 "\n" OK },
    { .name = "import RSA-2048 short", .run = run_import, .exchanges = 9,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01" KEY_RSA,
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA OK ACTIVATE OK
                  "> 10DB3FFFFF 708204B5 840181 A58204AE...\n" OK
                  "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK "> 10DB3FFFFF...\n" OK
                  "> 00DB3FFF...\n" OK PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "import refused in a chain: nothing stays", .run = run_import, .exchanges = 8,
      .args = { .spec = 1, .bits = 2048 }, .keymap_after = "01",
      .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = GET_KEYMAP MAP_EMPTY CREATE_RSA OK ACTIVATE OK
                  "> 10DB3FFFFF 708204B5 840181 A58204AE...\n" OK
                  "> 10DB3FFFFF...\n< 6A80\n" PROOF SELECT_KEY OK DELETE OK },
    { .name = "erase, whatever the cache has", .run = run_erase, .exchanges = 4, .keymap = "01",
      .keymap_after = "01" KEY_FREE,
      .dialogue = GET_KEYMAP MAP(KEY_RSA) PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK DELETE OK },
    { .name = "erase nothing", .run = run_erase, .exchanges = 1, .keymap = "01" KEY_RSA,
      .keymap_after = "01" KEY_FREE, .dialogue = GET_KEYMAP MAP(KEY_FREE) },
    { .name = "erase two keys", .run = run_erase, .exchanges = 6, .keymap_after = "01" KEY_FREE,
      .dialogue = GET_KEYMAP MAP(KEY_TWO) PUT_KEYMAP KEY_FREE "\n" OK SELECT_LAST OK DELETE OK
                  SELECT_KEY OK DELETE OK },
    { .name = "erase two keys, the first refused: it is listed again", .run = run_erase,
      .exchanges = 7, .keymap_after = "01" KEY_RSA, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_KEYMAP MAP(KEY_TWO) PUT_KEYMAP KEY_FREE "\n" OK SELECT_LAST OK DELETE OK
                  SELECT_KEY OK DELETE "< 6982\n" PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "erase two keys, the second refused: both are listed again", .run = run_erase,
      .exchanges = 5, .keymap_after = "01" KEY_TWO, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_KEYMAP MAP(KEY_TWO) PUT_KEYMAP KEY_FREE "\n" OK SELECT_LAST OK
                  DELETE "< 6982\n" PUT_KEYMAP KEY_TWO "\n" OK },
    { .name = "erase what is not understood: its own EF goes", .run = run_erase, .exchanges = 4,
      .keymap_after = "01" KEY_FREE,
      .dialogue = GET_KEYMAP MAP("01000000 0B 9C 81B0 FFFF 0000") PUT_KEYMAP KEY_FREE "\n" OK
                  SELECT_KEY OK DELETE OK },
    { .name = "erase what is not understood: another one's key stays", .run = run_erase,
      .exchanges = 2, .args = { .index = 1 }, .keymap_after = "01" KEY_AWAY KEY_FREE,
      .dialogue = GET_KEYMAP "< DF2019 01" KEY_AWAY "01000000 0B 9C 82B0 FFFF 0000 9000\n"
                  "> 00DBA0001C DF201901" KEY_AWAY KEY_FREE "\n" OK },
    { .name = "erase what another one claims: its key stays", .run = run_erase, .exchanges = 2,
      .args = { .index = 1 }, .keymap_after = "01" KEY_AWAY KEY_FREE,
      .dialogue = GET_KEYMAP "< DF2019 01" KEY_AWAY KEY_AWAY "9000\n"
                  "> 00DBA0001C DF201901" KEY_AWAY KEY_FREE "\n" OK },
    { .name = "erase refused: the keymap is put back", .run = run_erase, .exchanges = 5,
      .keymap_after = "01" KEY_RSA, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = GET_KEYMAP MAP(KEY_RSA) PUT_KEYMAP KEY_FREE "\n" OK SELECT_KEY OK
                  DELETE "< 6982\n" PUT_KEYMAP KEY_RSA "\n" OK },
    { .name = "public key RSA-2048 short", .run = run_public, .exchanges = 2,
      .args = { .key = RSA_2048 }, .out = "C1*256 010001",
      .dialogue = GET_PUBLIC TPL_ANSWER },
    { .name = "public key RSA-2048 extended", .run = run_public, .exchanges = 1, .extended = true,
      .args = { .key = RSA_2048 }, .out = "C1*256 010001",
      .dialogue = "> 00CB3FFF 00000A 7008840181A5037F4980 0258\n< " TPL_RSA "9000\n" },
    { .name = "public key P-256", .run = run_public, .exchanges = 1,
      .args = { .key = EC_P256 }, .out = EC_X EC_Y,
      .dialogue = GET_PUBLIC "< 7F49438641 04" EC_X EC_Y "9000\n" },
    { .name = "public key of nothing", .run = run_public, .exchanges = 0, .stays = true,
      .args = { .key = { 0, 0, 0 } }, .rc = SCARD_E_NO_KEY_CONTAINER, .dialogue = "" },
    { .name = "public key of a second key", .run = run_public, .exchanges = 1,
      .args = { .key = { 3, 256, 0x9E } }, .out = EC_X EC_Y,
      .dialogue = "> 00CB3FFF0A70088401 9E A5037F498000\n< 7F49438641 04" EC_X EC_Y "9000\n" },

    /* private key */
    { .name = "sign PKCS#1 RSA-2048", .run = run_sign, .exchanges = 2,
      .args = { .key = RSA_2048, .padding = EDGE_PKCS1, .in = INFO_ABC }, .out = "5A*256",
      .dialogue = MSE("B6", "57") OK "> 002A9E9A33" INFO_ABC "00\n< 5A*256 9000\n" },
    { .name = "sign PKCS#1 RSA-4096 short", .run = run_sign, .exchanges = 3,
      .args = { .key = RSA_4096, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .out = "5A*512", .dialogue = MSE("B6", "59") OK "> 002A9E9A33" INFO_ABC
      "00\n< 5A*256 6100\n> 00C0000000\n< 5A*256 9000\n" },
    { .name = "sign PKCS#1 RSA-4096 extended", .run = run_sign, .exchanges = 2, .extended = true,
      .args = { .key = RSA_4096, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .out = "5A*512", .dialogue = MSE("B6", "59") OK "> 002A9E9A 000033" INFO_ABC
      "0200\n< 5A*512 9000\n" },
    { .name = "sign with a second key", .run = run_sign, .exchanges = 2, .out = "5A*256",
      .args = { .key = { 2, 2048, 0x9E }, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .dialogue = "> 002241B606800157 84019E\n" OK "> 002A9E9A33" INFO_ABC "00\n< 5A*256 9000\n" },
    { .name = "sign raw RSA-2048 short", .run = run_sign, .exchanges = 3,
      .args = { .key = RSA_2048, .in = "33*256" }, .out = "5A*256",
      .dialogue = MSE("B6", "17") OK "> 102A9E9AFF 33*255\n" OK "> 002A9E9A01 33 00\n"
                  "< 5A*256 9000\n" },
    { .name = "sign raw RSA-2048 extended", .run = run_sign, .exchanges = 2, .extended = true,
      .args = { .key = RSA_2048, .in = "33*256" }, .out = "5A*256",
      .dialogue = MSE("B6", "17") OK "> 002A9E9A 000100 33*256 0100\n< 5A*256 9000\n" },
    { .name = "sign raw, by deciphering", .run = run_sign, .exchanges = 7,
      .args = { .key = RSA_2048, .in = "33*256" }, .out = "00 5A*255",
      .dialogue = MSE("B6", "17") OK "> 102A9E9AFF 33*255\n" OK "> 002A9E9A01 33 00\n< 6F00\n"
                  PROOF MSE("B8", "07") OK "> 102A8086FF 33*255\n" OK "> 002A808601 33 00\n"
                  "< 5A*255 9000\n" }, /* the card dropped a zero */
    { .name = "sign P-256", .run = run_sign, .exchanges = 2,
      .args = { .key = EC_P256, .in = SHA256_ABC }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20" SHA256_ABC "00\n< " ECDSA_R ECDSA_S
                  "9000\n" },
    { .name = "sign P-256, answered as DER", .run = run_sign, .exchanges = 2,
      .args = { .key = EC_P256, .in = SHA256_ABC }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20" SHA256_ABC "00\n< 3045 0220" ECDSA_R
                  "022100" ECDSA_S "9000\n" },
    { .name = "sign P-256, SHA-384 cut", .run = run_sign, .exchanges = 2,
      .args = { .key = EC_P256, .in = "11*48" }, .out = ECDSA_R ECDSA_S,
      .dialogue = MSE("B6", "1C") OK "> 002A9E9A20 11*32 00\n< " ECDSA_R ECDSA_S "9000\n" },
    { .name = "sign without PIN", .run = run_sign, .exchanges = 2,
      .args = { .key = RSA_2048, .padding = EDGE_PKCS1, .in = INFO_ABC },
      .rc = SCARD_W_SECURITY_VIOLATION, .dialogue = MSE("B6", "57") "< 6982\n" PROOF },
    { .name = "decrypt PKCS#1 RSA-2048 short", .run = run_decrypt, .exchanges = 3,
      .args = { .key = RSA_2048, .padding = EDGE_PKCS1, .in = "77*256" },
      .out = "68656C6C6F", .dialogue = MSE("B8", "47") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 68656C6C6F 9000\n" },
    { .name = "decrypt PKCS#1 RSA-2048 extended", .run = run_decrypt, .exchanges = 2,
      .extended = true,
      .args = { .key = RSA_2048, .padding = EDGE_PKCS1, .in = "77*256" }, .out = "68656C6C6F",
      .dialogue = MSE("B8", "47") OK "> 002A8086 000100 77*256 0100\n< 68656C6C6F 9000\n" },
    { .name = "decrypt OAEP RSA-2048", .run = run_decrypt, .exchanges = 3,
      .args = { .key = RSA_2048, .padding = EDGE_OAEP_SHA1, .in = "77*256" },
      .out = "68656C6C6F", .dialogue = MSE("B8", "87") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 68656C6C6F 9000\n" },
    { .name = "decrypt raw, zeros dropped", .run = run_decrypt, .exchanges = 3,
      .args = { .key = RSA_2048, .in = "77*256" }, .out = "00*254 0205",
      .dialogue = MSE("B8", "07") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 0205 9000\n" },
    { .name = "decrypt raw RSA-4096 short", .run = run_decrypt, .exchanges = 5,
      .args = { .key = RSA_4096, .in = "77*512" }, .out = "5A*512",
      .dialogue = MSE("B8", "09") OK "> 102A8086FF 77*255\n" OK "> 102A8086FF 77*255\n" OK
      "> 002A808602 7777 00\n< 5A*256 6100\n> 00C0000000\n< 5A*256 9000\n" },
    { .name = "decrypt what does not unpad", .run = run_decrypt, .exchanges = 4,
      .args = { .key = RSA_2048, .padding = EDGE_PKCS1, .in = "77*256" },
      .rc = SCARD_F_INTERNAL_ERROR, .dialogue = MSE("B8", "47") OK "> 102A8086FF 77*255\n" OK
      "> 002A808601 77 00\n< 6A80\n" PROOF },

    /* key agreement: docs/card-extensions.md, section 1 */
    { .name = "agree P-256", .run = run_agree, .exchanges = 2, .out = DH_Z,
      .args = { .key = DH_P256, .in = DH_PEER },
      .dialogue = MSE("B8", "0C") OK AGREE_P256 DH_Z "9000\n" },
    { .name = "agree P-384", .run = run_agree, .exchanges = 2, .out = "A5*48",
      .args = { .key = { 7, 384, 0x81 }, .in = "77*96" },
      .dialogue = MSE("B8", "0D") OK "> 002A808668 A666 7F4963 8661 04 77*96 00\n< A5*48 9000\n" },
    { .name = "agree P-521", .run = run_agree, .exchanges = 2, .out = "00 A5*65",
      .args = { .key = { 8, 521, 0x81 }, .in = "01 77*131" },
      .dialogue = MSE("B8", "0E") OK "> 002A80868F A6818C 7F498188 868185 04 01 77*131 00\n"
                  "< 00 A5*65 9000\n" },
    { .name = "agree, another application took the first half", .run = run_agree, .exchanges = 6,
      .out = DH_Z, .args = { .key = DH_P256, .in = DH_PEER }, .stays = true,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "6985\n" STATUS "< 6A88\n" SELECT FCI
                  MSE("B8", "0C") OK AGREE_P256 DH_Z "9000\n" },
    { .name = "agree, not on the curve", .run = run_agree, .exchanges = 3,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "6A80\n" PROOF },
    { .name = "agree without PIN", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_W_SECURITY_VIOLATION,
      .dialogue = MSE("B8", "0C") "< 6982\n" PROOF },
    { .name = "agree, the card lacks it", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_UNSUPPORTED_FEATURE,
      .dialogue = MSE("B8", "0C") "< 6984\n" PROOF },
    { .name = "agree, Z too short", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_UNEXPECTED,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "A5*31 9000\n" },
    { .name = "agree, Z too long", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_UNEXPECTED,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "A5*33 9000\n" },
    { .name = "agree, Z longer than any", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_UNEXPECTED,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "A5*67 9000\n" },
    { .name = "agree, no Z", .run = run_agree, .exchanges = 2,
      .args = { .key = DH_P256, .in = DH_PEER }, .rc = SCARD_E_UNEXPECTED,
      .dialogue = MSE("B8", "0C") OK AGREE_P256 "9000\n" },
    { .name = "agree, half a point", .run = run_agree, .exchanges = 0, .stays = true,
      .args = { .key = DH_P256, .in = "77*32" }, .rc = SCARD_E_INVALID_PARAMETER, .dialogue = "" },
    { .name = "agree, a point with its form", .run = run_agree, .exchanges = 0, .stays = true,
      .args = { .key = DH_P256, .in = "04 77*64" }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = "" },
    { .name = "agree, a point of another curve", .run = run_agree, .exchanges = 0, .stays = true,
      .args = { .key = DH_P256, .in = "77*96" }, .rc = SCARD_E_INVALID_PARAMETER, .dialogue = "" },
    { .name = "agree with an RSA key", .run = run_agree, .exchanges = 0, .stays = true,
      .args = { .key = RSA_2048, .in = "77*512" }, .rc = SCARD_E_INVALID_PARAMETER,
      .dialogue = "" },
    { .name = "agree with nothing", .run = run_agree, .exchanges = 0, .stays = true,
      .args = { .key = { 6, 256, 0x80 }, .in = DH_PEER }, .rc = SCARD_E_NO_KEY_CONTAINER,
      .dialogue = "" },
};

int main(void)
{
    return verbs_play("gids_verbs", rows, sizeof(rows) / sizeof(rows[0]));
}
