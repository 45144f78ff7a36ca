// The verbs and their options. Help, completion and the check of the command line are made from these tables.
#include "cli.h"

#define AT(FIELD) offsetof(struct cli, FIELD)

static const struct opt no_options[] = {{0}};
#define FORMAT {"format", 0, OPT_TEXT, "TEMPLATE", "print one line per workload in this format, for example '{name} {state} {cpu}'", AT(format)}

static const struct opt ls_options[] = {
	FORMAT,
	{"quiet", 'q', OPT_FLAG, NULL, "print ids only", AT(quiet)},
	{0},
};
static const struct opt stats_options[] = {
	FORMAT,
	{"interval", 'i', OPT_TEXT, "TIME", "interval of a measurement (1s)", AT(interval)},
	{"count", 'n', OPT_TEXT, "NUMBER", "number of measurements (1)", AT(count)},
	{"follow", 'f', OPT_FLAG, NULL, "repeat until interrupted", AT(follow)},
	{0},
};
static const struct opt stop_options[] = {
	{"timeout", 't', OPT_PARAM, "TIME", "grace period before it is killed (containers: 10s; guests: never unless given)", AT(params)},
	{0},
};
static const struct opt kill_options[] = {
	{"signal", 's', OPT_PARAM, "SIGNAL", "send this signal, for example HUP (KILL)", AT(params)},
	{0},
};
static const struct opt rm_options[] = {
	{"force", 'f', OPT_PARAM, NULL, "kill it first if it is running", AT(params)},
	{"storage", 0, OPT_PARAM, NULL, "also delete the guest's own disks", AT(params)},
	{0},
};
static const struct opt set_options[] = {
	{"cpus", 'c', OPT_PARAM, "NUMBER", "CPU limit of a container, virtual CPUs of a guest", AT(params)},
	{"memory", 'm', OPT_PARAM, "SIZE", "memory limit, for example 512M", AT(params)},
	{"pids", 0, OPT_PARAM, "NUMBER", "limit of processes and threads of a container", AT(params)},
	{"restart", 0, OPT_PARAM, "POLICY", "restart a container: no, always, unless-stopped or on-failure[:TIMES]", AT(params)},
	{"autostart", 0, OPT_PARAM, "YES", "yes or no: start a guest when the host boots", AT(params)},
	{0},
};
static const struct opt run_options[] = {
	{"detach", 'd', OPT_FLAG, NULL, "do not wait for it; print its name", AT(detach)},
	{0},
};
static const struct opt create_options[] = {
	{"start", 0, OPT_FLAG, NULL, "also start it", AT(start)},
	{0},
};
static const struct opt logs_options[] = {
	{"follow", 'f', OPT_PARAM, NULL, "print new output until interrupted", AT(params)},
	{"tail", 'n', OPT_PARAM, "LINES", "only the last LINES lines", AT(params)},
	{"since", 0, OPT_PARAM, "TIME", "only lines newer than TIME, for example 10m", AT(params)},
	{"timestamps", 't', OPT_PARAM, NULL, "show the time of each line", AT(params)},
	{0},
};
static const struct opt exec_options[] = {
	{"tty", 't', OPT_PARAM, NULL, "allocate a terminal", AT(params)},
	{"interactive", 'i', OPT_PARAM, NULL, "keep standard input open (containers: always)", AT(params)},
	{"user", 'u', OPT_PARAM, "USER[:GROUP]", "run as this user", AT(params)},
	{"cwd", 'w', OPT_PARAM, "PATH", "working directory inside", AT(params)},
	{"env", 'e', OPT_PARAMS, "NAME=VALUE", "environment variable", AT(params)},
	{0},
};
static const struct opt console_options[] = {
	{"take", 0, OPT_PARAM, NULL, "take it over from another client", AT(params)},
	{"device", 0, OPT_PARAM, "NAME", "a console of several, for example serial1 (see inspect)", AT(params)},
	{0},
};
static const struct opt check_options[] = {
	{"repair", 0, OPT_FLAG, NULL, "repair what is safe to repair", AT(repair)},
	{"deep", 0, OPT_FLAG, NULL, "check the digests of images, too", AT(deep)},
	{0},
};
static const struct opt inspect_options[] = {
	FORMAT,
	{"config", 0, OPT_FLAG, NULL, "print the engine's own configuration: JSON or XML", AT(config)},
	{"processes", 0, OPT_FLAG, NULL, "list the processes inside", AT(processes)},
	{0},
};

const struct cli_verb cli_verbs[] = {
	{"ls", "[FILTER]…", "list workloads; filters: state:running kind:guest mem>1G …", ls_options, 0, 0, CLI_ANY, verb_ls},
	{"stats", "[NAME]…", "measure CPU, memory, network and disks", stats_options, 0, 0, CLI_ANY, verb_stats},
	{"run", "[guest|container] [OPTION]… [IMAGE [COMMAND]…]", "create and start a container or guest; wait for the container", run_options,
	 CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RECIPE | CLI_RUNS, 0, CLI_ANY, verb_run},
	{"create", "[guest|container] [OPTION]… [IMAGE [COMMAND]…]", "create a container or guest", create_options, CLI_WRITES | CLI_COMMAND | CLI_RECIPE, 0, CLI_ANY, verb_create},
	{"start", "NAME…", "start workloads", no_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"stop", "NAME…", "shut down gracefully; kill containers after a grace period", stop_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"kill", "NAME…", "kill, or send a signal", kill_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"pause", "NAME…", "freeze", no_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"resume", "NAME…", "continue after pause", no_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"restart", "NAME…", "stop and start", stop_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"rm", "NAME…", "delete permanently", rm_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"rename", "NAME NEW", "change the name", no_options, CLI_WRITES, 2, 2, verb_act},
	{"set", "OPTION… NAME…", "change limits, also while running", set_options, CLI_WRITES, 1, CLI_ANY, verb_act},
	{"logs", "NAME…", "show output of containers, serial logs of guests", logs_options, CLI_STREAM, 1, CLI_ANY, verb_logs},
	{"exec", "[OPTION]… NAME [--] COMMAND…", "run a command inside", exec_options, CLI_WRITES | CLI_COMMAND | CLI_STREAM | CLI_RUNS, 1, CLI_ANY, verb_stream},
	{"attach", "NAME", "connect to a container's first process (Ctrl-] leaves)", no_options, CLI_WRITES | CLI_STREAM, 1, 1, verb_stream},
	{"console", "NAME", "connect to a guest's serial console (Ctrl-] leaves)", console_options, CLI_WRITES | CLI_STREAM, 1, 1, verb_stream},
	{"wait", "NAME", "wait until a container exits and return its status", no_options, CLI_STREAM, 1, 1, verb_wait},
	{"inspect", "NAME…", "show all details", inspect_options, 0, 1, CLI_ANY, verb_inspect},
	{"check", "", "find damage, leftovers and missing parts", check_options, CLI_STREAM, 0, 0, verb_check},
	{"agent", "", "serve this host to a hostel on another one (started by --host)", no_options, 0, 0, 0, verb_agent},
	{"completion", "bash|zsh|fish", "print completion rules for a shell", no_options, 0, 1, 1, verb_completion},
	{"version", "", "show the version", no_options, 0, 0, 0, verb_version},
	{"help", "[VERB [KIND]|keys]", "show help on hostel, a verb or the dashboard's keys", no_options, 0, 0, 2, verb_help},
	{0},
};
