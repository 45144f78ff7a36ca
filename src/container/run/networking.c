// Connecting containers to networks: see networking.h.
#include "networking.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "change.h"
#include "container/network/libvirt/reservation.h"
#include "container/network/libvirt/shared.h"
#include "container/network/live.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/state/view_monitor.h"
#include "model/param.h"

static const struct row {
	const char *parameter, *as; // of the verb; of `run`
} rows[] = {
	{PARAM_TO, PARAM_NETWORK},
	{PARAM_IP, PARAM_IP},
	{PARAM_IP6, PARAM_IP6},
	{PARAM_MAC_ADDRESS, PARAM_MAC_ADDRESS},
	{PARAM_ALIAS, PARAM_NETWORK_ALIAS},
};

// The network that P asks for.
static int read_wanted(struct attachments *l, const struct params *p, struct err *e)
{
	auto_params as = {0};
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = 0; (value = params_get_nth(p, rows[i].parameter, k)); k++)
			params_add(&as, rows[i].as, value);
	int r = attachments_read(l, &as, e);
	return r < 0 || l->count == 1 ? r : err_msg(e, EINVAL, "expected the name of one network");
}

// The networks that the container has; with the host's or another container's, it has none of its own.
static int read_present(const struct view *v, struct attachments *l, struct err *e)
{
	enum network_mode mode = network_choose(&v->record).mode;

	if (geteuid() != 0 && v->running && (mode == NETWORK_NONE || network_is_private(&v->record)))
		return err_msg(e, EBUSY, "container '%s' is running without these networks (stop it first)", v->record.name);
	if (network_is_private(&v->record))
		return 0;
	if (mode == NETWORK_NAMED)
		return attachments_read(l, &v->record.params, e);
	return mode == NETWORK_NONE
	           ? 0
	           : err_msg(e, EINVAL, "container '%s' has no network of its own (--" PARAM_NETWORK " %s)",
	                     v->record.name, params_or(&v->record.params, PARAM_NETWORK, ""));
}

static size_t find_network(const struct attachments *l, const char *network)
{
	size_t i = 0;

	while (i < l->count && !str_equal(l->items[i].network, network))
		i++;
	return i;
}

static void add_texts(const struct attachments *l, const struct attachment *without, struct str *out)
{
	for (size_t i = 0; i < l->count; i++) {
		auto_free char *text = &l->items[i] == without ? NULL : attachment_text(&l->items[i]);
		if (text)
			str_addf(out, "%s%s", out->length ? "," : "", text);
	}
}

// Replaces the networks in the record by TEXT, which includes what other parameters said about a single network.
static int set_networks(struct view *v, const char *text, struct err *e)
{
	struct params *p = &v->record.params;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		params_remove(p, rows[i].as);
	params_add(p, PARAM_NETWORK, *text ? text : "none");
	return network_check(&v->record, e);
}

int container_connect(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	auto_attachments present = {0};
	auto_attachments wanted = {0};
	auto_str text = {0};
	struct err ignored;
	int r = read_present(v, &present, e);

	if (r == 0)
		r = read_wanted(&wanted, p, e);
	if (r == 0 && find_network(&present, wanted.items[0].network) < present.count)
		r = err_msg(e, EEXIST, "container '%s' is already on network '%s'", v->record.name, wanted.items[0].network);
	if (r < 0)
		return r;
	add_texts(&present, NULL, &text);
	add_texts(&wanted, NULL, &text);
	r = set_networks(v, str_text(&text), e);
	if (r == 0 && v->running)
		r = network_reserve(c->store.path, &v->record, e);
	if (r == 0 && v->running)
		r = network_attach(c->store.path, v->record.name, &wanted.items[0], e);
	if (r == 0 && (r = container_write(c, v->dir, &v->record, e)) < 0 && v->running)
		network_detach(c->store.path, v->record.name, wanted.items[0].network, &ignored);
	if (r < 0)
		reservations_release(c->store.path, v->record.name, wanted.items[0].network);
	else if (v->running)
		view_signal_monitor(v, SIGTERM); // the monitor begins to watch the network
	return r;
}

static bool publishes(const struct record *r)
{
	return *params_or(&r->params, PARAM_PUBLISH, "") || record_has(r, PARAM_PUBLISH_ALL);
}

int container_disconnect(struct containers *c, struct view *v, const struct params *p, struct err *e)
{
	auto_attachments present = {0};
	auto_str text = {0};
	const char *network = params_or(p, PARAM_TO, "");
	int r = read_present(v, &present, e);
	size_t at = find_network(&present, network);

	if (r == 0 && at == present.count)
		r = err_msg(e, ENOENT, "container '%s' is not on network '%s'", v->record.name, network);
	if (r < 0)
		return r;
	add_texts(&present, &present.items[at], &text);
	if (!text.length && publishes(&v->record))
		return err_msg(e, EBUSY, "container '%s' publishes ports and is on no other network (connect it to one first)",
		               v->record.name);
	r = set_networks(v, str_text(&text), e);
	if (r == 0 && v->running)
		r = network_detach(c->store.path, v->record.name, network, e);
	if (r == 0)
		r = container_write(c, v->dir, &v->record, e);
	if (r == 0)
		reservations_release(c->store.path, v->record.name, network);
	if (r == 0 && v->running)
		view_signal_monitor(v, SIGTERM); // the monitor stops watching the network
	return r;
}
