// SPDX-License-Identifier: LGPL-2.1-or-later
// The directory of a checkpoint: whether it can be trusted, and bunk's own file in it.
#include "images.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/bunk.h"
#include "sys/fs.h"

enum { NOTES_LIMIT = 1 << 20, STANDARD = 3 };
static const char notes_name[] = "bunk.json", cgroup_view_name[] = "groups";

// A user who can write to the images controls what runs as root: memory, ids, capabilities. Write access to the work
// directory controls where logs go.
static int check_trust(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot access '%s'", path);
	if (st.st_uid != geteuid() || st.st_mode & 022)
		return err_msg(e, EPERM,
		               "directory '%s' of the checkpoint must belong to this user and not be writable by others",
		               path);
	return 0;
}

static int open_trusted(const char *path, bool make, char **absolute, struct err *e)
{
	int r = make ? fs_make_directories(path, 0700, e) : 0;
	auto_close int fd = r < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (r < 0)
		return r;
	*absolute = fd < 0 ? NULL : realpath(path, NULL);
	if (!*absolute)
		return err_set(e, errno, "cannot open directory '%s' of the checkpoint", path);
	r = check_trust(fd, path, e);
	return r < 0 ? r : steal_fd(&fd);
}

int images_open(struct images *i, const struct bunk_images *o, bool make, struct err *e)
{
	const char *path = o->path ? o->path : "checkpoint";

	*i = (struct images){.fd = -1, .work = -1};
	i->fd = open_trusted(path, make, &i->path, e);
	if (i->fd >= 0)
		i->work = open_trusted(o->work ? o->work : path, true, &i->work_path, e);
	return i->fd < 0 ? i->fd : i->work < 0 ? i->work : 0;
}

static int give_file(int directory, const char *name, gid_t group, mode_t mode)
{
	if (fchownat(directory, name, (uid_t)-1, group, AT_SYMLINK_NOFOLLOW) < 0 || fchmodat(directory, name, mode, 0) < 0)
		return -errno;
	return 0;
}

int images_give(const struct images *i, gid_t group, struct err *e)
{
	DIR *directory = fs_open_directory(i->fd, ".");
	int r = 0;
	struct dirent *entry;

	if (!directory)
		return err_set(e, errno, "cannot read '%s'", i->path);
	while (r == 0 && (entry = readdir(directory)))
		if (str_ends(entry->d_name, ".img") && entry->d_type != DT_LNK)
			r = give_file(dirfd(directory), entry->d_name, group, 0640);
	if (r == 0)
		r = give_file(dirfd(directory), ".", group, 0750);
	closedir(directory);
	return r < 0 ? err_set(e, -r, "cannot make '%s' readable for the container's root", i->path) : 0;
}

void images_done(struct images *i)
{
	if (i->fd >= 0)
		close(i->fd);
	if (i->work >= 0)
		close(i->work);
	free(i->path);
	free(i->work_path);
	*i = (struct images){.fd = -1, .work = -1};
}

int cgroup_view_make(int directory, const char *linked, char **path, struct err *e)
{
	auto_free char *unified = mem_printf("%s/unified", cgroup_view_name);
	auto_free char *target = fs_path_of(directory);

	cgroup_view_remove(directory); // left by a killed process
	if (!target || mkdirat(directory, cgroup_view_name, 0700) < 0)
		return err_set(e, errno, "cannot make a directory for control groups");
	if ((linked ? symlinkat(linked, directory, unified) : mkdirat(directory, unified, 0700)) < 0)
		return err_set(e, errno, "cannot pass the control groups to criu");
	*path = mem_printf("%s/%s", target, cgroup_view_name);
	return 0;
}

void cgroup_view_remove(int directory)
{
	fs_remove_tree(directory, cgroup_view_name, NULL);
}

static json_t *list_of(const struct strv *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(list, json_string(texts->items[i]));
	return list;
}

int notes_write(const struct images *i, const struct notes *n, struct err *e)
{
	json_t *document = json_pack("{s:i, s:o, s:o}", "version", 1, "descriptors", list_of(&n->descriptors), "mounts",
	                             list_of(&n->mounts));
	auto_free char *text = document ? json_dumps(document, JSON_INDENT(4)) : NULL;

	json_decref(document);
	if (!text)
		return err_msg(e, EINVAL, "the destinations of its mounts cannot be written as JSON");
	return fs_replace_file(i->fd, notes_name, 0600, text, strlen(text), e);
}

void notes_remove(const struct images *i)
{
	unlinkat(i->fd, notes_name, 0);
}

static int read_list(json_t *list, struct strv *texts)
{
	json_t *item;
	size_t i;

	if (!json_is_array(list))
		return -EINVAL;
	json_array_foreach(list, i, item) {
		if (!json_is_string(item))
			return -EINVAL;
		strv_add(texts, json_string_value(item));
	}
	return 0;
}

int notes_read(const struct images *i, struct notes *n, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t size = fs_read_file(i->fd, notes_name, NOTES_LIMIT, &text, e);

	if (size == -ENOENT)
		return err_msg(e, ENOENT, "'%s' does not contain a checkpoint made by bunk ('%s' is missing)", i->path,
		               notes_name);
	if (size < 0)
		return err_wrap(e, "checkpoint '%s'", i->path);
	json_t *document = json_loadb(text, (size_t)size, 0, NULL);
	int r = json_integer_value(json_object_get(document, "version")) == 1 ? 0 : -EINVAL;
	if (r == 0)
		r = read_list(json_object_get(document, "descriptors"), &n->descriptors);
	if (r == 0)
		r = read_list(json_object_get(document, "mounts"), &n->mounts);
	json_decref(document);
	if (r == 0 && n->descriptors.count <= STANDARD)
		return 0;
	return err_msg(e, EINVAL, "checkpoint '%s': its '%s' is damaged", i->path, notes_name);
}

void notes_done(struct notes *n)
{
	strv_done(&n->descriptors);
	strv_done(&n->mounts);
}
