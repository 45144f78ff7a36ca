// Networks of the fake engine, and which workloads are on them. All is called with the lock held.
#pragma once

#include "fake_state.h"

#define FAKE_NETWORK "default" // the one that the first rows are on

// Adds all networks.
void fake_networks_list(const struct fake *f, struct inventory *inv);
void fake_network_names(const struct fake *f, struct strv *names);
// Adds the names of the networks that ROW is on.
void fake_networks_of(const struct fake *f, const struct fake_row *row, struct strv *names);
// Appends a document: the definition as JSON, or details. Returns 0, -ENOENT or -ENOTSUP.
int fake_network_read(const struct fake *f, const char *name, enum document what, struct str *text, struct err *e);

typedef int fake_item_verb(struct fake *f, const char *name, const struct params *p, const struct job *job,
                           struct err *e);
fake_item_verb fake_network_create, fake_network_delete, fake_network_start, fake_network_stop, fake_network_edit,
	fake_network_connect, fake_network_disconnect;
// The same for a container: its PARAM_TO is the network.
int fake_row_connect(struct fake *f, struct fake_row *row, const struct params *p, struct err *e);
int fake_row_disconnect(struct fake *f, struct fake_row *row, const struct params *p, struct err *e);
