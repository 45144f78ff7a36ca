// SPDX-License-Identifier: LGPL-2.1-or-later
// The container that the modules of bunk work on.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "pid_file.h"
#include "sys/cgroup.h"

enum { GROUPS_MAX = CGROUP_CONTROLLERS + 1 }; // the hierarchies of v1, and the v2 tree

// The control groups of one container.
struct groups {
	struct cgroup_layout layout;
	struct strv joined;       // directories of the processes: one on v2, one per hierarchy on v1
	char *freezer;            // the one with the freezer, or NULL
	int procs[GROUPS_MAX];    // the files to join them, opened while this process could still see them
	size_t procs_count;
	int into;                 // on v2: descriptor for CLONE_INTO_CGROUP, else -1
	size_t into_procs;        // the index of that tree in procs
	bool v2;
	bool fresh;               // while they are created: none of them existed before
	char *slice, *scope;      // if systemd creates them; NULL: bunk does
};

// A container during one verb of bunk.
struct container {
	const struct bunk *b;
	const struct bunk_create *options; // for create, run and restore
	const char *id;
	char *bundle, *rootfs;  // absolute
	int state_fd;           // its state directory
	int states_fd;          // the directory of all containers, while one is opened, or read and reserved, else -1
	struct config config;
	struct plan plan;
	struct groups groups;
	struct bunk_state state;
	char *config_text;
	pid_t pid;              // parent: the cloned child, 0: none yet
	int sync[2];            // seqpacket: [0] parent, [1] child
	int interrupt;          // parent in the foreground: signals that abort the creation, -1: they end this process
	int reply;              // child: where to report a failure, sync[1] or later the connection of `start`
	int start_socket;       // socket that listens for start; -1 for run and exec
	int console;            // socket that receives the terminal, -1: none
	int notify;             // parent: the container's end of NOTIFY_SOCKET, -1: none
	int root_fd;            // child: the new root
	int *readonly_last;     // child: mounts to make read-only before it enters the root
	size_t readonly_last_count;
	int user_joined;        // descriptor of a user namespace to join, -1: none
	int mounts_joined;      // a mount namespace that the child joins, -1: none
	struct pid_file pid_file; // the parent's, which the child must close
	int join_later;         // a cgroup namespace to join, or for exec the pidfd of a process in it, -1: none
	int cgroup_joined;      // the same descriptor, to be closed
	int proc;               // the host's /proc, when a label is to be written, else -1
	int listener;           // connection to the seccomp agent, -1: none
	char *listener_text;    // child: the message for it
	// child: the root and the sources of bind mounts, opened with the parent's rights; -1, NULL: the child opens them
	int root_place, *sources;
	int *nodes;             // child: detached mounts of config.devices, -1: none; NULL: the child makes the nodes
	// detached mounts with mapped ids, one for each of plan.mounts, -1: none; NULL: none at all
	int *trees;
	struct strv *addresses; // of each of config.net_devices, before it is moved
	char *rdt_made;         // the resctrl group to be removed with the container, NULL: none
	unsigned preserve_fds;
	unsigned listen_fds;    // how many of them are sockets of a service manager
	const char *listen_names;
	bool no_pivot, no_new_keyring, exec;
	bool sends_sources;     // in a user namespace whose root can search fewer directories of the host than the parent
	bool in_directory;      // child: it has changed to process.cwd
	bool locked;            // this process holds the lock of the state directory
	// run only: the child saves the state that the parent prepared, and starts without PHASE_GO
	bool self_start;
	bool warned;            // of config.json
	bool notified;          // notify the service manager that the container is ready
	bool in_user_namespace; // new or joined: it has its own ids
	char *program;          // child: the program to execute
	char *program_trouble;  // child: why the kernel would refuse to execute it; NULL = no known reason
	struct restoring *restoring; // restore only
	struct entering *entering;   // exec only
};
