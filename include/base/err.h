// One error value for the whole house: what failed, on what, and often what helps.
#pragma once

#include <stdbool.h>

enum { ERR_TEXT_MAX = 1024 };

// A plain value of fixed size: a child may write it to a pipe, an agent may send it.
struct err {
	int code;   // positive errno, 0 = no error
	int status; // where a program could not be executed: what a shell would exit with, 126 or 127 (not found); else 0
	char text[ERR_TEXT_MAX];
};

// Records "text: strerror(code)". CODE is a positive errno. E may be NULL.
// Returns -CODE, so that a function can end with `return err_set(e, errno, …)`.
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

// Like err_set(), but the text says all: no strerror is added.
int err_msg(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

// Notes that a program could not be executed. Returns -E->code.
int err_not_executed(struct err *e);

// Puts "text: " before what E already says. Returns -E->code (-EIO if E holds no error or is NULL).
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Adds " (text)" behind what E says: the usual cause, or the remedy. Returns -E->code.
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
