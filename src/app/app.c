// The dashboard's frame: the loop, the terminal, the link, and when to draw. Must not know what is drawn or done.
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#include "actions.h"
#include "jobs.h"
#include "parts.h"

enum {
	FRAMES = 10,    // a second at most; so many may come at once after a rest
	FRAME_MS = 100,
};

static const int signal_numbers[] = {SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT};

static void frame(struct app *app);

static void watch_output(struct app *app);

static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct app *app = poll->data;
	struct err e = {0};

	(void)events;
	if (status < 0 || term_flush(app->term, &e) < 0) {
		app_quit(app);
		return;
	}
	watch_output(app);
	frame(app);
}

// Listens for room only while bytes wait.
static void watch_output(struct app *app)
{
	bool wanted = term_pending(app->term);

	if (wanted && !app->out_polled)
		uv_poll_start(&app->out, UV_WRITABLE, on_writable);
	else if (!wanted && app->out_polled)
		uv_poll_stop(&app->out);
	app->out_polled = wanted;
}

static void draw(struct app *app)
{
	struct err e = {0};
	int rows, columns;

	term_size(app->term, &rows, &columns);
	if (rows != app->canvas.rows || columns != app->canvas.columns)
		canvas_resize(&app->canvas, rows, columns);
	pane_update(app);
	screen_draw(app);
	int r = term_draw(app->term, &app->canvas, &e);
	if (r < 0)
		app_quit(app);
	if (r > 0) {
		app->dirty = false;
		app->late = pane_lags(app);
		app->tokens--;
	}
	watch_output(app);
}

static void on_frame(uv_timer_t *timer)
{
	struct app *app = timer->data;

	if (app->tokens < FRAMES)
		app->tokens++;
	if (app->late)
		app_dirty(app);
	else if (app->tokens == FRAMES && !app->dirty)
		uv_timer_stop(timer);
	frame(app);
}

// Draws what has changed, unless too many frames went out lately or the terminal does not take more: then a timer or the
// terminal itself comes back to it.
static void frame(struct app *app)
{
	if (!app->dirty || app->away || app->quit || !app->term)
		return;
	if (!uv_is_active((uv_handle_t *)&app->frame))
		uv_timer_start(&app->frame, on_frame, FRAME_MS, FRAME_MS);
	if (term_pending(app->term))
		watch_output(app);
	else if (app->tokens > 0)
		draw(app);
}


static void take_keys(struct app *app, bool final)
{
	struct key key;

	while (!app->quit && !app->away && term_key(app->term, final, &key))
		input_key(app, key);
}

static void on_esc(uv_timer_t *timer)
{
	take_keys(timer->data, true);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct app *app = poll->data;
	struct err e = {0};

	(void)events;
	if (app->away) {
		run_input(app);
		return;
	}
	if (status < 0 || term_read(app->term, &e) < 0) {
		app_quit(app); // the terminal is gone: what runs goes on running
		return;
	}
	take_keys(app, false);
	if (!app->quit && term_key_waits(app->term))
		uv_timer_start(&app->esc, on_esc, TERM_ESC_DELAY_MS, 0);
	else
		uv_timer_stop(&app->esc);
}

// Listens for keys, unless another program has the terminal and is not done with it.
static void watch_input(struct app *app)
{
	bool wanted = !app->away || app->enter_due;

	if (wanted && !app->in_polled)
		uv_poll_start(&app->in, UV_READABLE, on_readable);
	else if (!wanted && app->in_polled)
		uv_poll_stop(&app->in);
	app->in_polled = wanted;
}

// Before the loop waits: what callbacks have asked for by flags.
static void on_check(uv_prepare_t *prepare)
{
	struct app *app = prepare->data;

	if (app->pane_due)
		pane_update(app);
	app->pane_due = false;
	watch_input(app);
	frame(app);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct app *app = signal->data;

	if (number == SIGWINCH || number == SIGCONT) {
		// also when the size is the same again: the terminal may have been smaller for a moment, and has forgotten the rest
		if (!app->away)
			term_redraw(app->term);
		app_dirty(app);
		return;
	}
	app->status = number == SIGHUP ? 0 : 128 + number;
	app_quit(app);
}

static void on_second(uv_timer_t *timer)
{
	struct app *app = timer->data;

	host_measure_self(&app->host, clock_mono());
	pane_update(app);
	app_dirty(app); // ages
}

static void prepare_loop(struct app *app)
{
	uv_poll_init(&app->loop, &app->in, STDIN_FILENO);
	uv_poll_init(&app->loop, &app->out, STDOUT_FILENO);
	uv_timer_init(&app->loop, &app->esc);
	uv_timer_init(&app->loop, &app->frame);
	uv_timer_init(&app->loop, &app->second);
	uv_prepare_init(&app->loop, &app->prepare);
	uv_fs_event_init(&app->loop, &app->theme_watch);
	app->theme_watch.data = app;
	app->in.data = app->out.data = app->esc.data = app->frame.data = app->second.data = app->prepare.data = app;
	for (size_t i = 0; i < ARRAY_SIZE(signal_numbers); i++) {
		uv_signal_init(&app->loop, &app->signals[i]);
		app->signals[i].data = app;
		uv_signal_start(&app->signals[i], on_signal, signal_numbers[i]);
	}
	app->handles = true;
	uv_timer_start(&app->second, on_second, 1000, 1000);
	uv_prepare_start(&app->prepare, on_check);
	theming_watch(app);
}

static void close_own(struct app *app)
{
	uv_handle_t *const own[] = {(uv_handle_t *)&app->in,    (uv_handle_t *)&app->out,    (uv_handle_t *)&app->esc,
	                            (uv_handle_t *)&app->frame, (uv_handle_t *)&app->second, (uv_handle_t *)&app->prepare,
	                            (uv_handle_t *)&app->theme_watch};

	if (!app->handles)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		uv_close(own[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(app->signals); i++)
		uv_close((uv_handle_t *)&app->signals[i], NULL);
}

static void on_late(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

// Requests and programs get one second to finish: quitting waits no longer.
static void run_out(struct app *app)
{
	uv_timer_t late;

	uv_timer_init(&app->loop, &late);
	uv_timer_start(&late, on_late, 1000, 0);
	uv_unref((uv_handle_t *)&late);
	uv_run(&app->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&late, NULL);
	uv_run(&app->loop, UV_RUN_NOWAIT);
	uv_loop_close(&app->loop);
}

static int open_link(struct app *app, struct err *e)
{
	const struct app_options *o = app->options;
	const struct link_options options = {
		.engines = o->engines && o->engines->count ? (const char *const *)o->engines->items : NULL,
		.read_only = o->read_only,
		.interval = app->settings.interval,
	};

	if (o->host)
		return link_open_ssh(&app->link, &app->loop, o->host, &options, &news_callbacks, app, e);
	return link_open_local(&app->link, &app->loop, &options, &news_callbacks, app, e);
}

static int open_term(struct app *app, struct err *e)
{
	const struct term_options options = {.mouse = app->settings.mouse, .ascii = app->settings.ascii};
	int rows, columns;

	app->term = term_open(STDIN_FILENO, STDOUT_FILENO, &options, e);
	if (!app->term)
		return err_wrap(e, "cannot show the dashboard");
	term_theme(app->term, &app->theme);
	term_size(app->term, &rows, &columns);
	canvas_init(&app->canvas, rows, columns, term_caps(app->term).glyphs);
	if (term_notice(app->term)) {
		journal_add(&app->journal, clock_wall(), NULL, false, false, term_notice(app->term));
		app_say(app, false, "%s", term_notice(app->term));
	}
	return 0;
}

static int load(struct app *app, struct err *e)
{
	auto_free struct keymap_row *rows = NULL;
	const struct app_options *o = app->options;

	rows = action_keymap_rows();
	app->keymap = keymap_new(rows, action_count, e);
	int r = app->keymap ? settings_load(&app->settings, app->keymap, o->config, e) : -EINVAL;
	if (r == 0)
		r = app_theme(app, o->theme ? o->theme : app->settings.theme, e);
	if (r == 0)
		r = list_apply_settings(&app->list, &app->settings, e);
	app->keymap_rows = steal(rows);
	return r;
}

static void until_hello(struct app *app)
{
	while (!link_is_up(app->link) && !app->quit && !app->lost)
		uv_run(&app->loop, UV_RUN_ONCE);
}

// Over ssh questions may come on the terminal before the screen starts.
static int connect_first(struct app *app, struct err *e)
{
	if (!app->options->host)
		return 0;
	until_hello(app);
	return app->lost && !link_is_up(app->link) ? err_msg(e, ENOTCONN, "%s", app->lost) : 0;
}

static void end(struct app *app)
{
	overlays_done(&app->overlays);
	pane_done(&app->pane);
	term_close(app->term);
	link_close(app->link);
	close_own(app);
	run_out(app);
	jobs_done(app);
	list_done(&app->list);
	rows_done(&app->rows);
	journal_done(&app->journal);
	keymap_free(app->keymap);
	free(app->keymap_rows);
	free(app->theme_path);
	settings_done(&app->settings);
	canvas_done(&app->canvas);
	strv_done(&app->named);
	free(app->message);
	free(app->lost);
	free(app->host_name);
	free(app);
}

static int run(struct app *app, struct err *e)
{
	int r = load(app, e);

	if (r == 0)
		r = open_link(app, e);
	if (r == 0)
		r = connect_first(app, e);
	if (r == 0)
		r = open_term(app, e);
	if (r < 0)
		return r;
	news_title(app);
	prepare_loop(app);
	frame(app);
	if (!app->quit)
		uv_run(&app->loop, UV_RUN_DEFAULT);
	return app->status;
}

int app_run(const struct app_options *options, struct err *e)
{
	struct app *app = mem_new(sizeof(*app));

	if (options->linear) {
		free(app);
		return linear_run(options, e);
	}
	app->options = options;
	app->tokens = FRAMES;
	uv_loop_init(&app->loop);
	host_init(&app->host);
	list_init(&app->list, app);
	pane_init(&app->pane);
	int r = run(app, e);
	end(app);
	return r;
}
