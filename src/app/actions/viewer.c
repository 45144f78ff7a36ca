// The graphical console of a guest: see viewer.h.
#include "viewer.h"

#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/workload.h"
#include "sys/proc.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "clipboard.h"

static const char program[] = "remote-viewer";

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

// The host that ssh connects to from the user's own machine. Owned; NULL: that machine is this one.
static char *viewer_host(const struct app *app)
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

void viewer_words(const struct app *app, const struct row *row, struct strv *out)
{
	auto_free char *host = viewer_host(app);

	if (host || !row->w.graphics || !strstr(row->w.graphics, "://"))
		return;
	strv_add(out, program);
	strv_add(out, row->w.graphics);
}

const char *viewer_lacks(const struct app *app, const struct row *row)
{
	auto_free char *host = viewer_host(app), *path = NULL;

	if (!row->w.graphics)
		return "has no graphical console (only a serial one)";
	if (!strstr(row->w.graphics, "://"))
		return "has a graphical console without a TCP port (use virt-viewer)";
	if (host)
		return NULL;
	if (!env_has("DISPLAY") && !env_has("WAYLAND_DISPLAY"))
		return "needs a display (neither DISPLAY nor WAYLAND_DISPLAY is set)";
	path = proc_find_program(program);
	return path ? NULL : "needs remote-viewer (install the package virt-viewer)";
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

static void viewer_start(struct app *app, const struct row *row, const struct strv *argv)
{
	struct viewer *v = mem_new(sizeof(*v));

	v->app = app;
	v->title = mem_printf("viewer of '%s'", row->w.name);
	v->next = app->viewers;
	app->viewers = v;
	int r = viewer_spawn(v, argv);
	if (r == 0) {
		app_say(app, false, "opening the %s", v->title);
		return;
	}
	app_say(app, true, "%s: cannot run '%s': %s", v->title, argv->items[0], uv_strerror(r));
	viewer_unlink(v);
	uv_close((uv_handle_t *)&v->process, viewer_free);
}

void viewers_done(struct app *app)
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

// "ssh -N -L 5900:127.0.0.1:5900 lab-3", which makes ADDRESS of that host one of the user's own machine.
static char *tunnel_line(const char *host, const char *address)
{
	auto_strv words = {0};

	strv_split(&words, "ssh -N -L", " ");
	strv_addf(&words, "%s:%s", strrchr(address, ':') + 1, address);
	strv_add(&words, host);
	return command_line_quote(&words);
}

// The same console at the near end of the tunnel.
static char *near_line(const char *graphics)
{
	return mem_printf("%s %.*s127.0.0.1%s", program, (int)(strstr(graphics, "://") + 3 - graphics), graphics,
	                  strrchr(graphics, ':'));
}

static void show_lines(struct app *app, const struct row *row, const char *host)
{
	auto_free char *title = mem_printf("Viewer of '%s': run both on your own machine (Enter copies)", row->w.name);
	static const char *const labels[] = {"Tunnel", "Viewer"};
	struct strv *lines = mem_new(sizeof(*lines));
	struct menu *menu = menu_new(title);

	strv_take(lines, tunnel_line(host, strstr(row->w.graphics, "://") + 3));
	strv_take(lines, near_line(row->w.graphics));
	for (size_t i = 0; i < lines->count; i++)
		menu_add(menu, (uint32_t)('1' + i), labels[i], lines->items[i], NULL, (int)i);
	struct overlay *o = overlay_menu(app, menu, picked_line);
	o->context = lines;
	o->free_context = lines_free;
}

void act_viewer(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	auto_free char *host = viewer_host(app);
	auto_strv words = {0};

	(void)value;
	viewer_words(app, row, &words);
	if (host)
		show_lines(app, row, host);
	else
		viewer_start(app, row, &words);
}
