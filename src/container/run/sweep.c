// Removes what exited containers have left on networks: see container/networks.h.
#include <errno.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/network.h"
#include "container/networks.h"

#define PATIENCE (600 * SECOND) // while other processes hold a lock

typedef int sweeper(const char *store, bool remove, struct strv *found, struct err *e);

static int sweep_patiently(sweeper *sweep, const char *store, struct err *e)
{
	int64_t until = clock_mono() + PATIENCE;
	int r;

	do
		r = sweep(store, true, NULL, e);
	while (r == -ENOLCK && clock_mono() < until);
	return r;
}

int containers_sweep_networks(const char *store, struct err *e)
{
	static sweeper *const sweeps[] = {reservations_sweep, network_sweep};
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sweeps); i++) {
		struct err other;
		int r = sweep_patiently(sweeps[i], store, result < 0 ? &other : e);
		result = result < 0 ? result : r;
	}
	return result;
}
