/* SPDX-License-Identifier: MIT */
/*
 * cardmint/wintypes.h - the Windows base types, status codes and smart card subsystem values.
 *
 * On Windows (_WIN32) this includes the system headers and adds only the names which some of them
 * (mingw-w64 in particular) lack. Elsewhere it defines the same names with the same widths, so
 * that every structure built from them has the layout of the Windows binary interface of the same
 * pointer width (tests/abi proves it).
 *
 * Rules for users of this header off Windows:
 *  - DWORD, ULONG and LONG are 32 bits wide, never `long`. A translation unit which includes this
 *    header cannot also include pcsc-lite's headers: those define the same names with other
 *    widths, and give another number to SCARD_E_UNSUPPORTED_FEATURE. Talk to pcsc-lite from a
 *    source file of its own.
 *  - This header declares no SCard function, because pcsc-lite's functions of those names take
 *    other types.
 *  - WCHAR is 16 bits wide (UTF-16) while wchar_t is not: wcslen, wcscmp, %ls and their like must
 *    not be given a WCHAR string. Write wide constants as CM_WSTR("text").
 *  - No packing and no -fshort-enums: the layout relies on natural alignment and 4-byte enums.
 *
 * Status codes: the functions of the interface return a DWORD, so SCARD_*, NTE_* and CRYPT_E_* are
 * unsigned 32-bit constants. The Windows headers make them signed LONGs of the same bits, which
 * every comparison and return would have to convert; hence they are made DWORDs there too (and E_*
 * with them), unless CARDMINT_SIGNED_STATUS is defined.
 */
#ifndef CARDMINT_WINTYPES_H
#define CARDMINT_WINTYPES_H

#ifdef _WIN32

#include <windows.h>
#include <winscard.h>

/* winerror.h writes every such code through this macro, which acts where the code is used. */
#ifndef CARDMINT_SIGNED_STATUS
#undef _HRESULT_TYPEDEF_
#define _HRESULT_TYPEDEF_(code) ((DWORD)(code))
#endif

/* A UTF-16 string literal of type WCHAR[]. The argument must be a plain string literal. */
#define CM_WSTR(s) L##s

#else /* !_WIN32 */

#include <stddef.h>
#include <stdint.h>

#define CM_WSTR(s) u##s

/* ---- calling convention ---------------------------------------------------------------------- */

/* __stdcall on 32-bit Windows; nothing elsewhere. */
#define WINAPI
#define CALLBACK

/* ---- scalar types ---------------------------------------------------------------------------- */

#define VOID void

typedef char CHAR;
typedef unsigned char UCHAR;
typedef uint8_t BYTE;
typedef int16_t SHORT;
typedef uint16_t USHORT;
typedef uint16_t WORD;
typedef int32_t INT;
typedef uint32_t UINT;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int32_t BOOL;
typedef uint8_t BOOLEAN;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;

/* One UTF-16 code unit. C++ has a distinct type for u"" literals, of the same size. */
#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif

typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef size_t SIZE_T;

typedef LONG HRESULT;         /* COM status; negative = failure */
typedef LONG NTSTATUS;        /* CNG primitive status; negative = failure */
typedef LONG SECURITY_STATUS; /* CNG key storage status, an HRESULT in practice */

/* ---- pointers and handles -------------------------------------------------------------------- */

typedef void *PVOID;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *PBYTE;
typedef BYTE *LPBYTE;
typedef UCHAR *PUCHAR;
typedef WORD *PWORD;
typedef WORD *LPWORD;
typedef DWORD *PDWORD;
typedef DWORD *LPDWORD;
typedef LONG *PLONG;
typedef LONG *LPLONG;
typedef ULONG *PULONG;
typedef BOOL *PBOOL;
typedef BOOL *LPBOOL;
typedef CHAR *PCHAR;
typedef CHAR *PSTR;
typedef CHAR *LPSTR;
typedef const CHAR *PCSTR;
typedef const CHAR *LPCSTR;
typedef WCHAR *PWCHAR;
typedef WCHAR *PWSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *PCWSTR;
typedef const WCHAR *LPCWSTR;

typedef void *HANDLE;
typedef void *HWND;
typedef void *HINSTANCE;
typedef void *HMODULE;

/* Smart card resource manager handles: opaque, pointer-sized, 0 = none. */
typedef ULONG_PTR SCARDCONTEXT;
typedef SCARDCONTEXT *PSCARDCONTEXT;
typedef SCARDCONTEXT *LPSCARDCONTEXT;
typedef ULONG_PTR SCARDHANDLE;
typedef SCARDHANDLE *PSCARDHANDLE;
typedef SCARDHANDLE *LPSCARDHANDLE;

/* Microsoft algorithm number: class | type | sub-id, see wincrypt_types.h. */
typedef UINT ALG_ID;

typedef struct _GUID {
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID;

/* ---- general constants ----------------------------------------------------------------------- */

#define MAX_PATH           0x0104
#define FALSE              0
#define TRUE               1
#define MAXDWORD           0xFFFFFFFFU
#define INFINITE           0xFFFFFFFFU /* no time limit */

/* reasons for which a DLL's entry function is called */
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH  2
#define DLL_THREAD_DETACH  3
#define DLL_PROCESS_DETACH 0

/* ---- success, HRESULT ------------------------------------------------------------------------ */

#define FACILITY_NULL     0
#define FACILITY_ITF      4
#define FACILITY_WIN32    7
#define FACILITY_SSPI     9
#define FACILITY_SECURITY 9
#define FACILITY_SCARD    0x10
#define SEVERITY_SUCCESS  0
#define SEVERITY_ERROR    1

#define E_UNEXPECTED   ((HRESULT)0x8000FFFF)
#define E_NOTIMPL      ((HRESULT)0x80004001)
#define E_OUTOFMEMORY  ((HRESULT)0x8007000E)
#define E_INVALIDARG   ((HRESULT)0x80070057)
#define E_NOINTERFACE  ((HRESULT)0x80004002)
#define E_POINTER      ((HRESULT)0x80004003)
#define E_HANDLE       ((HRESULT)0x80070006)
#define E_ABORT        ((HRESULT)0x80004004)
#define E_FAIL         ((HRESULT)0x80004005)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define S_OK           ((HRESULT)0)
#define S_FALSE        ((HRESULT)1)

/* ---- Win32 error codes ----------------------------------------------------------------------- */

#define ERROR_SUCCESS              0
#define NO_ERROR                   0
#define ERROR_INVALID_FUNCTION     1
#define ERROR_FILE_NOT_FOUND       2
#define ERROR_PATH_NOT_FOUND       3
#define ERROR_ACCESS_DENIED        5
#define ERROR_INVALID_HANDLE       6
#define ERROR_NOT_ENOUGH_MEMORY    8
#define ERROR_BAD_FORMAT           11
#define ERROR_INVALID_DATA         13
#define ERROR_OUTOFMEMORY          14
#define ERROR_NO_MORE_FILES        18
#define ERROR_WRITE_PROTECT        19
#define ERROR_NOT_READY            21
#define ERROR_CRC                  23
#define ERROR_BAD_LENGTH           24
#define ERROR_GEN_FAILURE          31
#define ERROR_HANDLE_EOF           38
#define ERROR_NOT_SUPPORTED        50
#define ERROR_TOO_MANY_NAMES       68
#define ERROR_FILE_EXISTS          80
#define ERROR_INVALID_PASSWORD     86
#define ERROR_INVALID_PARAMETER    87
#define ERROR_BUFFER_OVERFLOW      111
#define ERROR_DISK_FULL            112
#define ERROR_CALL_NOT_IMPLEMENTED 120
#define ERROR_INSUFFICIENT_BUFFER  122
#define ERROR_INVALID_NAME         123
#define ERROR_MOD_NOT_FOUND        126
#define ERROR_PROC_NOT_FOUND       127
#define ERROR_DIR_NOT_EMPTY        145
#define ERROR_BAD_ARGUMENTS        160
#define ERROR_BUSY                 170
#define ERROR_ALREADY_EXISTS       183
#define ERROR_FILENAME_EXCED_RANGE 206
#define ERROR_NO_DATA              232
#define ERROR_MORE_DATA            234
#define ERROR_NO_MORE_ITEMS        259
#define ERROR_ARITHMETIC_OVERFLOW  534
#define ERROR_OPERATION_ABORTED    995
#define ERROR_INVALID_FLAGS        1004
#define ERROR_IO_DEVICE            1117
#define ERROR_DEVICE_NOT_CONNECTED 1167
#define ERROR_NOT_FOUND            1168
#define ERROR_CANCELLED            1223
#define ERROR_NOT_AUTHENTICATED    1244
#define ERROR_UNIDENTIFIED_ERROR   1287
#define ERROR_UNKNOWN_REVISION     1305
#define ERROR_REVISION_MISMATCH    1306
#define ERROR_ILL_FORMED_PASSWORD  1324
#define ERROR_PASSWORD_RESTRICTION 1325
#define ERROR_LOGON_FAILURE        1326
#define ERROR_INTERNAL_ERROR       1359
#define ERROR_TIMEOUT              1460
#define ERROR_FUNCTION_FAILED      1627
#define ERROR_PRODUCT_VERSION      1638
#define ERROR_INVALID_DATATYPE     1804
#define ERROR_ACCOUNT_LOCKED_OUT   1909

/* ---- NTSTATUS codes (what CNG primitives return) --------------------------------------------- */

#define STATUS_INVALID_HANDLE    ((LONG)0xC0000008)
#define STATUS_INVALID_PARAMETER ((LONG)0xC000000D)
#define STATUS_NO_MEMORY         ((LONG)0xC0000017)

/* ---- key storage and CryptoAPI status codes -------------------------------------------------- */

#define NTE_BAD_UID                   0x80090001U
#define NTE_BAD_HASH                  0x80090002U
#define NTE_BAD_KEY                   0x80090003U
#define NTE_BAD_LEN                   0x80090004U
#define NTE_BAD_DATA                  0x80090005U
#define NTE_BAD_SIGNATURE             0x80090006U
#define NTE_BAD_VER                   0x80090007U
#define NTE_BAD_ALGID                 0x80090008U
#define NTE_BAD_FLAGS                 0x80090009U
#define NTE_BAD_TYPE                  0x8009000AU
#define NTE_BAD_KEY_STATE             0x8009000BU
#define NTE_BAD_HASH_STATE            0x8009000CU
#define NTE_NO_KEY                    0x8009000DU
#define NTE_NO_MEMORY                 0x8009000EU
#define NTE_EXISTS                    0x8009000FU
#define NTE_PERM                      0x80090010U
#define NTE_NOT_FOUND                 0x80090011U
#define NTE_DOUBLE_ENCRYPT            0x80090012U
#define NTE_BAD_PROVIDER              0x80090013U
#define NTE_BAD_PROV_TYPE             0x80090014U
#define NTE_BAD_PUBLIC_KEY            0x80090015U
#define NTE_BAD_KEYSET                0x80090016U
#define NTE_PROV_TYPE_NOT_DEF         0x80090017U
#define NTE_PROV_TYPE_ENTRY_BAD       0x80090018U
#define NTE_KEYSET_NOT_DEF            0x80090019U
#define NTE_KEYSET_ENTRY_BAD          0x8009001AU
#define NTE_PROV_TYPE_NO_MATCH        0x8009001BU
#define NTE_SIGNATURE_FILE_BAD        0x8009001CU
#define NTE_PROVIDER_DLL_FAIL         0x8009001DU
#define NTE_PROV_DLL_NOT_FOUND        0x8009001EU
#define NTE_BAD_KEYSET_PARAM          0x8009001FU
#define NTE_FAIL                      0x80090020U
#define NTE_SYS_ERR                   0x80090021U
#define NTE_SILENT_CONTEXT            0x80090022U
#define NTE_TOKEN_KEYSET_STORAGE_FULL 0x80090023U
#define NTE_TEMPORARY_PROFILE         0x80090024U
#define NTE_FIXEDPARAMETER            0x80090025U
#define NTE_INVALID_HANDLE            0x80090026U
#define NTE_INVALID_PARAMETER         0x80090027U
#define NTE_BUFFER_TOO_SMALL          0x80090028U
#define NTE_NOT_SUPPORTED             0x80090029U
#define NTE_NO_MORE_ITEMS             0x8009002AU
#define NTE_BUFFERS_OVERLAP           0x8009002BU
#define NTE_DECRYPTION_FAILURE        0x8009002CU
#define NTE_INTERNAL_ERROR            0x8009002DU
#define NTE_UI_REQUIRED               0x8009002EU
#define NTE_HMAC_NOT_SUPPORTED        0x8009002FU
#define NTE_DEVICE_NOT_READY          0x80090030U
#define NTE_AUTHENTICATION_IGNORED    0x80090031U
#define NTE_VALIDATION_FAILED         0x80090032U
#define NTE_INCORRECT_PASSWORD        0x80090033U
#define NTE_ENCRYPTION_FAILURE        0x80090034U
#define NTE_DEVICE_NOT_FOUND          0x80090035U
#define NTE_USER_CANCELLED            0x80090036U
#define NTE_PASSWORD_CHANGE_REQUIRED  0x80090037U
#define NTE_NOT_ACTIVE_CONSOLE        0x80090038U
#define NTE_OP_OK                     0

#define CRYPT_E_HASH_VALUE 0x80091007U
#define CRYPT_E_BAD_LEN    0x80092001U
#define CRYPT_E_BAD_ENCODE 0x80092002U
#define CRYPT_E_NOT_FOUND  0x80092004U
#define CRYPT_E_EXISTS     0x80092005U
#define CRYPT_E_ASN1_ERROR 0x80093100U
#define CRYPT_E_INVALID_X500_STRING 0x80092023U

/* ---- smart card status codes: S success, F internal, E error, W warning, P ------------------- */

#define SCARD_S_SUCCESS                 0
#define SCARD_F_INTERNAL_ERROR          0x80100001U
#define SCARD_E_CANCELLED               0x80100002U
#define SCARD_E_INVALID_HANDLE          0x80100003U
#define SCARD_E_INVALID_PARAMETER       0x80100004U
#define SCARD_E_INVALID_TARGET          0x80100005U
#define SCARD_E_NO_MEMORY               0x80100006U
#define SCARD_F_WAITED_TOO_LONG         0x80100007U
#define SCARD_E_INSUFFICIENT_BUFFER     0x80100008U
#define SCARD_E_UNKNOWN_READER          0x80100009U
#define SCARD_E_TIMEOUT                 0x8010000AU
#define SCARD_E_SHARING_VIOLATION       0x8010000BU
#define SCARD_E_NO_SMARTCARD            0x8010000CU
#define SCARD_E_UNKNOWN_CARD            0x8010000DU
#define SCARD_E_CANT_DISPOSE            0x8010000EU
#define SCARD_E_PROTO_MISMATCH          0x8010000FU
#define SCARD_E_NOT_READY               0x80100010U
#define SCARD_E_INVALID_VALUE           0x80100011U
#define SCARD_E_SYSTEM_CANCELLED        0x80100012U
#define SCARD_F_COMM_ERROR              0x80100013U
#define SCARD_F_UNKNOWN_ERROR           0x80100014U
#define SCARD_E_INVALID_ATR             0x80100015U
#define SCARD_E_NOT_TRANSACTED          0x80100016U
#define SCARD_E_READER_UNAVAILABLE      0x80100017U
#define SCARD_P_SHUTDOWN                0x80100018U
#define SCARD_E_PCI_TOO_SMALL           0x80100019U
#define SCARD_E_READER_UNSUPPORTED      0x8010001AU
#define SCARD_E_DUPLICATE_READER        0x8010001BU
#define SCARD_E_CARD_UNSUPPORTED        0x8010001CU
#define SCARD_E_NO_SERVICE              0x8010001DU
#define SCARD_E_SERVICE_STOPPED         0x8010001EU
#define SCARD_E_UNEXPECTED              0x8010001FU
#define SCARD_E_ICC_INSTALLATION        0x80100020U
#define SCARD_E_ICC_CREATEORDER         0x80100021U
#define SCARD_E_UNSUPPORTED_FEATURE     0x80100022U
#define SCARD_E_DIR_NOT_FOUND           0x80100023U
#define SCARD_E_FILE_NOT_FOUND          0x80100024U
#define SCARD_E_NO_DIR                  0x80100025U
#define SCARD_E_NO_FILE                 0x80100026U
#define SCARD_E_NO_ACCESS               0x80100027U
#define SCARD_E_WRITE_TOO_MANY          0x80100028U
#define SCARD_E_BAD_SEEK                0x80100029U
#define SCARD_E_INVALID_CHV             0x8010002AU
#define SCARD_E_UNKNOWN_RES_MNG         0x8010002BU
#define SCARD_E_NO_SUCH_CERTIFICATE     0x8010002CU
#define SCARD_E_CERTIFICATE_UNAVAILABLE 0x8010002DU
#define SCARD_E_NO_READERS_AVAILABLE    0x8010002EU
#define SCARD_E_COMM_DATA_LOST          0x8010002FU
#define SCARD_E_NO_KEY_CONTAINER        0x80100030U
#define SCARD_E_SERVER_TOO_BUSY         0x80100031U
#define SCARD_E_PIN_CACHE_EXPIRED       0x80100032U
#define SCARD_E_NO_PIN_CACHE            0x80100033U
#define SCARD_E_READ_ONLY_CARD          0x80100034U
#define SCARD_W_UNSUPPORTED_CARD        0x80100065U
#define SCARD_W_UNRESPONSIVE_CARD       0x80100066U
#define SCARD_W_UNPOWERED_CARD          0x80100067U
#define SCARD_W_RESET_CARD              0x80100068U
#define SCARD_W_REMOVED_CARD            0x80100069U
#define SCARD_W_SECURITY_VIOLATION      0x8010006AU
#define SCARD_W_WRONG_CHV               0x8010006BU
#define SCARD_W_CHV_BLOCKED             0x8010006CU
#define SCARD_W_EOF                     0x8010006DU
#define SCARD_W_CANCELLED_BY_USER       0x8010006EU
#define SCARD_W_CARD_NOT_AUTHENTICATED  0x8010006FU
#define SCARD_W_CACHE_ITEM_NOT_FOUND    0x80100070U
#define SCARD_W_CACHE_ITEM_STALE        0x80100071U
#define SCARD_W_CACHE_ITEM_TOO_BIG      0x80100072U

/* ---- smart card resource manager ------------------------------------------------------------- */

/* memory the resource manager allocates: pass as a buffer length */
#define SCARD_AUTOALLOCATE              0xFFFFFFFFU

#define SCARD_SCOPE_USER       0
#define SCARD_SCOPE_TERMINAL   1
#define SCARD_SCOPE_SYSTEM     2

/* provider numbers of SCardGetCardTypeProviderName; see also SCARD_PROVIDER_CARD_MODULE */
#define SCARD_PROVIDER_PRIMARY 1
#define SCARD_PROVIDER_CSP     2

#define SCARD_SHARE_EXCLUSIVE      1
#define SCARD_SHARE_SHARED         2
#define SCARD_SHARE_DIRECT         3

/* what to do with the card on disconnect */
#define SCARD_LEAVE_CARD           0
#define SCARD_RESET_CARD           1
#define SCARD_UNPOWER_CARD         2
#define SCARD_EJECT_CARD           3

/* reader state bits of SCARD_READERSTATE.dwCurrentState and dwEventState */
#define SCARD_STATE_UNAWARE        0
#define SCARD_STATE_IGNORE         1
#define SCARD_STATE_CHANGED        2
#define SCARD_STATE_UNKNOWN        4
#define SCARD_STATE_UNAVAILABLE    8
#define SCARD_STATE_EMPTY          0x10
#define SCARD_STATE_PRESENT        0x20
#define SCARD_STATE_ATRMATCH       0x40
#define SCARD_STATE_EXCLUSIVE      0x80
#define SCARD_STATE_INUSE          0x0100
#define SCARD_STATE_MUTE           0x0200
#define SCARD_STATE_UNPOWERED      0x0400

/* protocols. RAW is not the value pcsc-lite uses. */
#define SCARD_PROTOCOL_UNDEFINED   0
#define SCARD_PROTOCOL_T0          1
#define SCARD_PROTOCOL_T1          2
#define SCARD_PROTOCOL_RAW         0x00010000
#define SCARD_PROTOCOL_Tx          3
#define SCARD_PROTOCOL_DEFAULT     0x80000000U
#define SCARD_PROTOCOL_OPTIMAL     0

/* card state of SCardStatus: an enumeration (pcsc-lite reports bits instead) */
#define SCARD_UNKNOWN              0
#define SCARD_ABSENT               1
#define SCARD_PRESENT              2
#define SCARD_SWALLOWED            3
#define SCARD_POWERED              4
#define SCARD_NEGOTIABLE           5
#define SCARD_SPECIFIC             6

/* reset kinds */
#define SCARD_POWER_DOWN           0
#define SCARD_COLD_RESET           1
#define SCARD_WARM_RESET           2

/* lengths */
#define SCARD_ATR_LENGTH           0x21
#define MAXIMUM_ATTR_STRING_LENGTH 0x20
#define MAXIMUM_SMARTCARD_READERS  0x0A
#define SCARD_T0_HEADER_LENGTH     7
#define SCARD_T0_CMD_LENGTH        5
#define SCARD_T1_PROLOGUE_LENGTH   3
#define SCARD_T1_EPILOGUE_LENGTH   2
#define SCARD_T1_MAX_IFS           0xFE

/* reader attributes: class in the upper, tag in the lower 16 bits */
#define SCARD_CLASS_VENDOR_INFO    1
#define SCARD_CLASS_COMMUNICATIONS 2
#define SCARD_CLASS_PROTOCOL       3
#define SCARD_CLASS_POWER_MGMT     4
#define SCARD_CLASS_SECURITY       5
#define SCARD_CLASS_MECHANICAL     6
#define SCARD_CLASS_VENDOR_DEFINED 7
#define SCARD_CLASS_IFD_PROTOCOL   8
#define SCARD_CLASS_ICC_STATE      9
#define SCARD_CLASS_PERF           0x7FFE
#define SCARD_CLASS_SYSTEM         0x7FFF

#define SCARD_ATTR_VENDOR_NAME              0x00010100
#define SCARD_ATTR_VENDOR_IFD_TYPE          0x00010101
#define SCARD_ATTR_VENDOR_IFD_VERSION       0x00010102
#define SCARD_ATTR_VENDOR_IFD_SERIAL_NO     0x00010103
#define SCARD_ATTR_CHANNEL_ID               0x00020110
#define SCARD_ATTR_PROTOCOL_TYPES           0x00030120
#define SCARD_ATTR_DEFAULT_CLK              0x00030121
#define SCARD_ATTR_MAX_CLK                  0x00030122
#define SCARD_ATTR_DEFAULT_DATA_RATE        0x00030123
#define SCARD_ATTR_MAX_DATA_RATE            0x00030124
#define SCARD_ATTR_MAX_IFSD                 0x00030125
#define SCARD_ATTR_POWER_MGMT_SUPPORT       0x00040131
#define SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE 0x00050140
#define SCARD_ATTR_USER_AUTH_INPUT_DEVICE   0x00050142
#define SCARD_ATTR_CHARACTERISTICS          0x00060150
#define SCARD_ATTR_CURRENT_PROTOCOL_TYPE    0x00080201
#define SCARD_ATTR_CURRENT_CLK              0x00080202
#define SCARD_ATTR_CURRENT_F                0x00080203
#define SCARD_ATTR_CURRENT_D                0x00080204
#define SCARD_ATTR_CURRENT_N                0x00080205
#define SCARD_ATTR_CURRENT_W                0x00080206
#define SCARD_ATTR_CURRENT_IFSC             0x00080207
#define SCARD_ATTR_CURRENT_IFSD             0x00080208
#define SCARD_ATTR_CURRENT_BWT              0x00080209
#define SCARD_ATTR_CURRENT_CWT              0x0008020A
#define SCARD_ATTR_CURRENT_EBC_ENCODING     0x0008020B
#define SCARD_ATTR_EXTENDED_BWT             0x0008020C
#define SCARD_ATTR_ICC_PRESENCE             0x00090300
#define SCARD_ATTR_ICC_INTERFACE_STATUS     0x00090301
#define SCARD_ATTR_CURRENT_IO_STATE         0x00090302
#define SCARD_ATTR_ATR_STRING               0x00090303
#define SCARD_ATTR_ICC_TYPE_PER_ATR         0x00090304
#define SCARD_ATTR_ESC_RESET                0x0007A000
#define SCARD_ATTR_ESC_CANCEL               0x0007A003
#define SCARD_ATTR_ESC_AUTHREQUEST          0x0007A005
#define SCARD_ATTR_MAXINPUT                 0x0007A007
#define SCARD_ATTR_DEVICE_UNIT              0x7FFF0001
#define SCARD_ATTR_DEVICE_IN_USE            0x7FFF0002
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME_A   0x7FFF0003
#define SCARD_ATTR_DEVICE_SYSTEM_NAME_A     0x7FFF0004
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME_W   0x7FFF0005
#define SCARD_ATTR_DEVICE_SYSTEM_NAME_W     0x7FFF0006
#define SCARD_ATTR_SUPRESS_T1_IFS_REQUEST   0x7FFF0007

#define SCARD_PERF_NUM_TRANSMISSIONS 0x7FFE0001
#define SCARD_PERF_BYTES_TRANSMITTED 0x7FFE0002
#define SCARD_PERF_TRANSMISSION_TIME 0x7FFE0003

/* reader characteristics and connection types */
#define SCARD_READER_SWALLOWS        1
#define SCARD_READER_EJECTS          2
#define SCARD_READER_CONFISCATES     4
#define SCARD_READER_TYPE_SERIAL     1
#define SCARD_READER_TYPE_PARALELL   2
#define SCARD_READER_TYPE_KEYBOARD   4
#define SCARD_READER_TYPE_SCSI       8
#define SCARD_READER_TYPE_IDE        0x10
#define SCARD_READER_TYPE_USB        0x20
#define SCARD_READER_TYPE_PCMCIA     0x40
#define SCARD_READER_TYPE_VENDOR     0xF0

/* Header of a protocol control block. 8 bytes; pcsc-lite's is 16 on 64-bit systems. */
typedef struct _SCARD_IO_REQUEST {
    DWORD dwProtocol;  /* SCARD_PROTOCOL_* */
    DWORD cbPciLength; /* bytes of the whole block, this header included */
} SCARD_IO_REQUEST, *PSCARD_IO_REQUEST, *LPSCARD_IO_REQUEST;
typedef const SCARD_IO_REQUEST *LPCSCARD_IO_REQUEST;

typedef struct {
    SCARD_IO_REQUEST ioRequest;
} SCARD_T1_REQUEST, *PSCARD_T1_REQUEST, *LPSCARD_T1_REQUEST;

/* One reader to watch (narrow name). */
typedef struct {
    LPCSTR szReader;
    LPVOID pvUserData;
    DWORD dwCurrentState; /* SCARD_STATE_*, as the caller knows it */
    DWORD dwEventState;   /* SCARD_STATE_*, as it is */
    DWORD cbAtr;          /* bytes used in rgbAtr */
    BYTE rgbAtr[36];
} SCARD_READERSTATEA, *PSCARD_READERSTATEA, *LPSCARD_READERSTATEA;

/* The same with a UTF-16 name. */
typedef struct {
    LPCWSTR szReader;
    LPVOID pvUserData;
    DWORD dwCurrentState;
    DWORD dwEventState;
    DWORD cbAtr;
    BYTE rgbAtr[36];
} SCARD_READERSTATEW, *PSCARD_READERSTATEW, *LPSCARD_READERSTATEW;

/* An ATR to match: bit positions with mask 0 do not count. */
typedef struct _SCARD_ATRMASK {
    DWORD cbAtr; /* bytes used in both arrays */
    BYTE rgbAtr[36];
    BYTE rgbMask[36];
} SCARD_ATRMASK, *PSCARD_ATRMASK, *LPSCARD_ATRMASK;

#endif /* !_WIN32 */

/* ---- names which some Windows header sets lack ----------------------------------------------- */

/* ntstatus.h */
#ifndef STATUS_SUCCESS
#define STATUS_SUCCESS ((LONG)0x00000000)
#endif
#ifndef STATUS_UNSUCCESSFUL
#define STATUS_UNSUCCESSFUL ((LONG)0xC0000001)
#endif
#ifndef STATUS_NOT_IMPLEMENTED
#define STATUS_NOT_IMPLEMENTED ((LONG)0xC0000002)
#endif
#ifndef STATUS_ACCESS_DENIED
#define STATUS_ACCESS_DENIED ((LONG)0xC0000022)
#endif
#ifndef STATUS_BUFFER_TOO_SMALL
#define STATUS_BUFFER_TOO_SMALL ((LONG)0xC0000023)
#endif
#ifndef STATUS_NOT_SUPPORTED
#define STATUS_NOT_SUPPORTED ((LONG)0xC00000BB)
#endif
#ifndef STATUS_INTERNAL_ERROR
#define STATUS_INTERNAL_ERROR ((LONG)0xC00000E5)
#endif
#ifndef STATUS_INVALID_BUFFER_SIZE
#define STATUS_INVALID_BUFFER_SIZE ((LONG)0xC0000206)
#endif
#ifndef STATUS_NOT_FOUND
#define STATUS_NOT_FOUND ((LONG)0xC0000225)
#endif
#ifndef STATUS_INVALID_SIGNATURE
#define STATUS_INVALID_SIGNATURE ((LONG)0xC000A000)
#endif
#ifndef STATUS_AUTH_TAG_MISMATCH
#define STATUS_AUTH_TAG_MISMATCH ((LONG)0xC000A002)
#endif

/* winerror.h */
#ifndef NTE_VBS_UNAVAILABLE
#define NTE_VBS_UNAVAILABLE 0x80090039U
#endif
#ifndef NTE_VBS_CANNOT_DECRYPT_KEY
#define NTE_VBS_CANNOT_DECRYPT_KEY 0x8009003AU
#endif

/* winscard.h */
#ifndef SCARD_PROVIDER_KSP
#define SCARD_PROVIDER_KSP 3
#endif
#ifndef SCARD_READER_SEL_AUTH_PACKAGE
#define SCARD_READER_SEL_AUTH_PACKAGE 0xFFFFFD8BU
#endif
#ifndef SCARD_AUDIT_CHV_FAILURE
#define SCARD_AUDIT_CHV_FAILURE 0
#endif
#ifndef SCARD_AUDIT_CHV_SUCCESS
#define SCARD_AUDIT_CHV_SUCCESS 1
#endif

/* winsmcrd.h */
#ifndef SCARD_ATTR_VENDOR_SPECIFIC_INFO
#define SCARD_ATTR_VENDOR_SPECIFIC_INFO 0x0007A008
#endif
#ifndef SCARD_T1_EPILOGUE_LENGTH_LRC
#define SCARD_T1_EPILOGUE_LENGTH_LRC 1
#endif
#ifndef SCARD_READER_CONTACTLESS
#define SCARD_READER_CONTACTLESS 8
#endif
#ifndef SCARD_READER_TYPE_TPM
#define SCARD_READER_TYPE_TPM 0x80
#endif
#ifndef SCARD_READER_TYPE_NFC
#define SCARD_READER_TYPE_NFC 0x0100
#endif
#ifndef SCARD_READER_TYPE_UICC
#define SCARD_READER_TYPE_UICC 0x0200
#endif
#ifndef SCARD_READER_TYPE_NGC
#define SCARD_READER_TYPE_NGC 0x0400
#endif
#ifndef SCARD_READER_TYPE_EMBEDDEDSE
#define SCARD_READER_TYPE_EMBEDDEDSE 0x0800
#endif

#endif /* CARDMINT_WINTYPES_H */
