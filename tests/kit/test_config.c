/* SPDX-License-Identifier: MIT */
/* The kit's configuration: every member by its name, and every way to be wrong. */
#include "kit/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/cardmint-kit-config-XXXXXX";
static char path[128];

static void write_file(const char *name, const void *text, size_t len)
{
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static bool reads(struct kit_config *config, const char *text, char says[256])
{
    write_file("kit.conf", text, strlen(text));
    return kit_config_read(config, path, says);
}

static void defaults(void **state)
{
    struct kit_config c = kit_config_default();
    char says[256];

    (void)state;
    assert_int_equal(c.least_version, 4);
    assert_int_equal(c.newest_version, 7);
    assert_int_equal(c.repeats, 20);
    assert_int_equal(c.threads, 8);
    assert_int_equal(c.user_pin.len, 0);
    assert_int_equal(c.key_import, KIT_ASK);
    assert_true(kit_config_check(&c, says));
    kit_config_clear(&c);
    kit_config_clear(&c); /* twice is no harm */
}

/* Every name that there is, and what it must have done. */
static const char full[] = "# a comment\n"
                           "module = /lib/a.so # and another\n"
                           "pcsc=/lib/p.so\n"
                           "  reader = ACS #1 00 00  \r\n"
                           "second_reader = ACS #2 00 00\n"
                           "INF = a.inf\n"
                           "least_version = 5\nnewest_version = 6\n"
                           "user_pin = 1234\nadmin_pin = two words\npuk = 0x3132FF\n"
                           "admin_key = 0x01 0x02 03 0405060708090a0b0c0d0e0f10\n"
                           "admin_aes = yes\npin_least = 6\npin_most = 0x10\npin_tries = 15\n"
                           "pin_blocks = no\nadmin_blocks = YES\nkey_import = true\n"
                           "key_generation = ask\nkey_specs = AT_SIGNATURE, AT_ECDHE_P521\n"
                           "rsa_bits = 1024 2048\npaddings = pkcs1 CARD_PADDING_OAEP\n"
                           "kdfs = hash hmac TLS_PRF sp800_56a_concat\nretry_count = no\n"
                           "threads = 9\nthread_rounds = 2\nchallenges = 10\nrepeats = 3\n"
                           "seconds = 1\nlimit_seconds = 30\nkeep_fixture = yes";

static void every_member(void **state)
{
    struct kit_config c = kit_config_default();
    char says[256] = "";

    (void)state;
    if (!reads(&c, full, says))
        fail_msg("%s", says);
    assert_string_equal(c.module, "/lib/a.so");
    assert_string_equal(c.pcsc, "/lib/p.so");
    assert_string_equal(c.readers[0], "ACS"); /* a # that begins a word is a comment */
    assert_string_equal(c.inf, "a.inf");
    assert_int_equal(c.least_version, 5);
    assert_int_equal(c.newest_version, 6);
    assert_memory_equal(c.user_pin.bytes, "1234", 4);
    assert_int_equal(c.admin_pin.len, 9);
    assert_int_equal(c.puk.len, 3);
    assert_int_equal(c.puk.bytes[2], 0xFF);
    assert_int_equal(c.admin_key.len, 16);
    assert_int_equal(c.admin_key.bytes[15], 0x10);
    assert_true(c.admin_aes);
    assert_int_equal(c.pin_least, 6);
    assert_int_equal(c.pin_most, 16);
    assert_int_equal(c.pin_tries, 15);
    assert_int_equal(c.pin_blocks, KIT_NO);
    assert_int_equal(c.admin_blocks, KIT_YES);
    assert_int_equal(c.key_import, KIT_YES);
    assert_int_equal(c.key_generation, KIT_ASK);
    assert_int_equal(c.key_specs, 1u << AT_SIGNATURE | 1u << AT_ECDHE_P521);
    assert_int_equal(c.rsa_bits[1], 2048);
    assert_int_equal(c.rsa_bits[2], 0);
    assert_int_equal(c.paddings, 1u << CARD_PADDING_PKCS1 | 1u << CARD_PADDING_OAEP);
    assert_int_equal(c.kdfs, 15);
    assert_int_equal(c.retry_count, KIT_NO);
    assert_int_equal(c.threads, 9);
    assert_int_equal(c.thread_rounds, 2);
    assert_int_equal(c.challenges, 10);
    assert_int_equal(c.repeats, 3);
    assert_int_equal(c.seconds, 1);
    assert_int_equal(c.limit_seconds, 30);
    assert_true(c.keep_fixture);
    kit_config_clear(&c);
}

/* The text above has them all. */
static void no_name_is_forgotten(void **state)
{
    (void)state;
    for (size_t n = 0; kit_config_name(n) != NULL; n++)
        if (strcasestr(full, kit_config_name(n)) == NULL)
            fail_msg("%s is not tested", kit_config_name(n));
}

static void text_errors(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "modul = x", "line 1: there is no setting \"modul\"" },
        { "\n\nmodule", "line 3: this is not" },
        { "module =", "module has no value" },
        { "user_pin = # none", "user_pin has no value" },
        { "least_version = 3", "from 4 to 7, not \"3\"" },
        { "least_version = 8", "from 4 to 7" },
        { "threads = 0", "from 1 to 64" },
        { "threads = -1", "from 1 to 64" },
        { "threads = 1 2", "from 1 to 64" },
        { "repeats = many", "not \"many\"" },
        { "challenges = 99999999999999999999", "a number from" },
        { "admin_aes = perhaps", "yes or no, not \"perhaps\"" },
        { "key_import = perhaps", "yes, no or ask" },
        { "key_specs = AT_SIGNATURE AT_RSA", "\"AT_RSA\" is not known" },
        { "paddings = none", "\"none\" is not known" },
        { "kdfs = md5", "\"md5\" is not known" },
        { "rsa_bits = 1", "numbers from 384" },
        { "rsa_bits = 1024 big", "not \"big\"" },
        { "rsa_bits = 512 512 512 512 512 512 512 512", "at most 7" },
        { "user_pin = 0x", "hexadecimal" },
        { "user_pin = 0x313", "hexadecimal" },
        { "user_pin = 0x31 0xZZ", "hexadecimal" },
        { "admin_key = 0x0102", "admin_key has 2 bytes" },
        { "least_version = 7\nnewest_version = 5", "least_version 7 is above" },
        { "pin_least = 9\npin_most = 8", "pin_least 9 is above" },
        { "second_reader = x", "no reader" },
    };
    char says[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kit_config c = kit_config_default();

        says[0] = '\0';
        if (reads(&c, rows[i].text, says))
            fail_msg("accepted: %s", rows[i].text);
        if (strstr(says, rows[i].says) == NULL || strstr(says, "kit.conf") == NULL ||
            strchr(says, '\n') != NULL)
            fail_msg("%s: says %s", rows[i].text, says);
        kit_config_clear(&c);
    }
}

/* What is refused is never repeated where it may be a secret. */
static void secrets_stay_secret(void **state)
{
    struct kit_config c = kit_config_default();
    char says[256], text[300] = "user_pin = 0xSECRET";

    (void)state;
    assert_false(reads(&c, text, says));
    assert_null(strstr(says, "SECRET"));
    memset(text + 11, 'S', sizeof(text) - 12);
    text[sizeof(text) - 1] = '\0';
    assert_false(reads(&c, text, says));
    assert_null(strstr(says, "SSSS"));
    assert_int_equal(c.user_pin.len, 0);
    kit_config_clear(&c);
}

static void strange_files(void **state)
{
    static char longest[6000];
    struct kit_config c = kit_config_default();
    char says[256];

    (void)state;
    assert_false(kit_config_read(&c, "/nowhere/kit.conf", says));
    assert_non_null(strstr(says, "/nowhere/kit.conf cannot be read"));
    assert_false(kit_config_load(&c, "/nowhere/kit.conf", says));
    assert_false(kit_config_read(&c, dir, says));
    write_file("nul", "module = a\0b\n", 13);
    assert_false(kit_config_read(&c, path, says));
    assert_non_null(strstr(says, "not a text file"));
    memset(longest, 'a', sizeof(longest));
    write_file("long", longest, sizeof(longest));
    assert_false(kit_config_read(&c, path, says));
    assert_non_null(strstr(says, "too long"));
    write_file("empty", "", 0);
    assert_true(kit_config_load(&c, path, says));
    kit_config_clear(&c);
}

/* Which of both it is, its first byte tells. */
static void either_form(void **state)
{
    static const char utf16[] = "\xFF\xFE<\0C\0M\0C\0K\0C\0o\0n\0f\0i\0g\0/\0>\0";
    struct kit_config c = kit_config_default();
    char says[256];

    (void)state;
    write_file("text", "threads = 3\n", 12);
    assert_true(kit_config_load(&c, path, says));
    assert_int_equal(c.threads, 3);
    assert_true(kit_config_load(&c, DATA "/cmck_config.xml", says));
    assert_int_equal(c.threads, 6);
    write_file("utf16", utf16, sizeof(utf16) - 1);
    assert_false(kit_config_load(&c, path, says));
    assert_non_null(strstr(says, "<CMCKConfig>, line 1: needs V5"));
    write_file("bom", "\xEF\xBB\xBF<CMCKConfig/>", 16);
    assert_false(kit_config_load(&c, path, says));
    assert_non_null(strstr(says, "needs V5"));
    kit_config_clear(&c);
}

static int begin(void **state)
{
    (void)state;
    return mkdtemp(dir) != NULL ? 0 : -1;
}

static int end(void **state)
{
    static const char *const names[] = { "kit.conf", "nul", "long", "empty", "text", "utf16",
                                         "bom" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_member),
        cmocka_unit_test(no_name_is_forgotten),
        cmocka_unit_test(text_errors),
        cmocka_unit_test(secrets_stay_secret),
        cmocka_unit_test(strange_files),
        cmocka_unit_test(either_form),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
