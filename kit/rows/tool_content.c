/* SPDX-License-Identifier: MIT */
/* The closed tool's look at the files that every card has, and at the card as a whole. What only
 * reads works on cards that cannot be written to. */
#include "kit/bench/fixture_keys.h"
#include "kit/bench/secrets.h"
#include "kit/rows/tool.h"

#include <string.h>
#include <strings.h>

#define OK     SCARD_S_SUCCESS
#define CANNOT SCARD_E_UNSUPPORTED_FEATURE
#define ID_LEN 16u
#define CF_LEN 6u /* more, where applications have counters of their own */

/* ---- files ----------------------------------------------------------------------------------- */

static DWORD read_len(struct bench *b, const char *dir, const char *name)
{
    PBYTE data = NULL;
    DWORD len = 0;

    EXPECT(b->run, CALL(b, ReadFile, &b->data, str(dir), str(name), 0, &data, &len), OK);
    CHECK(b->run, (data != NULL && mem_is_ours(data) && mem_len(data) >= len) || len == 0,
          "%s: no block of %u bytes by the callbacks", name, (unsigned)len);
    if (mem_is_ours(data))
        mem_free(data);
    return len;
}

void step_read_well(struct run *r)
{
    struct bench b;
    DWORD len;

    bench_open(r, &b);
    len = read_len(&b, NULL, "cardid");
    CHECK(r, len == ID_LEN, "cardid has %u bytes", (unsigned)len);
    len = read_len(&b, NULL, "cardcf");
    CHECK(r, len >= CF_LEN, "cardcf has %u bytes", (unsigned)len);
}

void step_info_well(struct run *r)
{
    struct bench b;
    DWORD len;

    bench_open(r, &b);
    len = read_len(&b, NULL, "cardapps");
    for (DWORD version = 1; version != 0xFFFFFFFF; version--) {
        CARD_FILE_INFO info = { .dwVersion = version };

        EXPECT(r, CALL(&b, GetFileInfo, &b.data, NULL, str("cardapps"), &info), OK);
        CHECK(r, info.cbFileSize == len, "cardapps has %u bytes, and is said to have %u",
              (unsigned)len, (unsigned)info.cbFileSize);
    }
}

static bool lists(struct bench *b, const char *dir, const char *wanted)
{
    LPSTR names = NULL;
    DWORD len = 0;
    bool found = false;

    EXPECT(b->run, CALL(b, EnumFiles, &b->data, str(dir), &names, &len, 0), OK);
    if (!mem_is_ours(names) || len > mem_len(names))
        run_blocked(b->run, "CardEnumFiles gives no list");
    for (DWORD at = 0; at < len && names[at] != '\0';
         at += (DWORD)strnlen(names + at, len - at) + 1)
        found = found || strncasecmp(names + at, wanted, len - at) == 0;
    mem_free(names);
    return found;
}

void step_list_well(struct run *r)
{
    struct bench b;

    bench_open(r, &b);
    CHECK(r, lists(&b, NULL, "cardapps"), "the root's list is without cardapps");
    CHECK(r, lists(&b, "mscp", "cmapfile"), "mscp's list is without cmapfile");
}

void step_names(struct run *r)
{
    CARD_FILE_INFO info = { .dwVersion = CARD_FILE_INFO_CURRENT_VERSION };
    struct bench b;

    bench_open(r, &b);
    be_user(&b);
    CHECK(r, read_len(&b, "MsCp", "CMapFile") == read_len(&b, "mscp", "cmapfile"),
          "the map of containers has another length by another name");
    EXPECT(r, CALL(&b, GetFileInfo, &b.data, str("mSCP"), str("cMAPfILE"), &info), OK);
    CHECK(r, lists(&b, "MSCP", "cmapfile"), "MSCP's list is without cmapfile");
}

/* ---- the card as a whole --------------------------------------------------------------------- */

/* The other way round nobody can say: a configuration need not know all PINs of a card. */
void step_pins(struct run *r)
{
    static const WCHAR list[] = CP_CARD_LIST_PINS;
    PIN_SET set = 0;
    struct bench b;
    DWORD len = 0;

    bench_open(r, &b);
    EXPECT(r, CALL(&b, GetProperty, &b.data, list, (PBYTE)&set, sizeof(set), &len, 0), OK);
    CHECK(r, IS_PIN_SET(set, ROLE_USER), "the PIN list %02X is without the user", (unsigned)set);
    CHECK(r, r->config->admin_key.len == 0 || IS_PIN_SET(set, ROLE_ADMIN),
          "the PIN list %02X is without the admin, whose key is configured", (unsigned)set);
    run_saw(r, "PINs %02X", (unsigned)set);
}

static DWORD create_file(struct bench *b)
{
    return make_file(b, NULL, "kitro", EveryoneReadUserWriteAc);
}

static DWORD write_file(struct bench *b)
{
    return put_file(b, NULL, "kitro", "x", 1);
}

static DWORD delete_file(struct bench *b)
{
    return drop_file(b, NULL, "kitro");
}

static DWORD create_dir(struct bench *b)
{
    return CALL(b, CreateDirectory, &b->data, str("kitro"), UserCreateDeleteDirAc);
}

static DWORD delete_dir(struct bench *b)
{
    return CALL(b, DeleteDirectory, &b->data, str("kitro"));
}

static DWORD create_key(struct bench *b)
{
    return CALL(b, CreateContainer, &b->data, empty_index(b), CARD_CREATE_CONTAINER_KEY_GEN,
                AT_SIGNATURE, 1024, NULL);
}

static DWORD delete_key(struct bench *b)
{
    return CALL(b, DeleteContainer, &b->data, empty_index(b), 0);
}

static DWORD (*const writes[])(struct bench *b) = { create_file, write_file, delete_file,
                                                    create_dir,  delete_dir, create_key,
                                                    delete_key };

/* Who gives no challenges knows no answers. */
static bool lacks_challenges(struct bench *b)
{
    BYTE response[16] = { 0 };
    PBYTE challenge = NULL;
    DWORD len = 0;

    if (CALL(b, GetChallenge, &b->data, &challenge, &len) != CANNOT)
        return false;
    EXPECT(b->run, CALL(b, AuthenticateChallenge, &b->data, response, sizeof(response), NULL),
           CANNOT);
    if (!unblocks_by_puk(b))
        EXPECT(b->run, CALL(b, UnblockPin, &b->data, user_name(), response, sizeof(response),
                            response, sizeof(response), 0,
                            CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE), CANNOT);
    return true;
}

void step_lacking(struct run *r)
{
    struct bench b;
    bool lacks;

    bench_open(r, &b);
    lacks = lacks_challenges(&b);
    if (!is_read_only(&b) && !lacks)
        run_not_applicable(r, "the card can be written to (CP_CARD_READ_ONLY), and gives "
                              "challenges");
    if (!is_read_only(&b))
        return;
    for (size_t i = 0; i < ARRAY(writes); i++) {
        EXPECT(r, show_pin(&b, &r->config->user_pin, &not_asked), OK);
        EXPECT(r, writes[i](&b), CANNOT);
    }
    EXPECT(r, change_pin(&b, &r->config->user_pin, &r->config->user_pin, 0, &not_asked), CANNOT,
           OK);
    CHECK(r, any_spec(&b) != 0, "a card that is read-only, and has no key");
}
