/* SPDX-License-Identifier: MIT */
/* The fixed parts of report.html. */
#ifndef CARDMINT_KIT_REPORT_PAGE_H
#define CARDMINT_KIT_REPORT_PAGE_H

/* From <!DOCTYPE to the beginning of <title>'s text; from behind it to the beginning of <main>. */
extern const char page_head[], page_style[];
/* Controls, shown only where scripts run; the script, and all to the end. */
extern const char page_controls[], page_end[];

#endif
