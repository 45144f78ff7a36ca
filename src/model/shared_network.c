// Freeing what describes containers on libvirt's networks: see model/shared_network.h.
#include "model/shared_network.h"

#include <stdlib.h>

void shared_network_done(struct shared_network *n)
{
	char *const texts[] = {n->uuid, n->bridge, n->address, n->subnet, n->address6, n->subnet6, n->domain};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free(texts[i]);
	strv_done(&n->addresses);
	strv_done(&n->macs);
	*n = (struct shared_network){0};
}

void network_place_done(struct network_place *p)
{
	free(p->name);
	free(p->address);
	free(p->mac);
	free(p->address6);
	strv_done(&p->aliases);
	*p = (struct network_place){0};
}
