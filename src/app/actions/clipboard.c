// Copies to the user's clipboard: through the terminal (OSC 52), or inside tmux, which may ignore OSC 52 from
// programs, through tmux.
#include "clipboard.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/term.h"

#include "app/know/app.h"

// A text being written to `tmux load-buffer`.
struct tmux_copy {
	struct app *app;
	uv_process_t process;
	uv_pipe_t in;
	uv_write_t request;
	int handles;
	char *text;
	struct str visible;
};

static void say_copied(struct app *app, const char *text)
{
	app_say(app, false, "copied: %s%s", text,
	        term_caps(app->term).nested ? "  (tmux passes it on with 'set -s set-clipboard on')" : "");
}

static void copy_by_terminal(struct app *app, const char *text)
{
	struct err e = {0};

	if (term_copy(app->term, text, strlen(text), &e) < 0)
		app_say(app, true, "%s", e.text);
	else
		say_copied(app, text);
}

static void clipboard_on_closed(uv_handle_t *handle)
{
	struct tmux_copy *l = handle->data;

	if (--l->handles > 0)
		return;
	free(l->text);
	str_done(&l->visible);
	free(l);
}

// tmux reads until the end of its input, so the pipe is closed.
static void clipboard_on_written(uv_write_t *request, int status)
{
	struct tmux_copy *l = request->data;

	(void)status; // the exit status tells the result
	uv_close((uv_handle_t *)&l->in, clipboard_on_closed);
}

static void clipboard_on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct tmux_copy *l = process->data;

	if (l->app->quit) // another program has the terminal
		;
	else if (status == 0 && !signal)
		app_say(l->app, false, "copied: %s", l->text);
	else // an older tmux, or none: it may pass on OSC 52
		copy_by_terminal(l->app, l->text);
	uv_close((uv_handle_t *)process, clipboard_on_closed);
}

static int start_tmux(struct tmux_copy *l)
{
	auto_strv argv = {0};

	strv_split(&argv, "tmux load-buffer -w -", " ");
	uv_stdio_container_t stdio[] = {
		{.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&l->in},
		{.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
	const uv_process_options_t options = {
		.exit_cb = clipboard_on_exited, .file = argv.items[0], .args = argv.items,
		.stdio = stdio, .stdio_count = ARRAY_SIZE(stdio)};

	uv_pipe_init(&l->app->loop, &l->in, 0);
	l->in.data = l->process.data = l->request.data = l;
	l->handles = 2;
	return uv_spawn(&l->app->loop, &l->process, &options);
}

static void copy_by_tmux(struct app *app, const char *text)
{
	struct tmux_copy *l = mem_new(sizeof(*l));

	l->app = app;
	l->text = mem_strdup(text);
	str_add_visible(&l->visible, text, strlen(text));
	if (start_tmux(l) < 0) {
		copy_by_terminal(app, text);
		uv_close((uv_handle_t *)&l->in, clipboard_on_closed);
		uv_close((uv_handle_t *)&l->process, clipboard_on_closed);
		return;
	}
	uv_buf_t buffer = uv_buf_init(l->visible.text, (unsigned)l->visible.length);
	if (uv_write(&l->request, (uv_stream_t *)&l->in, &buffer, 1, clipboard_on_written) < 0)
		uv_close((uv_handle_t *)&l->in, clipboard_on_closed);
}

void clipboard_copy(struct app *app, const char *text)
{
	const char *tmux = getenv("TMUX");

	if (tmux && *tmux)
		copy_by_tmux(app, text);
	else
		copy_by_terminal(app, text);
}
