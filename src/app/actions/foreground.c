// Running another program on the terminal: see foreground.h. Links are still served meanwhile.
#include "foreground.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ui/canvas.h"
#include "ui/table.h"
#include "ui/term.h"

#include "app/know/app.h"
#include "app/know/journal.h"
#include "app/list/list.h"

struct foreground {
	uv_process_t process;
	struct app *app;
	char *title;
	char *id;   // of the workload that was selected, for the journal
	bool waits; // wait for Enter at its end, so that its output can be read
	int64_t started;
	int status, failure; // exit status of the program; the one for which FAILED is called
	void (*failed)(struct app *app); // NULL: none
	struct sigaction old[2];
};

enum { BRIEF = 3 }; // seconds: a program that fails sooner has printed why, which must be readable

static void foreground_on_closed(uv_handle_t *handle)
{
	struct foreground *foreground = handle->data;

	free(foreground->title);
	free(foreground->id);
	free(foreground);
}

// The terminal is ours again.
static void come_back(struct foreground *foreground)
{
	struct app *app = foreground->app;
	struct err e = {0};

	app->foreground = NULL;
	app->away = app->enter_due = false;
	sigaction(SIGINT, &foreground->old[0], NULL);
	sigaction(SIGQUIT, &foreground->old[1], NULL);
	if (term_resume(app->term, &e) < 0)
		app_quit(app);
	app_dirty(app);
	if (!uv_is_closing((uv_handle_t *)&foreground->process))
		uv_close((uv_handle_t *)&foreground->process, foreground_on_closed);
	if (foreground->failed && foreground->status == foreground->failure && !app->quit)
		foreground->failed(app);
}

void foreground_on_failure(struct app *app, int status, void (*failed)(struct app *app))
{
	if (!app->foreground)
		return; // it could not be run
	app->foreground->failure = status;
	app->foreground->failed = failed;
}

// If the program was run for its output, or failed immediately, the screen returns only after Enter.
void foreground_input(struct app *app)
{
	char text[256];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));

	if (n <= 0 || memchr(text, '\n', (size_t)n) || memchr(text, '\r', (size_t)n))
		come_back(app->foreground);
}

static void ask_for_enter(struct foreground *foreground)
{
	static const char text[] = "\r\n[Enter: back to hostel]";
	ssize_t n = write(STDOUT_FILENO, text, sizeof(text) - 1);

	if (n > 0)
		foreground->app->enter_due = true;
	else
		come_back(foreground);
}

static void foreground_on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct foreground *foreground = process->data;
	struct app *app = foreground->app;

	foreground->status = (int)status;
	if (signal)
		app_say(app, true, "%s: killed by signal %d", foreground->title, signal);
	else if (status)
		app_say(app, true, "%s: exit status %lld", foreground->title, (long long)status);
	journal_add(&app->journal, clock_wall(), foreground->id, status != 0, true, foreground->title);
	if (foreground->waits || (status && clock_mono() - foreground->started < BRIEF * SECOND))
		ask_for_enter(foreground);
	else
		come_back(foreground);
}

static void show_banner(const char *banner)
{
	auto_str line = {0};

	if (!banner)
		return;
	text_shown(&line, banner, strlen(banner));
	str_add(&line, "\r\n");
	ssize_t n = write(STDOUT_FILENO, line.text, line.length);
	(void)n;
}

void foreground_run(struct app *app, const struct strv *argv, const char *title, const char *banner, bool waits)
{
	struct foreground *foreground = mem_new(sizeof(*foreground));
	uv_stdio_container_t stdio[3];
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (int i = 0; i < 3; i++)
		stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = i};
	foreground->app = app;
	foreground->title = mem_strdup(title);
	foreground->id = mem_strdup(table_selected(&app->list->table));
	foreground->waits = waits;
	foreground->started = clock_mono();
	foreground->process.data = foreground;
	app->foreground = foreground;
	app->away = true;
	term_suspend(app->term);
	show_banner(banner);
	// Ctrl-C is for that program; libuv resets it to the default in the child
	sigaction(SIGINT, &ignore, &foreground->old[0]);
	sigaction(SIGQUIT, &ignore, &foreground->old[1]);
	const uv_process_options_t options = {.exit_cb = foreground_on_exited,
	                                      .file = argv->items[0],
	                                      .args = argv->items,
	                                      .stdio_count = 3,
	                                      .stdio = stdio};
	int r = uv_spawn(&app->loop, &foreground->process, &options);
	if (r == 0)
		return;
	app_say(app, true, "%s: cannot run '%s': %s", title, argv->items[0], strerror(-r));
	come_back(foreground);
}

void app_suspend(struct app *app)
{
	struct err e = {0};

	term_suspend(app->term);
	// the whole process group, like the terminal's Ctrl-Z
	kill(0, SIGTSTP);
	if (term_resume(app->term, &e) < 0)
		app_quit(app);
	app_dirty(app);
}
