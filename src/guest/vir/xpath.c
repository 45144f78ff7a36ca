// The parts of libxml2 that we need.
#include "xpath.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "base/mem.h"
#include "base/str.h"
#include "vir.h"

// libxml2 is loaded as a dependency of libvirt, so both use the same copy.
static struct {
	__typeof__(xmlDocGetRootElement) *DocGetRootElement;
	__typeof__(xmlFreeDoc) *FreeDoc;
	__typeof__(xmlInitParser) *InitParser;
	__typeof__(xmlReadMemory) *ReadMemory;
	__typeof__(xmlSetGenericErrorFunc) *SetGenericErrorFunc;
	__typeof__(xmlStrEqual) *StrEqual;
	__typeof__(xmlThrDefSetGenericErrorFunc) *ThrDefSetGenericErrorFunc;
	__typeof__(xmlXPathCastToBoolean) *XPathCastToBoolean;
	__typeof__(xmlXPathCastToString) *XPathCastToString;
	__typeof__(xmlXPathEvalExpression) *XPathEvalExpression;
	__typeof__(xmlXPathFreeContext) *XPathFreeContext;
	__typeof__(xmlXPathFreeObject) *XPathFreeObject;
	__typeof__(xmlXPathNewContext) *XPathNewContext;
	__typeof__(xmlXPathRegisterNs) *XPathRegisterNs;
	xmlFreeFunc *Free;
} xml;

static const struct {
	const char *name;
	size_t at;
} functions[] = {
#define ROW(NAME) {"xml" #NAME, offsetof(__typeof__(xml), NAME)}
    ROW(DocGetRootElement),
    ROW(FreeDoc),
    ROW(InitParser),
    ROW(ReadMemory),
    ROW(SetGenericErrorFunc),
    ROW(StrEqual),
    ROW(ThrDefSetGenericErrorFunc),
    ROW(XPathCastToBoolean),
    ROW(XPathCastToString),
    ROW(XPathEvalExpression),
    ROW(XPathFreeContext),
    ROW(XPathFreeObject),
    ROW(XPathNewContext),
    ROW(XPathRegisterNs),
    ROW(Free),
#undef ROW
};
static bool usable;

static void xml_load(void)
{
	usable = vir_load(NULL) == 0;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *address = vir_symbol(functions[i].name);

		usable = usable && address;
		memcpy((char *)&xml + functions[i].at, &address, sizeof(address));
	}
}

static bool xml_is_usable(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, xml_load);
	return usable;
}

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
	{"hostel", XML_NAMESPACE},
	{"qemu", XML_QEMU_NAMESPACE},
	{"libosinfo", "http://libosinfo.org/xmlns/libvirt/domain/1.0"},
};

static void ignore_message(void *context, const char *format, ...)
{
	(void)context, (void)format;
}

void xml_be_silent(void)
{
	if (!xml_is_usable())
		return;
	xml.InitParser();
	xml.ThrDefSetGenericErrorFunc(NULL, ignore_message);
	xml.SetGenericErrorFunc(NULL, ignore_message);
}

struct xml *xml_read(const char *text, const char *root)
{
	struct xml *x;

	if (!xml_is_usable())
		return NULL;
	x = mem_new(sizeof(*x));
	x->doc = xml.ReadMemory(text, (int)strlen(text), "libvirt.xml", NULL,
	                        XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
	xmlNode *top = x->doc ? xml.DocGetRootElement(x->doc) : NULL;
	x->at = top && (!root || xml.StrEqual(top->name, as_xml(root))) ? xml.XPathNewContext(x->doc) : NULL;
	if (!x->at) {
		xml_free(x);
		return NULL;
	}
	x->at->node = top;
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		xml.XPathRegisterNs(x->at, as_xml(namespaces[i].prefix), as_xml(namespaces[i].uri));
	return x;
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	xml.XPathFreeContext(x->at);
	xml.FreeDoc(x->doc);
	free(x);
}

char *xml_text(struct xml *x, const char *xpath)
{
	xmlXPathObject *found = xml.XPathEvalExpression(as_xml(xpath), x->at);
	char *text = NULL;

	if (found) {
		xmlChar *value = xml.XPathCastToString(found);
		text = value && *value ? mem_strdup((const char *)value) : NULL;
		(*xml.Free)(value);
	}
	xml.XPathFreeObject(found);
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
	xmlXPathObject *found = xml.XPathEvalExpression(as_xml(xpath), x->at);
	bool yes = found && xml.XPathCastToBoolean(found);

	xml.XPathFreeObject(found);
	return yes;
}

void xml_each(struct xml *x, const char *xpath, void (*each)(struct xml *x, void *context), void *context)
{
	xmlXPathObject *found = xml.XPathEvalExpression(as_xml(xpath), x->at);
	xmlNode *before = x->at->node;

	for (int i = 0; found && found->nodesetval && i < found->nodesetval->nodeNr; i++) {
		x->at->node = found->nodesetval->nodeTab[i];
		each(x, context);
	}
	x->at->node = before;
	xml.XPathFreeObject(found);
}
