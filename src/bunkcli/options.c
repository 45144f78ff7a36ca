// The options of each verb.
#include "options.h"

#include <stddef.h>

#define AT(FIELD) offsetof(struct options, FIELD)
#define END {.name = NULL}
#define HELP \
	{.name = "help", .letter = 'h', .kind = OPT_FLAG, .at = AT(help), \
	 .help = "show help"}

const struct opt global_options[] = {
	{.name = "root", .kind = OPT_TEXT, .value = "DIR", .at = AT(root),
	 .help = "keep the state of containers in DIR"},
	{.name = "log", .kind = OPT_TEXT, .value = "FILE", .at = AT(log),
	 .help = "also write errors and warnings to FILE"},
	{.name = "log-format", .kind = OPT_TEXT, .value = "FORMAT", .at = AT(log_format),
	 .help = "format of the log: text or json"},
	{.name = "log-level", .kind = OPT_TEXT, .value = "LEVEL", .at = AT(log_level),
	 .help = "level of the log: error, warning, info or debug"},
	{.name = "debug", .kind = OPT_FLAG, .at = AT(debug),
	 .help = "same as --log-level debug"},
	{.name = "cgroup-manager", .kind = OPT_TEXT, .value = "NAME", .at = AT(cgroup_manager),
	 .help = "cgroupfs, systemd or disabled"},
	{.name = "systemd-cgroup", .kind = OPT_FLAG, .at = AT(systemd_cgroup),
	 .help = "same as --cgroup-manager systemd"},
	{.name = "rootless", .kind = OPT_TEXT, .value = "WORD", .at = AT(rootless),
	 .help = "ignored: bunk detects whether it runs rootless"},
	{.name = "version", .letter = 'v', .kind = OPT_FLAG, .at = AT(version),
	 .help = "show the version"},
	HELP, END,
};

#define CREATE_OPTIONS \
	{.name = "bundle", .letter = 'b', .kind = OPT_TEXT, .value = "DIR", .at = AT(bundle), \
	 .help = "bundle directory (default: current directory)"}, \
	{.name = "config", .letter = 'f', .kind = OPT_TEXT, .value = "FILE", .at = AT(config), \
	 .help = "configuration file in the bundle (default: config.json)"}, \
	{.name = "console-socket", .kind = OPT_TEXT, .value = "PATH", .at = AT(console_socket), \
	 .help = "unix socket that receives the master of the terminal"}, \
	{.name = "pid-file", .kind = OPT_TEXT, .value = "FILE", .at = AT(pid_file), \
	 .help = "write the pid of the container's init to FILE"}, \
	{.name = "pidfd-socket", .kind = OPT_TEXT, .value = "PATH", .at = AT(pidfd_socket), \
	 .help = "unix socket that receives a pidfd of the container's init"}, \
	{.name = "preserve-fds", .kind = OPT_INT, .value = "N", .at = AT(preserve_fds), \
	 .help = "pass descriptors 3 to 2+N to the process"}, \
	{.name = "no-pivot", .kind = OPT_FLAG, .at = AT(no_pivot), \
	 .help = "for a root file system on a ramdisk: do not use pivot_root(2)"}, \
	{.name = "no-new-keyring", .kind = OPT_FLAG, .at = AT(no_new_keyring), \
	 .help = "keep the caller's session keyring"}, \
	{.name = "no-subreaper", .kind = OPT_FLAG, .at = AT(no_subreaper), \
	 .help = "ignored: bunk is never a subreaper"}

const struct opt create_options[] = {CREATE_OPTIONS, HELP, END};
const struct opt run_options[] = {
	CREATE_OPTIONS,
	{.name = "detach", .letter = 'd', .kind = OPT_FLAG, .at = AT(detach),
	 .help = "do not wait for it to exit"},
	{.name = "keep", .kind = OPT_FLAG, .at = AT(keep),
	 .help = "do not delete it after it exits"},
	HELP, END,
};
#define IMAGE_OPTIONS \
	{.name = "image-path", .kind = OPT_TEXT, .value = "DIR", .at = AT(image_path), \
	 .help = "directory of the images (default: ./checkpoint)"}, \
	{.name = "work-path", .kind = OPT_TEXT, .value = "DIR", .at = AT(work_path), \
	 .help = "directory of the logs of criu (default: that of the images)"}, \
	{.name = "tcp-established", .kind = OPT_FLAG, .at = AT(tcp_established), \
	 .help = "allow established TCP connections"}, \
	{.name = "ext-unix-sk", .kind = OPT_FLAG, .at = AT(ext_unix_sk), \
	 .help = "allow unix sockets whose peer is outside"}, \
	{.name = "shell-job", .kind = OPT_FLAG, .at = AT(shell_job), \
	 .help = "allow a session and terminal of the caller's"}, \
	{.name = "file-locks", .kind = OPT_FLAG, .at = AT(file_locks), \
	 .help = "allow file locks"}, \
	{.name = "auto-dedup", .kind = OPT_FLAG, .at = AT(auto_dedup), \
	 .help = "free pages that a later image contains, too"}, \
	{.name = "manage-cgroups-mode", .kind = OPT_TEXT, .value = "MODE", .at = AT(cgroups_mode), \
	 .help = "cgroups below its own: soft, full, strict or ignore"}, \
	{.name = "empty-ns", .kind = OPT_TEXT, .value = "NAMESPACE", .at = AT(empty_ns), \
	 .help = "leave this namespace empty (only network)"}, \
	{.name = "timeout", .kind = OPT_TEXT, .value = "TIME", .at = AT(timeout), \
	 .help = "kill criu after TIME without progress (default: 1m; 0: never)"}, \
	{.name = "lazy-pages", .kind = OPT_FLAG, .at = AT(lazy_pages), \
	 .help = "not supported"}

const struct opt checkpoint_options[] = {
	IMAGE_OPTIONS,
	{.name = "leave-running", .letter = 'R', .kind = OPT_FLAG, .at = AT(leave_running),
	 .help = "leave it running"},
	{.name = "pre-dump", .letter = 'P', .kind = OPT_FLAG, .at = AT(pre_dump),
	 .help = "save only memory, for a later checkpoint, and leave it running"},
	{.name = "parent-path", .kind = OPT_TEXT, .value = "DIR", .at = AT(parent_path),
	 .help = "an earlier pre-dump, relative to the directory of the images"},
	{.name = "page-server", .kind = OPT_TEXT, .value = "ADDRESS:PORT", .at = AT(page_server),
	 .help = "send the memory to a page server of criu"},
	{.name = "status-fd", .kind = OPT_TEXT, .value = "N", .at = AT(status_fd),
	 .help = "not supported"},
	HELP, END,
};
const struct opt restore_options[] = {
	CREATE_OPTIONS, IMAGE_OPTIONS,
	{.name = "detach", .letter = 'd', .kind = OPT_FLAG, .at = AT(detach),
	 .help = "do not wait for it to exit"},
	{.name = "keep", .kind = OPT_FLAG, .at = AT(keep),
	 .help = "do not delete it after it exits"},
	{.name = "lsm-profile", .kind = OPT_TEXT, .value = "TYPE:NAME", .at = AT(lsm_profile),
	 .help = "another label, for example apparmor:NAME or selinux:LABEL"},
	{.name = "lsm-mount-context", .kind = OPT_TEXT, .value = "LABEL", .at = AT(lsm_mount_context),
	 .help = "another SELinux label of its mounts"},
	HELP, END,
};
const struct opt kill_options[] = {
	{.name = "all", .letter = 'a', .kind = OPT_FLAG, .at = AT(all),
	 .help = "signal all processes"},
	{.name = "signal", .letter = 's', .kind = OPT_TEXT, .value = "SIGNAL", .at = AT(signal),
	 .help = "signal (instead of the operand)"},
	HELP, END,
};
const struct opt delete_options[] = {
	{.name = "force", .letter = 'f', .kind = OPT_FLAG, .at = AT(force),
	 .help = "kill it first; ignore a missing container"},
	HELP, END,
};
const struct opt plain_options[] = {HELP, END};
const struct opt exec_options[] = {
	{.name = "process", .letter = 'p', .kind = OPT_TEXT, .value = "FILE", .at = AT(process),
	 .help = "process object in JSON, instead of the options below"},
	{.name = "tty", .letter = 't', .kind = OPT_FLAG, .at = AT(tty),
	 .help = "allocate a terminal"},
	{.name = "user", .letter = 'u', .kind = OPT_TEXT, .value = "UID[:GID]", .at = AT(user),
	 .help = "run as this user"},
	{.name = "additional-gids", .letter = 'g', .kind = OPT_LIST, .value = "GID", .at = AT(groups),
	 .help = "additional group"},
	{.name = "cwd", .kind = OPT_TEXT, .value = "DIR", .at = AT(cwd),
	 .help = "working directory"},
	{.name = "env", .letter = 'e', .kind = OPT_LIST, .value = "NAME=VALUE", .at = AT(env),
	 .help = "set an environment variable"},
	{.name = "cap", .letter = 'c', .kind = OPT_LIST, .value = "NAME", .at = AT(caps),
	 .help = "add a capability"},
	{.name = "no-new-privs", .kind = OPT_FLAG, .at = AT(no_new_privs),
	 .help = "set no_new_privs"},
	{.name = "apparmor", .kind = OPT_TEXT, .value = "PROFILE", .at = AT(apparmor),
	 .help = "AppArmor profile"},
	{.name = "process-label", .kind = OPT_TEXT, .value = "LABEL", .at = AT(label),
	 .help = "SELinux label"},
	{.name = "cgroup", .kind = OPT_TEXT, .value = "PATH", .at = AT(cgroup),
	 .help = "join a cgroup below the container's"},
	{.name = "console-socket", .kind = OPT_TEXT, .value = "PATH", .at = AT(console_socket),
	 .help = "unix socket that receives the master of the terminal"},
	{.name = "pid-file", .kind = OPT_TEXT, .value = "FILE", .at = AT(pid_file),
	 .help = "write its pid to FILE"},
	{.name = "pidfd-socket", .kind = OPT_TEXT, .value = "PATH", .at = AT(pidfd_socket),
	 .help = "unix socket that receives a pidfd of the process"},
	{.name = "preserve-fds", .kind = OPT_INT, .value = "N", .at = AT(preserve_fds),
	 .help = "pass descriptors 3 to 2+N to the process"},
	{.name = "detach", .letter = 'd', .kind = OPT_FLAG, .at = AT(detach),
	 .help = "do not wait for it to exit"},
	{.name = "ignore-paused", .kind = OPT_FLAG, .at = AT(ignore_paused),
	 .help = "also in a paused container"},
	HELP, END,
};
const struct opt list_options[] = {
	{.name = "format", .letter = 'f', .kind = OPT_TEXT, .value = "FORMAT", .at = AT(format),
	 .help = "table or json"},
	{.name = "quiet", .letter = 'q', .kind = OPT_FLAG, .at = AT(quiet),
	 .help = "print ids only"},
	HELP, END,
};
const struct opt ps_options[] = {
	{.name = "format", .letter = 'f', .kind = OPT_TEXT, .value = "FORMAT", .at = AT(format),
	 .help = "table or json"},
	HELP, END,
};
const struct opt events_options[] = {
	{.name = "stats", .kind = OPT_FLAG, .at = AT(stats),
	 .help = "print the figures once"},
	{.name = "interval", .kind = OPT_TEXT, .value = "TIME", .at = AT(interval),
	 .help = "interval between figures (default: 5s)"},
	HELP, END,
};
const struct opt spec_options[] = {
	{.name = "bundle", .letter = 'b', .kind = OPT_TEXT, .value = "DIR", .at = AT(bundle),
	 .help = "directory for config.json (default: current directory)"},
	{.name = "rootless", .kind = OPT_FLAG, .at = AT(keep),
	 .help = "for an ordinary user"},
	HELP, END,
};

#define LIMIT(NAME, LETTER, VALUE, WHAT) \
	{.name = NAME, .letter = LETTER, .kind = OPT_PARAM, .value = VALUE, .at = AT(limits), .help = WHAT}
const struct opt update_options[] = {
	{.name = "resources", .letter = 'r', .kind = OPT_TEXT, .value = "FILE", .at = AT(resources),
	 .help = "linux.resources as JSON (- reads standard input)"},
	LIMIT("memory", 'm', "BYTES", "memory"),
	LIMIT("memory-reservation", 0, "BYTES", "memory below which it is protected from reclaim"),
	LIMIT("memory-swap", 0, "BYTES", "memory and swap together"),
	LIMIT("kernel-memory", 0, "BYTES", "kernel memory (v1 before Linux 5.16)"),
	LIMIT("kernel-memory-tcp", 0, "BYTES", "TCP buffers (v1)"),
	LIMIT("cpu-period", 0, "USEC", "CPU period"),
	LIMIT("cpu-quota", 0, "USEC", "CPU time per period"),
	LIMIT("cpu-share", 0, "SHARES", "CPU weight, 2 to 262144"),
	LIMIT("cpu-burst", 0, "USEC", "CPU time that can be saved up"),
	LIMIT("cpu-idle", 0, "0|1", "1: run only when the CPU is idle (SCHED_IDLE)"),
	LIMIT("cpu-rt-period", 0, "USEC", "real-time CPU period (v1)"),
	LIMIT("cpu-rt-runtime", 0, "USEC", "real-time CPU time per period (v1)"),
	LIMIT("cpuset-cpus", 0, "LIST", "CPUs, for example 0-3,7"),
	LIMIT("cpuset-mems", 0, "LIST", "memory nodes"),
	LIMIT("pids-limit", 0, "N", "number of processes and threads"),
	LIMIT("blkio-weight", 0, "WEIGHT", "I/O weight, 10 to 1000"),
	{.name = "l3-cache-schema", .kind = OPT_TEXT, .value = "LINES", .at = AT(l3_schema),
	 .help = "shares of the L3 cache, for example L3:0=f (Intel RDT)"},
	{.name = "mem-bw-schema", .kind = OPT_TEXT, .value = "LINE", .at = AT(bandwidth_schema),
	 .help = "shares of the memory bandwidth, for example MB:0=50 (Intel RDT)"},
	HELP, END,
};
