// A link: the client's end of the connection to an agent. It starts the agent (here or over ssh), maintains the
// inventory, sends requests, and reconnects automatically. All of it runs on one libuv loop and never blocks.
// Callbacks come from that loop and may call any function here; for link_close() see its comment.
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
#include "model/subscription.h"
#include "model/verb.h"
#include "model/workload.h"
#include "sys/proc.h"

struct handover;
struct link;

// One engine of the agent's host. Strings are owned by the link and valid during the callback.
struct link_engine {
	char *name;              // the engine in items
	char *spec;              // spec it was opened with
	enum kind kind; // of its workloads
	unsigned creates; // kinds, a bit each
	char *trouble;           // NULL, or why it does not answer, with a remedy ("no answer since 12:30:05")
	char *note;              // NULL, or its note about the last list (a fallback is in use)
	bool listed;             // its items are known
	bool unopened;           // the trouble: it could not be opened
	bool absent;             // the trouble: the software it needs is not installed, and it has no workloads
};

// The agent's host, sent after connecting.
struct link_hello {
	const char *host;    // its own name
	const char *program; // version of its hostel
	const char *system;  // operating system ("Debian GNU/Linux 12 (bookworm)")
	const char *kernel;  // release
	const char *machine; // "x86_64"
	const char *user;    // user that the agent runs as
	unsigned cpus;
	unsigned engines;    // number of on_engine calls that follow
	bool read_only;
	int64_t clock;       // wall-clock ns there at this moment; 0 = unknown
};

struct link_event {
	int64_t at;         // wall-clock ns of the agent's host
	const char *id;     // of the workload, or NULL
	const char *text;   // one line: "web-1 exited (137, OOM)"; untrusted: escape control characters before showing it
	bool bad;           // needs the user's attention
};

// All may be NULL.
struct link_callbacks {
	// Connected or reconnected. Rows follow.
	void (*on_hello)(void *context, const struct link_hello *hello);
	// An engine appeared, or its trouble or note changed. While it has trouble its rows are stale.
	void (*on_engine)(void *context, const struct link_engine *engine);
	// A row was added, changed or removed, already in link_inventory(). ITEM is valid during the call (the last
	// state if removed).
	void (*on_change)(void *context, enum change_kind kind, const struct item *item);
	// link_count() may have changed.
	void (*on_counts)(void *context);
	// Every engine has listed its workloads or has trouble: the first screen can be drawn. Once per connection.
	void (*on_ready)(void *context);
	// Raw samples of one engine; ids are those of the inventory. A tick can have several calls. SET is valid during
	// the call.
	void (*on_tick)(void *context, const struct sample_set *set);
	// The host's own figures, once per tick; AT is its monotonic clock in ns.
	void (*on_host)(void *context, int64_t at, const struct proc_host *host);
	void (*on_event)(void *context, const struct link_event *event);
	// The connection was lost: WHY is one line, with a remedy if known. RETRY_IN: ns until the next attempt,
	// negative if there is none. Rows and figures are kept. Called again for each failed attempt.
	void (*on_lost)(void *context, const char *why, int64_t retry_in);
};

struct link_options {
	const char *program;         // the hostel to run here; NULL = the running executable
	const char *const *engines;  // specs for the agent, NULL-terminated; NULL = the defaults
	bool read_only;              // the agent refuses requests that write
	int64_t interval;            // ns between ticks; 0 = no ticks
	const struct subscription *wants; // as link_subscribe(); NULL = everything
	bool once;                   // do not reconnect
	struct handover *handover;   // of an agent in this process (wire/handover.h; its name is "local"), NULL = none
};

// Starts `hostel agent` on this machine. The link copies OPTIONS (NULL: defaults). Callbacks begin when LOOP runs.
// Returns 0 or negative errno.
int link_open_local(struct link **link, uv_loop_t *loop, const struct link_options *options,
                    const struct link_callbacks *callbacks, void *context, struct err *e);
// Runs `ssh HOST hostel agent`. HOST is any destination of ssh that cannot be mistaken for an option (else
// -EINVAL). Only the first attempt can prompt on the terminal (start the screen after on_hello); later ones are not
// interactive. All commands to HOST share one ssh connection, unless the user's ssh configuration already does
// that. Environment: HOSTEL_SSH, the ssh command and its options separated by blanks (default "ssh");
// HOSTEL_REMOTE, the program on HOST (default "hostel").
int link_open_ssh(struct link **link, uv_loop_t *loop, const char *host, const struct link_options *options,
                  const struct link_callbacks *callbacks, void *context, struct err *e);
// Uses open descriptors, which the link then owns (IN and OUT may be the same). Does not reconnect.
int link_open_fds(struct link **link, uv_loop_t *loop, const char *name, int in, int out,
                  const struct link_options *options, const struct link_callbacks *callbacks, void *context,
                  struct err *e);
// Closes the link: pending replies are called with ECANCELED before it returns, and no callback comes afterwards. The
// agent exits on its own. The loop must run once more for handles to close. Must not be called from on_change or
// on_tick.
void link_close(struct link *link);

// The host name of this link, which replaces "local" in item.host and ids: "local", or HOST of link_open_ssh().
const char *link_name(const struct link *link);
// All known rows, kept while the connection is lost.
const struct inventory *link_inventory(const struct link *link);
// By position, NULL after the last.
const struct link_engine *link_engine(const struct link *link, size_t index);
bool link_is_up(const struct link *link);
// Time of the last round trip in ns, -1 = none yet.
int64_t link_round_trip(const struct link *link);
// Monotonic time of the last received line, 0 = none yet: all data is at least that old.
int64_t link_last_heard(const struct link *link);
// ns until the next attempt, 0 while connected or connecting, -1 if there will be none.
int64_t link_retry_in(const struct link *link);
// Tries again now instead of waiting.
void link_retry(struct link *link);
// ns between ticks; 0 stops them.
void link_set_interval(struct link *link, int64_t interval);
// What this side wants to know from now on, also of later connections: nothing else is listed and measured, except by
// an agent of an older version, which sends everything. The link copies S.
void link_subscribe(struct link *link, const struct subscription *s);
// How many items of KIND there are, also of a kind that is not listed.
size_t link_count(const struct link *link, enum kind kind);
// Asks all engines to list again.
void link_refresh(struct link *link);

// Called exactly once when a request ends. E->code is 0 on success; then TEXT is the new workload's id followed by
// a line for each note (create), the document (read), or the notes (act).
typedef void link_reply(void *context, const struct err *e, const char *text);
enum { LINK_DOCUMENT_MAX = (160 << 10) - 2 }; // bytes of TEXT: longer ones are cut
// Progress: FRACTION 0 to 1, negative if unknown. JOB: the id of the job that executes the request and continues if
// this connection ends; NULL: none.
typedef void link_progress(void *context, double fraction, const char *text, const char *job);

// Each returns the request's number (> 0), or 0 if the link is down: then REPLY was already called with ENOTCONN.
// PARAMS may be NULL and is copied. PROGRESS may be NULL. DEADLINE ns, 0 = the default of its verb (client/requests.c;
// create: 30 min): after it the reply is ETIMEDOUT, though the request may still complete.
unsigned link_act(struct link *link, const char *id, enum verb verb, const struct params *params, int64_t deadline,
                  link_reply *reply, link_progress *progress, void *context);
unsigned link_create(struct link *link, enum kind kind, const struct params *params, int64_t deadline,
                     link_reply *reply, link_progress *progress, void *context);
unsigned link_read(struct link *link, const char *id, enum document document, link_reply *reply, void *context);
// Asks for the possible values of FIELD of VERB for KIND on that host that begin with TYPED. SO_FAR, which may be
// NULL, has the values of the other fields. The reply's TEXT has one value per line.
unsigned link_choices(struct link *link, enum kind kind, enum verb verb, const char *field, const char *typed,
                      const struct params *so_far, link_reply *reply, void *context);
// One list (of KINDS, a bit each) of the engine named ENGINE by an agent that lists only on request, or one
// measurement by an agent without an interval. Other agents refuse with ENOSYS. The results are delivered by the
// callbacks before REPLY.
unsigned link_list(struct link *link, const char *engine, unsigned kinds, int64_t deadline, link_reply *reply,
                   void *context);
unsigned link_sample(struct link *link, const char *engine, int64_t deadline, link_reply *reply, void *context);
// Asks the agent to cancel REQUEST. Its reply is still called, with ECANCELED or the result if that came first. 0 and
// finished requests are ignored.
void link_cancel(struct link *link, unsigned request);

// The command that connects a terminal to STREAM of the workload ID: `hostel attach …` here, `ssh -t HOST hostel
// attach …` for another host. Run it on a pty or on the user's terminal. ARGV must be empty.
void link_stream_argv(const struct link *link, const char *id, enum stream stream, const struct params *params,
                      struct strv *argv);
// The same for the logs of several workloads, merged by time.
void link_logs_argv(const struct link *link, const struct strv *ids, const struct params *params, struct strv *argv);
// The command that does VERB with PARAMS (may be NULL) to ITEM, an id or a name, from a terminal here, with the
// engines and host of this link. Adds to ARGV.
void link_verb_argv(const struct link *link, const char *item, enum verb verb, const struct params *params,
                    struct strv *argv);

// The command line of a shell on DESTINATION ("user@address"), which LINK's host reaches, by ssh.
void link_ssh_argv(const struct link *link, const char *destination, struct strv *argv);
// The ssh command that runs hostel with WORDS on HOST; TERMINAL: on a terminal there. Shares the link's connection
// if ssh does. ARGV must be empty. Returns 0, or -EINVAL if HOST is invalid.
int link_remote_argv(const char *host, const struct strv *words, bool terminal, struct strv *argv, struct err *e);
