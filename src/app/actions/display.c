// Programs on the user's display: see display.h.
#include "display.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/overlay/overlay.h"
#include "clipboard.h"

struct viewer {
	struct viewer *next;
	uv_process_t process;
	struct app *app;
	char *title;
};

static bool env_has(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

char *display_host(const struct app *app)
{
	const char *connection = getenv("SSH_CONNECTION"), *user = getenv("USER");
	auto_strv words = {0}; // addresses and ports of the client and of this host

	if (app->options->host)
		return mem_strdup(app->options->host);
	strv_split(&words, connection && !env_has("DISPLAY") ? connection : "", " ");
	if (words.count < 3)
		return NULL;
	return user && *user ? mem_printf("%s@%s", user, words.items[2]) : mem_strdup(words.items[2]);
}

const char *display_lacks(void)
{
	return env_has("DISPLAY") || env_has("WAYLAND_DISPLAY")
	           ? NULL
	           : "needs a display (neither DISPLAY nor WAYLAND_DISPLAY is set)";
}

// --- here ---

static void viewer_free(uv_handle_t *handle)
{
	struct viewer *v = handle->data;

	free(v->title);
	free(v);
}

static void viewer_unlink(struct viewer *v)
{
	for (struct viewer **at = &v->app->viewers; *at; at = &(*at)->next)
		if (*at == v) {
			*at = v->next;
			return;
		}
}

static void viewer_on_exited(uv_process_t *process, int64_t status, int signal)
{
	struct viewer *v = process->data;

	if (signal)
		app_say(v->app, true, "%s: killed by signal %d", v->title, signal);
	else if (status)
		app_say(v->app, true, "%s: exit status %lld", v->title, (long long)status);
	viewer_unlink(v);
	uv_close((uv_handle_t *)process, viewer_free);
}

// In a separate session, so that it survives the terminal.
static int viewer_spawn(struct viewer *v, const struct strv *argv)
{
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}, {.flags = UV_IGNORE}, {.flags = UV_IGNORE}};
	const uv_process_options_t options = {.exit_cb = viewer_on_exited,
	                                      .file = argv->items[0],
	                                      .args = argv->items,
	                                      .flags = UV_PROCESS_DETACHED,
	                                      .stdio_count = 3,
	                                      .stdio = stdio};

	v->process.data = v;
	int r = uv_spawn(&v->app->loop, &v->process, &options);
	uv_unref((uv_handle_t *)&v->process);
	return r;
}

void display_start(struct app *app, const char *title, const struct strv *argv)
{
	struct viewer *v = mem_new(sizeof(*v));

	v->app = app;
	v->title = mem_strdup(title);
	v->next = app->viewers;
	app->viewers = v;
	int r = viewer_spawn(v, argv);
	if (r == 0) {
		app_say(app, false, "opening %s", v->title);
		return;
	}
	app_say(app, true, "%s: cannot run '%s': %s", v->title, argv->items[0], uv_strerror(r));
	viewer_unlink(v);
	uv_close((uv_handle_t *)&v->process, viewer_free);
}

void displays_done(struct app *app)
{
	while (app->viewers) {
		struct viewer *v = app->viewers;

		viewer_unlink(v);
		uv_close((uv_handle_t *)&v->process, viewer_free);
	}
}

// --- elsewhere ---

static void lines_free(void *context)
{
	struct strv *lines = context;

	strv_done(lines);
	free(lines);
}

static bool picked_line(struct app *app, struct overlay *o, bool accepted)
{
	const struct strv *lines = o->context;
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	clipboard_copy(app, lines->items[picked]);
	return false; // then copy the second line
}

char *display_tunnel(const char *host, const char *near_port, const char *address)
{
	auto_strv words = {0};

	strv_split(&words, "ssh -N -L", " ");
	strv_addf(&words, "%s:%s", near_port, address);
	strv_add(&words, host);
	return command_line_quote(&words);
}

void display_show(struct app *app, const char *title, const char *const labels[2], struct strv *lines)
{
	struct menu *menu = menu_new(title);
	struct strv *own = mem_new(sizeof(*own));

	strv_copy(own, lines);
	for (size_t i = 0; i < own->count; i++)
		menu_add(menu, (uint32_t)('1' + i), labels[i % 2], own->items[i], NULL, (int)i);
	struct overlay *o = overlay_menu(app, menu, picked_line);
	o->context = own;
	o->free_context = lines_free;
}
