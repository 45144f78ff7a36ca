// Making the seed of cloud-init.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// Makes a cloud-init seed (NoCloud: an ISO image "cidata") from the user-data file of P. *PATH owned by the caller.
// User-data that cloud-init would ignore is noted in JOB.
int storage_make_seed(const struct guests *g, const struct params *p, const struct job *job, char **path,
                      struct err *e);
// Whether TEXT has a header by which cloud-init tells user-data.
bool seed_is_user_data(const char *text, size_t length);
