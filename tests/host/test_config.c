/* SPDX-License-Identifier: MIT */
/* The configuration: values, the file, which file, and what the policies allow. */
#include "tests/host/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/cardmint-config-XXXXXX";
static char path[64]; /* a file in it */

static int setup(void **state)
{
    (void)state;
    if (folder[strlen(folder) - 1] == 'X' && mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    (void)unsetenv("CARDMINT_CONFIG");
    return setenv("HOME", folder, 1) | setenv("XDG_CONFIG_HOME", folder, 1);
}

static int finish(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

static void write_bytes(const char *file, const char *text, size_t len)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static void write_text(const char *file, const char *text)
{
    write_bytes(file, text, strlen(text));
}

static struct host_config load(const char *text)
{
    struct host_config config;
    struct host_error err = { 0 };

    write_text(path, text);
    if (host_config_load(path, &config, &err) != SCARD_S_SUCCESS)
        fail_msg("%s", err.says);
    return config;
}

/* ---- values -------------------------------------------------------------------------------- */

static void defaults_are_those_of_the_specification(void **state)
{
    struct host_policy policy = host_policy_default();

    (void)state;
    assert_int_equal(policy.DefaultPrivateKeyLenBits, 0x400);
    assert_int_equal(policy.TransactionTimeoutMilliseconds, 0x5dc);
    assert_false(policy.RequireOnCardPrivateKeyGen);
    assert_false(policy.AllowPrivateSignatureKeyImport);
    assert_false(policy.AllowPrivateExchangeKeyImport);
    assert_false(policy.AllowPrivateECDHEKeyImport);
    assert_false(policy.AllowPrivateECDSAKeyImport);
}

static void bad_values_are_named(void **state)
{
    static const struct {
        const char *name, *value, *says;
    } rows[] = {
        { "TransactionTimeoutMillisecond", "1", "TransactionTimeoutMillisecond" },
        { "", "1", "no setting" },
        { "TransactionTimeoutMilliseconds", "", "no value" },
        { "TransactionTimeoutMilliseconds", "-1", "-1" },
        { "TransactionTimeoutMilliseconds", "+1", "+1" },
        { "TransactionTimeoutMilliseconds", " 1", " 1" },
        { "TransactionTimeoutMilliseconds", "1.5", "1.5" },
        { "TransactionTimeoutMilliseconds", "1s", "1s" },
        { "TransactionTimeoutMilliseconds", "5dc", "5dc" },
        { "TransactionTimeoutMilliseconds", "0x", "0x" },
        { "TransactionTimeoutMilliseconds", "0x5dg", "0x5dg" },
        { "TransactionTimeoutMilliseconds", "4294967296", "4294967295" },
        { "TransactionTimeoutMilliseconds", "99999999999999999999999", "4294967295" },
        { "DefaultPrivateKeyLenBits", "1023", "1024" },
        { "DefaultPrivateKeyLenBits", "16385", "16384" },
        { "version", "3", "4" },
        { "version", "8", "7" },
        { "RequireOnCardPrivateKeyGen", "2", "yes or no" },
        { "RequireOnCardPrivateKeyGen", "on", "yes or no" },
        { "AllowPrivateECDSAKeyImport", "yess", "yes or no" },
    };
    struct host_config config = { .policy = host_policy_default() }, before = config;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host_error err = { 0 };

        assert_code(host_config_set(&config, rows[i].name, rows[i].value, &err),
                    SCARD_E_INVALID_VALUE);
        assert_int_equal(err.code, SCARD_E_INVALID_VALUE);
        assert_non_null(strstr(err.says, rows[i].says));
        assert_code(host_config_set(&config, rows[i].name, rows[i].value, NULL),
                    SCARD_E_INVALID_VALUE);
    }
    assert_int_equal(config.policy.TransactionTimeoutMilliseconds,
                     before.policy.TransactionTimeoutMilliseconds);
    assert_int_equal(config.version, 0);
}

static void good_values_are_taken(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { "defaultprivatekeylenbits", "0x800" }, { "REQUIREONCARDPRIVATEKEYGEN", "Yes" },
        { "TransactionTimeoutMilliseconds", "0XfF" }, { "AllowPrivateSignatureKeyImport", "true" },
        { "AllowPrivateExchangeKeyImport", "1" }, { "AllowPrivateECDHEKeyImport", "TRUE" },
        { "AllowPrivateECDSAKeyImport", "no" }, { "Reader", "a" }, { "reader", "b c" },
        { "module", "/m" }, { "pcsc", "system" }, { "version", "6" },
    };
    struct host_config config = { .policy = host_policy_default() };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_ok(host_config_set(&config, rows[i].name, rows[i].value, NULL));
    assert_int_equal(config.policy.DefaultPrivateKeyLenBits, 2048);
    assert_int_equal(config.policy.TransactionTimeoutMilliseconds, 255);
    assert_true(config.policy.RequireOnCardPrivateKeyGen);
    assert_true(config.policy.AllowPrivateSignatureKeyImport);
    assert_true(config.policy.AllowPrivateExchangeKeyImport);
    assert_true(config.policy.AllowPrivateECDHEKeyImport);
    assert_false(config.policy.AllowPrivateECDSAKeyImport);
    assert_string_equal(config.reader, "b c");
    assert_string_equal(config.module, "/m");
    assert_string_equal(config.pcsc, "system");
    assert_int_equal(config.version, 6);
    host_config_clear(&config);
    assert_null(config.reader);
    host_config_clear(&config);
}

/* ---- the file ------------------------------------------------------------------------------ */

static void bad_lines_are_named(void **state)
{
    static const struct {
        const char *text, *line;
    } rows[] = {
        { "nonsense", "line 1:" },
        { "reader = x\n\n= 3\n", "line 3:" },
        { "reader = x\r\nversion = 9\r\nreader = y\r\n", "line 2:" },
        { "reader = # none\n", "line 1:" },
        { "# fine\nreader# = x\n", "line 2:" },
    };
    struct host_config config = { .version = 77 };
    char *huge = calloc(1, 6001);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host_error err = { 0 };

        write_text(path, rows[i].text);
        assert_code(host_config_load(path, &config, &err), SCARD_E_INVALID_VALUE);
        assert_non_null(strstr(err.says, path));
        assert_non_null(strstr(err.says, rows[i].line));
    }
    write_bytes(path, "reader = a\0b\n", 13);
    assert_code(host_config_load(path, &config, NULL), SCARD_E_INVALID_VALUE);
    memset(huge, 'x', 6000);
    write_text(path, huge);
    assert_code(host_config_load(path, &config, NULL), SCARD_E_INVALID_VALUE);
    assert_int_equal(config.version, 77); /* left alone */
    free(huge);
}

static void lines_are_read(void **state)
{
    struct host_config config = load("# a comment\n"
                                     "\n"
                                     "  reader=  ACR #2   # the left one\r\n"
                                     "\tpcsc = system\n"
                                     "module = /a=b\n"
                                     "version = 5\n"
                                     "version = 6\n"
                                     "TransactionTimeoutMilliseconds = 0"); /* no end of line */

    (void)state;
    assert_string_equal(config.reader, "ACR"); /* a # at the start of a word */
    assert_string_equal(config.pcsc, "system");
    assert_string_equal(config.module, "/a=b");
    assert_int_equal(config.version, 6);
    assert_int_equal(config.policy.TransactionTimeoutMilliseconds, 0);
    assert_int_equal(config.policy.DefaultPrivateKeyLenBits, 1024);
    host_config_clear(&config);
    config = load("reader = ACR#2");
    assert_string_equal(config.reader, "ACR#2");
    host_config_clear(&config);
    config = load("");
    assert_null(config.reader);
    host_config_clear(&config);
}

static void named_file_must_be_there(void **state)
{
    struct host_config config;
    struct host_error err = { 0 };
    char lacking[80];

    (void)state;
    snprintf(lacking, sizeof lacking, "%s/lacking", folder);
    assert_code(host_config_load(lacking, &config, &err), ERROR_FILE_NOT_FOUND);
    assert_non_null(strstr(err.says, lacking));
    assert_code(host_config_load(folder, &config, &err), ERROR_ACCESS_DENIED); /* a folder */
    assert_int_equal(setenv("CARDMINT_CONFIG", lacking, 1), 0);
    assert_code(host_config_load(NULL, &config, &err), ERROR_FILE_NOT_FOUND);
    assert_non_null(strstr(err.says, lacking));
}

static void first_file_of_the_list_counts(void **state)
{
    struct host_config config;
    char file[80];

    (void)state;
    assert_ok(host_config_load(NULL, &config, NULL)); /* none: no error */
    host_config_clear(&config);
    snprintf(file, sizeof file, "%s/.config", folder);
    assert_int_equal(mkdir(file, 0700), 0);
    strcat(file, "/cardmint");
    assert_int_equal(mkdir(file, 0700), 0);
    strcat(file, "/cardmint.conf");
    write_text(file, "reader = home");
    assert_ok(host_config_load(NULL, &config, NULL));
    assert_null(config.reader); /* XDG_CONFIG_HOME is elsewhere */
    host_config_clear(&config);
    assert_int_equal(setenv("XDG_CONFIG_HOME", "relative", 1), 0); /* does not count */
    assert_ok(host_config_load(NULL, &config, NULL));
    assert_string_equal(config.reader, "home");
    host_config_clear(&config);
    write_text(path, "reader = named");
    assert_int_equal(setenv("CARDMINT_CONFIG", path, 1), 0);
    assert_ok(host_config_load(NULL, &config, NULL));
    assert_string_equal(config.reader, "named");
    host_config_clear(&config);
    assert_ok(host_config_load(file, &config, NULL));
    assert_string_equal(config.reader, "home");
    host_config_clear(&config);
}

/* ---- what they allow ----------------------------------------------------------------------- */

static void imports_are_allowed_by_kind(void **state)
{
    static const struct {
        DWORD spec;
        const char *name;
    } rows[] = {
        { AT_KEYEXCHANGE, "AllowPrivateExchangeKeyImport" },
        { AT_SIGNATURE, "AllowPrivateSignatureKeyImport" },
        { AT_ECDSA_P256, "AllowPrivateECDSAKeyImport" },
        { AT_ECDSA_P521, "AllowPrivateECDSAKeyImport" },
        { AT_ECDHE_P256, "AllowPrivateECDHEKeyImport" },
        { AT_ECDHE_P521, "AllowPrivateECDHEKeyImport" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host_config config = { .policy = host_policy_default() };
        struct host host = { .policy = config.policy };
        struct host_error err = { 0 };

        assert_code(policy_allows_import(&host, rows[i].spec, &err), SCARD_W_SECURITY_VIOLATION);
        assert_non_null(strstr(err.says, rows[i].name));
        assert_ok(host_config_set(&config, rows[i].name, "yes", NULL));
        host.policy = config.policy;
        for (size_t j = 0; j < sizeof rows / sizeof rows[0]; j++)
            assert_code(policy_allows_import(&host, rows[j].spec, NULL),
                        strcmp(rows[j].name, rows[i].name) == 0 ? SCARD_S_SUCCESS
                                                                : SCARD_W_SECURITY_VIOLATION);
        host.policy.RequireOnCardPrivateKeyGen = true;
        assert_code(policy_allows_import(&host, rows[i].spec, &err), SCARD_W_SECURITY_VIOLATION);
        assert_non_null(strstr(err.says, "RequireOnCardPrivateKeyGen"));
        assert_code(policy_allows_import(&host, 99, &err), SCARD_E_INVALID_PARAMETER);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, NULL)
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_those_of_the_specification),
        TEST(bad_values_are_named),
        TEST(good_values_are_taken),
        TEST(bad_lines_are_named),
        TEST(lines_are_read),
        TEST(named_file_must_be_there),
        TEST(first_file_of_the_list_counts),
        TEST(imports_are_allowed_by_kind),
    };

    return cmocka_run_group_tests_name("host_config", tests, NULL, finish);
}
