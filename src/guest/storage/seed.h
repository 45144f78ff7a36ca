// Creates cloud-init seeds.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// Creates a cloud-init seed (NoCloud: an ISO image labelled "cidata") from the user-data file in P. *PATH is owned by
// the caller. Adds a note to JOB if cloud-init would ignore the user-data. Returns 0 or negative errno.
int storage_make_seed(const struct guests *g, const struct params *p, const struct job *job, char **path,
                      struct err *e);
// Whether TEXT begins with a header that cloud-init recognizes as user-data.
bool seed_is_user_data(const char *text, size_t length);
