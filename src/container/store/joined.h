// The containers whose namespaces a container joins (--network, --pid and --ipc container:NAME). They are
// identified by the time of their creation, which a rename does not change.
#pragma once

#include <stdbool.h>

#include "record.h"

// Notes in R which containers its parameters name, unless they are noted already. CONTAINERS is a descriptor of
// STORE/containers.
void joined_note(struct record *r, int containers);
// Gives the parameters of R the names that these containers have now. One that no longer exists keeps its name: it may
// be created again. Returns whether a name has changed.
bool joined_follow(struct record *r, int containers);
