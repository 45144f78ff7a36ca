// Internals of the client of verbs: its state, and what its files share.
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include <uv.h>

#include "agent/agent.h"
#include "base/err.h"
#include "base/str.h"
#include "client.h"
#include "client/link.h"
#include "wire/handover.h"

enum {
	ENGINES = 16,
	PATIENCE = AGENT_PATIENCE, // seconds, for lists and measurements of a local engine; libvirt fails after 4
	TOGETHER_MOST = 8, // requests at the same time; an agent has as many threads per engine
	ACT_SECONDS = 86400 // timeout of other local requests: the user can interrupt them
};

struct client {
	const struct cli *cli;
	uv_loop_t loop;
	struct link *link;
	bool introduced, ready, lost;
	bool chosen;           // the user named the engines
	bool narrowed;         // not all default engines were opened
	unsigned engines;      // of the agent
	bool ticks;            // the agent measures only at an interval
	struct err why;        // the connection was lost
	struct str absent;     // lines about engines without workloads and without the software they need
	struct str notes;      // of the last answer
	struct sample_set *set;
	unsigned kinds;        // kinds of the items that are meant, a bit each
	unsigned listed;       // kinds to list: these, and others by which an error can name what was found
	unsigned pending;      // answers

	// The agent in this process.
	bool own;
	bool hung; // one of its threads is still in an engine call
	pthread_t thread;
	int fd;
	struct handover *handover;
	struct strv specs;
	bool read_only;
};

struct answer {
	struct client *client;
	struct err e;
	struct str text;
	unsigned request;
	char *job; // the job that does the request
	uv_signal_t interrupt;
};

// The reader of an answer; CONTEXT is the struct answer.
void client_on_answer(void *context, const struct err *e, const char *text);
// Runs the loop until *FLAG is set or the connection ends. Returns 0 or negative errno.
int client_run_until(struct client *s, const bool *flag, struct err *e);
void client_run_until_answered(struct client *s);
// Runs the loop for MS, or until the item ID is listed (NULL: for all of MS). Returns 0 or negative errno.
int client_run_for(struct client *s, int64_t ms, const char *id, struct err *e);
// Waits for the end of one request. Returns its result.
int client_finish(struct client *s, struct answer *a, struct err *e);
// Every engine that the user chose must open; of the default engines, one is enough.
int client_check_opened(const struct client *s, struct err *e);
// Asks all engines for one list or measurement concurrently, so that a hanging engine does not delay the others.
void client_ask_all(struct client *s, bool list, struct answer *answers);

// Chooses the engines to open here for items of KINDS.
void client_choose_engines(struct client *s, const struct cli *c, unsigned kinds);
// The kinds to list. A filter of `ls` can name any kind. Other workloads are listed, too, so that an error can say
// what was found.
unsigned client_kinds_to_list(const struct cli *c, unsigned kinds);
