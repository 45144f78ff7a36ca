// Checks whether a file can be a guest's disk, CD or kernel, and determines a disk's format.
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

// Whether NAME is an extent of the VMDK at PATH, as VMware names them: "web-flat.vmdk", "web-s001.vmdk" for
// "web.vmdk".
static bool is_own_extent(const char *path, const char *name)
{
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	size_t stem = dot && dot > slash ? (size_t)(dot - path) : strlen(path);

	return begins_with(name, path, stem) && name[stem] == '-' && !strchr(name + stem, '/');
}

// Whether the image at PATH may refer to OTHER without the user confirming it.
static bool is_harmless_ref(const char *path, const char *format, const char *other)
{
	return strcmp(other, path) == 0 || (strcmp(format, "vmdk") == 0 && is_own_extent(path, other));
}

// A guest with a raw disk can write another format's header into it and so pick files of its host. So the format is
// never guessed for an image that refers to other files.
static int check_image_refs(struct guests *g, const char *path, const char *format, struct err *e)
{
	struct image_refs refs = {0};
	const char *other = NULL;
	int r = image_refs_read(&g->images, &refs, path, format, (struct account){0}, e);

	for (size_t i = 0; r == 0 && i < refs.count && !other; i++)
		other = is_harmless_ref(path, format, refs.items[i].text) ? NULL : refs.items[i].text;
	if (r < 0)
		err_hint(e, "specify the format of '%s': --" PARAM_DISK_FORMAT " %s or --" PARAM_DISK_FORMAT " raw", path,
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

// A format given by the user is accepted only if the content does not contradict it: QEMU would refuse the image at
// every start.
static int check_given_format(const char *path, const char *said, const struct content *c, struct err *e)
{
	if (strcmp(said, "raw") == 0 || str_equal(c->libvirt, said) ||
	    (c->unlocked && (strcmp(said, "luks") == 0 || strcmp(said, c->unlocked) == 0)))
		return 0;
	return err_msg(e, EINVAL, "'%s' is not a %s image: it is %s (omit --" PARAM_DISK_FORMAT ", or use the right one)",
	               path, said, c->name);
}

// libvirt has the passphrase of an encrypted disk if the usage of a secret names this volume
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

// A blank disk is fine for an installation, which boots from something else.
static bool is_for_installation(const struct content *c, const struct params *p)
{
	return c->kind == CONTENT_BLANK && (params_or(p, PARAM_ISO, NULL) || params_or(p, PARAM_KERNEL, NULL));
}

// Whether content of unspecified format can be a guest's disk.
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

// A file that cannot be read here may still be readable for QEMU.
int storage_check_optical(const struct guests *g, const char *path, struct err *e)
{
	struct content c;

	if (!g->local || content_read(&c, path) < 0 || c.kind == CONTENT_OPTICAL)
		return 0;
	if (c.kind != CONTENT_OTHER)
		c.remedy = c.kind == CONTENT_UNKNOWN || c.kind == CONTENT_BLANK
		               ? "use an ISO 9660 or UDF image, or download it again"
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
