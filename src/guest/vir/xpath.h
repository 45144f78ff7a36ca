// A small interface to libxml2.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The namespace of hostel's metadata in domain XML. In XPath its prefix is "hostel"; libosinfo's is "libosinfo".
#define XML_NAMESPACE "urn:hostel:guest:1"
// That of arguments for QEMU that libvirt passes on; in XPath, "qemu".
#define XML_QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

struct xml;
// Keeps libxml2 from writing to standard error, also when libvirt calls it. Applies to this thread and to threads
// created later.
void xml_be_silent(void);
// Parses TEXT; the root becomes the current node. NULL unless TEXT is XML with root element ROOT (NULL: any). Free
// with xml_free().
struct xml *xml_read(const char *text, const char *root);
void xml_free(struct xml *x);
// The text at XPATH, relative to the current node; owned, NULL if missing or empty.
char *xml_text(struct xml *x, const char *xpath);
uint64_t xml_number(struct xml *x, const char *xpath); // 0 if missing
bool xml_has(struct xml *x, const char *xpath);
// Calls EACH for every node of XPATH, with that node as the current node.
void xml_each(struct xml *x, const char *xpath, void (*each)(struct xml *x, void *context), void *context);
