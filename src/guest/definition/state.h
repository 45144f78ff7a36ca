// What libvirt's states and reasons mean to hostel.
#pragma once

#include <stdbool.h>

#include "model/workload.h"

// Maps libvirt's state. ACTIVE wins where the two disagree.
enum item_state guest_state(int state, int reason, bool active);
// Why it is in this state, for people; NULL when there is nothing to say.
const char *guest_reason(int state, int reason);
