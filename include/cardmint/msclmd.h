/* SPDX-License-Identifier: MIT */
/*
 * cardmint/msclmd.h - names of the Windows class minidriver for PIV and GIDS cards: its vendor
 * extensions of the minidriver interface. Not part of that interface; cardmint uses them for
 * interoperability tests and offers nothing under these names by itself.
 */
#ifndef CARDMINT_MSCLMD_H
#define CARDMINT_MSCLMD_H

#include "cardmod.h"

/* ---- PIN roles beyond ROLE_ADMIN ------------------------------------------------------------- */

#define ROLE_PIN_ALWAYS 3
#define ROLE_PUK        4

/* ---- card properties ------------------------------------------------------------------------- */

#define CP_PIV_CARD_CAPABILITY_CONTAINER              CM_WSTR("PIV CCC")
#define CP_PIV_CARD_HOLDER_UNIQUE_IDENTIFIER          CM_WSTR("PIV CHUID")
#define CP_PIV_CARD_HOLDER_UNSIGNED_UNIQUE_IDENTIFIER CM_WSTR("PIV UCHUID")
#define CP_PIV_FINGERPRINT                            CM_WSTR("PIV Fingerprint")
#define CP_PIV_SECURITY_OBJECT                        CM_WSTR("PIV Security Object")
#define CP_PIV_FACIAL_IMAGE                           CM_WSTR("PIV Facial Image")
#define CP_PIV_PRINTED_INFORMATION                    CM_WSTR("PIV Printed Information")
#define CP_PIV_GENERATE_KEY                           CM_WSTR("PIV Generate Key")
#define CP_CARD_PIV                                   CM_WSTR("PIV Card")
#define CP_PIV_CERTIFICATE                            CM_WSTR("PIV Certificate")
#define CP_PIV_PUBLIC_KEY                             CM_WSTR("PIV Public Key")
#define CP_PIV_KEY_HISTORY_OBJECT                     CM_WSTR("PIV Key History Object")

/* ---- PIV data object tags (BER-TLV tags of SP 800-73) ---------------------------------------- */

#define CLMD_FILE_TAG_PIV_AUTH_CERT              0x005FC105
#define CLMD_FILE_TAG_SIG_CERT                   0x005FC10A
#define CLMD_FILE_TAG_KEY_MGMT_CERT              0x005FC10B
#define CLMD_FILE_TAG_CARD_AUTH_CERT             0x005FC101
#define CLMD_FILE_TAG_CHUID                      0x005FC102
#define CLMD_FILE_TAG_CARD_CAPABILITY_CONTAINER  0x005FC107
#define CLMD_FILE_TAG_UNSIGNED_CHUID             0x005FC104
#define CLMD_FILE_TAG_FINGERPRINT                0x005FC103
#define CLMD_FILE_TAG_SECURITY_OBJECT            0x005FC106
#define CLMD_FILE_TAG_FACIAL_IMAGE               0x005FC108
#define CLMD_FILE_TAG_PRINTED_INFORMATION        0x005FC109
#define CLMD_FILE_TAG_KEY_HISTORY                0x005FC10C
#define CLMD_FILE_TAG_FIRST_RETIRED_KEY_MGMT_KEY 0x005FC10D
#define CLMD_FILE_TAG_LAST_RETIRED_KEY_MGMT_KEY  0x005FC120

/* ---- property values ------------------------------------------------------------------------- */

#define CLMD_PIV_CERT_DATA_CURRENT_VERSION               0
#define CLMD_PIV_GENERATE_ASYMMETRIC_KEY_CURRENT_VERSION 0
#define CLMD_PIV_PUBLIC_KEY_DATA_CURRENT_VERSION         0

/* CP_PIV_CERTIFICATE */
typedef struct _CLMD_PIV_CERT_DATA {
    DWORD dwVersion; /* CLMD_PIV_CERT_DATA_CURRENT_VERSION */
    DWORD dwCertTag; /* CLMD_FILE_TAG_* */
    PBYTE pbCert;
    DWORD cbCert; /* bytes */
} CLMD_PIV_CERT_DATA, *PCLMD_PIV_CERT_DATA;

/* CP_PIV_GENERATE_KEY */
typedef struct _CLMD_PIV_GENERATE_ASYMMETRIC_KEY {
    DWORD dwVersion;   /* CLMD_PIV_GENERATE_ASYMMETRIC_KEY_CURRENT_VERSION */
    BYTE bAlgorithmId; /* PIV algorithm identifier */
    BYTE bKeyId;       /* PIV key reference */
    PBYTE pbKey;
    DWORD cbKey; /* bytes */
} CLMD_PIV_GENERATE_ASYMMETRIC_KEY, *PCLMD_PIV_GENERATE_ASYMMETRIC_KEY;

/* CP_PIV_PUBLIC_KEY */
typedef struct _CLMD_PIV_PUBLIC_KEY_DATA {
    DWORD dwVersion; /* CLMD_PIV_PUBLIC_KEY_DATA_CURRENT_VERSION */
    BYTE bKeyId;     /* PIV key reference */
    PBYTE pbPublicKey;
    DWORD cbPublicKey; /* bytes */
} CLMD_PIV_PUBLIC_KEY_DATA, *PCLMD_PIV_PUBLIC_KEY_DATA;

#endif /* CARDMINT_MSCLMD_H */
