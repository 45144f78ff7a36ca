// Puts the terminal back on every end of the process. Must be callable from a signal handler.
#pragma once

#include <stddef.h>
#include <termios.h>

// From now on term_restore(), exit() and every signal that would kill the process write the N bytes of TEXT to FD and
// set its modes to MODES. Handlers are installed only where there is none yet.
void guard_arm(int fd, const struct termios *modes, const char *text, size_t n);
// The terminal has been given back in order.
void guard_disarm(void);
