/* SPDX-License-Identifier: MIT */
/* config: what is in force. */
#include "cli/cli.h"

#include <json-c/json.h>
#include <stdio.h>

/* A value as the configuration file writes it. A text that is NULL, and a choice that is 0, are not
 * set. */
struct value {
    const char *name;
    const char *text;
    DWORD number;
    enum { IS_TEXT, IS_NUMBER, IS_CHOICE, IS_SWITCH } kind;
};

static bool is_set(const struct value *v)
{
    return v->kind == IS_TEXT ? v->text != NULL : v->kind != IS_CHOICE || v->number != 0;
}

static struct json_object *json_value(const struct value *v)
{
    if (!is_set(v))
        return NULL;
    switch (v->kind) {
    case IS_TEXT:
        return json_text(v->text);
    case IS_SWITCH:
        return json_object_new_boolean(v->number != 0);
    default:
        return json_object_new_int64(v->number);
    }
}

static void print_value(const struct value *v)
{
    if (!is_set(v))
        printf("# %s = (not set)\n", v->name);
    else if (v->kind == IS_TEXT)
        printf("%s = %s\n", v->name, v->text);
    else
        printf("%s = %u\n", v->name, v->number);
}

enum exit_code cmd_config(const struct cli *cli)
{
    const struct host_config *config = NULL;
    struct json_object *all;
    enum exit_code rc = load_config(cli, &config);
    const struct host_policy *p;

    if (rc != EXIT_OK)
        return rc;
    p = &config->policy;
    const struct value values[] = {
        { "reader", config->reader, 0, IS_TEXT },
        { "module", config->module, 0, IS_TEXT },
        { "pcsc", config->pcsc, 0, IS_TEXT },
        { "version", NULL, config->version, IS_CHOICE },
        { "DefaultPrivateKeyLenBits", NULL, p->DefaultPrivateKeyLenBits, IS_NUMBER },
        { "RequireOnCardPrivateKeyGen", NULL, p->RequireOnCardPrivateKeyGen, IS_SWITCH },
        { "TransactionTimeoutMilliseconds", NULL, p->TransactionTimeoutMilliseconds, IS_NUMBER },
        { "AllowPrivateSignatureKeyImport", NULL, p->AllowPrivateSignatureKeyImport, IS_SWITCH },
        { "AllowPrivateExchangeKeyImport", NULL, p->AllowPrivateExchangeKeyImport, IS_SWITCH },
        { "AllowPrivateECDHEKeyImport", NULL, p->AllowPrivateECDHEKeyImport, IS_SWITCH },
        { "AllowPrivateECDSAKeyImport", NULL, p->AllowPrivateECDSAKeyImport, IS_SWITCH },
    };

    all = given(cli, OPT_JSON) ? json_object_new_object() : NULL;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (all != NULL)
            json_object_object_add(all, values[i].name, json_value(&values[i]));
        else
            print_value(&values[i]);
    }
    return all != NULL ? print_json(all) : EXIT_OK;
}
