// SPDX-License-Identifier: LGPL-2.1-or-later
// A container as the parts of bunk share it.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "pid_file.h"
#include "sys/cgroup.h"

enum { GROUPS_MAX = CGROUP_CONTROLLERS + 1 }; // each of v1 and the v2 tree beside them

// The control groups of one container.
struct groups {
	struct cgroup_layout layout;
	struct strv joined;       // directories the processes are in: one on v2, one a hierarchy on v1
	char *freezer;            // the one of them that freezes, or NULL
	int procs[GROUPS_MAX];    // what is written to join them, opened while this process could still see them
	size_t procs_count;
	int into;                 // of a v2 tree: descriptor for CLONE_INTO_CGROUP, else -1
	size_t into_procs;        // the index in procs of that tree
	bool v2;
	bool fresh;               // while they are made: none of them was there before
	char *slice, *scope;      // where systemd makes them; NULL: we do
};

// A container as one verb of bunk sees it.
struct container {
	const struct bunk *b;
	const struct bunk_create *options; // of create, run and restore
	const char *id;
	char *bundle, *rootfs;  // absolute
	int state_fd;           // its state directory
	int states_fd;          // the directory of all of them, while a container is opened, or read and reserved, else -1
	struct config config;
	struct plan plan;
	struct groups groups;
	struct bunk_state state;
	char *config_text;
	pid_t pid;              // parent: the child it has cloned, 0: none yet
	int sync[2];            // seqpacket: [0] parent, [1] child
	int interrupt;          // parent in the foreground: signals that end the creation, -1: they end this process
	int reply;              // child: where a failure is told, sync[1] or later the connection of `start`
	int start_socket;       // listens for start; -1 for run and exec
	int console;            // socket that receives the terminal, -1: none
	int notify;             // parent: the container's end of NOTIFY_SOCKET, -1: none
	int root_fd;            // child: the new root
	int *readonly_last;     // child: mounts that become read-only before it enters the root
	size_t readonly_last_count;
	int user_joined;        // descriptor of a user namespace to join, -1: none
	int mounts_joined;      // of a mount namespace that the child joins, -1: none
	struct pid_file pid_file; // the parent's: the child must not hold it
	int join_later;         // a cgroup namespace to join, or for exec the pidfd of a process in it, -1: none
	int cgroup_joined;      // the former, to be closed
	int proc;               // the host's /proc, when a label is to be written, else -1
	int listener;           // connection to the seccomp agent, -1: none
	char *listener_text;    // child: what it is sent
	// child: the root's directory and what is bound, opened with the parent's rights; -1, NULL: by the child itself
	int root_place, *sources;
	int *nodes;             // child: detached mounts of config.devices, -1: none; NULL: it makes them itself
	// detached mounts with mapped ids, one for each of plan.mounts, -1: none; NULL: none at all
	int *trees;
	struct strv *addresses; // of each of config.net_devices, before it moves
	char *rdt_made;         // the resctrl group that goes with the container, NULL: none
	unsigned preserve_fds;
	unsigned listen_fds;    // so many of them are sockets of a service manager
	const char *listen_names;
	bool no_pivot, no_new_keyring, exec;
	bool sends_sources;     // in a user namespace whose root may search fewer directories of the host than the parent
	bool in_directory;      // child: it is in process.cwd
	bool locked;            // this process holds the lock of its state directory
	// of run only: the child saves the state that the parent has prepared, and starts without being told
	bool self_start;
	bool warned;            // about config.json
	bool notified;          // the service manager, that the container is ready
	bool in_user_namespace; // new or joined: ids are its own
	char *program;          // child: what will be executed
	char *program_trouble;  // child: why the kernel would refuse that; NULL = it should not
	struct restoring *restoring; // of restore only
	struct entering *entering;   // of exec only
};
