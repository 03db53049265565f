/* SPDX-License-Identifier: MIT */
#include "tests/host/real.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const BYTE real_pin[6] = { '1', '2', '3', '4', '5', '6' };
const BYTE real_admin[24] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
unsigned (*real_exchanges)(void);
void (*real_reset_at)(unsigned n);

const char *real_pcsc(void)
{
    const char *plugged = getenv("CARDMINT_TEST_PCSC");

    return plugged != NULL ? plugged : COUNTING_PCSC;
}

bool real_is_plugged(void)
{
    return getenv("CARDMINT_TEST_PCSC") != NULL;
}

static unsigned count_nothing(void)
{
    return 0;
}

static char home[] = "/tmp/cardmint-host-XXXXXX";

void real_make_card(const char *name, const struct softcard_options *options,
                    const struct softcard_person *who)
{
    static const struct softcard_person standard = {
        .pin = real_pin, .pin_len = sizeof real_pin, .admin_key = real_admin,
        .admin_key_len = sizeof real_admin,
    };
    struct softcard *card = NULL;
    char path[HOME_PATH_MAX];

    assert_int_equal(home_make(), SOFTCARD_OK);
    assert_true(home_image_path(name, path));
    assert_int_equal(softcard_create(path, options), SOFTCARD_OK);
    assert_int_equal(softcard_open(path, &card), SOFTCARD_OK);
    assert_int_equal(softcard_personalise(card, who != NULL ? who : &standard), SOFTCARD_OK);
    softcard_close(card);
    assert_int_equal(home_insert(name), SOFTCARD_OK);
}

struct host *real_open(const char *reader, DWORD version, DWORD keep_ms)
{
    struct host_policy policy = host_policy_default();
    struct host_options options = { .module = MODULE, .pcsc = real_pcsc(), .reader = reader,
                                    .version = version, .policy = &policy };
    struct host_error err = { 0 };
    struct host *host = NULL;

    policy.TransactionTimeoutMilliseconds = keep_ms;
    if (host_open(&options, &host, &err) != SCARD_S_SUCCESS)
        fail_msg("%s", err.says);
    return host;
}

static void resolve(void *library, const char *name, void *ret)
{
    void *symbol = dlsym(library, name);

    assert_non_null(symbol);
    memcpy(ret, &symbol, sizeof symbol);
}

int real_setup(void **state)
{
    struct host *host;
    void *library;

    (void)state;
    real_exchanges = count_nothing;
    if (real_is_plugged())
        return 0;
    if (mkdtemp(home) == NULL || setenv("CARDMINT_HOME", home, 1) != 0)
        return -1;
    library = dlopen(COUNTING_PCSC, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    resolve(library, "counting_pcsc_exchanges", &real_exchanges);
    resolve(library, "counting_pcsc_reset_at", &real_reset_at);
    real_make_card(REAL_CARD, NULL, NULL);
    host = real_open(NULL, 0, 0);
    assert_ok(host_create_card(host, real_admin, sizeof real_admin));
    host_close(host);
    return 0;
}

int real_teardown(void **state)
{
    char command[64];

    (void)state;
    if (real_is_plugged())
        return 0;
    (void)home_remove(REAL_CARD);
    snprintf(command, sizeof command, "rm -r '%s'", home);
    return system(command);
}
