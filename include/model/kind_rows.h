// The table of kinds: KIND(NUMBER, STRUCT, FACTS, RECIPE or NULL, …). A kind needs a row here, a header with its
// struct, bindings and recipe, and support in an engine. Included by model/kind.h for the numbers, by
// src/model/kind.c for the rows (struct kind_info) and by src/model/kinds.c for the structs. Workloads come first,
// guests are the last of them (WORKLOAD_KINDS).
#ifdef KIND_STRUCTS
#include "model/bucket.h"
#include "model/device.h"
#include "model/image.h"
#include "model/job.h"
#include "model/network.h"
#include "model/volume.h"
#include "model/workload.h"
#endif

KIND(CONTAINER, struct workload, workload_facts, container_recipe,
	.name = "container", .phrase = "a container",
	.alias = "ct", .plural = "containers", .title = "Containers", .view = 3,
	.origin = "from this host's files, a directory or an OCI image",
	.columns = {WORKLOAD_COLUMNS})
KIND(GUEST, struct workload, workload_facts, guest_recipe,
	.name = "guest", .phrase = "a guest", .alias = "vm", .plural = "guests", .title = "Guests", .view = 2,
	.origin = "from a disk image, an ISO or a kernel",
	.columns = {WORKLOAD_COLUMNS})
KIND(IMAGE, struct image_item, image_facts, image_recipe,
	.name = "image", .phrase = "an image", .alias = "img", .plural = "images", .title = "Images", .view = 4,
	.origin = "pulled from a registry",
	.columns = {FACT_NAME, FACT_STATE, FACT_DIGEST, FACT_SIZE, FACT_LAYERS, FACT_PLATFORM,
	FACT_CREATED, FACT_USED_BY})
KIND(NETWORK, struct network, network_facts, network_recipe,
	.name = "network", .phrase = "a network", .alias = "net", .plural = "networks", .title = "Networks", .view = 5,
	.origin = "a bridge of this host for containers",
	.columns = {FACT_NAME, FACT_STATE, FACT_BRIDGE, FACT_ADDRESSES, FACT_AUTOSTART, FACT_LEASES,
	FACT_USED_BY})
KIND(VOLUME, struct volume, volume_facts, volume_recipe,
	.name = "volume", .phrase = "a volume", .alias = "vol", .plural = "volumes", .title = "Volumes", .view = 6,
	.origin = "an empty directory of the store",
	.columns = {FACT_NAME, FACT_STATE, FACT_ENGINE, FACT_SIZE, FACT_ALLOCATED, FACT_FORMAT, FACT_ANONYMOUS,
	FACT_CREATED, FACT_LABELS, FACT_USED_BY})
KIND(DISK, struct device, disk_facts, NULL,
	.name = "disk", .phrase = "a disk", .plural = "disks", .title = "Disks",
	.columns = {FACT_NAME, FACT_STATE, FACT_SIZE, FACT_ALLOCATED, FACT_READ, FACT_WRITE, FACT_SOURCE, FACT_USED_BY})
KIND(INTERFACE, struct device, interface_facts, NULL,
	.name = "interface", .phrase = "an interface", .alias = "nic", .plural = "interfaces", .title = "Interfaces",
	.columns = {FACT_NAME, FACT_STATE, FACT_MAC, FACT_NET_RX, FACT_NET_TX, FACT_SOURCE,
	FACT_USED_BY})
KIND(JOB, struct job_record, job_facts, NULL,
	.name = "job", .phrase = "a job", .plural = "jobs", .title = "Jobs",
	.columns = {FACT_NAME, FACT_STATE, FACT_WHAT, FACT_PROGRESS, FACT_DONE, FACT_TOTAL, FACT_SPEED, FACT_AGE,
	FACT_PHASE})
KIND(BUCKET, struct bucket, TABLE_OF_FACTS(BUCKET_FACTS), TABLE_OF_FIELDS(BUCKET_RECIPE),
	.name = "bucket", .phrase = "a bucket",
	.plural = "buckets", .title = "Buckets", .origin = "simulated", .simulated = true,
	.columns = {FACT_NAME, FACT_STATE, FACT_SIZE, FACT_CREATED})
