// The pane for the selected item: its tabs and their texts.
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

// The keys that pane_key() handles in the log, for the help: as wide as those of actions.
#define PANE_TIMES_KEY "t"
#define PANE_TIMES_HELP \
	PANE_TIMES_KEY "                  show the time of each line"
#define PANE_SINCE_HELP \
	"0 to 6             how far back the log goes: newest lines, 1, 5, 15 minutes, 1, 6 hours, a day"

struct pane {
	enum tab tab;
	enum ring_tier span; // of the graphs
	int share;           // percent of the screen's height; more if the list leaves room
	bool sized;          // the user set the share: no more than that
	int shown;           // its actual share
	char *id;            // the workload whose text is shown, NULL = none
	struct strv several; // the marked ones whose logs are shown together; empty = only that one's
	bool times;          // logs with the time of each line
	int since;           // index of how far back the log goes, see pane_key()
	struct pager *text;  // of the tabs that are texts
	struct follow *logs; // the program that writes it, NULL = none
	bool asked;          // a document was requested
	bool loaded;         // a document has arrived
	char *trouble;       // why it could not be read
	int64_t read_at;     // monotonic
	unsigned turn;       // incremented with each new text: answers for older ones are dropped
	uint64_t journal_seen;
	char *kept_events;   // events of the workload, also from before hostel was opened; NULL: not read yet
	bool seen;           // it is on the screen
	struct area tabs;    // where they were drawn, for the mouse
	int ends[TABS];      // the column after each tab's name
};

void pane_init(struct pane *pane);
void pane_done(struct pane *pane);
// Called once a second and after changes: starts or stops reading as needed for what is shown.
void pane_update(struct app *app);
// Reads again now.
void pane_refresh(struct app *app);

// The row of the pane: the selected one, once the key that moves is released. NULL = none.
struct row *pane_subject(const struct app *app);
// Whether it is on the screen.
bool pane_is_seen(const struct app *app);
// Whether it still shows the previously selected workload, because a key that moves is held down.
bool pane_lags(const struct app *app);
// Draws the title line with the tabs, and the contents.
void pane_draw(struct app *app, struct area a);
enum effect pane_move(struct app *app, enum move move);
enum effect pane_mouse(struct app *app, struct key key);
// In the log, 0 to 6 choose how far back it goes and t switches times. Returns whether KEY was one of them.
bool pane_key(struct app *app, struct key key);
void pane_tab(struct app *app, enum tab tab);
const char *pane_tab_name(const struct app *app);
// Whether it shows a text, to be scrolled and searched.
bool pane_is_text(const struct app *app);
void pane_tab_step(struct app *app, int step);
void pane_resize(struct app *app, int step);
void pane_span(struct app *app, int step);
void pane_wrap(struct app *app);
void pane_filter(struct app *app);
// Clears the filter of the text, else the search. Returns whether there was one.
bool pane_unfilter(struct app *app);
void pane_search(struct app *app);
void pane_search_again(struct app *app, bool backward);
// Writes the shown text to FILE. Returns 0 or negative errno.
int pane_save(struct app *app, const char *file, struct err *e);
