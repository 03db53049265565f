/* SPDX-License-Identifier: MIT */
/* For variants of the module's file: one more export; a call into a library. */
#ifdef EXTRA_EXPORT
int CardFrobnicate(void);

__attribute__((visibility("default"))) int CardFrobnicate(void)
{
    return 1;
}
#else
int mutant_window(void);
int mutant_needs(void);

__attribute__((used)) int mutant_needs(void)
{
    return mutant_window();
}
#endif
