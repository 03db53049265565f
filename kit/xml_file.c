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

/* The first thing that was wrong. */
struct trouble {
    int line; /* 0: none */
    char element[32], why[100];
};

static void hear_error(void *context, xmlErrorPtr error)
{
    const xmlParserCtxt *parser = context;
    struct trouble *t = parser->_private;

    if (t->line != 0 || error->level < XML_ERR_ERROR)
        return;
    t->line = error->line > 0 ? error->line : 1;
    snprintf(t->element, sizeof(t->element), "%s",
             parser->name != NULL ? (const char *)parser->name : "?xml");
    snprintf(t->why, sizeof(t->why), "%s", error->message != NULL ? error->message : "no XML");
    t->why[strcspn(t->why, "\n")] = '\0';
}

/* A document type could define entities, and name files: it is refused where it begins. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system)
{
    xmlParserCtxt *parser = context;

    (void)name;
    (void)external;
    (void)system;
    *(struct trouble *)parser->_private = (struct trouble){
        .line = parser->input != NULL ? parser->input->line : 1,
        .element = "!DOCTYPE",
        .why = "a document type is not allowed",
    };
    xmlStopParser(parser);
}

static xmlDoc *parse(const char *path, const char *bytes, size_t len, char says[256])
{
    /* Without XML_PARSE_HUGE, libxml2 refuses a depth of more than 256. */
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                        XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
    struct trouble trouble = { .element = "?xml", .why = "no XML" };
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc;

    if (parser == NULL) {
        kit_config_wrong(says, "%.180s: out of memory", path);
        return NULL;
    }
    parser->_private = &trouble;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = hear_error;
    doc = xmlCtxtReadMemory(parser, bytes, (int)len, NULL, NULL, options);
    if (doc == NULL || trouble.line != 0 || xmlDocGetRootElement(doc) == NULL) {
        kit_config_wrong(says, "%.100s: <%s>, line %d: %s", path, trouble.element,
                         trouble.line != 0 ? trouble.line : 1, trouble.why);
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
