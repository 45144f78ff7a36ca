// What the peer wants to know: taken by the loop, obeyed by the threads of engines.
#include "state.h"

unsigned agent_wanted(struct agent *a, struct subscription *s, bool *subscribed)
{
	uv_mutex_lock(&a->lock);
	subscription_copy(s, &a->wanted);
	unsigned turn = a->wanted_turn;
	*subscribed = a->subscribed;
	uv_mutex_unlock(&a->lock);
	return turn;
}

static void exchange(struct agent *a, struct subscription *wants)
{
	struct subscription before = a->wanted;

	uv_mutex_lock(&a->lock);
	a->wanted = *wants;
	a->wanted_turn++;
	a->subscribed = true;
	uv_mutex_unlock(&a->lock);
	*wants = before;
}

int agent_subscribe(struct agent *a, const json_t *array, struct err *e)
{
	struct subscription wants = {0};
	int r = wire_wants_read(&wants, array, e);

	if (r == 0)
		exchange(a, &wants);
	subscription_done(&wants);
	return r;
}
