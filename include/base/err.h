// The error value that all layers use: what failed, on what, and where possible the remedy.
#pragma once

#include <stdbool.h>

enum { ERR_TEXT_MAX = 1024 };

// A plain value of fixed size, so that a child can write it to a pipe.
struct err {
	int code;   // positive errno, 0 = no error
	int status; // if a program could not be executed: the exit status of a shell, 126 or 127 (not found); else 0
	char text[ERR_TEXT_MAX];
};

// Records "text: strerror(code)". CODE is a positive errno. E may be NULL.
// Returns -CODE, so that a function can end with `return err_set(e, errno, …)`.
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

// Like err_set(), without strerror: the text says it all.
int err_msg(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

// Records that a program could not be executed. Returns -E->code.
int err_not_executed(struct err *e);

// Prefixes the message with "text: ". Returns -E->code (-EIO if E holds no error or is NULL).
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Appends " (text)" to the message: the usual cause, or the remedy. Returns -E->code.
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
