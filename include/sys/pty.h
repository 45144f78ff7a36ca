// Pseudo-terminals, and handing descriptors from process to process.
#pragma once

#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"

// Opens a new pty: the master (close-on-exec, not the controlling terminal). DEVPTS is a descriptor of the root of a
// devpts, or -1 for /dev/ptmx. The slave is had by pty_peer(), never by its path. Returns the master or negative
// errno.
int pty_open(int devpts, struct err *e);
// The slave of MASTER (TIOCGPTPEER). Returns a descriptor or negative errno.
int pty_peer(int master, struct err *e);
// Makes FD the controlling terminal of this process, which must lead a session. Returns 0 or negative errno.
int pty_control(int fd, struct err *e);

int pty_set_size(int fd, unsigned columns, unsigned rows);
int pty_get_size(int fd, unsigned *columns, unsigned *rows);
// Sets the terminal FD raw and keeps what was in *SAVED. Returns 0 or negative errno. pty_restore() undoes it.
int pty_raw(int fd, struct termios *saved);
// The same, but lines are still edited and echoed, and KEY ends the line immediately.
int pty_lines(int fd, char key, struct termios *saved);
void pty_restore(int fd, const struct termios *saved);

// Sends FD over the unix socket SOCKET together with TEXT (what it is, may not be empty). Returns 0 or negative errno.
int fd_send(int socket, int fd, const char *text);
// Receives one descriptor (close-on-exec) and at most SIZE-1 bytes of its text. Returns the descriptor, or negative
// errno (-EPIPE: closed, -EPROTO: none came).
int fd_receive(int socket, char *text, size_t size);
// Connects to the unix socket PATH, also when PATH is longer than sun_path. Returns a stream socket or negative errno.
int fd_connect(const char *path, struct err *e);
// The same without waiting, then or later: -EAGAIN while the queue of the other side is full.
int fd_connect_now(const char *path, struct err *e);
