// A terminal description that needs no terminfo database: what today's terminals have in common with xterm.
#pragma once

// The entry "xterm-256color" as curses takes it from $TERMINFO ("hex:…"). Owned by the caller.
char *builtin_terminfo(void);
