// A link: the terminal's end of an agent's stream of JSON lines. It starts the agent (here, or over ssh), keeps what
// it says as an inventory, carries requests, and reconnects by itself. All of it runs on one libuv loop and never
// blocks; callbacks come from that loop, and may call any function here but link_close() only through its own rule
// below.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/err.h"
#include "base/str.h"
#include "model/stream.h"
#include "model/inventory.h"
#include "model/sample.h"
#include "model/verb.h"
#include "model/workload.h"
#include "sys/proc.h"

struct handover;
struct link;

// One engine of the agent's host. Text is owned by the link and valid during the call it is given to.
struct link_engine {
	char *name;              // what workloads carry as their engine
	char *spec;              // what it was opened from
	enum kind kind; // of its workloads
	unsigned creates; // kinds, a bit each
	char *trouble;           // NULL, or why it does not answer and what helps ("no answer since 12:30:05")
	char *note;              // NULL, or its note about the last list (a fallback is in use)
	bool listed;             // its workloads are known
	bool absent;             // the trouble is that what it needs is not there, and neither are workloads
};

// What the agent says about its host once connected.
struct link_hello {
	const char *host;    // its own name
	const char *program; // version of its hostel
	const char *system;  // operating system, for people ("Debian GNU/Linux 12 (bookworm)")
	const char *kernel;  // release
	const char *machine; // "x86_64"
	const char *user;    // who the agent runs as
	unsigned cpus;
	unsigned engines;    // on_engine calls that follow
	bool read_only;
	int64_t clock;       // wall-clock ns there at this moment; 0 = unknown
};

struct link_event {
	int64_t at;         // wall-clock ns of the agent's host
	const char *id;     // of the workload, or NULL
	const char *text;   // one line: "web-1 exited (137, OOM)". Foreign: make it visible before showing it
	bool bad;           // needs the user's attention
};

// All may be NULL.
struct link_callbacks {
	// Connected (the first time or again). Rows follow.
	void (*on_hello)(void *context, const struct link_hello *hello);
	// An engine appeared, or its trouble or note changed. While it has trouble its rows are old.
	void (*on_engine)(void *context, const struct link_engine *engine);
	// A row appeared, changed or went. Already in link_inventory(); ITEM is valid during the call (the last state when
	// removed).
	void (*on_change)(void *context, enum change_kind kind, const struct item *item);
	// Every engine has listed its workloads or has trouble: the first screen can be drawn. Once per connection.
	void (*on_ready)(void *context);
	// One engine's samples of this tick, raw; ids are the inventory's. Several calls may make a tick. Valid during the
	// call.
	void (*on_tick)(void *context, const struct sample_set *set);
	// The host's own figures, once per tick; AT is its monotonic clock in ns.
	void (*on_host)(void *context, int64_t at, const struct proc_host *host);
	void (*on_event)(void *context, const struct link_event *event);
	// The connection is gone: WHY in one line, with the remedy where there is a usual one. RETRY_IN ns until the next
	// attempt, negative: there will be none. Rows and figures stay as they are. Called again for each failed attempt.
	void (*on_lost)(void *context, const char *why, int64_t retry_in);
};

struct link_options {
	const char *program;         // the hostel to run here; NULL = the running executable
	const char *const *engines;  // specs for the agent, NULL-terminated; NULL = the usual
	bool read_only;              // the agent refuses what writes
	int64_t interval;            // ns between ticks; 0 = no ticks
	bool once;                   // do not reconnect
	struct handover *handover;   // of an agent in this process (wire/handover.h; its name is "local"), NULL = none
};

// Starts `hostel agent` on this machine. The link copies OPTIONS (NULL: all usual). Callbacks begin when LOOP runs.
// Returns 0 or negative errno.
int link_open_local(struct link **link, uv_loop_t *loop, const struct link_options *options,
                    const struct link_callbacks *callbacks, void *context, struct err *e);
// Runs `ssh HOST hostel agent`. HOST is anything ssh takes, but nothing that ssh would take for an option (-EINVAL).
// Prompts come on the terminal during the first attempt only (start the screen after on_hello); later ones are not
// interactive. One connection is shared by everything that goes to HOST, unless the user's ssh configuration shares it
// already. Environment: HOSTEL_SSH, the ssh command and its options (words separated by blanks; "ssh"); HOSTEL_REMOTE,
// the program over there ("hostel").
int link_open_ssh(struct link **link, uv_loop_t *loop, const char *host, const struct link_options *options,
                  const struct link_callbacks *callbacks, void *context, struct err *e);
// Speaks over descriptors that are open already, which the link owns from now on (IN and OUT may be the same). Does
// not reconnect.
int link_open_fds(struct link **link, uv_loop_t *loop, const char *name, int in, int out,
                  const struct link_options *options, const struct link_callbacks *callbacks, void *context,
                  struct err *e);
// Ends the link: no callback comes after this returns, except replies under way, which are called with ECANCELED
// before it returns. The agent ends by itself. The loop must run once more for handles to close. Not from inside
// on_change or on_tick.
void link_close(struct link *link);

// The name that this link puts in place of "local" (workload.host and the head of ids): "local", or what
// link_open_ssh() was given.
const char *link_name(const struct link *link);
// All rows known, kept over lost connections.
const struct inventory *link_inventory(const struct link *link);
// By position, NULL behind the last.
const struct link_engine *link_engine(const struct link *link, size_t index);
bool link_is_up(const struct link *link);
// Time of the last round trip in ns, -1 = none yet.
int64_t link_round_trip(const struct link *link);
// Monotonic time of the last line that came, 0 = none yet: the age of everything shown.
int64_t link_last_heard(const struct link *link);
// ns until the next attempt, 0 while connected or connecting, -1 when there will be none.
int64_t link_retry_in(const struct link *link);
// Tries again now instead of waiting.
void link_retry(struct link *link);
// ns between ticks; 0 stops them.
void link_set_interval(struct link *link, int64_t interval);
// Asks all engines to list again.
void link_refresh(struct link *link);

// A request's end. E->code is 0 when it worked; then TEXT is the new workload's id with a line for each note (create),
// the document (read), or the notes (act). Called exactly once.
typedef void link_reply(void *context, const struct err *e, const char *text);
enum { LINK_DOCUMENT_MAX = (160 << 10) - 2 }; // bytes of TEXT: what is longer is cut
// How far it is: FRACTION 0…1, negative when unknown. JOB: the id of the job that it has become, which continues when
// this connection ends; NULL: none.
typedef void link_progress(void *context, double fraction, const char *text, const char *job);

// Each returns the request's number (> 0), or 0 when the link is down: then REPLY was called already, with ENOTCONN.
// PARAMS may be NULL and is copied. PROGRESS may be NULL. DEADLINE ns, 0 = the usual of its verb (client/requests.c;
// creating: 30 min): the reply is then ETIMEDOUT, though what was asked for may still happen.
unsigned link_act(struct link *link, const char *id, enum verb verb, const struct params *params, int64_t deadline,
                  link_reply *reply, link_progress *progress, void *context);
unsigned link_create(struct link *link, enum kind kind, const struct params *params, int64_t deadline,
                     link_reply *reply, link_progress *progress, void *context);
unsigned link_read(struct link *link, const char *id, enum document document, link_reply *reply, void *context);
// What FIELD of VERB can be on that host for KIND, of what begins with TYPED; SO_FAR (may be NULL): the other fields
// by now. The reply's TEXT has a line for each.
unsigned link_choices(struct link *link, enum kind kind, enum verb verb, const char *field, const char *typed,
                      const struct params *so_far, link_reply *reply, void *context);
// One list (of KINDS, a bit each) of ENGINE (its name) by an agent that does not list unasked; or one measurement, by
// an agent that measures at no interval. Others refuse with ENOSYS. What comes of it arrives by the callbacks, before
// REPLY.
unsigned link_list(struct link *link, const char *engine, unsigned kinds, int64_t deadline, link_reply *reply,
                   void *context);
unsigned link_sample(struct link *link, const char *engine, int64_t deadline, link_reply *reply, void *context);
// Asks the agent to stop working on REQUEST; its reply still comes (ECANCELED, or whatever happened first). 0 and
// finished ones are ignored.
void link_cancel(struct link *link, unsigned request);

// The command that connects a terminal to STREAM of the workload ID: `hostel attach …` here, `ssh -t HOST hostel
// attach …` there. To be run on a pty or on the own terminal. ARGV must be empty.
void link_stream_argv(const struct link *link, const char *id, enum stream stream, const struct params *params,
                      struct strv *argv);
// The same for the logs of several at once, in the order of time.
void link_logs_argv(const struct link *link, const struct strv *ids, const struct params *params, struct strv *argv);

// The command that runs hostel with WORDS on HOST, as one ssh command; TERMINAL: on a terminal there. Shares the
// link's connection where ssh does. ARGV must be empty. Returns 0 or -EINVAL for what cannot be a host.
int link_remote_argv(const char *host, const struct strv *words, bool terminal, struct strv *argv, struct err *e);
