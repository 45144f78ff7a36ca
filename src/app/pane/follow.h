// A program whose output is shown while it runs: `hostel logs --follow`, here or over the shared ssh connection.
#pragma once

#include <stddef.h>

#include <uv.h>

struct err;
struct follow;
struct strv;

// Receives output; at the end TEXT is NULL and WHY has the program's error output ("": none).
typedef void follow_output(void *context, const char *text, size_t n, const char *why);

// Starts ARGV. Returns NULL with the reason if that fails.
struct follow *follow_start(uv_loop_t *loop, const struct strv *argv, follow_output *output, void *context,
                            struct err *e);
// Ends the program; no output is passed after this. Accepts NULL.
void follow_stop(struct follow *f);
