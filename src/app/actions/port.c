// Published ports in the browser: see port.h.
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/workload.h"
#include "sys/proc.h"
#include "ui/menu.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "display.h"

static const char program[] = "xdg-open";

enum {
	PORTS = 9,    // in the menu
	PORT_MAX = 65535,
	LOW = 1024,   // below, a tunnel needs root at its near end
	RAISED = 8000 // 80 becomes 8080
};

// A published TCP port; of a range the first.
struct open_port {
	char host[64]; // an address of that host
	unsigned outside, inside;
};

static bool is_any_address(const char *host)
{
	return !*host || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::]") == 0;
}

// Reads "[HOST:]OUTSIDE[-END]:INSIDE[-END][/tcp]". Returns whether it is one that a browser can open.
static bool port_read(struct open_port *p, const char *text)
{
	const char *inside = strrchr(text, ':'), *outside = inside;

	while (outside && outside > text && outside[-1] != ':')
		outside--;
	if (!inside || strstr(inside, "/udp") || inside - text >= (ptrdiff_t)sizeof(p->host))
		return false;
	snprintf(p->host, sizeof(p->host), "%.*s", outside > text ? (int)(outside - 1 - text) : 0, text);
	if (is_any_address(p->host))
		snprintf(p->host, sizeof(p->host), "127.0.0.1");
	p->outside = (unsigned)strtoul(outside, NULL, 10);
	p->inside = (unsigned)strtoul(inside + 1, NULL, 10);
	return p->outside > 0 && p->outside <= PORT_MAX;
}

static size_t ports_read(const struct row *row, struct open_port ports[PORTS])
{
	size_t count = 0;

	for (size_t i = 0; i < row->w.ports.count && count < PORTS; i++)
		count += port_read(&ports[count], row->w.ports.items[i]);
	return count;
}

// Decides by the port inside, which says more about the server than the one outside.
static char *port_url(const struct open_port *p, const char *host, unsigned port)
{
	bool tls = p->inside % 1000 == 443; // 443, 8443

	return mem_printf("http%s://%s:%u/", tls ? "s" : "", host, port);
}

static void add_words(const struct open_port *p, struct strv *out)
{
	strv_add(out, program);
	strv_take(out, port_url(p, p->host, p->outside));
}

// Whether a browser can be started here.
static bool can_browse(void)
{
	auto_free char *path = proc_find_program(program);

	return path && !display_lacks();
}

void port_words(const struct app *app, const struct row *row, struct strv *out)
{
	auto_free char *host = display_host(app);
	struct open_port ports[PORTS];

	if (!host && can_browse() && ports_read(row, ports))
		add_words(&ports[0], out);
}

const char *port_lacks(const struct app *app, const struct row *row)
{
	struct open_port ports[PORTS];

	(void)app;
	return ports_read(row, ports) ? NULL : "publishes no TCP port";
}

static void port_start(struct app *app, const struct open_port *p)
{
	auto_strv words = {0};

	add_words(p, &words);
	display_start(app, words.items[1], &words);
}

static bool port_picked(struct app *app, struct overlay *o, bool accepted)
{
	const struct open_port *ports = o->context;
	int picked = menu_picked(o->menu);

	if (accepted && picked >= 0)
		port_start(app, &ports[picked]);
	return true;
}

static void port_choose(struct app *app, const struct row *row, const struct open_port *ports, size_t count)
{
	auto_free char *title = mem_printf("Open a port of '%s'", row->w.name);
	struct menu *menu = menu_new(title);
	struct open_port *own = mem_array(count, sizeof(*own));

	memcpy(own, ports, count * sizeof(*own));
	for (size_t i = 0; i < count; i++) {
		auto_free char *url = port_url(&ports[i], ports[i].host, ports[i].outside),
		               *inside = mem_printf("port %u inside", ports[i].inside);

		menu_add(menu, (uint32_t)('1' + i), url, inside, NULL, (int)i);
	}
	struct overlay *o = overlay_menu(app, menu, port_picked);
	o->context = own;
	o->free_context = free;
}

static void port_show(struct app *app, const struct row *row, const char *host, const struct open_port *ports,
                      size_t count)
{
	auto_free char *title = mem_printf("Ports of '%s': tunnel and address on your own machine (Enter copies)",
	                                   row->w.name);
	static const char *const labels[] = {"Tunnel", "Address"};
	auto_strv lines = {0};

	for (size_t i = 0; i < count && lines.count + 2 <= PORTS; i++) {
		unsigned outside = ports[i].outside, near_port = outside < LOW ? outside + RAISED : outside;
		auto_free char *number = mem_printf("%u", near_port),
		               *address = mem_printf("%s:%u", ports[i].host, outside);

		strv_take(&lines, display_tunnel(host, number, address));
		strv_take(&lines, port_url(&ports[i], "127.0.0.1", near_port));
	}
	display_show(app, title, labels, &lines);
}

// On a machine without a display: the addresses, for a browser elsewhere.
static void port_list(struct app *app, const struct row *row, const struct open_port *ports, size_t count)
{
	auto_free char *title = mem_printf("Ports of '%s': no browser can be started here (Enter copies)", row->w.name);
	static const char *const labels[] = {"Address", "Address"};
	auto_strv lines = {0};

	for (size_t i = 0; i < count; i++)
		strv_take(&lines, port_url(&ports[i], ports[i].host, ports[i].outside));
	display_show(app, title, labels, &lines);
}

void act_port(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	auto_free char *host = display_host(app);
	struct open_port ports[PORTS];
	size_t count = ports_read(row, ports);

	(void)value;
	if (host)
		port_show(app, row, host, ports, count);
	else if (!can_browse())
		port_list(app, row, ports, count);
	else if (count > 1)
		port_choose(app, row, ports, count);
	else if (count)
		port_start(app, &ports[0]);
}
