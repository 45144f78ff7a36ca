// Removes what exited containers have left on networks: see engine/sweep.h.
#include "engine/sweep.h"

#include "container/networks.h"
#include "shared_networks.h"

int engine_sweep(const char *store, struct err *e)
{
	containers_use_networks(&shared_networks_of_libvirt);
	return containers_sweep_networks(store, e);
}
