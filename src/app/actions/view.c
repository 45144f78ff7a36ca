// Actions on the screen: moving, closing layers, the pane, hostel itself. Rows of the table in actions.c.
#include "view.h"

#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "ui/dialog.h"
#include "ui/effect.h"
#include "ui/pager.h"
#include "ui/table.h"
#include "ui/term.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/know/journal.h"
#include "app/list/list.h"
#include "app/overlay/overlay.h"
#include "app/pane/pane.h"
#include "foreground.h"

void view_run_move(struct app *app, int move)
{
	enum effect effect;

	if (app->pane_focused || app->zoomed) {
		effect = pane_move(app, (enum move)move);
	} else {
		app_chosen(app);
		effect = table_move(&app->list->table, (enum move)move);
		if (effect == EFFECT_CHANGED)
			app_selection_changed(app);
	}
	if (effect != EFFECT_NONE)
		app_dirty(app);
}

void view_run_open(struct app *app, int value)
{
	(void)value;
	app->zoomed = app_selected(app) != NULL;
	app_dirty(app);
}

// One layer back: the filter or search of the text, the full-screen pane, the pane, the marks, the filter.
static bool step_back(struct app *app)
{
	if ((app->zoomed || app->pane_focused) && pane_unfilter(app))
		;
	else if (app->zoomed)
		app->zoomed = app->pane_focused = false;
	else if (app->pane_focused)
		app->pane_focused = false;
	else if (app->list->table.marks.count)
		table_mark_none(&app->list->table);
	else if (app->list->filter)
		list_filter(app->list, "", NULL);
	else
		return false;
	app_dirty(app);
	return true;
}

void view_run_back(struct app *app, int value)
{
	(void)value;
	if (!step_back(app))
		app_say(app, false, "q quits hostel; workloads keep running");
}

static bool answered_quit(struct app *app, struct overlay *overlay, bool accepted)
{
	(void)overlay;
	if (accepted)
		app_quit(app);
	return true;
}

void view_run_quit(struct app *app, int value)
{
	size_t running = jobs_running(app);

	(void)value;
	if (!running) {
		app_quit(app);
		return;
	}
	auto_free char *body =
	    mem_printf("%zu %s still running. The engine may finish what it has begun, but the result will not be shown.",
	               running, running == 1 ? "job is" : "jobs are");
	overlay_dialog(app, dialog_confirm("Quit hostel?", body), answered_quit);
}

void view_run_leave(struct app *app, int value)
{
	if (!step_back(app))
		view_run_quit(app, value);
}

void view_run_command(struct app *app, int value)
{
	(void)value;
	app->command_due = true;
}

void view_run_jobs(struct app *app, int value)
{
	(void)value;
	jobs_menu(app);
}

void view_run_journal(struct app *app, int value)
{
	auto_str text = {0};

	(void)value;
	journal_text(&app->journal, NULL, false, &text);
	struct overlay *o = overlay_text(app, "Journal", app->journal.count ? str_text(&text) : "Nothing yet.");
	pager_follow(o->pager, true);
}

void view_run_focus(struct app *app, int value)
{
	(void)value;
	if (!app->zoomed && app_selected(app))
		app->pane_focused = !app->pane_focused;
	app_dirty(app);
}

void view_run_tab(struct app *app, int step)
{
	pane_tab_step(app, step);
}

void view_run_size(struct app *app, int step)
{
	pane_resize(app, step);
}

void view_run_show(struct app *app, int tab)
{
	if (!app_selected(app)) {
		app_say(app, false, "%s", app_none_selected(app));
		return;
	}
	pane_tab(app, (enum tab)tab);
	app->zoomed = true;
	app_dirty(app);
}

void view_run_span(struct app *app, int step)
{
	pane_span(app, step);
}

void view_run_filter_text(struct app *app, int value)
{
	(void)value;
	if (pane_is_text(app))
		pane_filter(app);
	else
		app_say(app, false, "this tab has no text");
}

void view_run_wrap(struct app *app, int value)
{
	(void)value;
	pane_wrap(app);
}

void view_run_mouse(struct app *app, int value)
{
	(void)value;
	app->settings.mouse = !app->settings.mouse;
	term_mouse(app->term, app->settings.mouse);
	app_say(app, false, "mouse %s", app->settings.mouse ? "on (hold Shift to select text)" : "off");
}

void view_run_redraw(struct app *app, int value)
{
	(void)value;
	term_redraw(app->term);
	app_dirty(app);
}

void view_run_refresh(struct app *app, int value)
{
	(void)value;
	for (size_t i = 0; i < app->machines.count; i++) {
		link_retry(app->machines.items[i]->link);
		link_refresh(app->machines.items[i]->link);
	}
	pane_refresh(app);
	app_say(app, false, "reloading everything");
}

void view_run_suspend(struct app *app, int value)
{
	(void)value;
	app_suspend(app);
}
