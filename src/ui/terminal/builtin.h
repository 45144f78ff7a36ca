// A terminal description without a terminfo database: what current terminals have in common with xterm.
#pragma once

// The names of capabilities in the order of term(5): terminfo's own lists.
struct capability_names {
	const char *const *bools, *const *numbers, *const *strings;
};

// The entry "xterm-256color" in the format that curses reads from $TERMINFO ("hex:…"). Owned by the caller.
char *builtin_terminfo(const struct capability_names *names);
