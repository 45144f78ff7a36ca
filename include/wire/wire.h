// The protocol between agent and client: messages, limits, and conversion of the model's data to and from JSON.
// Does no I/O.
//
// One JSON object per line, with a "type". Unknown keys are ignored, unknown types are answered with an "error". From
// the agent:
//   hello     version, program, host, system, kernel, machine, user, cpus, read-only, clock (wall-clock ns)
//   engine    name, spec, kind, creates [kind…], trouble and note (left out: none), absent true: has no workloads
//             and lacks the software to run any; unopened true: it could not be opened
//   rows      engine, put [item…], drop [id…], begin/end true: the first/last of a complete list
//   ids       engine, group, ids [id…]: which rows the ticks of this group are about
//   tick      engine, group, at (ns, or an array), and an array of numbers for each metric, null = missing; a metric
//             left out is missing in all
//   host      at, and the figures of struct proc_host
//   event     at, id, text, bad
//   progress  id, fraction, text; job: the id of the job that does it, if one does
//   reply     id, text; or id, error {code, text}
//   counts    engine, and for each kind how many items there are; to a link of version 3 that has subscribed
//   pong      stamp
//   error     text: a message was not understood
// From the link:
//   hello     version, wants (as in subscribe; left out: everything is wanted): comes at once
//   subscribe wants [want…], as of version 3. A want has kinds [name…] and, to narrow it, ids [id…], owner (id),
//             filter (text), sort (fact, "-" before it: descending), offset and count; facts [name…] are listed and
//             measured, and "*" among them stands for all that are not measured. What is wanted no longer is dropped
//   interval  ms between ticks, 0 = none
//   refresh
//   ping      stamp
//   request   id, do "act" (workload, verb), "create" (kind), "read" (workload, document) or
//             "choices" (kind, verb, field, typed: the possible values of a field, one per line),
//             params [[name, value]…], deadline (ms); an agent that lists only on request also has "list"
//              (engine, kinds: a bit each, names: none = all) or "sample" (engine)
//   cancel    id
// From the process of a job to the agent that started it:
//   job       job (its record, engine/job_file.h); the last one: end true, and text or error as in a reply
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "model/fields.h"
#include "model/item.h"
#include "model/sample.h"
#include "model/subscription.h"
#include "model/verb.h"
#include "sys/proc.h"

// Version 1 knows workloads only, whose ids have no kind, and some facts under other names (fact_old_name()). Version
// 3 subscribes. Each side says its version in its hello, and what it sends is in the lower one.
enum { WIRE_VERSION = 3, WIRE_SUBSCRIBES = 3 };
enum naming wire_naming(int version);
// ID as it is in lines of VERSION. Owned by the caller.
char *wire_id(int version, const char *id);

// Limits on what either side accepts from the other, which may be hostile. Longer texts are cut with "…"; any other
// excess closes the connection with an error that names the limit. Real hosts stay far below.
enum {
	WIRE_LINE_MAX = 1 << 20,       // bytes without the newline: a line is in memory twice, as text and as JSON
	WIRE_DEPTH_MAX = 16,           // of nested arrays and objects: the parser recurses
	WIRE_DOCUMENT_MAX = 160 << 10, // bytes: fits into a line even if every byte is escaped
	WIRE_ROWS_MAX = 20000,         // items of one link: ten times a large host
	WIRE_ROWS_BYTES_MAX = 32 << 20, // bytes of all texts of items of one link, which the dashboard stores twice
	WIRE_IDS_BYTES_MAX = 8 << 20,  // bytes of the ids of ticks
	WIRE_GROUP = 2000,             // rows of one tick line
	WIRE_BATCH = 100,              // items of one rows line
	WIRE_BATCH_BYTES = 128 << 10,  // bytes of their texts: fit into a line even if every byte is escaped
	WIRE_ID_MAX = ITEM_ID_MAX, // bytes of an id
	WIRE_WORD_MAX = 256,           // bytes of a name, version or system in a hello, and of a progress text
	WIRE_TEXT_MAX = 1024,          // bytes of an event, an engine's trouble, an error
	WIRE_EVENTS_BURST = 1000,      // events in a burst: half the size of the journal
	WIRE_EVENTS_RATE = 50,         // sustained events per second; the rest is only counted
	WIRE_WANTS_MAX = 16,           // of one subscription
	WIRE_WANTED_IDS_MAX = 256,     // of all its wants
	WIRE_PARAMS_BYTES_MAX = 128 << 10, // bytes of a request's parameters; up to 256 requests wait in the agent
	// bytes queued for a peer that does not read: then no more is produced, or the connection is closed
	WIRE_BACKLOG_MAX = 8 << 20,
};


// Splits a byte stream into lines. Empty when zeroed.
struct wire_reader {
	struct str buffer;
	size_t start;   // of the next line
	size_t scanned; // no newline before this
};
void wire_reader_done(struct wire_reader *r);
// Adds N received bytes.
void wire_reader_add(struct wire_reader *r, const char *bytes, size_t n);
// Parses the next complete line into *MESSAGE (a new reference). Returns 1, 0 if more bytes are needed, or -EPROTO:
// too long, too deep, not JSON, not an object with a "type". After an error the stream must be closed.
int wire_reader_next(struct wire_reader *r, json_t **message, struct err *e);

// A new message of TYPE.
json_t *wire_message(const char *type);
// Appends MESSAGE as a line to OUT and drops the reference. Returns 0, or -EMSGSIZE if it exceeds the limit (then
// nothing is appended).
int wire_add(struct str *out, json_t *message);

// Appends at most LIMIT bytes of BYTES to OUT as UTF-8: invalid bytes and NUL become U+FFFD.
void wire_add_text(struct str *out, const char *bytes, size_t n, size_t limit);
// The same as a JSON string of at most WIRE_DOCUMENT_MAX bytes. TAIL keeps the end instead of the beginning.
json_t *wire_text(const char *bytes, size_t n, bool tail);
// Sets KEY to TEXT, unless TEXT is NULL.
void wire_set_text(json_t *object, const char *key, const char *text);
// The string, or NULL if it is missing or not a string.
const char *wire_get_text(const json_t *object, const char *key);
// The integer if it is from LOW to HIGH, else OTHERWISE.
int64_t wire_get_int(const json_t *object, const char *key, int64_t low, int64_t high, int64_t otherwise);

// The same as an owned copy of at most MOST bytes (str_cut).
char *wire_cut_text(const json_t *object, const char *key, size_t most);
json_t *wire_params(const struct params *p); // P may be NULL
// Appends the pairs to P. Returns 0 or -EPROTO.
int wire_params_read(struct params *p, const json_t *array, struct err *e);
// The kinds in an array of names, a bit each. Unknown names, of a newer peer, are left out.
unsigned wire_kinds_read(const json_t *names);
json_t *wire_wants(const struct subscription *s);
// Reads the wants into S, which must be empty. What is unknown here (kinds, facts of a newer link) is left out.
// Returns 0 or -EPROTO.
int wire_wants_read(struct subscription *s, const json_t *array, struct err *e);
json_t *wire_error(const struct err *e);
void wire_error_read(struct err *e, const json_t *object);

json_t *wire_host(int64_t at, const struct proc_host *host);
void wire_host_read(const json_t *message, int64_t *at, struct proc_host *host);

// Appends the samples of COUNT rows to OUT as one tick line.
void wire_add_tick(struct str *out, const char *engine, size_t group, const struct sample_row *rows, size_t count,
                   enum naming naming);
// Reads a tick into SAMPLES, which has room for COUNT. Returns 0, or -EPROTO if an array does not have COUNT numbers.
int wire_tick_read(const json_t *message, struct sample *samples, size_t count, enum naming naming, struct err *e);
