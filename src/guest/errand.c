// Work that may hang in libvirt, each kind in a thread of its own: who waits for it can give up. Must not know what the work is.
#include <time.h>

#include "base/clock.h"
#include "parts.h"

// Enough for libvirt with TLS and XML.
enum { STACK = 512 * 1024 };

static void (*const works[ERRANDS])(struct guests *g) = {
	[ERRAND_CONNECT] = run_connect,
	[ERRAND_STATS] = run_stats,
	[ERRAND_STATS_AGAIN] = run_stats_again,
	[ERRAND_INSIDE] = run_inside,
	[ERRAND_OTHER] = run_other,
	[ERRAND_CLOSE] = run_close,
};

// One on its way.
struct journey {
	struct guests *guests;
	enum errand_kind kind;
};

static void *travel(void *argument)
{
	struct journey j = *(struct journey *)argument;

	free(argument);
	works[j.kind](j.guests);
	pthread_mutex_lock(&j.guests->lock);
	j.guests->errands[j.kind].busy = false;
	pthread_cond_broadcast(&j.guests->news);
	pthread_mutex_unlock(&j.guests->lock);
	guests_unref(j.guests); // takes no lock: who joins this thread may hold it
	return NULL;
}

// The lock is held.
static void join(struct errand *errand)
{
	if (errand->joinable)
		pthread_join(errand->thread, NULL);
	errand->joinable = false;
}

void errands_leave(struct guests *g)
{
	for (int kind = 0; kind < ERRANDS; kind++) {
		struct errand *errand = &g->errands[kind];

		if (errand->busy && errand->joinable)
			pthread_detach(errand->thread);
		else
			join(errand);
	}
}

bool errand_start(struct guests *g, enum errand_kind kind)
{
	struct errand *errand = &g->errands[kind];
	struct journey *j;
	pthread_attr_t attributes;

	if (errand->busy)
		return true;
	join(errand);
	j = mem_new(sizeof(*j));
	*j = (struct journey){g, kind};
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	guests_ref(g);
	errand->busy = errand->joinable = pthread_create(&errand->thread, &attributes, travel, j) == 0;
	errand->since = clock_mono();
	pthread_attr_destroy(&attributes);
	if (!errand->busy) {
		guests_unref(g); // never the last: who calls has one
		free(j);
	}
	return errand->busy;
}

bool errand_wait(struct guests *g, enum errand_kind kind, int64_t until)
{
	const struct timespec at = clock_timespec(until);

	while (g->errands[kind].busy)
		if (pthread_cond_timedwait(&g->news, &g->lock, &at) != 0)
			return !g->errands[kind].busy;
	return true;
}
