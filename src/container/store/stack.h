// Stacked directories as overlayfs(5) shows them, without mounting them: what is found under a name, and where a path
// leads.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { STACK_OPEN_LAST = 1 }; // stack_resolve(): a symbolic link at the end is the result

// Resolves PATH in ROOTS (the uppermost first) as a process in them would: links and ".." never lead out of them.
// *REAL (owned, may be NULL) becomes the path without links, also of what does not exist. Returns an O_PATH
// descriptor, or negative errno: -ENOENT, -ENOTDIR (a part of the path is not a directory), -ELOOP.
int stack_resolve(const struct strv *roots, const char *path, unsigned flags, char **real);

// A directory in the stack, and the way down from it by one name after the other.
struct stack_place {
	size_t count;
	int *at;   // of each root the directory, -1: none, or it does not show
	bool file; // what is there is not a directory
};
// Begins at the top of ROOTS. Returns 0 or negative errno; stack_place_done() in any case.
int stack_place_open(struct stack_place *p, const struct strv *roots);
// Goes to NAME there, which may be a link. Returns an O_PATH descriptor of it, or negative errno as stack_resolve().
int stack_place_enter(struct stack_place *p, const char *name);
void stack_place_done(struct stack_place *p);

// Marks the directory DIR (O_PATH will do) so that nothing of the layers below shows in it. Returns 0 or negative
// errno.
int stack_make_opaque(int dir);
bool stack_is_opaque(int dir);
