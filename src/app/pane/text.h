// Texts composed for the pane.
#pragma once

struct app;
struct str;

// Aligns a table whose cells are separated by tabs.
void pane_align(const char *text, struct str *out);
// The events of the pane's workload.
void pane_events_text(const struct app *app, struct str *out);
