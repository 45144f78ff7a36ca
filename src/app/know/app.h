// The state that the modules of the dashboard share. Everything runs in the thread of the event loop; nothing blocks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/str.h"
#include "ui/canvas.h"

#include "host.h"
#include "journal.h"
#include "machine.h"
#include "rows.h"
#include "settings.h"

struct app_options;
struct foreground;
struct jobs;
struct keymap;
struct layout;
struct list;
struct overlays;
struct pane;
struct table;
struct term;
struct theming;
struct viewer;

// What the dashboard knows and shows. Objects behind pointers belong to the frame and are described in their headers.
struct app {
	uv_loop_t loop;
	const struct app_options *options;
	struct settings settings;
	struct keymap *keymap;
	struct term *term;
	struct canvas canvas;

	// what is known
	struct machines machines;
	struct own_figures own; // of the dashboard itself
	struct rows rows;       // of each workload
	struct rows others;     // of each item of another kind
	struct journal journal; // what happened

	// the selection
	struct table *table;    // the list's: what is selected and marked
	bool rows_changed;      // rows were added, changed or removed: the list must not be used before list_settle()
	int64_t moved_at;       // monotonic: sorting waits while one moves
	int64_t clicked_at;     // monotonic: the last click on a row, 0 = none that a second one may follow
	bool hurried;           // two moves in quick succession: a key is held down
	char *wanted;           // id of a row to select as soon as it exists
	struct strv named;      // ids named on the ':' line: the targets of an action while it runs
	bool named_set;

	// the parts
	struct theming *theming;
	struct list *list;      // which rows are shown, in which order
	struct pane *pane;      // about the selected one
	struct overlays *overlays;
	struct jobs *jobs;      // what was asked for
	struct layout *layout;
	struct foreground *foreground; // another program that has the terminal, NULL = none
	struct viewer *viewers;        // programs on the display that run

	bool pane_focused, zoomed;
	char *message;          // shown in the footer until the next key
	bool message_bad;
	bool message_event;     // it is an event: replaced by the answer to a key, never the other way

	// what the loop does before it waits
	bool dirty;             // the screen must be drawn
	bool pane_due;          // the selection may have changed: the pane follows
	bool command_due;       // the ':' line opens
	bool away;              // another program has the terminal
	bool enter_due;         // that program has ended, and its output is shown until Enter is pressed
	bool quit;
};

// The screen must be drawn again.
void app_dirty(struct app *app);
// Shows a message in the footer until the next key. Untrusted text is escaped when drawn.
void app_say(struct app *app, bool bad, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
// Shows an event there, unless an answer to a key is still shown.
void app_say_event(struct app *app, const char *text);
void app_quit(struct app *app);
// The machine that the header shows and on which something is created: that of the selected row, else the first.
struct machine *app_machine(const struct app *app);
// Whether nothing may be changed on app_machine(), and why; NULL = it may.
const char *app_read_only(const struct app *app);
// ns between measurements, on all machines.
void app_set_interval(struct app *app, int64_t interval);
// The row of the workload that is selected, or NULL.
struct row *app_selected(const struct app *app);
// The same where an item of another kind may be selected.
struct row *app_selected_item(const struct app *app);
// The row of the item ID, or NULL.
struct row *app_row(const struct app *app, const char *id);
// Appends the item ID for a person to read: its kind and name, "network default". Without a row, the name is the key
// of the id.
void app_add_item(const struct app *app, const char *id, struct str *out);
// Why app_selected() is NULL.
const char *app_none_selected(const struct app *app);
// The ids an action applies to: the marked ones, else the selected one. OUT must be empty.
void app_targets(const struct app *app, struct strv *out);
// The user has moved the selection: it stays on its row, and sorting pauses for a moment.
void app_chosen(struct app *app);
// Selects the row of ID as soon as it exists.
void app_select_later(struct app *app, const char *id);
// The selection may have changed: the pane follows.
void app_selection_changed(struct app *app);
