// A job: something that takes time, seen from the code that does it. It reports how far it is and asks whether it
// should continue.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

struct str;

struct job {
	// Called by the worker: FRACTION 0…1 or negative when unknown, TEXT what it does now. May be NULL.
	void (*report)(void *context, double fraction, const char *text);
	// Called by the worker with a line that belongs to the result: what was not done, or is done later. May be NULL.
	void (*note)(void *context, const char *text);
	struct str *out; // where a verb whose result is a text or an id writes it; NULL: not wanted
	void *context;
	atomic_bool *cancelled; // may be NULL
};

static inline void job_report(const struct job *job, double fraction, const char *text)
{
	if (job && job->report)
		job->report(job->context, fraction, text);
}

static inline void job_note(const struct job *job, const char *text)
{
	if (job && job->note)
		job->note(job->context, text);
}

static inline bool job_is_cancelled(const struct job *job)
{
	return job && job->cancelled && atomic_load(job->cancelled);
}
