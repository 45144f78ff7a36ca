// `hostel check`: what is damaged, left over or missing on this host, one line each.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "container/check.h"
#include "engine/registry.h"
#include "model/inventory.h"

static const char guests_check[] = "guests";

// Containers do without libvirt, so this is a note.
static void check_guests(struct findings *f, const char *spec)
{
	struct engine engine = {0};
	struct err e = {0};
	struct inventory *inv = inventory_new();

	if (engine_open(&engine, spec, true, &e) < 0 || engine.ops->list(engine.self, inv, &e) < 0)
		findings_add(f, guests_check, "libvirt", NULL, "no guests: %s", e.text)->note = true;
	engine_close(&engine);
	inventory_free(inv);
}

static void check_connections(struct findings *f, const struct strv *engines)
{
	if (!engines->count)
		check_guests(f, "libvirt");
	for (size_t i = 0; i < engines->count; i++)
		if (str_starts(engines->items[i], "libvirt"))
			check_guests(f, engines->items[i]);
}

// The store that an engine names, NULL: the default one.
static const char *store_of(const struct strv *engines)
{
	static const char spec[] = "bunk:";

	for (size_t i = 0; i < engines->count; i++)
		if (str_starts(engines->items[i], spec))
			return engines->items[i] + strlen(spec);
	return NULL;
}

static bool is_problem(const struct finding *f)
{
	return !f->note && !f->repaired;
}

static json_t *to_json(const struct findings *f, size_t problems)
{
	json_t *list = json_array(), *names = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *one = &f->items[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:b}", "check", one->check, "subject", one->subject, "text", one->text,
		                                      "remedy", one->remedy, "note", one->note, "repairable", one->repairable, "repaired", one->repaired));
	}
	for (size_t i = 0; check_info(i); i++)
		json_array_append_new(names, json_string(check_info(i)->name));
	json_array_append_new(names, json_string(guests_check));
	return json_pack("{s:o, s:I, s:o}", "checks", names, "problems", (json_int_t)problems, "findings", list);
}

static void add_line(struct str *out, const struct finding *f, bool repair)
{
	str_addf(out, "%-11s ", f->check);
	str_add_visible(out, f->subject, strlen(f->subject));
	str_add(out, ": ");
	str_add_visible(out, f->text, strlen(f->text));
	if (f->repaired)
		str_add(out, " (repaired)");
	else if (f->repairable)
		str_addf(out, " (%s: %s)", repair ? "could not be repaired" : "--repair does this", f->remedy);
	else if (f->remedy)
		str_addf(out, " (%s)", f->remedy);
	str_add(out, f->note ? " [note]\n" : "\n");
}

static void add_summary(struct str *out, const struct findings *f, size_t problems)
{
	size_t can = 0;

	for (size_t i = 0; i < f->count; i++)
		can += is_problem(&f->items[i]) && f->items[i].repairable;
	if (!problems)
		str_add(out, "no problems found\n");
	else
		str_addf(out, "%zu problem%s, %zu of which --repair can fix\n", problems, problems == 1 ? "" : "s", can);
}

int verb_check(struct cli *c, int count, char **operands)
{
	struct findings found = {0};
	struct err e = {0};
	auto_str out = {0};
	size_t problems = 0;

	(void)count, (void)operands;
	int r = containers_check(store_of(&c->engines), (c->repair ? CHECK_REPAIR : 0) | (c->deep ? CHECK_DEEP : 0), &found, &e);
	check_connections(&found, &c->engines);
	for (size_t i = 0; i < found.count; i++) {
		problems += is_problem(&found.items[i]);
		if (!c->json)
			add_line(&out, &found.items[i], c->repair);
	}
	if (c->json) {
		json_t *document = to_json(&found, problems);
		cli_add_json(&out, document, JSON_INDENT(1));
		json_decref(document);
	} else {
		add_summary(&out, &found, problems);
	}
	findings_done(&found);
	int status = r < 0 ? cli_error(&e) : cli_print(&out);
	return status != EXIT_OK ? status : problems ? EXIT_FAILED : EXIT_OK;
}
