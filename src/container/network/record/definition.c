// Definitions of networks as text: see definition.h.
#include "definition.h"

#include <errno.h>

#include <jansson.h>

#include "base/mem.h"
#include "model/param.h"

void network_definition_write(const struct own_network *o, struct str *out)
{
	auto_free char *subnet = subnet_text(&o->subnet),
	               *subnet6 = o->subnet6.prefix ? subnet6_text(&o->subnet6) : mem_strdup("none");
	json_t *object = json_pack("{s:s, s:s, s:s, s:b}", PARAM_NAME, o->name, PARAM_SUBNET, subnet, PARAM_SUBNET6,
	                           subnet6, PARAM_INTERNAL, o->isolated);
	auto_free char *text = json_dumps(object, JSON_INDENT(2));

	json_decref(object);
	str_addf(out, "%s\n", text ? text : "{}");
}

static int set_name(struct own_network *o, const json_t *value, struct err *e)
{
	return str_equal(json_string_value(value), o->name)
	           ? 0
	           : err_msg(e, EINVAL, "the name of network '%s' cannot be changed (create another network)", o->name);
}

static int set_subnet(struct own_network *o, const json_t *value, struct err *e)
{
	const char *text = json_string_value(value);

	return subnet_parse(text ? text : "", &o->subnet, e);
}

static int set_subnet6(struct own_network *o, const json_t *value, struct err *e)
{
	const char *text = json_string_value(value);

	o->subnet6 = (struct subnet6){0};
	return str_equal(text, "none") ? 0 : subnet6_parse(text ? text : "", &o->subnet6, e);
}

static int set_internal(struct own_network *o, const json_t *value, struct err *e)
{
	o->isolated = json_is_true(value);
	return json_is_boolean(value) ? 0 : err_msg(e, EINVAL, "'" PARAM_INTERNAL "' must be true or false");
}

static const struct member {
	const char *name;
	int (*set)(struct own_network *o, const json_t *value, struct err *e);
} members[] = {
	{PARAM_NAME, set_name},
	{PARAM_SUBNET, set_subnet},
	{PARAM_SUBNET6, set_subnet6},
	{PARAM_INTERNAL, set_internal},
};

static int set_member(struct own_network *o, const char *name, const json_t *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (str_equal(members[i].name, name))
			return members[i].set(o, value, e);
	return err_msg(e, EINVAL, "unknown member '%s'", name);
}

int network_definition_read(struct own_network *o, const char *text, struct err *e)
{
	json_error_t where;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &where), *value;
	const char *name;
	int r = 0;

	if (!json_is_object(object))
		r = err_msg(e, EINVAL, "the definition is not a JSON object: line %d: %s", object ? 1 : where.line,
		            object ? "'{' expected" : where.text);
	json_object_foreach(object, name, value)
		r = r < 0 ? r : set_member(o, name, value, e);
	json_decref(object);
	return r;
}
