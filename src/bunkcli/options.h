// The options of bunk's command line, one table per verb: see base/opts.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/opts.h"
#include "base/str.h"

// The values of all options of all verbs; each verb's table lists the options that it accepts.
struct options {
	int log_fd; // set by log_keep(), 0: not open
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless;
	const char *bundle, *config, *console_socket, *pid_file, *pidfd_socket;
	const char *process, *user, *cwd, *apparmor, *label, *cgroup;
	const char *resources, *l3_schema, *bandwidth_schema, *format, *signal, *interval, *timeout;
	const char *image_path, *work_path, *parent_path, *page_server, *status_fd, *cgroups_mode, *empty_ns, *lsm_profile,
	    *lsm_mount_context;
	struct strv env, caps, groups;
	struct params limits;
	int64_t preserve_fds;
	bool help, version, debug, systemd_cgroup, keep, detach, no_pivot, no_new_keyring, no_subreaper, force, all, tty,
	    no_new_privs, ignore_paused, quiet, stats, leave_running, pre_dump, tcp_established, ext_unix_sk, shell_job,
	    file_locks, auto_dedup, lazy_pages;
};

extern const struct opt global_options[], create_options[], run_options[], checkpoint_options[], restore_options[],
    kill_options[], delete_options[], plain_options[], exec_options[], list_options[], ps_options[], events_options[],
    spec_options[], update_options[];
