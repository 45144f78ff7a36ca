// The states of items: see model/item.h.
#include "model/item.h"
#include "model/verb.h"

static const struct item_state_info states[STATES] = {
	[STATE_UNKNOWN] = {.name = "unknown", .sign = "?", .ascii_sign = "?"},
	[STATE_CREATED] = {.name = "created", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_RUNNING] = {.name = "running", .sign = "●", .ascii_sign = "*", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_PAUSED] = {.name = "paused", .sign = "◐", .ascii_sign = "=", .flags = NEEDS_RUNNING | NEEDS_PAUSED},
	[STATE_STOPPING] = {.name = "stopping", .sign = "◌", .ascii_sign = "-", .flags = NEEDS_RUNNING | NEEDS_UNPAUSED},
	[STATE_OFF] = {.name = "off", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_EXITED] = {.name = "exited", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_CRASHED] = {.name = "crashed", .sign = "✗", .ascii_sign = "x", .flags = NEEDS_STOPPED | NEEDS_UNPAUSED},
	[STATE_SUSPENDED] = {.name = "suspended", .sign = "◑", .ascii_sign = "z", .flags = NEEDS_STOPPED | NEEDS_PAUSED},
	[STATE_ACTIVE] = {.name = "active", .sign = "●", .ascii_sign = "*", .flags = NEEDS_RUNNING},
	[STATE_INACTIVE] = {.name = "inactive", .sign = "○", .ascii_sign = "o", .flags = NEEDS_STOPPED},
	[STATE_USED] = {.name = "used", .sign = "●", .ascii_sign = "*"},
	[STATE_UNUSED] = {.name = "unused", .sign = "○", .ascii_sign = "o"},
	[STATE_DONE] = {.name = "done", .sign = "✓", .ascii_sign = "+"},
	[STATE_FAILED] = {.name = "failed", .sign = "✗", .ascii_sign = "x"},
	[STATE_CANCELLED] = {.name = "cancelled", .sign = "◌", .ascii_sign = "-"},
};

const struct item_state_info *item_state_info(enum item_state state)
{
	return &states[state];
}
