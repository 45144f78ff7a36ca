// Maps libvirt's states and reasons: a table.
#include "state.h"

#include "base/mem.h"
#include "guest/vir/vir.h"
#include "model/verb.h"
#include "model/workload.h"

// Keyed by virDomainState and reason; ANY matches all other reasons.
enum { ANY = -1 };
static const struct {
	int state, reason;
	enum item_state means;
	const char *says;
} states[] = {
	{VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_CRASHED, STATE_RUNNING, "resumed after a crash"},
	{VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, STATE_RUNNING, "migrating (post-copy)"},
	{VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY_FAILED, STATE_RUNNING, "migration failed (post-copy)"},
	{VIR_DOMAIN_RUNNING, ANY, STATE_RUNNING, NULL},
	{VIR_DOMAIN_BLOCKED, ANY, STATE_RUNNING, NULL},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, STATE_PAUSED, "migrating"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SAVE, STATE_PAUSED, "being saved"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_DUMP, STATE_PAUSED, "being dumped"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR, STATE_PAUSED, "disk I/O error"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_WATCHDOG, STATE_PAUSED, "watchdog fired"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_FROM_SNAPSHOT, STATE_PAUSED, "reverted to a snapshot"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SHUTTING_DOWN, STATE_STOPPING, NULL},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SNAPSHOT, STATE_PAUSED, "snapshot in progress"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_CRASHED, STATE_PAUSED, "crashed"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, STATE_PAUSED, "starting"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, STATE_PAUSED, "migrating (post-copy)"},
	{VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY_FAILED, STATE_PAUSED, "migration failed (post-copy)"},
	{VIR_DOMAIN_PAUSED, ANY, STATE_PAUSED, NULL},
	{VIR_DOMAIN_SHUTDOWN, ANY, STATE_STOPPING, NULL},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SHUTDOWN, STATE_OFF, "shut down"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DESTROYED, STATE_OFF, "forced off"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_CRASHED, STATE_CRASHED, "crashed"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_MIGRATED, STATE_OFF, "migrated away"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SAVED, STATE_SUSPENDED, "saved to disk"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_FAILED, STATE_OFF, "failed to start"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT, STATE_OFF, "reverted to a snapshot"},
	{VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DAEMON, STATE_OFF, "killed by libvirt"},
	{VIR_DOMAIN_SHUTOFF, ANY, STATE_OFF, NULL},
	{VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_PANICKED, STATE_CRASHED, "kernel panic"},
	{VIR_DOMAIN_CRASHED, ANY, STATE_CRASHED, "crashed"},
	{VIR_DOMAIN_PMSUSPENDED, ANY, STATE_SUSPENDED, "asleep"},
};

static enum item_state state_meaning(int state, int reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == state && (states[i].reason == reason || states[i].reason == ANY))
			return states[i].means;
	return STATE_UNKNOWN;
}

enum item_state guest_state(int state, int reason, bool active)
{
	enum item_state means = state_meaning(state, reason);

	if (active)
		return means == STATE_UNKNOWN ? STATE_RUNNING : means; // some drivers report no state
	return item_state_info(means)->flags & NEEDS_RUNNING || means == STATE_UNKNOWN ? STATE_OFF : means;
}

const char *guest_reason(int state, int reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == state && (states[i].reason == reason || states[i].reason == ANY))
			return states[i].says;
	return NULL;
}
