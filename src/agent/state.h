// What the files of the agent share: agent.c (the loop), engines.c (threads that list and sample), jobs.c (requests),
// peer.c (posts and lines). Everything not marked otherwise belongs to the loop's thread.
#pragma once

#include <stdatomic.h>

#include <uv.h>

#include "engine/registry.h"
#include "agent/agent.h"
#include "model/job.h"
#include "wire/handover.h"
#include "wire/wire.h"


enum {
	AGENT_JOBS_MAX = 256,  // requests of one peer under way
	AGENT_THREADS_MAX = 8, // of them at work in one engine; the others wait
	AGENT_LATE = 3,        // seconds after which a call counts as hung
};

struct agent;
struct agent_engine;
struct job_item;

// Something a worker hands to the loop. Owned by the queue, then by deliver(), which need not free it.
struct post {
	struct post *next;
	void (*deliver)(struct agent *a, struct post *p);
	struct agent_engine *engine;
	struct job_item *job;
	int line; // of the process that does the rest of the job, 0 = none
	struct str text;
	struct err err;
	double fraction;
};

// What the process of a job says (follow.c).
struct follower {
	uv_pipe_t pipe;
	struct wire_reader reader;
	struct job_record record; // as of its last line
	void *context;
	void (*on_step)(struct follower *f);
	void (*on_end)(struct follower *f, const struct err *e, const char *text); // once, unless it is closed before
};
// Reads from LINE, which it owns; on_step and on_end must be set before the loop continues. Frees itself when it is
// closed, as it is before on_end.
struct follower *follower_open(struct agent *a, int line);
void follower_close(struct follower *f);

struct agent_engine {
	struct agent *agent;
	char *name, *spec;
	struct engine engine; // ops NULL: could not be opened
	enum kind kind;
	char *failure;        // what its last list said, NULL = fine
	bool absent;          // that it has nothing to list (-ENOPKG)
	char *trouble, *note; // what the peer knows
	bool rows_lost;       // the peer was too slow for some: send all again when it has caught up
	unsigned jobs_running;
	struct job_item *waiting; // jobs without a thread yet, oldest first
	// When the call that its threads are in should be back; 0 = in none. Written by the threads.
	_Atomic int64_t list_due, sample_due;
	// Asked of its threads by anyone.
	atomic_bool refresh, resend;
	atomic_bool ids_lost; // the peer was too slow for the ids of its ticks
};

struct agent {
	uv_loop_t loop;
	uv_pipe_t in, out;
	bool one_handle; // in carries both ways
	uv_async_t wakeup;
	uv_timer_t ticks, second, grace;
	uv_signal_t term;
	struct wire_reader reader;
	struct agent_engine *engines;
	size_t engine_count;
	struct job_item *jobs;
	unsigned job_count;
	const char *program;
	char *jobs_where; // jobs_open()
	bool read_only;
	bool on_request; // nothing is listed or sampled unasked
	struct handover *handover; // for what is long, NULL: lines are
	bool full; // the peer does not read its answers, so it is not read
	bool ending;
	bool abandoned; // threads did not come back: what they use must stay
	struct err broken; // the peer broke the rules
	unsigned threads; // that have not posted their end

	void (*on_written)(struct agent *a, int status); // the loop's

	uv_mutex_t lock; // over what follows, used by all threads
	uv_cond_t changed;
	struct post *first, *last;
	int64_t interval; // ns, 0 = no ticks
	int peer_version; // of the wire, as its hello says; 0 = none came yet
	bool peer_assumed; // lines were made without waiting for it any longer
	atomic_bool stopping;
};

// From any thread: hands P (from post_new) to the loop.
struct post *post_new(void (*deliver)(struct agent *a, struct post *p), struct agent_engine *engine,
                      struct job_item *job);
void agent_post(struct agent *a, struct post *p);
// From any thread: waits for NS, or until the agent ends or its interval is changed. Returns false when it ends.
bool agent_nap(struct agent *a, int64_t ns);
// The same, but not at all when the interval is no longer the one that the caller has seen.
bool agent_nap_while(struct agent *a, int64_t ns, int64_t interval);

// From any thread: the version in which lines are made. Waits for the hello, but not for ever: a script that speaks to
// an agent may say none.
int agent_version(struct agent *a);

// Sends MESSAGE (dropping the reference), or the lines of TEXT.
void agent_send(struct agent *a, json_t *message);
void agent_send_text(struct agent *a, struct str *text);
size_t agent_backlog(const struct agent *a);
// Starts a thread with a stack that is enough for libvirt and OpenSSL. Returns 0 or negative errno.
int agent_thread(void *(*run)(void *), void *argument);
// Closes all handles: the loop ends when they are closed.
void agent_finish(struct agent *a);
// A thread has ended.
void agent_thread_ended(struct agent *a, struct post *p);

// When to measure next: at a multiple of INTERVAL, so that the figures of the host and of all engines are of the same
// time; the one after the next when that is very near, for a rate over next to no time says little.
int64_t agent_next_tick(int64_t now, int64_t interval);
// Starts the threads of an engine that is open.
void engine_threads_start(struct agent_engine *en);
// In the thread of a request: lists (KINDS, a bit each) or samples once and posts all of it.
int engine_list(struct agent_engine *en, unsigned kinds, struct err *e);
int engine_sample(struct agent_engine *en, struct err *e);
// Tells the peer when the trouble of an engine changed, or NEWS (its note changed); looks for calls that hang.
void agent_engine_check(struct agent_engine *en, int64_t now, bool news);
json_t *engine_message(const struct agent_engine *en);

void job_request(struct agent *a, const json_t *message);
void job_cancel(struct agent *a, const json_t *message);
void jobs_check(struct agent *a, int64_t now); // deadlines
void jobs_cancel_all(struct agent *a);
