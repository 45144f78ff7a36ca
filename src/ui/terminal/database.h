// What the terminfo database says about a terminal, before curses opens it.
#pragma once

// How many colours a terminal of TYPE on descriptor OUT has; negative: none, or the type is not known.
int database_colours(const char *type, int out);
