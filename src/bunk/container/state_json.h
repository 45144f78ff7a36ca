// SPDX-License-Identifier: LGPL-2.1-or-later
// The state as JSON.
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "bunk/bunk.h"

json_t *state_annotations_json(const struct params *annotations);
// The status with this name; stopped for an unknown one.
enum bunk_status state_status_of(const char *name);
