// What this side of the link wants to know, said in its hello and whenever it changes, and how much there is of the
// rest.
#include "state.h"

#include <errno.h>

#include "base/mem.h"
#include "model/id.h"

static bool may_subscribe(const struct link *link)
{
	return link->subscribed && link->version >= WIRE_SUBSCRIBES;
}

// S with ids as the agent has them.
static void copy_for_agent(struct subscription *to, const struct subscription *s)
{
	subscription_copy(to, s);
	for (size_t i = 0; i < to->count; i++) {
		struct want *want = &to->wants[i];

		for (size_t j = 0; j < want->ids.count; j++) {
			char *id = id_rehost(want->ids.items[j], ID_HERE);

			free(want->ids.items[j]);
			want->ids.items[j] = id;
		}
		char *owner = want->owner ? id_rehost(want->owner, ID_HERE) : NULL;
		free(want->owner);
		want->owner = owner;
	}
}

static json_t *wants_message(const struct link *link)
{
	struct subscription s = {0};

	copy_for_agent(&s, &link->wants);
	json_t *array = wire_wants(&s);
	subscription_done(&s);
	return array;
}

void link_send_hello(struct link *link)
{
	json_t *hello = wire_message("hello");

	json_object_set_new(hello, "version", json_integer(WIRE_VERSION));
	if (link->subscribed)
		json_object_set_new(hello, "wants", wants_message(link));
	link_send(link, hello);
}

void link_subscribe(struct link *link, const struct subscription *s)
{
	struct subscription copy = {0};

	if (link->subscribed && subscription_equal(&link->wants, s))
		return;
	subscription_copy(&copy, s);
	subscription_done(&link->wants);
	link->wants = copy;
	link->subscribed = true;
	if (!link->up || !may_subscribe(link))
		return;
	json_t *message = wire_message("subscribe");
	json_object_set_new(message, "wants", wants_message(link));
	link_send(link, message);
}

size_t link_count(const struct link *link, enum kind kind)
{
	size_t count = 0;

	if (!may_subscribe(link))
		return inventory_kind_count(link->inv, kind);
	for (size_t i = 0; i < link->engine_count; i++)
		count += link->engines[i].counts[kind];
	return count;
}

int wants_take_counts(struct link *link, struct engine_view *view, const json_t *message, struct err *e)
{
	(void)link;
	if (!view)
		return err_msg(e, EPROTO, "the agent sent counts of an unknown engine");
	for (enum kind kind = 0; kind < KINDS; kind++)
		view->counts[kind] = (size_t)wire_get_int(message, kind_name(kind), 0, INT32_MAX, 0);
	return 0;
}
