// The few things we need of libxml2, which libvirt brings along. Must not know what the documents are about.
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "parts.h"

struct xml {
	xmlDoc *doc;
	xmlXPathContext *at;
};

static const xmlChar *as_xml(const char *text)
{
	return (const xmlChar *)text;
}

static const struct {
	const char *prefix, *uri;
} namespaces[] = {
	{"hostel", DOMAIN_NAMESPACE},
	{"libosinfo", "http://libosinfo.org/xmlns/libvirt/domain/1.0"},
};

static void say_nothing(void *context, const char *format, ...)
{
	(void)context, (void)format;
}

void xml_be_silent(void)
{
	xmlInitParser();
	xmlThrDefSetGenericErrorFunc(NULL, say_nothing);
	xmlSetGenericErrorFunc(NULL, say_nothing);
}

struct xml *xml_read(const char *text, const char *root)
{
	struct xml *x = mem_new(sizeof(*x));

	x->doc = xmlReadMemory(text, (int)strlen(text), "libvirt.xml", NULL, XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
	xmlNode *top = x->doc ? xmlDocGetRootElement(x->doc) : NULL;
	x->at = top && xmlStrEqual(top->name, as_xml(root)) ? xmlXPathNewContext(x->doc) : NULL;
	if (!x->at) {
		xml_free(x);
		return NULL;
	}
	x->at->node = top;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		xmlXPathRegisterNs(x->at, as_xml(namespaces[i].prefix), as_xml(namespaces[i].uri));
	return x;
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	xmlXPathFreeContext(x->at);
	xmlFreeDoc(x->doc);
	free(x);
}

char *xml_text(struct xml *x, const char *xpath)
{
	xmlXPathObject *found = xmlXPathEvalExpression(as_xml(xpath), x->at);
	char *text = NULL;

	if (found) {
		xmlChar *value = xmlXPathCastToString(found);
		text = value && *value ? mem_strdup((const char *)value) : NULL;
		xmlFree(value);
	}
	xmlXPathFreeObject(found);
	return text;
}

uint64_t xml_number(struct xml *x, const char *xpath)
{
	auto_free char *text = xml_text(x, xpath);
	uint64_t value = 0;

	return text && str_to_u64(text, &value) == 0 ? value : 0;
}

bool xml_has(struct xml *x, const char *xpath)
{
	xmlXPathObject *found = xmlXPathEvalExpression(as_xml(xpath), x->at);
	bool yes = found && xmlXPathCastToBoolean(found);

	xmlXPathFreeObject(found);
	return yes;
}

void xml_each(struct xml *x, const char *xpath, void (*each)(struct xml *x, void *context), void *context)
{
	xmlXPathObject *found = xmlXPathEvalExpression(as_xml(xpath), x->at);
	xmlNode *before = x->at->node;

	for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
		x->at->node = found->nodesetval->nodeTab[i];
		each(x, context);
	}
	x->at->node = before;
	xmlXPathFreeObject(found);
}
