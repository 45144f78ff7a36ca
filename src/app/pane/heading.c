// The heading of a text: see heading.h.
#include "heading.h"

#include "base/mem.h"
#include "base/str.h"
#include "ui/key.h"
#include "ui/keymap.h"
#include "ui/pager.h"

#include "app/know/app.h"
#include "pane.h"
#include "reading.h"

enum { ROOMY = 12 }; // panes with this many rows always have a heading

int pane_heading_rows(const struct app *app, struct area body)
{
	const struct pager *text = app->pane->text;
	bool holds = pager_filtered(text) || pager_searched(text);

	return pane_is_text(app) && (holds || body.rows >= ROOMY) && body.rows > 1;
}

// "follow: on (G)" and the like, each with the key that changes it.
static void add_state(struct str *out, const char *what, bool on, const char *key)
{
	str_addf(out, "%s%s %s (%s)", out->length ? "   " : "", what, on ? "on" : "off", key);
}

static const char *key_of(const struct app *app, const char *action, char key[KEY_NAME])
{
	return key_format(key, keymap_first(app->keymap, keymap_action(app->keymap, action)));
}

static void add_states(const struct app *app, struct str *out)
{
	const struct pane *pane = app->pane;
	char key[KEY_NAME];

	if (pane->tab == TAB_LOGS || pane->tab == TAB_EVENTS)
		add_state(out, "follow", pager_follows(pane->text), key_of(app, "last", key));
	add_state(out, "wrap", pager_wraps(pane->text), key_of(app, "wrap", key));
	if (pane->tab != TAB_LOGS)
		return;
	add_state(out, "times", pane->times, PANE_TIMES_KEY);
	str_addf(out, "   %s (0-6)", log_reaches[pane->since].label);
}

// The filter and the search, with the keys that end them.
static char *holds_text(const struct app *app)
{
	const struct pager *text = app->pane->text;
	const char *filter = pager_filtered(text), *needle = pager_searched(text);
	char filter_key[KEY_NAME], search_key[KEY_NAME], back[KEY_NAME];
	auto_str out = {0};

	if (filter)
		str_addf(&out, "%s %s: %zu of %zu lines", key_of(app, "filter-text", filter_key), filter,
		         pager_place(text).lines, pager_lines(text));
	if (needle)
		str_addf(&out, "%s%s %s", out.length ? "   " : "", key_of(app, "filter", search_key), needle);
	if (out.length)
		str_addf(&out, "   %s ends", key_of(app, "back", back));
	return str_steal(&out);
}

void pane_heading_draw(const struct app *app, struct area a)
{
	auto_free char *holds = holds_text(app);
	auto_str states = {0};
	int at = 1;

	if (holds && *holds)
		at += area_text(a, 0, at, -1, PEN(ROLE_MATCH), holds) + 3;
	add_states(app, &states);
	if (at < a.columns)
		area_text(a, 0, at, -1, PEN(ROLE_DIM), str_text(&states));
}
