// Callbacks of links: rows, figures, events, lost connections.
#pragma once

#include "client/link.h"

struct machine;

// Their context is the machine.
extern const struct link_callbacks link_event_callbacks;
// Sets the terminal's title to the machine.
void link_events_title(const struct machine *m);
