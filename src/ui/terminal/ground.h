// What is behind the terminal's text.
#pragma once

#include "state.h"

// From the environment, and asks the terminal.
void ground_ask(struct term *t);
// Takes the terminal's reply if one has come.
void ground_read(struct term *t);
// Whether a reply may be on its way, which the shell must not read.
bool ground_is_due(const struct term *t);
