// Files of hostel's networks: see state.h.
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/store/store.h"
#include "model/name.h"
#include "sys/fs.h"
#include "sys/lock.h"

enum { FILE_MAX = 1 << 20 };

static const char run_path[] = "/run/hostel-networks";

// --- all networks ---

int networks_open_lock(const struct networks *n, struct err *e)
{
	auto_free char *path = mem_printf("%s/.lock", n->run);
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : fd;
}

static int take_lock(struct networks *n, struct err *e)
{
	auto_close int lock = networks_open_lock(n, e);
	int r = lock < 0 ? lock : lock_wait(lock, false, NETWORKS_LOCK, e);

	n->lock = r < 0 ? -1 : steal_fd(&lock);
	return r;
}

static uint32_t group_of(const char *store)
{
	auto_free char *text = mem_printf("hostel:%s", store);

	return (str_hash(text) & INT32_MAX) | 1; // 0 is the group of all other interfaces
}

// Searchable by others: the DNS server gives up root.
int networks_open(struct networks *n, const char *store, enum networks_access access_mode, struct err *e)
{
	*n = (struct networks){.lock = -1, .containers = -1};
	if (access_mode == NETWORKS_CHANGE && geteuid() == 0 && access(run_path, F_OK) < 0)
		return -errno;
	auto_free char *real = realpath(store, NULL);
	n->store = real ? steal(real) : mem_strdup(store);
	n->group = group_of(n->store);
	n->table = store_is_usual(n->store) ? mem_strdup("hostel") : mem_printf("hostel_%08x", str_hash(n->store));
	n->run = geteuid() == 0 ? mem_printf("%s/%s", run_path, n->table)
	                      : mem_printf("%s/networks-up/%s", n->store, n->table);
	if (access_mode == NETWORKS_READ)
		return 0;
	if (access_mode == NETWORKS_CHANGE && access(n->run, F_OK) < 0)
		return -errno;
	return networks_lock(n, e);
}

int networks_lock(struct networks *n, struct err *e)
{
	auto_free char *containers = mem_printf("%s/containers", n->store);

	if (fs_make_directories(n->run, 0755, e) < 0)
		return -e->code;
	if (n->containers < 0)
		n->containers = open(containers, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return n->containers < 0 ? err_set(e, errno, "cannot open '%s'", containers) : take_lock(n, e);
}

void networks_unlock(struct networks *n)
{
	auto_close_run(&n->lock);
	n->lock = -1;
}

int networks_lock_host(const struct networks *n, const char *file, const char *what, struct err *e)
{
	auto_free char *path = mem_printf("%s/../%s", n->run, file);
	auto_close int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : lock_wait(fd, false, what, e);

	return r < 0 ? r : steal_fd(&fd);
}

void networks_done(struct networks *n)
{
	auto_close_run(&n->lock);
	auto_close_run(&n->containers);
	free(n->store);
	free(n->table);
	free(n->run);
	*n = (struct networks){.lock = -1, .containers = -1};
}

// Adds the entries of directory PATH that are valid names, without ENDING, sorted. Returns negative errno if others
// may be missing.
static int add_names(const char *path, const char *ending, struct strv *names)
{
	DIR *dir = opendir(path);
	int r = dir || errno == ENOENT ? 0 : -errno;
	struct dirent *entry;

	while (dir && (errno = 0, entry = readdir(dir))) {
		size_t length = strlen(entry->d_name), cut = strlen(ending);
		auto_free char *name = str_ends(entry->d_name, ending) ? mem_strndup(entry->d_name, length - cut) : NULL;

		if (name && name_is_valid(NAME_OF_ANY, name))
			strv_add(names, name);
	}
	if (dir) {
		r = -errno;
		closedir(dir);
	}
	strv_sort(names);
	return r;
}

int networks_up(const struct networks *n, struct strv *names)
{
	auto_strv all = {0};
	int r = add_names(n->run, "", &all);

	for (size_t i = 0; i < all.count; i++) {
		auto_free char *path = mem_printf("%s/%s/network.json", n->run, all.items[i]);
		if (access(path, F_OK) == 0)
			strv_add(names, all.items[i]);
	}
	return r;
}

bool networks_are_unsettled(const struct networks *n)
{
	auto_free char *path = mem_printf("%s/.unsettled", n->run);

	return access(path, F_OK) == 0;
}

int64_t networks_last_change(const struct networks *n)
{
	auto_free char *path = mem_printf("%s/.unsettled", n->run);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec : 0;
}

void networks_note_settled(const struct networks *n)
{
	auto_free char *path = mem_printf("%s/.unsettled", n->run);

	unlink(path);
}

static void note_unsettled(const struct own_network *o)
{
	auto_free char *path = mem_printf("%s/../.unsettled", o->directory);
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	futimens(fd, NULL); // without a descriptor, /run is full, and the next step fails
}

// --- JSON files ---

int networks_write_file(const char *directory, const char *name, const char *text, bool durable, struct err *e)
{
	int (*replace)(int, const char *, mode_t, const void *, size_t, struct err *) =
	    durable ? fs_replace_file : fs_replace_volatile;
	auto_close int dir = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir < 0 ? err_set(e, errno, "cannot open '%s'", directory)
	               : replace(dir, name, 0644, text, strlen(text), e);
}

int networks_write_json(const char *directory, const char *name, json_t *object, bool durable, struct err *e)
{
	auto_free char *text = json_dumps(object, JSON_INDENT(1));

	json_decref(object);
	return text ? networks_write_file(directory, name, text, durable, e)
	            : err_msg(e, EINVAL, "cannot write '%s/%s': invalid UTF-8", directory, name);
}

json_t *networks_read_json(const char *path, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(AT_FDCWD, path, FILE_MAX, &text, e);
	json_t *object = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, NULL);

	if (n >= 0 && !object)
		err_msg(e, EINVAL, "'%s' is damaged", path);
	return object;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

// --- one network ---

void own_network_done(struct own_network *o)
{
	free(o->name);
	free(o->directory);
	free(o->bridge);
	free(o->domain);
	*o = (struct own_network){0};
}

// The interface names of other stores' networks must differ, and are at most 15 bytes long.
char *networks_bridge_name(const struct networks *n, const char *name)
{
	auto_free char *whole = mem_printf("%s/%s", n->store, name);

	return store_is_usual(n->store) && strlen(name) <= 12 ? mem_printf("ho-%s", name)
	                                                      : mem_printf("ho%08x", str_hash(whole));
}

static int read_shared(const json_t *object, struct own_network *o, char **bridge)
{
	const char *domain = json_string_value(json_object_get(object, "domain"));

	if (!*text_of(object, "bridge") || address_parse(text_of(object, "gateway"), &o->gateway) < 0)
		return -EINVAL;
	o->shared = true;
	o->no_dns = !json_is_true(json_object_get(object, "dns"));
	o->domain = domain ? mem_strdup(domain) : NULL;
	address6_parse(text_of(object, "gateway6"), &o->gateway6);
	*bridge = mem_strdup(text_of(object, "bridge"));
	return 0;
}

static int read_network(const struct networks *n, const char *path, const char *name, struct own_network *o,
                        struct err *e)
{
	struct err ignored;

	e = e ? e : &ignored;
	json_t *object = networks_read_json(path, e);
	struct own_network read = {.isolated = json_is_true(json_object_get(object, "isolated")),
	                           .kept = json_is_true(json_object_get(object, "kept"))};
	char *bridge = NULL;

	*o = (struct own_network){0};
	if (!object)
		return -e->code;
	const char *subnet6 = text_of(object, "subnet6");
	int r = subnet_parse(text_of(object, "subnet"), &read.subnet, NULL);
	read.gateway = r == 0 ? subnet_gateway(&read.subnet) : 0;
	if (r == 0 && json_object_get(object, "libvirt"))
		r = read_shared(json_object_get(object, "libvirt"), &read, &bridge);
	if (r == 0 && *subnet6)
		r = subnet6_parse(subnet6, &read.subnet6, NULL);
	json_decref(object);
	if (r < 0)
		return err_msg(e, EINVAL, "'%s' is damaged", path);
	*o = read;
	o->name = mem_strdup(name);
	o->directory = mem_printf("%s/%s", n->run, name);
	o->bridge = bridge ? bridge : networks_bridge_name(n, name);
	return 0;
}

// What libvirt says of its network.
static json_t *shared_json(const struct own_network *o)
{
	auto_free char *gateway = address_text(o->gateway),
	               *gateway6 = o->subnet6.prefix ? address6_text(&o->gateway6) : NULL;

	return o->shared ? json_pack("{s:s, s:s, s:s*, s:b, s:s*}", "bridge", o->bridge, "gateway", gateway, "domain",
	                             o->domain, "dns", !o->no_dns, "gateway6", gateway6)
	                 : NULL;
}

static int write_network(const char *directory, const char *file, const struct own_network *o, bool durable,
                         struct err *e)
{
	auto_free char *subnet = subnet_text(&o->subnet),
	               *subnet6 = o->subnet6.prefix ? subnet6_text(&o->subnet6) : mem_strdup("");

	return networks_write_json(directory, file,
	                  json_pack("{s:s, s:s, s:s, s:b, s:b, s:o*}", "name", o->name, "subnet", subnet, "subnet6",
	                            subnet6, "isolated", o->isolated, "kept", o->kept, "libvirt", shared_json(o)),
	                  durable, e);
}

int own_network_read(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	auto_free char *path = mem_printf("%s/%s/network.json", n->run, name);

	return read_network(n, path, name, o, e);
}

int own_network_write(const struct own_network *o, struct err *e)
{
	auto_free char *endpoints = mem_printf("%s/endpoints", o->directory);
	int r = fs_make_directories(endpoints, 0755, e);

	return r < 0 ? r : write_network(o->directory, "network.json", o, false, e);
}

static char *definition_path(const char *store, const char *name)
{
	return mem_printf("%s/networks/%s.json", store, name);
}

int own_network_read_definition(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	auto_free char *path = definition_path(n->store, name);

	return read_network(n, path, name, o, e);
}

int own_network_write_definition(const struct networks *n, const struct own_network *o, struct err *e)
{
	auto_free char *directory = mem_printf("%s/networks", n->store), *file = mem_printf("%s.json", o->name);
	int r = fs_make_directories(directory, 0700, e);

	return r < 0 ? r : write_network(directory, file, o, true, e);
}

int own_network_remove_definition(const struct networks *n, const char *name, struct err *e)
{
	auto_free char *path = definition_path(n->store, name);

	if (unlink(path) == 0)
		return 0;
	if (errno != ENOENT)
		return err_set(e, errno, "cannot remove '%s'", path);
	return str_equal(name, NETWORK_DEFAULT)
	           ? err_msg(e, ENOENT, "network '%s' always exists: it has no definition to delete", name)
	           : err_msg(e, ENOENT, "network '%s' is not defined; it ends with its last container", name);
}

int own_network_read_editable(const struct networks *n, const char *name, struct own_network *o, struct err *e)
{
	int r = own_network_read_definition(n, name, o, e);

	if (r != -ENOENT || !str_equal(name, NETWORK_DEFAULT))
		return r;
	r = own_network_read(n, name, o, e);
	return r == -ENOENT ? err_msg(e, ENOENT, "network '%s' has no definition and is down (hostel network create %s)",
	                              name, name)
	                    : r;
}

bool own_network_is_defined(const char *store, const char *name)
{
	auto_free char *path = definition_path(store, name);

	return access(path, F_OK) == 0;
}

void own_network_definitions(const char *store, struct strv *names)
{
	auto_free char *path = mem_printf("%s/networks", store);

	add_names(path, ".json", names);
}

// --- endpoints ---

void endpoint_done(struct endpoint *p)
{
	free(p->container);
	free(p->link);
	free(p->interface);
	strv_done(&p->aliases);
	ports_done(&p->ports);
	*p = (struct endpoint){0};
}

void endpoints_done(struct endpoints *l)
{
	for (size_t i = 0; i < l->count; i++)
		endpoint_done(&l->items[i]);
	free(l->items);
	*l = (struct endpoints){0};
}

static char *endpoint_path(const struct own_network *o, const char *container)
{
	return mem_printf("%s/endpoints/%s", o->directory, container);
}

int endpoint_write(const struct own_network *o, const struct endpoint *p, struct err *e)
{
	auto_free char *directory = mem_printf("%s/endpoints", o->directory), *address = address_text(p->address),
	               *address6 = address6_is_none(&p->address6) ? mem_strdup("") : address6_text(&p->address6),
	               *mac = mac_text(p->mac);
	json_t *aliases = json_array(), *ports = json_array();

	note_unsettled(o);
	for (size_t i = 0; i < p->aliases.count; i++)
		json_array_append_new(aliases, json_string(p->aliases.items[i]));
	for (size_t i = 0; i < p->ports.count; i++) {
		auto_free char *text = port_text(&p->ports.items[i]);
		json_array_append_new(ports, json_string(text));
	}
	return networks_write_json(directory, p->container,
	                  json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:o, s:o}", "address", address, "address6", address6,
	                            "routed6", p->routed6, "mac", mac, "link", p->link,
	                            "interface", p->interface, "aliases", aliases, "ports", ports),
	                  false, e);
}

bool endpoint_is_on(const struct own_network *o, const char *container)
{
	auto_free char *path = endpoint_path(o, container);

	return access(path, F_OK) == 0;
}

bool endpoint_add_name(const struct own_network *o, const char *from, const char *to)
{
	auto_free char *old = endpoint_path(o, from), *new = endpoint_path(o, to);

	return link(old, new) == 0;
}

bool endpoint_remove(const struct own_network *o, const char *container)
{
	auto_free char *path = endpoint_path(o, container);

	if (access(path, F_OK) < 0)
		return false;
	note_unsettled(o);
	return unlink(path) == 0;
}

int endpoint_read(const struct own_network *o, const char *container, struct endpoint *p, struct err *e)
{
	auto_free char *path = endpoint_path(o, container);
	struct err ignored = {0};

	e = e ? e : &ignored;
	json_t *object = networks_read_json(path, e), *item;
	const char *interface = text_of(object, "interface");
	size_t i;
	int r = object && address_parse(text_of(object, "address"), &p->address) == 0
	            ? mac_parse(text_of(object, "mac"), p->mac)
	            : object ? -EINVAL : -e->code;

	const char *address6 = text_of(object, "address6");
	if (r == 0 && *address6)
		r = address6_parse(address6, &p->address6);
	p->routed6 = json_is_true(json_object_get(object, "routed6"));
	p->container = mem_strdup(container);
	p->link = mem_strdup(text_of(object, "link"));
	p->interface = mem_strdup(*interface ? interface : "eth0"); // old versions, which had only one, did not write it
	json_array_foreach(json_object_get(object, "aliases"), i, item)
		if (json_is_string(item))
			strv_add(&p->aliases, json_string_value(item));
	json_array_foreach(json_object_get(object, "ports"), i, item)
		if (r == 0)
			r = json_is_string(item) ? ports_parse(&p->ports, json_string_value(item), e) : -EINVAL;
	for (i = 0; r == 0 && i < p->ports.count; i++)
		r = p->ports.items[i].outside ? 0 : -EINVAL; // it was chosen before it was written
	json_decref(object);
	return r;
}

void endpoints_read(const struct own_network *o, struct endpoints *l)
{
	auto_free char *path = mem_printf("%s/endpoints", o->directory);
	auto_strv names = {0};

	*l = (struct endpoints){.incomplete = add_names(path, "", &names) < 0};
	l->items = mem_array(names.count + 1, sizeof(*l->items));
	for (size_t i = 0; i < names.count; i++) {
		int r = endpoint_read(o, names.items[i], &l->items[l->count], NULL);
		if (r == 0)
			l->count++;
		else
			endpoint_done(&l->items[l->count]);
		l->incomplete |= r < 0 && r != -EINVAL && r != -ENOENT;
	}
}

bool endpoint_is_alive(const struct networks *n, const struct endpoint *p)
{
	auto_close int dir = openat(n->containers, p->container, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir < 0 ? errno != ENOENT && errno != ENOTDIR : store_is_locked(dir, "monitor");
}
