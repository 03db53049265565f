/* SPDX-License-Identifier: MIT */
#include "kit/xml_file.h"

#include "base/secret.h"
#include "kit/config.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST ((size_t)1 << 20) /* what vendors have is 10 KiB */

/* A document type could define entities, and name files: it is refused where it begins. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    xmlParserCtxt *parser = context;

    (void)name;
    (void)external;
    (void)system;
    *(int *)parser->_private = parser->input != NULL ? parser->input->line : 1;
    xmlStopParser(parser);
}

static void tell(const xmlParserCtxt *parser, const char *path, int doctype, char says[256])
{
    const char *why = parser->lastError.message;

    if (doctype != 0)
        kit_config_wrong(says, "%.100s: <!DOCTYPE>, line %d: a document type is not allowed", path,
                         doctype);
    else
        kit_config_wrong(says, "%.100s: <%.30s>, line %d: %.90s", path,
                         parser->name != NULL ? (const char *)parser->name : "?xml",
                         parser->lastError.line, why != NULL ? why : "no XML");
    says[strcspn(says, "\n")] = '\0'; /* libxml2's messages end with one */
}

static xmlDoc *parse(const char *path, const char *bytes, size_t len, char says[256])
{
    /* Without XML_PARSE_HUGE, libxml2 refuses a depth of more than 256. */
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                        XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
    xmlParserCtxt *parser = xmlNewParserCtxt();
    int doctype = 0; /* its line */
    xmlDoc *doc;

    if (parser == NULL) {
        kit_config_wrong(says, "%.180s: out of memory", path);
        return NULL;
    }
    parser->_private = &doctype;
    parser->sax->internalSubset = refuse_doctype;
    doc = xmlCtxtReadMemory(parser, bytes, (int)len, NULL, NULL, options);
    if (doc == NULL || doctype != 0 || xmlDocGetRootElement(doc) == NULL) {
        tell(parser, path, doctype, says);
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

xmlDoc *xml_file_read(const char *path, char says[256])
{
    FILE *file = fopen(path, "re");
    char *bytes = malloc(FILE_MOST + 1);
    size_t len = file != NULL && bytes != NULL ? fread(bytes, 1, FILE_MOST + 1, file) : 0;
    xmlDoc *doc = NULL;

    if (file == NULL || ferror(file) != 0)
        kit_config_wrong(says, "%.180s cannot be read: %s", path, strerror(errno));
    else if (bytes == NULL)
        kit_config_wrong(says, "%.180s: out of memory", path);
    else if (len > FILE_MOST)
        kit_config_wrong(says, "%.180s: larger than 1 MiB", path);
    else
        doc = parse(path, bytes, len, says);
    if (file != NULL)
        (void)fclose(file);
    wipe(bytes, bytes != NULL ? len : 0);
    free(bytes);
    return doc;
}
