// Libvirt's networks of this host: see libvirt_files.h.
#include "libvirt_files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

enum { STATUS_MAX = 16 << 20, UUID_LENGTH = 36 };

// The state of an active network. Owned.
static char *status_path(const char *name)
{
	return mem_printf("/run/libvirt/network/%s.xml", name);
}

static char *definition_path(const char *name)
{
	return mem_printf("/etc/libvirt/qemu/networks/%s.xml", name);
}

bool shared_network_is_active(const char *name)
{
	auto_free char *path = status_path(name);

	return access(path, F_OK) == 0;
}

bool shared_network_exists(const char *name)
{
	auto_free char *path = definition_path(name);

	return access(path, F_OK) == 0 || shared_network_is_active(name);
}

// Owned; NULL: the file at PATH cannot be read, or has none.
static char *read_uuid(const char *path)
{
	auto_free char *text = NULL;

	if (fs_read_file(AT_FDCWD, path, STATUS_MAX, &text, NULL) < 0)
		return NULL;
	const char *start = strstr(text, "<uuid>"), *uuid = start ? start + strlen("<uuid>") : "";
	bool whole = strspn(uuid, "0123456789abcdef-") == UUID_LENGTH && str_starts(uuid + UUID_LENGTH, "</uuid>");
	return whole ? mem_strndup(uuid, UUID_LENGTH) : NULL;
}

char *shared_network_uuid(const char *name)
{
	auto_free char *active = status_path(name), *defined = definition_path(name);

	return read_uuid(shared_network_is_active(name) ? active : defined);
}

static bool has_text(const char *text, const char *before, const char *value, const char *after)
{
	auto_free char *whole = mem_printf("%s%s%s", before, value, after);

	return strstr(text, whole);
}

// Libvirt rewrites the file at each change.
bool shared_network_has(const char *name, const struct reservation *r)
{
	auto_free char *path = status_path(name), *text = NULL;

	if (fs_read_file(AT_FDCWD, path, STATUS_MAX, &text, NULL) < 0)
		return false;
	if (!r->network.subnet6 && has_text(text, "family='", "ipv6", "'"))
		return false;
	if (r->place.address6 && r->network.dns && !has_text(text, "ip='", r->place.address6, "'"))
		return false;
	return has_text(text, "<uuid>", r->network.uuid, "</uuid>") && has_text(text, "name='", r->network.bridge, "'") &&
	       has_text(text, " address='", r->network.address, "'") &&
	       (!has_text(text, "<dhcp", ">", "") || has_text(text, "mac='", r->place.mac, "'")) &&
	       (!r->network.dns || has_text(text, "<hostname>", r->place.name, "</hostname>"));
}
