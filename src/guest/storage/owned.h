// Lists the files of a guest and decides which of them belong to it alone.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "guest/connection/guests.h"
#include "guest/files/ownership.h"

struct storage {
	struct stored *items;
	size_t count;
};
// Fills S (zeroed) with all files of the domain and why each is kept, if it is. Returns 0 or negative errno.
int storage_judge(struct storage *s, struct guests *g, virConnectPtr conn, virDomainPtr domain, struct err *e);
void storage_done(struct storage *s);
// Why the file at PATH must be kept: what uses it, or why that is unknown. Owned; NULL: it is proven that nothing on
// this host uses it.
char *storage_why_kept(struct guests *g, virConnectPtr conn, const char *path);
// The process or device that has the file at PATH open. Owned, or NULL.
char *storage_user(const char *path);
// "disk", "firmware variables"
const char *storage_part_name(enum part part);
// Whether such files are deleted only with --storage.
bool storage_part_is_optional(enum part part);
