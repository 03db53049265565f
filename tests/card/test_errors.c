/* SPDX-License-Identifier: MIT */
/* Every error of every function by its code; of two at once, the one printed first. */
#include "faults.h"

#include <string.h>

static void take_role(struct desk *d, enum role want)
{
    if (want == USER)
        be_user(d);
    else if (want == ADMIN)
        be_admin(d);
    else
        be_nobody(d);
}

/* The challenge must be the last command before the call: arguments that take one are made after
 * the role, so the role is looked for first. */
static DWORD call_with(struct desk *d, const struct function *f, const struct row *a,
                       const struct row *b, struct args *args)
{
    enum role role = USER;
    const struct row *both[] = { b, a };

    for (unsigned i = 0; i < 2; i++)
        if (both[i] != NULL && (both[i]->fault == AS_NOBODY || both[i]->fault == AS_ADMIN))
            role = both[i]->fault == AS_ADMIN ? ADMIN : NOBODY;
    take_role(d, role);
    good_args(args, d, f);
    for (unsigned i = 0; i < 2; i++)
        if (both[i] != NULL)
            spoil(args, both[i]->fault);
    return f->call(args);
}

/* What a failed call must not leave: blocks of memory, results. */
static void assert_clean(const struct function *f, const struct row *row, const struct args *a,
                         long live)
{
    if (mem_live() != live)
        fail_msg("%s: %s: %ld blocks left", f->name, row->id, mem_live() - live);
    if (a->out_block != NULL)
        fail_msg("%s: %s: a result in spite of the error", f->name, row->id);
}

static struct desk desk;

static int open_desk(void **state)
{
    int rc = home_begin(state);

    if (rc == 0) {
        desk_open(&desk, CARD, 7);
        card_for_faults(&desk);
    }
    return rc;
}

static int close_desk(void **state)
{
    desk_close(&desk);
    return home_end(state);
}

static void each_fault(void **state)
{
    long live = mem_live();
    struct args a;
    unsigned failed = 0;

    (void)state;
    for (size_t i = 0; i < function_count; i++) {
        for (size_t r = 0; r < functions[i].count; r++) {
            const struct row *row = &functions[i].rows[r];
            DWORD rc = call_with(&desk, &functions[i], row, NULL, &a);

            if (rc != row->want) {
                print_error("%s: %s (%u): %08x, not %08x\n", functions[i].name, row->id,
                            row->fault, rc, row->want);
                failed++;
            }
            assert_clean(&functions[i], row, &a, live);
        }
    }
    assert_int_equal(failed, 0);
}

/* All pairs of rows, not only neighbours. No try is lost by a call that names another error than a
 * wrong PIN. */
static void two_faults(void **state)
{
    long live = mem_live();
    unsigned failed = 0, pairs = 0;
    struct args a;

    (void)state;
    for (size_t i = 0; i < function_count; i++) {
        for (size_t r = 0; r < functions[i].count; r++) {
            for (size_t s = r + 1; s < functions[i].count; s++, pairs++) {
                const struct row *first = &functions[i].rows[r], *second = &functions[i].rows[s];
                DWORD rc;

                rc = call_with(&desk, &functions[i], first, second, &a);
                if (rc != first->want) {
                    print_error("%s: %s with %s (%u, %u): %08x, not %08x\n", functions[i].name,
                                first->id, second->id, first->fault, second->fault, rc,
                                first->want);
                    failed++;
                }
                assert_clean(&functions[i], first, &a, live);
                assert_int_equal(tries_left(&desk), 3);
            }
        }
    }
    print_message("%u pairs\n", pairs);
    assert_int_equal(failed, 0);
}

static void free_results(struct args *a, const struct function *f)
{
    if (a->out_block != NULL)
        mem_free(a->out_block);
    if (strcmp(f->name, "GetContainerInfo") == 0) {
        if (a->box.container.pbSigPublicKey != NULL)
            mem_free(a->box.container.pbSigPublicKey);
        if (a->box.container.pbKeyExPublicKey != NULL)
            mem_free(a->box.container.pbKeyExPublicKey);
    }
    if (strcmp(f->name, "ConstructDHAgreement") == 0)
        assert_rc(desk.data.pfnCardDestroyDHAgreement(&desk.data,
                                                      a->box.agreement.bSecretAgreementIndex, 0),
                  SCARD_S_SUCCESS);
    if (strcmp(f->name, "DestroyDHAgreement") == 0)
        agree_for_faults(&desk);
    if (strcmp(f->name, "SignData") == 0 && a->box.sign.pbSignedData != NULL)
        mem_free(a->box.sign.pbSignedData);
}

/* CMR.4.3.2.E8 and its like. The arguments that the faults are brought into are good ones; and with each allocation failing in
 * turn they fail with the one code, leave nothing behind, and succeed afterwards. */
static void good_and_out_of_memory(void **state)
{
    long live = mem_live();
    struct args a;

    (void)state;
    for (size_t i = 0; i < function_count; i++) {
        const struct function *f = &functions[i];

        if (strcmp(f->name, "CreateContainer, import") == 0)
            continue; /* a blob to import: test_keys.c */
        for (unsigned k = 1;; k++) {
            DWORD rc;

            take_role(&desk, USER);
            good_args(&a, &desk, f);
            mem_fail_at(k);
            rc = f->call(&a);
            if (!mem_has_failed()) {
                mem_fail_at(MEM_NEVER);
                if (rc != SCARD_S_SUCCESS)
                    fail_msg("%s: %08x from good arguments", f->name, rc);
                free_results(&a, f);
                break;
            }
            if (rc != SCARD_E_NO_MEMORY)
                fail_msg("%s: %08x when allocation %u failed", f->name, rc, k);
            assert_clean(f, &f->rows[0], &a, live);
        }
        if (mem_live() != live)
            fail_msg("%s: %ld blocks left", f->name, mem_live() - live);
    }
}

/* CMR.3.1.1.2: what is not implemented has an entry point all the same. */
static void unsupported(void **state)
{
    CARD_DATA *d = &desk.data;

    (void)state;
#define BOTH(slot, ...)                                                  \
    do {                                                                 \
        assert_rc(d->slot(NULL, __VA_ARGS__), SCARD_E_INVALID_PARAMETER); \
        assert_rc(d->slot(d, __VA_ARGS__), SCARD_E_UNSUPPORTED_FEATURE);  \
    } while (0)
    BOTH(pfnCardSetContainerProperty, 0, NULL, NULL, 0, 0);
    BOTH(pfnCardSetProperty, NULL, NULL, 0, 0);
    BOTH(pfnMDImportSessionKey, NULL, NULL, NULL, NULL, 0);
    BOTH(pfnMDEncryptData, 0, NULL, NULL, 0, 0, NULL, NULL);
    BOTH(pfnCardImportSessionKey, 0, NULL, NULL, NULL, NULL, NULL, 0, 0);
    BOTH(pfnCardGetSharedKeyHandle, NULL, 0, NULL, NULL, NULL);
    BOTH(pfnCardGetAlgorithmProperty, NULL, NULL, NULL, 0, NULL, 0);
    BOTH(pfnCardGetKeyProperty, 0, NULL, NULL, 0, NULL, 0);
    BOTH(pfnCardSetKeyProperty, 0, NULL, NULL, 0, 0);
    BOTH(pfnCardDestroyKey, 0);
    BOTH(pfnCardProcessEncryptedData, 0, NULL, NULL, 0, NULL, 0, NULL, 0);
    BOTH(pfnCardCreateContainerEx, 0, 0, 0, 0, NULL, 0);
#undef BOTH
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault),
        cmocka_unit_test(two_faults),
        cmocka_unit_test(unsupported),
        cmocka_unit_test(good_and_out_of_memory),
    };

    return cmocka_run_group_tests(tests, open_desk, close_desk);
}
