// The records of jobs on disk: a directory with a file for each, replaced whole at each step, so that what a job did
// is known after it, and the agent that started it, have ended. One directory for each store of containers.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/job.h"

enum {
	JOB_FILE_MAX = 256 << 10, // bytes of one
	JOBS_KEPT = 20,           // that have ended
};

// A record as its file, and the line of a job's process, have it, and which process that is. A new reference.
json_t *job_to_json(const struct job_record *job);
// Fills JOB (zeroed) from OBJECT, whatever that is; job_done() in any case. Returns 0 or -EINVAL.
int job_from_json(struct job_record *job, const json_t *object, struct err *e);

void job_done(struct job_record *job);

// Sets what job_is_alive() needs to this process.
void job_own(struct job_record *job);
bool job_is_alive(const struct job_record *job);
// A pidfd of the job's process; -ESRCH when it has ended, or when it cannot be proven to be that process.
int job_open(const struct job_record *job);
// Asks the job's process to stop. Returns 0 or negative errno.
int job_stop(const struct job_record *job, struct err *e);
// Leaves in JOB->left what is there.
void job_check_left(struct job_record *job);

// Opens the directory (WHERE as the engine bunk), which is made when WRITE. Returns a descriptor or negative errno,
// -ENOENT when there is none.
int jobs_open(const char *where, bool write, struct err *e);
// Adds the names of the files in it, by number.
void jobs_names(int dir, struct strv *names);
// Reads the file NAME into JOB (zeroed). One whose process is gone without a result has failed then. One that is
// damaged says so in its trouble. job_done() in any case. Returns 0, or -ENOENT when there is no such job.
int job_read(int dir, const char *name, struct job_record *job, struct err *e);
// Gives JOB a number, id and file, and removes the oldest of those that have ended. Returns 0 or negative errno: then
// it has none, and this can be tried again.
int job_add(int dir, struct job_record *job, struct err *e);
// Replaces the file of JOB, which has a number. Returns 0 or negative errno.
int job_write(int dir, const struct job_record *job, struct err *e);
