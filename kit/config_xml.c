/* SPDX-License-Identifier: MIT */
/*
 * The closed tool's configuration, CMCKConfig, as vendors have it:
 *
 *     CMCKConfig ── V5, V6, V7 ── CardDefaults ── DefaultPins ── PinEntry: RoleID Type Value ...
 *                        │             ├── DefaultKeys ── KeyEntry: Type Algorithm Mode Value ...
 *                        │             └── CardSupports: KeyImport KeyTypes PaddingAlgorithms ...
 *                        └── TestSuiteDefaults ── INF, Logging, TestParams ── TestParam: Test Name Value
 *
 * Each element is a row of a table with what takes its text. Of V5, V6 and V7 the first that is
 * there counts, in this order: our rows run at version 5. All are checked.
 */
#include "kit/config.h"

#include "base/secret.h"
#include "base/settings.h"
#include "kit/xml_file.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What an entry of several elements collects before it is understood: pointers into the tree. */
struct entry {
    const xmlNode *role, *type, *value, *blocking, *zero, *algorithm, *mode, *test, *name;
};

struct reading {
    const char *path;
    struct kit_config *config; /* of the version being read */
    struct entry entry;
    char *says;
};

typedef bool take_fn(struct reading *r, const xmlNode *node);

/* A child that an element may have. */
struct element {
    const char *name;
    const struct element *children; /* NULL: it has text */
    take_fn *take;                  /* of the text, or behind the children; may be NULL */
    size_t keep;                    /* where struct entry keeps it, plus one; 0: nowhere */
};

/* ---- errors and values ----------------------------------------------------------------------- */

static bool wrong_at(struct reading *r, const xmlNode *node, const char *why)
{
    return kit_config_wrong(r->says, "%.90s: <%.40s>, line %ld: %.100s", r->path,
                            (const char *)node->name, xmlGetLineNo(node), why);
}

/* Its text without blanks around it; free with xmlFree, wiped. */
static char *text_of(const xmlNode *node)
{
    char *text = (char *)xmlNodeGetContent(node);
    size_t begin, len;

    if (text == NULL)
        return NULL;
    begin = strspn(text, " \t\r\n");
    len = strlen(text + begin);
    while (len > 0 && strchr(" \t\r\n", text[begin + len - 1]) != NULL)
        len--;
    memmove(text, text + begin, len);
    text[len] = '\0';
    return text;
}

static void text_free(char *text)
{
    if (text != NULL)
        wipe(text, strlen(text));
    xmlFree(text);
}

/* Is the element's text this word? An element that is not there is not. */
static bool is(const xmlNode *node, const char *word)
{
    char *text = node != NULL ? text_of(node) : NULL;
    bool same = text != NULL && settings_same(text, word);

    text_free(text);
    return same;
}

/* The element's text becomes the setting. */
static bool set(struct reading *r, const xmlNode *node, const char *setting)
{
    char *text = text_of(node);
    char why[256] = "out of memory";
    bool ok = text != NULL && kit_config_set(r->config, setting, text, why);

    text_free(text);
    return ok || wrong_at(r, node, why);
}

static bool is_flag(struct reading *r, const xmlNode *node)
{
    char *text = text_of(node);
    bool flag, ok = text != NULL && settings_flag(text, &flag);

    text_free(text);
    return ok || wrong_at(r, node, "must be True or False");
}

/* ---- what each element means ----------------------------------------------------------------- */

#define SETTING(element, setting)                                \
    static bool take_##element(struct reading *r, const xmlNode *node) \
    {                                                            \
        return set(r, node, #setting);                           \
    }
SETTING(least, least_version)
SETTING(newest, newest_version)
SETTING(import, key_import)
SETTING(specs, key_specs)
SETTING(paddings, paddings)
SETTING(kdfs, kdfs)
#undef SETTING

/* A path of Windows is of no use here: the file of that name beside this one is meant. */
static bool take_inf(struct reading *r, const xmlNode *node)
{
    char *text = text_of(node);
    const char *name = text, *slash = strrchr(r->path, '/');
    char beside[4096], why[256];
    bool ok = text != NULL;

    for (const char *at = text; ok && *at != '\0'; at++)
        if (*at == '\\' || *at == '/' || *at == ':')
            name = at + 1;
    if (ok) {
        snprintf(beside, sizeof(beside), "%.*s%s",
                 slash != NULL ? (int)(slash + 1 - r->path) : 0, r->path, name);
        if (access(text, R_OK) == 0)
            ok = kit_config_set(r->config, "inf", text, why);
        else if (name[0] != '\0' && access(beside, R_OK) == 0)
            ok = kit_config_set(r->config, "inf", beside, why);
    }
    text_free(text);
    return ok || wrong_at(r, node, "out of memory");
}

static bool has(struct reading *r, const xmlNode *parent, const xmlNode *child, const char *why)
{
    return child != NULL || wrong_at(r, parent, why);
}

/* Role 1 is the user. Role 2 the administrator: with a PIN, or with a key for challenges. Others
 * protect keys of their own, which the kit does not use. */
static bool take_pin(struct reading *r, const xmlNode *node)
{
    const struct entry e = r->entry;
    bool user = is(e.role, "1"), admin = is(e.role, "2");
    bool text = is(e.type, "AlphaNumericPinType");
    bool response = is(e.type, "ChallengeResponsePinType");

    if (!has(r, node, e.role, "needs a RoleID") || !has(r, node, e.type, "needs a Type"))
        return false;
    if (!text && !response && !is(e.type, "EmptyPinType") && !is(e.type, "ExternalPinType"))
        return wrong_at(r, e.type, "must be AlphaNumericPinType, EmptyPinType, "
                                   "ChallengeResponsePinType or ExternalPinType");
    if (text && !has(r, node, e.value, "needs a Value"))
        return false;
    if (user && text && !set(r, e.value, "user_pin"))
        return false;
    if (admin && (text || response) && e.value != NULL &&
        !set(r, e.value, text ? "admin_pin" : "admin_key"))
        return false;
    return e.blocking == NULL || !(user || admin) ||
           set(r, e.blocking, user ? "pin_blocks" : "admin_blocks");
}

static bool take_role(struct reading *r, const xmlNode *node)
{
    static const char *const roles[] = { "1", "2", "3", "4", "5", "6", "7" };

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (is(node, roles[i]))
            return true;
    return wrong_at(r, node, "must be a role from 1 to 7");
}

static bool take_key(struct reading *r, const xmlNode *node)
{
    const struct entry e = r->entry;
    bool aes = is(e.algorithm, "AES");

    if (!has(r, node, e.type, "needs a Type") || !has(r, node, e.value, "needs a Value"))
        return false;
    if (!is(e.type, "Admin"))
        return wrong_at(r, e.type, "must be Admin");
    if (e.algorithm != NULL && !aes && !is(e.algorithm, "3DES"))
        return wrong_at(r, e.algorithm, "must be 3DES or AES");
    if (e.mode != NULL && !is(e.mode, "ECB"))
        return wrong_at(r, e.mode, "must be ECB");
    r->config->admin_aes = aes;
    return set(r, e.value, "admin_key") &&
           (e.blocking == NULL || set(r, e.blocking, "admin_blocks"));
}

/* How much of a test there is to be. Of tests or parameters that are not ours, nothing. */
static bool take_param(struct reading *r, const xmlNode *node)
{
    static const struct {
        const char *test, *name, *setting;
    } params[] = {
        { "MultiThreaded", "t", "threads" },
        { "MultiThreaded", "n", "thread_rounds" },
        { "NonRepeatingChallenge", "n", "challenges" },
    };
    const struct entry e = r->entry;

    if (!has(r, node, e.test, "needs a Test") || !has(r, node, e.name, "needs a Name") ||
        !has(r, node, e.value, "needs a Value"))
        return false;
    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
        if (is(e.test, params[i].test) && is(e.name, params[i].name))
            return set(r, e.value, params[i].setting);
    return true;
}

/* ---- which elements there are ---------------------------------------------------------------- */

#define KEEP(member) (offsetof(struct entry, member) + 1)
#define TEXT(name, take, keep) { name, NULL, take, keep }
#define END { NULL, NULL, NULL, 0 }

static const struct element pin_entry[] = {
    TEXT("RoleID", take_role, KEEP(role)),
    TEXT("Type", NULL, KEEP(type)),
    TEXT("Value", NULL, KEEP(value)),
    TEXT("Blocking", is_flag, KEEP(blocking)),
    TEXT("AllowZeroLength", is_flag, 0),
    TEXT("Linking", is_flag, 0),
    END,
};
static const struct element key_entry[] = {
    TEXT("Type", NULL, KEEP(type)),
    TEXT("Algorithm", NULL, KEEP(algorithm)),
    TEXT("Mode", NULL, KEEP(mode)),
    TEXT("Blocking", is_flag, KEEP(blocking)),
    TEXT("Value", NULL, KEEP(value)),
    END,
};
static const struct element test_param[] = {
    TEXT("Test", NULL, KEEP(test)),
    TEXT("Name", NULL, KEEP(name)),
    TEXT("Value", NULL, KEEP(value)),
    END,
};
static const struct element default_pins[] = { { "PinEntry", pin_entry, take_pin, 0 }, END };
static const struct element default_keys[] = { { "KeyEntry", key_entry, take_key, 0 }, END };
static const struct element test_params[] = { { "TestParam", test_param, take_param, 0 }, END };
static const struct element inf[] = { TEXT("INFFile", take_inf, 0), END };
static const struct element any[] = { TEXT("*", NULL, 0), END }; /* of any name, with any text */
/* What a card can do is asked of the card, but for what this table sets. */
static const struct element card_supports[] = {
    TEXT("MinimumVersion", take_least, 0),
    TEXT("CurrentVersion", take_newest, 0),
    TEXT("LoadingUnderCAPI", is_flag, 0),
    TEXT("LoadingUnderCNG", is_flag, 0),
    TEXT("KeyImport", take_import, 0),
    TEXT("KeyTypes", take_specs, 0),
    TEXT("OnCardPadding", is_flag, 0),
    TEXT("PaddingAlgorithms", take_paddings, 0),
    TEXT("SignHashAlgorithms", NULL, 0),
    TEXT("SignHashFlags", NULL, 0),
    TEXT("SignReturnBufferSize", is_flag, 0),
    TEXT("KDFTypes", take_kdfs, 0),
    TEXT("KDFHashAlgorithms", NULL, 0),
    TEXT("KDFHMACflag", is_flag, 0),
    TEXT("SupportsCard*", is_flag, 0),
    END,
};
static const struct element card_defaults[] = {
    { "DefaultPins", default_pins, NULL, 0 },
    { "DefaultKeys", default_keys, NULL, 0 },
    { "CardSupports", card_supports, NULL, 0 },
    END,
};
static const struct element test_suite_defaults[] = {
    { "INF", inf, NULL, 0 },
    { "Logging", any, NULL, 0 }, /* its log has another form than ours */
    { "TestParams", test_params, NULL, 0 },
    END,
};
static const struct element version[] = {
    TEXT("Version", NULL, 0),
    { "CardDefaults", card_defaults, NULL, 0 },
    { "TestSuiteDefaults", test_suite_defaults, NULL, 0 },
    END,
};

/* ---- the tree -------------------------------------------------------------------------------- */

/* "Supports*": any name that begins so. */
static const struct element *find(const struct element *list, const char *name)
{
    for (; list->name != NULL; list++) {
        size_t len = strcspn(list->name, "*");

        if (list->name[len] == '*' ? strncmp(list->name, name, len) == 0
                                   : strcmp(list->name, name) == 0)
            return list;
    }
    return NULL;
}

static bool take_children(struct reading *r, const xmlNode *parent, const struct element *list);

static bool take_element(struct reading *r, const xmlNode *node, const struct element *element)
{
    bool entry = element->children != NULL && element->take != NULL;

    if (entry)
        r->entry = (struct entry){ .role = NULL };
    if (element->children != NULL && !take_children(r, node, element->children))
        return false;
    if (element->children == NULL && xmlFirstElementChild((xmlNode *)(uintptr_t)node) != NULL)
        return wrong_at(r, node, "must have text, not elements");
    if (element->keep != 0)
        *(const xmlNode **)(void *)((char *)&r->entry + element->keep - 1) = node;
    return element->take == NULL || element->take(r, node);
}

static bool take_children(struct reading *r, const xmlNode *parent, const struct element *list)
{
    for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
        const struct element *element;

        if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE || xmlIsBlankNode(node))
            continue;
        if (node->type != XML_ELEMENT_NODE)
            return wrong_at(r, parent, "must have elements, not text");
        element = find(list, (const char *)node->name);
        if (element == NULL)
            return wrong_at(r, node, "is not known here");
        if (!take_element(r, node, element))
            return false;
    }
    return true;
}

/* One of V5, V6, V7 into a copy; kept in `config` when it is the one that counts. */
static bool take_version(struct reading *r, const xmlNode *node, struct kit_config copies[3])
{
    char why[256];
    int n = node->name[0] == 'V' && node->name[1] >= '5' && node->name[1] <= '7' &&
                    node->name[2] == '\0'
                ? node->name[1] - '5'
                : -1;

    if (n < 0)
        return wrong_at(r, node, "is not known here; V5, V6 and V7 are");
    if (copies[n].limit_seconds != 0)
        return wrong_at(r, node, "is there twice");
    copies[n] = kit_config_default();
    r->config = &copies[n];
    if (!take_children(r, node, version))
        return false;
    return kit_config_check(r->config, why) || wrong_at(r, node, why);
}

/* Of the copies, the first that was read becomes the configuration; what the file has no word
 * about stays as it was. */
static void keep_first(struct kit_config *config, struct kit_config copies[3])
{
    struct kit_config *from = NULL;

    for (size_t i = 0; i < 3 && from == NULL; i++)
        if (copies[i].limit_seconds != 0)
            from = &copies[i];
    if (from == NULL)
        return;
    from->module = config->module;
    from->pcsc = config->pcsc;
    memcpy(from->readers, config->readers, sizeof(from->readers));
    config->module = config->pcsc = NULL;
    memset(config->readers, 0, sizeof(config->readers));
    if (from->inf == NULL) {
        from->inf = config->inf;
        config->inf = NULL;
    }
    kit_config_clear(config);
    *config = *from;
    wipe(from, sizeof(*from));
}

static bool take_tree(struct reading *r, const xmlNode *root, struct kit_config *config)
{
    struct kit_config copies[3] = { { .limit_seconds = 0 } };
    bool ok = true, any_version = false;

    if (strcmp((const char *)root->name, "CMCKConfig") != 0)
        return wrong_at(r, root, "must be CMCKConfig");
    for (const xmlNode *node = root->children; ok && node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        any_version = true;
        ok = take_version(r, node, copies);
    }
    if (ok && !any_version)
        ok = wrong_at(r, root, "needs V5, V6 or V7");
    if (ok)
        keep_first(config, copies);
    for (size_t i = 0; i < 3; i++)
        kit_config_clear(&copies[i]);
    return ok;
}

bool kit_config_read_xml(struct kit_config *config, const char *path, char says[256])
{
    struct reading r = { .path = path, .says = says };
    xmlDoc *doc = xml_file_read(path, says);
    bool ok = doc != NULL && take_tree(&r, xmlDocGetRootElement(doc), config);

    xmlFreeDoc(doc);
    return ok;
}
