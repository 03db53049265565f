/* SPDX-License-Identifier: MIT */
/* Until closed_tool.c and fixture_keys.c are there. */
#include "kit/closed_tool.h"
#include "kit/fixture_keys.h"

__attribute__((weak)) bool closed_tool_has(const char *test, const char *subtest, const char *id)
{
    (void)test; (void)subtest; (void)id;
    return false;
}
__attribute__((weak)) void fixture_keys_make(struct bench *b) { (void)b; }
__attribute__((weak)) void fixture_keys_remove(struct bench *b) { (void)b; }
__attribute__((weak)) BYTE scratch_index(struct bench *b) { (void)b; return 5; }
__attribute__((weak)) BYTE empty_index(struct bench *b) { (void)b; return 7; }
__attribute__((weak)) BYTE fixture_key(struct bench *b, DWORD spec) { (void)b; (void)spec; return 0xFF; }
__attribute__((weak)) DWORD fixture_rsa_bits(struct bench *b) { (void)b; return 1024; }
__attribute__((weak)) bool has_spec(struct bench *b, DWORD spec) { (void)b; (void)spec; return true; }
