// Path lookup in stacked directories, as overlayfs(5) would show them, without mounting them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { STACK_OPEN_LAST = 1 }; // stack_resolve(): do not follow a symbolic link at the end of the path

// Resolves PATH in ROOTS (topmost first) like a process chrooted there: symbolic links and ".." cannot escape. *REAL
// (owned, may be NULL) is set to the path without symbolic links, even if it does not exist. Returns an O_PATH
// descriptor, or negative errno: -ENOENT, -ENOTDIR (a component of the path is not a directory), -ELOOP.
int stack_resolve(const struct strv *roots, const char *path, unsigned flags, char **real);

// A cursor in the stack: a directory, from which to descend one name at a time.
struct stack_place {
	size_t count;
	int *at;   // the directory in each root, -1 = missing or hidden
	bool file; // the current entry is not a directory
};
// Starts at the top of ROOTS. Returns 0 or negative errno; call stack_place_done() in either case.
int stack_place_open(struct stack_place *p, const struct strv *roots);
// Descends to NAME without following a symbolic link. Returns an O_PATH descriptor of it, or negative errno as
// stack_resolve().
int stack_place_enter(struct stack_place *p, const char *name);
void stack_place_done(struct stack_place *p);

// Marks the directory DIR (may be an O_PATH descriptor) as opaque: it hides the layers below. Returns 0 or negative
// errno.
int stack_make_opaque(int dir);
bool stack_is_opaque(int dir);
