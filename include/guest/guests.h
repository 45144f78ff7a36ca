// Lists, measures, changes and attaches to the guests of one libvirt connection. Thread-safe. Calls that need libvirt
// wait for its daemon; bounds are given where there are any.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "model/inventory.h"
#include "model/job.h"
#include "model/measures.h"
#include "model/ports.h"
#include "model/sample.h"
#include "model/shared_network.h"
#include "model/verb.h"

struct guests;

// Records what to connect to; the first call that needs libvirt connects. URI: a libvirt URI (libvirt.org/uri.html);
// NULL = $LIBVIRT_DEFAULT_URI, uri_default from libvirt.conf, else qemu:///system if accessible, else qemu:///session.
// READ_ONLY: uses libvirt's read-only socket. Returns 0.
int guests_open(struct guests **g, const char *uri, bool read_only, struct err *e);
// Whether guest NAME exists, according to libvirt's files on this host: 1, 0, or -1 if they cannot tell. URI as for
// guests_open().
int guests_has(const char *uri, const char *name);
// Why the user's session is used as a fallback, with a remedy; owned, NULL = no fallback in use.
char *guests_note(struct guests *g);
// Returns within a second even if the daemon hangs: the thread still using the connection then frees it.
void guests_close(struct guests *g);

// Upserts all domains, connecting if needed (at most 4 s). The key of an id (model/id.h) is the UUID. Returns 0 or
// negative errno: -ENOTCONN, -EACCES, -ETIMEDOUT with a remedy; -ENOPKG if libvirt does not answer and this host has
// no guests.
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
// Sets ADD, which is called for each libvirt network that is listed, to add leases and names of what is on it besides
// guests. To be called before any other function.
void guests_set_neighbours(struct guests *g,
                           void (*add)(const char *network, struct strv *leases, struct strv *used_by));
// Sets CHECK, which is called with the ports that a guest of this host is to publish before it is created or started.
// CHECK chooses free ports for host ports that are 0, and returns 0, or negative errno if PORTS cannot be published
// now. Call this before any other function.
void guests_set_port_check(struct guests *g, int (*check)(struct ports *ports, struct err *e));
// Makes every guests_wait() return. Called from another thread.
void guests_wake(struct guests *g);

// Creates and, if P says so, starts a guest. P has passed recipe_check(). *UUID is owned by the caller. On failure the
// definition and any new disk are removed again.
int guests_create(struct guests *g, const struct params *p, const struct job *job, char **uuid, struct err *e);
// Whether guests_act() supports VERB.
bool guests_do(enum verb verb);
int guests_act(struct guests *g, const char *uuid, enum verb verb, const struct params *p, const struct job *job,
               struct err *e);

// Adds the valid values of FIELD for a new guest on its host: networks, storage pools. Adds nothing for other fields.
int guests_choices(struct guests *g, const char *field, struct strv *out, struct err *e);

// Describes the active network NAME, for a container on it. Returns 0, -ENOENT, -ENETDOWN (it is not active) or
// another negative errno.
int guests_network_read(struct guests *g, const char *name, struct shared_network *n, struct err *e);
// Adds the entries of P that are missing to the network's DHCP and DNS, for now and for its next starts; or removes
// exactly these if not WANTED, which succeeds if there are none. Returns 0 or negative errno: some may have changed
// then.
int guests_network_set_place(struct guests *g, const char *uuid, const struct network_place *p, bool wanted,
                             struct err *e);

// Append text about the item KEY, a libvirt network or a bridge of the host: details with its guests and leases, and
// libvirt's XML. Return 0 or negative errno.
int guests_network_details(struct guests *g, const char *key, struct str *text, struct err *e);
int guests_network_definition(struct guests *g, const char *key, struct str *text, struct err *e); // for VERB_EDIT
int guests_network_config(struct guests *g, const char *key, struct str *text, struct err *e);
// Defines and starts the network that P describes. *UUID is owned by the caller. On failure nothing is left of it.
int guests_network_create(struct guests *g, const struct params *p, char **uuid, struct err *e);
// Whether guests_network_act() supports VERB. Stopping and deleting refuse a network that running guests or containers
// are on.
bool guests_network_do(enum verb verb);
int guests_network_act(struct guests *g, const char *key, enum verb verb, const struct params *p,
                       const struct job *job, struct err *e);
// The name of the item KEY. Owned; NULL with E set if it no longer exists.
char *guests_network_name(struct guests *g, const char *key, struct err *e);

// Texts for people and machines.
int guests_read_config(struct guests *g, const char *uuid, struct str *text, struct err *e); // its domain XML
// Its persistent definition, with secrets, as guests_act(VERB_EDIT) takes it.
int guests_read_definition(struct guests *g, const char *uuid, struct str *text, struct err *e);
int guests_read_details(struct guests *g, const char *uuid, struct str *text, struct err *e);
int guests_read_processes(struct guests *g, const char *uuid, struct str *text, struct err *e); // QEMU's threads
int guests_read_log_tail(struct guests *g, const char *uuid, struct str *text, struct err *e);  // serial log

// These use the calling process's descriptors 0, 1 and 2.
int guests_logs(struct guests *g, const char *uuid, const struct params *p, struct err *e);
// Attaches to a console until the guest stops or Ctrl-] is typed. Parameters: "take": even if another client has it;
// "device": the console's alias in the XML (default: the first that libvirt can open). Returns 0.
int guests_console(struct guests *g, const char *uuid, const struct params *p, struct err *e);
// Runs a command in the guest through the guest agent, without standard input. Returns its exit status.
int guests_exec(struct guests *g, const char *uuid, const struct params *p, struct err *e);
