// SPDX-License-Identifier: LGPL-2.1-or-later
// The messages that criu takes and gives over its socket (criu's images/rpc.proto), in the encoding of Protocol
// Buffers 2: only those that bunk needs, each a table of fields over a plain structure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum message_kind {
	MESSAGE_FLAG,   // bool
	MESSAGE_NUMBER, // int32_t; 0 is left out
	MESSAGE_ALWAYS, // int32_t that is required, also when it is 0
	MESSAGE_TEXT,   // owned char *; NULL is left out
	MESSAGE_TEXTS,  // struct strv
	MESSAGE_PART,   // a structure in place; left out when all of it is zero
	MESSAGE_PARTS,  // struct message_list of structures
};

struct message {
	size_t size; // of the structure
	size_t count;
	const struct message_field *fields;
};

struct message_field {
	uint32_t number;
	enum message_kind kind;
	size_t at;                // offset in the structure
	const struct message *of; // of a part
};

struct message_list {
	void *items; // owned
	size_t count;
};

enum criu_type { // criu_req_type
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_NOTIFY = 6,
	CRIU_VERSION = 10,
	CRIU_SINGLE_PRE_DUMP = 13,
};

enum criu_cgroups { // criu_cg_mode
	CRIU_CGROUPS_IGNORE = 0,
	CRIU_CGROUPS_SOFT = 3,
	CRIU_CGROUPS_FULL = 4,
	CRIU_CGROUPS_STRICT = 5,
};

struct criu_page_server {
	char *address;
	int32_t port;
};

struct criu_group { // where what was in the container's group goes; without CONTROLLER for all
	char *controller, *path;
};

struct criu_inherit { // FD of criu's takes the place of what was called KEY
	char *key;
	int32_t fd;
};

struct criu_join {
	char *type, *file;
};

struct criu_options { // criu_opts
	int32_t images_fd, work_fd; // of the process that made the socket
	int32_t pid;
	int32_t log_level;
	int32_t cgroups_mode; // enum criu_cgroups
	int32_t empty_namespaces; // CLONE_NEW…
	bool leave_running, ext_unix_sk, tcp_established, evasive_devices, shell_job, file_locks, notify, track_memory,
	    auto_dedup, force_irmap;
	bool manage_cgroups, sibling, ext_masters, orphan_pts_master, compatible_mounts;
	char *log_file, *root, *parent, *freezer, *cgroup_view, *lsm_profile, *lsm_mount_context;
	struct strv external;
	struct criu_page_server page_server;
	struct message_list groups, inherit, joins; // of struct criu_group, criu_inherit, criu_join
};

struct criu_request { // criu_req
	int32_t type;
	bool notified;
	struct criu_options options;
};

struct criu_response { // criu_resp
	int32_t type;
	bool success;
	int32_t error; // errno
	char *message;
	int32_t restored; // pid
	struct {
		char *script;
		int32_t pid;
	} notify;
};

extern const struct message criu_request_message, criu_response_message;

// Adds VALUE, a structure that M describes, to OUT.
void message_write(struct str *out, const struct message *m, const void *value);
// Reads the N bytes of DATA into the zeroed structure VALUE. What M does not know is passed over. Returns 0, or
// -EBADMSG for anything that is not such a message; VALUE is to be released by message_done() in both cases.
int message_read(const struct message *m, void *value, const void *data, size_t n);
// Releases what VALUE owns and zeroes it.
void message_done(const struct message *m, void *value);
// A further, zeroed item of SIZE bytes in LIST.
void *message_add(struct message_list *list, size_t size);
