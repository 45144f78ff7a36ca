// Fields of `create` by kind, and functions of the rows of verbs.
#pragma once

#include "model/verb.h"

extern const struct verb_field container_recipe[], guest_recipe[], image_recipe[], volume_recipe[],
	network_recipe[];

bool kill_loses(struct str *out, const struct verb_loss *loss);
bool delete_loses(struct str *out, const struct verb_loss *loss);

enum verb rename_undo(const struct workload *w, const struct params *done, struct params *params);
enum verb set_undo(const struct workload *w, const struct params *done, struct params *params);
