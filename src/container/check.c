// Finding damage and leftovers: see container/check.h. Each check is a row of the table at the end.
#include "container/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "container/bundle/bundle.h"
#include "container/bundle/host.h"
#include "container/containers.h"
#include "container/image/blob.h"
#include "container/image/digest.h"
#include "container/image/layout.h"
#include "container/image/open.h"
#include "container/image/stored.h"
#include "container/network/helper/helper.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/network.h"
#include "container/state/containers.h"
#include "container/state/recover.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/state/view_monitor.h"
#include "container/store/store.h"
#include "container/store/subids.h"
#include "container/store/volume.h"
#include "model/name.h"
#include "model/workload.h"
#include "sys/cgroup.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

enum { KERNEL_LEAST = 514, ROOM_LEAST = 64 << 20 }; // major * 100 + minor; bytes

struct check {
	const char *name; // of the current row
	const char *path; // of the store
	struct containers *c; // NULL = the store does not exist or cannot be opened
	bool repair, deep;
	struct strv layouts; // of the containers' images, without duplicates
	struct findings *found;
};

#define FOUND(C, SUBJECT, REMEDY, ...) findings_add((C)->found, (C)->name, SUBJECT, REMEDY, __VA_ARGS__)

// Marks F as repairable; R is the result of the repair.
static void mark_repairable(const struct check *c, struct finding *f, int r)
{
	f->repairable = true;
	f->repaired = c->repair && r >= 0;
}

// --- the store ---

static void check_store(struct check *c)
{
	struct stat st;

	if (lstat(c->path, &st) < 0)
		return; // not created yet
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		FOUND(c, c->path, "chown it, or set HOSTEL_STORE", "the store is not a directory owned by this user");
	} else if (st.st_mode & 022) {
		struct finding *f = FOUND(c, c->path, "chmod 0700", "other users can write to the store");
		mark_repairable(c, f, c->repair ? chmod(c->path, 0700) : 0);
	}
}

static void check_room(struct check *c)
{
	struct statvfs fs;
	struct err e = {0};

	if (store_check_layers(&c->c->store, &e) < 0)
		FOUND(c, c->path, "set HOSTEL_STORE", "%s", e.text);
	if (fstatvfs(c->c->store.containers, &fs) < 0)
		return;
	if (fs.f_bavail * fs.f_frsize < ROOM_LEAST)
		FOUND(c, c->path, "free some space, or move the store", "less than %d MiB free", ROOM_LEAST >> 20);
	else if (fs.f_files && fs.f_favail < 1000)
		FOUND(c, c->path, "free some inodes, or move the store", "fewer than 1000 inodes free");
}

static void check_unfinished(struct check *c)
{
	auto_strv names = {0};

	store_left_over(&c->c->store, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_free char *path = mem_printf("%s/%s", c->path, names.items[i]);
		struct finding *f = FOUND(c, path, "remove it", "half created or half removed by a killed process");
		f->repairable = true;
	}
	if (!names.count || !c->repair)
		return;
	store_sweep(&c->c->store);
	for (size_t i = 0; i < names.count; i++) {
		struct finding *f = &c->found->items[c->found->count - names.count + i];
		f->repaired = faccessat(AT_FDCWD, f->subject, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
	}
}

static void check_bases(struct check *c)
{
	auto_strv names = {0};
	int r = host_unused(c->c->store.containers, c->repair, &names);

	for (size_t i = 0; i < names.count; i++) {
		auto_free char *path = mem_printf("%s/host/%s", c->path, names.items[i]);
		mark_repairable(c, FOUND(c, path, "remove it", "an unused copy of the host's files"), r);
	}
}

// Calls LOOK for every entry of the directory FD.
static void each_entry(struct check *c, int fd, void (*look)(struct check *c, const char *name))
{
	DIR *dir = fs_open_directory(fd, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		look(c, entry->d_name);
	if (dir)
		closedir(dir);
}

static void check_unknown_entry(struct check *c, const char *name)
{
	auto_free char *path = mem_printf("%s/containers/%s", c->path, name);

	if (name[0] != '.' && !name_is_valid(KIND_CONTAINER, name))
		FOUND(c, path, "check it, and remove it manually", "not created by hostel");
}

static void check_unknown(struct check *c)
{
	each_entry(c, c->c->store.containers, check_unknown_entry);
}

// --- containers ---

static void check_record(struct check *c, const char *name)
{
	auto_view v = {.dir = -1};
	struct err e = {0};

	if (!name_is_valid(KIND_CONTAINER, name) || view_open(&v, c->c, name, &e) == -ENOENT)
		return;
	if (e.code)
		FOUND(c, name, NULL, "%s", e.text); // includes the remedy
	for (size_t i = 0; !e.code && i < v.record.image.lowers.count; i++)
		if (access(v.record.image.lowers.items[i], F_OK) < 0)
			FOUND(c, name, "fetch its image and create the container again", "its lower directory '%s' is missing",
			      v.record.image.lowers.items[i]);
}

static void check_records(struct check *c)
{
	each_entry(c, c->c->store.containers, check_record);
}

static void add_layout(struct check *c, const char *name)
{
	auto_view v = {.dir = -1};
	struct err e = {0};
	char *path = name_is_valid(KIND_CONTAINER, name) && view_open(&v, c->c, name, &e) >= 0
	                 ? image_layout_path(v.record.image.reference)
	                 : NULL;

	if (!path || strv_has(&c->layouts, path))
		free(path);
	else
		strv_take(&c->layouts, path);
}

static void check_blob(struct check *c, const char *path, int layout, const char *name)
{
	auto_free char *digest = mem_printf("sha256:%s", name);
	auto_blob b = {.fd = -1};
	struct err e = {0};

	if (!digest_hex(digest))
		return;
	if (blob_open(&b, layout, digest, BLOB_SIZE_UNKNOWN, &e) < 0 || blob_check(&b, &e) < 0)
		FOUND(c, path, NULL, "%s", e.text); // includes the remedy
}

// A missing layout is not an error: its layers are in the store.
static void check_layout(struct check *c, const char *path)
{
	auto_close int layout = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int blobs = layout < 0 ? -1 : openat(layout, "blobs/sha256", O_PATH | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = blobs < 0 ? NULL : fs_open_directory(blobs, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		check_blob(c, path, layout, entry->d_name);
	if (dir)
		closedir(dir);
}

static void check_stored(struct check *c)
{
	auto_json index = NULL;
	struct err e = {0};
	size_t i;
	json_t *descriptor;

	if (stored_read(&c->c->store, &index, &e) < 0)
		FOUND(c, c->path, NULL, "%s", e.text);
	json_array_foreach (json_object_get(index, "manifests"), i, descriptor) {
		const char *name = stored_name(descriptor), *digest = layout_text(descriptor, "digest");
		if (stored_check(&c->c->store, descriptor, &e) < 0)
			FOUND(c, name ? name : digest ? digest : "image", "hostel image rm, then pull it again", "%s", e.text);
	}
}

static void check_images(struct check *c)
{
	check_stored(c);
	if (!c->deep)
		return;
	strv_take(&c->layouts, stored_path(&c->c->store));
	each_entry(c, c->c->store.containers, add_layout);
	for (size_t i = 0; i < c->layouts.count; i++)
		check_layout(c, c->layouts.items[i]);
}

static void check_state(struct check *c, const char *name)
{
	auto_view v = {.dir = -1};
	struct err e = {0};

	if (!name_is_valid(KIND_CONTAINER, name) || view_open(&v, c->c, name, &e) < 0)
		return;
	pid_t stopped = view_monitor_stopped(&v);
	if (stopped) {
		auto_free char *remedy = mem_printf("kill -CONT %d", (int)stopped);
		FOUND(c, name, remedy, "its monitor is stopped by a signal");
	}
	if (v.damaged)
		mark_repairable(
		    c,
		    FOUND(c, name, v.watched ? "rewritten when it exits" : "record its end", "its state cannot be read"),
		    v.watched ? -EBUSY : view_recover(c->c, &v, c->repair));
	else if (view_is_left_alone(c->c, &v))
		mark_repairable(c,
		                FOUND(c, name, "kill the rest of it, and record its end",
		                      "its monitor was killed, or the host went down"),
		                view_recover(c->c, &v, c->repair));
}

static void check_states(struct check *c)
{
	each_entry(c, c->c->store.containers, check_state);
}

static void check_orphan(struct check *c, const char *name)
{
	struct err ignored;

	if (!runtime_has_orphan(c->c, name))
		return;
	struct finding *f = FOUND(c, name, "kill and delete it", "the runtime has this container, but the store does not");
	mark_repairable(
	    c, f,
	    c->repair ? runtime_run(c->c, (const char *const[]){"delete", "--force", name, NULL}, NULL, NULL, &ignored)
	              : 0);
}

static void check_orphans(struct check *c)
{
	auto_close int fd = open(c->c->store.runtime, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		each_entry(c, fd, check_orphan);
}

// --- volumes ---

// Its files are intact: only the contents of the record are lost.
static int remake_volume_record(int volume)
{
	const struct volume_record record = {.created = clock_wall()};

	return volume_record_write(volume, &record, NULL);
}

static void check_volume(struct check *c, const char *name)
{
	auto_free char *path = mem_printf("%s/volumes/%s", c->path, name);
	auto_close int volume = volume_open(c->c->store.volumes, name, NULL);
	auto_close int data = volume < 0 ? -1 : volume_open_data(c->c->store.volumes, name, NULL);
	struct volume_record record = {0};
	struct err e = {0};

	if (name[0] == '.' || (volume < 0 && name_is_valid(KIND_VOLUME, name)))
		return; // deleted meanwhile
	if (volume < 0) {
		FOUND(c, path, "check it, and remove it manually", "not created by hostel");
		return;
	}
	if (data < 0)
		FOUND(c, path, "restore it from a backup, or delete it", "its directory of files is missing");
	if (volume_record_read(volume, &record, &e) < 0)
		mark_repairable(c, FOUND(c, path, "create a new record, without labels", "%s", e.text),
		                c->repair ? remake_volume_record(volume) : 0);
	volume_record_done(&record);
}

static void check_volumes(struct check *c)
{
	each_entry(c, c->c->store.volumes, check_volume);
}

// --- control groups ---

// The container of the group NAME in /hostel if it belongs to this store, else NULL. Owned.
static char *container_of_group(const struct check *c, const char *name)
{
	const char *at = strchr(name, '@');
	auto_free char *container = mem_strndup(name, at ? (size_t)(at - name) : strlen(name));
	auto_free char *own = bundle_cgroup(container, c->path);

	return name_is_valid(KIND_CONTAINER, container) && str_equal(own + strlen("/hostel/"), name) ? steal(container)
	                                                                                             : NULL;
}

static void check_group(struct check *c, int tree, const char *name, const char *path)
{
	auto_free char *container = container_of_group(c, name);
	struct stat st;

	if (!container || fstatat(tree, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return;
	if (faccessat(c->c->store.containers, container, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT ||
	    runtime_has(c->c, container))
		return;
	auto_free char *whole = mem_printf("%s/%s", path, name);
	int r = c->repair ? unlinkat(tree, name, AT_REMOVEDIR) : 0; // the kernel only removes empty groups
	mark_repairable(c, FOUND(c, whole, "remove it, if it is empty", "a control group without a container"), r);
}

static void check_group_tree(struct check *c, const char *path)
{
	auto_close int tree = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = tree < 0 ? NULL : fs_open_directory(tree, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		check_group(c, tree, entry->d_name, path);
	if (dir)
		closedir(dir);
}

static void check_groups(struct check *c)
{
	auto_strv seen = {0};

	if (c->c->layout.mode == CGROUP_NONE)
		FOUND(c, "/sys/fs/cgroup", "mount it (mount -t cgroup2 cgroup2 /sys/fs/cgroup)",
		      "control groups are not mounted: no limits, no figures")
		    ->note = true;
	for (int k = 0; k < CGROUP_CONTROLLERS; k++) {
		auto_free char *path = cgroup_directory(&c->c->layout, (enum cgroup_controller)k, "/hostel");

		if (!path || strv_has(&seen, path))
			continue;
		strv_add(&seen, path);
		check_group_tree(c, path);
	}
}

// --- networks ---

static void check_networks(struct check *c)
{
	auto_strv found = {0};
	struct err e = {0};
	int r = network_sweep(c->path, c->repair, &found, &e), swept = reservations_sweep(c->path, c->repair, &found, &e);

	r = r < 0 ? r : swept;

	for (size_t i = 0; i < found.count; i++)
		mark_repairable(c, FOUND(c, found.items[i], "remove it", "left over from a container that no longer runs"), r);
	if (r < 0)
		FOUND(c, "networks", NULL, "%s", e.text);
}

// --- the kernel ---

static void check_kernel(struct check *c)
{
	static const char *const needed[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	struct utsname u;
	unsigned major = 0, minor = 0;

	if (uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 && major * 100 + minor < KERNEL_LEAST)
		FOUND(c, u.release, "install a newer kernel", "this kernel is older than 5.14");
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		auto_free char *path = mem_printf("/proc/self/ns/%s", needed[i]);
		if (access(path, F_OK) < 0)
			FOUND(c, path, "enable it in the kernel's configuration", "the kernel lacks this namespace type");
	}
	if (access("/proc/sys/kernel/seccomp/actions_avail", F_OK) < 0)
		FOUND(c, "seccomp", "enable CONFIG_SECCOMP_FILTER in the kernel's configuration",
		      "the kernel has no seccomp filters");
}

enum { FINE, NO_NAMESPACE, NO_OVERLAY, OTHER };

// Tries, in a child process, the first steps of creating a container as this user.
static int try_namespaces(int *error)
{
	int line[2];

	if (pipe2(line, O_CLOEXEC) < 0)
		return OTHER;
	pid_t pid = fork();
	if (pid == 0) {
		int user = geteuid() != 0, r = unshare(CLONE_NEWNS | (user ? CLONE_NEWUSER : 0)) < 0 ? NO_NAMESPACE : FINE;
		int saved = errno;
		if (r == FINE && syscall(SYS_fsopen, "overlay", 0) < 0) {
			saved = errno;
			r = saved == EPERM ? NO_NAMESPACE : NO_OVERLAY;
		}
		if (write(line[1], &saved, sizeof(saved)) < 0)
			_exit(OTHER);
		_exit(r);
	}
	close(line[1]);
	int status = 0;
	if (pid < 0 || read(line[0], error, sizeof(*error)) != sizeof(*error))
		*error = EAGAIN;
	close(line[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : OTHER;
}

static void check_namespaces(struct check *c)
{
	int error = 0, r = try_namespaces(&error);
	struct err e = {0};

	if (r == NO_NAMESPACE) {
		err_set(&e, error, "cannot create a container's namespaces");
		if (geteuid() != 0)
			userns_explain(&e, error == EPERM);
		FOUND(c, geteuid() ? "user namespaces" : "mount namespaces", NULL, "%s", e.text);
	} else if (r == NO_OVERLAY) {
		FOUND(c, "overlay", "modprobe overlay, or enable CONFIG_OVERLAY_FS",
		      "the kernel has no overlay file system: %s", strerror(error));
	}
}

static void check_ids(struct check *c)
{
	struct subids s;

	if (geteuid() != 0 && !subids_find(&s))
		FOUND(c, "/etc/subuid", "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER; package uidmap",
		      "this user has no subordinate ids, or newuidmap is missing: root is the only user in "
		      "containers")->note = true;
}

static void check_network_helper(struct check *c)
{
	struct err e = {0};
	auto_free char *reason = helper_describe(&e);

	if (!reason)
		FOUND(c, "network helper", NULL, "%s", e.text)->note = true;
}

static void check_programs(struct check *c)
{
	static const struct {
		const char *name, *why, *package;
		bool needed;
	} programs[] = {
		{"bunk", "no containers", "hostel", true},
		{"hostel-monitor", "no containers", "hostel", true},
		{"ssh", "no remote hosts", "openssh-client", false},
		{"nft", "no networks for containers", "nftables", false},
		{"dnsmasq", "no networks for containers", "dnsmasq-base", false},
		{"qemu-img", "guest disks cannot be examined", "qemu-utils", false},
		{"criu", "bunk cannot create checkpoints", "criu", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		auto_free char *path = proc_find_program(programs[i].name),
		               *remedy = mem_printf("install %s", programs[i].package);
		if (!path)
			FOUND(c, programs[i].name, remedy, "not installed: %s", programs[i].why)->note = !programs[i].needed;
	}
	check_network_helper(c);
}

// --- the table ---

// The checks, in this order.
static const struct row {
	const char *name;
	void (*run)(struct check *c);
	bool store; // requires an open store
} rows[] = {
	{"kernel", check_kernel, false}, // version, namespaces and seccomp filters of the kernel
	{"namespaces", check_namespaces, false}, // whether this user may create a container's namespaces and overlays
	{"ids", check_ids, false}, // subordinate ids of an ordinary user
	{"programs", check_programs, false}, // required and optional programs
	{"store", check_store, false}, // owner and mode of the store
	{"room", check_room, true}, // file system and free space of the store
	{"unfinished", check_unfinished, true}, // leftovers of killed processes
	{"unknown", check_unknown, true}, // unknown files in the store
	{"records", check_records, true}, // records of containers, and their layers
	{"images", check_images, true}, // images of the store; digests of these and of the containers' images, with --deep
	{"states", check_states, true}, // states of containers, and their monitors
	{"orphans", check_orphans, true}, // containers of the runtime that are not in the store
	{"volumes", check_volumes, true}, // records and files of volumes
	{"bases", check_bases, true}, // copies of the host's files for the image 'host'
	{"networks", check_networks, true}, // interfaces and rules of containers that no longer run
	{"groups", check_groups, true}, // control groups without a container
};

// A missing store is not created, and one that others can write to is not used.
static bool can_open_store(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022);
}

int containers_check(const char *where, unsigned flags, struct findings *f, struct err *e)
{
	auto_free char *path = store_where(where);
	struct check c = {.path = path, .repair = flags & CHECK_REPAIR, .deep = flags & CHECK_DEEP, .found = f};

	if (!path)
		return err_msg(e, EINVAL, "no directory for the store (set HOSTEL_STORE or HOME)");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err failure = {0};

		strv_add(&f->checks, rows[i].name);
		c.name = rows[i].name;
		if (rows[i].store && !c.c && can_open_store(path) && containers_open(&c.c, where, !c.repair, &failure) < 0) {
			FOUND(&c, path, NULL, "cannot open the store: %s", failure.text);
			break;
		}
		if (!rows[i].store || c.c)
			rows[i].run(&c);
	}
	containers_close(c.c);
	strv_done(&c.layouts);
	return 0;
}
