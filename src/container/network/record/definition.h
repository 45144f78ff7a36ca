// The definition of a network as text for an editor: JSON with the names of the options of create. Pure.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "state.h"

void network_definition_write(const struct own_network *o, struct str *out);
// Changes O as TEXT says. Returns 0, or -EINVAL unless TEXT is a JSON object with known members and valid values.
int network_definition_read(struct own_network *o, const char *text, struct err *e);
