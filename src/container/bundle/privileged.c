// --privileged in the OCI configuration: see settings.h.
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "document.h"
#include "settings.h"
#include "sys/userns.h"

enum { DEPTH = 4 }; // /dev/dri/card0, /dev/bus/usb/001/001

// Mounts of their own in the container.
static bool is_mounted_over(const char *path)
{
	static const char *const own[] = {"/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/console", "/dev/tty", "/dev/ptmx"};

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (strcmp(own[i], path) == 0)
			return true;
	return false;
}

static void add_node(json_t *list, const char *path, const struct stat *st)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:i, s:I, s:I}", "path", path, "type",
	                                      S_ISBLK(st->st_mode) ? "b" : "c", "major", (json_int_t)major(st->st_rdev),
	                                      "minor", (json_int_t)minor(st->st_rdev), "fileMode",
	                                      (int)(st->st_mode & 07777), "uid", (json_int_t)st->st_uid, "gid",
	                                      (json_int_t)st->st_gid));
}

static void add_nodes(json_t *list, const char *directory, int depth)
{
	DIR *dir = depth < DEPTH ? opendir(directory) : NULL;
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		auto_free char *path = mem_printf("%s/%s", directory, entry->d_name);

		if (entry->d_name[0] == '.' || is_mounted_over(path) || lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			add_nodes(list, path, depth + 1);
		else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
			add_node(list, path, &st);
	}
	if (dir)
		closedir(dir);
}

static void make_writable(json_t *document, const char *destination)
{
	json_t *options = json_object_get(document_mount(document, destination, NULL), "options"), *option;
	size_t i;

	json_array_foreach (options, i, option)
		if (str_equal(json_string_value(option), "ro")) {
			json_array_set_new(options, i, json_string("rw"));
			return;
		}
}

// Only the files of the kernel are shown again: what hides the host's own files stays hidden.
static void show_kernel_files(json_t *part, const char *key)
{
	json_t *paths = json_object_get(part, key);

	for (size_t i = json_array_size(paths); i-- > 0;) {
		const char *path = json_string_value(json_array_get(paths, i));

		if (str_starts(path, "/proc/") || str_starts(path, "/sys/"))
			json_array_remove(paths, i);
	}
}

static void allow_devices(json_t *part)
{
	json_t *list = json_object_get(part, "devices");

	if (!list) {
		list = json_array();
		json_object_set_new(part, "devices", list);
	}
	add_nodes(list, "/dev", 0);
	json_object_set_new(json_object_get(part, "resources"), "devices",
	                    json_pack("[{s:b, s:s}]", "allow", 1, "access", "rwm"));
}

void privileged_apply(json_t *document)
{
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	json_t *process = json_object_get(document, "process"), *part = json_object_get(document, "linux");

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		json_object_set_new(json_object_get(process, "capabilities"), sets[i], json_pack("[s]", "CAP_ALL"));
	json_object_set_new(process, "noNewPrivileges", json_false());
	json_object_del(part, "seccomp");
	show_kernel_files(part, "maskedPaths");
	show_kernel_files(part, "readonlyPaths");
	make_writable(document, "/sys");
	make_writable(document, "/sys/fs/cgroup");
	if (userns_is_host_root()) // others can neither create device nodes nor allow them
		allow_devices(part);
}
