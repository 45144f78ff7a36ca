// Definitions as text: see model/definition.h.
#include "model/definition.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "model/param.h"
#include "model/verb.h"

// The value of NAME: text, or a list where there are several. A new reference.
static json_t *value_of(const struct params *params, const char *name)
{
	json_t *list = json_array(), *only;
	const char *value;

	for (size_t i = 0; (value = params_get_nth(params, name, i)); i++)
		json_array_append_new(list, json_string(value));
	if (json_array_size(list) != 1)
		return list;
	only = json_incref(json_array_get(list, 0));
	json_decref(list);
	return only;
}

static json_t *object_of(enum kind kind, const char *name, const struct params *params)
{
	json_t *object = json_object();
	const struct verb_field *f;

	json_object_set_new(object, PARAM_NAME, json_string(name));
	for (size_t i = 0; i < params->count; i++)
		if (!json_object_get(object, params->items[i].name))
			json_object_set_new(object, params->items[i].name, value_of(params, params->items[i].name));
	for (size_t i = 0; (f = verb_field(VERB_SET, 1u << kind, i)); i++)
		if (!json_object_get(object, f->name))
			json_object_set_new(object, f->name, json_string(""));
	return object;
}

void definition_write(struct str *out, enum kind kind, const char *name, const struct params *params)
{
	json_t *object = object_of(kind, name, params);
	char *text = json_dumps(object, JSON_INDENT(2));

	str_addf(out, "%s\n", text ? text : "{}");
	free(text);
	json_decref(object);
}

size_t definition_line(const char *text, const char *part)
{
	const char *at = strstr(text, part);
	size_t line = at ? 1 : 0;

	for (; at && text < at; text++)
		line += *text == '\n';
	return line;
}

static const char fixed[] = "cannot be changed once it is created";

static int refuse_key(const char *text, const char *key, const char *why, struct err *e)
{
	auto_free char *quoted = mem_printf("\"%s\"", key);
	size_t line = definition_line(text, quoted);

	return line ? err_msg(e, EINVAL, "line %zu: '%s' %s", line, key, why) : err_msg(e, EINVAL, "'%s' %s", key, why);
}

struct changes {
	const char *text;
	enum kind kind;
	char **to;
	struct params *params;
	struct err *e;
};

static int change_to(const struct changes *c, const char *key, const char *value)
{
	const struct verb_field *f = verb_field_find(VERB_SET, 1u << c->kind, key);
	struct err why = {0};

	if (strcmp(key, PARAM_NAME) == 0) {
		*c->to = mem_strdup(value);
		return 0;
	}
	if (!f)
		return refuse_key(c->text, key, fixed, c->e);
	if (!*value && !(f->flags & FIELD_LIMIT))
		return refuse_key(c->text, key, "needs a value", c->e);
	value = *value ? value : "0";
	if (verb_check_value(f, value, &why) < 0)
		return err_msg(c->e, EINVAL, "line %zu: %s", definition_line(c->text, key), why.text);
	params_add(c->params, key, value);
	return 0;
}

static bool is_unset(const json_t *value)
{
	return !value || (json_is_string(value) && !*json_string_value(value));
}

static int compare_key(const struct changes *c, const char *key, const json_t *old, const json_t *new)
{
	if (json_equal(old, new) || (is_unset(old) && !new))
		return 0;
	if (new && !json_is_string(new))
		return refuse_key(c->text, key, json_is_array(old) ? fixed : "takes text", c->e);
	return change_to(c, key, new ? json_string_value(new) : "");
}

static int compare(const struct changes *c, json_t *old, json_t *new)
{
	const char *key;
	json_t *value;
	int r = 0;

	json_object_foreach(new, key, value)
		if (r == 0)
			r = compare_key(c, key, json_object_get(old, key), value);
	json_object_foreach(old, key, value)
		if (r == 0 && !json_object_get(new, key))
			r = compare_key(c, key, value, NULL);
	return r;
}

int definition_changes(const char *text, enum kind kind, const char *name, const struct params *params, char **to,
                       struct params *changes, struct err *e)
{
	const struct changes c = {text, kind, to, changes, e};
	json_error_t error;
	json_t *new = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	*to = NULL;
	if (!json_is_object(new)) {
		json_decref(new);
		return new ? err_msg(e, EINVAL, "line 1: not an object")
		           : err_msg(e, EINVAL, "line %d: %s", error.line, error.text);
	}
	json_t *old = object_of(kind, name, params);
	int r = compare(&c, old, new);
	json_decref(old);
	json_decref(new);
	if (r < 0)
		free(steal(*to));
	return r;
}
