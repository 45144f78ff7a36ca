// The sources of the tabs with texts: documents, logs, events.
#pragma once

#include <stddef.h>

#include "model/stream.h"

struct app;
struct pane;

// How far back a log goes, chosen by the keys 0 to 6.
struct log_reach {
	const char *since; // the value of `hostel logs --since`; NULL: the newest lines, however old
	const char *label;
};
extern const struct log_reach log_reaches[];
extern const size_t log_reach_count;

// Drops the text: the workload or tab has changed.
void pane_forget(struct pane *pane);
// The same before a log is read again: keeps showing why it could not be read until there is output.
void pane_forget_log(struct pane *pane);
// Why the text could not be read, NULL = no error.
void pane_set_trouble(struct pane *pane, const char *text);
void pane_read_document(struct app *app, enum document document);
void pane_start_log(struct app *app);
void pane_show_events(struct app *app);
