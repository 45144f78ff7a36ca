// A queue between an agent and a client in one process: see wire/handover.h.
#include "wire/handover.h"

#include <pthread.h>

#include "base/mem.h"

struct handover {
	pthread_mutex_t lock;
	struct handed *first, *last;
};

struct handover *handover_new(void)
{
	struct handover *h = mem_new(sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	return h;
}

void handed_free(struct handed *thing)
{
	if (!thing)
		return;
	free(thing->engine);
	inventory_free(thing->list);
	sample_set_done(&thing->samples);
	str_done(&thing->text);
	free(thing);
}

void handover_free(struct handover *h)
{
	if (!h)
		return;
	for (struct handed *thing; (thing = handover_take(h));)
		handed_free(thing);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

void handover_put(struct handover *h, struct handed *thing)
{
	struct handed *put = mem_new(sizeof(*put));

	*put = *thing;
	*thing = (struct handed){0};
	pthread_mutex_lock(&h->lock);
	if (h->last)
		h->last->next = put;
	else
		h->first = put;
	h->last = put;
	pthread_mutex_unlock(&h->lock);
}

struct handed *handover_take(struct handover *h)
{
	pthread_mutex_lock(&h->lock);
	struct handed *thing = h->first;
	if (thing)
		h->first = thing->next;
	if (!h->first)
		h->last = NULL;
	pthread_mutex_unlock(&h->lock);
	return thing;
}
