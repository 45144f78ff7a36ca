// The machine's figures: see host.h.
#include "host.h"

#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/ring.h"
#include "sys/proc.h"

void host_init(struct host *h)
{
	*h = (struct host){0};
	for (int s = 0; s < HOST_SERIES; s++) {
		ring_init(&h->rings[s]);
		h->value[s] = NAN;
	}
}

// Per second; NAN when the counter went down (the machine restarted).
static double host_rate(uint64_t before, uint64_t now, double seconds)
{
	return now >= before && seconds > 0 ? (double)(now - before) / seconds : (double)NAN;
}

void host_update(struct host *h, int64_t at, const struct proc_host *f)
{
	const struct proc_host *old = &h->now;
	double seconds = h->at ? (double)(at - h->at) / SECOND : 0, all = f->cpus * SECOND;
	double total = (double)f->memory_total;
	const double values[HOST_SERIES] = {
		// the kernel's ticks may come a little late
		[HOST_CPU] = fmin(host_rate(old->busy_ns, f->busy_ns, seconds) / all * 100, 100),
		[HOST_GUESTS] = host_rate(old->guest_ns, f->guest_ns, seconds) / all * 100,
		[HOST_MEMORY] = total ? (total - (double)f->memory_available) / total * 100 : (double)NAN,
		[HOST_RX] = host_rate(old->net_rx, f->net_rx, seconds),
		[HOST_TX] = host_rate(old->net_tx, f->net_tx, seconds),
		[HOST_READ] = host_rate(old->disk_read, f->disk_read, seconds),
		[HOST_WRITE] = host_rate(old->disk_write, f->disk_write, seconds),
	};

	for (int s = 0; s < HOST_SERIES; s++) {
		h->value[s] = values[s];
		ring_add(&h->rings[s], at, values[s]);
	}
	h->now = *f;
	h->at = at;
}

void own_figures_measure(struct own_figures *own, int64_t now)
{
	uint64_t ns, rss;

	if (proc_usage(getpid(), &ns, &rss) < 0)
		return;
	own->cpu = own->at && now > own->at ? (double)(ns - own->ns) / (double)(now - own->at) * 100 : (double)NAN;
	own->ns = ns;
	own->rss = rss;
	own->at = now;
}
