// What the tests of the dashboard share: hostel on a screen, with the fake engine.
#pragma once

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#include "../unit/test.h"
#include "harness.h"

static inline void auto_screen_run(struct screen **s)
{
	screen_stop(*s);
}
#define auto_screen AUTO(screen) struct screen

// How it is started: zeroed, 80 × 24 with 12 workloads that do not change.
struct opening {
	int rows, columns;
	const char *engine;
	const char *const *environ; // on top of the harness's, ends with NULL
	const char *options;        // further ones, separated by blanks
	const char *until;          // what must be shown first; NULL: the first workload
	const char *configuration;  // the text of a file for this start
};

// For figures that need two samples.
#define SHORT_INTERVAL "[screen]\ninterval = 200ms\n"

// A file with TEXT; the caller removes it.
static inline char *write_configuration(const char *text)
{
	char path[] = "/tmp/hostel-conf-XXXXXX";
	auto_close int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return mem_strdup(path);
}

static inline struct screen *open_dashboard(struct opening o)
{
	auto_strv argv = {0}, environ = {0};

	strv_add(&argv, TEST_BUILD "/hostel");
	strv_add(&argv, "--engine");
	strv_add(&argv, o.engine ? o.engine : "fake:12,step,quiet");
	strv_split(&argv, o.options ? o.options : "", " ");
	auto_free char *path = o.configuration ? write_configuration(o.configuration) : NULL;
	if (path) {
		strv_add(&argv, "--config-file");
		strv_add(&argv, path);
	}
	// dates are shown in the machine's zone, and nothing of the person's own configuration counts; nothing can be
	// written there
	strv_add(&environ, "TZ=UTC");
	strv_add(&environ, "XDG_CONFIG_HOME=/proc/nonexistent");
	for (const char *const *e = o.environ; e && *e; e++)
		strv_add(&environ, *e);
	struct screen *s = screen_start(&(struct screen_start){
		.rows = o.rows ? o.rows : 24, .columns = o.columns ? o.columns : 80, .argv = (const char *const *)argv.items,
		.environ = (const char *const *)environ.items});
	const char *until = o.until ? o.until : "api-1";
	bool shown = screen_shows(s, until);
	if (path)
		unlink(path);
	if (!shown) {
		screen_print(s, stderr);
		fail_msg("'%s' is never shown", until);
	}
	return s;
}

// Fails, with what is on the screen, unless TEXT comes to be shown.
static inline void expect(struct screen *s, const char *text)
{
	if (screen_shows(s, text))
		return;
	screen_print(s, stderr);
	fail_msg("'%s' is not shown", text);
}

static inline void expect_gone(struct screen *s, const char *text)
{
	if (screen_lost(s, text))
		return;
	screen_print(s, stderr);
	fail_msg("'%s' is still shown", text);
}

// The text of NAME's row in the list. Another row may contain the heading of a pane, "─ NAME ─".
static inline const char *row_of(struct screen *s, const char *name)
{
	auto_free char *space = mem_printf(" %s ", name);
	int rows, columns;

	screen_size(s, &rows, &columns);
	for (int row = 0; row < rows; row++) {
		const char *line = screen_row(s, row), *found = strstr(line, space);
		size_t frame = strlen("─");

		if (found && ((size_t)(found - line) < frame || memcmp(found - frame, "─", frame) != 0))
			return line;
	}
	return "";
}

struct row_state {
	const char *name, *text;
};

static inline bool row_has(struct screen *s, const void *context)
{
	const struct row_state *wanted = context;

	return strstr(row_of(s, wanted->name), wanted->text) != NULL;
}

// Waits until the row of NAME holds TEXT.
static inline void expect_row(struct screen *s, const char *name, const char *text)
{
	if (screen_until(s, row_has, &(struct row_state){name, text}))
		return;
	screen_print(s, stderr);
	fail_msg("'%s' does not show '%s' but '%s'", name, text, row_of(s, name));
}

static inline bool is_selected(struct screen *s, const void *name)
{
	auto_free char *plain = mem_printf("▌ %s ", (const char *)name), *marked = mem_printf("▌•%s ", (const char *)name);

	return screen_find(s, plain, NULL) >= 0 || screen_find(s, marked, NULL) >= 0;
}

// Moves to NAME, from the top of the list.
static inline void go_to(struct screen *s, const char *name)
{
	auto_free char *keys = mem_printf("F3 =%s Enter", name);

	screen_keys(s, keys);
	if (!screen_until(s, is_selected, name)) {
		screen_print(s, stderr);
		fail_msg("'%s' is not selected", name);
	}
}

static inline bool quits_at(struct screen *s, const void *row)
{
	return strstr(screen_row(s, *(const int *)row), "q Quit") != NULL;
}

// Waits until the key line is the row ROW.
static inline void expect_key_line(struct screen *s, int row)
{
	if (!screen_until(s, quits_at, &row))
		fail_msg("row %d: '%s'", row, screen_row(s, row));
}

// Clicks RIGHT columns behind where TEXT begins.
static inline void click_at(struct screen *s, const char *text, int right)
{
	int column = 0, row;

	expect(s, text);
	row = screen_find(s, text, &column);
	column += 1 + right;
	row += 1;
	auto_free char *click = mem_printf("\033[<0;%d;%dM\033[<0;%d;%dm", column, row, column, row);
	screen_send(s, click, strlen(click));
}
