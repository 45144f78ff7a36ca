// Jobs. What takes long, seen from the code that does it: it reports how far it is, says what it is making, and asks
// whether it should continue. And the record of one that runs in a process of its own: an item, and its state file.
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
	// Called by the worker with a line that belongs to the result: what was not done, or is done later. May be NULL.
	void (*note)(void *context, const char *text);
	struct str *out; // where a verb whose result is a text or an id writes it; NULL: not wanted
	// Called by the worker with a file or directory that is there from now on, and that a failure must not leave
	// behind: it gets another name, or is complete, with the result. May be NULL.
	void (*makes)(void *context, const char *path);
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

static inline bool job_is_cancelled(const struct job *job)
{
	return job && job->cancelled && atomic_load(job->cancelled);
}

enum { JOB_BOOT = 40 }; // bytes of /proc/sys/kernel/random/boot_id, terminated

// Its name is a number that no later job of the same directory gets; it uses what it makes.
struct job_record {
	union {
		struct item item;
		struct { ITEM_FIELDS };
	};
	char *what;      // "create guest 'db'"
	char *phase;     // what it does now; why it failed
	char *command;   // the command line that asks for the same
	char *user;      // who it runs as
	int pid;
	double progress; // percent, 0 = unknown
	uint64_t done, total; // bytes, 0 = unknown
	double speed;    // bytes per second, 0 = unknown
	int64_t finished;
	struct strv left; // paths: what it is making; of one that has ended, what is left of that
	// Not facts: with the pid they name its process for good.
	uint64_t ticks;   // proc_start_time()
	char boot[JOB_BOOT];
};
extern const struct fact_binding job_facts[FACTS];
