// A shell, a command, the first process or the console of a workload, or its definition in an editor, on the terminal.
#include "stream.h"

#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"
#include "model/stream.h"
#include "model/workload.h"
#include "ui/field.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "foreground.h"

static const struct {
	enum stream stream;
	const char *what, *hint;
} streams[] = {
	{STREAM_EXEC, "shell in", "'exit' or Ctrl-D leaves"},
	{STREAM_ATTACH, "attached to", NULL},
	{STREAM_CONSOLE, "console of", NULL},
};

// HINT: print how to leave first; attach and console do so themselves.
static void stream_run(struct app *app, enum stream which, const struct params *params, const char *what,
                       const char *hint, bool waits)
{
	const struct row *row = app_selected(app);
	auto_free char *title = mem_printf("%s '%s'", what, row->w.name),
	               *banner = hint ? mem_printf("[hostel: %s %s; %s]", what, row->w.name, hint) : NULL;
	auto_strv argv = {0};

	link_stream_argv(row->machine->link, row->w.id, which, params, &argv);
	foreground_run(app, &argv, title, banner, waits);
}

void stream_fill_shell(const struct app *app, const struct row *row, struct params *out)
{
	const char *const command[] = {"sh", "-c", command_line_shell};

	(void)app, (void)row;
	params_add(out, PARAM_TTY, "yes");
	for (size_t i = 0; i < ARRAY_SIZE(command); i++)
		params_add(out, PARAM_COMMAND, command[i]);
}

void act_stream(struct app *app, int which)
{
	auto_params params = {0};

	if (which == STREAM_EXEC)
		stream_fill_shell(app, app_selected(app), &params);
	for (size_t i = 0; i < ARRAY_SIZE(streams); i++)
		if ((int)streams[i].stream == which)
			stream_run(app, streams[i].stream, &params, streams[i].what, streams[i].hint, false);
}

static bool exec_answered(struct app *app, struct overlay *o, bool accepted)
{
	auto_params params = {0};
	auto_free char *line = mem_strdup(field_text(o->field));

	if (!accepted || !*line)
		return true;
	overlay_pop(app);
	const struct row *row = app_selected(app);
	if (row && row->w.kind == KIND_CONTAINER) // the guest agent does not provide a terminal
		params_add(&params, PARAM_TTY, "yes");
	params_add(&params, PARAM_COMMAND, "/bin/sh");
	params_add(&params, PARAM_COMMAND, "-c");
	params_add(&params, PARAM_COMMAND, line);
	if (row)
		stream_run(app, STREAM_EXEC, &params, "command in", NULL, true);
	return false;
}

void act_exec(struct app *app, int value)
{
	(void)value;
	overlay_prompt(app, "Run inside", "", exec_answered);
}

// ITEM: its id or name.
static void run_verb(struct app *app, const struct link *link, const char *item, enum verb verb,
                     const struct params *params, const char *title)
{
	auto_strv argv = {0};

	link_verb_argv(link, item, verb, params, &argv);
	foreground_run(app, &argv, title, NULL, false);
}

void act_edit(struct app *app, int value)
{
	const struct row *row = app_selected_item(app);

	auto_free char *title = mem_printf("editing '%s'", row->w.name);

	(void)value;
	run_verb(app, row->machine->link, row->w.id, VERB_EDIT, NULL, title);
}

void stream_run_verb(struct app *app, const struct row *row, enum verb verb, const struct params *params)
{
	auto_free char *title = mem_printf("%s '%s'", verb_info(verb)->label, row->w.name);

	run_verb(app, row->machine->link, row->w.name, verb, params, title);
}

void stream_run_new(struct app *app, const char *name, enum verb verb, const struct params *params)
{
	auto_free char *title = mem_printf("%s '%s'", verb_info(verb)->label, name);

	run_verb(app, app_machine(app)->link, name, verb, params, title);
}
