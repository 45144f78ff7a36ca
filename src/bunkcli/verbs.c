// The table of verbs: options, operands and help.
#include "base/mem.h"
#include "base/opts.h"
#include "call.h"

const struct verb bunk_verbs[] = {
	{.name = "create", .operands = "ID", .help = "create a container, which then waits for start",
	 .options = create_options, .run = do_create, .least = 1, .most = 1, .own_status = 1},
	{.name = "start", .operands = "ID", .help = "start the process of a created container",
	 .options = plain_options, .run = do_start, .least = 1, .most = 1, .own_status = 1},
	{.name = "state", .operands = "ID", .help = "print its state as JSON",
	 .options = plain_options, .run = do_state, .least = 1, .most = 1, .own_status = 1},
	{.name = "kill", .operands = "ID [SIGNAL]", .help = "send a signal to its init (TERM)",
	 .options = kill_options, .run = do_kill, .least = 1, .most = 2, .own_status = 1},
	{.name = "delete", .operands = "ID", .help = "delete a stopped container",
	 .options = delete_options, .run = do_delete, .least = 1, .most = 1, .own_status = 1},
	{.name = "run", .operands = "ID", .help = "create, start, wait for and delete a container",
	 .options = run_options, .run = do_run, .least = 1, .most = 1, .own_status = 1},
	{.name = "exec", .operands = "ID PROGRAM [ARGUMENT]...", .help = "run another process in a running container",
	 .options = exec_options, .run = do_exec, .least = 1, .most = 1 << 20, .flags = OPTS_STOP_AT_OPERAND,
	 .own_status = 125},
	{.name = "ps", .operands = "ID [OPTION OF ps]...", .help = "list its processes",
	 .options = ps_options, .run = do_ps, .least = 1, .most = 1 << 20, .flags = OPTS_STOP_AT_OPERAND, .own_status = 1},
	{.name = "list", .operands = "", .help = "list all containers",
	 .options = list_options, .run = do_list, .own_status = 1},
	{.name = "pause", .operands = "ID", .help = "freeze its processes",
	 .options = plain_options, .run = do_pause, .least = 1, .most = 1, .own_status = 1},
	{.name = "resume", .operands = "ID", .help = "thaw its processes",
	 .options = plain_options, .run = do_resume, .least = 1, .most = 1, .own_status = 1},
	{.name = "update", .operands = "ID", .help = "change its limits",
	 .options = update_options, .run = do_update, .least = 1, .most = 1, .own_status = 1},
	{.name = "events", .operands = "ID", .help = "print its figures and OOM kills as JSON lines",
	 .options = events_options, .run = do_events, .least = 1, .most = 1, .own_status = 1},
	{.name = "checkpoint", .operands = "ID", .help = "save its processes as images, and stop it",
	 .options = checkpoint_options, .run = do_checkpoint, .least = 1, .most = 1, .own_status = 1},
	{.name = "restore", .operands = "ID", .help = "create a container from images",
	 .options = restore_options, .run = do_restore, .least = 1, .most = 1, .own_status = 1},
	{.name = "features", .operands = "", .help = "print what this build supports as JSON",
	 .options = plain_options, .run = do_features, .own_status = 1},
	{.name = "spec", .operands = "", .help = "write a config.json to start from",
	 .options = spec_options, .run = do_spec, .own_status = 1},
};

const size_t bunk_verb_count = ARRAY_SIZE(bunk_verbs);
