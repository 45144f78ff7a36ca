// Maps libvirt's states and reasons to hostel's.
#pragma once

#include <stdbool.h>

#include "model/workload.h"

// Maps libvirt's state. If it contradicts ACTIVE, ACTIVE wins.
enum item_state guest_state(int state, int reason, bool active);
// The reason for the state, in plain text; NULL if there is none worth showing.
const char *guest_reason(int state, int reason);
