// Texts of the pane that are put together here.
#pragma once

struct app;
struct str;

// A table with tabs between its cells, as columns.
void pane_align(const char *text, struct str *out);
// The events of the pane's workload.
void pane_events_text(const struct app *app, struct str *out);
