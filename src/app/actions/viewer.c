// The graphical console of a guest: see viewer.h.
#include "viewer.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/workload.h"
#include "sys/proc.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "display.h"

static const char program[] = "remote-viewer";

void viewer_words(const struct app *app, const struct row *row, struct strv *out)
{
	auto_free char *host = display_host(app);

	if (host || !row->w.graphics || !strstr(row->w.graphics, "://"))
		return;
	strv_add(out, program);
	strv_add(out, row->w.graphics);
}

const char *viewer_lacks(const struct app *app, const struct row *row)
{
	auto_free char *host = display_host(app), *path = NULL;

	if (!row->w.graphics)
		return "has no graphical console (only a serial one)";
	if (!strstr(row->w.graphics, "://"))
		return "has a graphical console without a TCP port (use virt-viewer)";
	if (host)
		return NULL;
	if (display_lacks())
		return display_lacks();
	path = proc_find_program(program);
	return path ? NULL : "needs remote-viewer (install the package virt-viewer)";
}

// The same console at the near end of the tunnel.
static char *near_line(const char *graphics)
{
	return mem_printf("%s %.*s127.0.0.1%s", program, (int)(strstr(graphics, "://") + 3 - graphics), graphics,
	                  strrchr(graphics, ':'));
}

static void viewer_show(struct app *app, const struct row *row, const char *host)
{
	auto_free char *title = mem_printf("Viewer of '%s': run both on your own machine (Enter copies)", row->w.name);
	static const char *const labels[] = {"Tunnel", "Viewer"};
	const char *address = strstr(row->w.graphics, "://") + 3;
	auto_strv lines = {0};

	strv_take(&lines, display_tunnel(host, strrchr(address, ':') + 1, address));
	strv_take(&lines, near_line(row->w.graphics));
	display_show(app, title, labels, &lines);
}

void act_viewer(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	auto_free char *host = display_host(app), *title = mem_printf("the viewer of '%s'", row->w.name);
	auto_strv words = {0};

	(void)value;
	viewer_words(app, row, &words);
	if (host)
		viewer_show(app, row, host);
	else
		display_start(app, title, &words);
}
