/* SPDX-License-Identifier: MIT */
/* An XML file of strangers: no network, no external entities, no document type, bounded size and
 * depth. */
#ifndef CARDMINT_KIT_XML_FILE_H
#define CARDMINT_KIT_XML_FILE_H

#include <libxml/tree.h>

/* Free with xmlFreeDoc. NULL: `says` has the file and, where it is no XML, element and line. */
xmlDoc *xml_file_read(const char *path, char says[256]);

#endif
