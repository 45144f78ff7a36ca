// The guest layer behind the table of libvirt's networks: see shared_networks.h.
#include "shared_networks.h"

#include "guest/guests.h"

// Containers of root join networks of the system's libvirt, regardless of which guests are shown.
static int open_system(void **self, struct err *e)
{
	return guests_open((struct guests **)self, "qemu:///system", false, e);
}

static void close_system(void *self)
{
	guests_close(self);
}

static int read_network(void *self, const char *name, struct shared_network *n, struct err *e)
{
	return guests_network_read(self, name, n, e);
}

static int add_place(void *self, const char *uuid, const struct network_place *p, struct err *e)
{
	return guests_network_set_place(self, uuid, p, true, e);
}

static int remove_place(void *self, const char *uuid, const struct network_place *p, struct err *e)
{
	return guests_network_set_place(self, uuid, p, false, e);
}

const struct shared_networks_table shared_networks_of_libvirt = {open_system, close_system, read_network, add_place,
                                                                 remove_place};
