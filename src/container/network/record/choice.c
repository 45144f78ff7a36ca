// The parameters of a container's network: see choice.h.
#include "choice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attachment.h"
#include "base/mem.h"
#include "base/str.h"
#include "container/bundle/network_files.h"
#include "model/address.h"
#include "model/name.h"
#include "model/param.h"
#include "model/ports.h"
#include "model/workload.h"
#include "state.h"

static const struct {
	const char *prefix;
	enum network_mode mode;
} modes[] = {
	{"container:", NETWORK_CONTAINER},
	{"ns:", NETWORK_PATH},
};

static enum network_mode word_mode(const char *value)
{
	return str_equal(value, "none") ? NETWORK_NONE : str_equal(value, "host") ? NETWORK_HOST : NETWORK_NAMED;
}

struct network_choice network_choose(const struct record *r)
{
	const char *value = params_or(&r->params, PARAM_NETWORK, "none");

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_starts(value, modes[i].prefix))
			return (struct network_choice){modes[i].mode, value + strlen(modes[i].prefix)};
	return (struct network_choice){word_mode(value), NULL};
}

static int check_container(const char *value, struct err *e)
{
	return name_is_valid(KIND_CONTAINER, value) ? 0 : err_msg(e, EINVAL, "invalid name of a container '%s'", value);
}

static int check_path(const char *value, struct err *e)
{
	return value[0] == '/' ? 0 : err_msg(e, EINVAL, "invalid path '%s' (must be absolute)", value);
}

static int check_server(const char *value, struct err *e)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, value, bytes) == 1 || inet_pton(AF_INET6, value, bytes) == 1
	           ? 0
	           : err_msg(e, EINVAL, "invalid DNS server '%s' (an address)", value);
}

static int check_search(const char *value, struct err *e)
{
	return *value && !value[strcspn(value, " \t\r\n#")] ? 0 : err_msg(e, EINVAL, "invalid search domain '%s'", value);
}

// Whether the address of NAME:ADDRESS is that of this host.
static bool is_host_gateway(const char *value)
{
	return str_equal(value + strcspn(value, ":"), ":" HOST_GATEWAY);
}

// NAME:ADDRESS; the address may be IPv6.
static int check_host(const char *value, struct err *e)
{
	size_t n = strcspn(value, ": \t\r\n#");
	struct err ignored;

	return n && value[n] == ':' && (is_host_gateway(value) || check_server(value + n + 1, &ignored) == 0)
	           ? 0
	           : err_msg(e, EINVAL, "invalid host '%s' (NAME:ADDRESS, for example db:10.0.0.7)", value);
}

enum { ON_NAMED = 1 << NETWORK_NAMED, ON_OWN_FILES = ~(1 << NETWORK_CONTAINER) };

// The parameters, and the modes (a bit each) in which they have an effect.
static const struct row {
	const char *parameter;
	unsigned modes;
	int (*check)(const char *value, struct err *e);
} rows[] = {
	{PARAM_IP, ON_NAMED, NULL}, // checked by attachments_read(), like the next three
	{PARAM_IP6, ON_NAMED, NULL},
	{PARAM_MAC_ADDRESS, ON_NAMED, NULL},
	{PARAM_NETWORK_ALIAS, ON_NAMED, NULL},
	{PARAM_PUBLISH, ON_NAMED, NULL}, // checked together
	{PARAM_PUBLISH_ALL, ON_NAMED, NULL},
	{PARAM_DNS, ON_OWN_FILES, check_server},
	{PARAM_DNS_SEARCH, ON_OWN_FILES, check_search},
	{PARAM_ADD_HOST, ON_OWN_FILES, check_host},
};

static int check_row(const struct record *r, const struct row *row, unsigned mode, struct err *e)
{
	const char *value;

	for (size_t i = 0; (value = params_get_nth(&r->params, row->parameter, i)); i++) {
		if (*value && !str_equal(value, "no") && !(row->modes & mode))
			return err_msg(e, EINVAL, "'--%s' has no effect with '--" PARAM_NETWORK " %s'%s", row->parameter,
			               params_or(&r->params, PARAM_NETWORK, "none"),
			               row->modes == ON_NAMED ? " (name a network, for example default)" : "");
		if (*value && row->check && row->check(value, e) < 0)
			return -e->code;
	}
	return 0;
}

static int check_ports(const struct record *r, struct err *e)
{
	struct ports ports = {0};
	const char *value;
	int result = 0;

	for (size_t i = 0; result == 0 && (value = params_get_nth(&r->params, PARAM_PUBLISH, i)); i++)
		result = *value ? ports_parse(&ports, value, e) : 0;
	if (result == 0)
		result = ports_check(&ports, e);
	ports_done(&ports);
	return result;
}

// Only networks can be combined.
static int check_count(const struct record *r, enum network_mode mode, struct err *e)
{
	const char *first = params_or(&r->params, PARAM_NETWORK, "");
	const char *second = params_get_nth(&r->params, PARAM_NETWORK, 1);

	return mode == NETWORK_NAMED || !second
	           ? 0
	           : err_msg(e, EINVAL, "'--" PARAM_NETWORK " %s' cannot be combined with '%s'", first, second);
}

static int check_names(const struct record *r, struct err *e)
{
	auto_attachments l = {0};
	int result = attachments_read(&l, &r->params, e);

	for (size_t i = 0; result == 0 && i < l.count; i++)
		if (word_mode(l.items[i].network) != NETWORK_NAMED)
			result = err_msg(e, EINVAL, "'--" PARAM_NETWORK " %s' cannot be combined with others", l.items[i].network);
	return result;
}

int network_check_host(const struct record *r, struct err *e)
{
	bool known = r->join.host || network_choose(r).mode == NETWORK_HOST;
	const char *value;

	for (size_t i = 0; !known && (value = params_get_nth(&r->params, PARAM_ADD_HOST, i)); i++)
		if (is_host_gateway(value))
			return err_msg(e, EINVAL, "'--" PARAM_ADD_HOST " %s': this host has no address in network '%s'", value,
			               params_or(&r->params, PARAM_NETWORK, "none"));
	return 0;
}

bool network_is_private(const struct record *r)
{
	return str_equal(params_get(&r->params, PARAM_NETWORK), NETWORK_PRIVATE);
}

int network_check(const struct record *r, struct err *e)
{
	static int (*const of[])(const char *value, struct err *e) = {
		[NETWORK_CONTAINER] = check_container, [NETWORK_PATH] = check_path,
	};
	struct network_choice choice = network_choose(r);

	if (choice.of && of[choice.mode](choice.of, e) < 0)
		return -e->code;
	if (check_count(r, choice.mode, e) < 0)
		return -e->code;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (check_row(r, &rows[i], 1u << choice.mode, e) < 0)
			return -e->code;
	if (choice.mode != NETWORK_NAMED)
		return 0;
	return check_ports(r, e) < 0 ? -e->code : check_names(r, e);
}
