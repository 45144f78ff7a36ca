// Making disks and seeds: files of this host by their paths, others through libvirt's storage pools. See storage.h.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "storage.h"
#include "sys/fs.h"
#include "sys/proc.h"

// --- the format of a disk there is ---

static bool begins_with(const char *text, const char *prefix, size_t length)
{
	return strlen(text) >= length && strncmp(text, prefix, length) == 0;
}

// Whether NAME is an extent of the VMDK at PATH as VMware writes them: "web-flat.vmdk", "web-s001.vmdk" beside "web.vmdk".
static bool is_own_extent(const char *path, const char *name)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t stem = dot && dot > slash ? (size_t)(dot - path) : strlen(path);

	return begins_with(name, path, stem) && name[stem] == '-' && !strchr(name + stem, '/');
}

// Whether a file that the image at PATH refers to may be used unasked.
static bool is_harmless(const char *path, const char *format, const char *other)
{
	return strcmp(other, path) == 0 || (strcmp(format, "vmdk") == 0 && is_own_extent(path, other));
}

// A raw disk's guest can write another format's head into it, and so choose files of its host: what refers to others is never guessed.
static int check_refs(struct guests *g, const char *path, const char *format, struct err *e)
{
	struct image_refs refs = {0};
	const char *other = NULL;
	int r = image_refs_read(g, &refs, path, format, (struct account){0}, e);

	for (size_t i = 0; r == 0 && i < refs.count && !other; i++)
		other = is_harmless(path, format, refs.items[i].text) ? NULL : refs.items[i].text;
	if (r < 0)
		err_hint(e, "give the format of '%s': --disk-format %s or --disk-format raw", path, format);
	else if (other)
		r = err_msg(e, EINVAL, "'%s' looks like a %s image that refers to '%s' (if it is yours: --disk-format %s; if a guest wrote it as a raw disk: --disk-format raw)", path, format,
		            other, format);
	image_refs_done(&refs);
	return r;
}

static int refuse(const char *path, const char *as, const struct content *c, struct err *e)
{
	return err_msg(e, EINVAL, "cannot use '%s' as a %s: it is %s (%s)", path, as, c->name, c->remedy);
}

// A format that the user names is believed only where the bytes do not contradict: QEMU would refuse it at each start.
static int check_said(const char *path, const char *said, const struct content *c, struct err *e)
{
	if (strcmp(said, "raw") == 0 || str_equal(c->libvirt, said) || (c->unlocked && (strcmp(said, "luks") == 0 || strcmp(said, c->unlocked) == 0)))
		return 0;
	return err_msg(e, EINVAL, "'%s' is not a %s image: it is %s (omit --disk-format, or use the right one)", path, said, c->name);
}

// libvirt has the passphrase of an encrypted disk where a secret's usage is this volume (libvirt.org/formatsecret.html).
static bool find_secret(virConnectPtr conn, const char *path, struct disk *d)
{
	virSecretPtr secret = vir.SecretLookupByUsage(conn, VIR_SECRET_USAGE_TYPE_VOLUME, path);

	if (!secret)
		return false;
	vir.SecretGetUUIDString(secret, d->secret);
	vir.SecretFree(secret);
	return true;
}

static int judge(virConnectPtr conn, struct guests *g, const char *path, const char *said, struct disk *d, struct err *e)
{
	struct content c;
	int r = g->local ? content_read(&c, path) : -EREMOTE;

	if (r < 0 && strcmp(said, "auto") != 0)
		return 0;
	if (r < 0)
		return err_msg(e, EINVAL, "cannot read the format of '%s': %s (set it with --disk-format)", path, g->local ? strerror(-r) : "it is on another host");
	if (strcmp(said, "auto") != 0 && (r = check_said(path, said, &c, e)) < 0)
		return r;
	if (strcmp(said, "raw") == 0)
		return 0;
	bool unlocked = c.unlocked && find_secret(conn, path, d);
	if (!unlocked && (c.kind == CONTENT_OTHER || c.kind == CONTENT_UNKNOWN))
		return refuse(path, "disk", &c, e);
	d->format = unlocked ? c.unlocked : c.libvirt;
	d->readonly = c.readonly;
	d->compressed = c.compressed;
	return strcmp(said, "auto") == 0 && (c.kind == CONTENT_IMAGE || unlocked) && strcmp(d->format, "raw") != 0 ? check_refs(g, path, d->format, e) : 0;
}

bool storage_is_block(const struct guests *g, const char *path)
{
	struct stat st;

	return g->local && stat(path, &st) == 0 ? S_ISBLK(st.st_mode) : str_starts(path, "/dev/");
}

int storage_inspect(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d, struct err *e)
{
	const char *said = params_or(p, "disk-format", "auto");

	*d = (struct disk){.format = said, .block = storage_is_block(g, path)};
	return judge(conn, g, path, said, d, e);
}

// What cannot be read here may be readable by QEMU.
int storage_check_optical(const struct guests *g, const char *path, struct err *e)
{
	struct content c;

	if (!g->local || content_read(&c, path) < 0 || c.kind == CONTENT_OPTICAL)
		return 0;
	if (c.kind != CONTENT_OTHER)
		c.remedy = c.kind == CONTENT_UNKNOWN ? "an ISO 9660 or UDF image is needed; download it again" : "use it with --disk";
	return refuse(path, "CD", &c, e);
}

static const struct {
	mode_t type;
	const char *name, *remedy;
} unfit[] = {
	{S_IFDIR, "a directory", "name a file in it"},
	{S_IFIFO, "a FIFO", "name a file"},
	{S_IFSOCK, "a socket", "name a file"},
	{S_IFCHR, "a character device", "name a file or a block device"},
	{S_IFBLK, "a block device", "name a file"},
};

int storage_check_file(const char *what, const char *path, bool block, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_set(e, errno, "%s '%s'", what, path);
	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++)
		if ((st.st_mode & S_IFMT) == unfit[i].type && !(block && S_ISBLK(st.st_mode)))
			return err_msg(e, EINVAL, "%s '%s' is %s (%s)", what, path, unfit[i].name, unfit[i].remedy);
	return 0;
}

// --- making ---

const char *storage_new_format(const struct params *p)
{
	const char *format = params_or(p, "disk-format", "auto");

	return strcmp(format, "auto") == 0 ? "qcow2" : format;
}

static int make_volume(virStoragePoolPtr pool, const struct params *p, uint64_t size, char **path, struct err *e)
{
	const char *name = params_or(p, "name", ""), *format = storage_new_format(p);
	auto_free char *xml = mem_printf("<volume><name>%s.%s</name><capacity unit='bytes'>%llu</capacity><allocation>0</allocation>"
	                                 "<target><format type='%s'/></target></volume>",
	                                 name, format, (unsigned long long)size, format); // a name and a format need no escaping

	virStorageVolPtr volume = vir.StorageVolCreateXML(pool, xml, 0);
	if (!volume)
		return guest_error(e, "cannot make a disk of '%s' in its pool", params_or(p, "name", ""));
	*path = vir.StorageVolGetPath(volume);
	vir.StorageVolFree(volume);
	return *path ? 0 : guest_error(e, "cannot find the new disk");
}

// Fails when PATH exists, so that no foreign file is ever overwritten or, later, removed.
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
	const char *format = storage_new_format(p);
	auto_free char *file = mem_printf("%s/%s.%s", directory, params_or(p, "name", ""), format);
	auto_free char *bytes = mem_printf("%llu", (unsigned long long)size);
	const char *const argv[] = {"qemu-img", "create", "-q", "-f", content_qemu_format(format), "--", file, bytes, NULL};
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
	bool made = false;

	if (units_parse_bytes(params_or(p, "new-disk", ""), &size) < 0 || size < 1 << 20)
		return err_msg(e, EINVAL, "a new disk takes a size of at least 1M, for example 20G");
	if (g->local && params_get(p, "directory") && access(directory, F_OK) < 0)
		return err_set(e, errno, "directory '%s'", directory);
	int r = choose_pool(conn, p, &pool, e);
	if (r < 0)
		return r;
	if (!pool && can_write(g, directory, params_get(p, "directory") != NULL))
		return make_file(directory, p, size, path, e);
	if (!pool && g->local && guests_is_session(g)) // its daemon is the same user's: it cannot write there either
		return err_msg(e, EACCES, "cannot make a disk in '%s': Permission denied (name a directory of yours: --directory)", directory);
	if (!pool)
		pool = storage_pool_for(conn, directory, &made, e);
	if (!pool)
		return e && e->code ? -e->code : -EIO;
	r = make_volume(pool, p, size, path, e);
	if (r < 0 && made) // stops the pool; files and directory stay, and libvirt refuses while another client creates a volume in it
		vir.StoragePoolDestroy(pool);
	vir.StoragePoolFree(pool);
	return r;
}

// --- the seed of cloud-init ---

bool seed_is_user_data(const char *text, size_t length)
{
	// as cloud-init compares: without leading white space, whatever the case (cloudinit/handlers/__init__.py)
	static const char *const headers[] = {"#cloud-config", "#!", "#include", "#part-handler", "#cloud-boothook", "#upstart-job", "## template: jinja", "Content-Type:", "MIME-Version:"};
	size_t blank = 0;

	if (length >= 2 && memcmp(text, "\x1f\x8b", 2) == 0) // gzip, of one of these
		return true;
	while (blank < length && strchr(" \t\r\n\v\f", text[blank]))
		blank++;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (length - blank >= strlen(headers[i]) && strncasecmp(text + blank, headers[i], strlen(headers[i])) == 0)
			return true;
	return false;
}

static void check_user_data(const char *text, size_t length, const char *path, const struct job *job)
{
	auto_free char *note = mem_printf("'%s' has no header that cloud-init knows, so the guest will ignore it (the first line is usually '#cloud-config')", path);

	if (!seed_is_user_data(text, length))
		job_note(job, note);
}

static int write_seed_files(const char *directory, const struct params *p, const struct job *job, struct err *e)
{
	auto_close int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *user_data = NULL;
	auto_free char *meta = mem_printf("instance-id: %s-%ld\nlocal-hostname: %s\n", params_or(p, "name", ""), (long)getpid(), params_or(p, "name", ""));
	ssize_t n = fd < 0 ? -errno : fs_read_file(AT_FDCWD, params_or(p, "cloud-init", ""), 16 << 20, &user_data, e);

	if (n < 0)
		return (int)n;
	check_user_data(user_data, (size_t)n, params_or(p, "cloud-init", ""), job);
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

int storage_make_seed(const struct guests *g, const struct params *p, const struct job *job, char **path, struct err *e)
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
		r = write_seed_files(work, p, job, e);
		r = r < 0 ? r : write_iso(work, file, e);
		fs_remove_tree(AT_FDCWD, work, NULL);
	}
	if (r < 0)
		unlink(file);
	else
		*path = steal(file);
	return r;
}
