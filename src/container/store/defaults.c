// Defaults of new containers: see defaults.h.
#include "defaults.h"

#include <errno.h>
#include <stdlib.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/str.h"

static int keep_network(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	char **network = context;

	(void)e;
	if (!str_equal(section, "containers") || !str_equal(name, "network"))
		return 0; // others are the dashboard's
	free(*network);
	*network = mem_strdup(value);
	return 0;
}

char *default_network(struct err *e)
{
	const char *wanted = getenv("HOSTEL_NETWORK");
	auto_free char *network = wanted && *wanted ? mem_strdup(wanted) : NULL;
	auto_free char *path = network ? NULL : conf_own_path(CONF_OWN);
	int r = path ? conf_read_file(path, keep_network, &network, e) : 0;

	if (r < 0 && r != -ENOENT)
		return NULL;
	return mem_strdup(network && *network ? network : "default");
}
