// Items of the fake engine other than workloads: images, networks, disks, interfaces and jobs, for the first rows
// only.
#pragma once

#include "fake_state.h"

// Adds the ids of items used by W to it, and its disk and interfaces to INV. Called with the lock held.
void fake_items_of_row(const struct fake *f, struct inventory *inv, const struct fake_row *row, struct workload *w);
// Adds images, networks, buckets and jobs.
void fake_items_shared(const struct fake *f, struct inventory *inv);
// Verbs on items other than workloads, including creation. ID names the kind.
bool fake_items_do(enum kind kind, enum verb verb);
int fake_items_act(struct fake *f, const char *id, enum verb verb, const struct params *p, const struct job *job,
                   struct err *e);
// Adds the values of FIELD for a new item of KIND.
void fake_items_choices(enum kind kind, const char *field, struct strv *out);
// Adds what is wanted of the figures S of the item ID.
void fake_add_sample(struct sample_set *set, const struct measures *what, enum kind kind, const char *id,
                     const struct sample *s);
// The space of volumes.
void fake_volumes_sample(const struct fake *f, struct sample_set *set, const struct measures *what, int64_t now);
// The figures of the disk and the interface of ROW, which are those of the whole.
void fake_items_sample(struct sample_set *set, const struct measures *what, const struct fake_row *row,
                       const struct sample *s);
