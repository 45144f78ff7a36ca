// The pane: see pane.h.
#include "pane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/ring.h"
#include "model/stream.h"
#include "sys/write.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/key.h"
#include "ui/pager.h"
#include "ui/table.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "follow.h"
#include "reading.h"
#include "tabs.h"

enum { SHARE_LEAST = 15, SHARE_MOST = 85, SHARE_STEP = 10, LOG_LIMIT = 4 << 20 };

#define HELD_NS (SECOND * 3 / 20) // within this time after a move, the key may still be held down

void pane_init(struct pane *pane)
{
	*pane = (struct pane){.share = 40, .text = pager_new(LOG_LIMIT)};
}

void pane_done(struct pane *pane)
{
	follow_stop(pane->logs);
	pager_free(pane->text);
	free(pane->id);
	strv_done(&pane->several);
	free(pane->trouble);
	free(pane->kept_events);
	*pane = (struct pane){0};
}

// Whether the pane is seen at all.
bool pane_is_seen(const struct app *app)
{
	return app->zoomed || app->pane->seen;
}

// The pane shows the selected row; its log shows all marked ones if it is one of several.
static void pane_follow_selection(struct app *app, const struct row *row)
{
	const struct table *t = app->table;
	struct pane *pane = app->pane;
	static const struct strv none;
	const struct strv *several =
	    pane->tab == TAB_LOGS && row && t->marks.count > 1 && table_marked(t, row->w.id) ? &t->marks : &none;
	bool same = strv_equal(several, &pane->several);

	if (same && str_equal(row ? row->w.id : NULL, pane->id))
		return;
	bool keep = same && several->count; // moving among those already shown
	free(pane->id);
	pane->id = row ? mem_strdup(row->w.id) : NULL;
	if (!same) {
		strv_done(&pane->several);
		strv_copy(&pane->several, several);
	}
	if (!keep)
		pane_forget(pane);
}

struct row *pane_subject(const struct app *app)
{
	struct row *row = app_selected_item(app), *before = rows_find(&app->rows, app->pane->id);
	bool held = app->hurried && clock_mono() - app->moved_at < HELD_NS;

	return row && before && held && !app->zoomed ? before : row;
}

bool pane_lags(const struct app *app)
{
	return pane_subject(app) != app_selected_item(app);
}

void pane_update(struct app *app)
{
	struct pane *pane = app->pane;
	struct row *row = pane_subject(app);

	pane_follow_selection(app, row);
	if (!row || row->other || !pane_is_seen(app) || row->machine->lost)
		return;
	row_watch(row);
	if (pane->tab == TAB_EVENTS)
		pane_show_events(app);
	if (pane->logs && pane->trouble && clock_mono() - pane->read_at > 2 * SECOND) // it has become readable
		pane_set_trouble(pane, NULL);
	// the log of a stopped workload is complete; after a start it is followed again
	if (pane->tab == TAB_LOGS && !pane->logs && (!pane->loaded || row_runs(row)) &&
	    clock_mono() - pane->read_at > 2 * SECOND) {
		if (pane->read_at)
			pane_forget_log(pane);
		pane_start_log(app);
	}
	int document = pane_tabs[pane->tab].document, again = pane_tabs[pane->tab].again;
	if (document < 0 || pane->asked || (pane->loaded && (!again || clock_mono() - pane->read_at < again * SECOND)))
		return;
	if (pane->read_at && clock_mono() - pane->read_at < SECOND)
		return;
	pane_read_document(app, (enum document)document);
}

bool pane_key(struct app *app, struct key key)
{
	struct pane *pane = app->pane;

	if (pane->tab == TAB_LOGS && key.code == (uint32_t)PANE_TIMES_KEY[0]) {
		pane->times = !pane->times;
		pane_refresh(app);
		return true;
	}
	if (pane->tab != TAB_LOGS || key.code < '0' || key.code >= '0' + log_reach_count)
		return false;
	pane->since = (int)(key.code - '0');
	app_say(app, false, "log: %s (0 to 6: how far back)", log_reaches[pane->since].label);
	pane_refresh(app);
	return true;
}

void pane_refresh(struct app *app)
{
	pane_forget(app->pane);
	pane_update(app);
}

void pane_tab(struct app *app, enum tab tab)
{
	if (app->pane->tab != tab)
		pane_forget(app->pane);
	app->pane->tab = tab;
	pager_follow(app->pane->text, tab == TAB_LOGS || tab == TAB_EVENTS);
	if (tab == TAB_CONFIG || tab == TAB_DETAILS || tab == TAB_PROCESSES)
		pager_move(app->pane->text, MOVE_FIRST);
	app_dirty(app);
}

void pane_tab_step(struct app *app, int step)
{
	pane_tab(app, (enum tab)(((int)app->pane->tab + TABS + step) % TABS));
}

void pane_resize(struct app *app, int step)
{
	int share = (app->pane->sized ? app->pane->share : app->pane->shown) + step * SHARE_STEP;

	app->pane->sized = true;
	app->pane->share = share < SHARE_LEAST ? SHARE_LEAST : share > SHARE_MOST ? SHARE_MOST : share;
	app_dirty(app);
}

void pane_span(struct app *app, int step)
{
	int span = (int)app->pane->span + step;

	app->pane->span = span < 0 ? RING_SECONDS : span >= RING_TIERS ? RING_MINUTES : (enum ring_tier)span;
	app_dirty(app);
}

void pane_wrap(struct app *app)
{
	pager_wrap(app->pane->text, !pager_wraps(app->pane->text));
	app_dirty(app);
}

bool pane_is_text(const struct app *app)
{
	return !pane_tabs[app->pane->tab].draw && !rows_find(&app->others, app->pane->id);
}

const char *pane_tab_name(const struct app *app)
{
	return pane_tabs[app->pane->tab].name;
}

enum effect pane_move(struct app *app, enum move move)
{
	return pane_is_text(app) ? pager_move(app->pane->text, move) : EFFECT_NONE;
}

enum effect pane_mouse(struct app *app, struct key key)
{
	struct pane *pane = app->pane;

	if (key.code == K_CLICK && area_holds(pane->tabs, key.row, key.column)) {
		for (enum tab t = 0; t < TABS; t++)
			if (key.column < pane->ends[t]) {
				pane_tab(app, t);
				break;
			}
		return EFFECT_REDRAW;
	}
	return pane_is_text(app) ? pager_mouse(pane->text, key) : EFFECT_NONE;
}

static bool pane_filter_answered(struct app *app, struct overlay *o, bool accepted)
{
	pager_filter(app->pane->text, accepted ? field_text(o->field) : o->context);
	return true;
}

static void pane_filter_changed(struct app *app, struct overlay *o)
{
	pager_filter(app->pane->text, field_text(o->field));
}

void pane_filter(struct app *app)
{
	const char *filter = pager_filtered(app->pane->text);

	if (!pane_is_text(app))
		return;
	struct overlay *o = overlay_prompt(app, "Only lines with", filter ? filter : "", pane_filter_answered);
	o->changed = pane_filter_changed;
	o->context = mem_strdup(filter ? filter : "");
	o->free_context = free;
}

bool pane_unfilter(struct app *app)
{
	struct pager *text = app->pane->text;

	if (!pane_is_text(app) || (!pager_filtered(text) && !pager_searched(text)))
		return false;
	if (pager_filtered(text))
		pager_filter(text, NULL);
	else
		pager_search(text, "", false);
	return true;
}

static bool pane_search_answered(struct app *app, struct overlay *o, bool accepted)
{
	if (accepted && !pager_search(app->pane->text, field_text(o->field), true))
		app_say(app, true, "'%s' not found", field_text(o->field));
	return true;
}

void pane_search(struct app *app)
{
	if (pane_is_text(app))
		overlay_prompt(app, "/", "", pane_search_answered);
}

void pane_search_again(struct app *app, bool backward)
{
	if (pane_is_text(app))
		pager_search(app->pane->text, NULL, !backward);
}

int pane_save(struct app *app, const char *file, struct err *e)
{
	auto_str text = {0};
	auto_close int fd = -1;

	if (!pane_is_text(app))
		return err_msg(e, EINVAL, "this tab has no text: open Logs, Processes, Details, Config or Events");
	pager_text(app->pane->text, &text);
	// never overwrite a file
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, errno, "cannot create '%s'", file);
	int r = write_all(fd, text.text, text.length);
	return r < 0 ? err_set(e, -r, "cannot write '%s'", file) : 0;
}
