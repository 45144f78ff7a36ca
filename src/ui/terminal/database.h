// Queries the terminfo database before curses opens a terminal.
#pragma once

// The number of colours of terminal TYPE on descriptor OUT; negative: none, or unknown type.
int database_colours(const char *type, int out);
