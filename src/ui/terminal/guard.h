// Restores the terminal whenever the process exits. Callable from signal handlers.
#pragma once

#include <stddef.h>
#include <termios.h>

// From now on term_restore(), exit() and every fatal signal write the N bytes of TEXT to FD and set its modes to
// MODES. Handlers are installed only for signals without one.
void guard_arm(int fd, const struct termios *modes, const char *text, size_t n);
// Disarms the guard: the terminal has been restored normally.
void guard_disarm(void);
