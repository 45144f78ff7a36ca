// Undo of verbs, from the workload's previous values.
#include "verb_tables.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/param.h"

enum verb rename_undo(const struct workload *w, const struct params *done, struct params *params)
{
	(void)done;
	params_add(params, PARAM_TO, w->name);
	return VERB_RENAME;
}

static void add_cpus(char text[32], const struct workload *w)
{
	snprintf(text, 32, "%g", w->cpus); // 0: no limit before
}

static void add_memory(char text[32], const struct workload *w)
{
	snprintf(text, 32, "%llu", (unsigned long long)w->memory_limit);
}

// The limits recorded in a workload.
static const struct {
	const char *name;
	void (*add)(char text[32], const struct workload *w);
} said[] = {{PARAM_CPUS, add_cpus}, {PARAM_MEMORY, add_memory}};

static bool add_said(const char *name, const struct workload *w, struct params *params)
{
	char text[32];

	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		if (strcmp(said[i].name, name) == 0) {
			said[i].add(text, w);
			params_add(params, name, text);
			return true;
		}
	return false;
}

enum verb set_undo(const struct workload *w, const struct params *done, struct params *params)
{
	bool all = true;

	for (size_t i = 0; done && i < done->count; i++)
		all &= add_said(done->items[i].name, w, params);
	return all ? VERB_SET : VERBS;
}
