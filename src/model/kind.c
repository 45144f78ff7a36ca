// The table of kinds: see model/kind.h.
#include "model/kind.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define WORKLOAD_COLUMNS FACT_NAME, FACT_KIND, FACT_STATE, FACT_CPU, FACT_MEMORY, FACT_HOST_RSS, FACT_UP, FACT_IMAGE

static const struct kind_info kinds[KINDS] = {
	[KIND_CONTAINER] = {.name = "container", .alias = "ct", .plural = "containers", .title = "Containers", .view = 3,
	                    .columns = {WORKLOAD_COLUMNS}},
	[KIND_GUEST] = {.name = "guest", .alias = "vm", .plural = "guests", .title = "Guests", .view = 2,
	 .columns = {WORKLOAD_COLUMNS}},
	[KIND_IMAGE] = {.name = "image", .alias = "img", .plural = "images", .title = "Images", .view = 4,
	                .columns = {FACT_NAME, FACT_STATE, FACT_DIGEST, FACT_SIZE, FACT_LAYERS, FACT_PLATFORM,
	                FACT_CREATED, FACT_USED_BY}},
	[KIND_NETWORK] = {.name = "network", .alias = "net", .plural = "networks", .title = "Networks", .view = 5,
	                  .columns = {FACT_NAME, FACT_STATE, FACT_BRIDGE, FACT_ADDRESSES, FACT_AUTOSTART, FACT_LEASES,
	                  FACT_USED_BY}},
	[KIND_DISK] = {.name = "disk", .plural = "disks", .title = "Disks",
	               .columns = {FACT_NAME, FACT_STATE, FACT_SIZE, FACT_READ, FACT_WRITE, FACT_SOURCE, FACT_USED_BY}},
	[KIND_INTERFACE] = {.name = "interface", .alias = "nic", .plural = "interfaces", .title = "Interfaces",
	                    .columns = {FACT_NAME, FACT_STATE, FACT_MAC, FACT_NET_RX, FACT_NET_TX, FACT_SOURCE,
	                    FACT_USED_BY}},
};

const struct kind_info *kind_info(enum kind kind)
{
	return &kinds[kind];
}

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

int kind_find(const char *name)
{
	for (int kind = 0; kind < KINDS; kind++)
		if (str_equal(name, kinds[kind].name) || str_equal(name, kinds[kind].alias) ||
		    str_equal(name, kinds[kind].plural))
			return kind;
	return -1;
}

static bool begins(const char *name, const char *prefix)
{
	return name && strncasecmp(name, prefix, strlen(prefix)) == 0;
}

unsigned kinds_from(const char *prefix)
{
	unsigned found = 0;

	for (int kind = 0; kind < KINDS; kind++)
		if (begins(kinds[kind].plural, prefix) || begins(kinds[kind].alias, prefix))
			found |= 1u << kind;
	return found;
}

size_t kind_columns(enum kind kind)
{
	size_t count = 1;

	while (count < KIND_COLUMNS_MOST && kinds[kind].columns[count] != FACT_NAME)
		count++;
	return count;
}
