// Shared by the files of the client: link.c (connecting, loss, timer), messages.c (messages of the agent), requests.c,
// send.c and command.c (command lines of agents and streams). All on the loop's thread.
#pragma once

#include "client/link.h"
#include "wire/handover.h"
#include "wire/wire.h"


enum {
	LINK_ENGINES_MAX = 16,
	LINK_SILENCE = 15,     // seconds without a line before a connection is considered lost
	LINK_FIRST_WORD = 30,  // seconds to wait for the hello if ssh cannot prompt for a password
	LINK_GRACE = 5,        // seconds to wait beyond the deadline enforced by the agent
};

// One attempt: a child and its pipes, or open descriptors. Outlives the link until its handles are closed.
struct conn {
	struct link *link; // NULL when dropped
	uv_process_t process;
	uv_pipe_t in, out, err; // the child's standard input and output
	bool has_process, has_err, one_handle;
	bool exited, ended; // the child; its output
	bool stuffed;       // bytes written while the other side does not read
	uv_timer_t rest;    // resumes reading when it expires
	int64_t status;     // how the child ended
	int signal;
	int handles;        // open
	struct wire_reader reader;
	struct str errors; // the end of its standard error
};

// The ids that the ticks of one group are about.
struct group {
	char **ids;
	size_t count;
};

struct engine_view {
	struct link_engine engine;
	size_t counts[KINDS];
	struct group *groups;
	size_t group_count;
};

struct request {
	struct request *next;
	unsigned id;
	int64_t deadline; // monotonic, with the grace
	link_reply *reply;
	link_progress *progress;
	void *context;
	int creates; // a kind, or CREATES_NOTHING
};
enum { CREATES_NOTHING = -1 };

struct link {
	uv_loop_t *loop;
	struct link_callbacks on;
	void *context;
	char *name;    // replaces "local"
	char *host;    // for ssh, NULL = here
	char *program; // to run here
	char *control; // ssh options for sharing the connection, NULL = none of ours
	struct strv engines_wanted;
	struct subscription wants;
	bool subscribed; // else everything is wanted
	bool read_only, once, fixed; // fixed: open descriptors, no command
	int64_t interval;

	struct conn *conn;
	bool up;        // the hello came
	int version;    // of the protocol, the lower of both sides
	bool ready;     // on_ready was called
	bool closing;
	bool tried;     // not the first attempt: must not prompt
	unsigned expected; // number of engines in the hello
	int silent;     // seconds without a line
	int failures;   // attempts since the last stable connection
	int64_t up_since, last_heard, round_trip, retry_at;
	uv_timer_t second, retry;
	int handles;

	struct handover *handover; // NULL: all data is sent as lines
	struct inventory *inv;
	size_t rows_bytes, ids_bytes; // bytes stored for the agent
	double events_left;           // tokens left for events
	int64_t events_at;            // time of that count
	size_t events_lost;           // since the last report
	bool rows_unread;             // which was reported
	char *refreshing; // the engine whose complete list is being received
	struct engine_view engines[LINK_ENGINES_MAX];
	size_t engine_count;
	struct request *requests;
	unsigned last_request;
};

// Drops the connection; WHY is shown to the user.
void link_lose(struct link *link, const char *why);
// Sends MESSAGE, dropping the reference.
void link_send(struct link *link, json_t *message);
// Says which version this side knows, and what it wants to know.
void link_send_hello(struct link *link);

// What the agent says of how many items there are.
int wants_take_counts(struct link *link, struct engine_view *view, const json_t *message, struct err *e);

// Handles one message. Returns 0, or -EPROTO when the link must be closed.
int messages_take(struct link *link, const json_t *message, struct err *e);
void messages_forget(struct link *link); // forgets groups and engines of the old connection
void link_check_ready(struct link *link);
void messages_row_gone(struct link *link, const struct item *item);
void messages_check(struct link *link); // once a second: reports dropped events

// The default deadline of VERB in ns.
int64_t request_deadline(enum verb verb, const struct params *params);
// HANDED: the text from the handover, if any.
int request_take_reply(struct link *link, const json_t *message, const char *handed, struct err *e);
int request_take_progress(struct link *link, const json_t *message, struct err *e);
void requests_fail(struct link *link, int code, const char *text);
void requests_check(struct link *link, int64_t now);

// The command that starts the agent. BATCH: without prompts.
void command_agent(const struct link *link, bool batch, struct strv *argv);
// Checks that HOST is safe as an argument of ssh. Returns 0 or -EINVAL.
int command_check_host(const char *host, struct err *e);
// The ssh options for sharing connections to HOST, or NULL if the user's ssh configuration does so or it is
// impossible. Owned by the caller.
char *command_control_options(const char *host);
