/* SPDX-License-Identifier: MIT */
/* The entry points, for the table in entry.c. Their contracts are those of cardmod.h. */
#ifndef CARDMINT_MINIDRIVER_ENTRY_H
#define CARDMINT_MINIDRIVER_ENTRY_H

#include "cardmint/cardmod.h"

/* The newest version of a versioned structure, with 0 standing for 1. */
#define VERSION_OK(version, newest) ((version) <= (newest))

DWORD WINAPI md_delete_context(PCARD_DATA pCardData);

/* pins.c */
DWORD WINAPI md_authenticate_pin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbPin, DWORD cbPin,
                                 PDWORD pcAttemptsRemaining);
DWORD WINAPI md_get_challenge(PCARD_DATA pCardData, PBYTE *ppbChallengeData,
                              PDWORD pcbChallengeData);
DWORD WINAPI md_authenticate_challenge(PCARD_DATA pCardData, PBYTE pbResponseData,
                                       DWORD cbResponseData, PDWORD pcAttemptsRemaining);
DWORD WINAPI md_deauthenticate(PCARD_DATA pCardData, LPWSTR pwszUserId, DWORD dwFlags);
DWORD WINAPI md_authenticate_ex(PCARD_DATA pCardData, PIN_ID PinId, DWORD dwFlags, PBYTE pbPinData,
                                DWORD cbPinData, PBYTE *ppbSessionPin, PDWORD pcbSessionPin,
                                PDWORD pcAttemptsRemaining);
DWORD WINAPI md_get_challenge_ex(PCARD_DATA pCardData, PIN_ID PinId, PBYTE *ppbChallengeData,
                                 PDWORD pcbChallengeData, DWORD dwFlags);
DWORD WINAPI md_deauthenticate_ex(PCARD_DATA pCardData, PIN_SET PinId, DWORD dwFlags);

/* secrets.c */
DWORD WINAPI md_unblock_pin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbAuthenticationData,
                            DWORD cbAuthenticationData, PBYTE pbNewPinData, DWORD cbNewPinData,
                            DWORD cRetryCount, DWORD dwFlags);
DWORD WINAPI md_change_authenticator(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                     PBYTE pbCurrentAuthenticator, DWORD cbCurrentAuthenticator,
                                     PBYTE pbNewAuthenticator, DWORD cbNewAuthenticator,
                                     DWORD cRetryCount, DWORD dwFlags, PDWORD pcAttemptsRemaining);
DWORD WINAPI md_change_authenticator_ex(PCARD_DATA pCardData, DWORD dwFlags,
                                        PIN_ID dwAuthenticatingPinId, PBYTE pbAuthenticatingPinData,
                                        DWORD cbAuthenticatingPinData, PIN_ID dwTargetPinId,
                                        PBYTE pbTargetData, DWORD cbTargetData, DWORD cRetryCount,
                                        PDWORD pcAttemptsRemaining);

/* directories.c */
DWORD WINAPI md_create_directory(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                 CARD_DIRECTORY_ACCESS_CONDITION AccessCondition);
DWORD WINAPI md_delete_directory(PCARD_DATA pCardData, LPSTR pszDirectoryName);
DWORD WINAPI md_enum_files(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR *pmszFileNames,
                           LPDWORD pdwcbFileName, DWORD dwFlags);

/* files.c */
DWORD WINAPI md_read_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                          DWORD dwFlags, PBYTE *ppbData, PDWORD pcbData);
DWORD WINAPI md_create_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD cbInitialCreationSize,
                            CARD_FILE_ACCESS_CONDITION AccessCondition);
DWORD WINAPI md_get_file_info(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                              PCARD_FILE_INFO pCardFileInfo);
DWORD WINAPI md_write_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                           DWORD dwFlags, PBYTE pbData, DWORD cbData);
DWORD WINAPI md_delete_file(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD dwFlags);

/* capability.c */
DWORD WINAPI md_query_capabilities(PCARD_DATA pCardData, PCARD_CAPABILITIES pCardCapabilities);
DWORD WINAPI md_query_free_space(PCARD_DATA pCardData, DWORD dwFlags,
                                 PCARD_FREE_SPACE_INFO pCardFreeSpaceInfo);
DWORD WINAPI md_query_key_sizes(PCARD_DATA pCardData, DWORD dwKeySpec, DWORD dwFlags,
                                PCARD_KEY_SIZES pKeySizes);

/* property.c */
DWORD WINAPI md_get_property(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                             PDWORD pdwDataLen, DWORD dwFlags);
DWORD WINAPI md_set_property(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData,
                             DWORD cbDataLen, DWORD dwFlags);
DWORD WINAPI md_get_container_property(PCARD_DATA pCardData, BYTE bContainerIndex,
                                       LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                                       PDWORD pdwDataLen, DWORD dwFlags);

/* containers.c */
DWORD WINAPI md_create_container(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                 DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData);
DWORD WINAPI md_create_container_ex(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                    DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData,
                                    PIN_ID PinId);
DWORD WINAPI md_delete_container(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwReserved);
DWORD WINAPI md_get_container_info(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                   PCONTAINER_INFO pContainerInfo);

/* sign.c, decrypt.c */
DWORD WINAPI md_sign_data(PCARD_DATA pCardData, PCARD_SIGNING_INFO pInfo);
DWORD WINAPI md_rsa_decrypt(PCARD_DATA pCardData, PCARD_RSA_DECRYPT_INFO pInfo);

/* agreement.c */
DWORD WINAPI md_construct_dh_agreement(PCARD_DATA pCardData,
                                       PCARD_DH_AGREEMENT_INFO pAgreementInfo);
DWORD WINAPI md_derive_key(PCARD_DATA pCardData, PCARD_DERIVE_KEY pAgreementInfo);
DWORD WINAPI md_destroy_dh_agreement(PCARD_DATA pCardData, BYTE bSecretAgreementIndex,
                                     DWORD dwFlags);

#endif
