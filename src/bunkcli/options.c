// Which options each verb of bunk knows.
#include "options.h"

#include <stddef.h>

#define AT(FIELD) offsetof(struct options, FIELD)
#define END {.name = NULL}
#define HELP {"help", 'h', OPT_FLAG, NULL, "shows this help", AT(help)}

const struct opt global_options[] = {
	{"root", 0, OPT_TEXT, "DIR", "where the state of containers is kept", AT(root)},
	{"log", 0, OPT_TEXT, "FILE", "also writes errors and warnings to FILE", AT(log)},
	{"log-format", 0, OPT_TEXT, "FORMAT", "of that file: text or json", AT(log_format)},
	{"log-level", 0, OPT_TEXT, "LEVEL", "of that file: error, warning, info or debug", AT(log_level)},
	{"debug", 0, OPT_FLAG, NULL, "the same as --log-level debug", AT(debug)},
	{"cgroup-manager", 0, OPT_TEXT, "NAME", "cgroupfs, systemd or disabled", AT(cgroup_manager)},
	{"systemd-cgroup", 0, OPT_FLAG, NULL, "the same as --cgroup-manager systemd", AT(systemd_cgroup)},
	{"rootless", 0, OPT_TEXT, "WORD", "accepted; who runs it decides", AT(rootless)},
	{"version", 'v', OPT_FLAG, NULL, "shows the version", AT(version)},
	HELP, END,
};

#define CREATE_OPTIONS \
	{"bundle", 'b', OPT_TEXT, "DIR", "the bundle, instead of the current directory", AT(bundle)}, \
	{"config", 'f', OPT_TEXT, "FILE", "the configuration in the bundle, instead of config.json", AT(config)}, \
	{"console-socket", 0, OPT_TEXT, "PATH", "unix socket that receives the terminal's master", AT(console_socket)}, \
	{"pid-file", 0, OPT_TEXT, "FILE", "gets the first process's pid", AT(pid_file)}, \
	{"pidfd-socket", 0, OPT_TEXT, "PATH", "unix socket that receives a pidfd of the first process", AT(pidfd_socket)}, \
	{"preserve-fds", 0, OPT_INT, "N", "descriptors 3 to 2+N go to the process", AT(preserve_fds)}, \
	{"no-pivot", 0, OPT_FLAG, NULL, "for a root file system on a ramdisk", AT(no_pivot)}, \
	{"no-new-keyring", 0, OPT_FLAG, NULL, "keeps the caller's session keyring", AT(no_new_keyring)}, \
	{"no-subreaper", 0, OPT_FLAG, NULL, "accepted; bunk is none", AT(no_subreaper)}

const struct opt create_options[] = {CREATE_OPTIONS, HELP, END};
const struct opt run_options[] = {
	CREATE_OPTIONS,
	{"detach", 'd', OPT_FLAG, NULL, "does not wait", AT(detach)},
	{"keep", 0, OPT_FLAG, NULL, "does not delete it at its end", AT(keep)},
	HELP, END,
};
#define IMAGE_OPTIONS \
	{"image-path", 0, OPT_TEXT, "DIR", "the images' directory, instead of ./checkpoint", AT(image_path)}, \
	{"work-path", 0, OPT_TEXT, "DIR", "where criu's logs go, instead of the images' directory", AT(work_path)}, \
	{"tcp-established", 0, OPT_FLAG, NULL, "with its TCP connections", AT(tcp_established)}, \
	{"ext-unix-sk", 0, OPT_FLAG, NULL, "with unix sockets whose other end is outside", AT(ext_unix_sk)}, \
	{"shell-job", 0, OPT_FLAG, NULL, "with a session and a terminal that are the caller's", AT(shell_job)}, \
	{"file-locks", 0, OPT_FLAG, NULL, "with its file locks", AT(file_locks)}, \
	{"auto-dedup", 0, OPT_FLAG, NULL, "frees pages of images that are there twice", AT(auto_dedup)}, \
	{"manage-cgroups-mode", 0, OPT_TEXT, "MODE", "of groups below its own: soft, full, strict or ignore", AT(cgroups_mode)}, \
	{"empty-ns", 0, OPT_TEXT, "NAMESPACE", "leaves this namespace empty (only network)", AT(empty_ns)}, \
	{"timeout", 0, OPT_TEXT, "TIME", "gives up on a criu that makes no progress for so long, instead of 1m; 0: never", AT(timeout)}, \
	{"lazy-pages", 0, OPT_FLAG, NULL, "is refused", AT(lazy_pages)}

const struct opt checkpoint_options[] = {
	IMAGE_OPTIONS,
	{"leave-running", 'R', OPT_FLAG, NULL, "does not end it", AT(leave_running)},
	{"pre-dump", 'P', OPT_FLAG, NULL, "saves only memory, for a later checkpoint, and does not end it", AT(pre_dump)},
	{"parent-path", 0, OPT_TEXT, "DIR", "an earlier pre-dump, relative to the images' directory", AT(parent_path)},
	{"page-server", 0, OPT_TEXT, "ADDRESS:PORT", "a criu page-server that gets the memory", AT(page_server)},
	{"status-fd", 0, OPT_TEXT, "N", "is refused", AT(status_fd)},
	HELP, END,
};
const struct opt restore_options[] = {
	CREATE_OPTIONS, IMAGE_OPTIONS,
	{"detach", 'd', OPT_FLAG, NULL, "does not wait", AT(detach)},
	{"keep", 0, OPT_FLAG, NULL, "does not delete it at its end", AT(keep)},
	{"lsm-profile", 0, OPT_TEXT, "TYPE:NAME", "another label, as apparmor:NAME or selinux:LABEL", AT(lsm_profile)},
	{"lsm-mount-context", 0, OPT_TEXT, "LABEL", "another SELinux label of its mounts", AT(lsm_mount_context)},
	HELP, END,
};
const struct opt kill_options[] = {{"all", 'a', OPT_FLAG, NULL, "to all its processes", AT(all)},
				    {"signal", 's', OPT_TEXT, "SIGNAL", "the signal, instead of the operand", AT(signal)}, HELP, END};
const struct opt delete_options[] = {{"force", 'f', OPT_FLAG, NULL, "kills it first; a missing one is no error", AT(force)}, HELP, END};
const struct opt plain_options[] = {HELP, END};
const struct opt exec_options[] = {
	{"process", 'p', OPT_TEXT, "FILE", "a process object as JSON, instead of the options below", AT(process)},
	{"tty", 't', OPT_FLAG, NULL, "gives it a terminal", AT(tty)},
	{"user", 'u', OPT_TEXT, "UID[:GID]", "its user", AT(user)},
	{"additional-gids", 'g', OPT_LIST, "GID", "a further group", AT(groups)},
	{"cwd", 0, OPT_TEXT, "DIR", "its working directory", AT(cwd)},
	{"env", 'e', OPT_LIST, "NAME=VALUE", "a further environment variable", AT(env)},
	{"cap", 'c', OPT_LIST, "NAME", "a further capability", AT(caps)},
	{"no-new-privs", 0, OPT_FLAG, NULL, "it can never gain privileges", AT(no_new_privs)},
	{"apparmor", 0, OPT_TEXT, "PROFILE", "its AppArmor profile", AT(apparmor)},
	{"process-label", 0, OPT_TEXT, "LABEL", "its SELinux label", AT(label)},
	{"cgroup", 0, OPT_TEXT, "PATH", "a control group below the container's", AT(cgroup)},
	{"console-socket", 0, OPT_TEXT, "PATH", "unix socket that receives the terminal's master", AT(console_socket)},
	{"pid-file", 0, OPT_TEXT, "FILE", "gets its pid", AT(pid_file)},
	{"pidfd-socket", 0, OPT_TEXT, "PATH", "unix socket that receives a pidfd of it", AT(pidfd_socket)},
	{"preserve-fds", 0, OPT_INT, "N", "descriptors 3 to 2+N go to it", AT(preserve_fds)},
	{"detach", 'd', OPT_FLAG, NULL, "does not wait", AT(detach)},
	{"ignore-paused", 0, OPT_FLAG, NULL, "also in a paused container", AT(ignore_paused)},
	HELP, END,
};
const struct opt list_options[] = {{"format", 'f', OPT_TEXT, "FORMAT", "table or json", AT(format)},
				    {"quiet", 'q', OPT_FLAG, NULL, "only ids", AT(quiet)}, HELP, END};
const struct opt ps_options[] = {{"format", 'f', OPT_TEXT, "FORMAT", "table or json", AT(format)}, HELP, END};
const struct opt events_options[] = {{"stats", 0, OPT_FLAG, NULL, "shows what it uses once", AT(stats)},
					    {"interval", 0, OPT_TEXT, "TIME", "between figures, as 5s (the default)", AT(interval)}, HELP, END};
const struct opt spec_options[] = {{"bundle", 'b', OPT_TEXT, "DIR", "where to write config.json", AT(bundle)},
				    {"rootless", 0, OPT_FLAG, NULL, "for an ordinary user", AT(keep)}, HELP, END};

#define LIMIT(NAME, LETTER, VALUE, WHAT) {NAME, LETTER, OPT_PARAM, VALUE, WHAT, AT(limits)}
const struct opt update_options[] = {
	{"resources", 'r', OPT_TEXT, "FILE", "linux.resources as JSON (- is standard input)", AT(resources)},
	LIMIT("memory", 'm', "BYTES", "memory"),
	LIMIT("memory-reservation", 0, "BYTES", "memory that is protected"),
	LIMIT("memory-swap", 0, "BYTES", "memory and swap together"),
	LIMIT("kernel-memory", 0, "BYTES", "the kernel's memory for it (v1 before Linux 5.16)"),
	LIMIT("kernel-memory-tcp", 0, "BYTES", "TCP buffers (v1)"),
	LIMIT("cpu-period", 0, "USEC", "CPU period"),
	LIMIT("cpu-quota", 0, "USEC", "CPU time in a period"),
	LIMIT("cpu-share", 0, "SHARES", "weight against others, 2 to 262144"),
	LIMIT("cpu-burst", 0, "USEC", "CPU time saved up"),
	LIMIT("cpu-idle", 0, "0|1", "runs only when nobody else wants to"),
	LIMIT("cpu-rt-period", 0, "USEC", "real-time CPU period (v1)"),
	LIMIT("cpu-rt-runtime", 0, "USEC", "real-time CPU time in a period (v1)"),
	LIMIT("cpuset-cpus", 0, "LIST", "CPUs, as 0-3,7"),
	LIMIT("cpuset-mems", 0, "LIST", "memory nodes"),
	LIMIT("pids-limit", 0, "N", "processes"),
	LIMIT("blkio-weight", 0, "WEIGHT", "weight of I/O, 10 to 1000"),
	{"l3-cache-schema", 0, OPT_TEXT, "LINES", "shares of the last cache, as L3:0=f (Intel RDT)", AT(l3_schema)},
	{"mem-bw-schema", 0, OPT_TEXT, "LINE", "shares of the memory's bandwidth, as MB:0=50 (Intel RDT)", AT(bandwidth_schema)},
	HELP, END,
};
