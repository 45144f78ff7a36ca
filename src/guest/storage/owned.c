// Lists the files of a guest and decides which of them belong to it alone.
#include "owned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemons.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/files/chain.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/files/ownership.h"
#include "guest/files/users.h"
#include "guest/host/directory.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"
#include "pool.h"
#include "usage.h"

enum { BELOW_MAX = 256, ROTATED_MAX = 8 };

// The guest whose files are listed.
struct listing {
	struct storage *storage;
	struct guests *guests;
	virConnectPtr conn;
	struct domain_facts facts, live;
	struct file_id *recorded; // created by libvirt, according to its snapshot metadata
	size_t recorded_count;
	struct strv aside; // paths named in snapshots
};

static const struct {
	const char *name;
	bool optional;
} parts[PARTS] = {
	[PART_DISK] = {"disk", true},
	[PART_LAYER] = {"disk", true},
	[PART_SEED] = {"cloud-init seed", true},
	[PART_MEDIUM] = {"optical drive", true},
	[PART_DRIVE] = {"drive", true},
	[PART_LOG] = {"serial log", false},
	[PART_NVRAM] = {"firmware variables", false},
	[PART_TPM] = {"TPM state", false},
	[PART_SAVED] = {"saved memory", false},
};

const char *storage_part_name(enum part part)
{
	return parts[part].name;
}

bool storage_part_is_optional(enum part part)
{
	return parts[part].optional;
}

// --- examining files ---

static bool is_same_file(struct file_id a, struct file_id b)
{
	return a.device == b.device && a.inode == b.inode;
}

static void stat_directories(struct stored *s)
{
	auto_free char *path = mem_strdup(s->real);
	struct stat st;

	for (char *slash; (slash = strrchr(path, '/'));) {
		slash[slash == path] = '\0'; // keeps "/" for the last iteration
		s->above = mem_resize(s->above, s->above_count + 1, sizeof(*s->above));
		if (stat(path, &st) == 0)
			s->above[s->above_count++] = (struct file_id){st.st_dev, st.st_ino};
		if (slash == path)
			return;
	}
}

static void stat_file(struct stored *s)
{
	struct stat st;

	if (lstat(s->path, &st) == 0)
		s->symlink = S_ISLNK(st.st_mode);
	s->real = realpath(s->path, NULL);
	if (!s->real || stat(s->real, &st) < 0) {
		s->error = errno;
		return;
	}
	s->file = (struct file_id){st.st_dev, st.st_ino};
	s->mode = st.st_mode;
	s->links = st.st_nlink;
	s->bytes = (uint64_t)st.st_blocks * 512;
	stat_directories(s);
}

static void stored_done(struct stored *s)
{
	free(s->path);
	free(s->real);
	free(s->above);
	free(s->user);
	free(s->why);
}

static bool is_listed(const struct storage *storage, const struct stored *s)
{
	for (size_t i = 0; i < storage->count; i++) {
		const struct stored *o = &storage->items[i];
		bool both_seen = !o->error && !s->error && !o->elsewhere && !s->elsewhere;

		if (both_seen ? is_same_file(o->file, s->file) : strcmp(o->path, s->path) == 0)
			return true;
	}
	return false;
}

// Adds PATH unless it is listed already. Returns the new item, valid until the next call, or NULL.
static struct stored *list_file(struct listing *l, enum part part, const char *path)
{
	struct storage *storage = l->storage;
	struct stored s = {.part = part, .path = mem_strdup(path), .elsewhere = !l->guests->local || *path != '/'};

	if (!s.elsewhere)
		stat_file(&s);
	if (is_listed(storage, &s)) {
		stored_done(&s);
		return NULL;
	}
	storage->items = mem_resize(storage->items, storage->count + 1, sizeof(*storage->items));
	storage->items[storage->count] = s;
	return &storage->items[storage->count++];
}

// --- records ---

static void record_file(struct listing *l, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	l->recorded = mem_resize(l->recorded, l->recorded_count + 1, sizeof(*l->recorded));
	l->recorded[l->recorded_count++] = (struct file_id){st.st_dev, st.st_ino};
}

static void record_source(struct xml *x, void *context)
{
	struct listing *l = context;
	auto_free char *path = xml_text(x, ".");

	record_file(l, path);
	strv_add(&l->aside, path);
}

static void add_aside(struct xml *x, void *context)
{
	struct listing *l = context;
	auto_free char *path = xml_text(x, ".");

	strv_add(&l->aside, path);
}

// Reads the files that libvirt created for a snapshot, and the disks used at that time.
static void read_snapshot(const char *text, void *context)
{
	struct xml *x = xml_read(text, "domainsnapshot");

	if (!x)
		return;
	xml_each(x, "disks/disk[@snapshot = 'external']/source/@file", record_source, context);
	xml_each(
	    x,
	    "*[self::domain or self::inactiveDomain]/devices/disk[not(readonly) and not(shareable)][not(@device) or "
	    "@device = 'disk']/source/@file",
	    record_source, context);
	xml_each(x, "memory/@file", add_aside, context);
	xml_free(x);
}

static bool is_recorded(const struct listing *l, const struct stored *s)
{
	for (size_t i = 0; i < l->recorded_count && !s->error; i++)
		if (is_same_file(l->recorded[i], s->file))
			return true;
	for (size_t i = 0; i < l->facts.file_count && !s->error; i++) {
		const struct domain_file *f = &l->facts.files[i];
		if ((strcmp(f->path, s->path) == 0 || strcmp(f->path, s->real) == 0) &&
		    (f->inode == s->file.inode || (!f->inode && s->part == PART_LOG)))
			return true;
	}
	return false;
}

// --- disks ---

static enum part disk_part(const struct listing *l, const struct domain_disk *d, const char *path)
{
	if (!d->device || strcmp(d->device, "disk") == 0)
		return PART_DISK;
	if (strcmp(d->device, "cdrom") != 0)
		return PART_DRIVE;
	struct stored s = {.path = mem_strdup(path)};
	stat_file(&s);
	bool seed = is_recorded(l, &s);
	stored_done(&s);
	return seed ? PART_SEED : PART_MEDIUM;
}

static char *disk_path(const struct listing *l, const struct domain_disk *d)
{
	char *path = d->pool && d->volume ? volume_path(l->conn, d->pool, d->volume) : NULL;

	return path ? path : mem_strdup(d->source);
}

static void list_disk(struct listing *l, const struct domain_disk *d, bool passing)
{
	auto_free char *path = d->source ? disk_path(l, d) : NULL;
	struct stored *s = path ? list_file(l, disk_part(l, d, path), path) : NULL;

	if (!s)
		return;
	s->relative = l->guests->local && *path != '/' && str_equal(d->type, "file");
	s->readonly = d->readonly;
	s->shareable = d->shareable;
	s->passing = passing;
}

static void list_below(struct listing *l, const char *path, const char *format, int depth)
{
	struct image_refs refs = {0};

	if (depth < BELOW_MAX && !str_equal(format, "raw"))
		// layers that cannot be found are not deleted
		image_refs_read(&l->guests->images, &refs, path, format, (struct account){0}, NULL);
	for (size_t i = 0; i < refs.count; i++)
		for (size_t k = 0; k < refs.items[i].paths.count; k++) {
			const char *below = refs.items[i].paths.items[k];
			struct stat st;

			if (stat(below, &st) == 0 && list_file(l, PART_LAYER, below))
				list_below(l, below, refs.items[i].format, depth + 1);
		}
	image_refs_done(&refs);
}

static void list_layers(struct listing *l, const struct domain_facts *f)
{
	for (size_t i = 0; l->guests->local && i < f->disk_count; i++) {
		const struct domain_disk *d = &f->disks[i];
		auto_free char *path = d->source ? disk_path(l, d) : NULL;

		if (path && *path == '/' && d->format)
			list_below(l, path, d->format, 0);
	}
}

static void list_disks(struct listing *l)
{
	for (size_t i = 0; i < l->facts.disk_count; i++)
		list_disk(l, &l->facts.disks[i], false);
	for (size_t i = 0; i < l->live.disk_count; i++)
		list_disk(l, &l->live.disks[i], true);
	list_layers(l, &l->facts);
	list_layers(l, &l->live);
	for (size_t i = 0; i < l->aside.count; i++) {
		struct stat st;
		struct stored *s = lstat(l->aside.items[i], &st) == 0 ? list_file(l, PART_LAYER, l->aside.items[i]) : NULL;
		if (s)
			s->aside = true;
	}
}

// --- state files of libvirt and QEMU ---

// Files that do not exist are not listed.
static void list_state(struct listing *l, enum part part, const char *path, const char *directory)
{
	struct stat st;
	struct stored *s = l->guests->local && path && lstat(path, &st) == 0 ? list_file(l, part, path) : NULL;

	if (s)
		s->private = directory && str_starts(path, directory) && path[strlen(directory)] == '/';
}

static void list_logs(struct listing *l)
{
	auto_free char *directory = l->guests->local ? directory_of(DIRECTORY_LOG, guests_is_session(l->guests)) : NULL;

	if (!l->facts.serial_log)
		return;
	list_state(l, PART_LOG, l->facts.serial_log, directory);
	struct stored *first = l->storage->count ? &l->storage->items[l->storage->count - 1] : NULL;
	bool recorded = first && first->part == PART_LOG && is_recorded(l, first);
	for (int i = 0; recorded && i < ROTATED_MAX; i++) { // rotated by virtlogd
		auto_free char *path = mem_printf("%s.%d", l->facts.serial_log, i);
		size_t before = l->storage->count;
		list_state(l, PART_LOG, path, directory);
		if (l->storage->count > before)
			l->storage->items[before].recorded = true;
	}
}

static void list_states(struct listing *l, struct xml *x)
{
	auto_free char *nvram = xml_text(x, "os/nvram/source/@file | os/nvram[not(source)]");
	auto_free char *nvram_directory = directory_of(DIRECTORY_NVRAM, guests_is_session(l->guests));
	auto_free char *tpm_given = xml_text(x, "devices/tpm/backend/source/@path");
	auto_free char *tpm_directory = directory_of(DIRECTORY_TPM, guests_is_session(l->guests));
	auto_free char *tpm = tpm_given ? mem_strdup(tpm_given) : mem_printf("%s/%s", tpm_directory, l->facts.uuid);
	auto_free char *saved_directory = directory_of(DIRECTORY_SAVED, guests_is_session(l->guests));
	auto_free char *saved = mem_printf("%s/%s.save", saved_directory, l->facts.name);

	list_logs(l);
	list_state(l, PART_NVRAM, nvram, nvram_directory);
	if (xml_has(x, "devices/tpm/backend[@type = 'emulator']"))
		list_state(l, PART_TPM, tpm, tpm_directory);
	list_state(l, PART_SAVED, saved, saved_directory);
}

// --- decision ---

static void judge_files(struct listing *l)
{
	struct claims n = {0};
	struct storage *storage = l->storage;

	for (size_t i = 0; i < storage->count; i++) {
		struct stored *s = &storage->items[i];
		s->recorded = s->recorded || (!s->elsewhere && is_recorded(l, s));
	}
	if (l->guests->local && storage->count) {
		usage_collect(&n, l->guests, l->conn, l->facts.uuid);
		users_find(storage->items, storage->count, l->facts.uuid);
	}
	for (size_t i = 0; i < storage->count; i++)
		storage->items[i].why = ownership_why_kept(&storage->items[i], &n);
	claims_done(&n);
}

int storage_judge(struct storage *storage, struct guests *g, virConnectPtr conn, virDomainPtr domain, struct err *e)
{
	struct listing l = {.storage = storage, .guests = g, .conn = conn};
	auto_free char *xml = NULL;
	int r = domain_read_facts(domain, VIR_DOMAIN_XML_INACTIVE, &l.facts, &xml, e);

	r = r < 0 ? r : domain_read_facts(domain, 0, &l.live, NULL, e);
	struct xml *x = r == 0 ? xml_read(xml, "domain") : NULL;
	if (x) {
		snapshots_each(domain, read_snapshot, &l);
		list_disks(&l);
		list_states(&l, x);
		judge_files(&l);
		xml_free(x);
	}
	domain_facts_done(&l.facts);
	domain_facts_done(&l.live);
	strv_done(&l.aside);
	free(l.recorded);
	return r;
}

void storage_done(struct storage *storage)
{
	for (size_t i = 0; i < storage->count; i++)
		stored_done(&storage->items[i]);
	free(storage->items);
	*storage = (struct storage){0};
}

// --- a single file ---

// An id that no guest has: the file may be used by any of them.
static const char no_guest[] = "";

char *storage_why_kept(struct guests *g, virConnectPtr conn, const char *path)
{
	struct storage storage = {0};
	struct listing l = {.storage = &storage, .guests = g, .conn = conn};
	struct stored *s = list_file(&l, PART_DISK, path);
	struct claims n = {0};

	usage_collect(&n, g, conn, no_guest);
	users_find(s, 1, no_guest);
	char *why = ownership_why_kept(s, &n);
	claims_done(&n);
	storage_done(&storage);
	return why;
}

char *storage_user(const char *path)
{
	struct stored s = {.part = PART_DISK, .path = mem_strdup(path)};

	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	stat_file(&s);
	users_find(&s, 1, no_guest);
	char *user = s.user                            ? mem_strdup(s.user)
	             : fd >= 0 && is_locked_image(fd) ? mem_strdup("another QEMU, which has locked it")
	                                               : NULL;
	stored_done(&s);
	return user;
}
