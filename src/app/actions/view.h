// What keys do to the screen. Rows of the table in actions.c.
#pragma once

struct app;

void view_run_move(struct app *app, int value);
void view_run_open(struct app *app, int value);
void view_run_back(struct app *app, int value);
void view_run_quit(struct app *app, int value);
void view_run_leave(struct app *app, int value);
void view_run_command(struct app *app, int value);
void view_run_jobs(struct app *app, int value);
void view_run_journal(struct app *app, int value);
void view_run_focus(struct app *app, int value);
void view_run_tab(struct app *app, int value);
void view_run_size(struct app *app, int value);
void view_run_show(struct app *app, int value);
void view_run_span(struct app *app, int value);
void view_run_filter_text(struct app *app, int value);
void view_run_wrap(struct app *app, int value);
void view_run_mouse(struct app *app, int value);
void view_run_redraw(struct app *app, int value);
void view_run_refresh(struct app *app, int value);
void view_run_suspend(struct app *app, int value);
