// Listing and measuring volumes.
#pragma once

#include "container/containers.h"
#include "container/state/containers.h"
#include "container/store/record.h"
#include "model/inventory.h"

// Which container uses which volume: pairs of a volume's name and a container's.
struct volume_uses {
	struct params pairs;
};
void volume_uses_done(struct volume_uses *uses);
// Records the volumes of the container of R, and adds their ids to REFERENCES.
void volume_uses_add(struct volume_uses *uses, const struct record *r, struct strv *references);
// Upserts all volumes, or only counts them.
void volumes_list(struct containers *c, const struct volume_uses *uses, struct inventory *inv);
// Measures the space of volumes that WHAT asks for, not more often than the walk through their files is cheap.
void volumes_sample(struct containers *c, const struct measures *what,
                    void (*report)(void *context, const char *id, const struct sample *s), void *context);
// Adds a line to the details of the container of R for each anonymous volume that only this container uses.
void volumes_add_details(struct containers *c, const struct record *r, struct str *text);
void volumes_done(struct containers *c);
