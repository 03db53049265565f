/* SPDX-License-Identifier: MIT */
/* The folder of cards. */
#include "softcard/home.h"
#include "tests/softcard/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static void remove_all(const char *dir)
{
    char cmd[200];

    (void)snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
    assert_int_equal(system(cmd), 0);
}

/* Each test has a home of its own that does not yet exist. */
static int set_up(void **state)
{
    char home[96];

    (void)state;
    (void)snprintf(root, sizeof(root), "%s/softcard-home-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(root) == NULL)
        return -1;
    (void)snprintf(home, sizeof(home), "%s/a/home", root);
    (void)umask(0);
    return setenv("CARDMINT_HOME", home, 1);
}

static int tear_down(void **state)
{
    (void)state;
    remove_all(root);
    return 0;
}

static void make_card(const char *name)
{
    char path[HOME_PATH_MAX];

    assert_int_equal(home_make(), SOFTCARD_OK);
    assert_true(home_image_path(name, path));
    assert_int_equal(softcard_create(path, NULL), SOFTCARD_OK);
}

static void touch(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static void mode_is(const char *path, unsigned mode)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, mode);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names(void **state)
{
    static const char *const good[] = { "a", "Alice", "alice.2", "a_b-c", "-", "_", "0", "ram",
                                        "a.card", "1234567890123456789012345678901" };
    static const char *const bad[] = { "", ".", "..", ".a", "a/b", "../a", "a b", "a\n", "\xC3\xA4",
                                       "a:b", "a.ram", "x.card.ram",
                                       "12345678901234567890123456789012" };
    char path[HOME_PATH_MAX] = "untouched";

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(home_name_ok(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(home_name_ok(bad[i]));
        assert_false(home_image_path(bad[i], path));
        assert_false(home_ram_path(bad[i], path));
        assert_false(home_is_inserted(bad[i]));
        assert_int_equal(home_insert(bad[i]), SOFTCARD_MISSING);
        assert_int_equal(home_eject(bad[i]), SOFTCARD_MISSING);
        assert_int_equal(home_remove(bad[i]), SOFTCARD_MISSING);
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

static void places(void **state)
{
    char path[HOME_PATH_MAX];
    static char longest[HOME_PATH_MAX + 10];

    (void)state;
    assert_int_equal(setenv("CARDMINT_HOME", "/x/y", 1), 0);
    assert_int_equal(setenv("XDG_DATA_HOME", "/data", 1), 0);
    assert_int_equal(setenv("HOME", "/home/me", 1), 0);
    assert_true(home_dir(path));
    assert_string_equal(path, "/x/y");
    assert_true(home_image_path("a", path));
    assert_string_equal(path, "/x/y/cards/a.card");
    assert_true(home_ram_path("a", path));
    assert_string_equal(path, "/x/y/slots/a.ram");
    assert_true(home_slots_dir(path));
    assert_string_equal(path, "/x/y/slots");
    assert_int_equal(setenv("CARDMINT_HOME", "", 1), 0); /* empty is unset */
    assert_true(home_dir(path));
    assert_string_equal(path, "/data/cardmint");
    assert_int_equal(setenv("XDG_DATA_HOME", "data", 1), 0); /* not absolute: ignored */
    assert_true(home_dir(path));
    assert_string_equal(path, "/home/me/.local/share/cardmint");
    assert_int_equal(unsetenv("XDG_DATA_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_false(home_dir(path));
    assert_false(home_image_path("a", path));
    assert_int_equal(home_make(), SOFTCARD_IO);
    assert_int_equal(home_list(NULL, 0), 0);
    assert_int_equal(home_check(), SOFTCARD_IO); /* nobody knows where it is */
    memset(longest, 'x', sizeof(longest) - 1);
    longest[0] = '/';
    assert_int_equal(setenv("CARDMINT_HOME", longest, 1), 0);
    assert_false(home_dir(path));
    longest[HOME_PATH_MAX - 8] = '\0'; /* the folder fits, what is in it does not */
    assert_int_equal(setenv("CARDMINT_HOME", longest, 1), 0);
    assert_true(home_dir(path));
    assert_false(home_image_path("alice", path));
    assert_int_equal(home_check(), SOFTCARD_IO);
    assert_int_equal(setenv("CARDMINT_HOME", "/dev/null", 1), 0);
    assert_int_equal(home_check(), SOFTCARD_IO);
    assert_int_equal(setenv("CARDMINT_HOME", "/nowhere/at/all", 1), 0);
    assert_int_equal(home_check(), SOFTCARD_OK);
}

static void folders_are_private(void **state)
{
    char path[HOME_PATH_MAX], below[HOME_PATH_MAX + 32];

    (void)state;
    assert_int_equal(home_make(), SOFTCARD_OK);
    assert_int_equal(home_make(), SOFTCARD_OK); /* again */
    assert_true(home_dir(path));
    mode_is(path, 0700);
    (void)snprintf(below, sizeof(below), "%s/cards", path);
    mode_is(below, 0700);
    (void)snprintf(below, sizeof(below), "%s/slots", path);
    mode_is(below, 0700);
    make_card("alice");
    assert_int_equal(home_insert("alice"), SOFTCARD_OK);
    (void)snprintf(below, sizeof(below), "%s/slots/alice", path);
    mode_is(below, 0600);
    assert_true(home_image_path("alice", path));
    mode_is(path, 0600);
}

static void no_place_for_a_home(void **state)
{
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/file", root);
    touch(path);
    assert_int_equal(setenv("CARDMINT_HOME", path, 1), 0);
    assert_int_equal(home_make(), SOFTCARD_IO);
    assert_int_equal(home_insert("alice"), SOFTCARD_MISSING);
}

/* ---- cards ----------------------------------------------------------------------------------- */

static void list(void **state)
{
    static struct home_card cards[HOME_CARDS_MAX];
    char dir[HOME_PATH_MAX], path[HOME_PATH_MAX + 64];
    static const char *const others[] = { "x.card-journal", ".hidden.card", ".card", "x", "x.CARD",
                                          "a b.card", "b.ram.card",
                                          "12345678901234567890123456789012.card" };

    (void)state;
    assert_int_equal(home_list(cards, HOME_CARDS_MAX), 0); /* no home is no cards */
    make_card("carol");
    make_card("alice");
    make_card("bob");
    assert_true(home_dir(dir));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/cards/%s", dir, others[i]);
        touch(path);
    }
    assert_int_equal(home_insert("bob"), SOFTCARD_OK);
    assert_int_equal(home_list(cards, HOME_CARDS_MAX), 3);
    assert_string_equal(cards[0].name, "alice");
    assert_string_equal(cards[1].name, "bob");
    assert_string_equal(cards[2].name, "carol");
    assert_false(cards[0].inserted);
    assert_true(cards[1].inserted);
    assert_false(cards[2].inserted);
    assert_int_equal(home_list(cards, 2), 2);
    assert_int_equal(home_list(cards, 0), 0);
}

static void insert_and_eject(void **state)
{
    char ram[HOME_PATH_MAX];

    (void)state;
    assert_int_equal(home_insert("alice"), SOFTCARD_MISSING);
    make_card("alice");
    assert_false(home_is_inserted("alice"));
    assert_int_equal(home_eject("alice"), SOFTCARD_OK); /* ejected already */
    assert_int_equal(home_insert("alice"), SOFTCARD_OK);
    assert_int_equal(home_insert("alice"), SOFTCARD_OK); /* inserted already */
    assert_true(home_is_inserted("alice"));
    assert_false(home_is_inserted("bob"));
    assert_true(home_ram_path("alice", ram));
    touch(ram);
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    assert_false(home_is_inserted("alice"));
    assert_false(is_there(ram)); /* the power is gone */
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    touch(ram); /* left behind by a process that died */
    assert_int_equal(home_eject("alice"), SOFTCARD_OK);
    assert_false(is_there(ram));
}

static void remove_takes_everything(void **state)
{
    char image[HOME_PATH_MAX], ram[HOME_PATH_MAX], journal[HOME_PATH_MAX + 16];

    (void)state;
    assert_int_equal(home_remove("alice"), SOFTCARD_MISSING);
    make_card("alice");
    make_card("alice2");
    assert_int_equal(home_insert("alice"), SOFTCARD_OK);
    assert_true(home_image_path("alice", image));
    assert_true(home_ram_path("alice", ram));
    (void)snprintf(journal, sizeof(journal), "%s-journal", image);
    touch(ram);
    touch(journal); /* holds what the image held */
    assert_int_equal(home_remove("alice"), SOFTCARD_OK);
    assert_false(is_there(image));
    assert_false(is_there(ram));
    assert_false(is_there(journal));
    assert_false(home_is_inserted("alice"));
    assert_int_equal(home_remove("alice"), SOFTCARD_MISSING);
    assert_true(home_image_path("alice2", image));
    assert_true(is_there(image)); /* its neighbour stays */
    make_card("alice");           /* and the name is free */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names),
        TEST(places),
        TEST(folders_are_private),
        TEST(no_place_for_a_home),
        TEST(list),
        TEST(insert_and_eject),
        TEST(remove_takes_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
