// Work that may hang in libvirt, each kind in a thread of its own, so that the caller can stop waiting for it.
#include "worker.h"

#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "guests.h"

// Enough for libvirt with TLS and XML.
enum { STACK = 512 * 1024 };

// What a thread is started with.
struct start {
	struct guests *guests;
	enum worker_kind kind;
	worker_function *work;
};

static void *worker_main(void *argument)
{
	struct start s = *(struct start *)argument;

	free(argument);
	s.work(s.guests);
	pthread_mutex_lock(&s.guests->lock);
	s.guests->workers[s.kind].busy = false;
	pthread_cond_broadcast(&s.guests->condition);
	pthread_mutex_unlock(&s.guests->lock);
	guests_unref(s.guests); // takes no lock: the thread that joins this one may hold it
	return NULL;
}

// The lock is held.
static void worker_join(struct worker *worker)
{
	if (worker->joinable)
		pthread_join(worker->thread, NULL);
	worker->joinable = false;
}

void workers_abandon(struct guests *g)
{
	for (int kind = 0; kind < WORKERS; kind++) {
		struct worker *worker = &g->workers[kind];

		if (worker->busy && worker->joinable)
			pthread_detach(worker->thread);
		else
			worker_join(worker);
	}
}

bool worker_start(struct guests *g, enum worker_kind kind, worker_function *work)
{
	struct worker *worker = &g->workers[kind];
	struct start *s;
	pthread_attr_t attributes;

	if (worker->busy)
		return true;
	worker_join(worker);
	s = mem_new(sizeof(*s));
	*s = (struct start){g, kind, work};
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	guests_ref(g);
	worker->busy = worker->joinable = pthread_create(&worker->thread, &attributes, worker_main, s) == 0;
	worker->since = clock_mono();
	pthread_attr_destroy(&attributes);
	if (!worker->busy) {
		guests_unref(g); // never the last: the caller has one
		free(s);
	}
	return worker->busy;
}

bool worker_wait(struct guests *g, enum worker_kind kind, int64_t until)
{
	const struct timespec at = clock_timespec(until);

	while (g->workers[kind].busy)
		if (pthread_cond_timedwait(&g->condition, &g->lock, &at) != 0)
			return !g->workers[kind].busy;
	return true;
}
