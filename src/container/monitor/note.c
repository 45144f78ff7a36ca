// What a monitor writes down: its container's state and journal. See monitor.h.
#include <stdio.h>

#include "base/clock.h"
#include "container/store/journal.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "monitor.h"

// A container with --rm is of no use after its exit, so its state need not survive a crash of the host. If it does
// not, the container is listed as created or crashed, until `hostel rm` removes it.
void monitor_write_state(struct monitor *m)
{
	struct err ignored;
	bool durable = !record_has(&m->record, PARAM_RM);

	run_state_write(m->dir, &m->state, durable, &ignored); // a full disk must not end the container
	store_touch(m->containers);
}

void monitor_note(struct monitor *m, enum journal_event event, int code, const char *reason)
{
	struct journal_entry entry = {.time = clock_wall(), .event = event, .code = code, .restarts = m->state.restarts};

	snprintf(entry.reason, sizeof(entry.reason), "%s", reason ? reason : "");
	journal_note(m->dir, &entry); // a full disk must not end the container
}
