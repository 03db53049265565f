/* SPDX-License-Identifier: MIT */
/* For variants of the module's file: exports too many; a call into a library. */
#ifdef EXTRA_EXPORT
#define EXPORTED __attribute__((visibility("default")))
int CardFrobnicate(void);
int DllRegisterServer(void); /* and no DllUnregisterServer */

EXPORTED int CardFrobnicate(void)
{
    return 1;
}

EXPORTED int DllRegisterServer(void)
{
    return 0;
}
#else
int mutant_window(void);
int mutant_needs(void);

__attribute__((used)) int mutant_needs(void)
{
    return mutant_window();
}
#endif
