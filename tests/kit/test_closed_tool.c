/* SPDX-License-Identifier: MIT */
/* The closed tool's tests: every id of the table is a requirement, every requirement has its place
 * or is said to have none, and no test of it is without any, unless said. */
#include "kit/closed_tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef void each_fn(const struct section *section, const struct requirement *row, void *context);

static void each(each_fn *fn, void *context)
{
    const struct section *section;

    for (size_t n = 0; (section = kit_section(n)) != NULL; n++)
        for (size_t i = 0; i < section->count; i++)
            fn(section, &section->rows[i], context);
}

/* Of chapter 2.1 and 2.2: the tool does not look. */
static const char *const without[] = {
    "CMR.1.0.0", "CMR.1.0.1", "CMR.1.0.2", "CMR.1.0.3", "CMR.1.0.4", "CMR.1.0.5",
    "CMR.1.0.6", "CMR.1.0.7", "CMR.1.0.8", "CMR.1.1.3", "CMR.1.1.5", "CMR.1.5.1",
};

static bool is_without(const char *id)
{
    for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
        if (strcmp(without[i], id) == 0)
            return true;
    return strncmp(id, "N.", 2) == 0; /* sentences without number belong where their function does */
}

static void has_place(const struct section *section, const struct requirement *row, void *context)
{
    const struct closed_test *test = closed_tool_of(row->id);

    (void)section;
    if (test == NULL && !is_without(row->id)) {
        print_message("%s belongs to no test\n", row->id);
        ++*(unsigned *)context;
    }
    if (test != NULL && strncmp(row->id, "CMR.1.0.", 8) == 0)
        fail_msg("%s: nobody knows a test of it", row->id);
}

static void every_requirement(void **state)
{
    unsigned homeless = 0;

    (void)state;
    each(has_place, &homeless);
    assert_int_equal(homeless, 0);
}

struct looking {
    const char *id;
    size_t len;
    bool begins, found;
};

static void look(const struct section *section, const struct requirement *row, void *context)
{
    struct looking *l = context;

    (void)section;
    if (strncmp(row->id, l->id, l->len) == 0 && (l->begins || row->id[l->len] == '\0'))
        l->found = true;
}

static void every_id(void **state)
{
    const struct closed_test *test;
    unsigned missing = 0;

    (void)state;
    for (size_t n = 0; (test = closed_tool_test(n)) != NULL; n++) {
        for (const char *at = test->ids + strspn(test->ids, " "); *at != '\0';
             at += strspn(at, " ")) {
            size_t len = strcspn(at, " ");
            bool begins = at[len - 1] == '*';
            struct looking l = { at, begins ? len - 1 : len, begins, false };

            each(look, &l);
            if (!l.found) {
                print_message("%s: no requirement %.*s\n", test->name, (int)len, at);
                missing++;
            }
            at += len;
        }
    }
    assert_int_equal(missing, 0);
}

struct belonging {
    const struct closed_test *test;
    bool any;
};

static void belongs(const struct section *section, const struct requirement *row, void *context)
{
    struct belonging *b = context;

    (void)section;
    b->any = b->any || closed_tool_of(row->id) == b->test;
}

static void every_test(void **state)
{
    const struct closed_test *test;
    unsigned empty = 0;

    (void)state;
    for (size_t n = 0; (test = closed_tool_test(n)) != NULL; n++) {
        struct belonging b = { test, false };

        each(belongs, &b);
        if (b.any)
            continue;
        print_message("%s %s: no requirement\n", test->name,
                      test->subtest != NULL ? test->subtest : "");
        empty++;
    }
    assert_int_equal(empty, 0);
}

static void belongs_to(const char *id, const char *name, const char *subtest)
{
    const struct closed_test *test = closed_tool_of(id);

    if (test == NULL || strcmp(test->name, name) != 0 ||
        (subtest == NULL) != (test->subtest == NULL) ||
        (subtest != NULL && strcmp(test->subtest, subtest) != 0))
        fail_msg("%s: %s %s", id, test != NULL ? test->name : "none",
                 test != NULL && test->subtest != NULL ? test->subtest : "");
}

static void places(void **state)
{
    (void)state;
    belongs_to("CMR.3.2.1.1", "CardAuthenticatePin", "Positive");
    belongs_to("CMR.3.2.1.E7", "CardAuthenticatePin", "Negative");
    belongs_to("CMR.3.2.1.E8", "CardAuthenticatePin", "Blocking");
    belongs_to("CMR.3.2.1.X2", "ExecutionSpeed", "Authentication");
    belongs_to("CMR.3.3.2.E1", "CardChangeAuthenticator", "Negative");
    belongs_to("CMR.3.3.2.E14", "CardChangeAuthenticator", "Blocking");
    belongs_to("CMR.4.2.1.1", "CardCreateContainer", "KeyGenImport");
    belongs_to("CMR.4.2.1.X10", "ExecutionSpeed", "CreateContainer");
    belongs_to("CMR.4.3.3.E1", "CardDeriveKey", NULL);
    belongs_to("CMR.1.4.1", "MemoryManagement", "OutOfMem");
    belongs_to("T.HashCM", "HashCM", NULL);
    belongs_to("T.OutOfMem", "MemoryManagement", "OutOfMem");
    belongs_to("T.CardReadFile.Negative", "CardReadFile", "Negative");
    belongs_to("T.FileName", "FileSystem", "FileName");
    belongs_to("T.SanityTest.2", "SanityTest", NULL);
    belongs_to("N.2.3.3.2.1", "CardChangeAuthenticator", "Negative");
    belongs_to("V6.1.1", "CardAuthenticateEx", "Positive");
    belongs_to("V6.1.2", "CardAuthenticateEx", "SessionPin");
    belongs_to("V6.1.X1", "ExecutionSpeed", "Authentication");
    belongs_to("V6.4.1", "CardChangeAuthenticatorEx", "PinChange");
    belongs_to("V6.4.2", "CardChangeAuthenticatorEx", "PinUnblock");
    belongs_to("V7.2.1", "CardCreateContainerEx", "KeyGenImport");
    belongs_to("V7.2.2", "CardCreateContainerEx", "Overwrite");
    belongs_to("V7.11.E1", "CardProcessEncryptedData", "Negative");
    belongs_to("S.3.ECC", "CertSequences", "Enrollment");
    belongs_to("S.7", "PinSequences", "PinUnblock");
    assert_null(closed_tool_of("CMR.9.9"));
    assert_null(closed_tool_of("T.Positively"));
    assert_null(closed_tool_of("T.CardReadFile"));
    assert_null(closed_tool_of("T.CardReadFile.Blocking"));
    assert_null(closed_tool_of(""));
}

static void names(void **state)
{
    (void)state;
    assert_true(closed_tool_known("CardSignData", NULL));
    assert_true(closed_tool_known("cardsigndata", "paddinginfosupport"));
    assert_true(closed_tool_known("HashCM", NULL));
    assert_false(closed_tool_known("HashCM", "Positive"));
    assert_false(closed_tool_known("CardSignData", "Blocking"));
    assert_false(closed_tool_known("CardSign", NULL));
    assert_true(closed_tool_has("CardAuthenticatePin", NULL, "CMR.3.2.1.E8"));
    assert_true(closed_tool_has("CardAuthenticatePin", "Blocking", "CMR.3.2.1.E8"));
    assert_false(closed_tool_has("CardAuthenticatePin", "Negative", "CMR.3.2.1.E8"));
    assert_false(closed_tool_has("HashCM", NULL, "CMR.1.0.1"));
}

/* ---- its words ------------------------------------------------------------------------------- */

#define NO_NAME_GIVEN "SCARD_E_INVALID_PARAMETER (80100004)"

static void verdicts(void **state)
{
    static const struct {
        const char *id, *expected, *got, *verdict;
        enum kit_status status;
        bool blocked;
    } cases[] = {
        { "CMR.3.4.3.E1", "", "", "Pass", KIT_PASS, false },
        { "CMR.3.4.3.E1", "", "", "Skipped", KIT_NOT_APPLICABLE, false },
        { "CMR.3.4.3.E1", "", "", "Blocked", KIT_FAIL, true },
        { "CMR.3.4.3.E1", NO_NAME_GIVEN, "SCARD_E_UNEXPECTED (8010001F), given no name", "Warn",
          KIT_FAIL, false },
        { "CMR.3.4.3.E1", NO_NAME_GIVEN, "8010FFFF, given no name", "Warn", KIT_FAIL, false },
        { "CMR.3.4.3.E1", NO_NAME_GIVEN, "success (00000000), given no name", "Fail", KIT_FAIL,
          false },
        { "CMR.3.4.3.E1", NO_NAME_GIVEN, "SIGSEGV in CardReadFile", "Fail", KIT_FAIL, false },
        { "CMR.3.4.3.4", "success (00000000)", "SCARD_E_UNEXPECTED (8010001F)", "Fail", KIT_FAIL,
          false },
        { "CMR.3.4.3.E1", NO_NAME_GIVEN,
          "SCARD_E_UNEXPECTED (8010001F), given no name and flags: the first printed error counts",
          "Pass", KIT_FAIL, false },
        { "CMR.3.2.1.X1", "longest at most 350 ms", "longest 700.50 ms (longest ...", "Pass",
          KIT_FAIL, false },
        { "CMR.3.2.1.X1", "longest at most 350 ms", "longest 776.00 ms (longest ...", "Fail",
          KIT_FAIL, false },
        { "CMR.3.4.3.X1", "longest at most 3500 ms", "longest 3600.00 ms (longest ...", "Fail",
          KIT_FAIL, false },
        { "CMR.1.0.2", "", "", "", KIT_PASS, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct requirement row = { .id = cases[i].id };
        char expected[160], got[160];
        struct kit_result result = { .requirement = &row, .status = cases[i].status,
                                     .blocked = cases[i].blocked, .expected = expected,
                                     .got = got };

        snprintf(expected, sizeof(expected), "%s", cases[i].expected);
        snprintf(got, sizeof(got), "%s", cases[i].got);
        assert_string_equal(closed_tool_verdict(&result), cases[i].verdict);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_requirement), cmocka_unit_test(every_id),
        cmocka_unit_test(every_test),        cmocka_unit_test(places),
        cmocka_unit_test(names),             cmocka_unit_test(verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
