// The zone of interfaces: see firewalld.h.
#include "firewalld.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/record/state.h"
#include "sys/dbus.h"
#include "sys/fs.h"

enum { LIST_MAX = 1 << 16 };

static const char zone[] = "trusted", list[] = "firewalld", bus[] = "/run/dbus/system_bus_socket";

// Calls MEMBER with the zone, if WITH_ZONE, and the interface NAME.
static int call(struct dbus *d, const char *member, bool with_zone, const char *name, char **answer, struct err *e)
{
	auto_str body = {0};

	if (with_zone)
		dbus_text(&body, zone);
	dbus_text(&body, name);
	return dbus_call(d,
	                 &(struct dbus_call){.destination = "org.fedoraproject.FirewallD1",
	                                     .path = "/org/fedoraproject/FirewallD1",
	                                     .interface = "org.fedoraproject.FirewallD1.zone",
	                                     .member = member,
	                                     .signature = with_zone ? "ss" : "s",
	                                     .body = &body},
	                 answer, e);
}

static int add_interface(struct dbus *d, const char *name, struct err *e)
{
	auto_free char *now = NULL;
	int r = call(d, "getZoneOfInterface", false, name, &now, e);

	return r < 0 || str_equal(now, zone) ? r : call(d, "changeZoneOfInterface", true, name, NULL, e);
}

// Fails if firewalld was restarted and has forgotten it.
static void remove_interface(struct dbus *d, const char *name)
{
	struct err ignored;

	call(d, "removeInterface", true, name, NULL, &ignored);
}

static void read_list(const char *run, struct strv *names)
{
	auto_free char *path = mem_printf("%s/%s", run, list), *text = NULL;
	struct err ignored;

	if (fs_read_file(AT_FDCWD, path, LIST_MAX, &text, &ignored) > 0)
		strv_split(names, text, "\n");
}

static int write_list(const char *run, const struct strv *names, struct err *e)
{
	auto_free char *path = mem_printf("%s/%s", run, list);
	auto_str text = {0};

	if (!names->count)
		return unlink(path) < 0 && errno != ENOENT ? err_set(e, errno, "cannot remove '%s'", path) : 0;
	for (size_t i = 0; i < names->count; i++)
		str_addf(&text, "%s\n", names->items[i]);
	return networks_write_file(run, list, str_text(&text), false, e);
}

int firewalld_trust(const char *run, const struct strv *bridges, struct err *e)
{
	auto_strv before = {0}, now = {0};
	struct dbus *d = NULL;
	int r;

	read_list(run, &before);
	for (size_t i = 0; i < bridges->count; i++)
		strv_add(&now, bridges->items[i]);
	strv_sort(&now);
	if (!before.count && !now.count)
		return 0;
	if ((r = dbus_connect(&d, bus, true, e)) < 0)
		return r;
	r = write_list(run, &now, e); // first, so that the next steps can be undone
	for (size_t i = 0; i < before.count; i++)
		if (*before.items[i] && !strv_has_sorted(&now, before.items[i]))
			remove_interface(d, before.items[i]);
	for (size_t i = 0; r == 0 && i < now.count; i++)
		r = add_interface(d, now.items[i], e);
	dbus_free(d);
	return r < 0 ? err_wrap(e, "cannot add hostel's bridges to firewalld's zone 'trusted'") : 0;
}
