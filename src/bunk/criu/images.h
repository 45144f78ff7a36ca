// SPDX-License-Identifier: LGPL-2.1-or-later
// The directory of images of a checkpoint, with bunk's own notes beside criu's.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/bunk.h"

// The directory of images, and the one of criu's logs, both trusted.
struct images {
	int fd, work;
	char *path, *work_path; // absolute
};

// Opens them; with MAKE makes those that are missing. Returns 0 or negative errno.
int images_open(struct images *i, const struct bunk_images *o, bool make, struct err *e);
// Lets GROUP read the images: in a user namespace criu opens them as the namespace's root.
int images_give(const struct images *i, gid_t group, struct err *e);
void images_done(struct images *i);

// What bunk has to know of a container that is to be restored and that criu does not keep: bunk.json beside the
// images.
struct notes {
	// of 0, 1, 2: criu's name of what the restorer's own takes the place of, "" = criu brings it back by itself
	struct strv descriptors;
	struct strv mounts;      // destinations whose sources are the restorer's
};

int notes_write(const struct images *i, const struct notes *n, struct err *e);
int notes_read(const struct images *i, struct notes *n, struct err *e);
// Removes the notes: a directory without them is not a checkpoint.
void notes_remove(const struct images *i);
void notes_done(struct notes *n);
// criu mounts the control groups anew to read and make them, which takes from all mounts of a v2 tree their options
// (nsdelegate, say), for the whole machine. Where there is only v2 it is shown the present mount instead: *PATH,
// owned, is a directory in the state's DIRECTORY with a link to the mount point LINKED, or, when that is NULL, with an
// empty directory "unified" to mount it on.
int cgroup_view_make(int directory, const char *linked, char **path, struct err *e);
void cgroup_view_remove(int directory);
