// SPDX-License-Identifier: LGPL-2.1-or-later
// Limits of linux.resources that are lists, one line for each device, page size or interface (config-linux.md
// "Block IO", "Huge page limits", "Network", "RDMA"; cgroup-v2.rst). Each row of the table formats the I-th line of
// its list.
#include "limit_lists.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "weights.h"

// A line like "8:16 rbps=1000" for a device.
static char *device_line(const struct number *major, const struct number *minor, const char *word, uint64_t value)
{
	return mem_printf("%" PRId64 ":%" PRId64 " %s%" PRIu64, major->value, minor->value, word, value);
}

static bool weight_line(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	const struct weight_device *d = &r->weights.items[i];

	if (i >= r->weights.count)
		return false;
	line->file = mem_strdup(v2 ? "io.weight" : "blkio.bfq.weight_device");
	line->other_file = v2 ? "io.bfq.weight" : "blkio.weight_device";
	if (d->weight.given)
		line->text =
		    device_line(&d->major, &d->minor, "", (uint64_t)(v2 ? weight_of_blkio(d->weight.value) : d->weight.value));
	line->other_text = v2 && d->weight.given ? device_line(&d->major, &d->minor, "", (uint64_t)d->weight.value) : NULL;
	return true;
}

// Only the CFQ scheduler of kernels before 5.0 has these; otherwise the missing file causes an error.
static bool leaf_weight_line(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	const struct weight_device *d = &r->weights.items[i];

	if (i >= r->weights.count)
		return false;
	line->file = v2 ? NULL : mem_strdup("blkio.leaf_weight_device");
	if (d->leaf_weight.given)
		line->text = device_line(&d->major, &d->minor, "", (uint64_t)d->leaf_weight.value);
	return true;
}

static const struct throttle_file {
	const char *v1, *v2;
} throttle_files[THROTTLE_KINDS] = {
	[THROTTLE_READ_BPS] = {"blkio.throttle.read_bps_device", "rbps="},
	[THROTTLE_WRITE_BPS] = {"blkio.throttle.write_bps_device", "wbps="},
	[THROTTLE_READ_IOPS] = {"blkio.throttle.read_iops_device", "riops="},
	[THROTTLE_WRITE_IOPS] = {"blkio.throttle.write_iops_device", "wiops="},
};

static bool throttle_line(const struct resources *r, enum throttle_kind kind, size_t i, bool v2,
                          struct limit_line *line)
{
	const struct throttle_device *d = &r->throttles[kind].items[i];

	if (i >= r->throttles[kind].count)
		return false;
	line->file = mem_strdup(v2 ? "io.max" : throttle_files[kind].v1);
	if (v2 && d->rate == 0) // v1's way to say "no limit"
		line->text =
		    mem_printf("%" PRId64 ":%" PRId64 " %smax", d->major.value, d->minor.value, throttle_files[kind].v2);
	else
		line->text = device_line(&d->major, &d->minor, v2 ? throttle_files[kind].v2 : "", d->rate);
	return true;
}

static bool read_bps_line(const struct resources *r, size_t i, bool v2, struct limit_line *l)
{
	return throttle_line(r, THROTTLE_READ_BPS, i, v2, l);
}
static bool write_bps_line(const struct resources *r, size_t i, bool v2, struct limit_line *l)
{
	return throttle_line(r, THROTTLE_WRITE_BPS, i, v2, l);
}
static bool read_iops_line(const struct resources *r, size_t i, bool v2, struct limit_line *l)
{
	return throttle_line(r, THROTTLE_READ_IOPS, i, v2, l);
}
static bool write_iops_line(const struct resources *r, size_t i, bool v2, struct limit_line *l)
{
	return throttle_line(r, THROTTLE_WRITE_IOPS, i, v2, l);
}

static bool hugepage_line(const struct resources *r, size_t i, struct limit_line *line, const char *format)
{
	if (i >= r->hugepages.count)
		return false;
	auto_free char *size = mem_strdup(r->hugepages.items[i].size);
	bool bad = !*size || strspn(size, "0123456789KMGB") != strlen(size);

	line->file = bad ? NULL : mem_printf("hugetlb.%s.%s", size, format);
	line->text = mem_printf("%" PRIu64, r->hugepages.items[i].limit);
	return true;
}

static bool page_use(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	return hugepage_line(r, i, line, v2 ? "max" : "limit_in_bytes");
}

// Reservations are limited since Linux 5.7.
static bool page_reservation(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	line->optional = true;
	return hugepage_line(r, i, line, v2 ? "rsvd.max" : "rsvd.limit_in_bytes");
}

static bool rdma_line(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	const struct rdma_limit *d = &r->rdma.items[i];
	auto_str text = {0};

	(void)v2;
	if (i >= r->rdma.count)
		return false;
	str_add(&text, d->device);
	if (d->handles.given)
		str_addf(&text, " hca_handle=%" PRId64, d->handles.value);
	if (d->objects.given)
		str_addf(&text, " hca_object=%" PRId64, d->objects.value);
	line->file = mem_strdup("rdma.max");
	line->text = str_steal(&text);
	return true;
}

static bool class_id(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	if (i > 0 || !r->class_id.given)
		return false;
	line->file = v2 ? NULL : mem_strdup("net_cls.classid");
	line->text = r->class_id.value ? mem_printf("%" PRId64, r->class_id.value) : NULL;
	return true;
}

static bool priority_line(const struct resources *r, size_t i, bool v2, struct limit_line *line)
{
	if (i >= r->priorities.count)
		return false;
	line->file = v2 ? NULL : mem_strdup("net_prio.ifpriomap");
	line->text = mem_printf("%s %u", r->priorities.items[i].name, r->priorities.items[i].priority);
	return true;
}

static const struct limit_list {
	const char *name; // below linux.resources
	enum cgroup_controller controller;
	bool (*line)(const struct resources *r, size_t i, bool v2, struct limit_line *line);
} lists[] = {
	{"blockIO.weightDevice", CGROUP_BLKIO, weight_line},
	{"blockIO.weightDevice", CGROUP_BLKIO, leaf_weight_line},
	{"blockIO.throttleReadBpsDevice", CGROUP_BLKIO, read_bps_line},
	{"blockIO.throttleWriteBpsDevice", CGROUP_BLKIO, write_bps_line},
	{"blockIO.throttleReadIOPSDevice", CGROUP_BLKIO, read_iops_line},
	{"blockIO.throttleWriteIOPSDevice", CGROUP_BLKIO, write_iops_line},
	{"hugepageLimits", CGROUP_HUGETLB, page_use},
	{"hugepageLimits", CGROUP_HUGETLB, page_reservation},
	{"rdma", CGROUP_RDMA, rdma_line},
	{"network.classID", CGROUP_NET_CLS, class_id},
	{"network.priorities", CGROUP_NET_PRIO, priority_line},
};

int limits_each_line(const struct resources *r, unsigned v2, limit_visit *visit, void *context, struct err *e)
{
	int result = 0;

	for (size_t k = 0; result == 0 && k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; result == 0; i++) {
			struct limit_line line = {.name = lists[k].name, .index = i, .controller = lists[k].controller};

			if (!lists[k].line(r, i, v2 >> lists[k].controller & 1, &line))
				break;
			if (line.text)
				result = visit(&line, context, e);
			free(line.file);
			free(line.text);
			free(line.other_text);
		}
	return result;
}
