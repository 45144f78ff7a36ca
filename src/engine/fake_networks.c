// Networks of the fake engine: see fake_networks.h. What was done to them is in `kept`.
#include "fake_networks.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/mem.h"
#include "model/id.h"
#include "model/network.h"
#include "model/param.h"

static const struct row {
	const char *name, *bridge, *addresses, *subnet;
	bool active;
} networks[] = {
	{FAKE_NETWORK, "virbr0", "192.168.122.1/24", "192.168.122.0/24", true},
	{"lab", "virbr1", "10.9.0.1/24", "10.9.0.0/24", false},
};

// --- what is kept ---

static const char *kept(const struct fake *f, const char *what, const char *name)
{
	auto_free char *key = mem_printf("network%s/%s", what, name);

	return params_get(&f->kept, key);
}

static void keep(struct fake *f, const char *what, const char *name, const char *value)
{
	auto_free char *key = mem_printf("network%s/%s", what, name);

	params_set(&f->kept, key, value);
}

// The row of a network that exists from the start, and was not deleted since.
static const struct row *find_row(const struct fake *f, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(networks) && !kept(f, "", name); i++)
		if (str_equal(networks[i].name, name))
			return &networks[i];
	return NULL;
}

static bool exists(const struct fake *f, const char *name)
{
	return find_row(f, name) || str_equal(kept(f, "", name), "yes");
}

static bool is_active(const struct fake *f, const char *name)
{
	const char *now = kept(f, "-active", name);
	const struct row *row = find_row(f, name);

	return now ? str_equal(now, "yes") : row && row->active;
}

static char *place_of(const char *name, const struct fake_row *row)
{
	return mem_printf("%s/%zu", name, row->index);
}

static bool is_on(const struct fake *f, const char *name, const struct fake_row *row)
{
	auto_free char *place = place_of(name, row);
	const char *now = kept(f, "-on", place);
	const struct row *network = find_row(f, name);

	return now ? str_equal(now, "yes") : network && network->active && fake_row_is_detailed(row);
}

static void set_on(struct fake *f, const char *name, const struct fake_row *row, bool on)
{
	auto_free char *place = place_of(name, row);

	keep(f, "-on", place, on ? "yes" : "no");
}

static void add_users(const struct fake *f, const char *name, struct strv *users)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->rows[i]->gone && is_on(f, name, f->rows[i]))
			strv_add(users, f->rows[i]->name);
}

void fake_network_names(const struct fake *f, struct strv *names)
{
	const char *prefix = "network/";

	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		if (find_row(f, networks[i].name))
			strv_add(names, networks[i].name);
	for (size_t i = 0; i < f->kept.count; i++)
		if (str_starts(f->kept.items[i].name, prefix) && str_equal(f->kept.items[i].value, "yes"))
			strv_add(names, f->kept.items[i].name + strlen(prefix));
}

void fake_networks_of(const struct fake *f, const struct fake_row *row, struct strv *names)
{
	auto_strv all = {0};

	fake_network_names(f, &all);
	for (size_t i = 0; i < all.count; i++)
		if (is_on(f, all.items[i], row))
			strv_add(names, all.items[i]);
}

// --- the list ---

static void add_leases(const struct fake *f, struct network *net)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->rows[i]->gone && f->rows[i]->role->kind == KIND_GUEST && fake_row_exists(f->rows[i]) &&
		    is_on(f, FAKE_NETWORK, f->rows[i]))
			strv_addf(&net->leases, "52:54:00:00:00:%02zx 192.168.122.%zu %s", i, i + 2, f->rows[i]->name);
}

static void add_network(const struct fake *f, struct inventory *inv, const char *name)
{
	const struct row *row = find_row(f, name);
	struct network net = {.kind = KIND_NETWORK,
	                      .created = f->wall,
	                      .simulated = true,
	                      .state = is_active(f, name) ? STATE_ACTIVE : STATE_INACTIVE,
	                      .bridge = row ? mem_strdup(row->bridge) : NULL,
	                      .addresses = row ? mem_strdup(row->addresses) : NULL,
	                      .autostart = row && row->active,
	                      .persistent = row != NULL};

	id_fill(&net.item, "fake", name, name);
	add_users(f, name, &net.used_by);
	if (row && row->active)
		add_leases(f, &net);
	inventory_upsert_item(inv, &net.item);
}

void fake_networks_list(const struct fake *f, struct inventory *inv)
{
	auto_strv names = {0};

	fake_network_names(f, &names);
	for (size_t i = 0; i < names.count; i++)
		add_network(f, inv, names.items[i]);
}

// --- documents ---

static void write_definition(const struct fake *f, const char *name, struct str *text)
{
	const struct row *row = find_row(f, name);
	const char *edited = kept(f, "-definition", name);

	if (edited)
		str_add(text, edited);
	else
		str_addf(text, "{\n  \"" PARAM_NAME "\": \"%s\",\n  \"" PARAM_SUBNET "\": \"%s\"\n}\n", name,
		         row ? row->subnet : "10.87.0.0/24");
}

int fake_network_read(const struct fake *f, const char *name, enum document what, struct str *text, struct err *e)
{
	if (!exists(f, name))
		return err_msg(e, ENOENT, "no network '%s'", name);
	if (what == DOCUMENT_DETAILS)
		str_addf(text, "Name: %s\nState: %s\nSimulated: yes\n", name, is_active(f, name) ? "active" : "inactive");
	else
		write_definition(f, name, text);
	return 0;
}

// --- verbs ---

static int check_exists(const struct fake *f, const char *name, struct err *e)
{
	return exists(f, name) ? 0 : err_msg(e, ENOENT, "no network '%s'", name);
}

static int refuse_used(const struct fake *f, const char *name, struct err *e)
{
	auto_strv users = {0};

	add_users(f, name, &users);
	return users.count ? err_msg(e, EBUSY, "network '%s' is used by %s (stop or disconnect it first)", name,
	                             users.items[0])
	                   : check_exists(f, name, e);
}

int fake_network_create(struct fake *f, const char *name, const struct params *p, const struct job *job,
                        struct err *e)
{
	(void)p, (void)job;
	if (exists(f, name))
		return err_msg(e, EEXIST, "network '%s' already exists", name);
	keep(f, "", name, "yes");
	keep(f, "-active", name, "no");
	return 0;
}

int fake_network_delete(struct fake *f, const char *name, const struct params *p, const struct job *job,
                        struct err *e)
{
	int r = refuse_used(f, name, e);

	(void)p, (void)job;
	if (r == 0)
		keep(f, "", name, "no");
	return r;
}

int fake_network_start(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	int r = check_exists(f, name, e);

	(void)p, (void)job;
	if (r == 0)
		keep(f, "-active", name, "yes");
	return r;
}

int fake_network_stop(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	int r = refuse_used(f, name, e);

	(void)p, (void)job;
	if (r == 0)
		keep(f, "-active", name, "no");
	return r;
}

int fake_network_edit(struct fake *f, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	const char *text = params_or(p, PARAM_DEFINITION, "");
	json_t *object = json_loads(text, 0, NULL);
	bool right = json_is_object(object);

	(void)job;
	json_decref(object);
	if (!right)
		return err_msg(e, EINVAL, "the definition is not a JSON object");
	keep(f, "-definition", name, text);
	return check_exists(f, name, e);
}

// A network goes up with the first container that runs on it.
static int connect_row(struct fake *f, struct fake_row *row, const char *name, bool on, struct err *e)
{
	if (check_exists(f, name, e) < 0)
		return -e->code;
	if (is_on(f, name, row) == on)
		return err_msg(e, on ? EEXIST : ENOENT, "container '%s' is %s network '%s'", row->name,
		               on ? "already on" : "not on", name);
	set_on(f, name, row, on);
	if (on && fake_row_exists(row))
		keep(f, "-active", name, "yes");
	return 0;
}

int fake_row_connect(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	return connect_row(f, row, params_or(p, PARAM_TO, ""), true, e);
}

int fake_row_disconnect(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	return connect_row(f, row, params_or(p, PARAM_TO, ""), false, e);
}

static int connect_named(struct fake *f, const char *name, const char *container, bool on, struct err *e)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->rows[i]->gone && f->rows[i]->role->kind == KIND_CONTAINER && str_equal(f->rows[i]->name, container))
			return connect_row(f, f->rows[i], name, on, e);
	return err_msg(e, ENOENT, "no container '%s'", container);
}

int fake_network_connect(struct fake *f, const char *name, const struct params *p, const struct job *job,
                         struct err *e)
{
	(void)job;
	return connect_named(f, name, params_or(p, PARAM_TO, ""), true, e);
}

int fake_network_disconnect(struct fake *f, const char *name, const struct params *p, const struct job *job,
                            struct err *e)
{
	(void)job;
	return connect_named(f, name, params_or(p, PARAM_TO, ""), false, e);
}
