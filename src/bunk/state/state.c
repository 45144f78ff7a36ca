// SPDX-License-Identifier: LGPL-2.1-or-later
// The state of containers between verbs: a directory for each, with state.json, a copy of config.json and, until it is
// started, the socket "start".
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/container/container.h"
#include "bunk/container/state_json.h"
#include "bunk/groups/groups.h"
#include "configure.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { STATE_LIMIT = 1 << 20, CONFIG_LIMIT = 16 << 20 };

int state_reserve(struct container *c, struct err *e)
{
	int r = state_check_id(c->id, e);

	if (r == 0)
		r = state_make_root(c, e);
	if (r < 0)
		return r;
	auto_close int root = steal_fd(&c->states_fd);
	if (mkdirat(root, c->id, 0700) < 0)
		return errno == EEXIST ? err_msg(e, EEXIST, "container '%s' already exists", c->id)
				       : err_set(e, errno, "cannot create the state directory of container '%s'", c->id);
	c->state_fd = openat(root, c->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	c->locked = c->state_fd >= 0 && flock(c->state_fd, LOCK_EX) == 0;
	if (!c->locked)
		r = err_set(e, errno, "cannot open the state directory of container '%s'", c->id);
	else
		// other processes read it only after state.json
		r = fs_create_file(c->state_fd, "config.json", 0600, c->config_text, strlen(c->config_text), e);
	if (r < 0) // through the open directory: descriptors may have run out
		unlinkat(root, c->id, AT_REMOVEDIR);
	return r;
}

static char *state_text(const struct container *c, struct err *e)
{
	const struct bunk_state *s = &c->state;
	json_t *document =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:I, s:b, s:o, s:o, s:s?}", "ociVersion", s->oci_version,
	              "id", s->id, "bundle", s->bundle, "rootfs", s->rootfs, "status", bunk_status_name(s->status), "pid",
	              (int)s->pid, "pidStarted", (json_int_t)s->pid_started, "created", s->created, "owner",
	              (json_int_t)s->owner, "userNamespace", c->in_user_namespace, "annotations",
	              state_annotations_json(&s->annotations), "groups", groups_to_json(&c->groups), "rdt", c->rdt_made);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	if (!text)
		err_msg(e, EINVAL, "cannot write the state of container '%s' as JSON", c->id);
	return text;
}

int state_save(const struct container *c, struct err *e)
{
	auto_free char *text = state_text(c, e);

	return text ? fs_replace_volatile(c->state_fd, "state.json", 0600, text, strlen(text), e) : -e->code;
}

#define NEXT ".state.json.next"

int state_save_next(const struct container *c, struct err *e)
{
	auto_free char *text = state_text(c, e);

	return text ? fs_create_file(c->state_fd, NEXT, 0600, text, strlen(text), e) : -e->code;
}

int state_use_next(struct container *c, struct err *e)
{
	if (renameat(c->state_fd, NEXT, c->state_fd, "state.json") < 0)
		return err_set(e, errno, "cannot write 'state.json'");
	state_unlock(c);
	close(c->state_fd);
	c->state_fd = -1;
	return 0;
}

static int load_state(struct container *c, json_t *document)
{
	struct bunk_state *s = &c->state;
	const char *oci, *id, *bundle, *rootfs, *status, *created, *key;
	json_int_t started, owner;
	json_t *annotations, *value, *groups, *rdt = NULL;
	int pid, user;

	if (json_unpack(document, "{s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:I, s:b, s:o, s:o, s?o}", "ociVersion", &oci,
	                "id", &id, "bundle", &bundle, "rootfs", &rootfs, "status", &status, "pid", &pid, "pidStarted",
	                &started, "created", &created, "owner", &owner, "userNamespace", &user, "annotations",
	                &annotations, "groups", &groups, "rdt", &rdt) < 0)
		return -EINVAL;
	*s = (struct bunk_state){.id = mem_strdup(id),
	                         .bundle = mem_strdup(bundle),
	                         .rootfs = mem_strdup(rootfs),
	                         .oci_version = mem_strdup(oci),
	                         .status = state_status_of(status),
	                         .pid = pid,
	                         .pid_started = (uint64_t)started,
	                         .created = mem_strdup(created),
	                         .owner = (uid_t)owner};
	c->in_user_namespace = user;
	json_object_foreach(annotations, key, value)
		params_add(&s->annotations, key, json_is_string(value) ? json_string_value(value) : "");
	c->rdt_made = mem_strdup(json_string_value(rdt)); // null without one
	c->bundle = mem_strdup(bundle);
	c->rootfs = mem_strdup(rootfs);
	return groups_from_json(&c->groups, groups);
}

// A creator that is killed early leaves a directory without state.json.
static int load_nothing(struct container *c)
{
	c->state = (struct bunk_state){.id = mem_strdup(c->id), .bundle = mem_strdup(""), .rootfs = mem_strdup(""),
				       .oci_version = mem_strdup(BUNK_OCI_VERSION), .created = mem_strdup(""), .owner = geteuid(),
				       .status = BUNK_CREATING};
	return 0;
}

// Whether the directory is still the container's: while this process waited for the lock, the container may have been
// removed and another one created with its name.
static bool is_in_place(const struct container *c)
{
	auto_free char *path = mem_printf("../%s", c->id);
	struct stat here, there;

	return fstat(c->state_fd, &here) == 0 && fstatat(c->state_fd, path, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

int state_lock(struct container *c, enum state_lock lock, struct err *e)
{
	int r;

	if (lock == STATE_READ)
		return 0;
	do
		r = flock(c->state_fd, lock == STATE_TRY ? LOCK_EX | LOCK_NB : LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return err_set(e, errno, "cannot lock container '%s'", c->id);
	c->locked = true;
	return is_in_place(c) ? 0 : err_msg(e, ENOENT, "container '%s' no longer exists", c->id);
}

int state_open(struct container *c, enum state_lock lock, struct err *e)
{
	json_error_t wrong;
	int r = state_check_id(c->id, e);

	if (r < 0)
		return r;
	auto_close int root = state_root(c->b, false, NULL);
	c->state_fd = root < 0 ? -1 : openat(root, c->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (c->state_fd < 0)
		return err_msg(e, ENOENT, "container '%s' does not exist", c->id);
	r = state_lock(c, lock, e);
	if (r < 0)
		return r;
	c->states_fd = steal_fd(&root);
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(c->state_fd, "state.json", STATE_LIMIT, &text, e);
	if (n == -ENOENT || n == 0) // empty: the machine crashed
		return load_nothing(c);
	if (n < 0)
		return err_wrap(e, "container '%s'", c->id);
	json_t *document = json_loadb(text, (size_t)n, 0, &wrong);
	r = document ? load_state(c, document) : -EINVAL;
	json_decref(document);
	return r < 0 ? err_msg(e, EUCLEAN, "container '%s': its state.json is damaged (remove it with delete --force)",
	                       c->id)
	             : 0;
}

void state_unlock(struct container *c)
{
	if (c->locked)
		flock(c->state_fd, LOCK_UN);
	c->locked = false;
}

int state_load_config(struct container *c, struct err *e)
{
	ssize_t n = fs_read_file(c->state_fd, "config.json", CONFIG_LIMIT, &c->config_text, e);

	if (n < 0)
		return err_wrap(e, "container '%s'", c->id);
	int r = configure_read(c, e);
	auto_close int root = steal_fd(&c->states_fd); // only needed to create containers

	(void)root;
	return r < 0 ? err_wrap(e, "container '%s'", c->id) : 0;
}

void state_remove(struct container *c)
{
	static const char *const files[] = {"config.json", "state.json"};
	auto_close int root = c->state_fd < 0 ? -1 : openat(c->state_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(files) && c->state_fd >= 0; i++)
		unlinkat(c->state_fd, files[i], 0);
	bool gone = root >= 0 && unlinkat(root, c->id, AT_REMOVEDIR) == 0;
	// fs_remove_tree() below needs a descriptor, this does not
	if (!gone && c->self_start && c->state_fd >= 0 && unlinkat(c->state_fd, NEXT, 0) == 0)
		gone = root >= 0 && unlinkat(root, c->id, AT_REMOVEDIR) == 0;
	if (root >= 0 && !gone)
		// the socket of a container that was not started, a temporary file of a killed writer
		fs_remove_tree(root, c->id, NULL);
}

// Whether the container has no state.json yet and its creator holds the lock.
static bool is_being_created(const struct container *c)
{
	// locks belong to open file descriptions, not to processes
	auto_close int again = c->locked ? -1 : openat(c->state_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return again >= 0 && flock(again, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

enum bunk_status state_now(const struct container *c)
{
	const struct bunk_state *s = &c->state;

	if (s->pid <= 0 && s->status == BUNK_CREATING && is_being_created(c))
		return BUNK_CREATING;
	return s->pid <= 0 || !proc_is_alive(s->pid, s->pid_started) ? BUNK_STOPPED : state_alive(c);
}

enum bunk_status state_alive(const struct container *c)
{
	if (c->state.status == BUNK_CREATING)
		return BUNK_CREATING; // the pid is the creator's
	if (groups_frozen(&c->groups))
		return BUNK_PAUSED;
	return faccessat(c->state_fd, "start", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? BUNK_CREATED : BUNK_RUNNING;
}
