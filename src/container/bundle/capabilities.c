// The capabilities of a container: see sections.h.
#include "sections.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "container/store/record.h"
#include "model/param.h"

static const char *const capabilities[] = {
	"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",       "CAP_NET_BIND_SERVICE",
	"CAP_SETFCAP", "CAP_SETGID",      "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
};

// "chown", "cap_chown" → "CAP_CHOWN"
static char *capability_name(const char *text)
{
	char *name = mem_printf("%s%s", strncasecmp(text, "cap_", 4) == 0 ? "" : "CAP_", text);

	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return name;
}

static bool lists_capability(const struct record *r, const char *parameter, const char *capability)
{
	const char *value;

	for (size_t i = 0; (value = params_get_nth(&r->params, parameter, i)); i++) {
		auto_free char *name = capability_name(value);
		if (strcmp(name, capability) == 0 || strcmp(name, "CAP_ALL") == 0)
			return true;
	}
	return false;
}

json_t *capabilities_section(const struct record *r)
{
	json_t *list = json_array();
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (!lists_capability(r, PARAM_CAP_DROP, capabilities[i]))
			json_array_append_new(list, json_string(capabilities[i]));
	for (size_t i = 0; (value = params_get_nth(&r->params, PARAM_CAP_ADD, i)); i++) {
		auto_free char *name = capability_name(value);
		json_array_append_new(list, json_string(name));
	}
	return list;
}
