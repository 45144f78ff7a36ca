// Has what the container left on networks removed after its final exit: see monitor.h.
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/libvirt/reservation.h"
#include "monitor.h"
#include "sys/proc.h"

// The path of hostel: in the runtime's directory, where both are installed, or as proc_find_program() finds it. Owned;
// NULL: not found.
static char *find_hostel(const struct monitor *m)
{
	const char *slash = strrchr(m->program, '/');
	auto_free char *beside = slash ? mem_printf("%.*s/hostel", (int)(slash - m->program), m->program) : NULL;
	char *found = beside ? proc_find_program(beside) : NULL;

	return found ? found : proc_find_program("hostel");
}

// The places on libvirt's networks are kept until the container is deleted.
static bool has_left(const struct monitor *m)
{
	auto_strv found = {0};
	struct err ignored;

	if (record_has(&m->record, PARAM_RM))
		reservations_sweep(m->store, false, &found, &ignored);
	return m->on_networks || found.count;
}

void monitor_sweep(const struct monitor *m)
{
	auto_free char *program = geteuid() == 0 && has_left(m) ? find_hostel(m) : NULL;
	const char *const argv[] = {program, "sweep", m->store, NULL};
	struct err ignored;

	if (program && chdir("/") == 0)
		proc_spawn(argv, (const int[3]){-1, -1, -1}, -1, true, &ignored);
}
