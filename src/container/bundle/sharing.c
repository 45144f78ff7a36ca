// Namespaces shared with the host or with another container: see settings.h.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "document.h"
#include "model/kind.h"
#include "model/name.h"
#include "model/param.h"
#include "settings.h"
#include "sys/proc.h"
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

// Shows the host's own PATH instead of a new mount.
static void bind_host(json_t *document, const char *path, const char *access_mode)
{
	json_t *mount = document_mount(document, path, NULL);

	json_object_set_new(mount, "type", json_string("bind"));
	json_object_set_new(mount, "source", json_string(path));
	json_object_set_new(mount, "options",
	                    json_pack("[s, s, s, s, s]", "rbind", "nosuid", "noexec", "nodev", access_mode));
}

static void remove_mount(json_t *document, const char *path)
{
	size_t index;

	if (document_mount(document, path, &index))
		json_array_remove(json_object_get(document, "mounts"), index);
}

static const char other[] = "container:"; // then a name

// A descriptor of the pid namespace of the running container NAME, or negative errno.
static int open_namespace(const char *store_path, const char *name, struct err *e)
{
	auto_free char *path = mem_printf("%s/containers/%s", store_path, name);
	auto_close int dir = name_is_valid(KIND_CONTAINER, name) ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct run_state state = {0};

	if (dir < 0)
		return err_msg(e, ENOENT, "no container '%s'", name);
	if (run_state_read(dir, &state, e) < 0)
		return -e->code;
	auto_free char *namespace = mem_printf("/proc/%d/ns/pid", (int)state.pid);
	auto_close int fd = state.phase == RUN_RUNNING ? open(namespace, O_RDONLY | O_CLOEXEC) : -1;
	bool running = fd >= 0 && proc_is_alive(state.pid, state.pid_started); // so FD is not of a later process
	run_state_done(&state);
	return running ? steal_fd(&fd) : err_msg(e, ESRCH, "container '%s' is not running (start it first)", name);
}

static int open_other(const char *store_path, const char *name, struct err *e)
{
	return geteuid() == 0 ? open_namespace(store_path, name, e)
	                      : err_msg(e, EPERM, "--" PARAM_PID " container:%s needs root: each container of an ordinary "
	                                          "user has a user namespace of its own", name);
}

int sharing_hold_pid(struct record *r, const char *store_path, int *held, struct err *e)
{
	const char *value = params_or(&r->params, PARAM_PID, "");

	free(r->pid_namespace);
	r->pid_namespace = NULL;
	*held = -1;
	if (!str_starts(value, other))
		return 0;
	*held = open_other(store_path, value + strlen(other), e);
	if (*held < 0)
		return *held;
	r->pid_namespace = mem_printf("/proc/%d/fd/%d", (int)getpid(), *held);
	return 0;
}

// Without HELD the configuration is only made to be checked or shown.
static int join(json_t *document, const char *held, const char *store_path, const char *name, struct err *e)
{
	size_t index;
	json_t *row = find_namespace(document, "pid", &index);
	auto_close int fd = held ? -1 : open_other(store_path, name, e);

	if (!held && fd < 0)
		return fd;
	json_object_set_new(row, "path", held ? json_string(held) : json_sprintf("/proc/%d/fd/%d", (int)getpid(), fd));
	return 0;
}

int sharing_pid(json_t *document, const char *held, const char *store_path, const char *value, struct err *e)
{
	if (str_equal(value, "private") || !*value)
		return 0;
	if (str_starts(value, other))
		return join(document, held, store_path, value + strlen(other), e);
	if (!str_equal(value, "host"))
		return err_msg(e, EINVAL, "invalid value '%s' for '" PARAM_PID "' (private, host or container:NAME)", value);
	sharing_with_host(document, "pid");
	if (!userns_is_host_root()) // may not mount what shows the host's processes
		bind_host(document, "/proc", "rw");
	return 0;
}

static void share_ipc(json_t *document)
{
	sharing_with_host(document, "ipc");
	bind_host(document, "/dev/shm", "rw");
	if (access("/dev/mqueue", F_OK) == 0)
		bind_host(document, "/dev/mqueue", "rw");
	else
		remove_mount(document, "/dev/mqueue");
}

int sharing_ipc(json_t *document, const char *value, struct err *e)
{
	if (str_equal(value, "private") || !*value)
		return 0;
	if (str_equal(value, "none"))
		remove_mount(document, "/dev/shm");
	else if (str_equal(value, "host"))
		share_ipc(document);
	else
		return err_msg(e, EINVAL, "invalid value '%s' for '" PARAM_IPC "' (private, none or host%s)", value,
		               str_starts(value, "container:") || str_equal(value, "shareable")
		                   ? "; /dev/shm of a container cannot be mounted in another: use a volume on both" : "");
	return 0;
}
