// SPDX-License-Identifier: LGPL-2.1-or-later
// What checkpoint and restore share: talking to the program criu, and the directory of images with bunk's own notes beside criu's.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/config.h"
#include "bunk/criu_message.h"

// The directory of images, and the one of criu's logs, both trusted (images.c).
struct images {
	int fd, work;
	char *path, *work_path; // absolute
};
// Opens them; with MAKE makes those that are missing. Returns 0 or negative errno.
int images_open(struct images *i, const struct bunk_images *o, bool make, struct err *e);
// Lets GROUP read the images: in a user namespace criu opens them as the namespace's root.
int images_give(const struct images *i, gid_t group, struct err *e);
void images_done(struct images *i);

// What bunk has to know of a container that is to be restored and that criu does not keep: bunk.json beside the images.
struct notes {
	struct strv descriptors; // of 0, 1, 2: criu's name of what the restorer's own takes the place of, "" = criu brings it back by itself
	struct strv mounts;      // destinations whose sources are the restorer's
};
int notes_write(const struct images *i, const struct notes *n, struct err *e);
int notes_read(const struct images *i, struct notes *n, struct err *e);
// Removes the notes: a directory without them is not a checkpoint.
void notes_remove(const struct images *i);
void notes_done(struct notes *n);

// criu mounts the control groups anew to read and make them, which takes from all mounts of a v2 tree their options (nsdelegate, say), for the
// whole machine. Where there is only v2 it is shown the present mount instead: *PATH, owned, is a directory in the state's DIRECTORY with a link
// to the mount point LINKED, or, when that is NULL, with an empty directory "unified" to mount it on.
int yard_make(int directory, const char *linked, char **path, struct err *e);
void yard_remove(int directory);

struct container;
// Looks what of C's is not its own: into NOTES for the restorer, into EXTERNAL in criu's words. Returns 0 or negative errno.
int surroundings_find(const struct container *c, struct notes *notes, struct strv *external, struct err *e);

// The key under which criu knows a namespace that is not saved but handed over again.
const char *criu_namespace_key(int flag);
// Fills what the two verbs give criu alike. Returns 0, or -EINVAL for an option that has no such value.
int criu_common(struct criu_options *q, const struct bunk_images *o, const struct images *i, const char *log, struct err *e);

// A criu that serves one request over SOCKET.
struct criu {
	int socket;
	pid_t pid;
	const struct images *images;
	const char *log; // its log's name in the work directory
	// Called where criu stops on its way, SCRIPT being its name for that point, with the first process's pid if it has one (else 0) and the
	// descriptor that came along (-1: none), which stays the caller's. May be NULL. Negative ends the request.
	int (*notified)(void *context, const char *script, pid_t pid, int fd, struct err *e);
	void *context;
	int64_t timeout;  // of struct bunk_images
	uint64_t done;    // a number that grew with its last progress
	int64_t since;    // clock_mono() then
	bool own_session; // criu leads a session, so that everything it started can be killed with it
	bool useless;     // set by criu_do(): no longer worth waiting for
};
// Blocks the signals that interrupt a verb, so that criu_do() sees them; *BEFORE is the mask to restore once everything is undone.
void criu_block_signals(sigset_t *before);
// The path of the program. Owned; NULL with E naming the package.
char *criu_find(struct err *e);
// Only root: 0 or -EPERM.
int criu_allowed(const char *verb, struct err *e);
// Starts it beside this process.
int criu_start(struct criu *c, struct err *e);
// Has REQUEST done. Returns 0, ANSWER being filled, or negative errno with criu's own words and the path of its log. ANSWER is to be released.
int criu_do(struct criu *c, const struct criu_request *request, struct criu_response *answer, struct err *e);
// Waits for its end. When that takes long or RESULT is negative, kills it; also what else is in its session.
void criu_end(struct criu *c, int result);
