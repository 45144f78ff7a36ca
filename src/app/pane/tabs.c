// The tabs: see tabs.h.
#include "tabs.h"

#include "model/stream.h"

#include "facts.h"
#include "overview.h"
#include "pane.h"

const struct pane_tab pane_tabs[TABS] = {
	[TAB_OVERVIEW] = {.name = "Overview", .draw = overview_draw, .document = -1},
	[TAB_GRAPHS] = {.name = "Graphs", .draw = facts_graphs, .document = -1},
	[TAB_LOGS] = {.name = "Logs", .document = -1},
	[TAB_PROCESSES] = {.name = "Processes", .document = DOCUMENT_PROCESSES, .again = 2},
	[TAB_ISOLATION] = {.name = "Isolation", .draw = facts_isolation, .document = -1},
	[TAB_DETAILS] = {.name = "Details", .document = DOCUMENT_DETAILS, .again = 5},
	[TAB_CONFIG] = {.name = "Config", .document = DOCUMENT_CONFIG},
	[TAB_EVENTS] = {.name = "Events", .document = DOCUMENT_EVENTS, .again = 5},
};
