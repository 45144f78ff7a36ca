// The dashboard without a screen: prints every change as one line, for screen readers and logs, and reads verbs of the
// command line from standard input.
#include "linear.h"

#include <langinfo.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "client/link.h"
#include "model/inventory.h"
#include "model/sample.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/key.h"

#include "app/know/rows.h"

struct linear {
	uv_loop_t loop;
	struct link *link;
	struct rows rows;
	bool ready, read_only;
	uv_pipe_t input;
	uv_tty_t tty;
	uv_stream_t *stream;
	uv_signal_t terminated;
	struct str typed;
	char buffer[512];
};

static void linear_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void linear_say(const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	auto_free char *visible = str_visible(text);
	auto_str ascii = {0};
	if (isatty(STDOUT_FILENO) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		str_add_ascii(&ascii, visible, strlen(visible));
	puts(ascii.length ? str_text(&ascii) : visible);
	fflush(stdout);
}

static void linear_say_row(const struct row *row)
{
	double memory = row_memory(row), host = rates_get(&row->rates, METRIC_MEMORY_HOST),
	       cpu = rates_get(&row->rates, METRIC_CPU);
	auto_str figures = {0};
	char text[UNITS_TEXT];
	const struct workload *w = &row->w;

	if (row_runs(row) && !isnan(cpu))
		str_addf(&figures, ", CPU %s percent", units_percent(text, cpu));
	if (row_runs(row) && !isnan(memory))
		str_addf(&figures, ", memory %s", units_bytes(text, (uint64_t)memory));
	if (row_runs(row) && w->kind == KIND_GUEST && !isnan(host))
		str_addf(&figures, ", host RSS %s", units_bytes(text, (uint64_t)host));
	if (w->state == STATE_EXITED && w->exit_code >= 0)
		str_addf(&figures, ", exit code %d", w->exit_code);
	if (w->reason)
		str_addf(&figures, ", %s", w->reason);
	linear_say("%s %s: %s%s", workload_kind_name(w->kind), w->name, item_state_info(w->state)->name,
	           str_text(&figures));
}

static void linear_say_all(const struct linear *l)
{
	for (size_t i = 0; i < l->rows.count; i++)
		linear_say_row(l->rows.items[i]);
	linear_say("%zu in all", l->rows.count);
}

static void linear_on_hello(void *context, const struct link_hello *hello)
{
	struct linear *l = context;

	l->read_only = hello->read_only;
	linear_say("connected to %s, %u CPUs, %s", hello->host, hello->cpus, hello->system ? hello->system : "");
}

static void linear_on_engine(void *context, const struct link_engine *engine)
{
	(void)context;
	if (engine->trouble || engine->note)
		linear_say("%s: %s", engine->name, engine->trouble ? engine->trouble : engine->note);
}

static void linear_on_change(void *context, enum change_kind kind, const struct item *item)
{
	struct linear *l = context;
	const struct workload *w = workload_of(item);

	if (!w)
		return;
	const struct row *old = rows_find(&l->rows, w->id);
	bool news = !old || old->w.state != w->state;

	if (kind == CHANGE_REMOVED) {
		linear_say("%s %s: gone", workload_kind_name(w->kind), w->name);
		rows_remove(&l->rows, w->id);
		return;
	}
	struct row *row = rows_put(&l->rows, NULL, w);
	if (l->ready && news)
		linear_say_row(row);
}

static void linear_on_ready(void *context)
{
	struct linear *l = context;

	l->ready = true;
	linear_say_all(l);
}

static void linear_on_tick(void *context, const struct sample_set *set)
{
	struct linear *l = context;

	for (size_t i = 0; i < set->count; i++)
		rows_sample(&l->rows, set->rows[i].id, &set->rows[i].sample, clock_mono());
}

static void linear_on_event(void *context, const struct link_event *event)
{
	(void)context;
	if (event->bad)
		linear_say("look: %s", event->text);
}

static void linear_on_lost(void *context, const char *why, int64_t retry_in)
{
	struct linear *l = context;

	linear_say("connection lost: %s", why);
	if (retry_in < 0)
		uv_stop(&l->loop);
}

static const struct link_callbacks callbacks = {.on_hello = linear_on_hello,
                                                .on_engine = linear_on_engine,
                                                .on_change = linear_on_change,
                                                .on_ready = linear_on_ready,
                                                .on_tick = linear_on_tick,
                                                .on_event = linear_on_event,
                                                .on_lost = linear_on_lost};

static void linear_on_reply(void *context, const struct err *e, const char *text)
{
	auto_free char *what = context;

	(void)text;
	if (e->code)
		linear_say("%s: %s", what, e->text);
	else
		linear_say("%s: done", what);
}

static const struct row *linear_find(const struct linear *l, const char *name)
{
	for (size_t i = 0; i < l->rows.count; i++)
		if (str_equal(l->rows.items[i]->w.name, name) || str_equal(l->rows.items[i]->w.id, name))
			return l->rows.items[i];
	return NULL;
}

// Verbs that need nothing but names.
static bool linear_has(int verb)
{
	const struct verb_info *info = verb < 0 ? NULL : verb_info((enum verb)verb);
	const struct verb_field *f;

	for (size_t i = 0; info && (f = verb_field((enum verb)verb, info->kinds, i)); i++)
		if (f->flags & FIELD_REQUIRED)
			return false;
	return info && (info->flags & (ACTS | OF_KIND)) == ACTS && info->kinds & KIND_BIT_ANY && !info->recipe_flags;
}

static void linear_say_verbs(const char *verb_name)
{
	auto_str names = {0};

	for (int v = 0; v < VERBS; v++)
		if (linear_has(v))
			str_addf(&names, ", %s", verb_info((enum verb)v)->name);
	linear_say("unknown command '%s' (commands: ls, show NAME%s NAME, quit)", verb_name, str_text(&names));
}

static void linear_act(struct linear *l, const char *verb_name, const char *name)
{
	int verb = verb_find(verb_name);
	const struct row *row = linear_find(l, name);
	const char *refusal = row && linear_has(verb) ? verb_refusal((enum verb)verb, &row->w) : NULL;

	if (!linear_has(verb))
		linear_say_verbs(verb_name);
	else if (!row)
		linear_say("no guest or container '%s'", name);
	else if (refusal)
		linear_say("%s %s", name, refusal);
	else
		link_act(l->link, row->w.id, (enum verb)verb, NULL, 0, linear_on_reply, NULL,
		         mem_printf("%s %s", verb_name, name));
}

static void linear_run_line(struct linear *l, const char *line)
{
	auto_strv words = {0};

	strv_split(&words, line, " \t\r");
	if (words.count == 0)
		return;
	const char *verb = words.items[0], *name = words.count > 1 ? words.items[1] : NULL;
	const struct row *row = name ? linear_find(l, name) : NULL;
	if (strcmp(verb, "quit") == 0 || strcmp(verb, "q") == 0)
		uv_stop(&l->loop);
	else if (strcmp(verb, "ls") == 0)
		linear_say_all(l);
	else if (strcmp(verb, "show") == 0 && row)
		linear_say_row(row);
	else if (name)
		linear_act(l, verb, name);
	else
		linear_act(l, "", verb);
}

static void linear_on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct linear *l = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(l->buffer, sizeof(l->buffer));
}

static void linear_on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct linear *l = stream->data;

	if (n < 0) {
		uv_stop(&l->loop);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (buffer->base[i] != '\n') {
			if (l->typed.length < 1024)
				str_add_char(&l->typed, buffer->base[i]);
			continue;
		}
		auto_free char *line = key_typed(str_text(&l->typed), l->typed.length);
		linear_run_line(l, line);
		str_clear(&l->typed);
	}
}

static void linear_on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	uv_stop(signal->loop);
}

static int linear_open_input(struct linear *l, struct err *e)
{
	bool tty = uv_guess_handle(0) == UV_TTY;
	int r = tty ? uv_tty_init(&l->loop, &l->tty, 0, 1) : uv_pipe_init(&l->loop, &l->input, 0);

	if (r == 0 && !tty && uv_pipe_open(&l->input, 0) < 0) {
		// a file, or closed: only changes are printed
		uv_close((uv_handle_t *)&l->input, NULL);
		return 0;
	}
	if (r < 0)
		return err_set(e, -r, "cannot read the input");
	l->stream = tty ? (uv_stream_t *)&l->tty : (uv_stream_t *)&l->input;
	l->stream->data = l;
	uv_read_start(l->stream, linear_on_room, linear_on_input);
	return 0;
}

static int linear_open_link(struct linear *l, const struct app_options *o, struct err *e)
{
	const struct link_options options = {
		.engines = o->engines && o->engines->count ? (const char *const *)o->engines->items : NULL,
		.read_only = o->read_only, .interval = SECOND};

	return o->host ? link_open_ssh(&l->link, &l->loop, o->host, &options, &callbacks, l, e)
	               : link_open_local(&l->link, &l->loop, &options, &callbacks, l, e);
}

int linear_run(const struct app_options *o, struct err *e)
{
	struct linear *l = mem_new(sizeof(*l));

	uv_loop_init(&l->loop);
	uv_signal_init(&l->loop, &l->terminated);
	uv_signal_start(&l->terminated, linear_on_signal, SIGTERM);
	int r = linear_open_link(l, o, e);
	if (r == 0)
		r = linear_open_input(l, e);
	if (r == 0)
		uv_run(&l->loop, UV_RUN_DEFAULT);
	link_close(l->link);
	if (l->stream)
		uv_close((uv_handle_t *)l->stream, NULL);
	uv_close((uv_handle_t *)&l->terminated, NULL);
	uv_run(&l->loop, UV_RUN_DEFAULT);
	uv_loop_close(&l->loop);
	rows_done(&l->rows);
	str_done(&l->typed);
	free(l);
	return r;
}
