// The parameters that a workload was created with: see recipe.h.
#include "recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "client/link.h"
#include "model/param.h"
#include "model/stream.h"
#include "model/verb.h"

#include "app/know/app.h"
#include "app/know/machine.h"
#include "app/know/rows.h"

struct recipe_request {
	struct app *app;
	char *id;
	void (*read)(struct app *app, const struct workload *w, const struct params *recipe);
};

// Exact, in the syntax of units_parse_bytes().
static char *exact_bytes(uint64_t bytes)
{
	static const char units[] = "KMGT";
	size_t unit = 0;

	while (unit < sizeof(units) - 1 && bytes && bytes % 1024 == 0)
		bytes /= 1024, unit++;
	return unit ? mem_printf("%llu%c", (unsigned long long)bytes, units[unit - 1])
	            : mem_printf("%llu", (unsigned long long)bytes);
}

void recipe_add_row(const struct workload *w, struct params *out)
{
	auto_free char *cpus = mem_printf("%g", w->cpus), *memory = exact_bytes(w->memory_limit);

	if (w->image && *w->image)
		params_add(out, w->kind == KIND_CONTAINER ? PARAM_IMAGE : PARAM_OS, w->image);
	if (w->cpus > 0)
		params_add(out, PARAM_CPUS, cpus);
	if (w->memory_limit)
		params_add(out, PARAM_MEMORY, memory);
	for (size_t i = 0; i < w->labels.count; i++)
		params_add(out, PARAM_LABEL, w->labels.items[i]);
	if (w->kind == KIND_GUEST)
		params_add(out, PARAM_AUTOSTART, w->autostart ? "yes" : "no");
}

void recipe_add_details(enum kind kind, const char *details, struct params *out)
{
	auto_params said = {0};
	auto_strv lines = {0};

	strv_split(&lines, details, "\n");
	for (size_t i = 0; i < lines.count; i++) {
		char *line = lines.items[i], *colon = strstr(line, ": ");

		if (!colon)
			continue;
		*colon = '\0';
		const struct verb_field *f = verb_field_find(VERB_CREATE, 1u << kind, line);
		if (f && !(f->flags & FIELD_HIDDEN))
			params_add(&said, line, colon + 2);
	}
	for (size_t i = 0; i < said.count; i++)
		params_remove(out, said.items[i].name);
	params_copy(out, &said);
}

static void recipe_on_details(void *context, const struct err *e, const char *text)
{
	struct recipe_request *q = context;
	const struct row *row = e->code == ECANCELED ? NULL : rows_find(&q->app->rows, q->id);
	auto_params recipe = {0};

	if (row) {
		recipe_add_row(&row->w, &recipe);
		if (!e->code)
			recipe_add_details(row->w.kind, text, &recipe);
		q->read(q->app, &row->w, &recipe);
	}
	free(q->id);
	free(q);
}

void recipe_read(struct app *app, const char *id,
                 void (*read)(struct app *app, const struct workload *w, const struct params *recipe))
{
	const struct row *row = rows_find(&app->rows, id);
	struct recipe_request *q;

	if (!row)
		return;
	q = mem_new(sizeof(*q));
	*q = (struct recipe_request){.app = app, .id = mem_strdup(id), .read = read};
	link_read(row->machine->link, id, DOCUMENT_DETAILS, recipe_on_details, q);
}
