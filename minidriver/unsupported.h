/* SPDX-License-Identifier: MIT */
/* Entry points that this version fills but does not have yet: CMR.3.1.1.2 wants every pointer set.
 * Each checks pCardData and answers SCARD_E_UNSUPPORTED_FEATURE. README.md lists them. */
#ifndef CARDMINT_MINIDRIVER_UNSUPPORTED_H
#define CARDMINT_MINIDRIVER_UNSUPPORTED_H

#include "cardmint/cardmod.h"

/* X(name, parameters): one row an entry point. */
#define MD_UNSUPPORTED(X)                                                                          \
    X(md_set_container_property, (PCARD_DATA pCardData, BYTE index, LPCWSTR name, PBYTE in,        \
                                  DWORD in_len, DWORD flags))                                      \
    X(md_import_session_key, (PCARD_DATA pCardData, LPCWSTR type, LPCWSTR alg,                     \
                              PCARD_KEY_HANDLE key, PBYTE in, DWORD in_len))                       \
    X(md_encrypt_data, (PCARD_DATA pCardData, CARD_KEY_HANDLE key, LPCWSTR name, PBYTE in,         \
                        DWORD in_len, DWORD flags, PCARD_ENCRYPTED_DATA *out, PDWORD count))       \
    X(md_card_import_session_key, (PCARD_DATA pCardData, BYTE index, LPVOID padding, LPCWSTR type, \
                                   LPCWSTR alg, PCARD_KEY_HANDLE key, PBYTE in, DWORD in_len,      \
                                   DWORD flags))                                                   \
    X(md_get_shared_key_handle, (PCARD_DATA pCardData, PBYTE in, DWORD in_len, PBYTE *out,         \
                                 PDWORD out_len, PCARD_KEY_HANDLE key))                            \
    X(md_get_algorithm_property, (PCARD_DATA pCardData, LPCWSTR alg, LPCWSTR name, PBYTE out,      \
                                  DWORD room, PDWORD out_len, DWORD flags))                        \
    X(md_get_key_property, (PCARD_DATA pCardData, CARD_KEY_HANDLE key, LPCWSTR name, PBYTE out,    \
                            DWORD room, PDWORD out_len, DWORD flags))                              \
    X(md_set_key_property, (PCARD_DATA pCardData, CARD_KEY_HANDLE key, LPCWSTR name, PBYTE in,     \
                            DWORD in_len, DWORD flags))                                            \
    X(md_destroy_key, (PCARD_DATA pCardData, CARD_KEY_HANDLE key))                                 \
    X(md_process_encrypted_data, (PCARD_DATA pCardData, CARD_KEY_HANDLE key, LPCWSTR name,         \
                                  PCARD_ENCRYPTED_DATA in, DWORD count, PBYTE out, DWORD room,     \
                                  PDWORD out_len, DWORD flags))

#define MD_DECLARE(name, parameters) DWORD WINAPI name parameters;
MD_UNSUPPORTED(MD_DECLARE)
#undef MD_DECLARE

#endif
