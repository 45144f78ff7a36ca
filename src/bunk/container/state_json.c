// SPDX-License-Identifier: LGPL-2.1-or-later
// The state of a container as the specification shows it (runtime.md "State").
#include "state_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"

static const char *const status_names[] = {
	[BUNK_CREATING] = "creating", [BUNK_CREATED] = "created", [BUNK_RUNNING] = "running",
	[BUNK_PAUSED] = "paused",     [BUNK_STOPPED] = "stopped",
};

const char *bunk_status_name(enum bunk_status status)
{
	return status_names[status];
}

enum bunk_status state_status_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++)
		if (str_equal(status_names[i], name))
			return (enum bunk_status)i;
	return BUNK_STOPPED;
}

json_t *state_annotations_json(const struct params *annotations)
{
	json_t *object = json_object();

	for (size_t i = 0; i < annotations->count; i++)
		json_object_set_new(object, annotations->items[i].name, json_string(annotations->items[i].value));
	return object;
}

void bunk_state_done(struct bunk_state *s)
{
	free(s->id);
	free(s->bundle);
	free(s->rootfs);
	free(s->oci_version);
	free(s->created);
	params_done(&s->annotations);
	*s = (struct bunk_state){0};
}

char *bunk_state_json(const struct bunk_state *s, bool pretty)
{
	json_t *document = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:I, s:o}", "ociVersion", s->oci_version, "id",
	                             s->id, "pid", (int)s->pid, "status", bunk_status_name(s->status), "bundle", s->bundle,
	                             "rootfs", s->rootfs, "created", s->created, "owner", (json_int_t)s->owner,
	                             "annotations", state_annotations_json(&s->annotations));
	auto_free char *text = document ? json_dumps(document, pretty ? JSON_INDENT(2) : JSON_COMPACT) : mem_strdup("{}");
	struct str safe = {0};

	str_add_json(&safe, text); // JSON leaves some characters unescaped that a terminal would interpret
	json_decref(document);
	return str_steal(&safe);
}
