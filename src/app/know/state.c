// The state that every part of the dashboard reads and sets: what to draw, to say and to quit, and whose figures are
// old.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"

#include "app.h"
#include "rows.h"

void app_dirty(struct app *app)
{
	app->dirty = true;
}

void app_say(struct app *app, bool bad, const char *fmt, ...)
{
	char text[1200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	free(app->message);
	app->message = mem_strdup(text);
	app->message_bad = bad;
	app->message_event = false;
	app_dirty(app);
}

void app_say_event(struct app *app, const char *text)
{
	if (app->message && !app->message_event)
		return;
	app_say(app, true, "%s", text);
	app->message_event = true;
}

void app_quit(struct app *app)
{
	app->quit = true;
	uv_stop(&app->loop);
}

int64_t app_now(const struct app *app)
{
	return clock_wall() + app->clock_ahead;
}

const char *app_read_only(const struct app *app)
{
	if (app->options->read_only)
		return "not done: --" OPTION_READ_ONLY " was given";
	return app->agent_read_only ? "not done: the agent there is read-only" : NULL;
}

bool app_stale(const struct app *app, const struct row *row)
{
	const struct link_engine *engine;

	if (app->lost || row->w.trouble)
		return true;
	for (size_t i = 0; (engine = link_engine(app->link, i)); i++)
		if (str_equal(engine->name, row->w.engine))
			return engine->trouble != NULL;
	return false;
}
