// Redefining a guest: see edit.h.
#include "edit.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "guest/connection/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"
#include "model/definition.h"
#include "model/param.h"
#include "power.h"

// A definition with another UUID, or none, would be another guest's.
static int check_uuid(const struct call *c, const char *text, struct err *e)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	struct xml *xml = xml_read(text, "domain");

	if (!xml) // libvirt says where it is wrong
		return 0;
	auto_free char *given = xml_text(xml, "/domain/uuid");
	xml_free(xml);
	vir.DomainGetUUIDString(c->domain, uuid);
	if (str_equal(given, uuid))
		return 0;
	return err_msg(e, EINVAL, "line %zu: the UUID of guest '%s' must be %s",
	               definition_line(text, given ? "<uuid" : "<domain"), c->name, uuid);
}

// Where the schema does not hold: libvirt names the innermost element first, without its line.
static size_t refused_line(const char *text, const char *why)
{
	static const char element[] = "lement ";
	const char *at = strstr(why, element);
	size_t n = at ? strcspn(at + strlen(element), " ;") : 0;
	auto_free char *tag = mem_printf("<%.*s", (int)n, n ? at + strlen(element) : "");

	return n ? definition_line(text, tag) : 0;
}

static int refuse_definition(const struct call *c, const char *text, struct err *e)
{
	struct err why = {0};

	guest_error(&why, "cannot change the definition of guest '%s'", c->name);
	size_t line = refused_line(text, why.text);

	return line ? err_msg(e, why.code, "line %zu: %s", line, why.text) : err_msg(e, why.code, "%s", why.text);
}

int guest_edit(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	const char *text = params_or(p, PARAM_DEFINITION, "");
	int r = check_uuid(c, text, e);

	(void)g;
	if (r == 0 && vir.DomainIsPersistent(c->domain) == 0)
		r = err_msg(e, EINVAL, "guest '%s' is transient: it has no definition to edit", c->name);
	if (r < 0)
		return r;
	virDomainPtr defined = vir.DomainDefineXMLFlags(c->conn, text, VIR_DOMAIN_DEFINE_VALIDATE);
	if (!defined)
		return refuse_definition(c, text, e);
	vir.DomainFree(defined);
	if (guest_is_on(c->domain))
		job_note(job, "takes effect at the next start");
	return 0;
}
