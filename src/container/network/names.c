// Names in a container's networks: see names.h.
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/bundle/network_files.h"
#include "container/network/bridge/dns.h"
#include "model/address.h"
#include "sys/fs.h"

enum { FILE_MAX = 4 << 20 };

// A network that is up, and its containers.
struct place {
	struct own_network network;
	struct endpoints endpoints;
	const struct endpoint *own; // the container's; NULL: it is not on the network
};
struct places {
	struct place *items;
	size_t count;
};

static void places_done(struct places *p)
{
	for (size_t i = 0; i < p->count; i++) {
		own_network_done(&p->items[i].network);
		endpoints_done(&p->items[i].endpoints);
	}
	free(p->items);
	*p = (struct places){0};
}

static void places_read(const struct networks *n, struct places *p)
{
	auto_strv names = {0};

	networks_up(n, &names);
	*p = (struct places){.items = mem_array(names.count + 1, sizeof(*p->items))};
	for (size_t i = 0; i < names.count; i++) {
		struct place *place = &p->items[p->count];
		if (own_network_read(n, names.items[i], &place->network, NULL) < 0)
			continue;
		endpoints_read(&place->network, &place->endpoints);
		p->count++;
	}
}

static const struct endpoint *find_endpoint(const struct endpoints *l, const char *container)
{
	for (size_t i = 0; i < l->count; i++)
		if (str_equal(l->items[i].container, container))
			return &l->items[i];
	return NULL;
}

// By interface, eth2 before eth10; networks that it is not on are last.
static int compare_places(const void *a, const void *b)
{
	const struct endpoint *x = ((const struct place *)a)->own, *y = ((const struct place *)b)->own;

	if (!x || !y)
		return !x - !y;
	size_t m = strlen(x->interface), n = strlen(y->interface);
	return m != n ? (m > n) - (m < n) : strcmp(x->interface, y->interface);
}

// Sorts P by the interfaces of CONTAINER. Returns the number of networks it is on; they are the first.
static size_t places_of(struct places *p, const char *container)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		p->items[i].own = find_endpoint(&p->items[i].endpoints, container);
		count += p->items[i].own != NULL;
	}
	qsort(p->items, p->count, sizeof(*p->items), compare_places);
	return count;
}

static bool has_name(const struct endpoint *p, const char *name)
{
	return str_equal(p->container, name) || strv_has(&p->aliases, name);
}

static bool is_known(const struct endpoints *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (has_name(&l->items[i], name))
			return true;
	return false;
}

static void add_name(struct str *line, const struct endpoints *first, const char *name, const char *domain)
{
	if (!is_known(first, name))
		str_addf(line, " %s", name);
	if (!is_known(first, name) && domain)
		str_addf(line, " %s.%s", name, domain);
}

// Names that the first network's name server knows are left out: programs read /etc/hosts before asking it.
static void add_line(struct strv *lines, const struct endpoints *first, const struct endpoint *p, const char *domain)
{
	auto_free char *address = address_text(p->address), *address6 = address6_text(&p->address6);
	auto_str names = {0};

	add_name(&names, first, p->container, domain);
	for (size_t i = 0; i < p->aliases.count; i++)
		add_name(&names, first, p->aliases.items[i], domain);
	if (names.length)
		strv_addf(lines, "%s\t%s", address, names.text + 1);
	if (names.length && !address6_is_none(&p->address6))
		strv_addf(lines, "%s\t%s", address6, names.text + 1);
}

static void describe(struct places *p, const char *container, struct network_join *join)
{
	size_t count = places_of(p, container);

	for (size_t i = 0; i < count; i++) {
		const struct place *place = &p->items[i];
		const char *domain = place->network.shared ? place->network.domain : DNS_DOMAIN;
		strv_take(&join->addresses, address_text(place->own->address));
		if (!address6_is_none(&place->own->address6))
			strv_take(&join->addresses, address6_text(&place->own->address6));
		if (!place->network.no_dns)
			strv_take(&join->servers, address_text(place->network.gateway));
		if (!join->host && geteuid() == 0) // that of an ordinary user's networks is in their namespace
			join->host = place->network.gateway ? address_text(place->network.gateway) : NULL;
		if (!join->domain && place->network.domain)
			join->domain = mem_strdup(place->network.domain);
		for (size_t k = 0; i > 0 && k < place->endpoints.count; k++)
			if (&place->endpoints.items[k] != place->own)
				add_line(&join->names, &p->items[0].endpoints, &place->endpoints.items[k], domain);
	}
}

// --- files of containers that run ---

// In place, since the file is mounted in the container. The text before the first change is not rewritten.
static int rewrite_file(int etc, const char *name, const struct record *r,
                        char *(*make)(const char *text, const struct record *r), struct err *e)
{
	auto_close int fd = openat(etc, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	auto_free char *before = NULL;

	if (fd < 0 || fs_read_open(fd, name, FILE_MAX, &before, e) < 0)
		return err_set(e, errno, "cannot read '/etc/%s' of container '%s'", name, r->name);
	auto_free char *text = make(before, r);
	size_t length = strlen(text);
	if (str_equal(text, before))
		return 0;
	return pwrite(fd, text, length, 0) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0
	           ? 0
	           : err_set(e, errno, "cannot write '/etc/%s' of container '%s'", name, r->name);
}

// Writes the hosts file of CONTAINER; RESOLVER: also resolv.conf.
static int write_files(const struct networks *n, struct places *p, const char *container, bool resolver, struct err *e)
{
	auto_free char *path = mem_printf("%s/etc", container);
	auto_close int dir = openat(n->containers, container, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
	               etc = openat(n->containers, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct record r = {0};
	int result = dir < 0 || etc < 0 ? err_set(e, errno, "cannot open container '%s'", container)
	                                : record_read(dir, &r, e);

	if (result == 0) {
		free(r.name);
		r.name = mem_strdup(container);
		describe(p, container, &r.join);
		result = rewrite_file(etc, "hosts", &r, network_hosts_again, e);
	}
	if (result == 0 && resolver)
		result = rewrite_file(etc, "resolv.conf", &r, network_resolver_again, e);
	record_done(&r);
	return result;
}

int names_write(const struct networks *n, const char *container, struct err *e)
{
	struct places p;

	places_read(n, &p);
	int r = write_files(n, &p, container, true, e);
	places_done(&p);
	return r;
}

// Adds the containers that have a second interface, also if it is the only one left of several.
static void add_several(const struct places *p, struct strv *names)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->items[i].endpoints.count; k++)
			if (!str_equal(p->items[i].endpoints.items[k].interface, "eth0"))
				strv_add(names, p->items[i].endpoints.items[k].container);
	strv_sort(names);
}

void names_update(const struct networks *n, const char *container, struct network_join *join)
{
	auto_strv names = {0};
	struct places p;
	struct err ignored;

	places_read(n, &p);
	add_several(&p, &names);
	for (size_t i = 0; i < names.count; i++)
		if (i == 0 || !str_equal(names.items[i], names.items[i - 1]))
			write_files(n, &p, names.items[i], false, &ignored);
	if (container)
		describe(&p, container, join);
	places_done(&p);
}
