// The containers of this host, open: their store, the programs, and what is kept from call to call.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "container/containers.h"
#include "container/store/store.h"
#include "sys/cgroup.h"

// The container that was last started in the foreground, until it is attached to. It may have ended, and with --rm be
// gone, before that.
struct foreground {
	int line; // to its monitor, -1: none
	char *name;
	bool terminal, interactive;
};

struct measured; // a row of sampling, of module look
struct image_cache; // layouts that were read, of module look

struct containers {
	struct store store;
	bool read_only;
	struct cgroup_layout layout;
	char *program; // the runtime
	char *monitor_program;
	char *boot;
	pthread_mutex_t lock; // of the rows below
	struct measured *measured;
	size_t measured_count;
	struct image_cache *images;
	int changes, wake; // inotify(7), eventfd(2)
	bool watched;      // changes are, since the first wait
	struct foreground foreground;
};
