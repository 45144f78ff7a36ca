// Watching the networks of a running container, and restoring them. There is no daemon: each container's monitor does
// this for its own container. The kernel announces what changes; while nothing does, no time is used.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "space.h"

// What a container needs of one network.
struct watched {
	char *link, *bridge;
	int server;  // pidfd of the DNS server, -1 = none
	bool shared; // libvirt's: its bridge and server are not hostel's to restore
};
struct network_watch {
	int events;        // epoll(7): readable after a change; -1 = none of the container's networks is watched
	int links, rules;  // announcements of the kernel; no rules for an ordinary user's networks
	const struct network_space *space; // of these; NULL: the host's
	int helper;        // pidfd of the helper of SPACE
	struct watched *items;
	size_t count;
	char *store, *table, *run, *container;
	uint32_t damaged;  // network_read_changes()
	bool lost;         // an interface of an ordinary user's networks was deleted
	bool look;         // even if nothing has changed: at the start, and after a failed attempt
	pid_t repair;      // the child that restores what is missing; 0 = none
	int report;        // what it did, or its error
	int64_t legacy;    // when to check iptables-legacy, whose changes are not announced; 0: it has no tables
	int64_t rest;      // no other attempt before this time (clock_mono())
	int64_t pause;     // between the last two attempts: it grows while another program keeps damaging the network
};
#define NETWORK_WATCH_NONE ((struct network_watch){.events = -1, .links = -1, .rules = -1, .helper = -1, .report = -1})

// Starts watching CONTAINER of STORE, which has joined its networks: root's, or an ordinary user's in SPACE, which
// must outlive W. Failures leave it unwatched.
void network_watch_start(struct network_watch *w, const char *store, const char *container,
                         const struct network_space *space);
// Stops watching; a child that is still restoring something exits by itself.
void network_watch_stop(struct network_watch *w);
// The descriptor to wait for, -1 if there is none now. *TIMEOUT (ms, -1 = no limit) is shortened to the time until
// network_watch_serve() must be called.
int network_watch_poll(const struct network_watch *w, int64_t now, int *timeout);
// Whether network_watch_serve() must be called although the descriptor is not readable.
bool network_watch_is_due(const struct network_watch *w, int64_t now);
// Finds out what has changed, and starts a child process that restores what is missing: that runs programs, which take
// time, and waits for the lock of the networks.
void network_watch_serve(struct network_watch *w, int64_t now);
// To be called with each child that has exited. Returns 1 if something was restored, negative errno if that failed,
// with what or why in TEXT (owned), and 0 if there is nothing to report.
int network_watch_ended(struct network_watch *w, pid_t pid, int status, char **text);
