// Calls that may hang in libvirt run in worker threads, one for each kind, so that the caller can stop waiting.
#include "worker.h"

#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "guests.h"

// Enough for libvirt with TLS and XML parsing.
enum { STACK_BYTES = 512 * 1024 };

// The argument of worker_main().
struct worker_start_args {
	struct guests *guests;
	enum worker_kind kind;
	worker_function *work;
};

static void *worker_main(void *argument)
{
	struct worker_start_args s = *(struct worker_start_args *)argument;

	free(argument);
	s.work(s.guests);
	pthread_mutex_lock(&s.guests->lock);
	s.guests->workers[s.kind].busy = false;
	pthread_cond_broadcast(&s.guests->condition);
	pthread_mutex_unlock(&s.guests->lock);
	guests_unref(s.guests); // lock-free: the thread that joins this one may hold the lock
	return NULL;
}

// The caller holds the lock.
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
	struct worker_start_args *s;
	pthread_attr_t attributes;

	if (worker->busy)
		return true;
	worker_join(worker);
	s = mem_new(sizeof(*s));
	*s = (struct worker_start_args){g, kind, work};
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	guests_ref(g);
	worker->busy = worker->joinable = pthread_create(&worker->thread, &attributes, worker_main, s) == 0;
	worker->since = clock_mono();
	pthread_attr_destroy(&attributes);
	if (!worker->busy) {
		guests_unref(g); // never the last reference: the caller has one
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
