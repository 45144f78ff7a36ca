// What the fake engine has besides workloads: images, networks, disks, interfaces and jobs, of its first rows only.
#pragma once

#include "fake_state.h"

// Called with the lock held. Adds the ids of what W uses to it, and its disk and interface to INV.
void fake_items_of_row(struct inventory *inv, const struct fake_row *row, struct workload *w);
// Images, networks, buckets and jobs.
void fake_items_shared(const struct fake *f, struct inventory *inv);
// What is done to items that are not workloads, and creating them. ID names the kind.
bool fake_items_do(enum kind kind, enum verb verb);
int fake_items_act(struct fake *f, const char *id, enum verb verb, const struct params *p, const struct job *job,
                   struct err *e);
// What FIELD of a new KIND can be.
void fake_items_choices(enum kind kind, const char *field, struct strv *out);
// Adds what is wanted of the figures S of the item ID.
void fake_add_sample(struct sample_set *set, const struct measures *what, enum kind kind, const char *id,
                     const struct sample *s);
// The figures of the disk and the interface of ROW, which are those of the whole.
void fake_items_sample(struct sample_set *set, const struct measures *what, const struct fake_row *row,
                       const struct sample *s);
