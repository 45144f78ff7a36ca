// What the link says, taken in: rows, figures, events, lost connections.
#pragma once

#include "client/link.h"

struct app;

extern const struct link_callbacks news_callbacks;
// The terminal's title: the machine.
void news_title(struct app *app);
