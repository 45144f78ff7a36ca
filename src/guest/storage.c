// Disks of guests: which files are one guest's own, making and deleting them. Files of this host by their paths, others through
// libvirt's storage pools.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/units.h"
#include "guest/domain_xml.h"
#include "parts.h"
#include "sys/fs.h"
#include "sys/proc.h"

// --- formats ---

static const struct {
	const char *magic;
	size_t length;
	const char *format; // as libvirt and qemu-img call it
} formats[] = {
	{"QFI\xfb", 4, "qcow2"},
	{"KDMV", 4, "vmdk"},
	{"vhdxfile", 8, "vhdx"},
	{"conectix", 8, "vpc"},
	{"QED\0", 4, "qed"},
};

const char *storage_format(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[8] = "";

	if (fd < 0 || pread(fd, head, sizeof(head), 0) < 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (memcmp(head, formats[i].magic, formats[i].length) == 0)
			return formats[i].format;
	return "raw";
}

// --- whose a file is ---

// The images below PATH, PATH first, as qemu-img finds them. Without qemu-img only the top is known.
static void ask_chain(const char *path, const char *format, struct strv *chain)
{
	const char *const argv[] = {"qemu-img", "info", "--force-share", "--backing-chain", "--output=json", "-f", format ? format : "raw", "--", path, NULL};
	auto_str out = {0};
	size_t i;
	json_t *image;

	json_t *images = proc_run(argv, NULL, &out, 20 * SECOND, NULL) == 0 ? json_loads(str_text(&out), 0, NULL) : NULL;
	json_array_foreach(images, i, image) {
		const char *name = json_string_value(json_object_get(image, "filename"));
		if (name)
			strv_add(chain, i == 0 ? path : name);
	}
	if (!chain->count)
		strv_add(chain, path);
	json_decref(images);
}

static void chain_done(struct chain *c)
{
	free(c->path);
	strv_done(&c->images);
}

void chains_done(struct guests *g)
{
	for (size_t i = 0; i < g->chain_count; i++)
		chain_done(&g->chains[i]);
	free(g->chains);
	g->chains = NULL;
	g->chain_count = 0;
}

static bool find_chain(struct guests *g, const char *path, const struct stat *st, struct strv *images)
{
	bool found = false;

	pthread_mutex_lock(&g->lock);
	for (size_t i = 0; i < g->chain_count && !found; i++) {
		const struct chain *c = &g->chains[i];

		found = strcmp(c->path, path) == 0 && c->inode == st->st_ino && c->changed.tv_sec == st->st_mtim.tv_sec && c->changed.tv_nsec == st->st_mtim.tv_nsec;
		if (found)
			strv_copy(images, &c->images);
	}
	pthread_mutex_unlock(&g->lock);
	return found;
}

static void keep_chain(struct guests *g, const char *path, const struct stat *st, const struct strv *images)
{
	pthread_mutex_lock(&g->lock);
	if (g->chain_count == CHAINS_MAX)
		chains_done(g);
	for (size_t i = 0; i < g->chain_count; i++)
		if (strcmp(g->chains[i].path, path) == 0) {
			chain_done(&g->chains[i]);
			g->chains[i] = g->chains[--g->chain_count];
		}
	g->chains = mem_resize(g->chains, g->chain_count + 1, sizeof(*g->chains));
	struct chain *c = &g->chains[g->chain_count++];
	*c = (struct chain){.path = mem_strdup(path), .inode = st->st_ino, .changed = st->st_mtim};
	strv_copy(&c->images, images);
	pthread_mutex_unlock(&g->lock);
}

// The images of a disk, the top first. Only a file that changed since is looked into: details are read every few seconds.
static void chain_of(struct guests *g, const struct domain_disk *d, struct strv *images)
{
	struct stat st;

	if (d->backing.count) {
		strv_add(images, d->source);
		for (size_t i = 0; i < d->backing.count; i++)
			strv_add(images, d->backing.items[i]);
	} else if (str_equal(d->format, "raw") || !g->local || stat(d->source, &st) < 0) {
		strv_add(images, d->source);
	} else if (!find_chain(g, d->source, &st, images)) {
		ask_chain(d->source, d->format, images);
		keep_chain(g, d->source, &st, images);
	}
}

static bool contains(const struct strv *v, const char *text)
{
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->items[i], text) == 0)
			return true;
	return false;
}

static bool is_image(const struct domain_disk *d)
{
	return str_equal(d->type, "file") && d->source && (!d->device || str_equal(d->device, "disk"));
}

// All files that guests other than UUID use, also below their disks.
static void used_by_others(struct guests *g, virConnectPtr conn, const char *uuid, struct strv *used)
{
	virDomainPtr *domains = NULL;
	int count = vir.ConnectListAllDomains(conn, &domains, 0);

	for (int i = 0; i < count; i++) {
		struct domain_facts f = {0};
		char *xml = vir.DomainGetXMLDesc(domains[i], 0);
		bool other = xml && domain_facts_parse(&f, xml, NULL) == 0 && !str_equal(f.uuid, uuid);

		for (size_t d = 0; other && d < f.disk_count; d++)
			if (f.disks[d].source) {
				auto_strv chain = {0};
				chain_of(g, &f.disks[d], &chain);
				for (size_t n = 0; n < chain.count; n++)
					strv_add(used, chain.items[n]);
			}
		domain_facts_done(&f);
		free(xml);
		vir.DomainFree(domains[i]);
	}
	free(domains);
}

// "/images/web.qcow2" and "/images/web.before-update": a snapshot keeps the stem of its disk's name, a template has another.
static bool is_sibling(const char *a, const char *b)
{
	const char *slash = strrchr(a, '/');
	size_t n = slash ? (size_t)(slash - a) + 1 : 0;

	n += strcspn(a + n, ".");
	return strncmp(a, b, n) == 0 && (b[n] == '.' || b[n] == '\0');
}

// The cloud-init seed that storage_make_seed() made for it.
static bool is_seed(const struct domain_disk *d, const char *name)
{
	auto_free char *end = mem_printf("/%s-seed.iso", name);

	return str_equal(d->type, "file") && str_equal(d->device, "cdrom") && str_ends(d->source, end);
}

static const char *why_kept(const struct domain_disk *d, const char *path, bool top, const struct strv *used)
{
	if (contains(used, path))
		return "another guest uses it";
	if (d->readonly || d->shareable)
		return d->readonly ? "the guest may only read it" : "it is made to be shared";
	if (!top && !is_sibling(d->source, path))
		return "a template by its name";
	return NULL;
}

void storage_own(struct guests *g, virConnectPtr conn, const struct domain_facts *f, struct strv *own, struct strv *kept)
{
	auto_strv used = {0};

	used_by_others(g, conn, f->uuid, &used);
	for (size_t i = 0; i < f->disk_count; i++) {
		const struct domain_disk *d = &f->disks[i];
		auto_strv chain = {0};

		if (!d->source)
			continue;
		if (is_seed(d, f->name)) {
			strv_add(own, d->source);
			continue;
		}
		if (!is_image(d)) {
			strv_addf(kept, "%s (%s)", d->source, str_equal(d->device, "cdrom") ? "an ISO image" : "no file of its own");
			continue;
		}
		chain_of(g, d, &chain);
		for (size_t n = 0; n < chain.count; n++) {
			const char *why = why_kept(d, chain.items[n], n == 0, &used);
			if (why)
				strv_addf(kept, "%s (%s)", chain.items[n], why);
			else if (!contains(own, chain.items[n]))
				strv_add(own, chain.items[n]);
		}
	}
}

// A pool of libvirt's for DIRECTORY, on its host: one there is, or one that lasts as long as the daemon. For those who may not write there.
static virStoragePoolPtr pool_for(virConnectPtr conn, const char *directory, struct err *e)
{
	virStoragePoolPtr pool = vir.StoragePoolLookupByTargetPath(conn, directory);
	auto_str xml = {0};

	if (pool)
		return pool;
	auto_free char *name = mem_printf("hostel%s", directory);
	for (char *s = name; *s; s++)
		*s = *s == '/' ? '-' : *s; // a pool's name has no slash
	str_add(&xml, "<pool type='dir'><name>");
	domain_xml_add_text(&xml, name);
	str_add(&xml, "</name><target><path>");
	domain_xml_add_text(&xml, directory);
	str_add(&xml, "</path></target></pool>");
	pool = vir.StoragePoolCreateXML(conn, xml.text, VIR_STORAGE_POOL_CREATE_WITH_BUILD);
	if (!pool)
		guest_error(e, "cannot use the directory '%s' for disks", directory);
	return pool;
}

static int delete_volume(virStorageVolPtr volume, const char *path, struct err *e)
{
	int r = vir.StorageVolDelete(volume, 0) < 0 ? guest_error(e, "cannot delete '%s'", path) : 0;

	vir.StorageVolFree(volume);
	return r;
}

// What this user may not remove, libvirt may.
static int delete_through_pool(virConnectPtr conn, const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	auto_free char *directory = slash ? mem_strndup(path, (size_t)(slash - path)) : NULL;
	virStoragePoolPtr pool = directory && *directory ? pool_for(conn, directory, NULL) : NULL;

	if (pool)
		vir.StoragePoolFree(pool);
	virStorageVolPtr volume = pool ? vir.StorageVolLookupByPath(conn, path) : NULL;
	return volume ? delete_volume(volume, path, e) : err_set(e, EACCES, "cannot delete '%s'", path);
}

int storage_delete(virConnectPtr conn, const char *path, struct err *e)
{
	virStorageVolPtr volume = vir.StorageVolLookupByPath(conn, path);
	struct stat st;

	if (volume)
		return delete_volume(volume, path, e);
	if (lstat(path, &st) < 0 && errno == EACCES)
		return delete_through_pool(conn, path, e);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "cannot delete '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "'%s' is no regular file and was left alone", path);
	if (unlink(path) == 0)
		return 0;
	return errno == EACCES ? delete_through_pool(conn, path, e) : err_set(e, errno, "cannot delete '%s'", path);
}

// --- making ---

static const char *wanted_format(const struct params *p)
{
	const char *format = params_or(p, "disk-format", "auto");

	return strcmp(format, "auto") == 0 ? "qcow2" : format;
}

static int make_volume(virStoragePoolPtr pool, const struct params *p, uint64_t size, char **path, struct err *e)
{
	const char *name = params_or(p, "name", ""), *format = wanted_format(p);
	auto_free char *xml = mem_printf("<volume><name>%s.%s</name><capacity unit='bytes'>%llu</capacity><allocation>0</allocation>"
	                                 "<target><format type='%s'/></target></volume>",
	                                 name, format, (unsigned long long)size, format); // a name and a format need no escaping

	virStorageVolPtr volume = vir.StorageVolCreateXML(pool, xml, 0);
	if (!volume)
		return guest_error(e, "cannot make a disk in the pool '%s'", vir.StoragePoolGetName(pool));
	*path = vir.StorageVolGetPath(volume);
	vir.StorageVolFree(volume);
	return *path ? 0 : guest_error(e, "cannot find the new disk");
}

// Fails when PATH is there, whoever made it, so that nobody's file is ever overwritten or, later, removed.
static int claim(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? err_msg(e, EEXIST, "there is a file '%s' already: use it with --disk, or choose another name", path) : err_set(e, errno, "cannot make '%s'", path);
	close(fd);
	return 0;
}

static int make_file(const char *directory, const struct params *p, uint64_t size, char **path, struct err *e)
{
	const char *format = wanted_format(p);
	auto_free char *file = mem_printf("%s/%s.%s", directory, params_or(p, "name", ""), format);
	auto_free char *bytes = mem_printf("%llu", (unsigned long long)size);
	const char *const argv[] = {"qemu-img", "create", "-q", "-f", format, "--", file, bytes, NULL};
	int r = claim(file, e);

	if (r < 0)
		return r;
	r = proc_run(argv, NULL, NULL, 60 * SECOND, e);
	if (r == -ENOENT)
		err_hint(e, "install qemu-utils");
	if (r != 0) {
		unlink(file);
		return r < 0 ? r : -EIO;
	}
	*path = steal(file);
	return 0;
}

// Where a new file of this guest goes. Owned.
static char *image_directory(const struct guests *g, const struct params *p)
{
	const char *given = params_or(p, "directory", NULL);

	return given ? mem_strdup(given) : g->local ? guests_directory(g, "images") : mem_strdup("/var/lib/libvirt/images");
}

static bool can_write(const struct guests *g, const char *directory, bool given)
{
	if (g->local && !given)
		fs_make_directories(directory, 0711, NULL); // what cannot be made cannot be written either
	return g->local && access(directory, W_OK) == 0;
}

// The pool that P wants or that is there for this; NULL when a directory is the better place. Negative errno when there is no such pool.
static int choose_pool(virConnectPtr conn, const struct params *p, virStoragePoolPtr *pool, struct err *e)
{
	const char *wanted = params_or(p, "pool", NULL);

	if (!wanted && params_or(p, "directory", NULL))
		return 0;
	*pool = vir.StoragePoolLookupByName(conn, wanted ? wanted : "default");
	if (wanted && !*pool)
		return guest_error(e, "there is no storage pool '%s'", wanted);
	if (!wanted && *pool && vir.StoragePoolIsActive(*pool) != 1) {
		vir.StoragePoolFree(*pool);
		*pool = NULL;
	}
	return 0;
}

int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, char **path, struct err *e)
{
	auto_free char *directory = image_directory(g, p);
	virStoragePoolPtr pool = NULL;
	uint64_t size = 0;

	if (units_parse_bytes(params_or(p, "new-disk", ""), &size) < 0 || size < 1 << 20)
		return err_msg(e, EINVAL, "a new disk takes a size of at least 1M, as 20G");
	if (g->local && params_get(p, "directory") && access(directory, F_OK) < 0)
		return err_set(e, errno, "directory '%s'", directory);
	int r = choose_pool(conn, p, &pool, e);
	if (r < 0)
		return r;
	if (!pool && can_write(g, directory, params_get(p, "directory") != NULL))
		return make_file(directory, p, size, path, e);
	if (!pool)
		pool = pool_for(conn, directory, e);
	if (!pool)
		return e && e->code ? -e->code : -EIO;
	r = make_volume(pool, p, size, path, e);
	vir.StoragePoolFree(pool);
	return r;
}

// --- the seed of cloud-init ---

static int write_seed_files(const char *directory, const struct params *p, struct err *e)
{
	auto_close int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *user_data = NULL;
	auto_free char *meta = mem_printf("instance-id: %s-%ld\nlocal-hostname: %s\n", params_or(p, "name", ""), (long)getpid(), params_or(p, "name", ""));
	ssize_t n = fd < 0 ? -errno : fs_read_file(AT_FDCWD, params_or(p, "cloud-init", ""), 16 << 20, &user_data, e);

	if (n < 0)
		return (int)n;
	int r = fs_replace_file(fd, "user-data", 0600, user_data, (size_t)n, e);
	return r < 0 ? r : fs_replace_file(fd, "meta-data", 0600, meta, strlen(meta), e);
}

// Any of these makes the same image from the same words.
static int write_iso(const char *directory, const char *path, struct err *e)
{
	static const char *const programs[] = {"xorrisofs", "genisoimage", "mkisofs"};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(programs); i++) {
		const char *const argv[] = {programs[i], "-quiet", "-o", path, "-V", "cidata", "-J", "-r", directory, NULL};
		r = proc_run(argv, NULL, NULL, 60 * SECOND, e);
	}
	if (r == -ENOENT)
		return err_msg(e, ENOENT, "nothing here can write an ISO image for cloud-init (install xorriso)");
	return r > 0 ? -EIO : r;
}

int storage_make_seed(const struct guests *g, const struct params *p, char **path, struct err *e)
{
	char work[] = "/tmp/hostel-seed-XXXXXX";
	auto_free char *directory = image_directory(g, p);
	auto_free char *file = mem_printf("%s/%s-seed.iso", directory, params_or(p, "name", ""));

	if (!can_write(g, directory, params_get(p, "directory") != NULL))
		return err_msg(e, EACCES, "cannot make the cloud-init seed in '%s': name a directory of yours that QEMU may read (--directory)", directory);
	int r = claim(file, e);
	if (r < 0)
		return r;
	if (!mkdtemp(work))
		r = err_set(e, errno, "cannot make a temporary directory");
	if (r == 0) {
		r = write_seed_files(work, p, e);
		r = r < 0 ? r : write_iso(work, file, e);
		fs_remove_tree(AT_FDCWD, work, NULL);
	}
	if (r < 0)
		unlink(file);
	else
		*path = steal(file);
	return r;
}
