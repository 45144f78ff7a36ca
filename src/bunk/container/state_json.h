// SPDX-License-Identifier: LGPL-2.1-or-later
// The state as JSON.
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "bunk/bunk.h"

// The state as JSON.
json_t *state_annotations_json(const struct params *annotations);
// The status of this name; stopped for any other.
enum bunk_status state_status_of(const char *name);
