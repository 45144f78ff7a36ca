// The verbs and their options. Help, completion and the check of the command line are made from these tables.
#include "cli.h"

#define AT(FIELD) offsetof(struct cli, FIELD)

static const struct opt no_options[] = {{0}};
#define FORMAT {.name = "format", .kind = OPT_TEXT, .value = "TEMPLATE", .at = AT(format), \
	.help = "print one line per workload in this format, for example '{name} {state} {cpu}'"}

static const struct opt ls_options[] = {
	FORMAT,
	{.name = "quiet", .letter = 'q', .kind = OPT_FLAG,
	 .help = "print ids only", .at = AT(quiet)},
	{0},
};
static const struct opt stats_options[] = {
	FORMAT,
	{.name = "interval", .letter = 'i', .kind = OPT_TEXT, .value = "TIME",
	 .help = "interval of a measurement (1s)", .at = AT(interval)},
	{.name = "count", .letter = 'n', .kind = OPT_TEXT, .value = "NUMBER",
	 .help = "number of measurements (1)", .at = AT(count)},
	{.name = "follow", .letter = 'f', .kind = OPT_FLAG,
	 .help = "repeat until interrupted", .at = AT(follow)},
	{0},
};
static const struct opt stop_options[] = {
	{.name = "timeout", .letter = 't', .kind = OPT_PARAM, .value = "TIME",
	 .help = "grace period before it is killed (containers: 10s; guests: never unless given)", .at = AT(params)},
	{0},
};
static const struct opt kill_options[] = {
	{.name = "signal", .letter = 's', .kind = OPT_PARAM, .value = "SIGNAL",
	 .help = "send this signal, for example HUP (KILL)", .at = AT(params)},
	{0},
};
static const struct opt rm_options[] = {
	{.name = "force", .letter = 'f', .kind = OPT_PARAM,
	 .help = "kill it first if it is running", .at = AT(params)},
	{.name = "storage", .kind = OPT_PARAM,
	 .help = "also delete the guest's own disks", .at = AT(params)},
	{0},
};
static const struct opt set_options[] = {
	{.name = "cpus", .letter = 'c', .kind = OPT_PARAM, .value = "NUMBER",
	 .help = "CPU limit of a container (0: none), virtual CPUs of a guest", .at = AT(params)},
	{.name = "memory", .letter = 'm', .kind = OPT_PARAM, .value = "SIZE",
	 .help = "memory limit, for example 512M; 0: none for a container", .at = AT(params)},
	{.name = "pids", .kind = OPT_PARAM, .value = "NUMBER",
	 .help = "limit of processes and threads of a container; 0: none", .at = AT(params)},
	{.name = "restart", .kind = OPT_PARAM, .value = "POLICY",
	 .help = "restart a container: no, always, unless-stopped or on-failure[:TIMES]", .at = AT(params)},
	{.name = "autostart", .kind = OPT_PARAM, .value = "YES",
	 .help = "yes or no: start a guest when the host boots", .at = AT(params)},
	{0},
};
static const struct opt run_options[] = {
	{.name = "detach", .letter = 'd', .kind = OPT_FLAG,
	 .help = "do not wait for it; print its name", .at = AT(detach)},
	{0},
};
static const struct opt create_options[] = {
	{.name = "start", .kind = OPT_FLAG,
	 .help = "also start it", .at = AT(start)},
	{0},
};
static const struct opt logs_options[] = {
	{.name = "follow", .letter = 'f', .kind = OPT_PARAM,
	 .help = "print new output until interrupted", .at = AT(params)},
	{.name = "tail", .letter = 'n', .kind = OPT_PARAM, .value = "LINES",
	 .help = "only the last LINES lines", .at = AT(params)},
	{.name = "since", .kind = OPT_PARAM, .value = "TIME",
	 .help = "only lines newer than TIME, for example 10m", .at = AT(params)},
	{.name = "timestamps", .letter = 't', .kind = OPT_PARAM,
	 .help = "show the time of each line", .at = AT(params)},
	{0},
};
static const struct opt exec_options[] = {
	{.name = "tty", .letter = 't', .kind = OPT_PARAM,
	 .help = "allocate a terminal", .at = AT(params)},
	{.name = "interactive", .letter = 'i', .kind = OPT_PARAM,
	 .help = "keep standard input open (containers: always)", .at = AT(params)},
	{.name = "user", .letter = 'u', .kind = OPT_PARAM, .value = "USER[:GROUP]",
	 .help = "run as this user", .at = AT(params)},
	{.name = "cwd", .letter = 'w', .kind = OPT_PARAM, .value = "PATH",
	 .help = "working directory inside", .at = AT(params)},
	{.name = "env", .letter = 'e', .kind = OPT_PARAMS, .value = "NAME=VALUE",
	 .help = "environment variable", .at = AT(params)},
	{0},
};
static const struct opt console_options[] = {
	{.name = "take", .kind = OPT_PARAM,
	 .help = "take it over from another client", .at = AT(params)},
	{.name = "device", .kind = OPT_PARAM, .value = "NAME",
	 .help = "a console of several, for example serial1 (see inspect)", .at = AT(params)},
	{0},
};
static const struct opt check_options[] = {
	{.name = "repair", .kind = OPT_FLAG,
	 .help = "repair what is safe to repair", .at = AT(repair)},
	{.name = "deep", .kind = OPT_FLAG,
	 .help = "check the digests of images, too", .at = AT(deep)},
	{0},
};
static const struct opt inspect_options[] = {
	FORMAT,
	{.name = "config", .kind = OPT_FLAG,
	 .help = "print the engine's own configuration: JSON or XML", .at = AT(config)},
	{.name = "processes", .kind = OPT_FLAG,
	 .help = "list the processes inside", .at = AT(processes)},
	{0},
};

const struct cli_verb cli_verbs[] = {
	{.name = "ls", .operands = "[FILTER]…",
	 .help = "list workloads; filters: state:running kind:guest mem>1G …",
	 .options = ls_options, .most = CLI_ANY, .run = verb_ls},
	{.name = "stats", .operands = "[NAME]…",
	 .help = "measure CPU, memory, network and disks",
	 .options = stats_options, .most = CLI_ANY, .run = verb_stats},
	{.name = "run", .operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	 .help = "create and start a container or guest; wait for the container",
	 .options = run_options, .flags = CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RECIPE | CLI_RUNS, .most = CLI_ANY, .run = verb_run},
	{.name = "create", .operands = "[guest|container] [OPTION]… [IMAGE [COMMAND]…]",
	 .help = "create a container or guest",
	 .options = create_options, .flags = CLI_WRITES | CLI_COMMAND | CLI_RECIPE, .most = CLI_ANY, .run = verb_create},
	{.name = "start", .operands = "NAME…",
	 .help = "start workloads",
	 .options = no_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "stop", .operands = "NAME…",
	 .help = "shut down gracefully; kill containers after a grace period",
	 .options = stop_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "kill", .operands = "NAME…",
	 .help = "kill, or send a signal",
	 .options = kill_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "pause", .operands = "NAME…",
	 .help = "freeze",
	 .options = no_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "resume", .operands = "NAME…",
	 .help = "continue after pause",
	 .options = no_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "restart", .operands = "NAME…",
	 .help = "stop and start",
	 .options = stop_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "rm", .operands = "NAME…",
	 .help = "delete permanently",
	 .options = rm_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "rename", .operands = "NAME NEW",
	 .help = "change the name",
	 .options = no_options, .flags = CLI_WRITES, .least = 2, .most = 2, .run = verb_act},
	{.name = "set", .operands = "OPTION… NAME…",
	 .help = "change limits, also while running",
	 .options = set_options, .flags = CLI_WRITES, .least = 1, .most = CLI_ANY, .run = verb_act},
	{.name = "logs", .operands = "NAME…",
	 .help = "show output of containers, serial logs of guests",
	 .options = logs_options, .flags = CLI_STREAM, .least = 1, .most = CLI_ANY, .run = verb_logs},
	{.name = "exec", .operands = "[OPTION]… NAME [--] COMMAND…",
	 .help = "run a command inside",
	 .options = exec_options, .flags = CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RUNS, .least = 1, .most = CLI_ANY, .run = verb_stream},
	{.name = "attach", .operands = "NAME",
	 .help = "connect to a container's first process (Ctrl-] leaves)",
	 .options = no_options, .flags = CLI_WRITES | CLI_STREAM, .least = 1, .most = 1, .run = verb_stream},
	{.name = "console", .operands = "NAME",
	 .help = "connect to a guest's serial console (Ctrl-] leaves)",
	 .options = console_options, .flags = CLI_WRITES | CLI_STREAM, .least = 1, .most = 1, .run = verb_stream},
	{.name = "wait", .operands = "NAME",
	 .help = "wait until a container exits and return its status",
	 .options = no_options, .flags = CLI_STREAM, .least = 1, .most = 1, .run = verb_wait},
	{.name = "inspect", .operands = "NAME…",
	 .help = "show all details",
	 .options = inspect_options, .least = 1, .most = CLI_ANY, .run = verb_inspect},
	{.name = "check", .operands = "",
	 .help = "find damage, leftovers and missing parts",
	 .options = check_options, .flags = CLI_STREAM, .run = verb_check},
	{.name = "agent", .operands = "",
	 .help = "serve this host to a hostel on another one (started by --host)",
	 .options = no_options, .run = verb_agent},
	{.name = "completion", .operands = "bash|zsh|fish",
	 .help = "print completion rules for a shell",
	 .options = no_options, .least = 1, .most = 1, .run = verb_completion},
	{.name = "version", .operands = "",
	 .help = "show the version",
	 .options = no_options, .run = verb_version},
	{.name = "help", .operands = "[VERB [KIND]|keys|fields]",
	 .help = "show help on hostel, a verb, the dashboard's keys or the fields of workloads",
	 .options = no_options, .most = 2, .run = verb_help},
	{0},
};
