/* SPDX-License-Identifier: MIT */
#include "kit/closed_tool.h"

#include "base/settings.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS " \n"

/* The most exact beginning of an id wins. An id in no row belongs, by its section's function and
 * kind, to that function's Positive or Negative; "T.Name" to the test, or subtest, of that name,
 * "T.Name.Subtest" to that subtest; what is left belongs to none. */
/* clang-format off */
static const struct closed_test tests[] = {
    { "SanityTest", NULL, "CMR.3.1.1.6 CMR.3.1.1.7 V7.1.1" },
    { "HashCM", NULL, "" },
    { "InstCheckINF", NULL, "" },
    { "ResetATR", NULL, "" },
    { "InstRegistration", NULL, "" },
    { "InstMaxSize", NULL, "CMR.1.1.2" },
    { "CardAcquireContext", "Positive", "" },
    { "CardAcquireContext", "Negative", "" },
    { "CardDeleteContext", "Positive", "" },
    { "CardDeleteContext", "Negative", "" },
    { "CardAuthenticatePin", "Positive", "" },
    { "CardAuthenticatePin", "Negative", "" },
    { "CardAuthenticatePin", "Blocking", "CMR.3.2.1.E8" },
    { "CardGetChallenge", "Positive", "" },
    { "CardGetChallenge", "Negative", "" },
    { "CardAuthenticateChallenge", "Positive", "" },
    { "CardAuthenticateChallenge", "Negative", "" },
    { "CardDeauthenticate", "Positive", "" },
    { "CardDeauthenticate", "Negative", "" },
    { "CardUnblockPin", "Positive", "" },
    { "CardUnblockPin", "Negative", "" },
    { "CardChangeAuthenticator", "Positive", "" },
    { "CardChangeAuthenticator", "Blocking", "CMR.3.3.2.E14 CMR.3.3.2.E15" },
    { "CardChangeAuthenticator", "Negative", "N.2.3.3.2.1" },
    { "CardCreateDirectory", "Positive", "" },
    { "CardCreateDirectory", "Negative", "" },
    { "CardDeleteDirectory", "Positive", "" },
    { "CardDeleteDirectory", "Transaction", "T.DeleteDirectoryTransaction" },
    { "CardDeleteDirectory", "Negative", "" },
    { "CardReadFile", "Positive", "" },
    { "CardReadFile", "Negative", "" },
    { "CardCreateFile", "Positive", "" },
    { "CardCreateFile", "Negative", "" },
    { "CardGetFileInfo", "Positive", "" },
    { "CardGetFileInfo", "Negative", "" },
    { "CardWriteFile", "Positive", "" },
    { "CardWriteFile", "Negative", "" },
    { "CardDeleteFile", "Positive", "" },
    { "CardDeleteFile", "Transaction", "T.DeleteFileTransaction" },
    { "CardDeleteFile", "Negative", "" },
    { "CardEnumFiles", "Positive", "" },
    { "CardEnumFiles", "Negative", "" },
    { "CardQueryFreeSpace", "Positive", "" },
    { "CardQueryFreeSpace", "Negative", "" },
    { "CardQueryCapabilities", "Positive", "" },
    { "CardQueryCapabilities", "Negative", "" },
    { "CardCreateContainer", "KeyGenImport", "" },
    { "CardCreateContainer", "Overwrite", "CMR.4.2.1.3" },
    { "CardCreateContainer", "Negative", "" },
    { "CardDeleteContainer", "Positive", "" },
    { "CardDeleteContainer", "Negative", "" },
    { "CardGetContainerInfo", "Positive", "" },
    { "CardGetContainerInfo", "Negative", "" },
    { "CardRSADecrypt", "Positive", "" },
    { "CardRSADecrypt", "Negative", "" },
    { "CardConstructDHAgreement", "Positive", "" },
    { "CardConstructDHAgreement", "Context", "CMR.4.3.2.3" },
    { "CardConstructDHAgreement", "Multiple", "CMR.4.3.2.4" },
    { "CardConstructDHAgreement", "Negative", "" },
    { "CardDeriveKey", NULL, "" },
    { "CardDestroyDHAgreement", "Positive", "" },
    { "CardDestroyDHAgreement", "Negative", "" },
    { "CardSignData", "Positive", "" },
    { "CardSignData", "PaddingInfoSupport", "CMR.1.5.2 CMR.4.3.5.5" },
    { "CardSignData", "Negative", "" },
    { "CardQueryKeySizes", "Positive", "" },
    { "CardQueryKeySizes", "Negative", "" },
    { "ChallengeSize", NULL, "CMR.3.2.2.8" },
    { "ChallengeRandomness", NULL, "" },
    { "NonRepeatingChallenge", NULL, "CMR.3.2.2.6" },
    { "NonRepeatingKeys", NULL, "CMR.4.2.1.6" },
    { "EntryPoints", NULL, "CMR.1.1.1" },
    { "FileSystem", "FileName", "CMR.1.2.1 CMR.1.2.2 CMR.1.2.3 CMR.1.3.1" },
    { "FileSystem", "DirAccess", "CMR.3.4.1.2 CMR.3.4.2.E8 CMR.3.4.2.E9" },
    { "FileSystem", "FileAccess", "CMR.1.2.4 CMR.3.4.4.2" },
    { "FileSystem", "RoleRestrictions", "" },
    { "CertSequences", "Enrollment", "S.3.*" },
    { "CertSequences", "MailSign", "S.5" },
    { "CertSequences", "MailDecrypt", "S.6" },
    { "CertSequences", "SSL_ECC", "S.8.ECC" },
    { "CertSequences", "SSL_RSA", "S.8.RSA" },
    { "CertSequences", "SCLogon", "S.1" },
    { "CertSequences", "RunAs", "S.4" },
    { "CertSequences", "CertProp", "S.9" },
    { "CertSequences", "EFS", "S.10" },
    { "PinSequences", "PinChange", "S.2" },
    { "PinSequences", "PinUnblock", "S.7" },
    { "SimultaneousUse", NULL, "CMR.1.1.7" },
    { "SupportMultiple", NULL, "CMR.1.1.6 CMR.3.1.1.5" },
    { "MultiThreaded", NULL, "CMR.3.1.1.4" },
    { "ExecutionSpeed", "Authentication", "CMR.3.2.1.X* CMR.3.2.4.X* V6.1.X*" },
    { "ExecutionSpeed", "FileOps", "CMR.3.4.3.X* CMR.3.4.4.X* CMR.3.4.6.X* CMR.3.4.7.X*" },
    { "ExecutionSpeed", "CreateContainer", "CMR.4.2.1.X*" },
    { "ExecutionSpeed", "ContainerInfo", "CMR.4.2.3.X*" },
    { "ExecutionSpeed", "RSADecrypt", "CMR.4.3.1.X*" },
    { "ExecutionSpeed", "DHAgreement", "CMR.4.3.2.X* CMR.4.3.4.X*" },
    { "ExecutionSpeed", "SignData", "CMR.4.3.5.X*" },
    { "ExecutionSpeed", "CardProperties", "V6.6.X*" },
    { "MemoryManagement", "CspMem", "CMR.1.3.4 CMR.1.4.2 CMR.1.4.4" },
    { "MemoryManagement", "OutOfMem", "CMR.1.4.1 CMR.1.4.3" },
    { "NoMemoryLeaks", NULL, "CMR.3.1.2.2" },
    { "Reconnect", NULL, "" },
    { "CardGetContainerProperty", "Positive", "" },
    { "CardGetContainerProperty", "Negative", "" },
    { "CardSetContainerProperty", "Positive", "" },
    { "CardSetContainerProperty", "Negative", "" },
    { "CardGetProperty", "Positive", "" },
    { "CardGetProperty", "Negative", "" },
    { "CardSetProperty", "Positive", "" },
    { "CardSetProperty", "Negative", "" },
    { "CardAuthenticateEx", "Positive", "" },
    { "CardAuthenticateEx", "SessionPin", "V6.1.2" },
    { "CardAuthenticateEx", "ExternalPin", "V6.1.3" },
    { "CardAuthenticateEx", "Negative", "" },
    { "CardGetChallengeEx", "Positive", "" },
    { "CardGetChallengeEx", "Negative", "" },
    { "CardDeauthenticateEx", "Positive", "" },
    { "CardDeauthenticateEx", "Negative", "" },
    { "CardChangeAuthenticatorEx", "PinChange", "" },
    { "CardChangeAuthenticatorEx", "PinUnblock", "V6.4.2" },
    { "CardChangeAuthenticatorEx", "Negative", "" },
    { "CardCreateContainerEx", "KeyGenImport", "" },
    { "CardCreateContainerEx", "Overwrite", "V7.2.2" },
    { "CardCreateContainerEx", "Negative", "" },
    { "MDImportSessionKey", "Positive", "" },
    { "MDImportSessionKey", "Negative", "" },
    { "MDEncryptData", "Positive", "" },
    { "MDEncryptData", "Negative", "" },
    { "CardImportSessionKey", "Positive", "" },
    { "CardImportSessionKey", "Negative", "" },
    { "CardGetKeyProperty", "Positive", "" },
    { "CardGetKeyProperty", "Negative", "" },
    { "CardSetKeyProperty", "Positive", "" },
    { "CardSetKeyProperty", "Negative", "" },
    { "CardGetAlgorithmProperty", "Positive", "" },
    { "CardGetAlgorithmProperty", "Negative", "" },
    { "CardGetSharedKeyHandle", "Positive", "" },
    { "CardGetSharedKeyHandle", "Negative", "" },
    { "CardDestroyKey", "Positive", "" },
    { "CardDestroyKey", "Negative", "" },
    { "CardProcessEncryptedData", "Positive", "" },
    { "CardProcessEncryptedData", "Negative", "" },
};
/* clang-format on */
#define COUNT (sizeof(tests) / sizeof(tests[0]))

const struct closed_test *closed_tool_test(size_t n)
{
    return n < COUNT ? &tests[n] : NULL;
}

/* ---- by id ----------------------------------------------------------------------------------- */

/* How much of the id the best of a test's patterns gives; 0: none fits. An exact one counts one
 * more than a beginning of that length. */
static size_t fit(const char *patterns, const char *id)
{
    size_t best = 0;

    for (;;) {
        size_t len, given;
        bool begins;

        patterns += strspn(patterns, BLANKS);
        len = strcspn(patterns, BLANKS);
        if (len == 0)
            return best;
        begins = patterns[len - 1] == '*';
        given = begins ? len - 1 : len;
        if (strncmp(patterns, id, given) == 0 && (begins || id[given] == '\0') &&
            given + !begins > best)
            best = given + !begins;
        patterns += len;
    }
}

static const struct closed_test *by_id(const char *id)
{
    const struct closed_test *best = NULL;
    size_t most = 0;

    for (size_t i = 0; i < COUNT; i++) {
        size_t fits = fit(tests[i].ids, id);

        if (fits > most) {
            most = fits;
            best = &tests[i];
        }
    }
    return best;
}

/* ---- by name --------------------------------------------------------------------------------- */

/* The next part of an id, up to a point. */
static bool part_is(const char *id, size_t len, const char *name)
{
    return name != NULL && strlen(name) == len && strncmp(id, name, len) == 0;
}

/* "T.OutOfMem": MemoryManagement OutOfMem; "T.CardReadFile.Negative" says both; in "T.Reconnect.2"
 * the number says nothing. */
static const struct closed_test *by_own_name(const char *id)
{
    const char *second;
    size_t len;

    if (strncmp(id, "T.", 2) != 0)
        return NULL;
    id += 2;
    len = strcspn(id, ".");
    second = id[len] == '.' ? id + len + 1 : "";
    for (size_t i = 0; i < COUNT; i++) {
        const char *name = tests[i].name, *subtest = tests[i].subtest;

        if (part_is(id, len, subtest != NULL ? subtest : name) ||
            (part_is(id, len, name) && part_is(second, strcspn(second, "."), subtest)))
            return &tests[i];
    }
    return NULL;
}

/* Its errors: Negative. All else of it: the first there is. */
static const struct closed_test *by_function(const char *function, enum kit_kind kind)
{
    const struct closed_test *first = NULL;

    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(tests[i].name, function) != 0)
            continue;
        if (first == NULL)
            first = &tests[i];
        if (kind == KIT_ERROR && tests[i].subtest != NULL &&
            strcmp(tests[i].subtest, "Negative") == 0)
            return &tests[i];
    }
    return first;
}

static const struct section *section_of(const char *id)
{
    const struct section *section;

    for (size_t n = 0; (section = kit_section(n)) != NULL; n++)
        for (size_t i = 0; i < section->count; i++)
            if (strcmp(section->rows[i].id, id) == 0)
                return section;
    return NULL;
}

const struct closed_test *closed_tool_of(const char *id)
{
    const struct closed_test *test = by_id(id);
    const struct section *section;

    if (test == NULL)
        test = by_own_name(id);
    if (test != NULL)
        return test;
    section = section_of(id);
    return section != NULL ? by_function(section->function, section->kind) : NULL;
}

/* ---- selection, verdict ---------------------------------------------------------------------- */

static bool is(const struct closed_test *t, const char *test, const char *subtest)
{
    return settings_same(t->name, test) &&
           (subtest == NULL || (t->subtest != NULL && settings_same(t->subtest, subtest)));
}

bool closed_tool_has(const char *test, const char *subtest, const char *id)
{
    const struct closed_test *t = closed_tool_of(id);

    return t != NULL && is(t, test, subtest);
}

bool closed_tool_known(const char *test, const char *subtest)
{
    for (size_t i = 0; i < COUNT; i++)
        if (is(&tests[i], test, subtest))
            return true;
    return false;
}

/* "SCARD_E_NO_MEMORY (80100006)" or, without a name, "8010FFFF"; "success (...)" is no error. */
static bool begins_with_error(const char *text)
{
    const char *digits = "0123456789ABCDEF";
    size_t name = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    if (name != 0 && text[name] == ' ' && text[name + 1] == '(')
        return strspn(text + name + 2, digits) == 8;
    return strspn(text, digits) == 8 && (text[8] == '\0' || text[8] == ' ' || text[8] == ',');
}

/* It waits longer than the document does: limits in milliseconds, as it prints them. */
static const struct {
    const char *id;
    double limit;
} patience[] = {
    { "CMR.3.2.1.X1", 775 },  { "CMR.3.2.1.X2", 725 },
    { "CMR.4.3.5.X1", 4500 }, { "CMR.4.3.5.X2", 3500 },
};

/* "longest 400.12 ms (...": what was measured, behind the first word. */
static bool waits_for(const struct kit_result *result)
{
    const char *seen = strchr(result->got, ' ');
    char *end;

    for (size_t i = 0; seen != NULL && i < sizeof(patience) / sizeof(patience[0]); i++)
        if (strcmp(patience[i].id, result->requirement->id) == 0) {
            const double ms = strtod(seen, &end);

            return strncmp(end, " ms", 3) == 0 && ms <= patience[i].limit;
        }
    return false;
}

/* Its calls have one thing wrong each. */
static bool is_order(const struct kit_result *result)
{
    return strstr(result->got, "the first printed error counts") != NULL;
}

static const char *verdict_of_failure(const struct kit_result *result)
{
    if (result->blocked)
        return "Blocked";
    if (is_order(result) || waits_for(result))
        return "Pass";
    /* the call failed as it should have, with another code */
    return begins_with_error(result->expected) && begins_with_error(result->got) ? "Warn" : "Fail";
}

const char *closed_tool_verdict(const struct kit_result *result)
{
    if (closed_tool_of(result->requirement->id) == NULL)
        return "";
    switch (result->status) {
    case KIT_PASS:
        return "Pass";
    case KIT_FAIL:
        return verdict_of_failure(result);
    default:
        return "Skipped"; /* inspected: no run of it proves it either */
    }
}
