/* SPDX-License-Identifier: MIT */
/*
 * cardmint/cardmod.h - the smart card minidriver interface of Windows, versions 4 to 7.
 *
 * This is cardmint's own text. Names, values, layouts and calling convention are those of the
 * interface, so that a minidriver built with it can be loaded by the Windows base smart card
 * provider, and so that a program on another system can use one as a shared library. tests/abi
 * checks every field offset and every constant.
 *
 * How it works: the caller (base CSP or KSP, or any program) fills the caller's part of CARD_DATA
 * and calls CardAcquireContext, the only exported function. The minidriver fills in the function
 * pointers of the version both sides agreed on. Everything else goes through those pointers.
 *
 * Rules for every function, unless its comment says otherwise:
 *  - Result: a DWORD status, 0 (SCARD_S_SUCCESS) for success. See wintypes.h for the codes.
 *  - NULL pCardData, or NULL for a pointer which is not optional: SCARD_E_INVALID_PARAMETER. Always
 *    optional: pcAttemptsRemaining; pszDirectoryName in the file functions; PIN data of an external
 *    PIN. Others are said to be so. dwFlags bits not defined: SCARD_E_INVALID_PARAMETER.
 *  - Memory handed to the caller comes from pfnCspAlloc; the caller frees it with pfnCspFree. After
 *    a failure output pointers are NULL, counts are 0, and the card is as it was before the call.
 *  - Lengths named cb... are bytes; c... are counts. Key lengths are bits.
 *  - Structures start with dwVersion, set by the caller: 0 counts as 1, a version above the newest
 *    the driver knows is ERROR_REVISION_MISMATCH, on success the driver writes the version it used.
 *    Members of a later version than the one declared do not exist: do not touch them.
 *  - Only CardAcquireContext changes members of CARD_DATA (others: pvVendorSpecific at most).
 *  - The caller holds the card transaction, except in CardDeleteContext.
 *  - File and directory names are narrow strings of 1 to 8 characters, not case-sensitive; a NULL
 *    directory is the root. User names, property names and algorithm names are UTF-16, and exact.
 *
 * "v5" means: since interface version 5. Sources are given in brackets: [certification n] is the
 * section of Microsoft's certification requirements for minidrivers, [specification] the minidriver
 * specification 7.07, [practice] what existing drivers and callers do where those are silent.
 * "Codes by analogy": some error codes are not in the specification, but follow sister functions.
 */
#ifndef __CARDMOD__H__
#define __CARDMOD__H__

#ifdef _WIN32
/* Keep mingw-w64's <cardmod.h> out: it has another layout and other values. */
#ifndef _INC_CARDMOD
#define _INC_CARDMOD
#endif
#endif

#include "wintypes.h"
#include "wincrypt_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ============================================================================================== *
 * Constants
 * ============================================================================================== */

/* ---- general --------------------------------------------------------------------------------- */

/* Provider number under which a card type names its minidriver (SCardGetCardTypeProviderName). */
#define SCARD_PROVIDER_CARD_MODULE 0x80000001U

/* Answer where a number is asked which the card cannot tell. */
#define CARD_DATA_VALUE_UNKNOWN ((DWORD)0xFFFFFFFFU)

/* Interface versions: CARD_DATA.dwVersion. */
#define CARD_DATA_VERSION_SEVEN   7U
#define CARD_DATA_VERSION_SIX     6U
#define CARD_DATA_VERSION_FIVE    5U
#define CARD_DATA_VERSION_FOUR    4U
#define CARD_DATA_CURRENT_VERSION CARD_DATA_VERSION_SEVEN

/* ---- logical file system: directory and file names ------------------------------------------- */

#define szBASE_CSP_DIR           "mscp"    /* directory of the base CSP and KSP */
#define szINTERMEDIATE_CERTS_DIR "mscerts" /* named, not used by known drivers */

#define szCACHE_FILE           "cardcf"   /* root: CARD_CACHE_FILE_FORMAT */
#define szCARD_IDENTIFIER_FILE "cardid"   /* root: 16 bytes which identify the card */
#define szCONTAINER_MAP_FILE   "cmapfile" /* mscp: CONTAINER_MAP_RECORD, one per container index */
#define szROOT_STORE_FILE      "msroots"  /* mscp: PKCS#7 bag of root certificates */

/* Prefixes of files in mscp; two digits with the container index follow ("kxc00"). */
#define szUSER_SIGNATURE_CERT_PREFIX          "ksc" /* certificate of the signature key */
#define szUSER_SIGNATURE_PRIVATE_KEY_PREFIX   "kss"
#define szUSER_SIGNATURE_PUBLIC_KEY_PREFIX    "ksp"
#define szUSER_KEYEXCHANGE_CERT_PREFIX        "kxc" /* certificate of the key exchange key */
#define szUSER_KEYEXCHANGE_PRIVATE_KEY_PREFIX "kxs"
#define szUSER_KEYEXCHANGE_PUBLIC_KEY_PREFIX  "kxp"

/* ---- user names of the functions before v6 --------------------------------------------------- */

#define wszCARD_USER_EVERYONE CM_WSTR("anonymous")
#define wszCARD_USER_USER     CM_WSTR("user")
#define wszCARD_USER_ADMIN    CM_WSTR("admin")

/* ---- key specifications ---------------------------------------------------------------------- */

/*
 * A container holds at most one key per slot. Signature slot: AT_SIGNATURE, AT_ECDSA_*. Key
 * exchange slot: AT_KEYEXCHANGE, AT_ECDHE_*. AT_KEYEXCHANGE is 1, AT_SIGNATURE 2 (wincrypt). v5.
 */
#define AT_ECDSA_P256 3
#define AT_ECDSA_P384 4
#define AT_ECDSA_P521 5
#define AT_ECDHE_P256 6
#define AT_ECDHE_P384 7
#define AT_ECDHE_P521 8

/* ---- containers ------------------------------------------------------------------------------ */

#define CARD_CACHE_FILE_CURRENT_VERSION 1 /* CARD_CACHE_FILE_FORMAT.bVersion */

#define MAX_CONTAINER_NAME_LEN 39 /* characters, without the terminator */

/* CONTAINER_MAP_RECORD.bFlags */
#define CONTAINER_MAP_VALID_CONTAINER   1 /* the record is in use */
#define CONTAINER_MAP_DEFAULT_CONTAINER 2 /* the default container; only together with VALID */

/* dwFlags of CardCreateContainer(Ex): one of them */
#define CARD_CREATE_CONTAINER_KEY_GEN    1U /* make the key on the card */
#define CARD_CREATE_CONTAINER_KEY_IMPORT 2U /* store the key in pbKeyData */

/* ---- PINs ------------------------------------------------------------------------------------ */

/* dwFlags of CardUnblockPin and CardChangeAuthenticator: what the authenticating data is */
#define CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE 1U
#define CARD_AUTHENTICATE_PIN_PIN                2U

/* PIN numbers. v6. */
#define MAX_PINS      8 /* PIN_ID 0 to 7 */
#define ROLE_EVERYONE 0 /* no PIN */
#define ROLE_USER     1 /* main PIN */
#define ROLE_ADMIN    2 /* administrator, usually challenge and response; 3 to 7 are free */

/* Sets of PINs: bit n stands for PIN_ID n. */
#define PIN_SET_NONE      0x00U
#define PIN_SET_ALL_ROLES 0xFFU

#define CREATE_PIN_SET(PinId)     ((PIN_SET)1U << (PinId))
#define SET_PIN(PinSet, PinId)    ((PinSet) |= CREATE_PIN_SET(PinId))
#define IS_PIN_SET(PinSet, PinId) (0 != ((PinSet)&CREATE_PIN_SET(PinId)))
#define CLEAR_PIN(PinSet, PinId)  ((PinSet) &= ~CREATE_PIN_SET(PinId))

/* dwFlags of CardChangeAuthenticatorEx: one of them. v6. */
#define PIN_CHANGE_FLAG_UNBLOCK   1U
#define PIN_CHANGE_FLAG_CHANGEPIN 2U

/* dwFlags of CardAuthenticateEx. v6. */
#define CARD_AUTHENTICATE_GENERATE_SESSION_PIN 0x10000000U /* return a session PIN for pbPinData */
#define CARD_AUTHENTICATE_SESSION_PIN          0x20000000U /* pbPinData is a session PIN */
#define CARD_PIN_SILENT_CONTEXT                0x00000040U /* show no user interface */

/* Values of CP_CARD_PIN_STRENGTH_*: bits. v6. */
#define CARD_PIN_STRENGTH_PLAINTEXT   1U
#define CARD_PIN_STRENGTH_SESSION_PIN 2U

/* PIN_INFO.dwFlags. v6. */
#define PIN_INFO_REQUIRE_SECURE_ENTRY 1U /* the PIN must be entered on a trusted device */

/* ---- structure versions (dwVersion) ---------------------------------------------------------- */

#define CARD_CAPABILITIES_CURRENT_VERSION    1
#define CONTAINER_INFO_CURRENT_VERSION       1
#define CARD_FILE_INFO_CURRENT_VERSION       1
#define CARD_FREE_SPACE_INFO_CURRENT_VERSION 1
#define CARD_KEY_SIZES_CURRENT_VERSION       1
#define PIN_CACHE_POLICY_CURRENT_VERSION     6
#define PIN_INFO_CURRENT_VERSION             6

#define CARD_RSA_KEY_DECRYPT_INFO_VERSION_ONE     1 /* no padding members */
#define CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO     2 /* v7 */
#define CARD_RSA_KEY_DECRYPT_INFO_CURRENT_VERSION CARD_RSA_KEY_DECRYPT_INFO_VERSION_TWO

#define CARD_SIGNING_INFO_BASIC_VERSION   1 /* no padding members */
#define CARD_SIGNING_INFO_CURRENT_VERSION 2

#define CARD_DH_AGREEMENT_INFO_VERSION 2 /* version 1 is withdrawn */

#define CARD_DERIVE_KEY_VERSION         1 /* no key handle members */
#define CARD_DERIVE_KEY_VERSION_TWO     2 /* v7 */
#define CARD_DERIVE_KEY_CURRENT_VERSION CARD_DERIVE_KEY_VERSION_TWO

#define CARD_IMPORT_KEYPAIR_VERSION_SEVEN                7
#define CARD_IMPORT_KEYPAIR_CURRENT_VERSION              CARD_IMPORT_KEYPAIR_VERSION_SEVEN
#define CARD_CHANGE_AUTHENTICATOR_VERSION_SEVEN          7
#define CARD_CHANGE_AUTHENTICATOR_CURRENT_VERSION        CARD_CHANGE_AUTHENTICATOR_VERSION_SEVEN
#define CARD_CHANGE_AUTHENTICATOR_RESPONSE_VERSION_SEVEN 7
#define CARD_CHANGE_AUTHENTICATOR_RESPONSE_CURRENT_VERSION                                         \
    CARD_CHANGE_AUTHENTICATOR_RESPONSE_VERSION_SEVEN
#define CARD_AUTHENTICATE_VERSION_SEVEN            7
#define CARD_AUTHENTICATE_CURRENT_VERSION          CARD_AUTHENTICATE_VERSION_SEVEN
#define CARD_AUTHENTICATE_RESPONSE_VERSION_SEVEN   7
#define CARD_AUTHENTICATE_RESPONSE_CURRENT_VERSION CARD_AUTHENTICATE_RESPONSE_VERSION_SEVEN

/* ---- cryptography ---------------------------------------------------------------------------- */

/* dwPaddingType, and the type pPaddingInfo points to. Mind that BCRYPT_PAD_PSS is 8, OAEP 4. */
#define CARD_PADDING_NONE  1U /* not used */
#define CARD_PADDING_PKCS1 2U /* BCRYPT_PKCS1_PADDING_INFO */
#define CARD_PADDING_PSS   4U /* BCRYPT_PSS_PADDING_INFO */
#define CARD_PADDING_OAEP  8U /* BCRYPT_OAEP_PADDING_INFO. v7. */

/* Flags of CARD_SIGNING_INFO.dwSigningFlags (S) and CARD_DERIVE_KEY.dwFlags (D). */
#define CARD_PADDING_INFO_PRESENT 0x40000000U /* S: the padding members are valid */
#define CARD_BUFFER_SIZE_ONLY     0x20000000U /* S, D: only tell the size of the result */
#define CARD_RETURN_KEY_HANDLE    0x01000000U /* D: answer with hKey. v7. */

/* ---- secure key injection. v7. --------------------------------------------------------------- */

/* dwFlags of CardAcquireContext: a context without a card, for the side which only encrypts */
#define CARD_SECURE_KEY_INJECTION_NO_CARD_MODE 1U

/* bits of CP_KEY_IMPORT_SUPPORT: ways to bring in a key */
#define CARD_KEY_IMPORT_PLAIN_TEXT       1U
#define CARD_KEY_IMPORT_RSA_KEYEST       2U /* session key under an RSA key of the card */
#define CARD_KEY_IMPORT_ECC_KEYEST       4U /* session key by key agreement */
#define CARD_KEY_IMPORT_SHARED_SYMMETRIC 8U /* session key known to both sides */

/* dwFlags of CP_ENUM_ALGORITHMS */
#define CARD_CIPHER_OPERATION     1U /* symmetric algorithms */
#define CARD_ASYMMETRIC_OPERATION 2U

/* the CNG names and values, under names of this interface */
#define CARD_3DES_112_ALGORITHM BCRYPT_3DES_112_ALGORITHM
#define CARD_3DES_ALGORITHM     BCRYPT_3DES_ALGORITHM
#define CARD_AES_ALGORITHM      BCRYPT_AES_ALGORITHM
#define CARD_BLOCK_PADDING      BCRYPT_BLOCK_PADDING
#define CARD_CHAIN_MODE_CBC     BCRYPT_CHAIN_MODE_CBC

/* pwszSecureFunction: what the encrypted data makes the card do */
#define CSF_IMPORT_KEYPAIR       CM_WSTR("Import Key Pair")      /* CARD_IMPORT_KEYPAIR */
#define CSF_CHANGE_AUTHENTICATOR CM_WSTR("Change Authenticator") /* CARD_CHANGE_AUTHENTICATOR */
#define CSF_AUTHENTICATE         CM_WSTR("Authenticate")         /* CARD_AUTHENTICATE */

/* ---- container properties (CardGetContainerProperty, CardSetContainerProperty). v6. ---------- */

#define CCP_CONTAINER_INFO      CM_WSTR("Container Info")      /* CONTAINER_INFO, read only */
#define CCP_PIN_IDENTIFIER      CM_WSTR("PIN Identifier")      /* PIN_ID which guards the keys */
#define CCP_ASSOCIATED_ECDH_KEY CM_WSTR("Associated ECDH Key") /* BYTE container index. v7. */

/* ---- card properties (CardGetProperty, CardSetProperty). v6. --------------------------------- */

/*
 * R: read only, W: write only. dwFlags of the call is 0, or what "by" tells, or for
 * CP_ENUM_ALGORITHMS one of CARD_CIPHER_OPERATION and CARD_ASYMMETRIC_OPERATION.
 */
#define CP_CARD_FREE_SPACE              CM_WSTR("Free Space")     /* CARD_FREE_SPACE_INFO, R */
#define CP_CARD_CAPABILITIES            CM_WSTR("Capabilities")   /* CARD_CAPABILITIES, R */
#define CP_CARD_KEYSIZES                CM_WSTR("Key Sizes")      /* CARD_KEY_SIZES, R; by AT_* */
#define CP_CARD_READ_ONLY               CM_WSTR("Read Only Mode") /* BOOL */
#define CP_CARD_CACHE_MODE              CM_WSTR("Cache Mode")     /* DWORD, CP_CACHE_MODE_* */
#define CP_SUPPORTS_WIN_X509_ENROLLMENT CM_WSTR("Supports Windows x.509 Enrollment") /* BOOL */
#define CP_CARD_GUID                    CM_WSTR("Card Identifier")     /* 16 bytes of cardid */
#define CP_CARD_SERIAL_NO               CM_WSTR("Card Serial Number")  /* bytes, any length */
#define CP_CARD_PIN_INFO                CM_WSTR("PIN Information")     /* PIN_INFO; by PIN_ID */
#define CP_CARD_LIST_PINS               CM_WSTR("PIN List")            /* PIN_SET, R */
#define CP_CARD_AUTHENTICATED_STATE     CM_WSTR("Authenticated State") /* PIN_SET, R */
/* DWORD of CARD_PIN_STRENGTH_* bits, R; by PIN_ID */
#define CP_CARD_PIN_STRENGTH_VERIFY  CM_WSTR("PIN Strength Verify")
#define CP_CARD_PIN_STRENGTH_CHANGE  CM_WSTR("PIN Strength Change")
#define CP_CARD_PIN_STRENGTH_UNBLOCK CM_WSTR("PIN Strength Unblock")
#define CP_PARENT_WINDOW             CM_WSTR("Parent Window")      /* HWND, W */
#define CP_PIN_CONTEXT_STRING        CM_WSTR("PIN Context String") /* UTF-16 text, W */
#define CP_KEY_IMPORT_SUPPORT        CM_WSTR("Key Import Support") /* DWORD, R. v7. */
#define CP_ENUM_ALGORITHMS           CM_WSTR("Algorithms")         /* UTF-16 multi-string, R. v7. */

/* values of CP_CARD_CACHE_MODE: how long the caller may cache card data */
#define CP_CACHE_MODE_GLOBAL_CACHE 1 /* across processes and sessions */
#define CP_CACHE_MODE_SESSION_ONLY 2 /* until the card is removed or the process ends */
#define CP_CACHE_MODE_NO_CACHE     3

/* ---- algorithm properties (CardGetAlgorithmProperty; R). v7. --------------------------------- */

#define CP_PADDING_SCHEMES CM_WSTR("Padding Schemes") /* DWORD of padding bits */
#define CP_CHAINING_MODES  CM_WSTR("Chaining Modes")  /* UTF-16 multi-string */

/* ---- key properties (CardGetKeyProperty, CardSetKeyProperty). v7. ---------------------------- */

#define CKP_CHAINING_MODE         CM_WSTR("ChainingMode") /* UTF-16 text */
#define CKP_INITIALIZATION_VECTOR CM_WSTR("IV")           /* one block */
#define CKP_BLOCK_LENGTH          CM_WSTR("BlockLength")  /* DWORD, bytes, R */

/* ============================================================================================== *
 * Types
 * ============================================================================================== */

typedef struct _CARD_DATA CARD_DATA, *PCARD_DATA;

/* A symmetric key in the driver or on the card; 0 is never valid. v7. */
typedef ULONG_PTR CARD_KEY_HANDLE, *PCARD_KEY_HANDLE;

typedef DWORD PIN_ID, *PPIN_ID;   /* a PIN: 0 to MAX_PINS - 1. v6. */
typedef DWORD PIN_SET, *PPIN_SET; /* a set of PINs: bit n = PIN_ID n. v6. */

/* Who may create and delete files in a directory. */
typedef enum {
    InvalidDirAc = 0,
    UserCreateDeleteDirAc = 1, /* user and administrator */
    AdminCreateDeleteDirAc = 2 /* administrator */
} CARD_DIRECTORY_ACCESS_CONDITION;

/* Who may read, write and execute a file. */
typedef enum {
    InvalidAc = 0,
    EveryoneReadUserWriteAc = 1,  /* everyone reads; user, administrator write */
    UserWriteExecuteAc = 2,       /* user writes, executes; administrator writes; nobody reads */
    EveryoneReadAdminWriteAc = 3, /* everyone reads; administrator writes */
    UnknownAc = 4,                /* an answer only: the card's condition is none of these */
    UserReadWriteAc = 5,          /* user and administrator read and write */
    AdminReadWriteAc = 6          /* administrator reads and writes */
} CARD_FILE_ACCESS_CONDITION;

/* What a PIN is. v6. */
typedef enum {
    AlphaNumericPinType = 0,
    ExternalPinType = 1,          /* entered on the reader or the card, or biometric */
    ChallengeResponsePinType = 2, /* a key: CardGetChallengeEx, then CardAuthenticateEx */
    EmptyPinType = 3              /* nothing to enter */
} SECRET_TYPE;

/* What a PIN is for: decides the wording shown to the user. v6. */
typedef enum {
    AuthenticationPin = 0,
    DigitalSignaturePin = 1,
    EncryptionPin = 2,
    NonRepudiationPin = 3,
    AdministratorPin = 4,
    PrimaryCardPin = 5,
    UnblockOnlyPin = 6 /* PUK. v7, also seen by late v6 callers. */
} SECRET_PURPOSE;

/* How long the caller may remember a PIN. v6. */
typedef enum {
    PinCacheNormal = 0,
    PinCacheTimed = 1,       /* for dwPinCachePolicyInfo seconds */
    PinCacheNone = 2,        /* not at all, but the card may stay authenticated */
    PinCacheAlwaysPrompt = 3 /* ask for every use. v7, also seen by late v6 callers. */
} PIN_CACHE_POLICY_TYPE;

/* ---- records on the card (little-endian, no padding) ----------------------------------------- */

/* The file cardcf, 6 bytes: counters by which a caller sees that its cache is stale. */
typedef struct _CARD_CACHE_FILE_FORMAT {
    BYTE bVersion;             /* CARD_CACHE_FILE_CURRENT_VERSION */
    BYTE bPinsFreshness;       /* grows when a PIN changes */
    WORD wContainersFreshness; /* grows when a container changes */
    WORD wFilesFreshness;      /* grows when a file changes */
} CARD_CACHE_FILE_FORMAT, *PCARD_CACHE_FILE_FORMAT;

/* One record of cmapfile, 86 bytes; the record number is the container index. */
typedef struct _CONTAINER_MAP_RECORD {
    WCHAR wszGuid[MAX_CONTAINER_NAME_LEN + 1]; /* container name, terminated */
    BYTE bFlags;                               /* CONTAINER_MAP_* */
    BYTE bReserved;                            /* 0 */
    WORD wSigKeySizeBits;                      /* 0 = no signature key */
    WORD wKeyExchangeKeySizeBits;              /* 0 = no key exchange key */
} CONTAINER_MAP_RECORD, *PCONTAINER_MAP_RECORD;

/* ---- answers about the card ------------------------------------------------------------------ */

/* CardQueryCapabilities, CP_CARD_CAPABILITIES. */
typedef struct _CARD_CAPABILITIES {
    DWORD dwVersion;              /* in, out: 1 */
    BOOL fCertificateCompression; /* out: TRUE = the driver compresses certificate files itself */
    BOOL fKeyGen;                 /* out: TRUE = the card makes keys */
} CARD_CAPABILITIES, *PCARD_CAPABILITIES;

/* Part of PIN_INFO. v6. */
typedef struct _PIN_CACHE_POLICY {
    DWORD dwVersion; /* 6 */
    PIN_CACHE_POLICY_TYPE PinCachePolicyType;
    DWORD dwPinCachePolicyInfo; /* seconds for PinCacheTimed, else not used */
} PIN_CACHE_POLICY, *PPIN_CACHE_POLICY;

/* CP_CARD_PIN_INFO. Any version but 6 on entry: ERROR_REVISION_MISMATCH [practice]. v6. */
typedef struct _PIN_INFO {
    DWORD dwVersion; /* in, out: 6 */
    SECRET_TYPE PinType;
    SECRET_PURPOSE PinPurpose;
    PIN_SET dwChangePermission;  /* any one of these PINs may change this one */
    PIN_SET dwUnblockPermission; /* any one of these may unblock it; its own bit does not count */
    PIN_CACHE_POLICY PinCachePolicy;
    DWORD dwFlags; /* PIN_INFO_REQUIRE_SECURE_ENTRY or 0 */
} PIN_INFO, *PPIN_INFO;

/*
 * CardGetContainerInfo, CCP_CONTAINER_INFO: the public keys of a container. The driver allocates
 * both buffers; a slot without key has NULL and 0. RSA: PUBLICKEYBLOB (BLOBHEADER, RSAPUBKEY,
 * modulus, little-endian). ECC: BCRYPT_ECCKEY_BLOB, X, Y (big-endian). [certification 2.4.2.3]
 */
typedef struct _CONTAINER_INFO {
    DWORD dwVersion;        /* in, out: 1 */
    DWORD dwReserved;       /* not used */
    DWORD cbSigPublicKey;   /* out */
    PBYTE pbSigPublicKey;   /* out, free with pfnCspFree */
    DWORD cbKeyExPublicKey; /* out */
    PBYTE pbKeyExPublicKey; /* out, free with pfnCspFree */
} CONTAINER_INFO, *PCONTAINER_INFO;

/* CardGetFileInfo. */
typedef struct _CARD_FILE_INFO {
    DWORD dwVersion;  /* in, out: 1 */
    DWORD cbFileSize; /* out: bytes written so far, not the bytes reserved */
    CARD_FILE_ACCESS_CONDITION AccessCondition; /* out */
} CARD_FILE_INFO, *PCARD_FILE_INFO;

/* CardQueryFreeSpace, CP_CARD_FREE_SPACE. Any number may be CARD_DATA_VALUE_UNKNOWN. */
typedef struct _CARD_FREE_SPACE_INFO {
    DWORD dwVersion; /* in, out: 1 */
    DWORD dwBytesAvailable;
    DWORD dwKeyContainersAvailable; /* containers which can still be made */
    DWORD dwMaxKeyContainers;       /* container indexes go from 0 to this number - 1 */
} CARD_FREE_SPACE_INFO, *PCARD_FREE_SPACE_INFO;

/* CardQueryKeySizes, CP_CARD_KEYSIZES: lengths in bits for one key specification. */
typedef struct _CARD_KEY_SIZES {
    DWORD dwVersion; /* in, out: 1 */
    DWORD dwMinimumBitlen;
    DWORD dwDefaultBitlen;
    DWORD dwMaximumBitlen;
    DWORD dwIncrementalBitlen;
} CARD_KEY_SIZES, *PCARD_KEY_SIZES;

/* ---- cryptographic operations ---------------------------------------------------------------- */

/*
 * CardRSADecrypt, PFN_CSP_UNPAD_DATA. pbData holds the ciphertext on entry and the result on
 * return, both little-endian: the bytes of the message come back in reverse order too. [practice]
 */
typedef struct _CARD_RSA_DECRYPT_INFO {
    DWORD dwVersion; /* in: 1 or 2; see CardRSADecrypt */
    BYTE bContainerIndex;
    DWORD dwKeySpec; /* AT_SIGNATURE or AT_KEYEXCHANGE */
    PBYTE pbData;    /* in, out */
    DWORD cbData;    /* in: modulus length; out: bytes of the result */
    /* version 2 only, v7 */
    LPVOID pPaddingInfo; /* as dwPaddingType says */
    DWORD dwPaddingType; /* CARD_PADDING_NONE, _PKCS1 or _OAEP */
} CARD_RSA_DECRYPT_INFO, *PCARD_RSA_DECRYPT_INFO;

/*
 * CardSignData, PFN_CSP_PAD_DATA. pbData is the digest in natural order; an RSA signature is
 * little-endian, an ECDSA signature is r then s, big-endian, each of the field length. [practice]
 */
typedef struct _CARD_SIGNING_INFO {
    DWORD dwVersion; /* in: 1 or 2 */
    BYTE bContainerIndex;
    DWORD dwKeySpec;      /* AT_* */
    DWORD dwSigningFlags; /* CRYPT_NOHASHOID, CARD_BUFFER_SIZE_ONLY, CARD_PADDING_INFO_PRESENT */
    ALG_ID aiHashAlg;     /* CALG_*, 0 = no DigestInfo; used without padding members */
    PBYTE pbData;         /* in */
    DWORD cbData;
    PBYTE pbSignedData; /* out, free with pfnCspFree */
    DWORD cbSignedData; /* out */
    /* version 2 only, and only with CARD_PADDING_INFO_PRESENT */
    LPVOID pPaddingInfo; /* as dwPaddingType says */
    DWORD dwPaddingType; /* CARD_PADDING_NONE, _PKCS1 or _PSS */
} CARD_SIGNING_INFO, *PCARD_SIGNING_INFO;

/* CardConstructDHAgreement. */
typedef struct _CARD_DH_AGREEMENT_INFO {
    DWORD dwVersion; /* in: 2 */
    BYTE bContainerIndex;
    DWORD dwFlags;              /* 0 */
    DWORD dwPublicKey;          /* bytes at pbPublicKey, despite its name */
    PBYTE pbPublicKey;          /* in: BCRYPT_ECCKEY_BLOB, X, Y of the other side */
    PBYTE pbReserved;           /* not used */
    DWORD cbReserved;           /* not used */
    BYTE bSecretAgreementIndex; /* out: names the shared secret in this context */
} CARD_DH_AGREEMENT_INFO, *PCARD_DH_AGREEMENT_INFO;

/* CardDeriveKey. v5. */
typedef struct _CARD_DERIVE_KEY {
    DWORD dwVersion; /* in: 1 or 2; v7 callers may pass 1 */
    DWORD dwFlags;   /* KDF_USE_SECRET_AS_HMAC_KEY_FLAG, CARD_BUFFER_SIZE_ONLY,
                        CARD_RETURN_KEY_HANDLE */
    LPWSTR pwszKDF;  /* in: BCRYPT_KDF_* */
    BYTE bSecretAgreementIndex;
    PVOID pParameterList; /* in, optional: BCryptBufferDesc with KDF_* buffers */
    PBYTE pbDerivedKey;   /* out, free with pfnCspFree */
    DWORD cbDerivedKey;   /* out */
    /* version 2 only, v7, for CARD_RETURN_KEY_HANDLE */
    LPWSTR pwszAlgId;     /* in: algorithm of the key */
    DWORD dwKeyLen;       /* in: its length */
    CARD_KEY_HANDLE hKey; /* out: release with CardDestroyKey */
} CARD_DERIVE_KEY, *PCARD_DERIVE_KEY;

/* ---- secure key injection. v7. --------------------------------------------------------------- */

/*
 * Four structures below end in data of variable length. Their sizeof is the offset of that data.
 * Flexible array members are C11; C++ compilers have them as an extension.
 */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

/* One piece of ciphertext. */
typedef struct _CARD_ENCRYPTED_DATA {
    PBYTE pbEncryptedData;
    DWORD cbEncryptedData;
} CARD_ENCRYPTED_DATA, *PCARD_ENCRYPTED_DATA;

/* Plaintext of CSF_IMPORT_KEYPAIR: the arguments of CardCreateContainerEx. */
typedef struct _CARD_IMPORT_KEYPAIR {
    DWORD dwVersion; /* 7 */
    BYTE bContainerIndex;
    PIN_ID PinId;
    DWORD dwKeySpec; /* AT_* */
    DWORD dwKeySize; /* bits */
    DWORD cbInput;
    BYTE pbInput[]; /* cbInput bytes: key blob as for CardCreateContainer */
} CARD_IMPORT_KEYPAIR, *PCARD_IMPORT_KEYPAIR;

/* Plaintext of CSF_CHANGE_AUTHENTICATOR: the arguments of CardChangeAuthenticatorEx. */
typedef struct _CARD_CHANGE_AUTHENTICATOR {
    DWORD dwVersion; /* 7 */
    DWORD dwFlags;   /* PIN_CHANGE_FLAG_* */
    PIN_ID dwAuthenticatingPinId;
    DWORD cbAuthenticatingPinData;
    PIN_ID dwTargetPinId;
    DWORD cbTargetData;
    DWORD cRetryCount;
    BYTE pbData[]; /* cbAuthenticatingPinData bytes, then cbTargetData bytes */
} CARD_CHANGE_AUTHENTICATOR, *PCARD_CHANGE_AUTHENTICATOR;

/* Answer to CSF_CHANGE_AUTHENTICATOR. */
typedef struct _CARD_CHANGE_AUTHENTICATOR_RESPONSE {
    DWORD dwVersion; /* 7 */
    DWORD cAttemptsRemaining;
} CARD_CHANGE_AUTHENTICATOR_RESPONSE, *PCARD_CHANGE_AUTHENTICATOR_RESPONSE;

/* Plaintext of CSF_AUTHENTICATE: the arguments of CardAuthenticateEx. */
typedef struct _CARD_AUTHENTICATE {
    DWORD dwVersion; /* 7 */
    DWORD dwFlags;   /* as for CardAuthenticateEx */
    PIN_ID PinId;
    DWORD cbPinData;
    BYTE pbPinData[]; /* cbPinData bytes */
} CARD_AUTHENTICATE, *PCARD_AUTHENTICATE;

/* Answer to CSF_AUTHENTICATE. */
typedef struct _CARD_AUTHENTICATE_RESPONSE {
    DWORD dwVersion; /* 7 */
    DWORD cbSessionPin;
    DWORD cAttemptsRemaining;
    BYTE pbSessionPin[]; /* cbSessionPin bytes */
} CARD_AUTHENTICATE_RESPONSE, *PCARD_AUTHENTICATE_RESPONSE;

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/* ============================================================================================== *
 * Callbacks: what the caller gives to the driver
 * ============================================================================================== */

/*
 * The three memory callbacks are required. Any other may be NULL, also at the time of
 * CardAcquireContext and set later: do not copy them, test for NULL when using them.
 * [certification 2.3.1.1]
 */

/*
 * v5. Tells which agreement of this context a KDF_SECRET_HANDLE buffer means: hSecretAgreement is
 * the content of that buffer, *pbSecretAgreementIndex receives the index. dwFlags is 0.
 */
typedef DWORD(WINAPI *PFN_CSP_GET_DH_AGREEMENT)(PCARD_DATA pCardData, PVOID hSecretAgreement,
                                                BYTE *pbSecretAgreementIndex, DWORD dwFlags);

/* Memory of Size bytes, NULL if there is none. */
typedef LPVOID(WINAPI *PFN_CSP_ALLOC)(SIZE_T Size);

/*
 * Changes the size of a block from PFN_CSP_ALLOC and keeps what fits. NULL if there is no memory;
 * the old block stays valid then.
 */
typedef LPVOID(WINAPI *PFN_CSP_REALLOC)(LPVOID Address, SIZE_T Size);

/* Frees a block from PFN_CSP_ALLOC or PFN_CSP_REALLOC. */
typedef void(WINAPI *PFN_CSP_FREE)(LPVOID Address);

/*
 * Puts a copy of cbData bytes into the caller's cache under the tag wszTag (UTF-16). dwFlags is 0.
 */
typedef DWORD(WINAPI *PFN_CSP_CACHE_ADD_FILE)(PVOID pvCacheContext, LPWSTR wszTag, DWORD dwFlags,
                                              PBYTE pbData, DWORD cbData);

/*
 * Looks a tag up in the caller's cache. 0: found, *ppbData is the driver's to free with
 * pfnCspFree. Anything else: not cached, or stale. dwFlags is 0.
 */
typedef DWORD(WINAPI *PFN_CSP_CACHE_LOOKUP_FILE)(PVOID pvCacheContext, LPWSTR wszTag, DWORD dwFlags,
                                                 PBYTE *ppbData, PDWORD pcbData);

/* Removes a tag from the caller's cache. dwFlags is 0. */
typedef DWORD(WINAPI *PFN_CSP_CACHE_DELETE_FILE)(PVOID pvCacheContext, LPWSTR wszTag,
                                                 DWORD dwFlags);

/*
 * Pads the digest of pSigningInfo for an RSA modulus of cbMaxWidth bytes, by the padding the
 * structure asks for: for cards which only do the raw operation. The result is little-endian; the
 * driver frees it with pfnCspFree. [certification 2.4.3.5]
 */
typedef DWORD(WINAPI *PFN_CSP_PAD_DATA)(PCARD_SIGNING_INFO pSigningInfo, DWORD cbMaxWidth,
                                        DWORD *pcbPaddedBuffer, PBYTE *ppbPaddedBuffer);

/*
 * v7. Removes the padding from pRSADecryptInfo->pbData after a raw decryption. Needs a structure
 * of version 2, else ERROR_REVISION_MISMATCH. The driver frees the result with pfnCspFree. OAEP
 * works with the KSP only. [specification]
 */
typedef DWORD(WINAPI *PFN_CSP_UNPAD_DATA)(PCARD_RSA_DECRYPT_INFO pRSADecryptInfo,
                                          DWORD *pcbUnpaddedData, PBYTE *ppbUnpaddedData);

/* ============================================================================================== *
 * Functions: what the driver gives to the caller
 * ============================================================================================== */

/* ---- context --------------------------------------------------------------------------------- */

/*
 * Opens a context: checks that the card is one the driver knows, agrees on a version and fills
 * pCardData.
 *
 * On entry the members marked C in CARD_DATA are set; dwVersion is the newest version the caller
 * knows. On return dwVersion is the lower of that and the driver's newest, and every pointer of
 * that version is set. Only these may be NULL: pfnCardDeauthenticate, pfnCardRSADecrypt (no RSA),
 * pfnCardConstructDHAgreement, pfnCardDeriveKey and pfnCardDestroyDHAgreement (no ECC). dwFlags is
 * 0 or, in v7, CARD_SECURE_KEY_INJECTION_NO_CARD_MODE: then ATR and handles are not set and only
 * the functions of secure key injection work.
 *
 * Many contexts may live at once, on one card and on several, in several threads.
 *
 * Errors, in the order of the tests: SCARD_E_INVALID_PARAMETER (pCardData, dwFlags),
 * ERROR_REVISION_MISMATCH (dwVersion below the driver's oldest), SCARD_E_INVALID_PARAMETER (ATR,
 * card name), SCARD_E_UNKNOWN_CARD (ATR not known), SCARD_E_INVALID_PARAMETER (memory callbacks),
 * SCARD_E_INVALID_HANDLE, SCARD_E_UNKNOWN_CARD (the card is not what its ATR says). [certification
 * 2.3.1.1]
 */
typedef DWORD(WINAPI *PFN_CARD_ACQUIRE_CONTEXT)(PCARD_DATA pCardData, DWORD dwFlags);

/*
 * Closes a context: erases keys and secrets, frees what the driver allocated. Other contexts go
 * on. May come without a transaction, after the card is gone, and while the process unloads the
 * driver; so it does not talk to the card. [certification 2.3.1.2]
 */
typedef DWORD(WINAPI *PFN_CARD_DELETE_CONTEXT)(PCARD_DATA pCardData);

/* ---- capabilities ---------------------------------------------------------------------------- */

/*
 * Tells what the card can do. ERROR_REVISION_MISMATCH: dwVersion above 1. [certification 2.4.1.1]
 */
typedef DWORD(WINAPI *PFN_CARD_QUERY_CAPABILITIES)(PCARD_DATA pCardData,
                                                   PCARD_CAPABILITIES pCardCapabilities);

/* ---- containers ------------------------------------------------------------------------------ */

/*
 * Deletes both keys of a container, not its certificates nor its cmapfile record. Success also
 * when there is no such container. dwReserved is 0. The user or the administrator must be
 * authenticated, else SCARD_W_SECURITY_VIOLATION. [certification 2.4.2.2]
 */
typedef DWORD(WINAPI *PFN_CARD_DELETE_CONTAINER)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                 DWORD dwReserved);

/*
 * Makes or imports a key. An existing key in the slot of dwKeySpec is replaced, the other slot
 * stays. The driver does not touch cmapfile.
 *
 * dwFlags: CARD_CREATE_CONTAINER_KEY_GEN or _KEY_IMPORT. dwKeySize: bits for RSA, 0 for ECC.
 * pbKeyData (import only, else not used): RSA a PRIVATEKEYBLOB, ECC a BCRYPT_ECCKEY_BLOB with X,
 * Y, d; its length follows from its header.
 *
 * The user must be authenticated, else SCARD_W_SECURITY_VIOLATION. SCARD_E_UNSUPPORTED_FEATURE: an
 * operation or key the card does not have. SCARD_E_NO_MEMORY: no room. [certification 2.4.2.1]
 */
typedef DWORD(WINAPI *PFN_CARD_CREATE_CONTAINER)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                 DWORD dwFlags, DWORD dwKeySpec, DWORD dwKeySize,
                                                 PBYTE pbKeyData);

/*
 * Tells the public keys of a container; anybody may ask. dwFlags is 0. Errors, in the order of the
 * tests: SCARD_E_NO_KEY_CONTAINER, SCARD_E_INVALID_PARAMETER (dwFlags), ERROR_REVISION_MISMATCH
 * (dwVersion above 1). [certification 2.4.2.3]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_CONTAINER_INFO)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                   DWORD dwFlags, PCONTAINER_INFO pContainerInfo);

/*
 * v7. CardCreateContainer, with the PIN which guards the keys. SCARD_E_INVALID_PARAMETER: the card
 * has no such PIN. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_CREATE_CONTAINER_EX)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                    DWORD dwFlags, DWORD dwKeySpec, DWORD dwKeySize,
                                                    PBYTE pbKeyData, PIN_ID PinId);

/* ---- authentication -------------------------------------------------------------------------- */

/*
 * Presents a PIN (bytes without terminator) for "user" or "admin".
 *
 * SCARD_W_WRONG_CHV: wrong, *pcAttemptsRemaining tries are left, also when that was the last one.
 * SCARD_W_CHV_BLOCKED: no tries left. After any failure that principal is not authenticated.
 * *pcAttemptsRemaining is CARD_DATA_VALUE_UNKNOWN when the card cannot tell.
 * SCARD_E_INVALID_PARAMETER: the user name, or a length the PIN cannot have; no try is used up
 * then. [certification 2.3.2.1]
 */
typedef DWORD(WINAPI *PFN_CARD_AUTHENTICATE_PIN)(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                                 PBYTE pbPin, DWORD cbPin,
                                                 PDWORD pcAttemptsRemaining);

/*
 * Gets a challenge (a multiple of 8 bytes, at least 8) for the administrator key. It is good for
 * the very next command only. The caller frees it. [certification 2.3.2.2]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_CHALLENGE)(PCARD_DATA pCardData, PBYTE *ppbChallengeData,
                                              PDWORD pcbChallengeData);

/*
 * Authenticates the administrator with the response to the challenge just got. Tries and errors as
 * for CardAuthenticatePin; without a fresh challenge SCARD_W_WRONG_CHV. [certification 2.3.2.3]
 */
typedef DWORD(WINAPI *PFN_CARD_AUTHENTICATE_CHALLENGE)(PCARD_DATA pCardData, PBYTE pbResponseData,
                                                       DWORD cbResponseData,
                                                       PDWORD pcAttemptsRemaining);

/*
 * Sets a new PIN for pwszUserId after checking the administrator's authenticating data, in one
 * step; afterwards nobody is authenticated, whatever the result. dwFlags:
 * CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE. cRetryCount: new number of tries, 0 = leave it.
 * SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED: about the authenticating data. [certification 2.3.3.1]
 */
typedef DWORD(WINAPI *PFN_CARD_UNBLOCK_PIN)(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                            PBYTE pbAuthenticationData, DWORD cbAuthenticationData,
                                            PBYTE pbNewPinData, DWORD cbNewPinData,
                                            DWORD cRetryCount, DWORD dwFlags);

/*
 * Changes a secret of pwszUserId; afterwards that principal is authenticated. dwFlags says what
 * the secrets are: CARD_AUTHENTICATE_PIN_PIN, two PINs; CARD_AUTHENTICATE_PIN_CHALLENGE_RESPONSE,
 * a response and a new key. cRetryCount: new number of tries, 0 = leave it; not settable:
 * SCARD_E_INVALID_PARAMETER. Wrong current secret: as for CardAuthenticatePin. A new secret
 * against the card's rules: SCARD_E_INVALID_PARAMETER. [certification 2.3.3.2]
 */
typedef DWORD(WINAPI *PFN_CARD_CHANGE_AUTHENTICATOR)(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                                     PBYTE pbCurrentAuthenticator,
                                                     DWORD cbCurrentAuthenticator,
                                                     PBYTE pbNewAuthenticator,
                                                     DWORD cbNewAuthenticator, DWORD cRetryCount,
                                                     DWORD dwFlags, PDWORD pcAttemptsRemaining);

/*
 * Ends the authentication of "user" or "admin" without a card reset. dwFlags is 0. The pointer may
 * be NULL; then, and after any failure, the caller resets the card. [certification 2.3.2.4]
 */
typedef DWORD(WINAPI *PFN_CARD_DEAUTHENTICATE)(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                               DWORD dwFlags);

/* ---- authentication by PIN number. v6. ------------------------------------------------------- */

/*
 * v6. CardGetChallenge for any PIN of ChallengeResponsePinType. dwFlags is 0.
 * SCARD_E_INVALID_PARAMETER: a PIN of another type; SCARD_E_UNSUPPORTED_FEATURE: the card has no
 * such PIN at all. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_CHALLENGE_EX)(PCARD_DATA pCardData, PIN_ID PinId,
                                                 PBYTE *ppbChallengeData, PDWORD pcbChallengeData,
                                                 DWORD dwFlags);

/*
 * v6. Authenticates with any kind of PIN. pbPinData is the PIN, the response to a challenge, or a
 * session PIN; NULL and 0 for ExternalPinType.
 *
 * With CARD_AUTHENTICATE_GENERATE_SESSION_PIN the PIN is checked, a session PIN is returned (the
 * caller frees it) and the card is not left authenticated; ppbSessionPin and pcbSessionPin are
 * required then, optional otherwise. Without session PINs those flags give
 * SCARD_E_UNSUPPORTED_FEATURE. Tries and errors as for CardAuthenticatePin;
 * SCARD_E_INVALID_PARAMETER: no such PIN; SCARD_W_CANCELLED_BY_USER: given up at the PIN pad.
 * [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_AUTHENTICATE_EX)(PCARD_DATA pCardData, PIN_ID PinId, DWORD dwFlags,
                                                PBYTE pbPinData, DWORD cbPinData,
                                                PBYTE *ppbSessionPin, PDWORD pcbSessionPin,
                                                PDWORD pcAttemptsRemaining);

/*
 * v6. Changes or unblocks a PIN. dwFlags: one of PIN_CHANGE_FLAG_*, and CARD_PIN_SILENT_CONTEXT.
 * The authenticating PIN must be in dwChangePermission or dwUnblockPermission of the target's
 * PIN_INFO, else SCARD_W_SECURITY_VIOLATION; to unblock, the two PINs must differ. cRetryCount:
 * new number of tries, 0 = leave it. Attempts and wrong secrets are about the authenticating PIN.
 * [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_CHANGE_AUTHENTICATOR_EX)(
    PCARD_DATA pCardData, DWORD dwFlags, PIN_ID dwAuthenticatingPinId,
    PBYTE pbAuthenticatingPinData, DWORD cbAuthenticatingPinData, PIN_ID dwTargetPinId,
    PBYTE pbTargetData, DWORD cbTargetData, DWORD cRetryCount, PDWORD pcAttemptsRemaining);

/*
 * v6. Ends the authentication of the PINs in a set (a PIN_SET, although the parameter is called
 * PinId); bit 0 does not count, PINs the card does not have neither. dwFlags is 0. After any
 * failure the caller resets the card. [specification]
 */
typedef DWORD(WINAPI *PFN_CARD_DEAUTHENTICATE_EX)(PCARD_DATA pCardData, PIN_SET PinId,
                                                  DWORD dwFlags);

/* ---- directories and files ------------------------------------------------------------------- */

/*
 * Makes a directory in the root. Errors: SCARD_E_INVALID_PARAMETER (name, access condition),
 * SCARD_W_SECURITY_VIOLATION, ERROR_FILE_EXISTS, SCARD_E_NO_MEMORY (no room). [certification
 * 2.3.4.1]
 */
typedef DWORD(WINAPI *PFN_CARD_CREATE_DIRECTORY)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                                 CARD_DIRECTORY_ACCESS_CONDITION AccessCondition);

/*
 * Deletes an empty directory. Errors, in the order of the tests: SCARD_E_INVALID_PARAMETER (name),
 * SCARD_W_SECURITY_VIOLATION (nobody authenticated), SCARD_E_DIR_NOT_FOUND, ERROR_DIR_NOT_EMPTY,
 * SCARD_W_SECURITY_VIOLATION (not this principal). [certification 2.3.4.2]
 */
typedef DWORD(WINAPI *PFN_CARD_DELETE_DIRECTORY)(PCARD_DATA pCardData, LPSTR pszDirectoryName);

/*
 * Makes a file and reserves cbInitialCreationSize bytes for it; its size is 0 until written.
 * Errors: SCARD_E_DIR_NOT_FOUND, SCARD_W_SECURITY_VIOLATION, ERROR_FILE_EXISTS,
 * SCARD_E_INVALID_PARAMETER (names, access condition, more bytes than are free). [certification
 * 2.3.4.4]
 */
typedef DWORD(WINAPI *PFN_CARD_CREATE_FILE)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                            LPSTR pszFileName, DWORD cbInitialCreationSize,
                                            CARD_FILE_ACCESS_CONDITION AccessCondition);

/*
 * Reads a whole file into a new buffer, which the caller frees. *pcbData on entry does not matter.
 * dwFlags is 0. Errors: SCARD_E_DIR_NOT_FOUND, SCARD_E_FILE_NOT_FOUND, SCARD_W_SECURITY_VIOLATION.
 * [certification 2.3.4.3]
 */
typedef DWORD(WINAPI *PFN_CARD_READ_FILE)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                          LPSTR pszFileName, DWORD dwFlags, PBYTE *ppbData,
                                          PDWORD pcbData);

/*
 * Replaces the content of an existing file, as a whole or not at all. dwFlags is 0. Errors:
 * SCARD_E_DIR_NOT_FOUND, SCARD_E_FILE_NOT_FOUND, SCARD_W_SECURITY_VIOLATION,
 * SCARD_E_WRITE_TOO_MANY (does not fit). [certification 2.3.4.6]
 */
typedef DWORD(WINAPI *PFN_CARD_WRITE_FILE)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                           LPSTR pszFileName, DWORD dwFlags, PBYTE pbData,
                                           DWORD cbData);

/*
 * Deletes a file. dwFlags is 0. Errors: SCARD_E_DIR_NOT_FOUND, SCARD_E_FILE_NOT_FOUND,
 * SCARD_W_SECURITY_VIOLATION. [certification 2.3.4.7]
 */
typedef DWORD(WINAPI *PFN_CARD_DELETE_FILE)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                            LPSTR pszFileName, DWORD dwFlags);

/*
 * Lists the files of a directory as a multi-string: each name ends in a NUL, one more NUL ends the
 * list; *pdwcbFileName counts all bytes. The caller frees it. dwFlags is 0. SCARD_E_DIR_NOT_FOUND:
 * no such directory, and also an empty one. [certification 2.3.4.8]
 */
typedef DWORD(WINAPI *PFN_CARD_ENUM_FILES)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                           LPSTR *pmszFileNames, LPDWORD pdwcbFileName,
                                           DWORD dwFlags);

/*
 * Tells size and access condition of a file the caller may read. Errors: SCARD_E_DIR_NOT_FOUND,
 * SCARD_E_FILE_NOT_FOUND, ERROR_REVISION_MISMATCH (dwVersion above 1), SCARD_W_SECURITY_VIOLATION.
 * [certification 2.3.4.5]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_FILE_INFO)(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                              LPSTR pszFileName, PCARD_FILE_INFO pCardFileInfo);

/*
 * Tells the room left; estimates are allowed. dwFlags is 0. ERROR_REVISION_MISMATCH: dwVersion
 * above 1. [certification 2.3.4.9]
 */
typedef DWORD(WINAPI *PFN_CARD_QUERY_FREE_SPACE)(PCARD_DATA pCardData, DWORD dwFlags,
                                                 PCARD_FREE_SPACE_INFO pCardFreeSpaceInfo);

/* ---- cryptography ---------------------------------------------------------------------------- */

/*
 * Tells the key lengths for dwKeySpec (AT_*). dwFlags is 0. SCARD_E_INVALID_PARAMETER: no such key
 * specification; ERROR_REVISION_MISMATCH: dwVersion above 1; SCARD_E_UNSUPPORTED_FEATURE: the card
 * has none of these. [certification 2.4.3.6]
 */
typedef DWORD(WINAPI *PFN_CARD_QUERY_KEY_SIZES)(PCARD_DATA pCardData, DWORD dwKeySpec,
                                                DWORD dwFlags, PCARD_KEY_SIZES pKeySizes);

/*
 * Signs a digest. The result is allocated by the driver; with CARD_BUFFER_SIZE_ONLY only
 * cbSignedData is set and pbSignedData is NULL. Without CARD_PADDING_INFO_PRESENT an RSA signature
 * is PKCS#1 v1.5 with the DigestInfo of aiHashAlg.
 *
 * Errors, in the order of the tests: ERROR_REVISION_MISMATCH (dwVersion),
 * SCARD_E_INVALID_PARAMETER (pbData), SCARD_E_NO_KEY_CONTAINER, SCARD_E_INVALID_PARAMETER (key
 * specification, flags, aiHashAlg not a digest), SCARD_E_UNSUPPORTED_FEATURE (digest or padding),
 * SCARD_W_SECURITY_VIOLATION. [certification 2.4.3.5]
 */
typedef DWORD(WINAPI *PFN_CARD_SIGN_DATA)(PCARD_DATA pCardData, PCARD_SIGNING_INFO pInfo);

/*
 * Decrypts in place. Version 1 is the raw operation; version 2 also removes the padding and is
 * required in a v7 context.
 *
 * Errors, in the order of the tests: ERROR_REVISION_MISMATCH (dwVersion),
 * SCARD_E_NO_KEY_CONTAINER, SCARD_E_INVALID_PARAMETER (key specification, pbData),
 * SCARD_E_INSUFFICIENT_BUFFER (cbData below the modulus length), SCARD_W_SECURITY_VIOLATION. Wrong
 * padding must not be told apart by time or code. [certification 2.4.3.1]
 */
typedef DWORD(WINAPI *PFN_CARD_RSA_DECRYPT)(PCARD_DATA pCardData, PCARD_RSA_DECRYPT_INFO pInfo);

/*
 * Computes the shared secret of an AT_ECDHE_* key and the other side's public key, and keeps it
 * until CardDestroyDHAgreement, CardDeleteContext or a card reset. It belongs to this context
 * only. Errors: ERROR_REVISION_MISMATCH (dwVersion not 2), SCARD_E_NO_KEY_CONTAINER,
 * SCARD_E_INVALID_PARAMETER (flags, public key), SCARD_W_SECURITY_VIOLATION, SCARD_E_NO_MEMORY
 * (too many secrets). [certification 2.4.3.2]
 */
typedef DWORD(WINAPI *PFN_CARD_CONSTRUCT_DH_AGREEMENT)(PCARD_DATA pCardData,
                                                       PCARD_DH_AGREEMENT_INFO pAgreementInfo);

/*
 * v5. Derives key bytes, or with CARD_RETURN_KEY_HANDLE a key, from a shared secret. With
 * CARD_BUFFER_SIZE_ONLY only cbDerivedKey is set. Errors: ERROR_REVISION_MISMATCH (dwVersion),
 * SCARD_E_INVALID_PARAMETER (function name, flags, secret index, parameter list),
 * SCARD_E_UNSUPPORTED_FEATURE (key handles), SCARD_W_SECURITY_VIOLATION. [certification 2.4.3.3]
 */
typedef DWORD(WINAPI *PFN_CARD_DERIVE_KEY)(PCARD_DATA pCardData, PCARD_DERIVE_KEY pAgreementInfo);

/*
 * v5. Erases a shared secret. dwFlags is 0. SCARD_E_INVALID_PARAMETER: no such secret.
 * [certification 2.4.3.4]
 */
typedef DWORD(WINAPI *PFN_CARD_DESTROY_DH_AGREEMENT)(PCARD_DATA pCardData,
                                                     BYTE bSecretAgreementIndex, DWORD dwFlags);

/* ---- properties. v6. ------------------------------------------------------------------------- */

/*
 * v6. Reads a property CCP_* of a container. dwFlags is 0. ERROR_INSUFFICIENT_BUFFER: *pdwDataLen
 * bytes are needed. SCARD_E_INVALID_PARAMETER: no such property; SCARD_E_NO_KEY_CONTAINER: no such
 * container. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_CONTAINER_PROPERTY)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                       LPCWSTR wszProperty, PBYTE pbData,
                                                       DWORD cbData, PDWORD pdwDataLen,
                                                       DWORD dwFlags);

/*
 * v6. Writes a property CCP_* of a container. dwFlags is 0. SCARD_E_UNSUPPORTED_FEATURE: it cannot
 * be written; SCARD_W_SECURITY_VIOLATION: not authenticated. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_SET_CONTAINER_PROPERTY)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                       LPCWSTR wszProperty, PBYTE pbData,
                                                       DWORD cbDataLen, DWORD dwFlags);

/*
 * v6. Reads a property CP_* of the card. dwFlags: as noted at the name. ERROR_INSUFFICIENT_BUFFER:
 * *pdwDataLen bytes are needed. SCARD_E_INVALID_PARAMETER: no such property;
 * SCARD_E_UNSUPPORTED_FEATURE: this card cannot tell. A structure carries its dwVersion on entry.
 * [specification]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_PROPERTY)(PCARD_DATA pCardData, LPCWSTR wszProperty,
                                             PBYTE pbData, DWORD cbData, PDWORD pdwDataLen,
                                             DWORD dwFlags);

/*
 * v6. Writes a property CP_* of the card. dwFlags: as noted at the name.
 * SCARD_E_UNSUPPORTED_FEATURE: no such property, or it cannot be written;
 * SCARD_W_SECURITY_VIOLATION: not authenticated. pbData may be NULL for CP_PIN_CONTEXT_STRING, to
 * clear it. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_SET_PROPERTY)(PCARD_DATA pCardData, LPCWSTR wszProperty,
                                             PBYTE pbData, DWORD cbDataLen, DWORD dwFlags);

/* ---- secure key injection. v7. --------------------------------------------------------------- */

/*
 * v7. Takes a plain session key into the driver: pwszBlobType BCRYPT_KEY_DATA_BLOB, pwszAlgId
 * CARD_*_ALGORITHM. Works without a card. Release *phKey with CardDestroyKey. [specification,
 * codes by analogy]
 */
typedef DWORD(WINAPI *PFN_MD_IMPORT_SESSION_KEY)(PCARD_DATA pCardData, LPCWSTR pwszBlobType,
                                                 LPCWSTR pwszAlgId, PCARD_KEY_HANDLE phKey,
                                                 PBYTE pbInput, DWORD cbInput);

/*
 * v7. Encrypts the structure of a secure function (CSF_*) for the card, with the mode and
 * initialization vector set on hKey. cbInput is the structure and the data behind it. dwFlags: 0
 * or CARD_BLOCK_PADDING. Works without a card. The caller frees each pbEncryptedData, then the
 * array of *pcEncryptedData elements. SCARD_E_INVALID_HANDLE: hKey. [specification, codes by
 * analogy]
 */
typedef DWORD(WINAPI *PFN_MD_ENCRYPT_DATA)(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey,
                                           LPCWSTR pwszSecureFunction, PBYTE pbInput, DWORD cbInput,
                                           DWORD dwFlags, PCARD_ENCRYPTED_DATA *ppEncryptedData,
                                           PDWORD pcEncryptedData);

/*
 * v7. Takes a session key into the card. pbInput is the key blob encrypted to the RSA key of the
 * container; dwFlags is the padding, CARD_PADDING_*, with pPaddingInfo as that says (NULL but for
 * OAEP). Release *phKey with CardDestroyKey. SCARD_E_NO_KEY_CONTAINER, SCARD_W_SECURITY_VIOLATION,
 * SCARD_E_NO_MEMORY. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_IMPORT_SESSION_KEY)(PCARD_DATA pCardData, BYTE bContainerIndex,
                                                   LPVOID pPaddingInfo, LPCWSTR pwszBlobType,
                                                   LPCWSTR pwszAlgId, PCARD_KEY_HANDLE phKey,
                                                   PBYTE pbInput, DWORD cbInput, DWORD dwFlags);

/*
 * v7. A handle of a key both sides already share. Input and output data are the driver's own
 * matter; the caller frees *ppbOutput. Works without a card. Release *phKey with CardDestroyKey.
 * SCARD_E_UNSUPPORTED_FEATURE: there is no such key. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_SHARED_KEY_HANDLE)(PCARD_DATA pCardData, PBYTE pbInput,
                                                      DWORD cbInput, PBYTE *ppbOutput,
                                                      PDWORD pcbOutput, PCARD_KEY_HANDLE phKey);

/*
 * v7. Reads CP_PADDING_SCHEMES or CP_CHAINING_MODES of an algorithm. dwFlags is 0. Works without a
 * card. ERROR_INSUFFICIENT_BUFFER: *pdwDataLen bytes are needed. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_ALGORITHM_PROPERTY)(PCARD_DATA pCardData, LPCWSTR pwszAlgId,
                                                       LPCWSTR pwszProperty, PBYTE pbData,
                                                       DWORD cbData, PDWORD pdwDataLen,
                                                       DWORD dwFlags);

/*
 * v7. Reads a property CKP_* of a key. dwFlags is 0. Works without a card. SCARD_E_INVALID_HANDLE:
 * hKey; ERROR_INSUFFICIENT_BUFFER: *pdwDataLen bytes are needed. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_GET_KEY_PROPERTY)(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey,
                                                 LPCWSTR pwszProperty, PBYTE pbData, DWORD cbData,
                                                 PDWORD pdwDataLen, DWORD dwFlags);

/*
 * v7. Writes a property CKP_* of a key. dwFlags is 0. Works without a card.
 * SCARD_E_INVALID_HANDLE: hKey. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_SET_KEY_PROPERTY)(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey,
                                                 LPCWSTR pwszProperty, PBYTE pbInput, DWORD cbInput,
                                                 DWORD dwFlags);

/*
 * v7. Erases a key and ends its handle; a permanent shared key stays on the card.
 * SCARD_E_INVALID_HANDLE: hKey. Works without a card. [specification]
 */
typedef DWORD(WINAPI *PFN_CARD_DESTROY_KEY)(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey);

/*
 * v7. Has the card decrypt what MDEncryptData made and carry it out: CSF_IMPORT_KEYPAIR as
 * CardCreateContainerEx, CSF_AUTHENTICATE as CardAuthenticateEx, CSF_CHANGE_AUTHENTICATOR as
 * CardChangeAuthenticatorEx, with their errors. pbOutput receives CARD_AUTHENTICATE_RESPONSE or
 * CARD_CHANGE_AUTHENTICATOR_RESPONSE; ERROR_INSUFFICIENT_BUFFER: *pdwOutputLen bytes are needed,
 * nothing was done. SCARD_E_INVALID_HANDLE: hKey. [specification, codes by analogy]
 */
typedef DWORD(WINAPI *PFN_CARD_PROCESS_ENCRYPTED_DATA)(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey,
                                                       LPCWSTR pwszSecureFunction,
                                                       PCARD_ENCRYPTED_DATA pEncryptedData,
                                                       DWORD cEncryptedData, PBYTE pbOutput,
                                                       DWORD cbOutput, PDWORD pdwOutputLen,
                                                       DWORD dwFlags);

/* ============================================================================================== *
 * The context
 * ============================================================================================== */

/*
 * One context. The caller owns the memory and sets the members marked C before CardAcquireContext;
 * the driver sets those marked D. Each version appends a block. A caller which asks for version n
 * need not own memory beyond that block, so a driver writes nothing behind the block of the version
 * agreed on. Two members marked C lie among the driver's: leave them alone.
 *
 *   version   ends at (64 bit)   ends at (32 bit)
 *      4            328                164
 *      5            352                176
 *      6            416                208
 *      7            504                252
 */
struct _CARD_DATA {
    /* ---- version 4 ---- */
    DWORD dwVersion; /* C: newest version wanted; D: version agreed on, not above that */

    PBYTE pbAtr;         /* C: ATR of the card */
    DWORD cbAtr;         /* C: bytes, 2 to 33 */
    LPWSTR pwszCardName; /* C: name under which the card type is registered */

    PFN_CSP_ALLOC pfnCspAlloc;                       /* C */
    PFN_CSP_REALLOC pfnCspReAlloc;                   /* C */
    PFN_CSP_FREE pfnCspFree;                         /* C */
    PFN_CSP_CACHE_ADD_FILE pfnCspCacheAddFile;       /* C */
    PFN_CSP_CACHE_LOOKUP_FILE pfnCspCacheLookupFile; /* C */
    PFN_CSP_CACHE_DELETE_FILE pfnCspCacheDeleteFile; /* C */
    PVOID pvCacheContext;                            /* C: first argument of those three */
    PFN_CSP_PAD_DATA pfnCspPadData;                  /* C */

    /* C: connection to the card. The caller may change it between calls: read it each time. */
    SCARDCONTEXT hSCardCtx; /* may be 0 */
    SCARDHANDLE hScard;

    PVOID pvVendorSpecific; /* D: the driver's own data */

    PFN_CARD_DELETE_CONTEXT pfnCardDeleteContext;
    PFN_CARD_QUERY_CAPABILITIES pfnCardQueryCapabilities;
    PFN_CARD_DELETE_CONTAINER pfnCardDeleteContainer;
    PFN_CARD_CREATE_CONTAINER pfnCardCreateContainer;
    PFN_CARD_GET_CONTAINER_INFO pfnCardGetContainerInfo;
    PFN_CARD_AUTHENTICATE_PIN pfnCardAuthenticatePin;
    PFN_CARD_GET_CHALLENGE pfnCardGetChallenge;
    PFN_CARD_AUTHENTICATE_CHALLENGE pfnCardAuthenticateChallenge;
    PFN_CARD_UNBLOCK_PIN pfnCardUnblockPin;
    PFN_CARD_CHANGE_AUTHENTICATOR pfnCardChangeAuthenticator;
    PFN_CARD_DEAUTHENTICATE pfnCardDeauthenticate; /* may be NULL */
    PFN_CARD_CREATE_DIRECTORY pfnCardCreateDirectory;
    PFN_CARD_DELETE_DIRECTORY pfnCardDeleteDirectory;
    LPVOID pvUnused3; /* D: NULL */
    LPVOID pvUnused4; /* D: NULL */
    PFN_CARD_CREATE_FILE pfnCardCreateFile;
    PFN_CARD_READ_FILE pfnCardReadFile;
    PFN_CARD_WRITE_FILE pfnCardWriteFile;
    PFN_CARD_DELETE_FILE pfnCardDeleteFile;
    PFN_CARD_ENUM_FILES pfnCardEnumFiles;
    PFN_CARD_GET_FILE_INFO pfnCardGetFileInfo;
    PFN_CARD_QUERY_FREE_SPACE pfnCardQueryFreeSpace;
    PFN_CARD_QUERY_KEY_SIZES pfnCardQueryKeySizes;
    PFN_CARD_SIGN_DATA pfnCardSignData;
    PFN_CARD_RSA_DECRYPT pfnCardRSADecrypt;                      /* NULL without RSA keys */
    PFN_CARD_CONSTRUCT_DH_AGREEMENT pfnCardConstructDHAgreement; /* NULL without ECC keys */

    /* ---- version 5 ---- */
    PFN_CARD_DERIVE_KEY pfnCardDeriveKey;                    /* NULL without ECC keys */
    PFN_CARD_DESTROY_DH_AGREEMENT pfnCardDestroyDHAgreement; /* NULL without ECC keys */
    PFN_CSP_GET_DH_AGREEMENT pfnCspGetDHAgreement;           /* C */

    /* ---- version 6 ---- */
    PFN_CARD_GET_CHALLENGE_EX pfnCardGetChallengeEx;
    PFN_CARD_AUTHENTICATE_EX pfnCardAuthenticateEx;
    PFN_CARD_CHANGE_AUTHENTICATOR_EX pfnCardChangeAuthenticatorEx;
    PFN_CARD_DEAUTHENTICATE_EX pfnCardDeauthenticateEx;
    PFN_CARD_GET_CONTAINER_PROPERTY pfnCardGetContainerProperty;
    PFN_CARD_SET_CONTAINER_PROPERTY pfnCardSetContainerProperty;
    PFN_CARD_GET_PROPERTY pfnCardGetProperty;
    PFN_CARD_SET_PROPERTY pfnCardSetProperty;

    /* ---- version 7 ---- */
    PFN_CSP_UNPAD_DATA pfnCspUnpadData; /* C */
    PFN_MD_IMPORT_SESSION_KEY pfnMDImportSessionKey;
    PFN_MD_ENCRYPT_DATA pfnMDEncryptData;
    PFN_CARD_IMPORT_SESSION_KEY pfnCardImportSessionKey;
    PFN_CARD_GET_SHARED_KEY_HANDLE pfnCardGetSharedKeyHandle;
    PFN_CARD_GET_ALGORITHM_PROPERTY pfnCardGetAlgorithmProperty;
    PFN_CARD_GET_KEY_PROPERTY pfnCardGetKeyProperty;
    PFN_CARD_SET_KEY_PROPERTY pfnCardSetKeyProperty;
    PFN_CARD_DESTROY_KEY pfnCardDestroyKey;
    PFN_CARD_PROCESS_ENCRYPTED_DATA pfnCardProcessEncryptedData;
    PFN_CARD_CREATE_CONTAINER_EX pfnCardCreateContainerEx;
};

/* ============================================================================================== *
 * Prototypes. A driver exports CardAcquireContext, by that name (undecorated on 32-bit Windows
 * too). The others are declared so that a driver may define functions under the customary names.
 * Contracts: at the function pointer types above.
 * ============================================================================================== */

DWORD WINAPI CardAcquireContext(PCARD_DATA pCardData, DWORD dwFlags);
DWORD WINAPI CardDeleteContext(PCARD_DATA pCardData);

DWORD WINAPI CardQueryCapabilities(PCARD_DATA pCardData, PCARD_CAPABILITIES pCardCapabilities);

DWORD WINAPI CardDeleteContainer(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwReserved);
DWORD WINAPI CardCreateContainer(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                 DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData);
DWORD WINAPI CardGetContainerInfo(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                  PCONTAINER_INFO pContainerInfo);
DWORD WINAPI CardCreateContainerEx(PCARD_DATA pCardData, BYTE bContainerIndex, DWORD dwFlags,
                                   DWORD dwKeySpec, DWORD dwKeySize, PBYTE pbKeyData, PIN_ID PinId);

DWORD WINAPI CardAuthenticatePin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbPin, DWORD cbPin,
                                 PDWORD pcAttemptsRemaining);
DWORD WINAPI CardGetChallenge(PCARD_DATA pCardData, PBYTE *ppbChallengeData,
                              PDWORD pcbChallengeData);
DWORD WINAPI CardAuthenticateChallenge(PCARD_DATA pCardData, PBYTE pbResponseData,
                                       DWORD cbResponseData, PDWORD pcAttemptsRemaining);
DWORD WINAPI CardUnblockPin(PCARD_DATA pCardData, LPWSTR pwszUserId, PBYTE pbAuthenticationData,
                            DWORD cbAuthenticationData, PBYTE pbNewPinData, DWORD cbNewPinData,
                            DWORD cRetryCount, DWORD dwFlags);
DWORD WINAPI CardChangeAuthenticator(PCARD_DATA pCardData, LPWSTR pwszUserId,
                                     PBYTE pbCurrentAuthenticator, DWORD cbCurrentAuthenticator,
                                     PBYTE pbNewAuthenticator, DWORD cbNewAuthenticator,
                                     DWORD cRetryCount, DWORD dwFlags, PDWORD pcAttemptsRemaining);
DWORD WINAPI CardDeauthenticate(PCARD_DATA pCardData, LPWSTR pwszUserId, DWORD dwFlags);

DWORD WINAPI CardGetChallengeEx(PCARD_DATA pCardData, PIN_ID PinId, PBYTE *ppbChallengeData,
                                PDWORD pcbChallengeData, DWORD dwFlags);
DWORD WINAPI CardAuthenticateEx(PCARD_DATA pCardData, PIN_ID PinId, DWORD dwFlags, PBYTE pbPinData,
                                DWORD cbPinData, PBYTE *ppbSessionPin, PDWORD pcbSessionPin,
                                PDWORD pcAttemptsRemaining);
DWORD WINAPI CardChangeAuthenticatorEx(PCARD_DATA pCardData, DWORD dwFlags,
                                       PIN_ID dwAuthenticatingPinId, PBYTE pbAuthenticatingPinData,
                                       DWORD cbAuthenticatingPinData, PIN_ID dwTargetPinId,
                                       PBYTE pbTargetData, DWORD cbTargetData, DWORD cRetryCount,
                                       PDWORD pcAttemptsRemaining);
DWORD WINAPI CardDeauthenticateEx(PCARD_DATA pCardData, PIN_SET PinId, DWORD dwFlags);

DWORD WINAPI CardCreateDirectory(PCARD_DATA pCardData, LPSTR pszDirectoryName,
                                 CARD_DIRECTORY_ACCESS_CONDITION AccessCondition);
DWORD WINAPI CardDeleteDirectory(PCARD_DATA pCardData, LPSTR pszDirectoryName);
DWORD WINAPI CardCreateFile(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD cbInitialCreationSize,
                            CARD_FILE_ACCESS_CONDITION AccessCondition);
DWORD WINAPI CardReadFile(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                          DWORD dwFlags, PBYTE *ppbData, PDWORD pcbData);
DWORD WINAPI CardWriteFile(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                           DWORD dwFlags, PBYTE pbData, DWORD cbData);
DWORD WINAPI CardDeleteFile(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                            DWORD dwFlags);
DWORD WINAPI CardEnumFiles(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR *pmszFileNames,
                           LPDWORD pdwcbFileName, DWORD dwFlags);
DWORD WINAPI CardGetFileInfo(PCARD_DATA pCardData, LPSTR pszDirectoryName, LPSTR pszFileName,
                             PCARD_FILE_INFO pCardFileInfo);
DWORD WINAPI CardQueryFreeSpace(PCARD_DATA pCardData, DWORD dwFlags,
                                PCARD_FREE_SPACE_INFO pCardFreeSpaceInfo);

DWORD WINAPI CardQueryKeySizes(PCARD_DATA pCardData, DWORD dwKeySpec, DWORD dwFlags,
                               PCARD_KEY_SIZES pKeySizes);
DWORD WINAPI CardSignData(PCARD_DATA pCardData, PCARD_SIGNING_INFO pInfo);
DWORD WINAPI CardRSADecrypt(PCARD_DATA pCardData, PCARD_RSA_DECRYPT_INFO pInfo);
DWORD WINAPI CardConstructDHAgreement(PCARD_DATA pCardData, PCARD_DH_AGREEMENT_INFO pAgreementInfo);
DWORD WINAPI CardDeriveKey(PCARD_DATA pCardData, PCARD_DERIVE_KEY pAgreementInfo);
DWORD WINAPI CardDestroyDHAgreement(PCARD_DATA pCardData, BYTE bSecretAgreementIndex,
                                    DWORD dwFlags);

DWORD WINAPI CardGetContainerProperty(PCARD_DATA pCardData, BYTE bContainerIndex,
                                      LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                                      PDWORD pdwDataLen, DWORD dwFlags);
DWORD WINAPI CardSetContainerProperty(PCARD_DATA pCardData, BYTE bContainerIndex,
                                      LPCWSTR wszProperty, PBYTE pbData, DWORD cbDataLen,
                                      DWORD dwFlags);
DWORD WINAPI CardGetProperty(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData, DWORD cbData,
                             PDWORD pdwDataLen, DWORD dwFlags);
DWORD WINAPI CardSetProperty(PCARD_DATA pCardData, LPCWSTR wszProperty, PBYTE pbData,
                             DWORD cbDataLen, DWORD dwFlags);

DWORD WINAPI MDImportSessionKey(PCARD_DATA pCardData, LPCWSTR pwszBlobType, LPCWSTR pwszAlgId,
                                PCARD_KEY_HANDLE phKey, PBYTE pbInput, DWORD cbInput);
DWORD WINAPI MDEncryptData(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey, LPCWSTR pwszSecureFunction,
                           PBYTE pbInput, DWORD cbInput, DWORD dwFlags,
                           PCARD_ENCRYPTED_DATA *ppEncryptedData, PDWORD pcEncryptedData);
DWORD WINAPI CardImportSessionKey(PCARD_DATA pCardData, BYTE bContainerIndex, LPVOID pPaddingInfo,
                                  LPCWSTR pwszBlobType, LPCWSTR pwszAlgId, PCARD_KEY_HANDLE phKey,
                                  PBYTE pbInput, DWORD cbInput, DWORD dwFlags);
DWORD WINAPI CardGetSharedKeyHandle(PCARD_DATA pCardData, PBYTE pbInput, DWORD cbInput,
                                    PBYTE *ppbOutput, PDWORD pcbOutput, PCARD_KEY_HANDLE phKey);
DWORD WINAPI CardGetAlgorithmProperty(PCARD_DATA pCardData, LPCWSTR pwszAlgId, LPCWSTR pwszProperty,
                                      PBYTE pbData, DWORD cbData, PDWORD pdwDataLen, DWORD dwFlags);
DWORD WINAPI CardGetKeyProperty(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey, LPCWSTR pwszProperty,
                                PBYTE pbData, DWORD cbData, PDWORD pdwDataLen, DWORD dwFlags);
DWORD WINAPI CardSetKeyProperty(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey, LPCWSTR pwszProperty,
                                PBYTE pbInput, DWORD cbInput, DWORD dwFlags);
DWORD WINAPI CardDestroyKey(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey);
DWORD WINAPI CardProcessEncryptedData(PCARD_DATA pCardData, CARD_KEY_HANDLE hKey,
                                      LPCWSTR pwszSecureFunction,
                                      PCARD_ENCRYPTED_DATA pEncryptedData, DWORD cEncryptedData,
                                      PBYTE pbOutput, DWORD cbOutput, PDWORD pdwOutputLen,
                                      DWORD dwFlags);

/* The customary name of a caller's PFN_CSP_GET_DH_AGREEMENT. */
DWORD WINAPI CspGetDHAgreement(PCARD_DATA pCardData, PVOID hSecretAgreement,
                               BYTE *pbSecretAgreementIndex, DWORD dwFlags);

/* Declared by the interface, without pointer type or slot; no known driver has it. */
DWORD WINAPI I_CardConvertFileNameToAnsi(PCARD_DATA pCardData, LPWSTR wszUnicodeName,
                                         LPSTR *ppszAnsiName);

#ifdef __cplusplus
}
#endif

#endif /* __CARDMOD__H__ */
