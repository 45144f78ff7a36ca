// Running another program on the terminal: a shell inside, a console. The dashboard goes on listening to its agent meanwhile.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "parts.h"

struct visit {
	uv_process_t process;
	struct app *app;
	char *title;
	char *id;   // of the workload that was selected, for the journal
	bool waits; // for Enter at its end, as its output is what was wanted
	int64_t started;
	struct sigaction old[2];
};

enum { BRIEF = 3 }; // seconds: who fails faster than that has said why, and it must be read

static void on_closed(uv_handle_t *handle)
{
	struct visit *visit = handle->data;

	free(visit->title);
	free(visit->id);
	free(visit);
}

// The terminal is ours again.
static void come_back(struct visit *visit)
{
	struct app *app = visit->app;
	struct err e = {0};

	app->visit = NULL;
	app->away = app->enter_due = false;
	sigaction(SIGINT, &visit->old[0], NULL);
	sigaction(SIGQUIT, &visit->old[1], NULL);
	if (term_resume(app->term, &e) < 0)
		app_quit(app);
	app_dirty(app);
	if (!uv_is_closing((uv_handle_t *)&visit->process))
		uv_close((uv_handle_t *)&visit->process, on_closed);
}

// What a program has said must be read, where that is what it was run for or it failed at once: the screen waits for a line, and the loop goes on.
void run_input(struct app *app)
{
	char text[256];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));

	if (n <= 0 || memchr(text, '\n', (size_t)n) || memchr(text, '\r', (size_t)n))
		come_back(app->visit);
}

static void ask_for_enter(struct visit *visit)
{
	static const char text[] = "\r\n[Enter: back to hostel]";
	ssize_t n = write(STDOUT_FILENO, text, sizeof(text) - 1);

	if (n > 0)
		visit->app->enter_due = true;
	else
		come_back(visit);
}

static void on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct visit *visit = process->data;
	struct app *app = visit->app;

	if (signal)
		app_say(app, true, "%s: ended by signal %d", visit->title, signal);
	else if (status)
		app_say(app, true, "%s: ended with status %lld", visit->title, (long long)status);
	journal_add(&app->journal, clock_wall(), visit->id, status != 0, true, visit->title);
	if (visit->waits || (status && clock_mono() - visit->started < BRIEF * SECOND))
		ask_for_enter(visit);
	else
		come_back(visit);
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

void run_on_terminal(struct app *app, const struct strv *argv, const char *title, const char *banner, bool waits)
{
	struct visit *visit = mem_new(sizeof(*visit));
	uv_stdio_container_t stdio[3];
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (int i = 0; i < 3; i++)
		stdio[i] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = i};
	visit->app = app;
	visit->title = mem_strdup(title);
	visit->id = mem_strdup(table_selected(&app->list.table));
	visit->waits = waits;
	visit->started = clock_mono();
	visit->process.data = visit;
	app->visit = visit;
	app->away = true;
	term_suspend(app->term);
	show_banner(banner);
	// Ctrl-C is for the program over there; libuv gives its child the default again
	sigaction(SIGINT, &ignore, &visit->old[0]);
	sigaction(SIGQUIT, &ignore, &visit->old[1]);
	const uv_process_options_t options = {.exit_cb = on_exited, .file = argv->items[0], .args = argv->items, .stdio_count = 3, .stdio = stdio};
	int r = uv_spawn(&app->loop, &visit->process, &options);
	if (r == 0)
		return;
	app_say(app, true, "%s: cannot run '%s': %s", title, argv->items[0], strerror(-r));
	come_back(visit);
}

void app_suspend(struct app *app)
{
	struct err e = {0};

	term_suspend(app->term);
	// the whole job, as the terminal's own Ctrl-Z would
	kill(0, SIGTSTP);
	if (term_resume(app->term, &e) < 0)
		app_quit(app);
	app_dirty(app);
}
