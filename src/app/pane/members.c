// The members of a network: see members.h.
#include "members.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/device.h"
#include "model/kind.h"
#include "model/network.h"
#include "model/sample.h"

#include "app/know/app.h"
#include "app/know/rows.h"

// The columns, from the left. The traffic is at the right edge of the pane if that leaves LEAST columns for addresses.
enum { NAME = 1, KIND_AT = 22, INTERFACE = 33, ADDRESS = 53, LEAST = 28, FIGURE = 8 };

// The first column of the traffic.
static int figures_at(struct area a)
{
	int at = a.columns - 2 * (FIGURE + 1), least = ADDRESS + LEAST + 1;

	return at > least ? at : least;
}

static const struct device *device_of(const struct row *row)
{
	return row->other && row->other->kind == KIND_INTERFACE ? (const struct device *)row->other : NULL;
}

// Interfaces name their network or its bridge. Two engines may have networks with the same name; the network itself
// lists members that belong to another engine, for example containers on one of libvirt's networks.
static bool is_member(const struct row *row, const struct row *network)
{
	const struct device *d = device_of(row);
	const struct network *n = (const struct network *)network->other;

	if (!d || d->state != STATE_ACTIVE || row->machine != network->machine)
		return false;
	bool here = str_equal(d->engine, n->engine) || (d->used_by.count && strv_has(&n->used_by, d->used_by.items[0]));
	return here && (str_equal(d->source, n->name) || (n->bridge && str_equal(d->source, n->bridge)));
}

static void draw_rate(struct area a, int at, const struct row *row, enum metric metric)
{
	double rate = rates_get(&row->rates, metric);
	char text[UNITS_TEXT];

	if (isnan(rate))
		snprintf(text, sizeof(text), "%s", a.canvas->glyphs == GLYPHS_ASCII ? "-" : "–");
	else
		units_rate(text, rate);
	area_put(a, 0, at, FIGURE, ALIGN_RIGHT, PEN(ROLE_TEXT), text);
}

// The addresses of a guest are facts of the guest, not of its interfaces.
static const char *addresses_of(const struct device *d, const struct row *owner)
{
	return d->addresses ? d->addresses : owner && owner->w.addresses ? owner->w.addresses : "";
}

static void draw_member(const struct app *app, const struct row *row, struct area a)
{
	const struct device *d = device_of(row);
	const struct row *owner = rows_find(&app->rows, d->owner);

	area_text(a, 0, NAME, KIND_AT - NAME - 1, PEN(ROLE_TEXT), d->used_by.count ? d->used_by.items[0] : d->name);
	if (owner)
		area_text(a, 0, KIND_AT, INTERFACE - KIND_AT - 1, PEN(ROLE_DIM), kind_info(owner->w.kind)->name);
	area_text(a, 0, INTERFACE, ADDRESS - INTERFACE - 1, PEN(ROLE_DIM), d->name);
	area_text(a, 0, ADDRESS, figures_at(a) - ADDRESS - 1, PEN(ROLE_TEXT), addresses_of(d, owner));
	draw_rate(a, figures_at(a), row, METRIC_NET_RX);
	draw_rate(a, figures_at(a) + FIGURE + 1, row, METRIC_NET_TX);
}

static void draw_heading(struct area a, size_t count)
{
	area_printf(a, 0, NAME, PEN(ROLE_TITLE), "%zu connected", count);
	area_text(a, 0, INTERFACE, ADDRESS - INTERFACE - 1, PEN(ROLE_DIM), "interface");
	area_text(a, 0, ADDRESS, figures_at(a) - ADDRESS - 1, PEN(ROLE_DIM), "addresses");
	area_put(a, 0, figures_at(a), FIGURE, ALIGN_RIGHT, PEN(ROLE_DIM), "received");
	area_put(a, 0, figures_at(a) + FIGURE + 1, FIGURE, ALIGN_RIGHT, PEN(ROLE_DIM), "sent");
}

void members_draw(const struct app *app, const struct row *network, struct area a)
{
	size_t count = 0;

	for (size_t i = 0; i < app->others.count; i++)
		if (is_member(app->others.items[i], network) && (int)++count < a.rows)
			draw_member(app, app->others.items[i], area_sub(a, (int)count, 0, 1, -1));
	if (count && a.rows > 1)
		draw_heading(area_sub(a, 0, 0, 1, -1), count);
}
