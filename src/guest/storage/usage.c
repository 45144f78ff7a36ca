// Finds the files that other guests use. Anything that cannot be read is a doubt, and a single doubt keeps every file.
#include "usage.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "guest/definition/names.h"
#include "guest/files/chain.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/host/uri.h"
#include "guest/vir/vir.h"
#include "pool.h"

enum { LAYERS_MAX = 256 }; // images per guest

// State while following one definition.
struct search {
	struct claims *found;
	struct guests *guests;
	const char *user;   // "guest 'two'"
	struct account as; // owner of the images
	char *(*volume)(void *context, const char *pool, const char *volume);
	void *context;
	struct strv seen;  // images already examined
	struct err error; // not on the stack, because follow_image() is recursive
};

static void follow_image(struct search *s, const char *path, const char *format);

// --- images ---

// Compared by name, not by inode: relative names in an image are resolved against the directory of the name by which
// it was opened.
static bool image_is_seen(struct search *s, const char *path)
{
	for (size_t i = 0; i < s->seen.count; i++)
		if (strcmp(s->seen.items[i], path) == 0)
			return true;
	strv_add(&s->seen, path);
	return false;
}

static bool is_raw_format(const char *format)
{
	return str_equal(format, "raw") || str_equal(format, "luks");
}

static void follow_image_ref(struct search *s, const char *path, const struct image_ref *ref)
{
	bool found = false;
	int error = ENOENT;

	for (size_t i = 0; i < ref->paths.count; i++) {
		struct stat st;

		if (stat(ref->paths.items[i], &st) == 0) {
			found = true;
			follow_image(s, ref->paths.items[i], ref->format);
		} else if (errno != ENOENT && errno != ENOTDIR) {
			error = errno;
		}
	}
	if (!found && !is_raw_format(ref->format))
		claims_doubt(s->found, "the image '%s' of %s refers to '%s', which cannot be examined%s%s", path, s->user,
		             ref->text, ref->remote ? "" : ": ", ref->remote ? "" : strerror(error));
	else if (!found && error != ENOENT)
		claims_doubt(s->found, "the image '%s' of %s refers to '%s': %s", path, s->user, ref->text, strerror(error));
}

// Claims PATH, an image opened as FORMAT (NULL: probed), and all files that it refers to.
static void follow_image(struct search *s, const char *path, const char *format)
{
	struct image_refs refs = {0};
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	claims_add(s->found, S_ISDIR(st.st_mode), (struct file_id){st.st_dev, st.st_ino}, s->user);
	bool image = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode);
	if (is_raw_format(format) || !image || image_is_seen(s, path))
		return;
	if (s->seen.count > LAYERS_MAX)
		claims_doubt(s->found, "%s has more than %d images", s->user, LAYERS_MAX);
	else if (s->found->hung)
		claims_doubt(s->found, "the images of %s are unknown: an earlier query timed out", s->user);
	else if (image_refs_read(&s->guests->images, &refs, path, format, s->as, &s->error) < 0)
		claims_doubt(s->found, "the images of %s are unknown: %s", s->user, s->error.text);
	s->found->hung |= s->error.code == ETIMEDOUT;
	for (size_t i = 0; i < refs.count; i++)
		follow_image_ref(s, path, &refs.items[i]);
	image_refs_done(&refs);
}

// --- names ---

static void claim_file(struct search *s, const char *path, bool directory)
{
	struct stat st;

	if (stat(path, &st) == 0 && (!directory || S_ISDIR(st.st_mode)))
		claims_add(s->found, directory, (struct file_id){st.st_dev, st.st_ino}, s->user);
}

static void claim_image(struct search *s, const char *path, const char *format)
{
	struct stat st;

	if (stat(path, &st) == 0)
		follow_image(s, path, format);
	else if (!is_raw_format(format) || (errno != ENOENT && errno != ENOTDIR))
		claims_doubt(s->found, "the image '%s' of %s cannot be examined: %s", path, s->user, strerror(errno));
}

static void claim_volume(struct search *s, const struct name *name)
{
	auto_free char *path = s->volume(s->context, name->pool, name->text);

	if (path)
		claim_image(s, path, name->format);
	else
		claims_doubt(s->found, "the volume '%s' of pool '%s', which %s uses, cannot be found", name->text, name->pool,
		             s->user);
}

static void claim_name(struct search *s, const struct name *name)
{
	switch (name->kind) {
	case NAME_FILE:
	case NAME_DIRECTORY:
		claim_file(s, name->text, name->kind == NAME_DIRECTORY);
		break;
	case NAME_IMAGE:
		claim_image(s, name->text, name->format);
		break;
	case NAME_ARGUMENT:
		follow_image(s, name->text, NULL); // most arguments that look like paths are none
		break;
	case NAME_VOLUME:
		claim_volume(s, name);
		break;
	case NAME_REMOTE:
		claims_doubt(s->found, "%s has %s, whose backing files are unknown", s->user, name->text);
		break;
	}
}

static void claim_definition(const char *xml, void *context)
{
	struct search *s = context;
	struct names names = {0};

	if (names_parse(&names, xml, NULL) < 0)
		claims_doubt(s->found, "the definition of %s cannot be parsed", s->user);
	for (size_t i = 0; i < names.count; i++)
		claim_name(s, &names.items[i]);
	names_done(&names);
}

// --- libvirt ---

static bool is_error_code(int a, int b)
{
	const virError *error = vir.GetLastError();

	return error && (error->code == a || error->code == b);
}

static char *volume_of_connection(void *conn, const char *pool, const char *volume)
{
	return volume_path(conn, pool, volume);
}

// The libvirt functions for snapshots and checkpoints differ only in their names and types.
#define DEFINE_EACH(NAME, KIND) \
	int NAME(virDomainPtr domain, void (*each)(const char *xml, void *context), void *context) \
	{ \
		virDomain##KIND##Ptr *items = NULL; \
		int count = vir.DomainListAll##KIND##s(domain, &items, 0), r = 0; \
\
		if (count < 0) \
			return is_error_code(VIR_ERR_NO_SUPPORT, VIR_ERR_NO_DOMAIN) ? 0 : -1; \
		for (int i = 0; i < count; i++) { \
			char *xml = vir.Domain##KIND##GetXMLDesc(items[i], 0); \
			if (xml) \
				each(xml, context); \
			r = xml ? r : -1; \
			free(xml); \
			vir.Domain##KIND##Free(items[i]); \
		} \
		free(items); \
		return r; \
	}
DEFINE_EACH(snapshots_each, Snapshot)
static DEFINE_EACH(checkpoints_each, Checkpoint)

// The live definition, the persistent definition and that of the saved memory.
static int definitions_each(virDomainPtr domain, void (*each)(const char *xml, void *context), void *context)
{
	bool saved = vir.DomainHasManagedSaveImage(domain, 0) == 1;
	char *const xml[] = {vir.DomainGetXMLDesc(domain, 0), vir.DomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE),
	                     saved ? vir.DomainManagedSaveGetXMLDesc(domain, 0) : NULL};
	bool whole = xml[0] && xml[1] && (!saved || xml[2]);

	for (size_t i = 0; i < ARRAY_SIZE(xml); i++)
		if (xml[i] && (i == 0 || !str_equal(xml[i], xml[i - 1])))
			each(xml[i], context);
	for (size_t i = 0; i < ARRAY_SIZE(xml); i++)
		free(xml[i]);
	return whole ? 0 : -1;
}

static bool is_deleted(virDomainPtr domain)
{
	return vir.DomainIsActive(domain) < 0 && is_error_code(VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN);
}

static void claim_domain(struct claims *n, struct guests *g, virConnectPtr conn, virDomainPtr domain, bool own)
{
	auto_free char *user = mem_printf("guest '%s'%s", vir.DomainGetName(domain), own ? "" : " of " SYSTEM_URI);
	struct search s = {.found = n, .guests = g, .user = user, .volume = volume_of_connection, .context = conn};
	int r = definitions_each(domain, claim_definition, &s);

	r |= snapshots_each(domain, claim_definition, &s);
	r |= checkpoints_each(domain, claim_definition, &s);
	if (r < 0 && !is_deleted(domain))
		claims_doubt(n, "libvirt does not return the full definition of %s", s.user);
	strv_done(&s.seen);
}

void usage_add_definition(struct claims *n, struct guests *g, const char *xml, const char *user, struct account as,
                          char *(*volume)(void *context, const char *pool, const char *volume), void *context)
{
	struct search s = {.found = n, .guests = g, .user = user, .as = as, .volume = volume, .context = context};

	claim_definition(xml, &s);
	strv_done(&s.seen);
}

void usage_add_connection(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid)
{
	virDomainPtr *domains = NULL;
	int count = vir.ConnectListAllDomains(conn, &domains, 0);

	if (count < 0)
		claims_doubt(n, "libvirt does not list its guests");
	for (int i = 0; i < count; i++) {
		char text[VIR_UUID_STRING_BUFLEN] = "";

		if (vir.DomainGetUUIDString(domains[i], text) < 0 || !str_equal(text, uuid))
			claim_domain(n, g, conn, domains[i], uuid != NULL);
		vir.DomainFree(domains[i]);
	}
	free(domains);
}
