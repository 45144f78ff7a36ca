// SPDX-License-Identifier: LGPL-2.1-or-later
// A container's control groups in its state file.
#include <errno.h>
#include <jansson.h>

#include "base/mem.h"
#include "bunk/container/container.h"
#include "groups.h"

json_t *groups_to_json(const struct groups *g)
{
	json_t *joined = json_array();

	for (size_t i = 0; i < g->joined.count; i++)
		json_array_append_new(joined, json_string(g->joined.items[i]));
	return json_pack("{s:o, s:b, s:s?, s:s?}", "joined", joined, "v2", g->v2, "freezer", g->freezer, "scope",
	                 g->scope);
}

int groups_from_json(struct groups *g, json_t *object)
{
	json_t *joined, *item, *freezer = NULL, *scope = NULL;
	size_t i;
	int v2;

	if (json_unpack(object, "{s:o, s:b, s?o, s?o}", "joined", &joined, "v2", &v2, "freezer", &freezer, "scope",
	                &scope) < 0)
		return -EINVAL;
	json_array_foreach(joined, i, item) {
		if (!json_is_string(item) || i >= GROUPS_MAX)
			return -EINVAL;
		strv_add(&g->joined, json_string_value(item));
	}
	g->v2 = v2;
	g->freezer = mem_strdup(json_string_value(freezer)); // null without a group
	g->scope = mem_strdup(json_string_value(scope));     // null without systemd
	return 0;
}
