/* SPDX-License-Identifier: MIT */
/* The closed tool's configuration: what it sets, what is refused and where, and files that are
 * attacks. */
#include "kit/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/cardmint-kit-xml-XXXXXX";
static char path[128];

static bool reads(struct kit_config *config, const char *text, size_t len, char says[256])
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return kit_config_read_xml(config, path, says);
}

/* V5 counts where it is there, wherever it stands; what is on the command line before stays. */
static void all_there_is(void **state)
{
    struct kit_config c = kit_config_default();
    char says[256] = "";

    (void)state;
    assert_true(kit_config_set(&c, "module", "/lib/a.so", says));
    assert_true(kit_config_set(&c, "reader", "ACS", says));
    if (!kit_config_read_xml(&c, DATA "/cmck_config.xml", says))
        fail_msg("%s", says);
    assert_string_equal(c.module, "/lib/a.so");
    assert_string_equal(c.readers[0], "ACS");
    assert_int_equal(c.user_pin.len, 4);
    assert_memory_equal(c.user_pin.bytes, "1234", 4);
    assert_int_equal(c.pin_blocks, KIT_YES);
    assert_int_equal(c.admin_pin.len, 0); /* of EmptyPinType */
    assert_int_equal(c.admin_key.len, 24);
    assert_int_equal(c.admin_key.bytes[23], 0x18);
    assert_false(c.admin_aes);
    assert_int_equal(c.admin_blocks, KIT_YES);
    assert_int_equal(c.least_version, 4);
    assert_int_equal(c.newest_version, 6);
    assert_int_equal(c.key_import, KIT_NO);
    assert_int_equal(c.key_specs, 1u << AT_SIGNATURE | 1u << AT_KEYEXCHANGE | 1u << AT_ECDHE_P256);
    assert_int_equal(c.paddings, 1u << CARD_PADDING_PKCS1 | 1u << CARD_PADDING_PSS);
    assert_int_equal(c.kdfs, KIT_KDF_HASH | KIT_KDF_SP800_56A);
    assert_int_equal(c.threads, 6);
    assert_int_equal(c.thread_rounds, 7);
    assert_int_equal(c.challenges, 200);
    assert_null(c.inf); /* a path of Windows, and no such file beside ours */
    kit_config_clear(&c);
}

/* "..." inside <V7><CardDefaults>...</CardDefaults></V7> */
#define IN(text) "<CMCKConfig><V7><CardDefaults>" text "</CardDefaults></V7></CMCKConfig>"
#define PIN(text) IN("<DefaultPins><PinEntry>" text "</PinEntry></DefaultPins>")
#define KEY(text) IN("<DefaultKeys><KeyEntry>" text "</KeyEntry></DefaultKeys>")
#define CARD(text) IN("<CardSupports>" text "</CardSupports>")
#define PARAM(text) \
    "<CMCKConfig><V5><TestSuiteDefaults><TestParams><TestParam>" text \
    "</TestParam></TestParams></TestSuiteDefaults></V5></CMCKConfig>"
#define BITS32 "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

static void other_good_ones(void **state)
{
    struct kit_config c = kit_config_default();
    static const char admin[] = PIN("<RoleID>2</RoleID><Type>AlphaNumericPinType</Type>"
                                    "<Value>0x39 0x39</Value><Blocking>False</Blocking>");
    static const char response[] =
        PIN("<RoleID>2</RoleID><Type>ChallengeResponsePinType</Type>"
            "<Value>0x000102030405060708090a0b0c0d0e0f</Value>");
    static const char aes[] = KEY("<Type>Admin</Type><Algorithm>AES</Algorithm>"
                                  "<Value>" BITS32 "</Value>");
    static const char cdata[] = CARD("<KeyTypes><![CDATA[AT_SIGNATURE]]></KeyTypes><?note x?>");
    char says[256] = "";

    (void)state;
    assert_true(reads(&c, admin, sizeof(admin) - 1, says));
    assert_memory_equal(c.admin_pin.bytes, "99", 2);
    assert_int_equal(c.admin_blocks, KIT_NO);
    assert_true(reads(&c, response, sizeof(response) - 1, says));
    assert_int_equal(c.admin_key.len, 16);
    assert_true(reads(&c, aes, sizeof(aes) - 1, says));
    assert_true(c.admin_aes);
    assert_int_equal(c.admin_key.len, 32);
    assert_true(reads(&c, cdata, sizeof(cdata) - 1, says));
    assert_int_equal(c.key_specs, 1u << AT_SIGNATURE);
    kit_config_clear(&c);
}

/* The INF file is the one beside the configuration, whatever folder of Windows is named. */
static void inf_beside(void **state)
{
    static const char text[] = "<CMCKConfig><V5><TestSuiteDefaults><INF><INFFile>\n C:\\x\\y.inf"
                               "</INFFile></INF></TestSuiteDefaults></V5></CMCKConfig>";
    struct kit_config c = kit_config_default();
    char says[256], inf[128];
    FILE *file;

    (void)state;
    snprintf(inf, sizeof(inf), "%s/y.inf", dir);
    file = fopen(inf, "w");
    assert_non_null(file);
    fclose(file);
    assert_true(reads(&c, text, sizeof(text) - 1, says));
    assert_string_equal(c.inf, inf);
    unlink(inf);
    kit_config_clear(&c);
}

static void refused(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "line" },
        { "<CMCKConfig><V5></CMCKConfig>", "line 1: " },
        { "<CMCKConfig>\n<V5>\n</V6></CMCKConfig>", "<V5>, line 3: " },
        { "<Other/>", "<Other>, line 1: must be CMCKConfig" },
        { "<CMCKConfig/>", "<CMCKConfig>, line 1: needs V5, V6 or V7" },
        { "<CMCKConfig>\n<V8/></CMCKConfig>", "<V8>, line 2: is not known here" },
        { "<CMCKConfig><V5/><V5/></CMCKConfig>", "<V5>, line 1: is there twice" },
        { "<CMCKConfig><V5>\n\n<Card/></V5></CMCKConfig>", "<Card>, line 3: is not known here" },
        { "<CMCKConfig><V5>text</V5></CMCKConfig>", "<V5>, line 1: must have elements, not text" },
        { IN("\n<DefaultPins><PinEntri/></DefaultPins>"), "<PinEntri>, line 2: is not known here" },
        { PIN(""), "<PinEntry>, line 1: needs a RoleID" },
        { PIN("<RoleID>1</RoleID>"), "needs a Type" },
        { PIN("<RoleID>8</RoleID>"), "<RoleID>, line 1: must be a role from 1 to 7" },
        { PIN("<RoleID>1</RoleID><Type>AlphaNumericPinType</Type>"), "needs a Value" },
        { PIN("<RoleID>1</RoleID>\n<Type>Pin</Type>"), "<Type>, line 2: must be Alpha" },
        { PIN("<RoleID>1</RoleID><Type>AlphaNumericPinType</Type>\n<Value>0x3</Value>"),
          "<Value>, line 2: user_pin is text, or 0x" },
        { PIN("<RoleID>1</RoleID><Type>AlphaNumericPinType</Type><Value>0x31</Value>"
              "<Blocking>maybe</Blocking>"),
          "<Blocking>, line 1: must be True or False" },
        { PIN("<AllowZeroLength/>"), "<AllowZeroLength>, line 1: must be True or False" },
        { PIN("<RoleID><b>1</b></RoleID>"), "<RoleID>, line 1: must have text, not elements" },
        { KEY("<Type>User</Type><Value>0x00</Value>"), "<Type>, line 1: must be Admin" },
        { KEY("<Value>0x00</Value>"), "needs a Type" },
        { KEY("<Type>Admin</Type>"), "needs a Value" },
        { KEY("<Type>Admin</Type><Algorithm>DES</Algorithm><Value>0x00</Value>"),
          "<Algorithm>, line 1: must be 3DES or AES" },
        { KEY("<Type>Admin</Type><Mode>CBC</Mode><Value>0x00</Value>"), "must be ECB" },
        { KEY("<Type>Admin</Type><Value>0x00</Value>"), "<V7>, line 1: admin_key has 1 bytes" },
        { KEY("<Type>Admin</Type><Value>" BITS32 "</Value>"), "admin_key has 32 bytes" },
        { CARD("<MinimumVersion>3</MinimumVersion>"), "<MinimumVersion>, line 1: least_version is" },
        { CARD("<MinimumVersion>7</MinimumVersion>\n<CurrentVersion>5</CurrentVersion>"),
          "<V7>, line 1: least_version 7 is above newest_version 5" },
        { CARD("<KeyTypes>AT_RSA</KeyTypes>"), "<KeyTypes>, line 1: key_specs: \"AT_RSA\"" },
        { CARD("<KeyImport>x</KeyImport>"), "<KeyImport>, line 1: key_import is yes, no" },
        { CARD("<SupportsCardSignData>x</SupportsCardSignData>"), "must be True or False" },
        { CARD("<Supports>True</Supports>"), "<Supports>, line 1: is not known here" },
        { PARAM("<Test>MultiThreaded</Test><Name>t</Name>"), "needs a Value" },
        { PARAM("<Test>MultiThreaded</Test><Value>1</Value>"), "needs a Name" },
        { PARAM("<Name>t</Name><Value>1</Value>"), "needs a Test" },
        { PARAM("<Test>MultiThreaded</Test><Name>t</Name><Value>0</Value>"),
          "<Value>, line 1: threads is a number" },
        { "<CMCKConfig><V7>&lol;</V7></CMCKConfig>", "lol" },
    };
    char says[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kit_config c = kit_config_default();

        says[0] = '\0';
        if (reads(&c, rows[i].text, strlen(rows[i].text), says))
            fail_msg("accepted: %s", rows[i].text);
        if (strstr(says, rows[i].says) == NULL || strchr(says, '\n') != NULL ||
            strncmp(says, path, strlen(path)) != 0)
            fail_msg("%s: says %s", rows[i].text, says);
        assert_int_equal(c.user_pin.len, 0); /* nothing of it was taken */
        kit_config_clear(&c);
    }
}

static void is_attack(const char *text, size_t len, const char *word)
{
    struct kit_config c = kit_config_default();
    char says[256];

    assert_false(reads(&c, text, len, says));
    if (strstr(says, word) == NULL)
        fail_msg("says %s", says);
    kit_config_clear(&c);
}

/* Whatever a document type could do, it is not read. */
static void document_types(void **state)
{
    static const char bomb[] =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE CMCKConfig [\n<!ENTITY a \"aaaaaaaaaaaaaaaa\">\n"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\n"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\n"
        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\n"
        "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\n"
        "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">\n"
        "]>\n<CMCKConfig><V5><Version>&f;</Version></V5></CMCKConfig>";
    static const char file[] =
        "<!DOCTYPE CMCKConfig [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
        "<CMCKConfig><V5><Version>&x;</Version></V5></CMCKConfig>";
    static const char net[] = "\n<!DOCTYPE CMCKConfig SYSTEM \"http://127.0.0.1:9/x.dtd\">\n"
                              "<CMCKConfig><V5/></CMCKConfig>";

    (void)state;
    is_attack(bomb, sizeof(bomb) - 1, "<!DOCTYPE>, line 2: a document type is not allowed");
    is_attack(file, sizeof(file) - 1, "<!DOCTYPE>, line 1");
    is_attack(net, sizeof(net) - 1, "<!DOCTYPE>, line 2");
}

static void huge_and_deep(void **state)
{
    const size_t room = (2u << 20) + 64;
    char *text = malloc(room);
    size_t len = 0;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 10000; i++, len += 3)
        memcpy(text + len, "<a>", 3);
    is_attack(text, len, "depth");
    memset(text, ' ', room);
    memcpy(text, "<CMCKConfig>", 12);
    is_attack(text, room, "larger than 1 MiB");
    memset(text, 0, 100);
    is_attack(text, 100, "line");
    free(text);
}

static void no_file(void **state)
{
    struct kit_config c = kit_config_default();
    char says[256];

    (void)state;
    assert_false(kit_config_read_xml(&c, "/nowhere.xml", says));
    assert_non_null(strstr(says, "/nowhere.xml cannot be read: No such file"));
    assert_false(kit_config_read_xml(&c, dir, says));
    assert_non_null(strstr(says, "cannot be read"));
    kit_config_clear(&c);
}

static int begin(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/x.xml", dir);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_there_is),   cmocka_unit_test(other_good_ones),
        cmocka_unit_test(inf_beside),     cmocka_unit_test(refused),
        cmocka_unit_test(document_types), cmocka_unit_test(huge_and_deep),
        cmocka_unit_test(no_file),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
