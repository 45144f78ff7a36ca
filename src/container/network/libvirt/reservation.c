// The places of containers on libvirt's networks: see reservation.h.
#include "reservation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "container/network/record/state.h"
#include "libvirt_files.h"
#include "model/address.h"
#include "model/name.h"
#include "reservation6.h"
#include "sys/fs.h"
#include "sys/lock.h"

static const struct shared_networks_table *_Atomic table;

void reservations_use(const struct shared_networks_table *t)
{
	atomic_store(&table, t);
}

// --- files ---

void reservation_done(struct reservation *r)
{
	shared_network_done(&r->network);
	network_place_done(&r->place);
}

static char *directory_of(const char *store, const char *network)
{
	return mem_printf("%s/networks/libvirt/%s", store, network);
}

static char *path_of(const char *store, const char *network, const char *container)
{
	return mem_printf("%s/networks/libvirt/%s/%s", store, network, container);
}

static char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? mem_strdup(text) : NULL;
}

static void fill(struct reservation *r, const json_t *object)
{
	const json_t *alias;
	size_t i;

	r->network = (struct shared_network){
		.uuid = member(object, "uuid"),
		.bridge = member(object, "bridge"),
		.address = member(object, "gateway"),
		.subnet = member(object, "subnet"),
		.address6 = member(object, "gateway6"),
		.subnet6 = member(object, "subnet6"),
		.domain = member(object, "domain"),
		.isolated = json_is_true(json_object_get(object, "isolated")),
		.dns = json_is_true(json_object_get(object, "dns")),
	};
	r->place.address = member(object, "address");
	r->place.mac = member(object, "mac");
	r->place.address6 = member(object, "address6");
	json_array_foreach(json_object_get(object, "aliases"), i, alias)
		if (json_is_string(alias))
			strv_add(&r->place.aliases, json_string_value(alias));
}

int reservation_read(const char *store, const char *network, const char *container, struct reservation *r,
                     struct err *e)
{
	auto_free char *path = path_of(store, network, container);
	json_t *object = networks_read_json(path, e);

	*r = (struct reservation){.place.name = mem_strdup(container)};
	if (!object)
		return -e->code;
	fill(r, object);
	json_decref(object);
	const char *const all[] = {r->network.uuid, r->network.bridge, r->network.address, r->network.subnet,
	                           r->place.address, r->place.mac};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!all[i])
			return err_msg(e, EINVAL, "'%s' is damaged", path);
	return 0;
}

static int write_file(const char *store, const char *network, const struct reservation *r, struct err *e)
{
	auto_free char *directory = directory_of(store, network);
	const struct shared_network *n = &r->network;
	json_t *aliases = json_array();
	int made = fs_make_directories(directory, 0700, e);

	for (size_t i = 0; i < r->place.aliases.count; i++)
		json_array_append_new(aliases, json_string(r->place.aliases.items[i]));
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:b, s:b, s:s, s:s, s:o, s:s*, s:s*, s:s*}", "uuid",
	                           n->uuid, "bridge", n->bridge, "gateway", n->address, "subnet", n->subnet, "domain",
	                           n->domain, "isolated", n->isolated, "dns", n->dns, "address", r->place.address, "mac",
	                           r->place.mac, "aliases", aliases, "gateway6", n->address6, "subnet6", n->subnet6,
	                           "address6", r->place.address6);
	if (made < 0)
		json_decref(object);
	return made < 0 ? made : networks_write_json(directory, r->place.name, object, true, e);
}

static void remove_file(const char *store, const char *network, const char *container)
{
	auto_free char *path = path_of(store, network, container), *directory = directory_of(store, network);

	unlink(path);
	rmdir(directory); // if it was the last
}

// The entries of the directory PATH with valid names.
static void list_names(const char *path, struct strv *names)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (name_is_valid(NAME_OF_ANY, entry->d_name))
			strv_add(names, entry->d_name);
	if (dir)
		closedir(dir);
}

// Calls EACH for every file.
static void each_place(const char *store, void (*each)(const char *network, const char *container, void *context),
                       void *context)
{
	auto_free char *all = directory_of(store, "");
	auto_strv networks = {0};

	list_names(all, &networks);
	for (size_t i = 0; i < networks.count; i++) {
		auto_free char *directory = directory_of(store, networks.items[i]);
		auto_strv containers = {0};
		list_names(directory, &containers);
		for (size_t k = 0; k < containers.count; k++)
			each(networks.items[i], containers.items[k], context);
	}
}

// --- libvirt ---

struct session {
	const struct shared_networks_table *table;
	void *self;
	int lock;
};

static void session_end(struct session *s)
{
	auto_close_run(&s->lock);
	if (s->self)
		s->table->close(s->self);
}

// Connects before it takes the lock: other processes must not wait for a libvirt that does not answer.
static int session_begin(struct session *s, const char *store, struct err *e)
{
	auto_free char *directory = mem_printf("%s/networks", store), *path = mem_printf("%s/libvirt.lock", directory);

	*s = (struct session){.table = atomic_load(&table), .lock = -1};
	int r = !s->table ? err_msg(e, EOPNOTSUPP, "this program cannot use libvirt's networks")
	                  : s->table->open(&s->self, e);
	if (r == 0)
		r = fs_make_directories(directory, 0700, e);
	if (r < 0)
		return r;
	s->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return s->lock < 0 ? err_set(e, errno, "cannot open '%s'", path)
	                   : lock_wait(s->lock, false, "the places on libvirt's networks", e);
}

// The file is kept if libvirt could not be reached.
static int release(const struct session *s, const char *store, const char *network, const char *container,
                   struct err *e)
{
	auto_reservation r = {0};
	int result = reservation_read(store, network, container, &r, e);

	if (result == -ENOENT)
		return 0;
	if (result == 0)
		result = s->table->remove(s->self, r.network.uuid, &r.place, e);
	if (result == 0)
		remove_file(store, network, container);
	return result;
}

struct search {
	const char *store, *container; // NULL: of containers that no longer exist
	const char *network;           // NULL: all
	struct strv networks, containers;
};

static bool is_wanted(const struct search *s, const char *container)
{
	auto_free char *path = mem_printf("%s/containers/%s", s->store, container);

	return s->container ? str_equal(container, s->container) : access(path, F_OK) < 0 && errno == ENOENT;
}

static void add_found(const char *network, const char *container, void *context)
{
	struct search *s = context;

	if (is_wanted(s, container) && (!s->network || str_equal(network, s->network))) {
		strv_add(&s->networks, network);
		strv_add(&s->containers, container);
	}
}

// At any time, a new container can get the name of one that no longer exists. It may have started with the old place,
// which does not need the lock: then the place is restored.
static int release_one(const struct session *s, const struct search *found, size_t i, struct err *e)
{
	const char *network = found->networks.items[i], *container = found->containers.items[i];
	auto_reservation r = {0};
	struct err ignored;

	if (!is_wanted(found, container) || reservation_read(found->store, network, container, &r, e) == -ENOENT)
		return 0;
	int result = release(s, found->store, network, container, e);
	if (result == 0 && !is_wanted(found, container) &&
	    write_file(found->store, network, &r, &ignored) == 0)
		s->table->add(s->self, r.network.uuid, &r.place, &ignored);
	return result;
}

static int release_found(const struct session *s, const struct search *found, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < found->networks.count; i++) {
		int r = release_one(s, found, i, e);
		result = result < 0 ? result : r;
	}
	return result;
}

static void search_done(struct search *s)
{
	strv_done(&s->networks);
	strv_done(&s->containers);
}

static int release_all(struct search *s, struct err *e)
{
	struct session session = {.lock = -1};
	int r = s->networks.count ? session_begin(&session, s->store, e) : 0;

	if (r == 0 && s->networks.count)
		r = release_found(&session, s, e);
	session_end(&session);
	return r;
}

void reservations_release(const char *store, const char *container, const char *network)
{
	struct search s = {.store = store, .container = container, .network = network};
	struct err ignored;

	each_place(store, add_found, &s);
	release_all(&s, &ignored);
	search_done(&s);
}

int reservations_sweep(const char *store, bool remove, struct strv *found, struct err *e)
{
	struct search s = {.store = store};

	each_place(store, add_found, &s);
	for (size_t i = 0; found && i < s.networks.count; i++)
		strv_addf(found, "container '%s' on libvirt's network '%s'", s.containers.items[i], s.networks.items[i]);
	int r = remove ? release_all(&s, e) : 0;
	search_done(&s);
	return r;
}

// --- a new name ---

// Until libvirt can be reached, there is a file for each name.
static void rename_place(const struct session *s, const char *store, const char *network, const char *from,
                         const char *to)
{
	auto_reservation old = {0}, new = {0};
	struct err ignored;

	if (reservation_read(store, network, from, &old, &ignored) < 0 ||
	    reservation_read(store, network, to, &new, &ignored) < 0)
		return;
	if (s->table->remove(s->self, old.network.uuid, &old.place, &ignored) == 0 &&
	    s->table->add(s->self, new.network.uuid, &new.place, &ignored) == 0)
		remove_file(store, network, from);
}

static void copy_file(const char *store, const char *network, const char *from, const char *to)
{
	auto_reservation r = {0};
	struct err ignored;

	if (reservation_read(store, network, from, &r, &ignored) < 0)
		return;
	free(r.place.name);
	r.place.name = mem_strdup(to);
	write_file(store, network, &r, &ignored);
}

void reservations_copy(const char *store, const char *from, const char *to)
{
	struct search found = {.store = store, .container = from};

	each_place(store, add_found, &found);
	for (size_t i = 0; i < found.networks.count; i++)
		copy_file(store, found.networks.items[i], from, to);
	search_done(&found);
}

void reservations_rename(const char *store, const char *from, const char *to)
{
	struct search found = {.store = store, .container = from};
	struct session s = {.lock = -1};
	struct err ignored;

	each_place(store, add_found, &found);
	if (found.networks.count && session_begin(&s, store, &ignored) == 0)
		for (size_t i = 0; i < found.networks.count; i++)
			rename_place(&s, store, found.networks.items[i], from, to);
	session_end(&s);
	search_done(&found);
}

// --- a new place ---

static bool has_mac(const struct strv *macs, const char *mac)
{
	for (size_t i = 0; i < macs->count; i++)
		if (strcasecmp(macs->items[i], mac) == 0)
			return true;
	return false;
}

static bool is_satisfied(const struct reservation *r, const struct network_place *wish)
{
	return (!wish->address || str_equal(wish->address, r->place.address)) &&
	       (!wish->address6 || reservation6_equal(wish->address6, r->place.address6)) &&
	       (!wish->mac || strcasecmp(wish->mac, r->place.mac) == 0) && strv_equal(&wish->aliases, &r->place.aliases);
}

struct used {
	const char *store, *network;
	uint32_t *items; // IPv4
	size_t count;
	struct strv all; // of both families
};

static void add_address(struct used *u, const char *text)
{
	uint32_t address;

	if (text)
		strv_add(&u->all, text);
	if (!text || address_parse(text, &address) < 0)
		return;
	u->items = mem_resize(u->items, u->count + 1, sizeof(*u->items));
	u->items[u->count++] = address;
}

static void add_place(struct used *u, const struct network_place *p)
{
	add_address(u, p->address);
	add_address(u, p->address6);
}

// The places of other containers, whose entries libvirt may have lost.
static void add_reserved(const char *network, const char *container, void *context)
{
	struct used *u = context;
	auto_reservation r = {0};
	struct err ignored;

	if (str_equal(network, u->network) && reservation_read(u->store, network, container, &r, &ignored) == 0)
		add_place(u, &r.place);
}

static void find_used(struct used *u, const struct shared_network *n)
{
	add_address(u, n->address);
	add_address(u, n->address6);
	for (size_t i = 0; i < n->addresses.count; i++)
		add_address(u, n->addresses.items[i]);
	each_place(u->store, add_reserved, u);
}

static bool is_used(const struct used *u, uint32_t address)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->items[i] == address)
			return true;
	return false;
}

// 0: there is none.
static uint32_t find_free(const struct used *u, const struct subnet *subnet)
{
	uint32_t address = subnet_gateway(subnet) + 1;

	while (subnet_has(subnet, address) && is_used(u, address))
		address++;
	return subnet_has(subnet, address) ? address : 0;
}

static int check_wanted(const struct used *u, const struct subnet *subnet, uint32_t address, struct err *e)
{
	auto_free char *text = address_text(address), *range = subnet_text(subnet);

	if (!subnet_has(subnet, address))
		return err_msg(e, EINVAL, "address %s is not in the subnet %s of libvirt's network '%s', or is the host's",
		               text, range, u->network);
	return is_used(u, address)
	           ? err_msg(e, EADDRINUSE, "address %s is in use on libvirt's network '%s' (virsh net-dumpxml %s)", text,
	                     u->network, u->network)
	           : 0;
}

static int choose_address(const struct used *u, const struct subnet *subnet, const struct network_place *wish,
                          uint32_t *address, struct err *e)
{
	if (wish->address)
		return address_parse(wish->address, address) < 0 ? -EINVAL : check_wanted(u, subnet, *address, e);
	*address = subnet_choose_address(subnet, str_hash(wish->name), u->items, u->count);
	if (!*address) // the upper half is left to guests if possible
		*address = find_free(u, subnet);
	return *address ? 0 : err_msg(e, EADDRNOTAVAIL, "libvirt's network '%s' has no free address", u->network);
}

static int choose_addresses(const char *store, const char *network, const struct shared_network *n,
                            const struct network_place *wish, uint32_t *address, char **address6, struct err *e)
{
	struct used u = {.store = store, .network = network};
	struct subnet subnet;

	if (!n->subnet || !n->bridge || subnet_parse(n->subnet, &subnet, NULL) < 0)
		return err_msg(e, EOPNOTSUPP, "libvirt's network '%s' has no bridge with an IPv4 subnet (containers need it)",
		               network);
	find_used(&u, n);
	int r = choose_address(&u, &subnet, wish, address, e);
	if (r == 0)
		r = reservation6_choose(&(struct choice6){network, n->subnet6, wish->address6, &subnet, *address, &u.all},
		                        address6, e);
	free(u.items);
	strv_done(&u.all);
	return r;
}

static int choose_place(const char *store, const char *network, const struct shared_network *n,
                        const struct network_place *wish, struct network_place *p, struct err *e)
{
	unsigned char mac[MAC_SIZE];
	uint32_t address;
	int r = choose_addresses(store, network, n, wish, &address, &p->address6, e);

	if (r < 0)
		return r;
	if (!wish->mac || mac_parse(wish->mac, mac) < 0)
		mac_of_address(address, mac);
	p->name = mem_strdup(wish->name);
	p->address = address_text(address);
	p->mac = mac_text(mac);
	strv_copy(&p->aliases, &wish->aliases);
	return has_mac(&n->macs, p->mac) ? err_msg(e, EADDRINUSE, "MAC address %s is in use on libvirt's network '%s'",
	                                           p->mac, network)
	                                 : 0;
}

static int reserve(const struct session *s, const char *store, const char *network, const struct reservation *r,
                   struct err *e)
{
	struct err ignored;
	int result = write_file(store, network, r, e);

	if (result == 0 && (result = s->table->add(s->self, r->network.uuid, &r->place, e)) < 0)
		release(s, store, network, r->place.name, &ignored);
	return result;
}

// Whether R's place is one on N as it is now.
static bool is_of(const struct reservation *r, const struct shared_network *n)
{
	return r->place.address && str_equal(r->network.uuid, n->uuid) && str_equal(r->network.subnet, n->subnet) &&
	       str_equal(r->network.address, n->address) && str_equal(r->network.subnet6, n->subnet6) &&
	       str_equal(r->network.address6, n->address6);
}

static void copy_place(struct network_place *to, const struct network_place *from)
{
	*to = (struct network_place){.name = mem_strdup(from->name), .address = mem_strdup(from->address),
	                             .mac = mem_strdup(from->mac), .address6 = mem_strdup(from->address6)};
	strv_copy(&to->aliases, &from->aliases);
}

static int explain_inactive(const char *network, int r, struct err *e)
{
	return r == -ENETDOWN ? err_hint(e, "start it: hostel network start %s", network) : r;
}

// OLD: the present place, which may be on a deleted network or not match the wish.
static int renew(const struct session *s, const char *store, const char *network, const struct reservation *old,
                 const struct network_place *wish, struct err *e)
{
	auto_reservation r = {0};
	int result = s->table->read(s->self, network, &r.network, e);

	if (result < 0)
		return explain_inactive(network, result, e);
	if (is_of(old, &r.network) && is_satisfied(old, wish)) {
		copy_place(&r.place, &old->place);
		if (reserve(s, store, network, &r, e) == 0)
			return 0;
		network_place_done(&r.place);
	}
	result = release(s, store, network, wish->name, e);
	if (result == 0)
		result = choose_place(store, network, &r.network, wish, &r.place, e);
	return result < 0 ? result : reserve(s, store, network, &r, e);
}

int reservation_make(const char *store, const char *network, const struct network_place *wish, struct err *e)
{
	struct session s = {.lock = -1};
	auto_reservation old = {0};
	struct err ignored;
	bool has = reservation_read(store, network, wish->name, &old, &ignored) == 0;

	if (has && is_satisfied(&old, wish) && shared_network_has(network, &old))
		return 0;
	int r = session_begin(&s, store, e);
	if (r == 0) {
		struct search left = {.store = store};
		each_place(store, add_found, &left);
		release_found(&s, &left, &ignored);
		search_done(&left);
		reservation_done(&old); // it may have been released before the lock was free
		reservation_read(store, network, wish->name, &old, &ignored);
		r = renew(&s, store, network, &old, wish, e);
	}
	session_end(&s);
	return r;
}
