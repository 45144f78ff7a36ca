// Streams and waiting, which need this process's own descriptors: an engine is opened here (over ssh these verbs run
// over there).
#pragma once

#include "cli.h"
#include "engine/registry.h"

// The engine that the workload ID belongs to, or that creates a KIND, among those of C. Returns 0 or negative errno.
int stream_engine_of(struct engine *engine, const struct cli *c, const char *id, struct err *e);
int stream_engine_for(struct engine *engine, const struct cli *c, enum kind kind, struct err *e);
// As engine_ops.stream and engine_ops.await_exit for the workload ID.
int stream_connect(const struct cli *c, const char *id, enum stream stream, const struct params *p, struct err *e);
int stream_await_exit(const struct cli *c, const char *id, struct err *e);
// Waits for the end of the job ID, and shows its progress on a terminal. Returns 0 when it is done, or negative errno.
int stream_await_job(const struct cli *c, const char *id, struct err *e);
