// The table of verbs: options, operands and what each does.
#include "base/mem.h"
#include "base/opts.h"
#include "call.h"

const struct verb bunk_verbs[] = {
	{.name = "create", .operands = "ID", .help = "makes a container, which then waits for start",
	 .options = create_options, .run = do_create, .least = 1, .most = 1, .own_status = 1},
	{.name = "start", .operands = "ID", .help = "lets its process begin",
	 .options = plain_options, .run = do_start, .least = 1, .most = 1, .own_status = 1},
	{.name = "state", .operands = "ID", .help = "shows its state as JSON",
	 .options = plain_options, .run = do_state, .least = 1, .most = 1, .own_status = 1},
	{.name = "kill", .operands = "ID [SIGNAL]", .help = "signals its first process (TERM)",
	 .options = kill_options, .run = do_kill, .least = 1, .most = 2, .own_status = 1},
	{.name = "delete", .operands = "ID", .help = "removes a stopped one",
	 .options = delete_options, .run = do_delete, .least = 1, .most = 1, .own_status = 1},
	{.name = "run", .operands = "ID", .help = "create, start, wait and delete in one",
	 .options = run_options, .run = do_run, .least = 1, .most = 1, .own_status = 1},
	{.name = "exec", .operands = "ID PROGRAM [ARGUMENT]...", .help = "one more process in a running one",
	 .options = exec_options, .run = do_exec, .least = 1, .most = 1 << 20, .flags = OPTS_STOP_AT_OPERAND, .own_status = 125},
	{.name = "ps", .operands = "ID [OPTION OF ps]...", .help = "lists its processes",
	 .options = ps_options, .run = do_ps, .least = 1, .most = 1 << 20, .flags = OPTS_STOP_AT_OPERAND, .own_status = 1},
	{.name = "list", .operands = "", .help = "lists all containers",
	 .options = list_options, .run = do_list, .own_status = 1},
	{.name = "pause", .operands = "ID", .help = "freezes it",
	 .options = plain_options, .run = do_pause, .least = 1, .most = 1, .own_status = 1},
	{.name = "resume", .operands = "ID", .help = "thaws it",
	 .options = plain_options, .run = do_resume, .least = 1, .most = 1, .own_status = 1},
	{.name = "update", .operands = "ID", .help = "changes its limits",
	 .options = update_options, .run = do_update, .least = 1, .most = 1, .own_status = 1},
	{.name = "events", .operands = "ID", .help = "shows what it uses, and when the kernel kills for memory, as JSON lines",
	 .options = events_options, .run = do_events, .least = 1, .most = 1, .own_status = 1},
	{.name = "checkpoint", .operands = "ID", .help = "saves its processes as images, and ends it",
	 .options = checkpoint_options, .run = do_checkpoint, .least = 1, .most = 1, .own_status = 1},
	{.name = "restore", .operands = "ID", .help = "makes a container out of images",
	 .options = restore_options, .run = do_restore, .least = 1, .most = 1, .own_status = 1},
	{.name = "features", .operands = "", .help = "shows what this build can do, as JSON",
	 .options = plain_options, .run = do_features, .own_status = 1},
	{.name = "spec", .operands = "", .help = "writes a config.json to start from",
	 .options = spec_options, .run = do_spec, .own_status = 1},
};

const size_t bunk_verb_count = ARRAY_SIZE(bunk_verbs);
