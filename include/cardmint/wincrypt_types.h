/* SPDX-License-Identifier: MIT */
/*
 * cardmint/wincrypt_types.h - values and structures of wincrypt.h, bcrypt.h and ncrypt.h which a
 * minidriver, its callers or their tests need. On Windows the system headers are included and only
 * the names some of them lack are added; elsewhere everything is defined here.
 *
 * No function is declared off Windows.
 *
 * Byte order, everywhere: header fields of a blob are little-endian. Big numbers are little-endian
 * in CryptoAPI blobs (PUBLICKEYBLOB, PRIVATEKEYBLOB) and big-endian in CNG blobs (BCRYPT_*).
 * Encode and decode blobs by bytes; the structures here tell where the bytes are.
 */
#ifndef CARDMINT_WINCRYPT_TYPES_H
#define CARDMINT_WINCRYPT_TYPES_H

#include "wintypes.h"

#ifdef _WIN32

#include <wincrypt.h>

#include <bcrypt.h>
#include <ncrypt.h>

#else /* !_WIN32 */

/* ============================================================================================== *
 * CryptoAPI (wincrypt.h)
 * ============================================================================================== */

/* ---- key specifications (the two slots of a container); AT_ECDSA_* etc. are in cardmod.h ----- */

#define AT_KEYEXCHANGE       1
#define AT_SIGNATURE         2

/* ---- CryptoAPI blobs ------------------------------------------------------------------------- */

/* blob types (BLOBHEADER.bType) and blob versions (bVersion) */
#define CRYPT_BLOB_VER3      0x80
#define SIMPLEBLOB           1
#define PUBLICKEYBLOB        6
#define PRIVATEKEYBLOB       7
#define PLAINTEXTKEYBLOB     8
#define OPAQUEKEYBLOB        9
#define PUBLICKEYBLOBEX      0x0A
#define SYMMETRICWRAPKEYBLOB 0x0B
#define KEYSTATEBLOB         0x0C
#define CUR_BLOB_VERSION     2

/*
 * First 8 bytes of every CryptoAPI key blob. An RSA PUBLICKEYBLOB is BLOBHEADER, RSAPUBKEY with
 * magic "RSA1", modulus[bitlen / 8]; a PRIVATEKEYBLOB goes on (magic "RSA2") with the two primes,
 * the two exponents and the coefficient, bitlen / 16 bytes each, and privateExponent[bitlen / 8].
 */
typedef struct _PUBLICKEYSTRUC {
    BYTE bType;    /* *BLOB */
    BYTE bVersion; /* CUR_BLOB_VERSION */
    WORD reserved; /* 0 */
    ALG_ID aiKeyAlg;
} BLOBHEADER, PUBLICKEYSTRUC;

typedef struct _RSAPUBKEY {
    DWORD magic;  /* 0x31415352 "RSA1" public, 0x32415352 "RSA2" private */
    DWORD bitlen; /* modulus length in bits */
    DWORD pubexp;
} RSAPUBKEY;

typedef struct _PUBKEY {
    DWORD magic;
    DWORD bitlen;
} DHPUBKEY, DSSPUBKEY, KEAPUBKEY, TEKPUBKEY;

typedef struct _DSSSEED {
    DWORD counter;
    BYTE seed[20];
} DSSSEED;

/* ---- algorithm numbers: class | type | sub-id ------------------------------------------------ */

#define ALG_CLASS_ANY          0
#define ALG_CLASS_SIGNATURE    0x2000
#define ALG_CLASS_MSG_ENCRYPT  0x4000
#define ALG_CLASS_DATA_ENCRYPT 0x6000
#define ALG_CLASS_HASH         0x8000
#define ALG_CLASS_KEY_EXCHANGE 0xA000
#define ALG_CLASS_ALL          0xE000

#define ALG_TYPE_ANY           0
#define ALG_TYPE_DSS           0x0200
#define ALG_TYPE_RSA           0x0400
#define ALG_TYPE_BLOCK         0x0600
#define ALG_TYPE_STREAM        0x0800
#define ALG_TYPE_DH            0x0A00
#define ALG_TYPE_SECURECHANNEL 0x0C00
#define ALG_TYPE_ECDH          0x0E00

#define ALG_SID_ANY                          0
#define ALG_SID_RSA_ANY                      0
#define ALG_SID_RSA_PKCS                     1
#define ALG_SID_RSA_MSATWORK                 2
#define ALG_SID_RSA_ENTRUST                  3
#define ALG_SID_RSA_PGP                      4
#define ALG_SID_DSS_ANY                      0
#define ALG_SID_DSS_PKCS                     1
#define ALG_SID_DSS_DMS                      2
#define ALG_SID_ECDSA                        3
#define ALG_SID_DES                          1
#define ALG_SID_3DES                         3
#define ALG_SID_DESX                         4
#define ALG_SID_IDEA                         5
#define ALG_SID_CAST                         6
#define ALG_SID_SAFERSK64                    7
#define ALG_SID_SAFERSK128                   8
#define ALG_SID_3DES_112                     9
#define ALG_SID_CYLINK_MEK                   0x0C
#define ALG_SID_RC5                          0x0D
#define ALG_SID_AES_128                      0x0E
#define ALG_SID_AES_192                      0x0F
#define ALG_SID_AES_256                      0x10
#define ALG_SID_AES                          0x11
#define ALG_SID_SKIPJACK                     0x0A
#define ALG_SID_TEK                          0x0B
#define ALG_SID_RC2                          2
#define ALG_SID_RC4                          1
#define ALG_SID_SEAL                         2
#define ALG_SID_DH_SANDF                     1
#define ALG_SID_DH_EPHEM                     2
#define ALG_SID_AGREED_KEY_ANY               3
#define ALG_SID_KEA                          4
#define ALG_SID_ECDH                         5
#define ALG_SID_ECDH_EPHEM                   6
#define ALG_SID_MD2                          1
#define ALG_SID_MD4                          2
#define ALG_SID_MD5                          3
#define ALG_SID_SHA                          4
#define ALG_SID_SHA1                         4
#define ALG_SID_MAC                          5
#define ALG_SID_RIPEMD                       6
#define ALG_SID_RIPEMD160                    7
#define ALG_SID_SSL3SHAMD5                   8
#define ALG_SID_HMAC                         9
#define ALG_SID_TLS1PRF                      0x0A
#define ALG_SID_HASH_REPLACE_OWF             0x0B
#define ALG_SID_SHA_256                      0x0C
#define ALG_SID_SHA_384                      0x0D
#define ALG_SID_SHA_512                      0x0E
#define ALG_SID_SSL3_MASTER                  1
#define ALG_SID_SCHANNEL_MASTER_HASH         2
#define ALG_SID_SCHANNEL_MAC_KEY             3
#define ALG_SID_PCT1_MASTER                  4
#define ALG_SID_SSL2_MASTER                  5
#define ALG_SID_TLS1_MASTER                  6
#define ALG_SID_SCHANNEL_ENC_KEY             7
#define ALG_SID_ECMQV                        1
#define ALG_SID_EXAMPLE                      0x50

/* No CALG_ number for SHA-224 or RIPEMD-160. CALG_SSL3_SHAMD5 is MD5 || SHA-1, 36 bytes. */
#define CALG_MD2                             0x8001
#define CALG_MD4                             0x8002
#define CALG_MD5                             0x8003
#define CALG_SHA                             0x8004
#define CALG_SHA1                            0x8004
#define CALG_MAC                             0x8005
#define CALG_RSA_SIGN                        0x2400
#define CALG_DSS_SIGN                        0x2200
#define CALG_NO_SIGN                         0x2000
#define CALG_RSA_KEYX                        0xA400
#define CALG_DES                             0x6601
#define CALG_3DES_112                        0x6609
#define CALG_3DES                            0x6603
#define CALG_DESX                            0x6604
#define CALG_RC2                             0x6602
#define CALG_RC4                             0x6801
#define CALG_SEAL                            0x6802
#define CALG_DH_SF                           0xAA01
#define CALG_DH_EPHEM                        0xAA02
#define CALG_AGREEDKEY_ANY                   0xAA03
#define CALG_KEA_KEYX                        0xAA04
#define CALG_HUGHES_MD5                      0xA003
#define CALG_SKIPJACK                        0x660A
#define CALG_TEK                             0x660B
#define CALG_CYLINK_MEK                      0x660C
#define CALG_SSL3_SHAMD5                     0x8008
#define CALG_SSL3_MASTER                     0x4C01
#define CALG_SCHANNEL_MASTER_HASH            0x4C02
#define CALG_SCHANNEL_MAC_KEY                0x4C03
#define CALG_SCHANNEL_ENC_KEY                0x4C07
#define CALG_PCT1_MASTER                     0x4C04
#define CALG_SSL2_MASTER                     0x4C05
#define CALG_TLS1_MASTER                     0x4C06
#define CALG_RC5                             0x660D
#define CALG_HMAC                            0x8009
#define CALG_TLS1PRF                         0x800A
#define CALG_HASH_REPLACE_OWF                0x800B
#define CALG_AES_128                         0x660E
#define CALG_AES_192                         0x660F
#define CALG_AES_256                         0x6610
#define CALG_AES                             0x6611
#define CALG_SHA_256                         0x800C
#define CALG_SHA_384                         0x800D
#define CALG_SHA_512                         0x800E
#define CALG_ECDH                            0xAA05
#define CALG_ECDH_EPHEM                      0xAE06
#define CALG_ECMQV                           0xA001
#define CALG_ECDSA                           0x2203
#define CALG_NULLCIPHER                      0x6000
#define CALG_OID_INFO_CNG_ONLY               0xFFFFFFFFU
#define CALG_OID_INFO_PARAMETERS             0xFFFFFFFEU

/* ---- flags ----------------------------------------------------------------------------------- */

/* context acquisition */
#define CRYPT_VERIFYCONTEXT                  0xF0000000U
#define CRYPT_NEWKEYSET                      8
#define CRYPT_DELETEKEYSET                   0x10
#define CRYPT_MACHINE_KEYSET                 0x20
#define CRYPT_SILENT                         0x40
#define CRYPT_DEFAULT_CONTAINER_OPTIONAL     0x80

/* key generation and import */
#define CRYPT_EXPORTABLE                     0x00000001U
#define CRYPT_USER_PROTECTED                 2
#define CRYPT_CREATE_SALT                    4
#define CRYPT_UPDATE_KEY                     8
#define CRYPT_NO_SALT                        0x10
#define CRYPT_PREGEN                         0x40
#define CRYPT_RECIPIENT                      0x10
#define CRYPT_INITIATOR                      0x40
#define CRYPT_ONLINE                         0x80
#define CRYPT_SF                             0x0100
#define CRYPT_CREATE_IV                      0x0200
#define CRYPT_KEK                            0x0400
#define CRYPT_DATA_KEY                       0x0800
#define CRYPT_VOLATILE                       0x1000
#define CRYPT_SGCKEY                         0x2000
#define CRYPT_ARCHIVABLE                     0x4000
#define CRYPT_FORCE_KEY_PROTECTION_HIGH      0x8000

/* key export, encryption and decryption */
#define CRYPT_Y_ONLY                         1
#define CRYPT_SSL2_FALLBACK                  2
#define CRYPT_DESTROYKEY                     4
#define CRYPT_OAEP                           0x40
#define CRYPT_DECRYPT_RSA_NO_PADDING_CHECK   0x20
#define CRYPT_SECRETDIGEST                   1
#define CRYPT_LITTLE_ENDIAN                  1

/* signature flags. CRYPT_NOHASHOID: PKCS#1 block type 1 without DigestInfo around the digest. */
#define CRYPT_NOHASHOID                      1
#define CRYPT_TYPE2_FORMAT                   2
#define CRYPT_X931_FORMAT                    4

/* key permissions */
#define CRYPT_ENCRYPT                        0x00000001U
#define CRYPT_DECRYPT                        2
#define CRYPT_EXPORT                         0x00000004U
#define CRYPT_READ                           8
#define CRYPT_WRITE                          0x10
#define CRYPT_MAC                            0x20

/* block cipher padding and mode numbers */
#define CRYPT_MODE_CBCI                      6
#define CRYPT_MODE_CFBP                      7
#define CRYPT_MODE_OFBP                      8
#define CRYPT_MODE_CBCOFM                    9
#define CRYPT_MODE_CBCOFMI                   0x0A
#define PKCS5_PADDING                        1
#define RANDOM_PADDING                       2
#define ZERO_PADDING                         3
#define CRYPT_MODE_CBC                       1
#define CRYPT_MODE_ECB                       2
#define CRYPT_MODE_OFB                       3
#define CRYPT_MODE_CFB                       4
#define CRYPT_MODE_CTS                       5

/* certificate key lookup */
#define CRYPT_ACQUIRE_CACHE_FLAG             1
#define CRYPT_ACQUIRE_USE_PROV_INFO_FLAG     2
#define CRYPT_ACQUIRE_COMPARE_KEY_FLAG       4
#define CRYPT_ACQUIRE_NO_HEALING             8
#define CRYPT_ACQUIRE_SILENT_FLAG            0x40
#define CRYPT_ACQUIRE_WINDOW_HANDLE_FLAG     0x80
#define CRYPT_ACQUIRE_NCRYPT_KEY_FLAGS_MASK  0x00070000
#define CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG  0x00010000
#define CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG 0x00020000
#define CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG   0x00040000

/* enumeration and provider implementation kinds */
#define CRYPT_FIRST                          1
#define CRYPT_NEXT                           2
#define CRYPT_IMPL_HARDWARE                  1
#define CRYPT_IMPL_SOFTWARE                  2
#define CRYPT_IMPL_MIXED                     3
#define CRYPT_IMPL_UNKNOWN                   4
#define CRYPT_IMPL_REMOVABLE                 8
#define CRYPT_PSTORE                         2

/* message encoding types */
#define X509_ASN_ENCODING                    1
#define PKCS_7_ASN_ENCODING                  0x00010000

/* ---- parameters of keys (KP), hashes (HP) and providers (PP) --------------------------------- */

#define KP_IV               1
#define KP_SALT             2
#define KP_PADDING          3
#define KP_MODE             4
#define KP_MODE_BITS        5
#define KP_PERMISSIONS      6
#define KP_ALGID            7
#define KP_BLOCKLEN         8
#define KP_KEYLEN           9
#define KP_SALT_EX          0x0A
#define KP_P                0x0B
#define KP_G                0x0C
#define KP_Q                0x0D
#define KP_X                0x0E
#define KP_Y                0x0F
#define KP_RA               0x10
#define KP_RB               0x11
#define KP_INFO             0x12
#define KP_EFFECTIVE_KEYLEN 0x13
#define KP_SCHANNEL_ALG     0x14
#define KP_CLIENT_RANDOM    0x15
#define KP_SERVER_RANDOM    0x16
#define KP_RP               0x17
#define KP_PRECOMP_MD5      0x18
#define KP_PRECOMP_SHA      0x19
#define KP_CERTIFICATE      0x1A
#define KP_CLEAR_KEY        0x1B
#define KP_PUB_EX_LEN       0x1C
#define KP_PUB_EX_VAL       0x1D
#define KP_KEYVAL           0x1E
#define KP_ADMIN_PIN        0x1F
#define KP_KEYEXCHANGE_PIN  0x20
#define KP_SIGNATURE_PIN    0x21
#define KP_PREHASH          0x22
#define KP_ROUNDS           0x23
#define KP_OAEP_PARAMS      0x24
#define KP_CMS_KEY_INFO     0x25
#define KP_CMS_DH_KEY_INFO  0x26
#define KP_PUB_PARAMS       0x27
#define KP_VERIFY_PARAMS    0x28
#define KP_HIGHEST_VERSION  0x29
#define KP_GET_USE_COUNT    0x2A
#define KP_PIN_ID           0x2B
#define KP_PIN_INFO         0x2C

#define HP_ALGID         1
#define HP_HASHVAL       2
#define HP_HASHSIZE      4
#define HP_HMAC_INFO     5
#define HP_TLS1PRF_LABEL 6
#define HP_TLS1PRF_SEED  7

#define PP_ENUMALGS               1
#define PP_ENUMCONTAINERS         2
#define PP_IMPTYPE                3
#define PP_NAME                   4
#define PP_VERSION                5
#define PP_CONTAINER              6
#define PP_CHANGE_PASSWORD        7
#define PP_KEYSET_SEC_DESCR       8
#define PP_CERTCHAIN              9
#define PP_KEY_TYPE_SUBTYPE       0x0A
#define PP_PROVTYPE               0x10
#define PP_KEYSTORAGE             0x11
#define PP_APPLI_CERT             0x12
#define PP_SYM_KEYSIZE            0x13
#define PP_SESSION_KEYSIZE        0x14
#define PP_UI_PROMPT              0x15
#define PP_ENUMALGS_EX            0x16
#define PP_ENUMMANDROOTS          0x19
#define PP_ENUMELECTROOTS         0x1A
#define PP_KEYSET_TYPE            0x1B
#define PP_ADMIN_PIN              0x1F
#define PP_KEYEXCHANGE_PIN        0x20
#define PP_SIGNATURE_PIN          0x21
#define PP_SIG_KEYSIZE_INC        0x22
#define PP_KEYX_KEYSIZE_INC       0x23
#define PP_UNIQUE_CONTAINER       0x24
#define PP_SGC_INFO               0x25
#define PP_USE_HARDWARE_RNG       0x26
#define PP_KEYSPEC                0x27
#define PP_ENUMEX_SIGNING_PROT    0x28
#define PP_CRYPT_COUNT_KEY_USE    0x29
#define PP_USER_CERTSTORE         0x2A
#define PP_SMARTCARD_READER       0x2B
#define PP_SMARTCARD_GUID         0x2D
#define PP_ROOT_CERTSTORE         0x2E
#define PP_CLIENT_HWND            1
#define PP_CONTEXT_INFO           0x0B
#define PP_KEYEXCHANGE_KEYSIZE    0x0C
#define PP_SIGNATURE_KEYSIZE      0x0D
#define PP_KEYEXCHANGE_ALG        0x0E
#define PP_SIGNATURE_ALG          0x0F
#define PP_DELETEKEY              0x18
#define PP_PIN_PROMPT_STRING      0x2C
#define PP_SECURE_KEYEXCHANGE_PIN 0x2F
#define PP_SECURE_SIGNATURE_PIN   0x30

/* ---- providers ------------------------------------------------------------------------------- */

#define PROV_RSA_FULL      1
#define PROV_RSA_SIG       2
#define PROV_DSS           3
#define PROV_FORTEZZA      4
#define PROV_MS_EXCHANGE   5
#define PROV_SSL           6
#define PROV_RSA_SCHANNEL  0x0C
#define PROV_DSS_DH        0x0D
#define PROV_EC_ECDSA_SIG  0x0E
#define PROV_EC_ECNRA_SIG  0x0F
#define PROV_EC_ECDSA_FULL 0x10
#define PROV_EC_ECNRA_FULL 0x11
#define PROV_DH_SCHANNEL   0x12
#define PROV_SPYRUS_LYNKS  0x14
#define PROV_RNG           0x15
#define PROV_INTEL_SEC     0x16
#define PROV_REPLACE_OWF   0x17
#define PROV_RSA_AES       0x18
#define PROV_STT_MER       7
#define PROV_STT_ACQ       8
#define PROV_STT_BRND      9
#define PROV_STT_ROOT      0x0A
#define PROV_STT_ISS       0x0B

#define MS_DEF_PROV_A              "Microsoft Base Cryptographic Provider v1.0"
#define MS_DEF_PROV_W              CM_WSTR("Microsoft Base Cryptographic Provider v1.0")
#define MS_ENHANCED_PROV_A         "Microsoft Enhanced Cryptographic Provider v1.0"
#define MS_ENHANCED_PROV_W         CM_WSTR("Microsoft Enhanced Cryptographic Provider v1.0")
#define MS_STRONG_PROV_A           "Microsoft Strong Cryptographic Provider"
#define MS_STRONG_PROV_W           CM_WSTR("Microsoft Strong Cryptographic Provider")
#define MS_DEF_RSA_SIG_PROV_A      "Microsoft RSA Signature Cryptographic Provider"
#define MS_DEF_RSA_SIG_PROV_W      CM_WSTR("Microsoft RSA Signature Cryptographic Provider")
#define MS_DEF_RSA_SCHANNEL_PROV_A "Microsoft RSA SChannel Cryptographic Provider"
#define MS_DEF_RSA_SCHANNEL_PROV_W CM_WSTR("Microsoft RSA SChannel Cryptographic Provider")
#define MS_DEF_DSS_PROV_A          "Microsoft Base DSS Cryptographic Provider"
#define MS_DEF_DSS_PROV_W          CM_WSTR("Microsoft Base DSS Cryptographic Provider")

#define MS_DEF_DSS_DH_PROV_A "Microsoft Base DSS and Diffie-Hellman Cryptographic Provider"
#define MS_DEF_DSS_DH_PROV_W CM_WSTR("Microsoft Base DSS and Diffie-Hellman Cryptographic Provider")

#define MS_ENH_DSS_DH_PROV_A "Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider"
#define MS_ENH_DSS_DH_PROV_W                                                                       \
    CM_WSTR("Microsoft Enhanced DSS and Diffie-Hellman Cryptographic Provider")

#define MS_DEF_DH_SCHANNEL_PROV_A "Microsoft DH SChannel Cryptographic Provider"
#define MS_DEF_DH_SCHANNEL_PROV_W CM_WSTR("Microsoft DH SChannel Cryptographic Provider")
#define MS_SCARD_PROV_A           "Microsoft Base Smart Card Crypto Provider"
#define MS_SCARD_PROV_W           CM_WSTR("Microsoft Base Smart Card Crypto Provider")
#define MS_ENH_RSA_AES_PROV_A     "Microsoft Enhanced RSA and AES Cryptographic Provider"
#define MS_ENH_RSA_AES_PROV_W     CM_WSTR("Microsoft Enhanced RSA and AES Cryptographic Provider")

#define MS_ENH_RSA_AES_PROV_XP_A "Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)"
#define MS_ENH_RSA_AES_PROV_XP_W                                                                   \
    CM_WSTR("Microsoft Enhanced RSA and AES Cryptographic Provider (Prototype)")

/* ---- object identifiers (narrow strings) ----------------------------------------------------- */

#define szOID_RSA_HASH                                      "1.2.840.113549.2"
#define szOID_RSA_ENCRYPT                                   "1.2.840.113549.3"
#define szOID_PKCS_1                                        "1.2.840.113549.1.1"
#define szOID_PKCS_10                                       "1.2.840.113549.1.10"
#define szOID_PKCS_12                                       "1.2.840.113549.1.12"
#define szOID_RSA_RSA                                       "1.2.840.113549.1.1.1"
#define szOID_RSA_MD2RSA                                    "1.2.840.113549.1.1.2"
#define szOID_RSA_MD4RSA                                    "1.2.840.113549.1.1.3"
#define szOID_RSA_MD5RSA                                    "1.2.840.113549.1.1.4"
#define szOID_RSA_SHA1RSA                                   "1.2.840.113549.1.1.5"
#define szOID_RSA_SETOAEP_RSA                               "1.2.840.113549.1.1.6"
#define szOID_RSAES_OAEP                                    "1.2.840.113549.1.1.7"
#define szOID_RSA_MGF1                                      "1.2.840.113549.1.1.8"
#define szOID_RSA_PSPECIFIED                                "1.2.840.113549.1.1.9"
#define szOID_RSA_SSA_PSS                                   "1.2.840.113549.1.1.10"
#define szOID_RSA_SHA256RSA                                 "1.2.840.113549.1.1.11"
#define szOID_RSA_SHA384RSA                                 "1.2.840.113549.1.1.12"
#define szOID_RSA_SHA512RSA                                 "1.2.840.113549.1.1.13"
#define szOID_RSA_DH                                        "1.2.840.113549.1.3.1"
#define szOID_RSA_data                                      "1.2.840.113549.1.7.1"
#define szOID_RSA_signedData                                "1.2.840.113549.1.7.2"
#define szOID_RSA_envelopedData                             "1.2.840.113549.1.7.3"
#define szOID_RSA_signEnvData                               "1.2.840.113549.1.7.4"
#define szOID_RSA_digestedData                              "1.2.840.113549.1.7.5"
#define szOID_RSA_hashedData                                "1.2.840.113549.1.7.5"
#define szOID_RSA_encryptedData                             "1.2.840.113549.1.7.6"
#define szOID_RSA_emailAddr                                 "1.2.840.113549.1.9.1"
#define szOID_RSA_unstructName                              "1.2.840.113549.1.9.2"
#define szOID_RSA_contentType                               "1.2.840.113549.1.9.3"
#define szOID_RSA_messageDigest                             "1.2.840.113549.1.9.4"
#define szOID_RSA_signingTime                               "1.2.840.113549.1.9.5"
#define szOID_RSA_counterSign                               "1.2.840.113549.1.9.6"
#define szOID_RSA_challengePwd                              "1.2.840.113549.1.9.7"
#define szOID_RSA_unstructAddr                              "1.2.840.113549.1.9.8"
#define szOID_RSA_extCertAttrs                              "1.2.840.113549.1.9.9"
#define szOID_RSA_certExtensions                            "1.2.840.113549.1.9.14"
#define szOID_RSA_SMIMECapabilities                         "1.2.840.113549.1.9.15"
#define szOID_RSA_preferSignedData                          "1.2.840.113549.1.9.15.1"
#define szOID_RSA_SMIMEalg                                  "1.2.840.113549.1.9.16.3"
#define szOID_RSA_SMIMEalgESDH                              "1.2.840.113549.1.9.16.3.5"
#define szOID_RSA_SMIMEalgCMS3DESwrap                       "1.2.840.113549.1.9.16.3.6"
#define szOID_RSA_SMIMEalgCMSRC2wrap                        "1.2.840.113549.1.9.16.3.7"
#define szOID_RSA_MD2                                       "1.2.840.113549.2.2"
#define szOID_RSA_MD4                                       "1.2.840.113549.2.4"
#define szOID_RSA_MD5                                       "1.2.840.113549.2.5"
#define szOID_RSA_RC2CBC                                    "1.2.840.113549.3.2"
#define szOID_RSA_RC4                                       "1.2.840.113549.3.4"
#define szOID_RSA_DES_EDE3_CBC                              "1.2.840.113549.3.7"
#define szOID_RSA_RC5_CBCPad                                "1.2.840.113549.3.9"
#define szOID_ECC_PUBLIC_KEY                                "1.2.840.10045.2.1"
#define szOID_ECC_CURVE_P256                                "1.2.840.10045.3.1.7"
#define szOID_ECC_CURVE_P384                                "1.3.132.0.34"
#define szOID_ECC_CURVE_P521                                "1.3.132.0.35"
#define szOID_ECC_CURVE_BRAINPOOLP160R1                     "1.3.36.3.3.2.8.1.1.1"
#define szOID_ECC_CURVE_BRAINPOOLP160T1                     "1.3.36.3.3.2.8.1.1.2"
#define szOID_ECC_CURVE_BRAINPOOLP192R1                     "1.3.36.3.3.2.8.1.1.3"
#define szOID_ECC_CURVE_BRAINPOOLP192T1                     "1.3.36.3.3.2.8.1.1.4"
#define szOID_ECC_CURVE_BRAINPOOLP224R1                     "1.3.36.3.3.2.8.1.1.5"
#define szOID_ECC_CURVE_BRAINPOOLP224T1                     "1.3.36.3.3.2.8.1.1.6"
#define szOID_ECC_CURVE_BRAINPOOLP256R1                     "1.3.36.3.3.2.8.1.1.7"
#define szOID_ECC_CURVE_BRAINPOOLP256T1                     "1.3.36.3.3.2.8.1.1.8"
#define szOID_ECC_CURVE_BRAINPOOLP320R1                     "1.3.36.3.3.2.8.1.1.9"
#define szOID_ECC_CURVE_BRAINPOOLP320T1                     "1.3.36.3.3.2.8.1.1.10"
#define szOID_ECC_CURVE_BRAINPOOLP384R1                     "1.3.36.3.3.2.8.1.1.11"
#define szOID_ECC_CURVE_BRAINPOOLP384T1                     "1.3.36.3.3.2.8.1.1.12"
#define szOID_ECC_CURVE_BRAINPOOLP512R1                     "1.3.36.3.3.2.8.1.1.13"
#define szOID_ECC_CURVE_BRAINPOOLP512T1                     "1.3.36.3.3.2.8.1.1.14"
#define szOID_ECC_CURVE_EC192WAPI                           "1.2.156.11235.1.1.2.1"
#define szOID_ECC_CURVE_NISTP192                            "1.2.840.10045.3.1.1"
#define szOID_ECC_CURVE_NISTP224                            "1.3.132.0.33"
#define szOID_ECC_CURVE_NISTP256                            "1.2.840.10045.3.1.7"
#define szOID_ECC_CURVE_NISTP384                            "1.3.132.0.34"
#define szOID_ECC_CURVE_NISTP521                            "1.3.132.0.35"
#define szOID_ECC_CURVE_SECP160K1                           "1.3.132.0.9"
#define szOID_ECC_CURVE_SECP160R1                           "1.3.132.0.8"
#define szOID_ECC_CURVE_SECP160R2                           "1.3.132.0.30"
#define szOID_ECC_CURVE_SECP192K1                           "1.3.132.0.31"
#define szOID_ECC_CURVE_SECP192R1                           "1.2.840.10045.3.1.1"
#define szOID_ECC_CURVE_SECP224K1                           "1.3.132.0.32"
#define szOID_ECC_CURVE_SECP224R1                           "1.3.132.0.33"
#define szOID_ECC_CURVE_SECP256K1                           "1.3.132.0.10"
#define szOID_ECC_CURVE_SECP256R1                           "1.2.840.10045.3.1.7"
#define szOID_ECC_CURVE_SECP384R1                           "1.3.132.0.34"
#define szOID_ECC_CURVE_SECP521R1                           "1.3.132.0.35"
#define szOID_ECC_CURVE_WTLS7                               "1.3.132.0.30"
#define szOID_ECC_CURVE_WTLS9                               "2.23.43.1.4.9"
#define szOID_ECC_CURVE_WTLS12                              "1.3.132.0.33"
#define szOID_ECC_CURVE_X962P192V1                          "1.2.840.10045.3.1.1"
#define szOID_ECC_CURVE_X962P192V2                          "1.2.840.10045.3.1.2"
#define szOID_ECC_CURVE_X962P192V3                          "1.2.840.10045.3.1.3"
#define szOID_ECC_CURVE_X962P239V1                          "1.2.840.10045.3.1.4"
#define szOID_ECC_CURVE_X962P239V2                          "1.2.840.10045.3.1.5"
#define szOID_ECC_CURVE_X962P239V3                          "1.2.840.10045.3.1.6"
#define szOID_ECC_CURVE_X962P256V1                          "1.2.840.10045.3.1.7"
#define szOID_ECDSA_SHA1                                    "1.2.840.10045.4.1"
#define szOID_ECDSA_SPECIFIED                               "1.2.840.10045.4.3"
#define szOID_ECDSA_SHA256                                  "1.2.840.10045.4.3.2"
#define szOID_ECDSA_SHA384                                  "1.2.840.10045.4.3.3"
#define szOID_ECDSA_SHA512                                  "1.2.840.10045.4.3.4"
#define szOID_NIST_AES128_CBC                               "2.16.840.1.101.3.4.1.2"
#define szOID_NIST_AES192_CBC                               "2.16.840.1.101.3.4.1.22"
#define szOID_NIST_AES256_CBC                               "2.16.840.1.101.3.4.1.42"
#define szOID_NIST_AES128_WRAP                              "2.16.840.1.101.3.4.1.5"
#define szOID_NIST_AES192_WRAP                              "2.16.840.1.101.3.4.1.25"
#define szOID_NIST_AES256_WRAP                              "2.16.840.1.101.3.4.1.45"
#define szOID_DH_SINGLE_PASS_STDDH_SHA1_KDF                 "1.3.133.16.840.63.0.2"
#define szOID_DH_SINGLE_PASS_STDDH_SHA256_KDF               "1.3.132.1.11.1"
#define szOID_DH_SINGLE_PASS_STDDH_SHA384_KDF               "1.3.132.1.11.2"
#define szOID_OIWSEC_sha1                                   "1.3.14.3.2.26"
#define szOID_OIWSEC_sha1RSASign                            "1.3.14.3.2.29"
#define szOID_NIST_sha256                                   "2.16.840.1.101.3.4.2.1"
#define szOID_NIST_sha384                                   "2.16.840.1.101.3.4.2.2"
#define szOID_NIST_sha512                                   "2.16.840.1.101.3.4.2.3"
#define szOID_PKCS_12_FRIENDLY_NAME_ATTR                    "1.2.840.113549.1.9.20"
#define szOID_PKCS_12_LOCAL_KEY_ID                          "1.2.840.113549.1.9.21"
#define szOID_PKCS_12_KEY_PROVIDER_NAME_ATTR                "1.3.6.1.4.1.311.17.1"
#define szOID_PKCS_12_EXTENDED_ATTRIBUTES                   "1.3.6.1.4.1.311.17.3"
#define szOID_PKCS_12_PROTECTED_PASSWORD_SECRET_BAG_TYPE_ID "1.3.6.1.4.1.311.17.4"
#define szOID_KEY_USAGE                                     "2.5.29.15"
#define szOID_ENHANCED_KEY_USAGE                            "2.5.29.37"
#define szOID_PKIX_KP_CLIENT_AUTH                           "1.3.6.1.5.5.7.3.2"
#define szOID_KP_SMARTCARD_LOGON                            "1.3.6.1.4.1.311.20.2.2"
#define szOID_PKCS_12_PbeIds                                "1.2.840.113549.1.12.1"
#define szOID_PKCS_12_pbeWithSHA1And128BitRC4               "1.2.840.113549.1.12.1.1"
#define szOID_PKCS_12_pbeWithSHA1And40BitRC4                "1.2.840.113549.1.12.1.2"
#define szOID_PKCS_12_pbeWithSHA1And3KeyTripleDES           "1.2.840.113549.1.12.1.3"
#define szOID_PKCS_12_pbeWithSHA1And2KeyTripleDES           "1.2.840.113549.1.12.1.4"
#define szOID_PKCS_12_pbeWithSHA1And128BitRC2               "1.2.840.113549.1.12.1.5"
#define szOID_PKCS_12_pbeWithSHA1And40BitRC2                "1.2.840.113549.1.12.1.6"

/* ---- other CryptoAPI structures -------------------------------------------------------------- */

typedef struct _HMAC_Info {
    ALG_ID HashAlgid;
    BYTE *pbInnerString;
    DWORD cbInnerString;
    BYTE *pbOuterString;
    DWORD cbOuterString;
} HMAC_INFO, *PHMAC_INFO;

typedef struct _PROV_ENUMALGS {
    ALG_ID aiAlgid;
    DWORD dwBitLen;
    DWORD dwNameLen; /* bytes of szName, terminator included */
    CHAR szName[20];
} PROV_ENUMALGS;

typedef struct _PROV_ENUMALGS_EX {
    ALG_ID aiAlgid;
    DWORD dwDefaultLen;
    DWORD dwMinLen;
    DWORD dwMaxLen;
    DWORD dwProtocols;
    DWORD dwNameLen;
    CHAR szName[20];
    DWORD dwLongNameLen;
    CHAR szLongName[40];
} PROV_ENUMALGS_EX;

typedef struct _KEY_TYPE_SUBTYPE {
    DWORD dwKeySpec;
    GUID Type;
    GUID Subtype;
} KEY_TYPE_SUBTYPE, *PKEY_TYPE_SUBTYPE;

/* A counted byte string, known by many names. */
typedef struct _CRYPTOAPI_BLOB {
    DWORD cbData;
    BYTE *pbData;
} CRYPT_INTEGER_BLOB, *PCRYPT_INTEGER_BLOB, CRYPT_UINT_BLOB, *PCRYPT_UINT_BLOB, CRYPT_OBJID_BLOB,
    *PCRYPT_OBJID_BLOB, CERT_NAME_BLOB, *PCERT_NAME_BLOB, CERT_BLOB, *PCERT_BLOB, DATA_BLOB,
    *PDATA_BLOB, CRYPT_DATA_BLOB, *PCRYPT_DATA_BLOB, CRYPT_HASH_BLOB, *PCRYPT_HASH_BLOB,
    CRYPT_DIGEST_BLOB, *PCRYPT_DIGEST_BLOB, CRYPT_DER_BLOB, *PCRYPT_DER_BLOB, CRYPT_ATTR_BLOB,
    *PCRYPT_ATTR_BLOB;

typedef struct _CRYPT_BIT_BLOB {
    DWORD cbData;
    BYTE *pbData;
    DWORD cUnusedBits;
} CRYPT_BIT_BLOB, *PCRYPT_BIT_BLOB;

typedef struct _CRYPT_ALGORITHM_IDENTIFIER {
    LPSTR pszObjId;
    CRYPT_OBJID_BLOB Parameters;
} CRYPT_ALGORITHM_IDENTIFIER, *PCRYPT_ALGORITHM_IDENTIFIER;

typedef struct _CRYPT_KEY_PROV_PARAM {
    DWORD dwParam; /* PP_* */
    BYTE *pbData;
    DWORD cbData;
    DWORD dwFlags;
} CRYPT_KEY_PROV_PARAM, *PCRYPT_KEY_PROV_PARAM;

typedef struct _CRYPT_KEY_PROV_INFO {
    LPWSTR pwszContainerName;
    LPWSTR pwszProvName;
    DWORD dwProvType; /* PROV_*, 0 for a CNG provider */
    DWORD dwFlags;
    DWORD cProvParam;
    PCRYPT_KEY_PROV_PARAM rgProvParam;
    DWORD dwKeySpec; /* AT_* */
} CRYPT_KEY_PROV_INFO, *PCRYPT_KEY_PROV_INFO;

/* ============================================================================================== *
 * CNG primitives (bcrypt.h)
 * ============================================================================================== */

/* ---- padding --------------------------------------------------------------------------------- */

/*
 * Beware: BCRYPT_PAD_OAEP = 4 and BCRYPT_PAD_PSS = 8, while cardmod.h has CARD_PADDING_PSS = 4 and
 * CARD_PADDING_OAEP = 8.
 */
#define BCRYPT_SUPPORTED_PAD_ROUTER                         1
#define BCRYPT_SUPPORTED_PAD_PKCS1_ENC                      2
#define BCRYPT_SUPPORTED_PAD_PKCS1_SIG                      4
#define BCRYPT_SUPPORTED_PAD_OAEP                           8
#define BCRYPT_SUPPORTED_PAD_PSS                            0x10
#define BCRYPT_BLOCK_PADDING                                1
#define BCRYPT_PAD_NONE                                     1
#define BCRYPT_PAD_PKCS1                                    2
#define BCRYPT_PAD_OAEP                                     4
#define BCRYPT_PAD_PSS                                      8

/* PKCS#1 v1.5 signature padding. */
typedef struct _BCRYPT_PKCS1_PADDING_INFO {
    LPCWSTR pszAlgId; /* BCRYPT_*_ALGORITHM of the digest, NULL = no DigestInfo */
} BCRYPT_PKCS1_PADDING_INFO;

typedef struct _BCRYPT_PSS_PADDING_INFO {
    LPCWSTR pszAlgId; /* digest, also of MGF1 */
    ULONG cbSalt;     /* salt length in bytes */
} BCRYPT_PSS_PADDING_INFO;

typedef struct _BCRYPT_OAEP_PADDING_INFO {
    LPCWSTR pszAlgId; /* digest, also of MGF1 */
    PUCHAR pbLabel;   /* NULL = empty label */
    ULONG cbLabel;    /* bytes */
} BCRYPT_OAEP_PADDING_INFO;

/* ---- key derivation -------------------------------------------------------------------------- */

/* function names. "TRUNCATE" yields the raw shared secret, little-endian on Windows. */
#define BCRYPT_KDF_HASH                                     CM_WSTR("HASH")
#define BCRYPT_KDF_HMAC                                     CM_WSTR("HMAC")
#define BCRYPT_KDF_TLS_PRF                                  CM_WSTR("TLS_PRF")
#define BCRYPT_KDF_SP80056A_CONCAT                          CM_WSTR("SP800_56A_CONCAT")

/* what a BCryptBuffer of a KDF parameter list holds (BufferType); texts are UTF-16 */
#define KDF_HASH_ALGORITHM                                  0
#define KDF_SECRET_PREPEND                                  1
#define KDF_SECRET_APPEND                                   2
#define KDF_HMAC_KEY                                        3
#define KDF_TLS_PRF_LABEL                                   4
#define KDF_TLS_PRF_SEED                                    5
#define KDF_SECRET_HANDLE                                   6
#define KDF_TLS_PRF_PROTOCOL                                7
#define KDF_ALGORITHMID                                     8
#define KDF_PARTYUINFO                                      9
#define KDF_PARTYVINFO                                      0x0A
#define KDF_SUPPPUBINFO                                     0x0B
#define KDF_SUPPPRIVINFO                                    0x0C
#define KDF_USE_SECRET_AS_HMAC_KEY_FLAG                     1

#define BCRYPTBUFFER_VERSION               0

typedef struct _BCryptBuffer {
    ULONG cbBuffer;   /* bytes at pvBuffer */
    ULONG BufferType; /* KDF_* in a parameter list of a key derivation */
    PVOID pvBuffer;
} BCryptBuffer, *PBCryptBuffer;

typedef struct _BCryptBufferDesc {
    ULONG ulVersion; /* BCRYPTBUFFER_VERSION */
    ULONG cBuffers;  /* elements at pBuffers */
    PBCryptBuffer pBuffers;
} BCryptBufferDesc, *PBCryptBufferDesc;

/* ---- key blobs ------------------------------------------------------------------------------- */

/* blob type names */
#define BCRYPT_OPAQUE_KEY_BLOB             CM_WSTR("OpaqueKeyBlob")
#define BCRYPT_KEY_DATA_BLOB               CM_WSTR("KeyDataBlob")
#define BCRYPT_AES_WRAP_KEY_BLOB           CM_WSTR("Rfc3565KeyWrapBlob")
#define BCRYPT_PUBLIC_KEY_BLOB             CM_WSTR("PUBLICBLOB")
#define BCRYPT_PRIVATE_KEY_BLOB            CM_WSTR("PRIVATEBLOB")
#define BCRYPT_RSAPUBLIC_BLOB              CM_WSTR("RSAPUBLICBLOB")
#define BCRYPT_RSAPRIVATE_BLOB             CM_WSTR("RSAPRIVATEBLOB")
#define BCRYPT_RSAFULLPRIVATE_BLOB         CM_WSTR("RSAFULLPRIVATEBLOB")
#define BCRYPT_ECCPUBLIC_BLOB              CM_WSTR("ECCPUBLICBLOB")
#define BCRYPT_ECCPRIVATE_BLOB             CM_WSTR("ECCPRIVATEBLOB")
#define BCRYPT_DH_PUBLIC_BLOB              CM_WSTR("DHPUBLICBLOB")
#define BCRYPT_DH_PRIVATE_BLOB             CM_WSTR("DHPRIVATEBLOB")
#define BCRYPT_DSA_PUBLIC_BLOB             CM_WSTR("DSAPUBLICBLOB")
#define BCRYPT_DSA_PRIVATE_BLOB            CM_WSTR("DSAPRIVATEBLOB")

/* magics and versions */
#define BCRYPT_RSAPUBLIC_MAGIC             0x31415352
#define BCRYPT_RSAPRIVATE_MAGIC            0x32415352
#define BCRYPT_RSAFULLPRIVATE_MAGIC        0x33415352
#define BCRYPT_ECDH_PUBLIC_P256_MAGIC      0x314B4345
#define BCRYPT_ECDH_PRIVATE_P256_MAGIC     0x324B4345
#define BCRYPT_ECDH_PUBLIC_P384_MAGIC      0x334B4345
#define BCRYPT_ECDH_PRIVATE_P384_MAGIC     0x344B4345
#define BCRYPT_ECDH_PUBLIC_P521_MAGIC      0x354B4345
#define BCRYPT_ECDH_PRIVATE_P521_MAGIC     0x364B4345
#define BCRYPT_ECDSA_PUBLIC_P256_MAGIC     0x31534345
#define BCRYPT_ECDSA_PRIVATE_P256_MAGIC    0x32534345
#define BCRYPT_ECDSA_PUBLIC_P384_MAGIC     0x33534345
#define BCRYPT_ECDSA_PRIVATE_P384_MAGIC    0x34534345
#define BCRYPT_ECDSA_PUBLIC_P521_MAGIC     0x35534345
#define BCRYPT_ECDSA_PRIVATE_P521_MAGIC    0x36534345
#define BCRYPT_DH_PUBLIC_MAGIC             0x42504844
#define BCRYPT_DH_PRIVATE_MAGIC            0x56504844
#define BCRYPT_DH_PARAMETERS_MAGIC         0x4D504844
#define BCRYPT_DSA_PUBLIC_MAGIC            0x42505344
#define BCRYPT_DSA_PRIVATE_MAGIC           0x56505344
#define BCRYPT_DSA_PUBLIC_MAGIC_V2         0x32425044
#define BCRYPT_DSA_PRIVATE_MAGIC_V2        0x32565044
#define BCRYPT_KEY_DATA_BLOB_MAGIC         0x4D42444B
#define BCRYPT_KEY_DATA_BLOB_VERSION1      1
#define BCRYPT_DSA_PARAMETERS_MAGIC        0x4D505344
#define BCRYPT_DSA_PARAMETERS_MAGIC_V2     0x324D5044

typedef struct _BCRYPT_KEY_BLOB {
    ULONG Magic;
} BCRYPT_KEY_BLOB;

/* then: PublicExponent, Modulus; private: Prime1, Prime2; full private: the CRT values and d */
typedef struct _BCRYPT_RSAKEY_BLOB {
    ULONG Magic;     /* BCRYPT_RSA*_MAGIC */
    ULONG BitLength; /* modulus length in bits */
    ULONG cbPublicExp;
    ULONG cbModulus;
    ULONG cbPrime1;
    ULONG cbPrime2;
} BCRYPT_RSAKEY_BLOB;

/* then: X, Y (and d when private), cbKey bytes each: 32, 48, 66 for P-256, P-384, P-521 */
typedef struct _BCRYPT_ECCKEY_BLOB {
    ULONG dwMagic; /* BCRYPT_ECDH_*_MAGIC or BCRYPT_ECDSA_*_MAGIC */
    ULONG cbKey;
} BCRYPT_ECCKEY_BLOB, *PBCRYPT_ECCKEY_BLOB;

typedef struct _BCRYPT_DH_KEY_BLOB {
    ULONG dwMagic;
    ULONG cbKey;
} BCRYPT_DH_KEY_BLOB, *PBCRYPT_DH_KEY_BLOB;

typedef struct _BCRYPT_DSA_KEY_BLOB {
    ULONG dwMagic;
    ULONG cbKey;
    UCHAR Count[4];
    UCHAR Seed[20];
    UCHAR q[20];
} BCRYPT_DSA_KEY_BLOB, *PBCRYPT_DSA_KEY_BLOB;

/* then: cbKeyData bytes of a symmetric key */
typedef struct _BCRYPT_KEY_DATA_BLOB_HEADER {
    ULONG dwMagic;   /* BCRYPT_KEY_DATA_BLOB_MAGIC */
    ULONG dwVersion; /* BCRYPT_KEY_DATA_BLOB_VERSION1 */
    ULONG cbKeyData;
} BCRYPT_KEY_DATA_BLOB_HEADER, *PBCRYPT_KEY_DATA_BLOB_HEADER;

/* ---- algorithm, chaining mode, property and curve names -------------------------------------- */

/* CNG has no name for SHA-224, RIPEMD-160 or the MD5 || SHA-1 digest of TLS 1.0. */
#define BCRYPT_RSA_ALGORITHM               CM_WSTR("RSA")
#define BCRYPT_RSA_SIGN_ALGORITHM          CM_WSTR("RSA_SIGN")
#define BCRYPT_DH_ALGORITHM                CM_WSTR("DH")
#define BCRYPT_DSA_ALGORITHM               CM_WSTR("DSA")
#define BCRYPT_RC2_ALGORITHM               CM_WSTR("RC2")
#define BCRYPT_RC4_ALGORITHM               CM_WSTR("RC4")
#define BCRYPT_AES_ALGORITHM               CM_WSTR("AES")
#define BCRYPT_DES_ALGORITHM               CM_WSTR("DES")
#define BCRYPT_DESX_ALGORITHM              CM_WSTR("DESX")
#define BCRYPT_3DES_ALGORITHM              CM_WSTR("3DES")
#define BCRYPT_3DES_112_ALGORITHM          CM_WSTR("3DES_112")
#define BCRYPT_MD2_ALGORITHM               CM_WSTR("MD2")
#define BCRYPT_MD4_ALGORITHM               CM_WSTR("MD4")
#define BCRYPT_MD5_ALGORITHM               CM_WSTR("MD5")
#define BCRYPT_SHA1_ALGORITHM              CM_WSTR("SHA1")
#define BCRYPT_SHA256_ALGORITHM            CM_WSTR("SHA256")
#define BCRYPT_SHA384_ALGORITHM            CM_WSTR("SHA384")
#define BCRYPT_SHA512_ALGORITHM            CM_WSTR("SHA512")
#define BCRYPT_AES_GMAC_ALGORITHM          CM_WSTR("AES-GMAC")
#define BCRYPT_AES_CMAC_ALGORITHM          CM_WSTR("AES-CMAC")
#define BCRYPT_ECDSA_P256_ALGORITHM        CM_WSTR("ECDSA_P256")
#define BCRYPT_ECDSA_P384_ALGORITHM        CM_WSTR("ECDSA_P384")
#define BCRYPT_ECDSA_P521_ALGORITHM        CM_WSTR("ECDSA_P521")
#define BCRYPT_ECDH_P256_ALGORITHM         CM_WSTR("ECDH_P256")
#define BCRYPT_ECDH_P384_ALGORITHM         CM_WSTR("ECDH_P384")
#define BCRYPT_ECDH_P521_ALGORITHM         CM_WSTR("ECDH_P521")
#define BCRYPT_RNG_ALGORITHM               CM_WSTR("RNG")
#define BCRYPT_RNG_FIPS186_DSA_ALGORITHM   CM_WSTR("FIPS186DSARNG")
#define BCRYPT_RNG_DUAL_EC_ALGORITHM       CM_WSTR("DUALECRNG")
#define BCRYPT_SP800108_CTR_HMAC_ALGORITHM CM_WSTR("SP800_108_CTR_HMAC")
#define BCRYPT_SP80056A_CONCAT_ALGORITHM   CM_WSTR("SP800_56A_CONCAT")
#define BCRYPT_PBKDF2_ALGORITHM            CM_WSTR("PBKDF2")
#define BCRYPT_CAPI_KDF_ALGORITHM          CM_WSTR("CAPI_KDF")

#define BCRYPT_CHAIN_MODE_NA  CM_WSTR("ChainingModeN/A")
#define BCRYPT_CHAIN_MODE_CBC CM_WSTR("ChainingModeCBC")
#define BCRYPT_CHAIN_MODE_ECB CM_WSTR("ChainingModeECB")
#define BCRYPT_CHAIN_MODE_CFB CM_WSTR("ChainingModeCFB")
#define BCRYPT_CHAIN_MODE_CCM CM_WSTR("ChainingModeCCM")
#define BCRYPT_CHAIN_MODE_GCM CM_WSTR("ChainingModeGCM")

#define BCRYPT_OBJECT_LENGTH         CM_WSTR("ObjectLength")
#define BCRYPT_ALGORITHM_NAME        CM_WSTR("AlgorithmName")
#define BCRYPT_PROVIDER_HANDLE       CM_WSTR("ProviderHandle")
#define BCRYPT_CHAINING_MODE         CM_WSTR("ChainingMode")
#define BCRYPT_BLOCK_LENGTH          CM_WSTR("BlockLength")
#define BCRYPT_KEY_LENGTH            CM_WSTR("KeyLength")
#define BCRYPT_KEY_OBJECT_LENGTH     CM_WSTR("KeyObjectLength")
#define BCRYPT_KEY_STRENGTH          CM_WSTR("KeyStrength")
#define BCRYPT_KEY_LENGTHS           CM_WSTR("KeyLengths")
#define BCRYPT_BLOCK_SIZE_LIST       CM_WSTR("BlockSizeList")
#define BCRYPT_EFFECTIVE_KEY_LENGTH  CM_WSTR("EffectiveKeyLength")
#define BCRYPT_HASH_LENGTH           CM_WSTR("HashDigestLength")
#define BCRYPT_HASH_OID_LIST         CM_WSTR("HashOIDList")
#define BCRYPT_PADDING_SCHEMES       CM_WSTR("PaddingSchemes")
#define BCRYPT_SIGNATURE_LENGTH      CM_WSTR("SignatureLength")
#define BCRYPT_HASH_BLOCK_LENGTH     CM_WSTR("HashBlockLength")
#define BCRYPT_AUTH_TAG_LENGTH       CM_WSTR("AuthTagLength")
#define BCRYPT_PRIMITIVE_TYPE        CM_WSTR("PrimitiveType")
#define BCRYPT_IS_KEYED_HASH         CM_WSTR("IsKeyedHash")
#define BCRYPT_IS_REUSABLE_HASH      CM_WSTR("IsReusableHash")
#define BCRYPT_MESSAGE_BLOCK_LENGTH  CM_WSTR("MessageBlockLength")
#define BCRYPT_PUBLIC_KEY_LENGTH     CM_WSTR("PublicKeyLength")
#define BCRYPT_INITIALIZATION_VECTOR CM_WSTR("IV")
#define BCRYPT_DH_PARAMETERS         CM_WSTR("DHParameters")
#define BCRYPT_DSA_PARAMETERS        CM_WSTR("DSAParameters")
#define MS_PRIMITIVE_PROVIDER        CM_WSTR("Microsoft Primitive Provider")
#define MS_PLATFORM_CRYPTO_PROVIDER  CM_WSTR("Microsoft Platform Crypto Provider")

/* ---- flags, operations and interfaces -------------------------------------------------------- */

#define BCRYPT_CIPHER_INTERFACE                1
#define BCRYPT_HASH_INTERFACE                  2
#define BCRYPT_ASYMMETRIC_ENCRYPTION_INTERFACE 3
#define BCRYPT_SECRET_AGREEMENT_INTERFACE      4
#define BCRYPT_SIGNATURE_INTERFACE             5
#define BCRYPT_RNG_INTERFACE                   6
#define BCRYPT_KEY_DERIVATION_INTERFACE        7

#define BCRYPT_CIPHER_OPERATION                1
#define BCRYPT_HASH_OPERATION                  2
#define BCRYPT_ASYMMETRIC_ENCRYPTION_OPERATION 4
#define BCRYPT_SECRET_AGREEMENT_OPERATION      8
#define BCRYPT_SIGNATURE_OPERATION             0x10
#define BCRYPT_RNG_OPERATION                   0x20
#define BCRYPT_KEY_DERIVATION_OPERATION        0x40

#define BCRYPT_OBJECT_ALIGNMENT                       0x10
#define BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION 1
#define BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG             1
#define BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG             2
#define BCRYPT_PROV_DISPATCH                          1
#define BCRYPT_ALG_HANDLE_HMAC_FLAG                   8
#define BCRYPT_HASH_REUSABLE_FLAG                     0x20
#define BCRYPT_CAPI_AES_FLAG                          0x10
#define BCRYPT_BUFFERS_LOCKED_FLAG                    0x40
#define BCRYPT_PUBLIC_KEY_FLAG                        1
#define BCRYPT_PRIVATE_KEY_FLAG                       2
#define BCRYPT_NO_KEY_VALIDATION                      8
#define BCRYPT_RNG_USE_ENTROPY_IN_BUFFER              1
#define BCRYPT_USE_SYSTEM_PREFERRED_RNG               2

/* ---- other CNG structures -------------------------------------------------------------------- */

typedef struct __BCRYPT_KEY_LENGTHS_STRUCT {
    ULONG dwMinLength; /* bits */
    ULONG dwMaxLength;
    ULONG dwIncrement;
} BCRYPT_KEY_LENGTHS_STRUCT;

typedef struct _BCRYPT_OID {
    ULONG cbOID;
    PUCHAR pbOID; /* DER */
} BCRYPT_OID;

typedef struct _BCRYPT_OID_LIST {
    ULONG dwOIDCount;
    BCRYPT_OID *pOIDs;
} BCRYPT_OID_LIST;

/* The one structure with a 64-bit member: off Windows its 8-byte alignment must be asked for. */
#if defined(__GNUC__)
#define CM_ALIGNED_8 __attribute__((aligned(8)))
#else
#define CM_ALIGNED_8
#endif
typedef struct _BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO {
    ULONG cbSize;        /* size of this structure */
    ULONG dwInfoVersion; /* BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO_VERSION */
    PUCHAR pbNonce;
    ULONG cbNonce;
    PUCHAR pbAuthData;
    ULONG cbAuthData;
    PUCHAR pbTag;
    ULONG cbTag;
    PUCHAR pbMacContext;
    ULONG cbMacContext;
    ULONG cbAAD;
    ULONGLONG cbData CM_ALIGNED_8;
    ULONG dwFlags;
} BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, *PBCRYPT_AUTHENTICATED_CIPHER_MODE_INFO;
#undef CM_ALIGNED_8

typedef struct _BCRYPT_ECC_CURVE_NAMES {
    ULONG dwEccCurveNames;
    LPWSTR *pEccCurveNames;
} BCRYPT_ECC_CURVE_NAMES;

typedef struct _BCRYPT_ALGORITHM_IDENTIFIER {
    LPWSTR pszName;
    ULONG dwClass;
    ULONG dwFlags;
} BCRYPT_ALGORITHM_IDENTIFIER;

/* ============================================================================================== *
 * CNG key storage (ncrypt.h)
 * ============================================================================================== */

/* ---- names ----------------------------------------------------------------------------------- */

/* providers */
#define MS_KEY_STORAGE_PROVIDER            CM_WSTR("Microsoft Software Key Storage Provider")
#define MS_SMART_CARD_KEY_STORAGE_PROVIDER CM_WSTR("Microsoft Smart Card Key Storage Provider")
#define MS_PLATFORM_KEY_STORAGE_PROVIDER   CM_WSTR("Microsoft Platform Crypto Provider")

/* algorithms (the texts of the BCRYPT_ names) and algorithm groups */
#define NCRYPT_RSA_ALGORITHM               CM_WSTR("RSA")
#define NCRYPT_RSA_SIGN_ALGORITHM          CM_WSTR("RSA_SIGN")
#define NCRYPT_DH_ALGORITHM                CM_WSTR("DH")
#define NCRYPT_DSA_ALGORITHM               CM_WSTR("DSA")
#define NCRYPT_MD2_ALGORITHM               CM_WSTR("MD2")
#define NCRYPT_MD4_ALGORITHM               CM_WSTR("MD4")
#define NCRYPT_MD5_ALGORITHM               CM_WSTR("MD5")
#define NCRYPT_SHA1_ALGORITHM              CM_WSTR("SHA1")
#define NCRYPT_SHA256_ALGORITHM            CM_WSTR("SHA256")
#define NCRYPT_SHA384_ALGORITHM            CM_WSTR("SHA384")
#define NCRYPT_SHA512_ALGORITHM            CM_WSTR("SHA512")
#define NCRYPT_ECDSA_P256_ALGORITHM        CM_WSTR("ECDSA_P256")
#define NCRYPT_ECDSA_P384_ALGORITHM        CM_WSTR("ECDSA_P384")
#define NCRYPT_ECDSA_P521_ALGORITHM        CM_WSTR("ECDSA_P521")
#define NCRYPT_ECDH_P256_ALGORITHM         CM_WSTR("ECDH_P256")
#define NCRYPT_ECDH_P384_ALGORITHM         CM_WSTR("ECDH_P384")
#define NCRYPT_ECDH_P521_ALGORITHM         CM_WSTR("ECDH_P521")
#define NCRYPT_KEY_STORAGE_ALGORITHM       CM_WSTR("KEY_STORAGE")

#define NCRYPT_RSA_ALGORITHM_GROUP             CM_WSTR("RSA")
#define NCRYPT_DH_ALGORITHM_GROUP              CM_WSTR("DH")
#define NCRYPT_DSA_ALGORITHM_GROUP             CM_WSTR("DSA")
#define NCRYPT_ECDSA_ALGORITHM_GROUP           CM_WSTR("ECDSA")
#define NCRYPT_ECDH_ALGORITHM_GROUP            CM_WSTR("ECDH")

/* properties */
#define NCRYPT_NAME_PROPERTY                   CM_WSTR("Name")
#define NCRYPT_UNIQUE_NAME_PROPERTY            CM_WSTR("Unique Name")
#define NCRYPT_ALGORITHM_PROPERTY              CM_WSTR("Algorithm Name")
#define NCRYPT_LENGTH_PROPERTY                 CM_WSTR("Length")
#define NCRYPT_LENGTHS_PROPERTY                CM_WSTR("Lengths")
#define NCRYPT_BLOCK_LENGTH_PROPERTY           CM_WSTR("Block Length")
#define NCRYPT_UI_POLICY_PROPERTY              CM_WSTR("UI Policy")
#define NCRYPT_EXPORT_POLICY_PROPERTY          CM_WSTR("Export Policy")
#define NCRYPT_WINDOW_HANDLE_PROPERTY          CM_WSTR("HWND Handle")
#define NCRYPT_USE_CONTEXT_PROPERTY            CM_WSTR("Use Context")
#define NCRYPT_IMPL_TYPE_PROPERTY              CM_WSTR("Impl Type")
#define NCRYPT_KEY_USAGE_PROPERTY              CM_WSTR("Key Usage")
#define NCRYPT_KEY_TYPE_PROPERTY               CM_WSTR("Key Type")
#define NCRYPT_VERSION_PROPERTY                CM_WSTR("Version")
#define NCRYPT_SECURITY_DESCR_SUPPORT_PROPERTY CM_WSTR("Security Descr Support")
#define NCRYPT_SECURITY_DESCR_PROPERTY         CM_WSTR("Security Descr")
#define NCRYPT_USE_COUNT_ENABLED_PROPERTY      CM_WSTR("Enabled Use Count")
#define NCRYPT_USE_COUNT_PROPERTY              CM_WSTR("Use Count")
#define NCRYPT_LAST_MODIFIED_PROPERTY          CM_WSTR("Modified")
#define NCRYPT_MAX_NAME_LENGTH_PROPERTY        CM_WSTR("Max Name Length")
#define NCRYPT_ALGORITHM_GROUP_PROPERTY        CM_WSTR("Algorithm Group")
#define NCRYPT_DH_PARAMETERS_PROPERTY          CM_WSTR("DHParameters")
#define NCRYPT_PROVIDER_HANDLE_PROPERTY        CM_WSTR("Provider Handle")
#define NCRYPT_PIN_PROPERTY                    CM_WSTR("SmartCardPin")
#define NCRYPT_READER_PROPERTY                 CM_WSTR("SmartCardReader")
#define NCRYPT_SMARTCARD_GUID_PROPERTY         CM_WSTR("SmartCardGuid")
#define NCRYPT_CERTIFICATE_PROPERTY            CM_WSTR("SmartCardKeyCertificate")
#define NCRYPT_PIN_PROMPT_PROPERTY             CM_WSTR("SmartCardPinPrompt")
#define NCRYPT_USER_CERTSTORE_PROPERTY         CM_WSTR("SmartCardUserCertStore")
#define NCRYPT_ROOT_CERTSTORE_PROPERTY         CM_WSTR("SmartcardRootCertStore")
#define NCRYPT_SECURE_PIN_PROPERTY             CM_WSTR("SmartCardSecurePin")

/* blob types */
#define NCRYPT_PKCS7_ENVELOPE_BLOB             CM_WSTR("PKCS7_ENVELOPE")
#define NCRYPT_PKCS8_PRIVATE_KEY_BLOB          CM_WSTR("PKCS8_PRIVATEKEY")
#define NCRYPT_OPAQUETRANSPORT_BLOB            CM_WSTR("OpaqueTransport")

#define NCRYPT_ASSOCIATED_ECDH_KEY                CM_WSTR("SmartCardAssociatedECDHKey")
#define NCRYPT_SCARD_PIN_ID                       CM_WSTR("SmartCardPinId")
#define NCRYPT_SCARD_PIN_INFO                     CM_WSTR("SmartCardPinInfo")

/* ---- values ---------------------------------------------------------------------------------- */

/* buffer types */
#define NCRYPTBUFFER_VERSION                      0
#define NCRYPTBUFFER_EMPTY                        0
#define NCRYPTBUFFER_DATA                         1
#define NCRYPTBUFFER_PROTECTION_DESCRIPTOR_STRING 3
#define NCRYPTBUFFER_PROTECTION_FLAGS             4
#define NCRYPTBUFFER_SSL_CLIENT_RANDOM            0x14
#define NCRYPTBUFFER_SSL_SERVER_RANDOM            0x15
#define NCRYPTBUFFER_SSL_HIGHEST_VERSION          0x16
#define NCRYPTBUFFER_SSL_CLEAR_KEY                0x17
#define NCRYPTBUFFER_SSL_KEY_ARG_DATA             0x18
#define NCRYPTBUFFER_PKCS_OID                     0x28
#define NCRYPTBUFFER_PKCS_ALG_OID                 0x29
#define NCRYPTBUFFER_PKCS_ALG_PARAM               0x2A
#define NCRYPTBUFFER_PKCS_ALG_ID                  0x2B
#define NCRYPTBUFFER_PKCS_ATTRS                   0x2C
#define NCRYPTBUFFER_PKCS_KEY_NAME                0x2D
#define NCRYPTBUFFER_PKCS_SECRET                  0x2E
#define NCRYPTBUFFER_CERT_BLOB                    0x2F

/* padding; NCRYPT_SILENT_FLAG = no user interface */
#define NCRYPT_NO_PADDING_FLAG                    1
#define NCRYPT_PAD_PKCS1_FLAG                     2
#define NCRYPT_PAD_OAEP_FLAG                      4
#define NCRYPT_PAD_PSS_FLAG                       8
#define NCRYPT_SILENT_FLAG                        0x40

#define NCRYPT_CIPHER_INTERFACE                1
#define NCRYPT_HASH_INTERFACE                  2
#define NCRYPT_ASYMMETRIC_ENCRYPTION_INTERFACE 3
#define NCRYPT_SECRET_AGREEMENT_INTERFACE      4
#define NCRYPT_SIGNATURE_INTERFACE             5
#define NCRYPT_KEY_STORAGE_INTERFACE           0x00010001
#define NCRYPT_SCHANNEL_INTERFACE              0x00010002
#define NCRYPT_SCHANNEL_SIGNATURE_INTERFACE    0x00010003

#define NCRYPT_CIPHER_OPERATION                1
#define NCRYPT_HASH_OPERATION                  2
#define NCRYPT_ASYMMETRIC_ENCRYPTION_OPERATION 4
#define NCRYPT_SECRET_AGREEMENT_OPERATION      8
#define NCRYPT_SIGNATURE_OPERATION             0x10
#define NCRYPT_RNG_OPERATION                   0x20

/* property values: export policy, implementation kind, key usage, user interface */
#define NCRYPT_ALLOW_EXPORT_FLAG               1
#define NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG     2
#define NCRYPT_ALLOW_ARCHIVING_FLAG            4
#define NCRYPT_ALLOW_PLAINTEXT_ARCHIVING_FLAG  8
#define NCRYPT_IMPL_HARDWARE_FLAG              1
#define NCRYPT_IMPL_SOFTWARE_FLAG              2
#define NCRYPT_IMPL_REMOVABLE_FLAG             8
#define NCRYPT_IMPL_HARDWARE_RNG_FLAG          0x10
#define NCRYPT_ALLOW_DECRYPT_FLAG              1
#define NCRYPT_ALLOW_SIGNING_FLAG              2
#define NCRYPT_ALLOW_KEY_AGREEMENT_FLAG        4
#define NCRYPT_ALLOW_ALL_USAGES                0x00FFFFFF
#define NCRYPT_UI_PROTECT_KEY_FLAG             1
#define NCRYPT_UI_FORCE_HIGH_PROTECTION_FLAG   2

#define NCRYPT_MAX_KEY_NAME_LENGTH 0x0200
#define NCRYPT_MAX_ALG_ID_LENGTH   0x0200
#define NCRYPT_MAX_PROPERTY_NAME   0x40
#define NCRYPT_MAX_PROPERTY_DATA   0x00100000

#define NCRYPT_REGISTER_NOTIFY_FLAG           1
#define NCRYPT_UNREGISTER_NOTIFY_FLAG         2
#define NCRYPT_NO_KEY_VALIDATION              8
#define NCRYPT_MACHINE_KEY_FLAG               0x20
#define NCRYPT_OVERWRITE_KEY_FLAG             0x80
#define NCRYPT_WRITE_KEY_TO_LEGACY_STORE_FLAG 0x0200
#define NCRYPT_DO_NOT_FINALIZE_FLAG           0x0400
#define NCRYPT_EXPORT_LEGACY_FLAG             0x0800
#define NCRYPT_PERSIST_ONLY_FLAG              0x40000000
#define NCRYPT_PERSIST_FLAG                   0x80000000U

/* ---- structures ------------------------------------------------------------------------------ */

typedef BCryptBuffer NCryptBuffer;
typedef BCryptBuffer *PNCryptBuffer;
typedef BCryptBufferDesc NCryptBufferDesc;
typedef BCryptBufferDesc *PNCryptBufferDesc;

typedef struct _NCryptAlgorithmName {
    LPWSTR pszName;
    DWORD dwClass;         /* NCRYPT_*_INTERFACE */
    DWORD dwAlgOperations; /* NCRYPT_*_OPERATION bits */
    DWORD dwFlags;
} NCryptAlgorithmName;

typedef struct NCryptKeyName {
    LPWSTR pszName;
    LPWSTR pszAlgid;
    DWORD dwLegacyKeySpec; /* AT_*, 0 = none */
    DWORD dwFlags;
} NCryptKeyName;

typedef struct NCryptProviderName {
    LPWSTR pszName;
    LPWSTR pszComment;
} NCryptProviderName;

typedef struct __NCRYPT_SUPPORTED_LENGTHS {
    DWORD dwMinLength; /* bits */
    DWORD dwMaxLength;
    DWORD dwIncrement;
    DWORD dwDefaultLength;
} NCRYPT_SUPPORTED_LENGTHS;

#endif /* !_WIN32 */

/* ============================================================================================== *
 * Names which some Windows header sets lack
 * ============================================================================================== */

/* Later ECC key structures; the header sets which have these also have the macro. */
#ifndef BCRYPT_ECC_FULLKEY_BLOB_V1
typedef enum {
    BCRYPT_ECC_PRIME_SHORT_WEIERSTRASS_CURVE = 1,
    BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE = 2,
    BCRYPT_ECC_PRIME_MONTGOMERY_CURVE = 3
} ECC_CURVE_TYPE_ENUM;

typedef enum { BCRYPT_NO_CURVE_GENERATION_ALG_ID = 0 } ECC_CURVE_ALG_ID_ENUM;

/* then: prime, a, b, generator x and y, order, cofactor, seed; X, Y; d when private */
typedef struct _BCRYPT_ECCFULLKEY_BLOB {
    ULONG dwMagic;
    ULONG dwVersion; /* BCRYPT_ECC_FULLKEY_BLOB_V1 */
    ECC_CURVE_TYPE_ENUM dwCurveType;
    ECC_CURVE_ALG_ID_ENUM dwCurveGenerationAlgId;
    ULONG cbFieldLength;   /* bytes of a field element */
    ULONG cbSubgroupOrder; /* bytes */
    ULONG cbCofactor;      /* bytes */
    ULONG cbSeed;          /* bytes */
} BCRYPT_ECCFULLKEY_BLOB, *PBCRYPT_ECCFULLKEY_BLOB;

typedef struct _SSL_ECCKEY_BLOB {
    ULONG dwCurveType;
    ULONG cbKey;
} SSL_ECCKEY_BLOB, *PSSL_ECCKEY_BLOB;
#endif

/* wincrypt.h */
#ifndef ALG_TYPE_THIRDPARTY
#define ALG_TYPE_THIRDPARTY 0x1000
#endif
#ifndef ALG_SID_THIRDPARTY_ANY
#define ALG_SID_THIRDPARTY_ANY 0
#endif
#ifndef CALG_THIRDPARTY_KEY_EXCHANGE
#define CALG_THIRDPARTY_KEY_EXCHANGE 0xB000
#endif
#ifndef CALG_THIRDPARTY_SIGNATURE
#define CALG_THIRDPARTY_SIGNATURE 0x3000
#endif
#ifndef CALG_THIRDPARTY_CIPHER
#define CALG_THIRDPARTY_CIPHER 0x7000
#endif
#ifndef CALG_THIRDPARTY_HASH
#define CALG_THIRDPARTY_HASH 0x9000
#endif
#ifndef PP_SMARTCARD_READER_ICON
#define PP_SMARTCARD_READER_ICON 0x2F
#endif
#ifndef PP_DISMISS_PIN_UI_SEC
#define PP_DISMISS_PIN_UI_SEC 0x31
#endif
#ifndef PP_IS_PFX_EPHEMERAL
#define PP_IS_PFX_EPHEMERAL 0x32
#endif

/* bcrypt.h */
#ifndef BCRYPT_KDF_RAW_SECRET
#define BCRYPT_KDF_RAW_SECRET CM_WSTR("TRUNCATE")
#endif
#ifndef BCRYPT_KDF_HKDF
#define BCRYPT_KDF_HKDF CM_WSTR("HKDF")
#endif
#ifndef KDF_LABEL
#define KDF_LABEL 0x0D
#endif
#ifndef KDF_CONTEXT
#define KDF_CONTEXT 0x0E
#endif
#ifndef KDF_SALT
#define KDF_SALT 0x0F
#endif
#ifndef KDF_ITERATION_COUNT
#define KDF_ITERATION_COUNT 0x10
#endif
#ifndef KDF_GENERIC_PARAMETER
#define KDF_GENERIC_PARAMETER 0x11
#endif
#ifndef KDF_KEYBITLENGTH
#define KDF_KEYBITLENGTH 0x12
#endif
#ifndef KDF_HKDF_SALT
#define KDF_HKDF_SALT 0x13
#endif
#ifndef KDF_HKDF_INFO
#define KDF_HKDF_INFO 0x14
#endif
#ifndef BCRYPT_FUNCTION_NAME_STRING
#define BCRYPT_FUNCTION_NAME_STRING CM_WSTR("FunctionNameString")
#endif
#ifndef BCRYPT_CUSTOMIZATION_STRING
#define BCRYPT_CUSTOMIZATION_STRING CM_WSTR("CustomizationString")
#endif
#ifndef BCRYPT_HKDF_HASH_ALGORITHM
#define BCRYPT_HKDF_HASH_ALGORITHM CM_WSTR("HkdfHashAlgorithm")
#endif
#ifndef BCRYPT_HKDF_SALT_AND_FINALIZE
#define BCRYPT_HKDF_SALT_AND_FINALIZE CM_WSTR("HkdfSaltAndFinalize")
#endif
#ifndef BCRYPT_HKDF_PRK_AND_FINALIZE
#define BCRYPT_HKDF_PRK_AND_FINALIZE CM_WSTR("HkdfPrkAndFinalize")
#endif
#ifndef BCRYPT_GENERATE_IV
#define BCRYPT_GENERATE_IV 0x20
#endif
#ifndef BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID
#define BCRYPT_PAD_PKCS1_OPTIONAL_HASH_OID 0x10
#endif
#ifndef BCRYPT_GLOBAL_PARAMETERS
#define BCRYPT_GLOBAL_PARAMETERS CM_WSTR("SecretAgreementParam")
#endif
#ifndef BCRYPT_PRIVATE_KEY
#define BCRYPT_PRIVATE_KEY CM_WSTR("PrivKeyVal")
#endif
#ifndef BCRYPT_ECCFULLPUBLIC_BLOB
#define BCRYPT_ECCFULLPUBLIC_BLOB CM_WSTR("ECCFULLPUBLICBLOB")
#endif
#ifndef BCRYPT_ECCFULLPRIVATE_BLOB
#define BCRYPT_ECCFULLPRIVATE_BLOB CM_WSTR("ECCFULLPRIVATEBLOB")
#endif
#ifndef SSL_ECCPUBLIC_BLOB
#define SSL_ECCPUBLIC_BLOB CM_WSTR("SSLECCPUBLICBLOB")
#endif
#ifndef BCRYPT_ECDH_PUBLIC_GENERIC_MAGIC
#define BCRYPT_ECDH_PUBLIC_GENERIC_MAGIC 0x504B4345
#endif
#ifndef BCRYPT_ECDH_PRIVATE_GENERIC_MAGIC
#define BCRYPT_ECDH_PRIVATE_GENERIC_MAGIC 0x564B4345
#endif
#ifndef BCRYPT_ECDSA_PUBLIC_GENERIC_MAGIC
#define BCRYPT_ECDSA_PUBLIC_GENERIC_MAGIC 0x50444345
#endif
#ifndef BCRYPT_ECDSA_PRIVATE_GENERIC_MAGIC
#define BCRYPT_ECDSA_PRIVATE_GENERIC_MAGIC 0x56444345
#endif
#ifndef BCRYPT_ECC_FULLKEY_BLOB_V1
#define BCRYPT_ECC_FULLKEY_BLOB_V1 1
#endif
#ifndef BCRYPT_ECC_PARAMETERS
#define BCRYPT_ECC_PARAMETERS CM_WSTR("ECCParameters")
#endif
#ifndef BCRYPT_ECC_CURVE_NAME
#define BCRYPT_ECC_CURVE_NAME CM_WSTR("ECCCurveName")
#endif
#ifndef BCRYPT_ECC_CURVE_NAME_LIST
#define BCRYPT_ECC_CURVE_NAME_LIST CM_WSTR("ECCCurveNameList")
#endif
#ifndef BCRYPT_ECC_PARAMETERS_MAGIC
#define BCRYPT_ECC_PARAMETERS_MAGIC 0x50434345
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP160R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP160R1 CM_WSTR("brainpoolP160r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP160T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP160T1 CM_WSTR("brainpoolP160t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP192R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP192R1 CM_WSTR("brainpoolP192r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP192T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP192T1 CM_WSTR("brainpoolP192t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP224R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP224R1 CM_WSTR("brainpoolP224r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP224T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP224T1 CM_WSTR("brainpoolP224t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP256R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP256R1 CM_WSTR("brainpoolP256r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP256T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP256T1 CM_WSTR("brainpoolP256t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP320R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP320R1 CM_WSTR("brainpoolP320r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP320T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP320T1 CM_WSTR("brainpoolP320t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP384R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP384R1 CM_WSTR("brainpoolP384r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP384T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP384T1 CM_WSTR("brainpoolP384t1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP512R1
#define BCRYPT_ECC_CURVE_BRAINPOOLP512R1 CM_WSTR("brainpoolP512r1")
#endif
#ifndef BCRYPT_ECC_CURVE_BRAINPOOLP512T1
#define BCRYPT_ECC_CURVE_BRAINPOOLP512T1 CM_WSTR("brainpoolP512t1")
#endif
#ifndef BCRYPT_ECC_CURVE_25519
#define BCRYPT_ECC_CURVE_25519 CM_WSTR("curve25519")
#endif
#ifndef BCRYPT_ECC_CURVE_EC192WAPI
#define BCRYPT_ECC_CURVE_EC192WAPI CM_WSTR("ec192wapi")
#endif
#ifndef BCRYPT_ECC_CURVE_NISTP192
#define BCRYPT_ECC_CURVE_NISTP192 CM_WSTR("nistP192")
#endif
#ifndef BCRYPT_ECC_CURVE_NISTP224
#define BCRYPT_ECC_CURVE_NISTP224 CM_WSTR("nistP224")
#endif
#ifndef BCRYPT_ECC_CURVE_NISTP256
#define BCRYPT_ECC_CURVE_NISTP256 CM_WSTR("nistP256")
#endif
#ifndef BCRYPT_ECC_CURVE_NISTP384
#define BCRYPT_ECC_CURVE_NISTP384 CM_WSTR("nistP384")
#endif
#ifndef BCRYPT_ECC_CURVE_NISTP521
#define BCRYPT_ECC_CURVE_NISTP521 CM_WSTR("nistP521")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP160K1
#define BCRYPT_ECC_CURVE_SECP160K1 CM_WSTR("secP160k1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP160R1
#define BCRYPT_ECC_CURVE_SECP160R1 CM_WSTR("secP160r1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP160R2
#define BCRYPT_ECC_CURVE_SECP160R2 CM_WSTR("secP160r2")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP192K1
#define BCRYPT_ECC_CURVE_SECP192K1 CM_WSTR("secP192k1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP192R1
#define BCRYPT_ECC_CURVE_SECP192R1 CM_WSTR("secP192r1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP224K1
#define BCRYPT_ECC_CURVE_SECP224K1 CM_WSTR("secP224k1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP224R1
#define BCRYPT_ECC_CURVE_SECP224R1 CM_WSTR("secP224r1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP256K1
#define BCRYPT_ECC_CURVE_SECP256K1 CM_WSTR("secP256k1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP256R1
#define BCRYPT_ECC_CURVE_SECP256R1 CM_WSTR("secP256r1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP384R1
#define BCRYPT_ECC_CURVE_SECP384R1 CM_WSTR("secP384r1")
#endif
#ifndef BCRYPT_ECC_CURVE_SECP521R1
#define BCRYPT_ECC_CURVE_SECP521R1 CM_WSTR("secP521r1")
#endif
#ifndef BCRYPT_ECC_CURVE_X962P256V1
#define BCRYPT_ECC_CURVE_X962P256V1 CM_WSTR("x962P256v1")
#endif
#ifndef BCRYPT_TLS1_1_KDF_ALGORITHM
#define BCRYPT_TLS1_1_KDF_ALGORITHM CM_WSTR("TLS1_1_KDF")
#endif
#ifndef BCRYPT_TLS1_2_KDF_ALGORITHM
#define BCRYPT_TLS1_2_KDF_ALGORITHM CM_WSTR("TLS1_2_KDF")
#endif
#ifndef BCRYPT_ECDSA_ALGORITHM
#define BCRYPT_ECDSA_ALGORITHM CM_WSTR("ECDSA")
#endif
#ifndef BCRYPT_ECDH_ALGORITHM
#define BCRYPT_ECDH_ALGORITHM CM_WSTR("ECDH")
#endif
#ifndef BCRYPT_XTS_AES_ALGORITHM
#define BCRYPT_XTS_AES_ALGORITHM CM_WSTR("XTS-AES")
#endif
#ifndef BCRYPT_HKDF_ALGORITHM
#define BCRYPT_HKDF_ALGORITHM CM_WSTR("HKDF")
#endif
#ifndef BCRYPT_CHACHA20_POLY1305_ALGORITHM
#define BCRYPT_CHACHA20_POLY1305_ALGORITHM CM_WSTR("CHACHA20_POLY1305")
#endif
#ifndef BCRYPT_SHA3_256_ALGORITHM
#define BCRYPT_SHA3_256_ALGORITHM CM_WSTR("SHA3-256")
#endif
#ifndef BCRYPT_SHA3_384_ALGORITHM
#define BCRYPT_SHA3_384_ALGORITHM CM_WSTR("SHA3-384")
#endif
#ifndef BCRYPT_SHA3_512_ALGORITHM
#define BCRYPT_SHA3_512_ALGORITHM CM_WSTR("SHA3-512")
#endif
#ifndef BCRYPT_SHAKE128_ALGORITHM
#define BCRYPT_SHAKE128_ALGORITHM CM_WSTR("SHAKE128")
#endif
#ifndef BCRYPT_SHAKE256_ALGORITHM
#define BCRYPT_SHAKE256_ALGORITHM CM_WSTR("SHAKE256")
#endif
#ifndef BCRYPT_HASH_DONT_RESET_FLAG
#define BCRYPT_HASH_DONT_RESET_FLAG 1
#endif
#ifndef BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG
#define BCRYPT_TLS_CBC_HMAC_VERIFY_FLAG 4
#endif
#ifndef BCRYPT_EXTENDED_KEYSIZE
#define BCRYPT_EXTENDED_KEYSIZE 0x80
#endif
#ifndef BCRYPT_ENABLE_INCOMPATIBLE_FIPS_CHECKS
#define BCRYPT_ENABLE_INCOMPATIBLE_FIPS_CHECKS 0x0100
#endif
#ifndef BCRYPT_KEY_VALIDATION_RANGE
#define BCRYPT_KEY_VALIDATION_RANGE 0x10
#endif
#ifndef BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER
#define BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER 0x18
#endif
#ifndef BCRYPT_KEY_VALIDATION_REGENERATE
#define BCRYPT_KEY_VALIDATION_REGENERATE 0x20
#endif
#ifndef BCRYPT_HASH_INTERFACE_MAJORVERSION_2
#define BCRYPT_HASH_INTERFACE_MAJORVERSION_2 2
#endif

/* ncrypt.h */
#ifndef NCRYPT_AES_ALGORITHM
#define NCRYPT_AES_ALGORITHM CM_WSTR("AES")
#endif
#ifndef NCRYPT_RC2_ALGORITHM
#define NCRYPT_RC2_ALGORITHM CM_WSTR("RC2")
#endif
#ifndef NCRYPT_3DES_ALGORITHM
#define NCRYPT_3DES_ALGORITHM CM_WSTR("3DES")
#endif
#ifndef NCRYPT_DES_ALGORITHM
#define NCRYPT_DES_ALGORITHM CM_WSTR("DES")
#endif
#ifndef NCRYPT_DESX_ALGORITHM
#define NCRYPT_DESX_ALGORITHM CM_WSTR("DESX")
#endif
#ifndef NCRYPT_3DES_112_ALGORITHM
#define NCRYPT_3DES_112_ALGORITHM CM_WSTR("3DES_112")
#endif
#ifndef NCRYPT_SP800108_CTR_HMAC_ALGORITHM
#define NCRYPT_SP800108_CTR_HMAC_ALGORITHM CM_WSTR("SP800_108_CTR_HMAC")
#endif
#ifndef NCRYPT_SP80056A_CONCAT_ALGORITHM
#define NCRYPT_SP80056A_CONCAT_ALGORITHM CM_WSTR("SP800_56A_CONCAT")
#endif
#ifndef NCRYPT_PBKDF2_ALGORITHM
#define NCRYPT_PBKDF2_ALGORITHM CM_WSTR("PBKDF2")
#endif
#ifndef NCRYPT_CAPI_KDF_ALGORITHM
#define NCRYPT_CAPI_KDF_ALGORITHM CM_WSTR("CAPI_KDF")
#endif
#ifndef NCRYPT_ECDSA_ALGORITHM
#define NCRYPT_ECDSA_ALGORITHM CM_WSTR("ECDSA")
#endif
#ifndef NCRYPT_ECDH_ALGORITHM
#define NCRYPT_ECDH_ALGORITHM CM_WSTR("ECDH")
#endif
#ifndef NCRYPT_HMAC_SHA256_ALGORITHM
#define NCRYPT_HMAC_SHA256_ALGORITHM CM_WSTR("HMAC-SHA256")
#endif
#ifndef NCRYPT_KEY_DERIVATION_INTERFACE
#define NCRYPT_KEY_DERIVATION_INTERFACE 7
#endif
#ifndef NCRYPT_KEY_PROTECTION_INTERFACE
#define NCRYPT_KEY_PROTECTION_INTERFACE 0x00010004
#endif
#ifndef NCRYPT_AES_ALGORITHM_GROUP
#define NCRYPT_AES_ALGORITHM_GROUP CM_WSTR("AES")
#endif
#ifndef NCRYPT_RC2_ALGORITHM_GROUP
#define NCRYPT_RC2_ALGORITHM_GROUP CM_WSTR("RC2")
#endif
#ifndef NCRYPT_DES_ALGORITHM_GROUP
#define NCRYPT_DES_ALGORITHM_GROUP CM_WSTR("DES")
#endif
#ifndef NCRYPT_KEY_DERIVATION_GROUP
#define NCRYPT_KEY_DERIVATION_GROUP CM_WSTR("KEY_DERIVATION")
#endif
#ifndef NCRYPTBUFFER_SSL_SESSION_HASH
#define NCRYPTBUFFER_SSL_SESSION_HASH 0x19
#endif
#ifndef NCRYPTBUFFER_KEY_PROPERTY_FLAGS
#define NCRYPTBUFFER_KEY_PROPERTY_FLAGS 0x32
#endif
#ifndef NCRYPTBUFFER_ECC_CURVE_NAME
#define NCRYPTBUFFER_ECC_CURVE_NAME 0x3C
#endif
#ifndef NCRYPTBUFFER_ECC_PARAMETERS
#define NCRYPTBUFFER_ECC_PARAMETERS 0x3D
#endif
#ifndef NCRYPTBUFFER_PKCS_AES_KEY_BITS
#define NCRYPTBUFFER_PKCS_AES_KEY_BITS 0x60
#endif
#ifndef NCRYPTBUFFER_PKCS_PADDING_ALGO
#define NCRYPTBUFFER_PKCS_PADDING_ALGO 0x61
#endif
#ifndef NCRYPTBUFFER_PKCS_PADDING_LABEL
#define NCRYPTBUFFER_PKCS_PADDING_LABEL 0x62
#endif
#ifndef NCRYPT_CIPHER_NO_PADDING_FLAG
#define NCRYPT_CIPHER_NO_PADDING_FLAG 0
#endif
#ifndef NCRYPT_CIPHER_BLOCK_PADDING_FLAG
#define NCRYPT_CIPHER_BLOCK_PADDING_FLAG 1
#endif
#ifndef NCRYPT_CIPHER_OTHER_PADDING_FLAG
#define NCRYPT_CIPHER_OTHER_PADDING_FLAG 2
#endif
#ifndef NCRYPT_PAD_CIPHER_FLAG
#define NCRYPT_PAD_CIPHER_FLAG 0x10
#endif
#ifndef NCRYPT_SEALING_FLAG
#define NCRYPT_SEALING_FLAG 0x0100
#endif
#ifndef NCRYPT_IGNORE_DEVICE_STATE_FLAG
#define NCRYPT_IGNORE_DEVICE_STATE_FLAG 0x1000
#endif
#ifndef NCRYPT_TREAT_NIST_AS_GENERIC_ECC_FLAG
#define NCRYPT_TREAT_NIST_AS_GENERIC_ECC_FLAG 0x2000
#endif
#ifndef NCRYPT_NO_CACHED_PASSWORD
#define NCRYPT_NO_CACHED_PASSWORD 0x4000
#endif
#ifndef NCRYPT_PROTECT_TO_LOCAL_SYSTEM
#define NCRYPT_PROTECT_TO_LOCAL_SYSTEM 0x8000
#endif
#ifndef NCRYPT_REQUIRE_KDS_LRPC_BIND_FLAG
#define NCRYPT_REQUIRE_KDS_LRPC_BIND_FLAG 0x20000000
#endif
#ifndef NCRYPT_USE_PER_BOOT_KEY_FLAG
#define NCRYPT_USE_PER_BOOT_KEY_FLAG 0x00040000
#endif
#ifndef NCRYPT_KEY_DERIVATION_OPERATION
#define NCRYPT_KEY_DERIVATION_OPERATION 0x40
#endif
#ifndef NCRYPT_AUTHORITY_KEY_FLAG
#define NCRYPT_AUTHORITY_KEY_FLAG 0x0100
#endif
#ifndef NCRYPT_EXTENDED_ERRORS_FLAG
#define NCRYPT_EXTENDED_ERRORS_FLAG 0x10000000
#endif
#ifndef NCRYPT_EPHEMERAL_NAME_PROPERTY
#define NCRYPT_EPHEMERAL_NAME_PROPERTY CM_WSTR("Ephemeral Name")
#endif
#ifndef NCRYPT_PUBLIC_LENGTH_PROPERTY
#define NCRYPT_PUBLIC_LENGTH_PROPERTY CM_WSTR("PublicKeyLength")
#endif
#ifndef NCRYPT_SIGNATURE_LENGTH_PROPERTY
#define NCRYPT_SIGNATURE_LENGTH_PROPERTY CM_WSTR("SignatureLength")
#endif
#ifndef NCRYPT_CHAINING_MODE_PROPERTY
#define NCRYPT_CHAINING_MODE_PROPERTY CM_WSTR("Chaining Mode")
#endif
#ifndef NCRYPT_AUTH_TAG_LENGTH
#define NCRYPT_AUTH_TAG_LENGTH CM_WSTR("AuthTagLength")
#endif
#ifndef NCRYPT_ECC_PARAMETERS_PROPERTY
#define NCRYPT_ECC_PARAMETERS_PROPERTY CM_WSTR("ECCParameters")
#endif
#ifndef NCRYPT_ECC_CURVE_NAME_PROPERTY
#define NCRYPT_ECC_CURVE_NAME_PROPERTY CM_WSTR("ECCCurveName")
#endif
#ifndef NCRYPT_ECC_CURVE_NAME_LIST_PROPERTY
#define NCRYPT_ECC_CURVE_NAME_LIST_PROPERTY CM_WSTR("ECCCurveNameList")
#endif
#ifndef NCRYPT_USE_PER_BOOT_KEY_PROPERTY
#define NCRYPT_USE_PER_BOOT_KEY_PROPERTY CM_WSTR("Per Boot Key")
#endif
#ifndef NCRYPT_READER_ICON_PROPERTY
#define NCRYPT_READER_ICON_PROPERTY CM_WSTR("SmartCardReaderIcon")
#endif
#ifndef NCRYPT_KDF_SECRET_VALUE
#define NCRYPT_KDF_SECRET_VALUE CM_WSTR("KDFKeySecret")
#endif
#ifndef NCRYPT_DISMISS_UI_TIMEOUT_SEC_PROPERTY
#define NCRYPT_DISMISS_UI_TIMEOUT_SEC_PROPERTY CM_WSTR("SmartCardDismissUITimeoutSeconds")
#endif
#ifndef NCRYPT_CERTIFICATE_FROM_NVRAM_PROPERTY
#define NCRYPT_CERTIFICATE_FROM_NVRAM_PROPERTY CM_WSTR("KeyCertificateFromTpmNvram")
#endif
#ifndef NCRYPT_TPM12_PROVIDER
#define NCRYPT_TPM12_PROVIDER 0x00010000
#endif
#ifndef NCRYPT_INITIALIZATION_VECTOR
#define NCRYPT_INITIALIZATION_VECTOR CM_WSTR("IV")
#endif
#ifndef NCRYPT_CHANGEPASSWORD_PROPERTY
#define NCRYPT_CHANGEPASSWORD_PROPERTY CM_WSTR("PCP_CHANGEPASSWORD")
#endif
#ifndef NCRYPT_ALTERNATE_KEY_STORAGE_LOCATION_PROPERTY
#define NCRYPT_ALTERNATE_KEY_STORAGE_LOCATION_PROPERTY CM_WSTR("PCP_ALTERNATE_KEY_STORAGE_LOCATION")
#endif
#ifndef NCRYPT_KEY_ACCESS_POLICY_PROPERTY
#define NCRYPT_KEY_ACCESS_POLICY_PROPERTY CM_WSTR("Key Access Policy")
#endif
#ifndef NCRYPT_ALLOW_KEY_ENVELOPE_FLAG
#define NCRYPT_ALLOW_KEY_ENVELOPE_FLAG 8
#endif
#ifndef NCRYPT_ALLOW_KEY_IMPORT_FLAG
#define NCRYPT_ALLOW_KEY_IMPORT_FLAG 8
#endif
#ifndef NCRYPT_ALLOW_KEY_IMPORT_EPHEMERAL_FLAG
#define NCRYPT_ALLOW_KEY_IMPORT_EPHEMERAL_FLAG 0x20
#endif
#ifndef NCRYPT_UI_FINGERPRINT_PROTECTION_FLAG
#define NCRYPT_UI_FINGERPRINT_PROTECTION_FLAG 4
#endif
#ifndef NCRYPT_UI_APPCONTAINER_ACCESS_MEDIUM_FLAG
#define NCRYPT_UI_APPCONTAINER_ACCESS_MEDIUM_FLAG 8
#endif
#ifndef NCRYPT_KEY_ACCESS_POLICY_VERSION
#define NCRYPT_KEY_ACCESS_POLICY_VERSION 1
#endif
#ifndef NCRYPT_ALLOW_SILENT_KEY_ACCESS
#define NCRYPT_ALLOW_SILENT_KEY_ACCESS 1
#endif
#ifndef NCRYPT_CIPHER_KEY_BLOB_MAGIC
typedef struct _NCRYPT_KEY_BLOB_HEADER {
    ULONG cbSize; /* size of this structure */
    ULONG dwMagic;
    ULONG cbAlgName; /* bytes, terminator included */
    ULONG cbKeyData; /* bytes */
} NCRYPT_KEY_BLOB_HEADER, *PNCRYPT_KEY_BLOB_HEADER;
#define NCRYPT_CIPHER_KEY_BLOB_MAGIC 0x52485043
#endif
#ifndef NCRYPT_KDF_KEY_BLOB_MAGIC
#define NCRYPT_KDF_KEY_BLOB_MAGIC 0x3146444B
#endif
#ifndef NCRYPT_PROTECTED_KEY_BLOB_MAGIC
#define NCRYPT_PROTECTED_KEY_BLOB_MAGIC 0x4B545250
#endif
#ifndef NCRYPT_CIPHER_KEY_BLOB
#define NCRYPT_CIPHER_KEY_BLOB CM_WSTR("CipherKeyBlob")
#endif
#ifndef NCRYPT_KDF_KEY_BLOB
#define NCRYPT_KDF_KEY_BLOB CM_WSTR("KDFKeyBlob")
#endif
#ifndef NCRYPT_PROTECTED_KEY_BLOB
#define NCRYPT_PROTECTED_KEY_BLOB CM_WSTR("ProtectedKeyBlob")
#endif

#endif /* CARDMINT_WINCRYPT_TYPES_H */
