// The engines there are, by name, and opening them from what a user writes: "bunk", "libvirt:qemu:///session",
// "fake:1000".
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

// An open engine. Zeroed is closed.
struct engine {
	const struct engine_ops *ops;
	void *self;
	char *spec; // what it was opened from
};

// Opens the engine that SPEC names: "NAME" or "NAME:WHERE". Returns 0, or negative errno: -EINVAL for a name that is
// none (the text lists those there are, or the one probably meant), else what the engine's own open says.
int engine_open(struct engine *engine, const char *spec, bool read_only, struct err *e);
// The engine's note about its last list; owned, NULL = none.
char *engine_note(const struct engine *engine);
// Wakes and closes it. No call may be under way in another thread.
void engine_close(struct engine *engine);

// Makes the checks of the engine that SPEC names. Returns 0, also when something was found, or negative errno.
int engine_check(const char *spec, unsigned flags, struct findings *f, struct err *e);

// Adds the specs that are opened when the user names none: every engine but the fake one.
void engine_add_defaults(struct strv *specs);
// Whether the engine that SPEC names leaves what takes long to processes of their own.
bool engine_leaves_jobs(const char *spec);
// Adds to TO the engine that lists what engines of SPECS have left to processes of their own, if one does that.
void engine_add_jobs(const struct strv *specs, struct strv *to);
// Where its jobs are; NULL = the usual place.
const char *engine_jobs_where(const struct strv *specs);
// The engine of NAME, or NULL.
const struct engine_ops *engine_find(const char *name);
