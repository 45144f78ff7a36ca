// Pseudo-terminals, and passing descriptors between processes.
#pragma once

#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#include "base/err.h"

// Opens a new pty: the master (close-on-exec, not the controlling terminal). DEVPTS is a descriptor of the root of a
// devpts, or -1 for /dev/ptmx. Open the slave by pty_peer(), never by its path. Returns the master or negative errno.
int pty_open(int devpts, struct err *e);
// The slave of MASTER (TIOCGPTPEER). Returns a descriptor or negative errno.
int pty_peer(int master, struct err *e);
// Makes FD the controlling terminal of this process, which must be a session leader. Returns 0 or negative errno.
int pty_control(int fd, struct err *e);

int pty_set_size(int fd, unsigned columns, unsigned rows);
int pty_get_size(int fd, unsigned *columns, unsigned *rows);
// Sets the terminal FD to raw mode and saves its settings in *SAVED, for pty_restore(). Returns 0 or negative errno.
int pty_raw(int fd, struct termios *saved);
// The same, but the terminal still edits and echoes lines, and KEY ends the line immediately.
int pty_lines(int fd, char key, struct termios *saved);
void pty_restore(int fd, const struct termios *saved);

// Sends FD over the unix socket SOCKET with TEXT, a description that must not be empty. Returns 0 or negative errno.
int fd_send(int socket, int fd, const char *text);
// Receives one descriptor (close-on-exec) and at most SIZE-1 bytes of its text. Returns the descriptor, or negative
// errno (-EPIPE: closed, -EPROTO: a message without one).
int fd_receive(int socket, char *text, size_t size);
// Connects to the unix socket PATH, which may be longer than sun_path. Returns a stream socket or negative errno.
int fd_connect(const char *path, struct err *e);
// The same with a non-blocking socket: -EAGAIN while the peer's queue is full.
int fd_connect_now(const char *path, struct err *e);
