// What the files of the agent share: agent.c (the loop), open.c (opening engines), engines.c (threads that list and
// sample), jobs.c (requests), peer.c (posts and lines), wanted.c (what the peer wants to know). Everything not marked
// otherwise belongs to the loop's thread.
#pragma once

#include <stdatomic.h>

#include <uv.h>

#include "engine/registry.h"
#include "model/subscription.h"
#include "agent/agent.h"
#include "model/job.h"
#include "wire/handover.h"
#include "wire/wire.h"


enum {
	AGENT_JOBS_MAX = 256,  // pending requests of one peer
	AGENT_THREADS_MAX = 8, // of them running in one engine; the others wait
	AGENT_LATE = 3,        // seconds after which a call counts as hung
};

struct agent;
struct agent_engine;
struct job_item;

// A message from a thread to the loop. Owned by the queue, then by deliver(), which need not free it.
struct post {
	struct post *next;
	void (*deliver)(struct agent *a, struct post *p);
	struct agent_engine *engine;
	struct job_item *job;
	int line; // of the process that continues the job, 0 = none
	struct str text;
	struct err err;
	double fraction;
};

// The output of a job's process (follow.c).
struct follower {
	uv_pipe_t pipe;
	struct wire_reader reader;
	struct job_record record; // from its last line
	void *context;
	void (*on_step)(struct follower *f);
	void (*on_end)(struct follower *f, const struct err *e, const char *text); // called once, unless closed before
};
// Takes ownership of the descriptor LINE and reads from it; on_step and on_end must be set before the loop continues.
// Frees itself when closed, which also happens before on_end.
struct follower *follower_open(struct agent *a, int line);
void follower_close(struct follower *f);

struct agent_engine {
	struct agent *agent;
	char *name, *spec;
	const struct engine_ops *ops; // NULL: unknown engine
	struct engine engine; // ops NULL: not open (yet)
	int64_t opening;      // since when a thread opens it, 0 = none does
	struct engine opened; // the thread's
	enum kind kind;
	char *failure;        // why it could not be opened, or the error of its last list; NULL = none
	bool absent;          // it has nothing to list (-ENOPKG)
	char *trouble, *note; // the items known to the peer
	bool rows_lost;       // lines were dropped for a slow peer: send all again when it has caught up
	unsigned jobs_running;
	struct job_item *waiting; // jobs without a thread yet, oldest first
	// When the current call of each thread should have returned; 0 = in none. Written by the threads.
	_Atomic int64_t list_due, sample_due;
	// Requests to its threads, set by any thread.
	atomic_bool refresh, resend;
	atomic_bool ids_lost; // the ids of its ticks were dropped for a slow peer
	atomic_bool relisting; // a thread lists what is wanted since a moment ago

	// of the threads that list; LOCK is over all that follows
	uv_mutex_t lock;
	struct inventory *sent; // what the peer knows
	struct inventory *all;  // what there is, where that is more
	struct subscription listed; // what SENT was made for
	unsigned listed_turn;
	bool has_listed;        // the last list did not fail
	size_t counts[KINDS];   // what the peer knows
	bool counted;
	// sorted ids of those in SENT, where that is only a part of some kinds; KNOWN_LOCK is over them
	uv_mutex_t known_lock;
	struct strv known;
};

// Whether requests to it can be taken: it is open, or may still become so.
static inline bool agent_engine_is_usable(const struct agent_engine *en)
{
	return en->engine.ops || !en->failure;
}

struct agent {
	uv_loop_t loop;
	uv_pipe_t in, out;
	bool one_handle; // in carries both ways
	uv_async_t wakeup;
	uv_timer_t ticks, second, grace, greeting;
	uv_signal_t term;
	struct wire_reader reader;
	struct agent_engine *engines;
	size_t engine_count;
	struct job_item *jobs;
	unsigned job_count;
	const char *program;
	char *jobs_where; // jobs_open()
	bool read_only;
	bool on_request; // list and sample only on request
	struct handover *handover; // for long data, NULL: as lines
	bool greeted; // the hello was sent
	bool full; // reading is stopped because the peer does not read its answers
	bool ending;
	bool abandoned; // threads did not return: their memory must stay
	struct err broken; // protocol error of the peer
	unsigned threads; // threads that have not posted their end

	// the loop's
	void (*on_written)(struct agent *a, int status);
	void (*on_opened)(struct agent_engine *en); // or it could not be opened

	uv_mutex_t lock; // protects the following members, used by all threads
	uv_cond_t changed;
	struct post *first, *last;
	int64_t interval; // ns, 0 = no ticks
	int peer_version; // of the wire, from its hello; 0 = none received yet
	struct subscription wanted;
	unsigned wanted_turn; // grows with each change
	bool subscribed; // else everything is wanted, and counts of items are not
	bool peer_assumed; // gave up waiting for it
	atomic_bool stopping;
};

// Opens it in a thread of its own, unless that was tried before. Requests wait in the meantime.
void engine_begin(struct agent_engine *en);

// From any thread: hands P (from post_new) to the loop.
struct post *post_new(void (*deliver)(struct agent *a, struct post *p), struct agent_engine *engine,
                      struct job_item *job);
void agent_post(struct agent *a, struct post *p);
// Posts TEXT, which it takes, unless that is empty.
void engine_post_text(struct agent_engine *en, void (*deliver)(struct agent *a, struct post *p), struct str *text);
// From any thread: waits for NS, or until the agent ends or its interval changes. Returns false if it ends.
bool agent_nap(struct agent *a, int64_t ns);
// The same, but returns at once if the interval is no longer the one the caller has seen.
bool agent_nap_while(struct agent *a, int64_t ns, int64_t interval);

// From any thread: the version of the lines to send. Waits for the hello, with a timeout, because a script may not
// send one.
int agent_version(struct agent *a);

// From any thread: what the peer wants to know. S must be empty. Returns the number of its last change.
unsigned agent_wanted(struct agent *a, struct subscription *s, bool *subscribed);
// The peer wants WANTS (as on the wire). Returns 0, or -EPROTO with nothing changed.
int agent_subscribe(struct agent *a, const json_t *wants, struct err *e);

// Sends MESSAGE (dropping the reference), or the lines of TEXT.
void agent_send(struct agent *a, json_t *message);
void agent_send_text(struct agent *a, struct str *text);
size_t agent_backlog(const struct agent *a);
// Starts a thread with a stack large enough for libvirt and OpenSSL. Returns 0 or negative errno.
int agent_thread(void *(*run)(void *), void *argument);
// Closes all handles: the loop ends when they are closed.
void agent_finish(struct agent *a);
// Called when a thread has ended.
void agent_thread_ended(struct agent *a, struct post *p);

// When to measure next: at a multiple of INTERVAL, so that the figures of the host and all engines are from the same
// time. Skips one that is very near, because a rate over a tiny interval is inaccurate.
int64_t agent_next_tick(int64_t now, int64_t interval);
// What is wanted of an engine that is open has changed.
void engine_subscribe(struct agent_engine *en);
// Starts the threads of an engine that is open.
void engine_threads_start(struct agent_engine *en);
// The thread that samples EN.
void *engine_sampling(void *en);
// In the thread of a request: list (KINDS, a bit each) or sample once and post the result.
int engine_list(struct agent_engine *en, unsigned kinds, struct err *e);
int engine_sample(struct agent_engine *en, struct err *e);
// Sends the engine to the peer if its trouble changed or NEWS (its note changed); checks for hanging calls.
void agent_engine_check(struct agent_engine *en, int64_t now, bool news);
json_t *engine_message(const struct agent_engine *en);

void job_request(struct agent *a, const json_t *message);
void job_cancel(struct agent *a, const json_t *message);
void jobs_check(struct agent *a, int64_t now); // deadlines
// Starts the requests that waited for EN, or refuses them if it could not be opened.
void jobs_engine_opened(struct agent_engine *en);
void jobs_cancel_all(struct agent *a);
