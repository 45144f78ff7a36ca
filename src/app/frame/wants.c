// The dashboard's subscriptions: see wants.h.
#include "wants.h"

#include "base/str.h"
#include "client/link.h"
#include "model/kind.h"
#include "model/query.h"
#include "model/subscription.h"
#include "ui/table.h"

#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/list/list.h"
#include "app/pane/pane.h"

enum {
	NEAR = 4,     // rows above and below the selected one, which the pane may show next
	WINDOW = 128, // rows of a view whose figures are sent
};

// The visible columns, the sort key and the facts that the filter needs.
static void add_list_facts(const struct list *list, struct fact_set *facts)
{
	for (size_t i = 0; i < list->column_count; i++)
		if (!list->table.fit_count || table_shows(&list->table, i))
			fact_set_add(facts, list->columns[i]);
	fact_set_add(facts, list->sort);
	query_add_facts(list->query, facts);
}

// Guests, containers and jobs are always listed: views count them, commands name them. The panels need CPU and host
// RSS of all of them.
static void add_workloads(const struct app *app, struct subscription *s)
{
	struct want *want = subscription_add(s, ((1u << WORKLOAD_KINDS) - 1) | 1u << KIND_JOB);

	want->stored = true;
	fact_set_add(&want->facts, FACT_CPU);
	fact_set_add(&want->facts, FACT_MEMORY);
	fact_set_add(&want->facts, FACT_HOST_RSS);
	add_list_facts(app->list, &want->facts);
}

// All facts of the row that the pane shows, and of its neighbours.
static void add_pane(const struct app *app, struct subscription *s)
{
	const struct list *list = app->list;
	size_t at = table_index(&list->table);

	if (!pane_is_seen(app) || at >= list->count)
		return;
	unsigned kinds = subscription_kinds(s); // no more are listed for it
	struct want *want = subscription_add(s, kinds);
	fact_set_add_all(&want->facts);
	for (size_t i = at > NEAR ? at - NEAR : 0; i < list->count && i <= at + NEAR; i++)
		if (!list->shown[i]->head)
			strv_add(&want->ids, list->shown[i]->w.id);
}

// The columns of the rows that are shown.
static void add_window(const struct list *list, enum kind kind, struct subscription *s)
{
	size_t page = list->table.page > 0 && list->table.page < WINDOW ? (size_t)list->table.page : WINDOW,
	       end = list->count - list->table.top < page ? list->count : list->table.top + page;

	if (list->table.top >= list->count)
		return;
	struct want *want = subscription_add(s, 1u << kind);
	add_list_facts(list, &want->facts);
	for (size_t i = list->table.top; i < end; i++)
		if (!list->shown[i]->head)
			strv_add(&want->ids, list->shown[i]->w.id);
	s->count -= !want->ids.count; // no ids would mean all
}

// The interfaces of guests and containers on the networks of the view, with their traffic.
static void add_interfaces(struct subscription *s)
{
	struct want *want = subscription_add(s, 1u << KIND_INTERFACE);

	want->stored = true;
	fact_set_add(&want->facts, FACT_NET_RX);
	fact_set_add(&want->facts, FACT_NET_TX);
}

// All rows of the view's kind are listed: they are sorted, searched and marked here. There can be very many of them,
// so only those that are shown are measured.
static void add_view(const struct app *app, struct subscription *s)
{
	int kind = view_kind(app->list->view);

	if (kind < WORKLOAD_KINDS)
		return;
	struct want *all = subscription_add(s, 1u << kind);
	all->stored = true;
	fact_set_add(&all->facts, app->list->sort);
	query_add_facts(app->list->query, &all->facts);
	add_window(app->list, (enum kind)kind, s);
	if (kind == KIND_NETWORK && pane_is_seen(app))
		add_interfaces(s);
}

void wants_update(struct app *app)
{
	struct subscription s = {0};

	add_workloads(app, &s);
	add_view(app, &s);
	add_pane(app, &s);
	for (size_t i = 0; i < app->machines.count; i++)
		link_subscribe(app->machines.items[i]->link, &s);
	subscription_done(&s);
}
