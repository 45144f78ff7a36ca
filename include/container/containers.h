// The containers of this host as an engine needs them: list, measure, change, connect. Calls may come from several
// threads at once.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/inventory.h"
#include "model/job.h"
#include "model/sample.h"
#include "model/verb.h"

struct containers;

// WHERE: the store's path, NULL = the usual one (hostel(1), HOSTEL_STORE). READ_ONLY: what killed processes left
// behind stays. Returns 0 or negative errno.
int containers_open(struct containers **c, const char *where, bool read_only, struct err *e);
// Whether there is a container called NAME in the store WHERE, or what is left of one: 1, or 0.
int containers_has(const char *where, const char *name);
void containers_close(struct containers *c);

// Upserts all. A container whose monitor was killed is stopped here and shown as crashed: it is never left running
// unwatched.
int containers_list(struct containers *c, struct inventory *inv, struct err *e);
// Calls REPORT for each running container with its figures, read through descriptors that stay open from tick to tick.
int containers_sample(struct containers *c, void (*report)(void *context, const char *name, const struct sample *s),
                      void *context, struct err *e);
// Waits until one of them changed or TIMEOUT ns passed. Returns 1, 0 on time-out, or negative errno. containers_wake()
// ends it from another thread.
int containers_wait(struct containers *c, int64_t timeout, struct err *e);
void containers_wake(struct containers *c);

// Whether creating from P takes long: layers of its image are not unpacked yet.
bool containers_create_is_long(struct containers *c, const struct params *p);
// Unpacks the image of P, so that creating does not take long.
int containers_unpack(struct containers *c, const struct params *p, const struct job *job, struct err *e);
// The directory of the records of jobs, WHERE as containers_open(). Owned; NULL when there is none.
char *containers_jobs_path(const char *where);

// *NAME, owned by the caller: what it is called.
int containers_create(struct containers *c, const struct params *p, const struct job *job, char **name, struct err *e);
// Whether VERB is one that containers_act() does.
bool containers_do(enum verb verb);
int containers_act(struct containers *c, const char *name, enum verb verb, const struct params *p,
                   const struct job *job, struct err *e);
// Waits for its end for good (after all restarts). Returns its exit code 0…255 or negative errno.
int containers_await_exit(struct containers *c, const char *name, struct err *e);

// Texts for people and machines.
int containers_read_config(struct containers *c, const char *name, struct str *text, struct err *e);
int containers_read_details(struct containers *c, const char *name, struct str *text, struct err *e);
int containers_read_processes(struct containers *c, const char *name, struct str *text, struct err *e);
// What its journal holds: container/store/journal.h.
int containers_read_events(struct containers *c, const char *name, struct str *text, struct err *e);
int containers_read_log_tail(struct containers *c, const char *name, struct str *text, struct err *e);

// Connect the calling process's descriptors 0, 1 and 2.
int containers_logs(struct containers *c, const char *name, const struct params *p, struct err *e);
// To its first process, until its end, until Ctrl-] is typed or until a signal ends it. One that this process has just
// created in the foreground (parameters "start" and "foreground") is connected without losing anything: it waits for
// the reader as on a pipe, and gets a broken pipe once the reader is gone. Returns the container's exit status, 0
// when the user left, 128 + SIGNAL, or negative errno: also when output could not be written.
int containers_attach(struct containers *c, const char *name, struct err *e);
// Puts the runtime in place of this process: returns only when that fails, with negative errno.
int containers_exec(struct containers *c, const char *name, const struct params *p, struct err *e);
