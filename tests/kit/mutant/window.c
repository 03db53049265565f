/* SPDX-License-Identifier: MIT */
/* A library that a module must not need: its name says why. */
int mutant_window(void);

__attribute__((visibility("default"))) int mutant_window(void)
{
    return 0;
}
