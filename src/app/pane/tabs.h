// The tabs of the pane. Each shows facts that are drawn, a document that is read, a followed log, or events: those
// that are kept, and the journal.
#pragma once

#include "ui/canvas.h"

#include "pane.h"

struct pane_tab {
	const char *name;
	void (*draw)(struct app *app, struct row *row, struct area a); // NULL: it shows a text
	int document;                                                  // enum document, -1 = none
	int again;                                                     // it is read again after so many seconds, 0: once
};
extern const struct pane_tab pane_tabs[TABS];
