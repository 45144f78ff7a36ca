// The networks of a container, as its parameters name them: see attachment.h.
#include "attachment.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "model/address6.h"
#include "model/name.h"
#include "model/param.h"

// --- values ---

static int check_network(const char *value, struct err *e)
{
	return name_is_valid(NAME_OF_ANY, value)
	           ? 0
	           : err_msg(e, EINVAL,
	                     "invalid network '%s' (none, host, the name of a network, container:NAME or ns:PATH)", value);
}

static int check_address(const char *value, struct err *e)
{
	uint32_t address;

	return address_parse(value, &address) == 0
	           ? 0
	           : err_msg(e, EINVAL, "invalid address '%s' (for example 10.87.0.20)", value);
}

static int check_address6(const char *value, struct err *e)
{
	struct address6 address;

	return address6_parse(value, &address) == 0
	           ? 0
	           : err_msg(e, EINVAL, "invalid address '%s' (for example fd00::20)", value);
}

static int check_mac(const char *value, struct err *e)
{
	unsigned char mac[MAC_SIZE];

	return mac_parse(value, mac) == 0
	           ? 0
	           : err_msg(e, EINVAL, "invalid MAC address '%s' (for example 02:00:00:00:00:10)", value);
}

static int check_alias(const char *value, struct err *e)
{
	return name_is_valid(NAME_OF_ANY, value) ? 0 : err_msg(e, EINVAL, "invalid network alias '%s'", value);
}

#define AT(FIELD) offsetof(struct attachment, FIELD)

static const struct key {
	const char *name, *parameter; // in --network; the parameter with the same meaning
	size_t at;
	bool list;
	int (*check)(const char *value, struct err *e);
} keys[] = {
	{"ip", PARAM_IP, AT(address), false, check_address},
	{"ip6", PARAM_IP6, AT(address6), false, check_address6},
	{"mac", PARAM_MAC_ADDRESS, AT(mac), false, check_mac},
	{"alias", PARAM_NETWORK_ALIAS, AT(aliases), true, check_alias},
	{"mac-address", NULL, AT(mac), false, check_mac}, // docker's name for it
};

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_equal(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void *field_of(struct attachment *a, const struct key *key)
{
	return (char *)a + key->at;
}

static int set_value(struct attachment *a, const struct key *key, const char *value, struct err *e)
{
	if (key->check(value, e) < 0)
		return -e->code;
	if (key->list) {
		strv_add(field_of(a, key), value);
		return 0;
	}
	char **field = field_of(a, key);
	if (*field && strcasecmp(*field, value) != 0)
		return err_msg(e, EINVAL, "network '%s' takes one %s, but two are given: %s and %s", a->network, key->name,
		               *field, value);
	free(*field);
	*field = mem_strdup(value);
	return 0;
}

// --- networks ---

static void attachment_done(struct attachment *a)
{
	free(a->network);
	free(a->address);
	free(a->address6);
	free(a->mac);
	strv_done(&a->aliases);
}

void attachments_done(struct attachments *l)
{
	for (size_t i = 0; i < l->count; i++)
		attachment_done(&l->items[i]);
	free(l->items);
	*l = (struct attachments){0};
}

static int add_network(struct attachments *l, const char *name, struct err *e)
{
	if (check_network(name, e) < 0)
		return -e->code;
	for (size_t i = 0; i < l->count; i++)
		if (str_equal(l->items[i].network, name))
			return err_msg(e, EINVAL, "network '%s' is named twice", name);
	l->items = mem_resize(l->items, l->count + 1, sizeof(*l->items));
	l->items[l->count++] = (struct attachment){.network = mem_strdup(name)};
	return 0;
}

// KEY=VALUE of the last network; docker also writes the name as a key.
static int add_option(struct attachments *l, const char *option, struct err *e)
{
	size_t length = strcspn(option, "=");
	auto_free char *name = mem_strndup(option, length);
	const struct key *key = find_key(name);

	if (str_equal(name, "name"))
		return add_network(l, option + length + 1, e);
	if (!key || !l->count)
		return err_msg(e, EINVAL, "invalid option '%s' of a network (ip=, ip6=, mac= or alias=, after its name)",
		               option);
	return set_value(&l->items[l->count - 1], key, option + length + 1, e);
}

// NAME, NAME:KEY=VALUE or KEY=VALUE; values may contain colons.
static int add_part(struct attachments *l, const char *part, struct err *e)
{
	size_t length = strcspn(part, ":=");

	if (!strchr(part, '='))
		return add_network(l, part, e);
	if (part[length] == '=')
		return add_option(l, part, e);
	auto_free char *name = mem_strndup(part, length);
	int r = add_network(l, name, e);
	return r < 0 ? r : add_option(l, part + length + 1, e);
}

int attachments_parse(struct attachments *l, const char *text, struct err *e)
{
	auto_strv parts = {0};
	int r = 0;

	strv_split(&parts, text, ",");
	for (size_t i = 0; r == 0 && i < parts.count; i++)
		r = add_part(l, parts.items[i], e);
	return r < 0 || parts.count ? r : check_network(text, e);
}

static int add_parameter(struct attachments *l, const struct key *key, const char *value, struct err *e)
{
	int r = 0;

	if (!key->list && l->count > 1)
		return err_msg(e, EINVAL, "'--%s' is for a single network (write --" PARAM_NETWORK " %s:%s=%s)",
		               key->parameter, l->items[0].network, key->name, value);
	for (size_t i = 0; r == 0 && i < l->count; i++)
		r = set_value(&l->items[i], key, value, e);
	return r;
}

int attachments_read(struct attachments *l, const struct params *p, struct err *e)
{
	const char *value;
	int r = 0;

	for (size_t i = 0; r == 0 && (value = params_get_nth(p, PARAM_NETWORK, i)); i++)
		r = *value ? attachments_parse(l, value, e) : 0;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		for (size_t i = 0; r == 0 && keys[k].parameter && (value = params_get_nth(p, keys[k].parameter, i)); i++)
			r = *value ? add_parameter(l, &keys[k], value, e) : 0;
	return r;
}

char *attachment_text(const struct attachment *a)
{
	auto_str out = {0};
	char next = ':';

	str_add(&out, a->network);
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		char *const *one = (char *const *)(const void *)((const char *)a + keys[k].at);
		const struct strv *list = (const struct strv *)(const void *)one;
		size_t count = !keys[k].parameter ? 0 : keys[k].list ? list->count : *one != NULL;
		for (size_t i = 0; i < count; i++, next = ',')
			str_addf(&out, "%c%s=%s", next, keys[k].name, keys[k].list ? list->items[i] : *one);
	}
	return str_steal(&out);
}
