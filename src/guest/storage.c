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

// The images below PATH, PATH first, as qemu-img finds them.
static void chain_of(const char *path, const char *format, struct strv *chain)
{
	const char *const argv[] = {"qemu-img", "info", "--force-share", "--backing-chain", "--output=json", "-f", format ? format : "raw", "--", path, NULL};
	auto_str out = {0};
	size_t i;
	json_t *image;

	// without qemu-img only the top is known
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
static void used_by_others(virConnectPtr conn, const char *uuid, struct strv *used)
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
				chain_of(f.disks[d].source, f.disks[d].format, &chain);
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

void storage_own(virConnectPtr conn, const struct domain_facts *f, struct strv *own, struct strv *kept)
{
	auto_strv used = {0};

	used_by_others(conn, f->uuid, &used);
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
		chain_of(d->source, d->format, &chain);
		for (size_t n = 0; n < chain.count; n++) {
			const char *why = why_kept(d, chain.items[n], n == 0, &used);
			if (why)
				strv_addf(kept, "%s (%s)", chain.items[n], why);
			else if (!contains(own, chain.items[n]))
				strv_add(own, chain.items[n]);
		}
	}
}

int storage_delete(virConnectPtr conn, const char *path, struct err *e)
{
	virStorageVolPtr volume = vir.StorageVolLookupByPath(conn, path);
	struct stat st;

	if (volume) {
		int r = vir.StorageVolDelete(volume, 0) < 0 ? guest_error(e, "cannot delete '%s'", path) : 0;
		vir.StorageVolFree(volume);
		return r;
	}
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "cannot delete '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "'%s' is no regular file and was left alone", path);
	return unlink(path) < 0 ? err_set(e, errno, "cannot delete '%s'", path) : 0;
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

static int own_directory(const struct guests *g, const struct params *p, char **directory, struct err *e)
{
	const char *given = params_or(p, "directory", NULL);

	if (given && !g->local)
		return err_msg(e, EOPNOTSUPP, "a directory of another host cannot be used: name a storage pool");
	*directory = given ? mem_strdup(given) : guests_directory(g, "images");
	if (!*directory)
		return err_msg(e, EOPNOTSUPP, "a disk on another host needs a storage pool (--pool NAME)");
	return given ? 0 : fs_make_directories(*directory, 0711, e);
}

int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, char **path, struct err *e)
{
	const char *wanted = params_or(p, "pool", NULL);
	auto_free char *directory = NULL;
	uint64_t size = 0;

	if (units_parse_bytes(params_or(p, "new-disk", ""), &size) < 0 || size < 1 << 20)
		return err_msg(e, EINVAL, "a new disk takes a size of at least 1M, as 20G");
	virStoragePoolPtr pool = params_or(p, "directory", NULL) ? NULL : vir.StoragePoolLookupByName(conn, wanted ? wanted : "default");
	if (wanted && !pool)
		return guest_error(e, "there is no storage pool '%s'", wanted);
	if (pool && (wanted || vir.StoragePoolIsActive(pool) == 1)) {
		int r = make_volume(pool, p, size, path, e);
		vir.StoragePoolFree(pool);
		return r;
	}
	if (pool)
		vir.StoragePoolFree(pool);
	int r = own_directory(g, p, &directory, e);
	return r < 0 ? r : make_file(directory, p, size, path, e);
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
	auto_free char *directory = NULL;
	int r = own_directory(g, p, &directory, e);
	auto_free char *file = mem_printf("%s/%s-seed.iso", directory ? directory : "", params_or(p, "name", ""));

	if (r == 0)
		r = claim(file, e);
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
