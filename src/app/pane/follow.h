// A program whose output is shown as it comes: `hostel logs --follow`, here or over the shared ssh connection.
#pragma once

#include <stddef.h>

#include <uv.h>

struct err;
struct follow;
struct strv;

// Gets output as it comes; at its end TEXT is NULL and WHY says what it complained about ("" for nothing).
typedef void follow_output(void *context, const char *text, size_t n, const char *why);

// Starts ARGV. Returns NULL with the reason when it cannot be started.
struct follow *follow_start(uv_loop_t *loop, const struct strv *argv, follow_output *output, void *context,
                            struct err *e);
// Ends the program; no output comes after this. Takes NULL.
void follow_stop(struct follow *f);
