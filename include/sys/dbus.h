// A small D-Bus client, just enough to talk to a service manager (D-Bus specification, "Message Protocol"). It uses no
// library, so that it costs a static program nothing until it is used. Little-endian messages, no descriptors.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

// The arguments of a call, appended in order. Alignment is relative to the start, so use only these functions to build
// a body.
void dbus_u32(struct str *body, uint32_t value);
void dbus_u64(struct str *body, uint64_t value);
void dbus_bool(struct str *body, bool value);
void dbus_byte(struct str *body, uint8_t value);
void dbus_text(struct str *body, const char *text);           // a string or an object path
void dbus_signature(struct str *body, const char *signature); // the type of a variant's value
void dbus_align(struct str *body, size_t to);                 // 8 before each structure
// An array, whose elements (aligned to ALIGN) are appended between the two calls. MARK is what dbus_array_begin()
// returned.
size_t dbus_array_begin(struct str *body, size_t align);
void dbus_array_end(struct str *body, size_t mark);

struct dbus;

// Connects to the unix socket PATH and authenticates as this user. BUS: the peer is a message bus, else the service
// itself. Returns 0 or negative errno; *BUS is released by dbus_free().
int dbus_connect(struct dbus **d, const char *path, bool bus, struct err *e);
void dbus_free(struct dbus *d);

struct dbus_call {
	const char *destination, *path, *interface, *member;
	const char *signature; // of BODY, NULL = no arguments
	const struct str *body;
};
// Calls a method and waits for the reply. The first argument of the reply, if a string, is stored in *ANSWER (owned;
// may be NULL). -EREMOTEIO: the service returned an error, with its message in E and its name in *ANSWER.
int dbus_call(struct dbus *d, const struct dbus_call *call, char **answer, struct err *e);

// Waits for a signal MEMBER (signature "uoss") whose second argument is PATH; the fourth is stored in *RESULT (owned).
// Signals that arrived during calls count, too. Returns 0, -ETIMEDOUT or another negative errno.
int dbus_wait_job(struct dbus *d, const char *member, const char *path, char **result, struct err *e);
