// Jobs: struct job is passed to long-running code, which reports progress and created files and checks for
// cancellation. struct job_record is the item, and the state file, of a job that runs in its own process.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/item.h"

struct job_progress {
	double fraction;      // 0…1, negative when unknown
	uint64_t done, total; // bytes, total 0 = not counted
	const char *text;     // what it does now
};

struct str;

struct job {
	// Called by the worker. May be NULL.
	void (*report)(void *context, const struct job_progress *progress);
	// Called by the worker with a note on the result: what was skipped or postponed. May be NULL.
	void (*note)(void *context, const char *text);
	struct str *out; // result of a verb that returns a text or an id; NULL: not wanted
	// Called by the worker with a temporary or incomplete file or directory that it has created and that must be
	// removed on failure. May be NULL.
	void (*makes)(void *context, const char *path);
	// Called by the worker with the id of an item that it is about to create. May be NULL.
	void (*creates)(void *context, const char *id);
	void *context;
	atomic_bool *cancelled; // may be NULL
};

static inline void job_report(const struct job *job, double fraction, const char *text)
{
	if (job && job->report)
		job->report(job->context, &(struct job_progress){.fraction = fraction, .text = text});
}

static inline void job_report_bytes(const struct job *job, uint64_t done, uint64_t total, const char *text)
{
	if (job && job->report)
		job->report(job->context,
		            &(struct job_progress){total ? (double)done / (double)total : -1, done, total, text});
}

static inline void job_note(const struct job *job, const char *text)
{
	if (job && job->note)
		job->note(job->context, text);
}

static inline void job_makes(const struct job *job, const char *path)
{
	if (job && job->makes)
		job->makes(job->context, path);
}

static inline void job_creates(const struct job *job, const char *id)
{
	if (job && job->creates)
		job->creates(job->context, id);
}

static inline bool job_is_cancelled(const struct job *job)
{
	return job && job->cancelled && atomic_load(job->cancelled);
}

enum {
	JOB_BOOT = 40,  // bytes of /proc/sys/kernel/random/boot_id, terminated
	JOB_SPEC = 512, // bytes of an engine's spec, terminated
};

// Its name is a number that is never reused in the same directory; USES has the items it creates,
// or may have left when it was killed.
struct job_record {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *what;      // "create guest 'db'"
	char *phase;     // what it does now; why it failed
	char *command;   // equivalent command line
	char *user;      // user it runs as
	int pid;
	double progress; // percent, 0 = unknown
	uint64_t done, total; // bytes, 0 = unknown
	double speed;    // bytes per second, 0 = unknown
	int64_t finished;
	struct strv left; // paths of files being created; after the end, those left behind
	// Not facts: together with the pid they identify its process uniquely.
	uint64_t ticks;   // proc_start_time()
	char boot[JOB_BOOT];
	char spec[JOB_SPEC]; // not a fact: of the engine it uses; empty: unknown
};
extern const struct fact_binding job_facts[FACTS];
