// The blocking client of verbs. The agent runs in a thread of this process, or on another host over ssh.
#pragma once

#include "cli.h"
#include "model/inventory.h"
#include "model/sample.h"
#include "model/stream.h"
#include "model/verb.h"

struct client;
enum { CLIENT_ALL_KINDS = (1u << KINDS) - 1 };

// Connects to the agent of C's host. On this host it opens the engines given in C, else those of KINDS (a bit each).
// Returns 0 or negative errno.
int client_open(struct client **out, const struct cli *c, unsigned kinds, struct err *e);
// The same, but of the facts that are measured only FIGURES are measured.
int client_open_for(struct client **out, const struct cli *c, unsigned kinds, const struct fact_set *figures,
                    struct err *e);
// From now on, measures only FIGURES of the items with IDS (none: all).
void client_measure_only(struct client *s, const struct strv *ids, const struct fact_set *figures);
// The kinds of workloads that WORDS can refer to: that of an id, any for a name, except those of engines that cannot
// have the name.
unsigned client_kinds_of(const struct cli *c, int count, char **words);
void client_close(struct client *s);

// Lists everything. Engines that cannot list become a line of *TROUBLE ("libvirt: …"), except those in
// client_absent(). Returns 0, or negative errno when none can.
int client_list(struct client *s, struct str *trouble, struct err *e);
// Lines about default engines that have no workloads and lack the software to run any, such as libvirt on a host
// without guests.
const struct str *client_absent(const struct client *s);
const struct inventory *client_inventory(const struct client *s);
// Finds a workload by id or name, after client_list(). Returns NULL with ENOENT in E (naming TROUBLE) or ENOTUNIQ
// (naming the ids).
const struct workload *client_find(const struct client *s, const char *word, const struct str *trouble, struct err *e);

// The same for an item of the kinds that C's verb acts on.
const struct item *client_find_item(const struct client *s, const char *word, const struct str *trouble,
                                    struct err *e);

// Whether C's verb is for ITEM: EXIT_OK, or EXIT_FAILED after the error.
int client_check_kind(const struct cli *c, const struct item *item);
// Opens a client and finds WORD for C's verb. Returns EXIT_OK with *ID owned by the caller, or another exit status
// after the error. *S is to be closed in any case.
int client_find_one(struct cli *c, struct client **s, char *word, char **id);

int client_act(struct client *s, const char *id, enum verb verb, const struct params *p, struct err *e);
// Applies VERB to the items with IDS, several at the same time. Then calls DONE for each, in order; E->code is 0 after
// a success, and client_answer() then returns its answer.
void client_act_all(struct client *s, const struct strv *ids, enum verb verb, const struct params *p,
                    void (*done)(void *context, size_t i, const struct err *e), void *context);
// The name of the engine that implements VERB for items of KIND; NULL: none.
const char *client_engine_doing(const struct client *s, enum kind kind, enum verb verb);
// The id that means all items of KIND, of the engine that has them. Owned by the caller; NULL after an error.
char *client_all_of(const struct client *s, enum kind kind);
// Appends the possible values of FIELD: see link_choices().
int client_choices(struct client *s, enum kind kind, enum verb verb, const char *field, const char *typed,
                   const struct params *so_far, struct strv *out, struct err *e);
// The text of the engine's answer to the last client_act().
const char *client_answer(const struct client *s);
int client_create(struct client *s, enum kind kind, const struct params *p, char **id, struct err *e);
// Prints the notes on the result of the last client_act() or client_create() to standard error.
void client_show_notes(const struct client *s);
int client_read(struct client *s, const char *id, enum document what, struct str *text, struct err *e);
// Waits NS, then measures what is wanted of all running workloads into SET.
int client_sample(struct client *s, int64_t ns, struct sample_set *set, struct err *e);
// An item with its figures (S may be NULL), as printed by `ls --json` and `inspect --json` (verb_inspect.c). Returns a
// new reference.
json_t *table_to_json(const char *text); // a document that is a table, as an array of objects
json_t *row_to_json(const struct item *item, const struct sample *s);
