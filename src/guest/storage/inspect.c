// Whether a file can be a disk, a CD or a kernel of a guest, and of which format a disk is.
#include "inspect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "guest/connection/guests.h"
#include "guest/files/chain.h"
#include "guest/files/content.h"
#include "guest/files/images.h"
#include "guest/vir/vir.h"

static bool begins_with(const char *text, const char *prefix, size_t length)
{
	return strlen(text) >= length && strncmp(text, prefix, length) == 0;
}

// Whether NAME is an extent of the VMDK at PATH as VMware writes them: "web-flat.vmdk", "web-s001.vmdk" beside
// "web.vmdk".
static bool is_own_extent(const char *path, const char *name)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t stem = dot && dot > slash ? (size_t)(dot - path) : strlen(path);

	return begins_with(name, path, stem) && name[stem] == '-' && !strchr(name + stem, '/');
}

// Whether a file that the image at PATH refers to may be used unasked.
static bool is_harmless_ref(const char *path, const char *format, const char *other)
{
	return strcmp(other, path) == 0 || (strcmp(format, "vmdk") == 0 && is_own_extent(path, other));
}

// A raw disk's guest can write another format's head into it, and so choose files of its host: what refers to others
// is never guessed.
static int check_image_refs(struct guests *g, const char *path, const char *format, struct err *e)
{
	struct image_refs refs = {0};
	const char *other = NULL;
	int r = image_refs_read(&g->images, &refs, path, format, (struct account){0}, e);

	for (size_t i = 0; r == 0 && i < refs.count && !other; i++)
		other = is_harmless_ref(path, format, refs.items[i].text) ? NULL : refs.items[i].text;
	if (r < 0)
		err_hint(e, "give the format of '%s': --" PARAM_DISK_FORMAT " %s or --" PARAM_DISK_FORMAT " raw", path,
		         format);
	else if (other)
		r = err_msg(e, EINVAL,
		            "'%s' looks like a %s image that refers to '%s' (if it is yours: --" PARAM_DISK_FORMAT " %s; if "
		            "a guest "
		            "wrote it as a raw disk: --" PARAM_DISK_FORMAT " raw)",
		            path, format, other, format);
	image_refs_done(&refs);
	return r;
}

static int refuse_content(const char *path, const char *as, const struct content *c, struct err *e)
{
	return err_msg(e, EINVAL, "cannot use '%s' as a %s: it is %s (%s)", path, as, c->name, c->remedy);
}

// A format that the user names is believed only where the bytes do not contradict: QEMU would refuse it at each start.
static int check_given_format(const char *path, const char *said, const struct content *c, struct err *e)
{
	if (strcmp(said, "raw") == 0 || str_equal(c->libvirt, said) ||
	    (c->unlocked && (strcmp(said, "luks") == 0 || strcmp(said, c->unlocked) == 0)))
		return 0;
	return err_msg(e, EINVAL, "'%s' is not a %s image: it is %s (omit --" PARAM_DISK_FORMAT ", or use the right one)",
	               path, said, c->name);
}

// libvirt has the passphrase of an encrypted disk where a secret's usage is this volume
// (libvirt.org/formatsecret.html).
static bool find_secret(virConnectPtr conn, const char *path, struct disk *d)
{
	virSecretPtr secret = vir.SecretLookupByUsage(conn, VIR_SECRET_USAGE_TYPE_VOLUME, path);

	if (!secret)
		return false;
	vir.SecretGetUUIDString(secret, d->secret);
	vir.SecretFree(secret);
	return true;
}

// A blank disk is for an installation, which starts from something else; without that the guest could not boot.
static bool is_for_installation(const struct content *c, const struct params *p)
{
	return c->kind == CONTENT_BLANK && (params_or(p, PARAM_ISO, NULL) || params_or(p, PARAM_KERNEL, NULL));
}

// Whether a guest can be given a disk with this content, whose format the user did not name.
static bool is_disk(const struct content *c, const struct params *p)
{
	return c->kind == CONTENT_IMAGE || c->kind == CONTENT_OPTICAL || c->kind == CONTENT_SECTORS ||
	       is_for_installation(c, p);
}

static int disk_judge(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d,
                      struct err *e)
{
	const char *said = d->format;
	struct content c;
	int r = g->local ? content_read(&c, path) : -EREMOTE;

	if (r < 0 && strcmp(said, "auto") != 0)
		return 0;
	if (r < 0)
		return err_msg(e, EINVAL, "cannot read the format of '%s': %s (set it with --" PARAM_DISK_FORMAT ")", path,
		               g->local ? strerror(-r) : "it is on another host");
	if (strcmp(said, "auto") != 0 && (r = check_given_format(path, said, &c, e)) < 0)
		return r;
	if (strcmp(said, "raw") == 0)
		return 0;
	bool unlocked = c.unlocked && find_secret(conn, path, d);
	if (!unlocked && !is_disk(&c, p))
		return refuse_content(path, "disk", &c, e);
	d->format = unlocked ? c.unlocked : c.libvirt;
	d->readonly = c.readonly;
	d->compressed = c.compressed;
	return strcmp(said, "auto") == 0 && (c.kind == CONTENT_IMAGE || unlocked) && strcmp(d->format, "raw") != 0
	           ? check_image_refs(g, path, d->format, e)
	           : 0;
}

bool storage_is_block(const struct guests *g, const char *path)
{
	struct stat st;

	return g->local && stat(path, &st) == 0 ? S_ISBLK(st.st_mode) : str_starts(path, "/dev/");
}

int storage_inspect(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d,
                    struct err *e)
{
	*d = (struct disk){.format = params_or(p, PARAM_DISK_FORMAT, "auto"), .block = storage_is_block(g, path)};
	return disk_judge(conn, g, p, path, d, e);
}

// What cannot be read here may be readable by QEMU.
int storage_check_optical(const struct guests *g, const char *path, struct err *e)
{
	struct content c;

	if (!g->local || content_read(&c, path) < 0 || c.kind == CONTENT_OPTICAL)
		return 0;
	if (c.kind != CONTENT_OTHER)
		c.remedy = c.kind == CONTENT_UNKNOWN || c.kind == CONTENT_BLANK
		               ? "an ISO 9660 or UDF image is needed; download it again"
		               : "use it with --" PARAM_DISK;
	return refuse_content(path, "CD", &c, e);
}

static const struct {
	mode_t type;
	const char *name, *remedy;
} unfit[] = {
    {S_IFDIR, "a directory", "name a file in it"}, {S_IFIFO, "a FIFO", "name a file"},
    {S_IFSOCK, "a socket", "name a file"},         {S_IFCHR, "a character device", "name a file or a block device"},
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
