// The containers of this host, for the engine: list, sample, change, connect. Thread-safe.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/inventory.h"
#include "model/job.h"
#include "model/measures.h"
#include "model/sample.h"
#include "model/verb.h"

struct containers;

// WHERE is the path of the store, NULL = the default (hostel(1), HOSTEL_STORE). With READ_ONLY nothing is cleaned up
// after killed processes. Returns 0 or negative errno.
int containers_open(struct containers **c, const char *where, bool read_only, struct err *e);
// Whether the store WHERE has a container NAME, or the remains of one. Returns 1 or 0.
int containers_has(const char *where, const char *name);
void containers_close(struct containers *c);

// Upserts all containers. A container whose monitor was killed is killed and shown as crashed: it is never left
// running unsupervised.
int containers_list(struct containers *c, struct inventory *inv, struct err *e);
// Calls REPORT for each running container with those of its figures that are to be measured, read through descriptors
// that stay open between calls.
int containers_sample(struct containers *c, const struct measures *what,
                      void (*report)(void *context, const char *id, const struct sample *s), void *context,
                      struct err *e);
// Waits until a container changes. Returns 1, 0 after TIMEOUT ns, or negative errno. containers_wake() ends the wait
// from another thread.
int containers_wait(struct containers *c, int64_t timeout, struct err *e);
void containers_wake(struct containers *c);

// Whether creating a container from P takes long, because layers of its image must be unpacked.
bool containers_create_is_long(struct containers *c, const struct params *p);
// Unpacks the image of P, so that creating the container is fast.
int containers_unpack(struct containers *c, const struct params *p, const struct job *job, struct err *e);
// Pulls the image that P names, whatever the store has under that name. *DIGEST becomes owned.
int containers_pull(struct containers *c, const struct params *p, const struct job *job, char **digest, struct err *e);
// Creates an image from a container (parameter "container") and its changed files, or from the root file system
// "source" (a directory, an archive, "-": one on standard input). The image gets the name "image". *DIGEST becomes
// owned.
int containers_commit(struct containers *c, const struct params *p, const struct job *job, char **digest,
                      struct err *e);
int containers_import(struct containers *c, const struct params *p, const struct job *job, char **digest,
                      struct err *e);
// The directory of job records in the store WHERE (as for containers_open()). Owned; NULL if there is none.
char *containers_jobs_path(const char *where);

// Sets *NAME (owned by the caller) to the name of the new container. Returns 0 or negative errno.
int containers_create(struct containers *c, const struct params *p, const struct job *job, char **name, struct err *e);
// Whether containers_act() implements VERB.
bool containers_do(enum verb verb);
int containers_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                   const struct job *job, struct err *e);
// Waits for the container's final exit (after all restarts). Returns its exit status 0…255 or negative errno.
int containers_await_exit(struct containers *c, const char *name, struct err *e);

// Writes events to standard output: see engine_ops.events.
int containers_events(struct containers *c, const struct params *p, struct err *e);

// Append text to TEXT. Return 0 or negative errno.
int containers_read_config(struct containers *c, const char *name, struct str *text, struct err *e);
// Its record, as containers_act(VERB_EDIT) takes it (model/definition.h).
int containers_read_definition(struct containers *c, const char *name, struct str *text, struct err *e);
int containers_read_details(struct containers *c, const char *name, struct str *text, struct err *e);
int containers_read_processes(struct containers *c, const char *name, struct str *text, struct err *e);
// The events of its journal (container/store/journal.h).
int containers_read_events(struct containers *c, const char *name, struct str *text, struct err *e);
// Its changes relative to its image: "A /path", "C /path" or "D /path" and a newline, control characters escaped.
int containers_read_changes(struct containers *c, const char *name, struct str *text, struct err *e);
// The space of all containers, as a table (DOCUMENT_SPACE). Returns 0 or negative errno.
int containers_space(struct containers *c, struct str *text, struct err *e);
int containers_read_log_tail(struct containers *c, const char *name, struct str *text, struct err *e);

// Connect the calling process's descriptors 0, 1 and 2.
int containers_logs(struct containers *c, const char *name, const struct params *p, struct err *e);
// Copies files as a tar archive: out of the container to standard output (parameter "from", a path), or from standard
// input into it ("to", a path).
int containers_copy(struct containers *c, const char *name, const struct params *p, struct err *e);
// Writes the files of its image and its own, without volumes, to standard output as a tar archive.
int containers_export(struct containers *c, const char *name, struct err *e);
// Connects to the first process, until it exits, Ctrl-] is typed or a signal arrives. For a container that this
// process has just created in the foreground (parameters "start" and "foreground") no output is lost: the container
// blocks until its output is read, as on a pipe, and gets a broken pipe once the reader is gone. Returns the
// container's exit status, 0 if the user detached, 128 + SIGNAL, or negative errno, for example if output could not be
// written.
int containers_attach(struct containers *c, const char *name, struct err *e);
// Replaces this process with the runtime; returns only if that fails, with negative errno.
int containers_exec(struct containers *c, const char *name, const struct params *p, struct err *e);
