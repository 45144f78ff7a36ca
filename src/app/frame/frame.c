// The dashboard's frame: the loop, the terminal, the link, and when to draw.
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/term.h"

#include "app/actions/actions.h"
#include "app/actions/display.h"
#include "app/actions/foreground.h"
#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/host.h"
#include "app/know/journal.h"
#include "app/know/machine.h"
#include "app/know/rows.h"
#include "app/linear/linear.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "app/screen/layout.h"
#include "app/screen/screen.h"
#include "app/settings/settings.h"
#include "app/settings/theming.h"
#include "input.h"
#include "link_events.h"
#include "wants.h"

enum {
	FRAMES = 10,    // per second; this many in a burst
	FRAME_MS = 100,
};

static const int signal_numbers[] = {SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGINT};

struct frame {
	struct app app;
	struct theming theming;
	struct list list;
	struct pane pane;
	struct overlays overlays;
	struct jobs jobs;
	struct layout layout;
	struct keymap_row *keymap_rows; // the rows of the keymap
	int tokens;                     // frames that may be drawn at once
	bool late;                      // the pane did not show the selected row in the last frame
	int status;                     // of app_run
	uv_poll_t in, out;
	uv_timer_t esc, draw, second;
	uv_prepare_t prepare;
	uv_signal_t signals[ARRAY_SIZE(signal_numbers)];
	bool in_polled, out_polled, handles;
};

static void frame_draw_due(struct frame *f);
static void frame_watch_output(struct frame *f);

static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct frame *f = poll->data;
	struct app *app = &f->app;
	struct err e = {0};

	(void)events;
	if (status < 0 || term_flush(app->term, &e) < 0) {
		app_quit(app);
		return;
	}
	frame_watch_output(f);
	frame_draw_due(f);
}

// Polls for writing only while output is pending.
static void frame_watch_output(struct frame *f)
{
	struct app *app = &f->app;
	bool wanted = term_pending(app->term);

	if (wanted && !f->out_polled)
		uv_poll_start(&f->out, UV_WRITABLE, on_writable);
	else if (!wanted && f->out_polled)
		uv_poll_stop(&f->out);
	f->out_polled = wanted;
}

static void frame_draw(struct frame *f)
{
	struct app *app = &f->app;
	struct err e = {0};
	int rows, columns;

	term_size(app->term, &rows, &columns);
	if (rows != app->canvas.rows || columns != app->canvas.columns)
		canvas_resize(&app->canvas, rows, columns);
	pane_update(app);
	screen_draw(app);
	int r = term_draw(app->term, &app->canvas, &e);
	wants_update(app); // a key is answered first
	if (r < 0)
		app_quit(app);
	if (r > 0) {
		app->dirty = false;
		f->late = pane_lags(app);
		f->tokens--;
	}
	frame_watch_output(f);
}

static void on_frame(uv_timer_t *timer)
{
	struct frame *f = timer->data;
	struct app *app = &f->app;

	if (f->tokens < FRAMES)
		f->tokens++;
	if (f->late)
		app_dirty(app);
	else if (f->tokens == FRAMES && !app->dirty)
		uv_timer_stop(timer);
	frame_draw_due(f);
}

// Draws if something has changed, unless there were too many frames lately or the terminal is not writable: then a
// timer or the terminal triggers it again.
static void frame_draw_due(struct frame *f)
{
	struct app *app = &f->app;

	if (!app->dirty || app->away || app->quit || !app->term)
		return;
	if (!uv_is_active((uv_handle_t *)&f->draw))
		uv_timer_start(&f->draw, on_frame, FRAME_MS, FRAME_MS);
	if (term_pending(app->term))
		frame_watch_output(f);
	else if (f->tokens > 0)
		frame_draw(f);
}

static void frame_take_keys(struct frame *f, bool final)
{
	struct app *app = &f->app;
	uint32_t ground = term_ground(app->term);
	struct key key;

	while (!app->quit && !app->away && term_key(app->term, final, &key))
		input_key(app, key);
	if (term_ground(app->term) != ground)
		theming_adapt(app);
}

static void on_esc(uv_timer_t *timer)
{
	frame_take_keys(timer->data, true);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct frame *f = poll->data;
	struct app *app = &f->app;
	struct err e = {0};

	(void)events;
	if (app->away) {
		foreground_input(app);
		return;
	}
	if (status < 0 || term_read(app->term, &e) < 0) {
		app_quit(app); // the terminal is gone; workloads keep running
		return;
	}
	frame_take_keys(f, false);
	if (!app->quit && term_key_waits(app->term))
		uv_timer_start(&f->esc, on_esc, TERM_ESC_DELAY_MS, 0);
	else
		uv_timer_stop(&f->esc);
}

// Reads keys, unless another program has the terminal.
static void frame_watch_input(struct frame *f)
{
	struct app *app = &f->app;
	bool wanted = !app->away || app->enter_due;

	if (wanted && !f->in_polled)
		uv_poll_start(&f->in, UV_READABLE, on_readable);
	else if (!wanted && f->in_polled)
		uv_poll_stop(&f->in);
	f->in_polled = wanted;
}

// Before the loop waits: handles the flags that callbacks have set.
static void on_check(uv_prepare_t *prepare)
{
	struct frame *f = prepare->data;
	struct app *app = &f->app;

	if (app->pane_due)
		pane_update(app);
	app->pane_due = false;
	frame_watch_input(f);
	frame_draw_due(f);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct frame *f = signal->data;
	struct app *app = &f->app;

	if (number == SIGWINCH || number == SIGCONT) {
		// also if the size is unchanged: the terminal may have been smaller for a moment and lost its contents
		if (!app->away)
			term_redraw(app->term);
		app_dirty(app);
		return;
	}
	f->status = number == SIGHUP ? 0 : 128 + number;
	app_quit(app);
}

static void on_second(uv_timer_t *timer)
{
	struct frame *f = timer->data;
	struct app *app = &f->app;

	own_figures_measure(&app->own, clock_mono());
	pane_update(app);
	app->rows.problems_due = true; // figures become stale
	app_dirty(app); // ages
}

static void frame_open_handles(struct frame *f)
{
	struct app *app = &f->app;
	uv_poll_init(&app->loop, &f->in, STDIN_FILENO);
	uv_poll_init(&app->loop, &f->out, STDOUT_FILENO);
	uv_timer_init(&app->loop, &f->esc);
	uv_timer_init(&app->loop, &f->draw);
	uv_timer_init(&app->loop, &f->second);
	uv_prepare_init(&app->loop, &f->prepare);
	f->in.data = f->out.data = f->esc.data = f->draw.data = f->second.data = f->prepare.data = f;
	for (size_t i = 0; i < ARRAY_SIZE(signal_numbers); i++) {
		uv_signal_init(&app->loop, &f->signals[i]);
		f->signals[i].data = f;
		uv_signal_start(&f->signals[i], on_signal, signal_numbers[i]);
	}
	f->handles = true;
	uv_timer_start(&f->second, on_second, 1000, 1000);
	uv_prepare_start(&f->prepare, on_check);
	theming_start(app);
}

static void frame_close_handles(struct frame *f)
{
	uv_handle_t *const own[] = {(uv_handle_t *)&f->in,   (uv_handle_t *)&f->out,    (uv_handle_t *)&f->esc,
	                            (uv_handle_t *)&f->draw, (uv_handle_t *)&f->second, (uv_handle_t *)&f->prepare};

	if (!f->handles)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		uv_close(own[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(f->signals); i++)
		uv_close((uv_handle_t *)&f->signals[i], NULL);
	theming_close(&f->app);
}

static void on_late(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

// Quitting waits at most one second for requests and programs.
static void frame_run_out(struct frame *f)
{
	struct app *app = &f->app;
	uv_timer_t late;

	uv_timer_init(&app->loop, &late);
	uv_timer_start(&late, on_late, 1000, 0);
	uv_unref((uv_handle_t *)&late);
	uv_run(&app->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&late, NULL);
	uv_run(&app->loop, UV_RUN_NOWAIT);
	uv_loop_close(&app->loop);
}

static int frame_open_link(struct frame *f, struct err *e)
{
	struct app *app = &f->app;
	const struct app_options *o = app->options;
	const struct link_options options = {
		.engines = o->engines && o->engines->count ? (const char *const *)o->engines->items : NULL,
		.read_only = o->read_only,
		.interval = app->settings.interval,
	};

	struct machine *m = app->machines.items[0];

	m->read_only = o->read_only ? "refused: --" OPTION_READ_ONLY " was given" : NULL;
	if (o->host)
		return link_open_ssh(&m->link, &app->loop, o->host, &options, &link_event_callbacks, m, e);
	return link_open_local(&m->link, &app->loop, &options, &link_event_callbacks, m, e);
}

static int frame_open_term(struct frame *f, struct err *e)
{
	struct app *app = &f->app;
	const struct term_options options = {.mouse = app->settings.mouse, .ascii = app->settings.ascii};
	int rows, columns;

	app->term = term_open(STDIN_FILENO, STDOUT_FILENO, &options, e);
	if (!app->term)
		return err_wrap(e, "cannot show the dashboard");
	theming_adapt(app);
	term_size(app->term, &rows, &columns);
	canvas_init(&app->canvas, rows, columns, term_caps(app->term).glyphs);
	if (term_notice(app->term)) {
		journal_add(&app->journal, clock_wall(), NULL, false, false, term_notice(app->term));
		app_say(app, false, "%s", term_notice(app->term));
	}
	return 0;
}

static int frame_load_settings(struct frame *f, struct err *e)
{
	struct app *app = &f->app;
	auto_free struct keymap_row *rows = NULL;
	const struct app_options *o = app->options;

	rows = action_keymap_rows();
	app->keymap = keymap_new(rows, action_count, e);
	int r = app->keymap ? settings_load(&app->settings, app->keymap, o->config, e) : -EINVAL;
	if (r == 0)
		r = app_theme(app, o->theme ? o->theme : app->settings.theme, e);
	if (r == 0)
		r = list_apply_settings(app->list, &app->settings, e);
	f->keymap_rows = steal(rows);
	return r;
}

static void frame_wait_for_hello(struct frame *f)
{
	struct app *app = &f->app;
	const struct machine *m = app->machines.items[0];

	while (!link_is_up(m->link) && !app->quit && !m->lost)
		uv_run(&app->loop, UV_RUN_ONCE);
}

// ssh may ask questions on the terminal before the screen starts.
static int frame_connect_first(struct frame *f, struct err *e)
{
	const struct machine *m = f->app.machines.items[0];

	if (!f->app.options->host)
		return 0;
	frame_wait_for_hello(f);
	return m->lost && !link_is_up(m->link) ? err_msg(e, ENOTCONN, "%s", m->lost) : 0;
}

static void frame_close(struct frame *f)
{
	struct app *app = &f->app;

	overlays_done(app->overlays);
	pane_done(app->pane);
	term_close(app->term);
	for (size_t i = 0; i < app->machines.count; i++)
		link_close(app->machines.items[i]->link);
	displays_done(app);
	frame_close_handles(f);
	frame_run_out(f);
	jobs_done(app);
	list_done(app->list);
	rows_done(&app->rows);
	rows_done(&app->others);
	journal_done(&app->journal);
	keymap_free(app->keymap);
	free(f->keymap_rows);
	theming_done(&f->theming);
	settings_done(&app->settings);
	canvas_done(&app->canvas);
	strv_done(&app->named);
	free(app->wanted);
	free(app->message);
	machines_done(&app->machines);
	free(f);
}

static int frame_run(struct frame *f, struct err *e)
{
	struct app *app = &f->app;
	int r = frame_load_settings(f, e);

	if (r == 0)
		r = frame_open_link(f, e);
	if (r == 0) {
		wants_update(&f->app); // with the hello
		r = frame_connect_first(f, e);
	}
	if (r == 0)
		r = frame_open_term(f, e);
	if (r < 0)
		return r;
	link_events_title(app->machines.items[0]);
	frame_open_handles(f);
	frame_draw_due(f);
	if (!app->quit)
		uv_run(&app->loop, UV_RUN_DEFAULT);
	return f->status;
}

static struct frame *frame_new(const struct app_options *options)
{
	struct frame *f = mem_new(sizeof(*f));
	struct app *app = &f->app;

	f->tokens = FRAMES;
	*app = (struct app){.options = options, .theming = &f->theming, .list = &f->list, .pane = &f->pane,
			    .overlays = &f->overlays, .jobs = &f->jobs, .layout = &f->layout};
	uv_loop_init(&app->loop);
	machines_add(&app->machines, app);
	list_init(app->list, app);
	pane_init(app->pane);
	return f;
}

int app_run(const struct app_options *options, struct err *e)
{
	if (options->linear)
		return linear_run(options, e);
	struct frame *f = frame_new(options);
	int r = frame_run(f, e);
	frame_close(f);
	return r;
}
