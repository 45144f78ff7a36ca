// The lines between agent and client: their limits and names, and the model's data as JSON and back. No input or
// output.
//
// One JSON object per line, with a "type". Unknown keys are ignored, unknown types are answered with an "error". From
// the agent:
//   hello     version, program, host, system, kernel, machine, user, cpus, read-only, clock (wall-clock ns)
//   engine    name, spec, kind, creates [kind…], trouble and note (left out: none), absent true: no workloads, and
//             nothing to run them
//   rows      engine, put [item…], drop [id…], begin/end true: the first/last of a complete list
//   ids       engine, group, ids [id…]: which rows the ticks of this group are about
//   tick      engine, group, at (ns, or an array), and an array of numbers for each metric, null = missing; a metric
//             left out is missing in all
//   host      at, and the figures of struct proc_host
//   event     at, id, text, bad
//   progress  id, fraction, text; job: the id of the job that does it, if one does
//   reply     id, text; or id, error {code, text}
//   pong      stamp
//   error     text: something was not understood
// From the link:
//   hello     version: comes at once
//   interval  ms between ticks, 0 = none
//   refresh
//   ping      stamp
//   request   id, do "act" (workload, verb), "create" (kind), "read" (workload, document) or
//             "choices" (kind, verb, field, typed: what a field can be here, one per line),
//             params [[name, value]…], deadline (ms); of an agent that lists and samples on request only, also "list"
//              (engine, kinds: a bit each, names: none = all) or "sample" (engine)
//   cancel    id
// From the process of a job to the agent that started it:
//   job       job (its record, engine/job_file.h); the last one: end true, and text or error as a reply
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "model/fields.h"
#include "model/item.h"
#include "model/sample.h"
#include "model/verb.h"
#include "sys/proc.h"

// Version 1 knows workloads only, whose ids have no kind, and some facts under other names (fact_old_name()). Each
// side says its version in its hello, and what it sends is in the lower one.
enum { WIRE_VERSION = 2 };
enum naming wire_naming(int version);
// The id that it has in lines of VERSION. Owned.
char *wire_id(int version, const char *id);

// What either side accepts from the other, which may be hostile. Longer texts are cut with "…"; other offences end the
// connection with a line that names the limit. A real host stays far below each of them.
enum {
	WIRE_LINE_MAX = 1 << 20,       // bytes, the newline not counted: one line is in memory twice, as text and as JSON
	WIRE_DEPTH_MAX = 16,           // of arrays and objects in each other: the parser recurses
	WIRE_DOCUMENT_MAX = 160 << 10, // bytes: fits a line even when every byte is escaped
	WIRE_ROWS_MAX = 20000,         // items of one link: ten times what a large host runs
	WIRE_ROWS_BYTES_MAX = 32 << 20, // bytes of the texts of all items of one link, which the dashboard holds twice
	WIRE_IDS_BYTES_MAX = 8 << 20,  // bytes of the ids that ticks are about
	WIRE_GROUP = 2000,             // rows of one tick line
	WIRE_BATCH = 100,              // items of one rows line
	WIRE_BATCH_BYTES = 128 << 10,  // bytes of their texts: with every byte escaped they still fit a line
	WIRE_ID_MAX = ITEM_ID_MAX, // bytes of an id
	WIRE_WORD_MAX = 256,           // bytes of a name, version or system in a hello, and of a progress
	WIRE_TEXT_MAX = 1024,          // bytes of an event, an engine's trouble, an error
	WIRE_EVENTS_BURST = 1000,      // events at once: half of what the journal keeps
	WIRE_EVENTS_RATE = 50,         // events a second in the long run; the others are counted
	WIRE_PARAMS_BYTES_MAX = 128 << 10, // bytes of one request's parameters, of which up to 256 wait in the agent
	// bytes queued for a peer that does not read: then no more is produced, or the connection is closed
	WIRE_BACKLOG_MAX = 8 << 20,
};


// Cuts bytes into lines. Zeroed is empty.
struct wire_reader {
	struct str buffer;
	size_t start;   // of the line that is next
	size_t scanned; // no newline before this
};
void wire_reader_done(struct wire_reader *r);
// Adds N bytes that came.
void wire_reader_add(struct wire_reader *r, const char *bytes, size_t n);
// The next whole line as an object in *MESSAGE (a new reference). Returns 1, 0 when more bytes are needed, or -EPROTO:
// too long, too deep, not JSON, not an object with a "type". After an error the stream must be closed.
int wire_reader_next(struct wire_reader *r, json_t **message, struct err *e);

// A new message of TYPE.
json_t *wire_message(const char *type);
// Adds MESSAGE as a line to OUT and drops the reference. Returns 0, or -EMSGSIZE when it is over the limit (then
// nothing is added).
int wire_add(struct str *out, json_t *message);

// Adds at most LIMIT bytes of any to OUT: what is not UTF-8, and NUL, becomes U+FFFD.
void wire_add_text(struct str *out, const char *bytes, size_t n, size_t limit);
// The same as a JSON string of at most WIRE_DOCUMENT_MAX bytes (the end is kept when TAIL).
json_t *wire_text(const char *bytes, size_t n, bool tail);
// TEXT or, when it is NULL, nothing.
void wire_set_text(json_t *object, const char *key, const char *text);
// The string, or NULL when it is not there or not a string.
const char *wire_get_text(const json_t *object, const char *key);
// The integer when it is one from LOW to HIGH, else OTHERWISE.
int64_t wire_get_int(const json_t *object, const char *key, int64_t low, int64_t high, int64_t otherwise);

// The same as an owned copy of at most MOST bytes (str_cut).
char *wire_cut_text(const json_t *object, const char *key, size_t most);
json_t *wire_params(const struct params *p); // P may be NULL
// Adds the pairs to P. Returns 0 or -EPROTO.
int wire_params_read(struct params *p, const json_t *array, struct err *e);
json_t *wire_error(const struct err *e);
void wire_error_read(struct err *e, const json_t *object);

json_t *wire_host(int64_t at, const struct proc_host *host);
void wire_host_read(const json_t *message, int64_t *at, struct proc_host *host);

// Adds the samples of COUNT rows as one tick line to OUT.
void wire_add_tick(struct str *out, const char *engine, size_t group, const struct sample_row *rows, size_t count,
                   enum naming naming);
// Reads a tick into SAMPLES, which has room for COUNT. Returns 0, or -EPROTO when an array is not COUNT numbers long.
int wire_tick_read(const json_t *message, struct sample *samples, size_t count, enum naming naming, struct err *e);
