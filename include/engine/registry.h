// The available engines, and opening them from a spec: "bunk", "libvirt:qemu:///session", "fake:1000".
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/engine.h"

// An open engine. Zeroed = closed.
struct engine {
	const struct engine_ops *ops;
	void *self;
	char *spec; // the spec it was opened from
};

// Opens the engine named by SPEC: "NAME" or "NAME:WHERE". Returns 0 or negative errno: -EINVAL for an unknown name (E
// lists the engines, or suggests one), else the error of the engine's open().
int engine_open(struct engine *engine, const char *spec, bool read_only, struct err *e);
// The engine's note about its last listing; owned, NULL = none.
char *engine_note(const struct engine *engine);
// Wakes and closes the engine. No other thread may be calling it.
void engine_close(struct engine *engine);

// Runs the checks of the engine named by SPEC. Returns 0, even if there are findings, or negative errno.
int engine_check(const char *spec, unsigned flags, struct findings *f, struct err *e);

// Adds the specs that are opened by default: every engine except the fake one.
void engine_add_defaults(struct strv *specs);
// Whether the engine named by SPEC runs long operations as jobs in processes of their own.
bool engine_leaves_jobs(const char *spec);
// Adds the job engine to TO if an engine in SPECS runs jobs.
void engine_add_jobs(const struct strv *specs, struct strv *to);
// Where its jobs are recorded; NULL = the default.
const char *engine_jobs_where(const struct strv *specs);
// The engine called NAME, or NULL.
const struct engine_ops *engine_find(const char *name);
// The engine of the item ID of this host, or NULL.
const struct engine_ops *engine_of_id(const char *id);
// The name of the item ID of this host if its id contains it, else NULL. Points into ID.
const char *engine_name_in_id(const char *id);
