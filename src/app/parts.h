// What the rooms of the dashboard share. Everything runs on the loop's one thread; nothing here waits.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "app/app.h"
#include "base/str.h"
#include "client/link.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/term.h"
#include "ui/theme.h"

#include "host.h"
#include "journal.h"
#include "list.h"
#include "overlay.h"
#include "pane.h"
#include "rows.h"
#include "settings.h"


// Where on the canvas the parts of the main screen are; made anew for each frame, and what the mouse is held against.
struct layout {
	struct area header, views, notice, list, pane, footer;
};

// What takes the last reversible action back.
struct undo {
	enum verb verb;
	struct strv ids; // empty: nothing
	struct params params;
};

struct app {
	uv_loop_t loop;
	struct term *term; // NULL in linear mode
	struct canvas canvas;
	struct theme theme;
	char *theme_path;        // of its file, NULL = the one compiled in
	uv_fs_event_t theme_watch; // on that file's directory
	struct settings settings;
	struct keymap *keymap;
	struct keymap_row *keymap_rows; // what it was made from
	struct link *link;
	const struct app_options *options;
	struct host host;       // the machine's own figures
	struct rows rows;       // what is known of each workload
	struct list list;       // which of them are shown, in which order
	struct pane pane;       // about the selected one
	struct overlays overlays;
	struct journal journal; // what happened
	struct jobs *jobs;      // what was asked for
	struct undo undo;
	struct layout layout;
	bool pane_focused, zoomed;
	bool agent_read_only;   // as its hello said
	char *host_name;        // of the hello
	int64_t clock_ahead;    // how far the host's clock is ahead of this machine's
	char *lost;             // why the connection is gone, NULL while it stands
	char *message;          // the footer's line until the next key
	bool message_bad;
	bool message_event;     // it is an event, which an answer to a key replaces; an event never replaces an answer
	bool away;              // another program has the terminal
	bool enter_due;         // that program has ended, and its output is read until Enter is pressed
	struct visit *visit;    // that program (run.c)
	struct strv named;      // ids that the ':' line named: an action is about these while it runs
	bool named_set;
	bool dirty;             // the screen is not what it should be
	bool command_due;       // the ':' line opens next
	bool pane_due;          // the selection may be another one: the pane follows before the loop waits
	bool quit;
	int tokens;             // frames that may be drawn at once
	int64_t last_move;      // monotonic: sorting waits while one moves
	bool hurried;           // that move came soon after another: a key is held down
	bool late;              // the pane was not about the selected one when it was drawn
	int status;             // of app_run
	uv_poll_t in, out;
	uv_timer_t esc, frame, second;
	uv_prepare_t prepare;
	uv_signal_t signals[5];
	bool in_polled, out_polled, handles, theme_watched;
};

// The screen must be drawn again.
void app_dirty(struct app *app);
// Says something in the footer until the next key. Foreign text is made visible when drawn.
void app_say(struct app *app, bool bad, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
// Says that something bad happened, unless an answer to a key is still shown there.
void app_say_event(struct app *app, const char *text);
void app_quit(struct app *app);
// The wall-clock time on the host: what times of workloads are held against.
int64_t app_now(const struct app *app);
// Whether nothing may be changed, and why; NULL = it may.
const char *app_read_only(const struct app *app);
// Whether what is shown of ROW is old: its engine or the connection does not answer.
bool app_stale(const struct app *app, const struct row *row);
// The row that is selected, or NULL.
struct row *app_selected(const struct app *app);
// The ids an action applies to: the marked ones, else the selected one. OUT must be empty.
void app_targets(const struct app *app, struct strv *out);
// A row has been chosen by hand: it stays selected whatever comes first, and sorting waits a moment.
void app_chosen(struct app *app);
// Another row may be selected now: the pane follows.
void app_selection_changed(struct app *app);

// theming.c: loads theme NAME. Returns 0 or negative errno.
int app_theme(struct app *app, const char *name, struct err *e);
// Adds the directories where files of a kind ("themes", "presets") are looked for: the user's own first.
void app_data_dirs(const char *folder, struct strv *dirs);
// Reads the theme again whenever its file is saved.
void theming_watch(struct app *app);

// news.c: what the link says, taken in.
extern const struct link_callbacks news_callbacks;
// The terminal's title: the machine.
void news_title(struct app *app);

// screen.c: draws everything into the canvas.
void screen_draw(struct app *app);
// What the key line at the bottom offers now, for the mouse: the action at COLUMN, or -1.
int screen_footer_action(const struct app *app, int column);

// input.c: one key, wherever it belongs now.
void input_key(struct app *app, struct key key);

// run.c: runs ARGV on the terminal, which is given back meanwhile; TITLE names it in messages ("shell in 'web-1'"). BANNER (may be NULL) is a line
// that is shown first. WAITS: the screen comes back when Enter is pressed, so that the output can be read.
void run_on_terminal(struct app *app, const struct strv *argv, const char *title, const char *banner, bool waits);

// Stops as Ctrl-Z does in other programs.
void app_suspend(struct app *app);

// Input that came while that program's last words are being read.
void run_input(struct app *app);

// clipboard.c: copies TEXT to the user's clipboard and reports the result.
void clipboard_copy(struct app *app, const char *text);

// command.c: the ':' line.
void command_open(struct app *app, const char *initial);
void command_run(struct app *app, const char *line);

// create.c: the dialog for a new workload of KIND.
void create_open(struct app *app, enum workload_kind kind);

// linear.c: the dashboard without a screen.
int linear_run(const struct app_options *options, struct err *e);
