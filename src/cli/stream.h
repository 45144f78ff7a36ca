// Streams and waiting, which need this process's own descriptors: they open an engine in this process. With --host
// these verbs run on the other host.
#pragma once

#include "cli.h"
#include "engine/registry.h"

// Open the engine of C that the workload ID belongs to, or that creates a KIND. Return 0 or negative errno.
int stream_engine_of(struct engine *engine, const struct cli *c, const char *id, struct err *e);
int stream_engine_for(struct engine *engine, const struct cli *c, enum kind kind, struct err *e);
// The same for an item called NAME: if it contains a slash, only an engine whose names may have one is chosen.
int stream_engine_named(struct engine *engine, const struct cli *c, enum kind kind, const char *name, struct err *e);
// Call engine_ops.stream and engine_ops.await_exit for the workload ID.
int stream_connect(const struct cli *c, const char *id, enum stream stream, const struct params *p, struct err *e);
int stream_await_exit(const struct cli *c, const char *id, struct err *e);
// Waits for the job ID to end, and shows its progress on a terminal. Returns 0 on success, or negative errno.
int stream_await_job(const struct cli *c, const char *id, struct err *e);
