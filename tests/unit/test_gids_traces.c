/* SPDX-License-Identifier: MIT */
/*
 * The GIDS edge against recorded dialogues of a foreign card (a GidsApplet) with a foreign host
 * (OpenSC): where both send the same command, the edge gets the answer that was recorded.
 */
#include "script.h"
#include "vectors.h"

#include <stdio.h>

static struct edge e;
static struct caller c;
static const struct edge_key rsa = RSA_2048;
static char *trace;      /* the whole text */
static const char *here; /* where the last command was found */

static void load(const char *name)
{
    char path[500];
    FILE *file;
    size_t len;

    (void)snprintf(path, sizeof(path), "%s/%s", TRACES, name);
    file = fopen(path, "r");
    assert_non_null(file);
    free(trace);
    trace = malloc(200000);
    len = fread(trace, 1, 199999, file);
    trace[len] = '\0';
    (void)fclose(file);
    here = trace;
}

/* Bytes of the hex that begins at `at`, up to the first blank; the status word after it too. */
static size_t take(const char *at, bool with_status, uint8_t *out, size_t cap)
{
    char line[16000];
    size_t n = strcspn(at, " \n");

    if (with_status && at[n] == ' ' && strspn(at + n + 1, "0123456789ABCDEF") == 4)
        n += 5;
    assert_true(n < sizeof(line));
    memcpy(line, at, n);
    line[n] = '\0';
    return hex(line, out, cap);
}

/* The answer to the next command that is the same as `in`, from where we are, then from the top. */
static uint32_t transmit(void *link, const uint8_t *in, size_t in_len, uint8_t *out,
                         size_t *out_len)
{
    uint8_t buf[8000];
    bool again = false;
    const char *at = here;

    (void)link;
    for (;;) {
        at = strstr(at, "   > ");
        if (at == NULL && again)
            fail_msg("%02X %02X %02X %02X ... was not recorded", in[0], in[1], in[2], in[3]);
        if (at == NULL) {
            at = trace;
            again = true;
            continue;
        }
        at += 5;
        if (take(at, false, buf, sizeof(buf)) == in_len && memcmp(buf, in, in_len) == 0)
            break;
    }
    at = strstr(at, "   < ") + 5;
    here = at;
    *out_len = take(at, true, out, *out_len);
    return SCARD_S_SUCCESS;
}

static void begin(const char *name)
{
    struct script unused;

    load(name);
    edge_begin(&e, &unused, &c, "");
    card_init(&e.card, transmit, NULL);
}

static void test_login_of_a_used_card(void **state)
{
    static const struct edge_file cert = { "mscp", "kxc00", 1, true, 0xA010DF24 };
    const uint8_t wrong[] = { '0', '0', '0', '0', '0', '0' };
    struct edge_file f, *files = NULL;
    struct edge_public_key key;
    uint8_t *data = NULL;
    size_t len = 0;
    uint32_t left;

    (void)state;
    begin("gids-15-wrong-pin.txt");
    assert_int_equal(edge_gids.probe(&e, &e.profile), SCARD_S_SUCCESS);
    assert_int_equal(e.ops->table(&e, &files, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 6);
    assert_string_equal(files[5].name, "kxc00");
    assert_int_equal(files[5].where, cert.where);
    e.services.free(&c, files);
    assert_true(e.ops->fixed(&e, "", "cardid", &f));
    assert_int_equal(e.ops->read(&e, &f, &data, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 16);
    assert_int_equal(data[15], 0xFF);
    e.services.free(&c, data);
    assert_int_equal(e.ops->public_key(&e, &rsa, &key), SCARD_S_SUCCESS);
    assert_int_equal(key.n_len, 256);
    assert_int_equal(key.n[0], 0xDA);
    assert_int_equal(key.n[255], 0xE3);
    assert_int_equal(e.ops->read(&e, &cert, &data, &len), SCARD_S_SUCCESS);
    assert_int_equal(len, 1997);
    assert_int_equal(data[0], 0x01); /* the frame of a compressed certificate */
    e.services.free(&c, data);
    assert_int_equal(e.ops->verify(&e, EDGE_USER, wrong, sizeof(wrong), &left), SCARD_W_WRONG_CHV);
    assert_int_equal(left, 2);
    assert_int_equal(c.blocks, 0);
}

/* OpenSC makes the same EF and the same keymap record. (It asks GENERATE for no answer and reads
 * the public key after it.) */
static void test_generate_as_opensc_does(void **state)
{
    static const char create[] = CREATE_RSA, keymap[] = PUT_KEYMAP KEY_RSA "\n";
    const char *const commands[] = { create, keymap };
    uint8_t out[300], in[100];
    size_t len;

    (void)state;
    begin("gids-05-keygen-rsa2048.txt");
    for (size_t i = 0; i < 2; i++) {
        len = sizeof(out);
        (void)transmit(NULL, in, hex(commands[i] + 1, in, sizeof(in)), out, &len);
        assert_int_equal(len, 2);
        assert_int_equal(out[0], 0x90);
    }
}

/* The bytes after `head` in the recorded command that begins with it. */
static size_t recorded(const char *head, uint8_t *out, size_t cap)
{
    const char *at = strstr(trace, head);

    assert_non_null(at);
    return take(at + strlen(head), false, out, cap);
}

static void test_sign_and_decrypt_as_opensc_does(void **state)
{
    uint8_t in[257], out[256];
    size_t len, out_len = sizeof(out);

    (void)state;
    begin("gids-07-sign-sha256-rsa-pkcs.txt");
    len = recorded("> 002A9E9A33", in, sizeof(in)) - 1; /* without Le */
    assert_int_equal(len, 51);
    assert_int_equal(e.ops->sign(&e, &rsa, EDGE_PKCS1, in, len, out, &out_len), SCARD_S_SUCCESS);
    assert_int_equal(out_len, 256);
    begin("gids-08-decrypt-rsa-pkcs.txt");
    assert_int_equal(recorded("> 102A8086FF", in, sizeof(in)), 255);
    assert_int_equal(recorded("> 002A808601", in + 255, 2), 2);
    assert_int_equal(e.ops->decrypt(&e, &rsa, EDGE_PKCS1, in, 256, out, &out_len),
                     SCARD_S_SUCCESS);
    assert_in_range(out_len, 1, 245);
}

static void test_blank_card(void **state)
{
    (void)state;
    begin("gids-00-probe-blank-card-all-drivers.txt");
    assert_int_equal(edge_gids.probe(&e, &e.profile), SCARD_S_SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_of_a_used_card),
        cmocka_unit_test(test_generate_as_opensc_does),
        cmocka_unit_test(test_sign_and_decrypt_as_opensc_does),
        cmocka_unit_test(test_blank_card),
    };
    int failed = cmocka_run_group_tests_name("gids_traces", tests, NULL, NULL);

    free(trace);
    return failed;
}
