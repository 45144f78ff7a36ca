// SPDX-License-Identifier: LGPL-2.1-or-later
// The image directory of a checkpoint, with bunk's own file beside criu's.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/bunk.h"

// The directories of the images and of criu's logs, both trusted.
struct images {
	int fd, work;
	char *path, *work_path; // absolute
};

// Opens them; with MAKE creates the missing ones. Returns 0 or negative errno.
int images_open(struct images *i, const struct bunk_images *o, bool make, struct err *e);
// Makes the images readable for GROUP: in a user namespace criu opens them as the namespace's root.
int images_give(const struct images *i, gid_t group, struct err *e);
void images_done(struct images *i);

// What bunk needs to restore a container and criu does not save: bunk.json beside the images.
struct notes {
	// for 0, 1, 2: criu's name of the descriptor to be replaced by that of restore, "" = criu restores it
	struct strv descriptors;
	struct strv mounts;      // destinations whose sources come from the configuration at restore
};

int notes_write(const struct images *i, const struct notes *n, struct err *e);
int notes_read(const struct images *i, struct notes *n, struct err *e);
// Removes bunk.json: a directory without it is not a checkpoint.
void notes_remove(const struct images *i);
void notes_done(struct notes *n);
// criu mounts the control groups again, which resets the options of all mounts of a v2 tree (for example
// nsdelegate) on the whole machine. On v2-only hosts criu gets the existing mount instead: *PATH, owned, is a
// directory in the state DIRECTORY with a link to the mount point LINKED or, if that is NULL, an empty directory
// "unified" as a mount point.
int cgroup_view_make(int directory, const char *linked, char **path, struct err *e);
void cgroup_view_remove(int directory);
