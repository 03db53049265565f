/* SPDX-License-Identifier: MIT */
/* Policies, and the configuration file they come from. */
#include "host/host_internal.h"

#include "base/settings.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "cardmint.conf"
#define SYSTEM_FILE "/etc/" FILE_NAME

/* The defaults of the seed ("Group Policy Settings", the same for CSP and KSP). Its 1024 bits are
 * too few for RSA today: who makes keys to last asks for more, or sets it. */
struct host_policy host_policy_default(void)
{
    return (struct host_policy){
        .DefaultPrivateKeyLenBits = 1024,
        .TransactionTimeoutMilliseconds = 1500,
    };
}

/* ---- one value ----------------------------------------------------------------------------- */

enum kind { NUMBER, FLAG, TEXT };

#define POLICY(name) #name, offsetof(struct host_config, policy.name)
#define OTHER(name)  #name, offsetof(struct host_config, name)

static const struct entry {
    const char *name;
    size_t at;
    enum kind kind;
    DWORD least, most; /* NUMBER */
} entries[] = {
    { POLICY(DefaultPrivateKeyLenBits),       NUMBER, 1024, 16384      },
    { POLICY(RequireOnCardPrivateKeyGen),     FLAG,   0,    0          },
    { POLICY(TransactionTimeoutMilliseconds), NUMBER, 0,    0xFFFFFFFF },
    { POLICY(AllowPrivateSignatureKeyImport), FLAG,   0,    0          },
    { POLICY(AllowPrivateExchangeKeyImport),  FLAG,   0,    0          },
    { POLICY(AllowPrivateECDHEKeyImport),     FLAG,   0,    0          },
    { POLICY(AllowPrivateECDSAKeyImport),     FLAG,   0,    0          },
    { OTHER(reader),                          TEXT,   0,    0          },
    { OTHER(module),                          TEXT,   0,    0          },
    { OTHER(pcsc),                            TEXT,   0,    0          },
    { OTHER(version),                         NUMBER, 4,    7          },
};

static const struct entry *find(const char *name)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (name_equal(entries[i].name, name))
            return &entries[i];
    }
    return NULL;
}

static DWORD set_text(char **at, const char *value, struct host_error *err)
{
    char *copy = strdup(value);

    if (copy == NULL)
        return host_fail(err, ERROR_NOT_ENOUGH_MEMORY, "out of memory: end other programs");
    free(*at);
    *at = copy;
    return SCARD_S_SUCCESS;
}

static DWORD set_number(DWORD *at, const struct entry *entry, const char *value,
                        struct host_error *err)
{
    DWORD number = 0;

    if (!settings_number(value, &number) || number < entry->least || number > entry->most)
        return host_fail(err, SCARD_E_INVALID_VALUE, "%s is a number from %u to %u, not \"%.60s\"",
                         entry->name, entry->least, entry->most, value);
    *at = number;
    return SCARD_S_SUCCESS;
}

DWORD host_config_set(struct host_config *config, const char *name, const char *value,
                      struct host_error *err)
{
    const struct entry *entry = find(name);
    BYTE *at;

    if (entry == NULL)
        return host_fail(err, SCARD_E_INVALID_VALUE, "there is no setting \"%.60s\"", name);
    if (value[0] == '\0')
        return host_fail(err, SCARD_E_INVALID_VALUE, "%s has no value", entry->name);
    at = (BYTE *)config + entry->at;
    switch (entry->kind) {
    case NUMBER:
        return set_number((DWORD *)(void *)at, entry, value, err);
    case FLAG:
        if (settings_flag(value, (bool *)(void *)at))
            return SCARD_S_SUCCESS;
        return host_fail(err, SCARD_E_INVALID_VALUE, "%s is yes or no, not \"%.60s\"", entry->name,
                         value);
    default:
        return set_text((char **)(void *)at, value, err);
    }
}

/* ---- the file ------------------------------------------------------------------------------ */

struct taking {
    struct host_config *config;
    struct host_error why;
};

static bool take(void *context, const char *name, const char *value)
{
    struct taking *t = context;

    return host_config_set(t->config, name, value, &t->why) == SCARD_S_SUCCESS;
}

static DWORD take_file(struct host_config *config, FILE *file, const char *path,
                       struct host_error *err)
{
    struct taking t = { .config = config };
    unsigned line;
    enum settings_end end = settings_read(file, take, &t, &line);
    DWORD rc = end == SETTINGS_ERROR ? ERROR_ACCESS_DENIED : SCARD_E_INVALID_VALUE;

    if (end == SETTINGS_ALL)
        return SCARD_S_SUCCESS;
    if (end == SETTINGS_REFUSED)
        return host_fail(err, t.why.code, "%.120s, line %u: %.110s", path, line, t.why.says);
    return host_fail(err, rc, "%.120s, line %u: %s", path, line, settings_says(end));
}

/* Folder and file; false: no absolute path [XDG base directories], or too long. */
static bool join(const char *folder, const char *name, char ret[PATH_MAX])
{
    int len = folder != NULL && folder[0] == '/' ? snprintf(ret, PATH_MAX, "%s/%s", folder, name)
                                                 : -1;

    return len > 0 && len < PATH_MAX;
}

/* Opens the file; NULL: there is none. *named: somebody asked for it by name. */
static FILE *open_file(const char *path, char ret_path[PATH_MAX], bool *named)
{
    const char *chosen = path != NULL ? path : secure_getenv("CARDMINT_CONFIG");
    FILE *file;

    *named = chosen != NULL && chosen[0] != '\0';
    if (*named) {
        snprintf(ret_path, PATH_MAX, "%s", chosen);
        return fopen(chosen, "re");
    }
    if (join(secure_getenv("XDG_CONFIG_HOME"), "cardmint/" FILE_NAME, ret_path) ||
        join(secure_getenv("HOME"), ".config/cardmint/" FILE_NAME, ret_path)) {
        file = fopen(ret_path, "re");
        if (file != NULL || (errno != ENOENT && errno != ENOTDIR))
            return file;
    }
    snprintf(ret_path, PATH_MAX, "%s", SYSTEM_FILE);
    return fopen(ret_path, "re");
}

DWORD host_config_load(const char *path, struct host_config *ret, struct host_error *err)
{
    struct host_config config = { .policy = host_policy_default() };
    char used[PATH_MAX];
    DWORD rc = SCARD_S_SUCCESS;
    bool named;
    FILE *file = open_file(path, used, &named);

    if (file != NULL) {
        rc = take_file(&config, file, used, err);
        (void)fclose(file);
    } else if (named || (errno != ENOENT && errno != ENOTDIR)) {
        rc = host_fail(err, errno == ENOENT ? ERROR_FILE_NOT_FOUND : ERROR_ACCESS_DENIED,
                       "the configuration file %.120s cannot be read: %s", used, strerror(errno));
    }
    if (rc != SCARD_S_SUCCESS) {
        host_config_clear(&config);
        return rc;
    }
    *ret = config;
    return SCARD_S_SUCCESS;
}

void host_config_clear(struct host_config *config)
{
    free(config->reader);
    free(config->module);
    free(config->pcsc);
    *config = (struct host_config){ .policy = host_policy_default() };
}

/* ---- what a policy allows ------------------------------------------------------------------ */

static const struct import_rule {
    DWORD first, last; /* AT_ */
    const char *name;
    size_t at;         /* in struct host_policy */
} import_rules[] = {
#define RULE(first, last, name) { first, last, #name, offsetof(struct host_policy, name) }
    RULE(AT_KEYEXCHANGE, AT_KEYEXCHANGE, AllowPrivateExchangeKeyImport),
    RULE(AT_SIGNATURE, AT_SIGNATURE, AllowPrivateSignatureKeyImport),
    RULE(AT_ECDSA_P256, AT_ECDSA_P521, AllowPrivateECDSAKeyImport),
    RULE(AT_ECDHE_P256, AT_ECDHE_P521, AllowPrivateECDHEKeyImport),
#undef RULE
};

DWORD policy_allows_import(const struct host *host, DWORD spec, struct host_error *err)
{
    const struct import_rule *rule = NULL;

    for (size_t i = 0; i < sizeof import_rules / sizeof import_rules[0]; i++) {
        if (spec >= import_rules[i].first && spec <= import_rules[i].last)
            rule = &import_rules[i];
    }
    if (rule == NULL)
        return host_fail(err, SCARD_E_INVALID_PARAMETER, "key specification %u is not known", spec);
    if (host->policy.RequireOnCardPrivateKeyGen)
        return host_fail(err, SCARD_W_SECURITY_VIOLATION,
                         "keys must be made on the card: to import one, set "
                         "RequireOnCardPrivateKeyGen = no in the configuration file");
    if (!*(const bool *)((const BYTE *)&host->policy + rule->at))
        return host_fail(err, SCARD_W_SECURITY_VIOLATION,
                         "keys of this kind must not be imported: to do it, set %s = yes in the "
                         "configuration file",
                         rule->name);
    return SCARD_S_SUCCESS;
}
