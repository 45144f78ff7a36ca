// Verbs on the volumes of storage pools: see guest/volumes.h.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "guest/connection/call.h"
#include "guest/definition/facts.h"
#include "guest/definition/volume_xml.h"
#include "guest/host/uri.h"
#include "guest/storage/volume_call.h"
#include "guest/storage/volume_users.h"
#include "guest/storage/volumes.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/volumes.h"
#include "model/name.h"
#include "model/param.h"

bool guests_may_have_volumes(const char *uri)
{
	struct uri_choice choice;

	uri_choose(&choice, uri, false);
	bool may = uri_may_have_pools(choice.uri);
	uri_choice_done(&choice);
	return may;
}

// --- deleting ---

static int delete_volume(struct volume_call *c, const struct params *p, struct err *e)
{
	(void)p;
	int r = volume_check_not_open(c, e);

	r = r < 0 ? r : volume_check_unused(c, e);
	return r < 0 || vir.StorageVolDelete(c->volume, 0) == 0
	           ? r
	           : guest_error(e, "cannot delete volume '%s'", c->name);
}

// --- resizing ---

static bool is_on(const struct domain_disk *disk, const struct pool_volume *v)
{
	return disk->pool && disk->volume ? str_equal(disk->pool, v->pool) && str_equal(disk->volume, v->name)
	                                  : v->path && str_equal(disk->source, v->path);
}

// The target ("vda") of the disk of DOMAIN that is on the volume. Owned, or NULL.
static char *disk_of_volume(virDomainPtr domain, const struct pool_volume *v)
{
	struct domain_facts f = {0};
	struct err ignored;
	char *target = NULL;

	domain_read_facts(domain, 0, &f, NULL, &ignored);
	for (size_t i = 0; !target && i < f.disk_count; i++)
		if (is_on(&f.disks[i], v))
			target = mem_strdup(f.disks[i].target);
	domain_facts_done(&f);
	return target;
}

// QEMU must know the new size, and changes the file itself. *DONE: a running guest uses the volume.
static int resize_under_guest(struct volume_call *c, uint64_t bytes, bool *done, struct err *e)
{
	virDomainPtr *domains = NULL;
	int count = vir.ConnectListAllDomains(c->slot->conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE), r = 0;

	for (int i = 0; i < count; i++) {
		auto_free char *target = *done ? NULL : disk_of_volume(domains[i], &c->is.items[0]);

		*done |= target != NULL;
		if (target && vir.DomainBlockResize(domains[i], target, bytes, VIR_DOMAIN_BLOCK_RESIZE_BYTES) < 0)
			r = guest_error(e, "cannot resize volume '%s'", c->name);
		vir.DomainFree(domains[i]);
	}
	free(domains);
	return count < 0 ? guest_error(e, "cannot list the guests that may use volume '%s'", c->name) : r;
}

static int resize_file(struct volume_call *c, uint64_t bytes, struct err *e)
{
	int r = volume_check_not_open(c, e);

	return r < 0 || vir.StorageVolResize(c->volume, bytes, 0) == 0
	           ? r
	           : guest_error(e, "cannot resize volume '%s'", c->name);
}

static int check_grows(const struct volume_call *c, uint64_t bytes, struct err *e)
{
	uint64_t now = c->is.items[0].capacity;
	char size[UNITS_TEXT];

	return bytes >= now ? 0
	                    : err_msg(e, EINVAL, "volume '%s' cannot shrink: the data at its end would be lost (now %s)",
	                              c->name, units_bytes(size, now));
}

static int resize_volume(struct volume_call *c, const struct params *p, struct err *e)
{
	uint64_t bytes = 0;
	bool done = false;

	units_parse_bytes(params_or(p, PARAM_TO, ""), &bytes); // verb_check_params() has checked it
	int r = check_grows(c, bytes, e);
	r = r < 0 ? r : volume_check_not_based_on(c, e);
	r = r < 0 ? r : resize_under_guest(c, bytes, &done, e);
	return r < 0 || done ? r : resize_file(c, bytes, e);
}

static int (*const verbs[VERBS])(struct volume_call *c, const struct params *p, struct err *e) = {
	[VERB_DELETE] = delete_volume, [VERB_RESIZE] = resize_volume,
};

bool guests_volume_do(enum verb verb)
{
	return verbs[verb];
}

int guests_volume_act(struct guests *g, const char *key, enum verb verb, const struct params *p,
                      const struct job *job, struct err *e)
{
	struct volume_call c;
	int r = volume_begin(&c, g, key, e);

	(void)job;
	r = r < 0 ? r : verbs[verb](&c, p, e);
	volume_end(&c);
	volumes_touch(g);
	return r;
}

// --- creating ---

// Logical volumes and the like must be raw; a qcow2 file grows as it is written.
static const char *format_for(virStoragePoolPtr pool, const struct params *p)
{
	const char *given = params_or(p, PARAM_FORMAT, "auto");
	char *xml = strcmp(given, "auto") == 0 ? vir.StoragePoolGetXMLDesc(pool, 0) : NULL;
	bool files = xml && pool_xml_has_files(xml);

	free(xml);
	return strcmp(given, "auto") != 0 ? given : files ? "qcow2" : "raw";
}

static int create_volume(virStoragePoolPtr pool, const char *name, const struct params *p, char **key, struct err *e)
{
	uint64_t bytes = 0;
	auto_str xml = {0};

	units_parse_bytes(params_or(p, PARAM_SIZE, ""), &bytes);
	volume_xml_make(&xml, name, bytes, format_for(pool, p));
	virStorageVolPtr volume = vir.StorageVolCreateXML(pool, str_text(&xml), 0);
	if (!volume)
		return guest_error(e, "cannot create volume '%s'", name);
	vir.StorageVolFree(volume);
	*key = mem_printf("%s/%s", vir.StoragePoolGetName(pool), name);
	return 0;
}

static int check_params(const struct params *p, struct err *e)
{
	if (params_get(p, PARAM_LABEL))
		return err_msg(e, EINVAL, "'--" PARAM_LABEL "' is only for container volumes");
	if (!*params_or(p, PARAM_NAME, ""))
		return err_msg(e, EINVAL, "a libvirt volume needs a name");
	if (!*params_or(p, PARAM_SIZE, ""))
		return err_msg(e, EINVAL, "a libvirt volume needs '--" PARAM_SIZE "' (for example 20G)");
	return name_check(KIND_VOLUME, params_get(p, PARAM_NAME), e);
}

int guests_volume_create(struct guests *g, const struct params *p, char **key, struct err *e)
{
	struct pool_slot *slot = NULL;
	const char *rest;
	auto_free char *wanted = mem_printf("%s/", params_or(p, PARAM_POOL, "default"));
	int r = check_params(p, e);

	r = r < 0 ? r : pool_begin(g, &slot, e);
	if (r < 0)
		return r;
	virStoragePoolPtr pool = volume_pool_of(slot->conn, wanted, &rest, e);
	r = pool ? create_volume(pool, params_get(p, PARAM_NAME), p, key, e) : -e->code;
	if (pool)
		vir.StoragePoolFree(pool);
	pool_end(g, slot);
	volumes_touch(g);
	return r;
}
