// The volumes of a new container: found, created, filled from its image, and taken over from other containers.
#pragma once

#include "base/err.h"
#include "container/state/containers.h"
#include "container/store/record.h"

// Makes sure that all volumes of R exist, and notes in R->mounts those that its parameters do not name. *HOLD becomes
// a descriptor to be kept open until R is in the store: until then no volume is deleted. After an error no anonymous
// volume made for R is left.
int container_settle_volumes(struct containers *c, struct record *r, int *hold, struct err *e);
