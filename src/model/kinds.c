// The structs of the kinds: see model/kind.h.
#include "model/device.h"
#include "model/image.h"
#include "model/network.h"
#include "model/workload.h"

static const struct {
	size_t size;
	const struct fact_binding *bindings;
} structs[KINDS] = {
	[KIND_CONTAINER] = {sizeof(struct workload), workload_facts}, [KIND_GUEST] = {sizeof(struct workload),
	 workload_facts},
	[KIND_IMAGE] = {sizeof(struct image_item), image_facts}, [KIND_NETWORK] = {sizeof(struct network), network_facts},
	[KIND_DISK] = {sizeof(struct device), disk_facts}, [KIND_INTERFACE] = {sizeof(struct device), interface_facts},
};

size_t kind_size(enum kind kind)
{
	return structs[kind].size;
}

const struct fact_binding *kind_bindings(enum kind kind)
{
	return structs[kind].bindings;
}
