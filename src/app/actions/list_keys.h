// What keys do to the list. Rows of the table in actions.c.
#pragma once

struct app;

void list_run_filter(struct app *app, int value);
void list_run_sort_menu(struct app *app, int value);
void list_run_group_menu(struct app *app, int value);
void list_run_sort_step(struct app *app, int value);
void list_run_sort_cpu(struct app *app, int value);
void list_run_sort_memory(struct app *app, int value);
void list_run_sort_time(struct app *app, int value);
void list_run_sort_name(struct app *app, int value);
void list_run_invert(struct app *app, int value);
void list_run_mark(struct app *app, int value);
void list_run_mark_range(struct app *app, int value);
void list_run_mark_invert(struct app *app, int value);
void list_run_mark_none(struct app *app, int value);
void list_run_view_menu(struct app *app, int value);
void list_run_view(struct app *app, int value);
void list_run_search(struct app *app, int value);
void list_run_again(struct app *app, int value);
void list_run_freeze(struct app *app, int value);
void list_run_follow(struct app *app, int value);
