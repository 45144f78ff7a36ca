// The engines a verb works on: opened here, or an agent's over ssh; the same calls for both, and all of them block.
#pragma once

#include "cli.h"
#include "engine/engine.h"

// Opens what C names. Returns 0 or negative errno.
int session_open(struct session **s, const struct cli *c, struct err *e);
void session_close(struct session *s);

// Lists everything. Engines that cannot list become a line of *TROUBLE ("libvirt: …"), except those in session_absent(). Returns 0, or negative errno when none can.
int session_list(struct session *s, struct str *trouble, struct err *e);
// The lines of engines nobody chose that have no workloads and no means to run any: no libvirt on a host without guests.
const struct str *session_absent(const struct session *s);
const struct inventory *session_inventory(const struct session *s);
// The workload that WORD names, by id or name, after session_list(). NULL, with -ENOENT in E (naming TROUBLE) or -ENOTUNIQ (naming the ids).
const struct workload *session_find(const struct session *s, const char *word, const struct str *trouble, struct err *e);

int session_act(struct session *s, const char *id, enum verb verb, const struct params *p, struct err *e);
int session_create(struct session *s, enum kind kind, const struct params *p, char **id, struct err *e);
// Prints the notes on the result of the last session_act() or session_create() to standard error.
void session_show_notes(const struct session *s);
int session_read(struct session *s, const char *id, enum document what, struct str *text, struct err *e);
// Waits NS, then measures what runs into SET.
int session_sample(struct session *s, int64_t ns, struct sample_set *set, struct err *e);
// An item with its figures (S may be NULL), as `ls --json` and `inspect --json` print it (verb_inspect.c). A new reference.
json_t *row_to_json(const struct item *item, const struct sample *s);

// Here only (over ssh these verbs run over there): see engine.h.
int session_stream(struct session *s, const char *id, enum stream stream, const struct params *p, struct err *e);
int session_await_exit(struct session *s, const char *id, struct err *e);
