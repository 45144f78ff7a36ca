// Instructions that change an image's configuration: see instruction.h.
#include "instruction.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"

typedef int change(json_t *config, const char *key, const char *value, struct err *e);

static int refuse(const char *instruction, const char *reason, struct err *e)
{
	return err_msg(e, EINVAL, "invalid change '%s': %s", instruction, reason);
}

// A list in JSON; NULL if VALUE is not a list of strings.
static json_t *read_list(const char *value)
{
	json_t *list = json_loads(value, 0, NULL);
	size_t i;
	json_t *item;
	bool good = json_is_array(list);

	json_array_foreach (list, i, item)
		good = good && json_is_string(item);
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

// ["a", "b"] unchanged, anything else as a command line for the shell.
static int set_command(json_t *config, const char *key, const char *value, struct err *e)
{
	json_t *list = value[0] == '[' ? read_list(value) : json_pack("[s, s, s]", "/bin/sh", "-c", value);

	if (!list)
		return refuse(value, "not a list of strings", e);
	json_object_set_new(config, key, list);
	return 0;
}

static int set_text(json_t *config, const char *key, const char *value, struct err *e)
{
	(void)e;
	json_object_set_new(config, key, json_string(value));
	return 0;
}

static json_t *object_at(json_t *config, const char *key)
{
	if (!json_is_object(json_object_get(config, key)))
		json_object_set_new(config, key, json_object());
	return json_object_get(config, key);
}

void instruction_set_env(json_t *config, const char *pair)
{
	json_t *list = json_object_get(config, "Env");
	size_t n = strcspn(pair, "=") + 1, i;
	json_t *item;

	if (!json_is_array(list))
		json_object_set_new(config, "Env", list = json_array());
	json_array_foreach (list, i, item)
		if (json_is_string(item) && strncmp(json_string_value(item), pair, n) == 0) {
			json_array_set_new(list, i, json_string(pair));
			return;
		}
	json_array_append_new(list, json_string(pair));
}

// "NAME=VALUE …", where VALUE may be quoted, or "NAME VALUE".
static bool read_pairs(struct strv *pairs, const char *value)
{
	size_t name = strcspn(value, "= \t");

	if (name == 0 || !value[name])
		return false;
	if (value[name] != '=') {
		const char *rest = value + name + strspn(value + name, " \t");
		strv_addf(pairs, "%.*s=%s", (int)name, value, rest);
		return *rest;
	}
	bool good = strv_split_quoted(pairs, value);
	for (size_t i = 0; i < pairs->count; i++)
		good = good && strchr(pairs->items[i], '=') && pairs->items[i][0] != '=';
	return good;
}

static int set_env(json_t *config, const char *key, const char *value, struct err *e)
{
	auto_strv pairs = {0};

	(void)key;
	if (!read_pairs(&pairs, value))
		return refuse(value, "not NAME=VALUE", e);
	for (size_t i = 0; i < pairs.count; i++)
		instruction_set_env(config, pairs.items[i]);
	return 0;
}

static int set_labels(json_t *config, const char *key, const char *value, struct err *e)
{
	auto_strv pairs = {0};

	if (!read_pairs(&pairs, value))
		return refuse(value, "not NAME=VALUE", e);
	for (size_t i = 0; i < pairs.count; i++) {
		char *equals = strchr(pairs.items[i], '=');
		*equals = '\0';
		json_object_set_new(object_at(config, key), pairs.items[i], json_string(equals + 1));
	}
	return 0;
}

static int add_keys(json_t *config, const char *key, const struct strv *names)
{
	for (size_t i = 0; i < names->count; i++)
		json_object_set_new(object_at(config, key), names->items[i], json_object());
	return 0;
}

static int add_volumes(json_t *config, const char *key, const char *value, struct err *e)
{
	json_t *list = value[0] == '[' ? read_list(value) : NULL;
	auto_strv names = {0};
	size_t i;
	json_t *item;

	if (value[0] == '[' && !list)
		return refuse(value, "not a list of strings", e);
	json_array_foreach (list, i, item)
		strv_add(&names, json_string_value(item));
	if (!list)
		strv_split(&names, value, " \t");
	json_decref(list);
	return add_keys(config, key, &names);
}

// "80", "80/udp", "8000-8010/tcp"
static int add_ports(json_t *config, const char *key, const char *value, struct err *e)
{
	auto_strv words = {0}, ports = {0};

	strv_split(&words, value, " \t");
	for (size_t i = 0; i < words.count; i++) {
		const char *slash = strchr(words.items[i], '/');
		size_t digits = strspn(words.items[i], STR_DIGITS "-"), n = strcspn(words.items[i], "/");
		if (digits == 0 || digits != n || (slash && !slash[1]))
			return refuse(value, "not a port", e);
		strv_addf(&ports, "%s%s", words.items[i], slash ? "" : "/tcp");
	}
	return add_keys(config, key, &ports);
}

static const struct {
	const char *name, *key;
	change *change;
} instructions[] = {
	{"CMD", "Cmd", set_command},
	{"ENTRYPOINT", "Entrypoint", set_command},
	{"ENV", NULL, set_env},
	{"EXPOSE", "ExposedPorts", add_ports},
	{"LABEL", "Labels", set_labels},
	{"STOPSIGNAL", "StopSignal", set_text},
	{"USER", "User", set_text},
	{"VOLUME", "Volumes", add_volumes},
	{"WORKDIR", "WorkingDir", set_text},
};

int instruction_apply(json_t *config, const char *instruction, struct err *e)
{
	size_t n = strcspn(instruction, " \t=");
	// podman also takes NAME=VALUE
	const char *value = instruction + n + strspn(instruction + n, " \t");

	value += *value == '=';
	for (size_t i = 0; *value && i < ARRAY_SIZE(instructions); i++)
		if (strlen(instructions[i].name) == n && strncasecmp(instructions[i].name, instruction, n) == 0)
			return instructions[i].change(config, instructions[i].key, value, e);
	return refuse(instruction,
	              *value ? "supported: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR"
	                     : "it has no value",
	              e);
}
