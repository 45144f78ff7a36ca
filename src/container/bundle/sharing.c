// Namespaces shared with the host or with another container: see settings.h.
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "document.h"
#include "model/param.h"
#include "settings.h"
#include "sharing_hold.h"
#include "sys/userns.h"

static json_t *namespaces_of(json_t *document)
{
	return json_object_get(json_object_get(document, "linux"), "namespaces");
}

static json_t *find_namespace(json_t *document, const char *type, size_t *index)
{
	json_t *row;
	size_t i;

	json_array_foreach (namespaces_of(document), i, row)
		if (str_equal(json_string_value(json_object_get(row, "type")), type)) {
			*index = i;
			return row;
		}
	return NULL;
}

void sharing_with_host(json_t *document, const char *type)
{
	size_t index;

	if (find_namespace(document, type, &index))
		json_array_remove(namespaces_of(document), index);
}

// Shows SOURCE of the host instead of a new mount on PATH.
static void bind_source(json_t *document, const char *path, const char *source)
{
	json_t *mount = document_mount(document, path, NULL);

	json_object_set_new(mount, "type", json_string("bind"));
	json_object_set_new(mount, "source", json_string(source));
	json_object_set_new(mount, "options",
	                    json_pack("[s, s, s, s, s]", "rbind", "nosuid", "noexec", "nodev", "rw"));
}

static void remove_mount(json_t *document, const char *path)
{
	size_t index;

	if (document_mount(document, path, &index))
		json_array_remove(json_object_get(document, "mounts"), index);
}

// Without a held descriptor, the configuration is generated only to be checked or shown. Sets *PID in that case.
static int join(const struct sharing_target *t, enum shared what, const char *type, const char *name, pid_t *pid)
{
	size_t index;
	json_t *row = find_namespace(t->document, type, &index);
	const char *held = t->r->shared[what];
	auto_close int fd = held ? -1 : sharing_open(what, t->store, name, pid, t->e);

	if (!held && fd < 0)
		return fd;
	json_object_set_new(row, "path", held ? json_string(held) : json_sprintf("/proc/%d/ns/%s", (int)*pid, type));
	return 0;
}

int sharing_pid(const struct sharing_target *t, const char *value)
{
	const char *name = sharing_name(value);
	pid_t pid;

	if (str_equal(value, "private") || !*value)
		return 0;
	if (name)
		return join(t, SHARED_PID, "pid", name, &pid);
	if (!str_equal(value, "host"))
		return err_msg(t->e, EINVAL, "invalid value '%s' for '" PARAM_PID "' (private, host or container:NAME)",
		               value);
	sharing_with_host(t->document, "pid");
	if (!userns_is_host_root()) // may not mount what shows the host's processes
		bind_source(t->document, "/proc", "/proc");
	return 0;
}

static int share_ipc(const struct sharing_target *t, const char *value)
{
	sharing_with_host(t->document, "ipc");
	bind_source(t->document, "/dev/shm", "/dev/shm");
	if (access("/dev/mqueue", F_OK) == 0)
		bind_source(t->document, "/dev/mqueue", "/dev/mqueue");
	else
		remove_mount(t->document, "/dev/mqueue");
	(void)value;
	return 0;
}

static int leave_out_shm(const struct sharing_target *t, const char *value)
{
	(void)value;
	remove_mount(t->document, "/dev/shm");
	return 0;
}

static int join_ipc(const struct sharing_target *t, const char *name)
{
	pid_t pid = 0;
	int r = join(t, SHARED_IPC, "ipc", name, &pid);
	const char *held = t->r->shared[SHARED_SHM];
	auto_free char *shown = mem_printf("/proc/%d/root/dev/shm", (int)pid);

	if (r == 0)
		bind_source(t->document, "/dev/shm", held ? held : shown);
	return r;
}

// This mode decides what /dev/shm is, so its size cannot be set.
static int replace_shm(const struct sharing_target *t, const char *value,
                       int (*replace)(const struct sharing_target *t, const char *value))
{
	if (params_get(&t->r->params, PARAM_SHM_SIZE))
		return err_msg(t->e, EINVAL, "--" PARAM_SHM_SIZE " and --" PARAM_IPC " %s cannot be combined", value);
	return replace(t, sharing_name(value));
}

int sharing_ipc(const struct sharing_target *t, const char *value)
{
	static const struct {
		const char *value;
		int (*replace)(const struct sharing_target *t, const char *value);
	} modes[] = {{"none", leave_out_shm}, {"host", share_ipc}, {"container:", join_ipc}};

	if (str_equal(value, "private") || str_equal(value, "shareable") || !*value)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_equal(value, modes[i].value) || (sharing_name(value) && str_equal("container:", modes[i].value)))
			return replace_shm(t, value, modes[i].replace);
	return err_msg(t->e, EINVAL,
	               "invalid value '%s' for '" PARAM_IPC "' (private, shareable, none, host or container:NAME)", value);
}
