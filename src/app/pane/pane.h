// The pane about the selected workload: its tabs, and what they have read.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/ring.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/key.h"

struct app;
struct err;
struct follow;
struct pager;
struct row;

enum tab {
	TAB_OVERVIEW,
	TAB_GRAPHS,
	TAB_LOGS,
	TAB_PROCESSES,
	TAB_ISOLATION,
	TAB_DETAILS,
	TAB_CONFIG,
	TAB_EVENTS,
	TABS
};

// The keys that pane_key() takes in the log, for the help: as wide as those of actions.
#define PANE_TIMES_KEY "t"
#define PANE_TIMES_HELP \
	PANE_TIMES_KEY "                  show the time of each line"
#define PANE_SINCE_HELP \
	"0 to 6             how far back the log goes: newest lines, 1, 5, 15 minutes, 1, 6 hours, a day"

struct pane {
	enum tab tab;
	enum ring_tier span; // of the graphs
	int share;           // percent of the screen's height; more where the list leaves room
	bool sized;          // the share was chosen by hand: no more than that
	int shown;           // the share it has
	char *id;            // the workload whose text is shown, NULL = none
	struct strv several; // the marked ones whose logs are shown together; empty = only that one's
	bool times;          // logs with the time of each line
	int since;           // index of how far back the log goes, see pane_key()
	struct pager *text;  // of the tabs that are texts
	struct follow *logs; // what feeds it, NULL = nothing
	bool asked;          // a document is on its way
	bool loaded;         // one has come
	char *trouble;       // why it did not
	int64_t read_at;     // monotonic
	unsigned turn;       // grows with each new text: an answer for an old one is dropped
	uint64_t journal_seen;
	char *kept_events;   // of the workload, also from before hostel was opened; NULL: not read yet
	bool seen;           // it has a place on the screen
	struct area tabs;    // where they were drawn, for the mouse
	int ends[TABS];      // column behind each tab's name
};

void pane_init(struct pane *pane);
void pane_done(struct pane *pane);
// Once a second, and after anything changed: begins or ends reading as what is shown needs it.
void pane_update(struct app *app);
// Reads again now.
void pane_refresh(struct app *app);

// The row the pane is about: the selected one, once the key that moves is released. NULL = none.
struct row *pane_subject(const struct app *app);
// Whether it is on the screen.
bool pane_is_seen(const struct app *app);
// Whether it still shows the workload before the selected one, because a key that moves is held down: it catches up
// soon.
bool pane_lags(const struct app *app);
// The title line with the tabs, and what is below it.
void pane_draw(struct app *app, struct area a);
enum effect pane_move(struct app *app, enum move move);
enum effect pane_mouse(struct app *app, struct key key);
// In the log, 0 to 6 say how far back it goes, t switches times. Returns whether KEY was one of them.
bool pane_key(struct app *app, struct key key);
void pane_tab(struct app *app, enum tab tab);
const char *pane_tab_name(const struct app *app);
// Whether it shows a text, which can be scrolled and searched.
bool pane_is_text(const struct app *app);
void pane_tab_step(struct app *app, int step);
void pane_resize(struct app *app, int step);
void pane_span(struct app *app, int step);
void pane_wrap(struct app *app);
void pane_filter(struct app *app);
// Ends the filter of the text, else the search in it. Returns whether there was one.
bool pane_unfilter(struct app *app);
void pane_search(struct app *app);
void pane_search_again(struct app *app, bool backward);
// Writes the text that is shown into FILE. Returns 0 or negative errno.
int pane_save(struct app *app, const char *file, struct err *e);
