// The shared state of the dashboard: drawing, messages, quitting, the measuring interval.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "client/link.h"

#include "app.h"

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

void app_set_interval(struct app *app, int64_t interval)
{
	app->settings.interval = interval;
	for (size_t i = 0; i < app->machines.count; i++)
		link_set_interval(app->machines.items[i]->link, interval);
}
