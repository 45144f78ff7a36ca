// `hostel start`: of workloads by name, or of the containers that should run after a boot.
#include "base/mem.h"
#include "cli.h"
#include "client.h"

// The ids of the containers that should run after a boot and do not.
static void add_autostarted(struct client *s, struct strv *ids)
{
	const struct inventory *inv = client_inventory(s);

	for (size_t i = 0; i < inventory_count(inv); i++) {
		const struct workload *w = inventory_at(inv, i);

		if (w->kind == KIND_CONTAINER && w->autostart && !workload_is_active(w))
			strv_add(ids, w->id);
	}
}

static int list_autostarted(struct cli *c, struct strv *ids)
{
	struct client *s = NULL;
	auto_str trouble = {0};
	struct err e = {0};
	int r = client_open(&s, c, 1u << KIND_CONTAINER, &e);

	r = r < 0 ? r : client_list(s, &trouble, &e);
	if (r == 0)
		add_autostarted(s, ids);
	client_close(s);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}

int verb_start(struct cli *c, int count, char **operands)
{
	auto_strv ids = {0};

	if (!cli_has(c, PARAM_AUTOSTART))
		return verb_act(c, count, operands);
	if (count)
		return cli_fail(EXIT_USAGE,
		                "--" PARAM_AUTOSTART " takes no names: it starts the containers that should run after a boot");
	params_remove(&c->params, PARAM_AUTOSTART);
	int status = list_autostarted(c, &ids);
	return status == EXIT_OK && ids.count ? verb_act(c, (int)ids.count, ids.items) : status;
}
