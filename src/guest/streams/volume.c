// Texts about a volume of a storage pool, its backup and restore: see guest/volumes.h.
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "guest/connection/call.h"
#include "guest/definition/volume_xml.h"
#include "guest/storage/volume_call.h"
#include "guest/storage/volume_users.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/volumes.h"
#include "model/name.h"
#include "model/param.h"
#include "sys/write.h"

// --- texts ---

static void add_line(struct str *text, const char *label, const char *value)
{
	if (value)
		str_addf(text, "%s: %s\n", label, value);
}

int guests_volume_details(struct guests *g, const char *key, struct str *text, struct err *e)
{
	struct volume_call c;
	char size[UNITS_TEXT], used[UNITS_TEXT];
	int r = volume_begin(&c, g, key, e);

	if (r == 0) {
		const struct pool_volume *v = &c.is.items[0];
		add_line(text, "Name", key);
		add_line(text, "Pool", v->pool);
		add_line(text, "Path", v->path);
		add_line(text, "Format", v->format);
		add_line(text, "Backing file", v->backing);
		add_line(text, "Size", units_bytes(size, v->capacity));
		add_line(text, "Space", units_bytes(used, v->allocation));
	}
	volume_end(&c);
	return r;
}

int guests_volume_config(struct guests *g, const char *key, struct str *text, struct err *e)
{
	struct volume_call c;
	int r = volume_begin(&c, g, key, e);
	char *xml = r == 0 ? vir.StorageVolGetXMLDesc(c.volume, 0) : NULL;

	if (r == 0 && !xml)
		r = guest_error(e, "cannot read the definition of volume '%s'", key);
	str_add(text, xml ? xml : "");
	free(xml);
	volume_end(&c);
	return r;
}

// --- backup ---

enum { CHUNK = 256 * 1024 };

static int receive_content(virStreamPtr stream, const char *name, struct err *e)
{
	auto_free char *room = mem_new(CHUNK);
	int n;

	while ((n = vir.StreamRecv(stream, room, CHUNK)) > 0)
		if (write_all(STDOUT_FILENO, room, (size_t)n) < 0)
			return err_set(e, errno, "cannot write the backup of volume '%s'", name);
	return n < 0 || vir.StreamFinish(stream) < 0 ? guest_error(e, "cannot read volume '%s'", name) : 0;
}

// Ends the stream; after an error, libvirt must not wait for the rest.
static void stream_end(virStreamPtr stream, bool failed)
{
	if (failed)
		vir.StreamAbort(stream);
	vir.StreamFree(stream);
}

static int backup_volume(struct guests *g, const char *key, struct err *e)
{
	struct volume_call c;
	int r = volume_begin(&c, g, key, e);

	r = r < 0 ? r : volume_check_not_open(&c, e);
	virStreamPtr stream = r == 0 ? vir.StreamNew(c.slot->conn, 0) : NULL;
	if (r == 0 && (!stream || vir.StorageVolDownload(c.volume, stream, 0, 0, 0) < 0))
		r = guest_error(e, "cannot read volume '%s'", key);
	else if (r == 0)
		r = receive_content(stream, key, e);
	if (stream)
		stream_end(stream, r < 0);
	volume_end(&c);
	return r;
}

// --- restore ---

static int send_file(virStreamPtr stream, const char *name, struct err *e)
{
	auto_free char *room = mem_new(CHUNK);
	ssize_t n;

	while ((n = read(STDIN_FILENO, room, CHUNK)) > 0)
		for (ssize_t sent = 0; sent < n;) {
			int part = vir.StreamSend(stream, room + sent, (size_t)(n - sent));
			if (part < 0)
				return guest_error(e, "cannot write volume '%s'", name);
			sent += part;
		}
	if (n < 0)
		return err_set(e, errno, "cannot read the backup of volume '%s'", name);
	return vir.StreamFinish(stream) < 0 ? guest_error(e, "cannot write volume '%s'", name) : 0;
}

static int upload_content(virConnectPtr conn, virStorageVolPtr volume, const char *name, struct err *e)
{
	virStreamPtr stream = vir.StreamNew(conn, 0);
	int r = !stream || vir.StorageVolUpload(volume, stream, 0, 0, 0) < 0
	            ? guest_error(e, "cannot write volume '%s'", name)
	            : send_file(stream, name, e);

	if (stream)
		stream_end(stream, r < 0);
	return r;
}

static int check_new(virStoragePoolPtr pool, const char *name, struct err *e)
{
	virStorageVolPtr volume = vir.StorageVolLookupByName(pool, name);

	if (!volume)
		return name_check(KIND_VOLUME, name, e);
	vir.StorageVolFree(volume);
	return err_msg(e, EEXIST, "volume '%s' already exists, and libvirt volumes are never replaced (choose another "
	               "name)", name);
}

// The uploaded file may have another format: libvirt detects it when it reads the pool again.
static int fill_volume(virConnectPtr conn, virStoragePoolPtr pool, const char *name, uint64_t bytes, struct err *e)
{
	auto_str xml = {0};

	volume_xml_make(&xml, name, bytes, "raw");
	virStorageVolPtr volume = vir.StorageVolCreateXML(pool, str_text(&xml), 0);
	if (!volume)
		return guest_error(e, "cannot create volume '%s'", name);
	int r = upload_content(conn, volume, name, e);
	if (r < 0)
		vir.StorageVolDelete(volume, 0);
	else
		vir.StoragePoolRefresh(pool, 0);
	vir.StorageVolFree(volume);
	return r;
}

static int restore_volume(struct guests *g, const char *key, struct err *e)
{
	struct pool_slot *slot;
	const char *name;
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return err_msg(e, EINVAL, "cannot restore a libvirt volume from a pipe: its size must be known "
		               "(--" PARAM_INPUT " FILE)");
	int r = pool_begin(g, &slot, e);
	if (r < 0)
		return r;
	virStoragePoolPtr pool = volume_pool_of(slot->conn, key, &name, e);
	r = pool ? check_new(pool, name, e) : -e->code;
	r = r < 0 ? r : fill_volume(slot->conn, pool, name, (uint64_t)st.st_size, e);
	if (pool)
		vir.StoragePoolFree(pool);
	pool_end(g, slot);
	return r;
}

int guests_volume_stream(struct guests *g, const char *key, enum stream stream, struct err *e)
{
	return stream == STREAM_BACKUP    ? backup_volume(g, key, e)
	       : stream == STREAM_RESTORE ? restore_volume(g, key, e)
	                                  : err_msg(e, EOPNOTSUPP, "a volume has no %s", stream_name(stream));
}
