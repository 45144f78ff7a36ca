// The guests of one libvirt connection as an engine needs them: list, measure, change, connect. Calls may come from
// several threads at once. A call that needs libvirt waits for its daemon; how long is said where it is bounded.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/inventory.h"
#include "model/job.h"
#include "model/measures.h"
#include "model/sample.h"
#include "model/verb.h"

struct guests;

// Remembers what to connect to; connects at the first call that needs it. URI: as libvirt takes it
// (libvirt.org/uri.html); NULL = $LIBVIRT_DEFAULT_URI, uri_default from libvirt.conf, else qemu:///system if
// accessible, else qemu:///session. READ_ONLY: uses libvirt's read-only socket. Returns 0.
int guests_open(struct guests **g, const char *uri, bool read_only, struct err *e);
// Whether there is a guest called NAME, by libvirt's files on this host: 1, 0, or -1 when they do not say. URI as in
// guests_open().
int guests_has(const char *uri, const char *name);
// Why the user's session is used as a fallback, with the remedy; owned, NULL = no fallback is in use.
char *guests_note(struct guests *g);
// Takes at most a second, also when the daemon hangs: then what is still in use is freed by the thread that uses it.
void guests_close(struct guests *g);

// Upserts all domains, connecting if needed: at most 4 s for that. The key of an id (model/id.h) is the UUID.
// Returns 0 or negative errno: -ENOTCONN, -EACCES, -ETIMEDOUT with the remedy; -ENOPKG without libvirt on a host where
// no guest is defined.
int guests_list(struct guests *g, struct inventory *inv, struct err *e);
// Calls EACH for each running guest, with what is to be measured. Waits at most 0.8 s for libvirt; without it, what
// /proc and control groups of this host say.
int guests_sample(struct guests *g, const struct measures *what,
                  void (*each)(void *context, const char *uuid, const struct sample *s), void *context,
                  struct err *e);
// Calls EACH for the disks and interfaces of running guests that guests_sample() has just read figures of, as far as
// they are to be measured. DEVICE: as
// in the key of its item.
typedef void guests_device(void *context, enum kind kind, const char *uuid, const char *device,
                           const struct sample *s);
void guests_sample_devices(struct guests *g, const struct measures *what, guests_device *each, void *context);
// Waits until a guest changed or TIMEOUT ns passed. Returns 1, 0 on time-out, -ENOTCONN when the connection is lost.
int guests_wait(struct guests *g, int64_t timeout, struct err *e);
// Ends every guests_wait(), from another thread.
void guests_wake(struct guests *g);

// *UUID, owned by the caller: what it can be found by. P has passed recipe_check(). After a failure neither a
// definition nor a new disk is left.
int guests_create(struct guests *g, const struct params *p, const struct job *job, char **uuid, struct err *e);
// Whether VERB is one that guests_act() does.
bool guests_do(enum verb verb);
int guests_act(struct guests *g, const char *uuid, enum verb verb, const struct params *p, const struct job *job,
               struct err *e);

// Adds what FIELD of a new guest can be on the guests' host: networks, storage pools. Nothing for other fields.
int guests_choices(struct guests *g, const char *field, struct strv *out, struct err *e);

// Texts for people and machines.
int guests_read_config(struct guests *g, const char *uuid, struct str *text, struct err *e); // its domain XML
// Its persistent definition, with secrets, as guests_act(VERB_EDIT) takes it.
int guests_read_definition(struct guests *g, const char *uuid, struct str *text, struct err *e);
int guests_read_details(struct guests *g, const char *uuid, struct str *text, struct err *e);
int guests_read_processes(struct guests *g, const char *uuid, struct str *text, struct err *e); // threads of QEMU
int guests_read_log_tail(struct guests *g, const char *uuid, struct str *text, struct err *e);  // of its serial log

// Connect the calling process's descriptors 0, 1 and 2.
int guests_logs(struct guests *g, const char *uuid, const struct params *p, struct err *e);
// A console, until the guest ends or Ctrl-] is typed. Parameters: "take": also when another client has it; "device":
// its alias in the XML (the first that can be connected). Returns 0.
int guests_console(struct guests *g, const char *uuid, const struct params *p, struct err *e);
// A command inside, through the guest agent, without input. Returns its exit status.
int guests_exec(struct guests *g, const char *uuid, const struct params *p, struct err *e);
