// The tabs of the pane. Each shows drawn facts, a document, a followed log, or events with the journal.
#pragma once

#include "ui/canvas.h"

#include "pane.h"

struct pane_tab {
	const char *name;
	void (*draw)(struct app *app, struct row *row, struct area a); // NULL: it shows a text
	int document;                                                  // enum document, -1 = none
	int again;                                                     // seconds until it is read again, 0: read once
};
extern const struct pane_tab pane_tabs[TABS];
