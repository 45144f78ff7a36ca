// SPDX-License-Identifier: LGPL-2.1-or-later
// Mappings of ids: see config.h.
#include "bunk/read/config.h"

uint32_t id_maps_outside(const struct id_maps *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->count; i++)
		if (id >= maps->items[i].inside && id - maps->items[i].inside < maps->items[i].size)
			return maps->items[i].outside + (id - maps->items[i].inside);
	return id;
}
