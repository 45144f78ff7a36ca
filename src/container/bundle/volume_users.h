// Which containers mount a volume, from their records.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store/record.h"
#include "mount_spec.h"

// Calls LOOK for each mount of each container. CONTAINERS is a descriptor of STORE/containers. Returns 0, or negative
// errno if a record cannot be read: the volumes of that container are then unknown.
int volume_users_each(int containers, void (*look)(void *context, const char *container, const struct mount_spec *m),
                      void *context, struct err *e);
// Adds the names of the containers that mount the volume NAME to USERS. Returns 0 or negative errno, as above.
int volume_users(int containers, const char *name, struct strv *users, struct err *e);
// Deletes the volume NAME, unless a container uses it: -EBUSY with the names of its users. Waits for containers that
// are being created.
int volume_delete(int containers, int volumes, const char *name, struct err *e);
// Deletes the anonymous volumes of the deleted container of R. Those that other containers use are kept.
void volume_delete_anonymous(int containers, const struct record *r);
