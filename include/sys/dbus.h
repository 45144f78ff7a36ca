// A small client for D-Bus, as much of it as asking a service manager needs (D-Bus specification, "Message Protocol"):
// no library, so that it costs a static program nothing until it is used. Little-endian messages, no descriptors.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

// The arguments of a call, built in order. Alignment is counted from the beginning, so a body is built by these
// functions only.
void dbus_u32(struct str *body, uint32_t value);
void dbus_u64(struct str *body, uint64_t value);
void dbus_bool(struct str *body, bool value);
void dbus_byte(struct str *body, uint8_t value);
void dbus_text(struct str *body, const char *text);           // a string or an object's path
void dbus_signature(struct str *body, const char *signature); // what a variant holds
void dbus_align(struct str *body, size_t to);                 // 8 before each structure
// An array: what stands between is its elements, each aligned to ALIGN. The mark is what dbus_array_begin() returned.
size_t dbus_array_begin(struct str *body, size_t align);
void dbus_array_end(struct str *body, size_t mark);

struct dbus;

// Connects to the unix socket PATH and authenticates as this user. BUS: a message bus is there, else the service
// itself. Returns 0 or negative errno; *BUS is released by dbus_free().
int dbus_connect(struct dbus **d, const char *path, bool bus, struct err *e);
void dbus_free(struct dbus *d);

struct dbus_call {
	const char *destination, *path, *interface, *member;
	const char *signature; // of BODY, NULL = no arguments
	const struct str *body;
};
// Calls and waits for the answer, whose first argument, if that is text, is stored in *ANSWER (owned; may be NULL).
// -EREMOTEIO: the service refused, with its words in E and the error's name in *ANSWER.
int dbus_call(struct dbus *d, const struct dbus_call *call, char **answer, struct err *e);

// Waits for the signal MEMBER whose arguments (of signature "uoss") have PATH as the second; the fourth is stored in
// *RESULT (owned). Signals that came during calls are remembered. -ETIMEDOUT.
int dbus_wait_job(struct dbus *d, const char *member, const char *path, char **result, struct err *e);
