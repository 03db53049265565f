/* SPDX-License-Identifier: MIT */
/* cmapfile of an edge without files. */
#include "vfs_fake.h"

#define OK     SCARD_S_SUCCESS
#define RECORD VFS_RECORD

static struct caller caller;
static struct fake_context ctx, *const c = &ctx;
static uint8_t map[BOXES * RECORD + 2 * RECORD];

static void begin(void)
{
    memset(&caller, 0, sizeof(caller));
    memset(map, 0, sizeof(map));
    card_reset();
    context_open(c, &caller);
}

static void end(void)
{
    context_close(c);
    assert_int_equal(caller.blocks, 0);
}

static void name_it(uint16_t *name, const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        name[i] = (uint16_t)text[i];
}

/* Record i of `map`. */
static void want(unsigned i, const char *text, uint8_t flags, unsigned sig, unsigned kx)
{
    uint8_t *r = map + (size_t)i * RECORD;

    memset(r, 0, RECORD);
    for (size_t n = 0; text[n] != '\0'; n++)
        r[2 * n] = (uint8_t)text[n];
    r[80] = flags;
    r[82] = (uint8_t)sig, r[83] = (uint8_t)(sig >> 8);
    r[84] = (uint8_t)kx, r[85] = (uint8_t)(kx >> 8);
}

static void assert_map(unsigned records)
{
    assert_file(c, "mscp", "cmapfile", map, records * (size_t)RECORD);
}

static DWORD put_map(size_t len)
{
    return put(c, "mscp", "cmapfile", map, len);
}

#define NAME_0 "7f5e3e7d-bbd7-54c9-a9a9-f7d263656324" /* computed with Python's uuid.uuid5 */
#define NAME_2 "16ccb93c-cca2-5816-8409-0d3aa74303be"

static void test_refused(void **state)
{
    (void)state;
    begin();
    assert_int_equal(put_map(85), SCARD_E_INVALID_PARAMETER);
    map[BOXES * RECORD] = 1;
    assert_int_equal(put_map((BOXES + 1) * RECORD), SCARD_E_WRITE_TOO_MANY);
    want(0, NAME_0, 3, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3); /* as before */
    end();
}

static void test_derived(void **state)
{
    (void)state;
    begin();
    want(0, NAME_0, 3, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    memset(card.boxes, 0, sizeof(card.boxes));
    assert_map(0);
    end();
}

/* The default: the first that the user's PIN guards; where there is none, the first. */
static void test_default(void **state)
{
    (void)state;
    begin();
    card.boxes[0].pin = 3;
    want(0, NAME_0, 1, 0, 2048);
    want(2, NAME_2, 3, 256, 0);
    assert_map(3);
    card.boxes[2].pin = EDGE_EVERYONE;
    want(0, NAME_0, 3, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    card.labels[2].is_default = true; /* one without name does not count */
    assert_map(3);
    name_it(card.labels[2].name, "labelled");
    name_it(card.labels[1].name, "no key");
    card.labels[1].is_default = true;
    want(0, NAME_0, 1, 0, 2048);
    want(2, "labelled", 3, 256, 0);
    assert_map(3);
    end();
}

/* Labels that are none: no end, a backslash. */
static void test_bad_labels(void **state)
{
    (void)state;
    begin();
    for (size_t i = 0; i < VFS_LABEL_MAX; i++)
        card.labels[0].name[i] = 'x';
    name_it(card.labels[2].name, "a\\b");
    card.labels[0].is_default = card.labels[2].is_default = true;
    want(0, NAME_0, 3, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    end();
}

/* One name for two keys: the first has it. */
static void test_one_name_for_two(void **state)
{
    (void)state;
    begin();
    name_it(card.labels[0].name, "twin");
    name_it(card.labels[2].name, "twin");
    card.labels[2].is_default = true;
    want(0, "twin", 3, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    name_it(card.labels[2].name, "twins");
    want(0, "twin", 1, 0, 2048);
    want(2, "twins", 3, 256, 0);
    assert_map(3);
    end();
}

/* What a certification authority names is kept: in the overlay, or as labels, then there alone. */
static void test_kept(void **state)
{
    (void)state;
    for (unsigned labels = 0; labels < 2; labels++) {
        begin();
        card.holds_label = labels;
        want(0, "le-user-1", 3, 0, 2048);
        want(2, "le-user-2", 1, 256, 0);
        assert_int_equal(put_map(4 * RECORD), OK); /* with a zero record behind */
        assert_map(3);
        assert_int_equal(card.parts[VFS_CONTENT].len, labels ? 0 : 1 + 3 * RECORD);
        assert_int_equal(card.labels[2].name[8], labels ? '2' : 0);
        card.boxes[2].sig.spec = 0; /* deleted: the record is the caller's to zero */
        if (labels) {
            assert_map(1);
        } else {
            assert_map(3);
        }
        want(1, "other", 1, 0, 0); /* a record without key */
        memset(map + 2 * RECORD, 0, RECORD);
        assert_int_equal(put_map(3 * RECORD), OK);
        assert_map(2);
        memset(map + RECORD, 0, RECORD);
        assert_int_equal(put_map(RECORD), OK);
        assert_map(1);
        assert_int_equal(card.parts[VFS_CONTENT].len, labels ? 0 : 1 + RECORD);
        end();
    }
}

/* No default, if the caller says none; sizes are the keys'; records that make no sense are not
 * taken for names. */
static void test_as_written(void **state)
{
    (void)state;
    begin();
    card.holds_label = true;
    want(0, "one", 1, 0, 2048);
    want(2, "two", 1, 256, 0);
    assert_int_equal(put_map(3 * RECORD), OK);
    assert_map(3);
    want(0, "one", 1, 7, 7);
    assert_int_equal(put_map(3 * RECORD), OK);
    want(0, "one", 1, 0, 2048);
    assert_map(3);
    want(0, "one", 0, 0, 2048); /* not in use, it says */
    want(2, "", 1, 256, 0);
    assert_int_equal(put_map(3 * RECORD), OK);
    want(0, NAME_0, 1, 0, 2048);
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    end();
}

/* Two marked as default, by card and caller: one remains. */
static void test_one_default(void **state)
{
    (void)state;
    begin();
    want(0, "one", 1, 0, 2048);
    want(1, "none", 3, 0, 0);
    want(2, "two", 3, 256, 0);
    assert_int_equal(put_map(3 * RECORD), OK);
    name_it(card.labels[0].name, "label");
    card.labels[0].is_default = true;
    want(0, "label", 3, 0, 2048);
    want(1, "none", 1, 0, 0);
    want(2, "two", 1, 256, 0);
    assert_map(3);
    end();
}

/* Bytes on the card that are no map: keys have names all the same. */
static void test_garbage(void **state)
{
    (void)state;
    begin();
    want(0, "one", 1, 0, 2048);
    assert_int_equal(put_map(RECORD), OK);
    memset(card.parts[VFS_CONTENT].data + 1, 0xFF, 1000);
    card.parts[VFS_CONTENT].len = 1000; /* no whole number of records, and too many */
    assert_int_equal(get(c, "mscp", "cmapfile"), OK);
    assert_int_equal(got.len, 4 * RECORD);
    want(0, NAME_0, 1, 0, 2048);
    assert_memory_equal(got.data, map, RECORD);
    card.parts[VFS_CONTENT].len = 86;
    want(2, NAME_2, 1, 256, 0);
    assert_map(3);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_derived),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_bad_labels), cmocka_unit_test(test_one_name_for_two),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_as_written),
        cmocka_unit_test(test_one_default),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
