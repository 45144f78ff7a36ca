// Files of hostel's networks. A network that is up has a directory RUN/NAME, below a file system that is empty after a
// reboot, as are the kernel's interfaces and rules:
//   RUN/.lock                   held by a process that changes any network of the store
//   RUN/.joining                each process that is about to join networks holds its lock, shared
//   RUN/.unsettled              from a change of endpoints until rules and names follow
//   RUN/NAME/network.json       the network
//   RUN/NAME/endpoints/NAME     a container on it; written before, and removed after, what it describes
//   RUN/NAME/dnsmasq.conf hosts leases dnsmasq.pid
//   STORE/networks/NAME.json    the definition of a network that was created by a command
// Libvirt's networks have such a directory, too, while containers are on them.
// RUN is /run/hostel-networks/TABLE, where TABLE is the store's nftables table; for ordinary users it is
// STORE/networks-up/TABLE, whose files mean nothing without the namespaces of space.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "model/address.h"
#include "model/address6.h"
#include "model/ports.h"

// The networks of one store.
struct networks {
	char *store;         // its path without symbolic links: names of other processes' paths to it may differ
	char *table, *run;
	uint32_t group;      // of all its interfaces (ip-link(8)): proof that they are this store's
	int containers;      // descriptor of STORE/containers
	int lock;            // -1: only reading
};
enum networks_access {
	NETWORKS_READ,   // not locked: files are replaced as a whole
	NETWORKS_CHANGE, // locked; returns -ENOENT if none was ever up
	NETWORKS_CREATE, // locked; creates RUN
};
// Opens the networks of STORE. Returns 0, -ENOLCK (another process holds the lock: sys/lock.h) or another negative
// errno.
int networks_open(struct networks *n, const char *store, enum networks_access access_mode, struct err *e);
void networks_done(struct networks *n);
// Locks networks that are open for reading; creates RUN. Returns 0 or negative errno.
int networks_lock(struct networks *n, struct err *e);
void networks_unlock(struct networks *n);
// Locks FILE beside RUN, which all stores on this host share; WHAT as for lock_wait(). Returns the descriptor, which
// the caller closes, or negative errno.
int networks_lock_host(const struct networks *n, const char *file, const char *what, struct err *e);
#define NETWORKS_LOCK "the networks" // what the lock protects (sys/lock.h)
// Opens the file of the lock. Returns a descriptor or negative errno.
int networks_open_lock(const struct networks *n, struct err *e);
// Adds the names of the networks that are up. Returns 0, or negative errno if there may be others.
int networks_up(const struct networks *n, struct strv *names);
// Whether endpoints have changed without the rules and names: a process was killed in between, if it is asked before
// the first change under a lock.
bool networks_are_unsettled(const struct networks *n);
// When the last endpoint changed, if they are unsettled: ns since 1970, else 0.
int64_t networks_last_change(const struct networks *n);
void networks_note_settled(const struct networks *n); // after the rules were applied
// Replaces the file NAME in DIRECTORY, readable by all. DURABLE: it must survive a power loss. Returns 0 or negative
// errno.
int networks_write_file(const char *directory, const char *name, const char *text, bool durable, struct err *e);

// Reads and writes a JSON file. The first returns a new reference, or NULL with E set; the second takes over OBJECT,
// and returns 0 or negative errno.
json_t *networks_read_json(const char *path, struct err *e);
int networks_write_json(const char *directory, const char *name, json_t *object, bool durable, struct err *e);

#define NETWORK_PRIVATE "private" // an ordinary user's: of one container
#define NETWORK_DEFAULT "default" // brought up on demand, without a definition

struct own_network {
	char *name;
	char *directory;     // RUN/NAME
	char *bridge;
	struct subnet subnet;
	struct subnet6 subnet6; // prefix 0: no IPv6
	bool isolated;       // no traffic to or from outside
	uint32_t gateway;    // this host's address on it
	struct address6 gateway6; // of one of libvirt's, which may be any; hostel's own: subnet6_gateway()
	bool kept;           // was started: stays up without containers
	bool shared;         // one of libvirt's, which starts and stops it
	char *domain;        // of its DNS server; NULL: this is not said to containers
	bool no_dns;         // has no DNS server
};
// The interface name of the bridge of network NAME. Owned.
char *networks_bridge_name(const struct networks *n, const char *name);
void own_network_done(struct own_network *o);
// Reads the network NAME that is up. Returns 0, -ENOENT or another negative errno.
int own_network_read(const struct networks *n, const char *name, struct own_network *o, struct err *e);
int own_network_write(const struct own_network *o, struct err *e);
// Reads, writes and removes a definition. Return 0, -ENOENT or another negative errno.
int own_network_read_definition(const struct networks *n, const char *name, struct own_network *o, struct err *e);
int own_network_write_definition(const struct networks *n, const struct own_network *o, struct err *e);
int own_network_remove_definition(const struct networks *n, const char *name, struct err *e);
// The definition, or, for the default network without one, what is up.
int own_network_read_editable(const struct networks *n, const char *name, struct own_network *o, struct err *e);
bool own_network_is_defined(const char *store, const char *name);
void own_network_definitions(const char *store, struct strv *names);

// A container on a network.
struct endpoint {
	char *container;
	uint32_t address;
	struct address6 address6; // zeros: no IPv6
	bool routed6;             // has an IPv6 default route through this network
	unsigned char mac[MAC_SIZE];
	char *link;          // its interface on the host
	char *interface;     // inside, for example "eth0"
	struct strv aliases;
	struct ports ports;
};
struct endpoints {
	struct endpoint *items;
	size_t count;
	bool incomplete; // others could not be read
};
void endpoint_done(struct endpoint *p);
void endpoints_done(struct endpoints *l);
int endpoint_write(const struct own_network *o, const struct endpoint *p, struct err *e);
bool endpoint_is_on(const struct own_network *o, const char *container);
// Return whether there was one.
bool endpoint_add_name(const struct own_network *o, const char *from, const char *to); // gives it a second name
bool endpoint_remove(const struct own_network *o, const char *container);
// Reads the endpoint of CONTAINER on O. P must be freed also after a failure. Returns 0, -ENOENT or another negative
// errno.
int endpoint_read(const struct own_network *o, const char *container, struct endpoint *p, struct err *e);
// Reads all endpoints of O. Damaged files are left out. What cannot be read makes the list incomplete: then nothing
// may be removed because it is not in the list.
void endpoints_read(const struct own_network *o, struct endpoints *l);
// Whether the container runs, or is being started: its monitor is alive, or it is unknown whether it is.
bool endpoint_is_alive(const struct networks *n, const struct endpoint *p);

static inline void auto_networks_run(struct networks *n)
{
	networks_done(n);
}
#define auto_networks AUTO(networks) struct networks
static inline void auto_own_network_run(struct own_network *o)
{
	own_network_done(o);
}
#define auto_own_network AUTO(own_network) struct own_network
static inline void auto_endpoints_run(struct endpoints *l)
{
	endpoints_done(l);
}
#define auto_endpoints AUTO(endpoints) struct endpoints
