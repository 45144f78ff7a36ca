// XML: libxml2 in a few words.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The namespace of our own notes in a domain's metadata; in XPath its prefix is "hostel", and that of libosinfo's
// "libosinfo".
#define XML_NAMESPACE "urn:hostel:guest:1"

struct xml;
// Keeps libxml2 from writing to standard error, also when libvirt calls it. For threads that begin afterwards.
void xml_be_silent(void);
// NULL when TEXT is not XML with the root element ROOT (NULL: any).
struct xml *xml_read(const char *text, const char *root);
void xml_free(struct xml *x);
// The text at XPATH below the current node, owned; NULL when there is none or it is empty.
char *xml_text(struct xml *x, const char *xpath);
uint64_t xml_number(struct xml *x, const char *xpath); // 0 when there is none
bool xml_has(struct xml *x, const char *xpath);
// Calls EACH with every node of XPATH as the current one.
void xml_each(struct xml *x, const char *xpath, void (*each)(struct xml *x, void *context), void *context);
