// Job records on disk: a directory with one file per job, replaced atomically at each step, so that a record outlives
// the job and the agent that started it. Each container store has its own directory.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/finding.h"
#include "model/job.h"

enum {
	JOB_FILE_MAX = 256 << 10, // bytes per file
	JOBS_KEPT = 20,           // jobs that have ended
};

// The record as written to its file and reported by the job's process; it includes which process that is. A new
// reference.
json_t *job_to_json(const struct job_record *job);
// Fills JOB (zeroed) from OBJECT, which may be anything; call job_done() in any case. Returns 0 or -EINVAL.
int job_from_json(struct job_record *job, const json_t *object, struct err *e);

void job_done(struct job_record *job);

// Records this process as the job's process, for job_is_alive().
void job_own(struct job_record *job);
bool job_is_alive(const struct job_record *job);
// A pidfd of the job's process; -ESRCH if it has exited or cannot be proven to be the same process.
int job_open(const struct job_record *job);
// Sends SIGTERM to the job's process. Returns 0 or negative errno.
int job_stop(const struct job_record *job, struct err *e);
// Remembers the engine that the job uses; nothing if SPEC is too long.
void job_set_spec(struct job_record *job, const char *spec);
// Removes paths that no longer exist from JOB->left.
void job_check_left(struct job_record *job);

// Opens the directory (WHERE as for engine bunk), creating it if WRITE. Returns a descriptor or negative errno,
// -ENOENT if it does not exist.
int jobs_open(const char *where, bool write, struct err *e);
// Adds the names of its job files, in numerical order.
void jobs_names(int dir, struct strv *names);
// Reads file NAME into JOB (zeroed). A running job whose process has gone is reported as failed, a damaged file in the
// job's trouble. Call job_done() in any case. Returns 0, or -ENOENT if there is no such job.
int job_read(int dir, const char *name, struct job_record *job, struct err *e);
// Assigns JOB a number, id and file, and removes the oldest jobs that have ended. Returns 0 or negative errno; then
// JOB has no file and the call can be repeated.
int job_add(int dir, struct job_record *job, struct err *e);
// Replaces the file of JOB, which has a number. Returns 0 or negative errno.
int job_write(int dir, const struct job_record *job, struct err *e);
// Finds leftovers of killed jobs of WHERE: items that they were creating, which their engines are asked about, and
// files outside the store. Returns 0, even if there are findings, or negative errno.
int jobs_find_left(const char *where, struct findings *f, struct err *e);
