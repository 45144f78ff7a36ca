// The open containers of this host: their store, the programs, and state kept between calls.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "container/containers.h"
#include "container/store/store.h"
#include "sys/cgroup.h"

// The container last started in the foreground, until it is attached to. By then it may have exited, and been removed
// (--rm).
struct foreground {
	int line; // socket to its monitor, -1 = none
	char *name;
	bool terminal, interactive;
};

struct measured; // container/look/measure.h
struct image_cache; // container/look/images.c
struct measured_volumes; // container/look/volumes.c

struct containers {
	struct store store;
	bool read_only;
	struct cgroup_layout layout;
	char *program; // the runtime
	char *monitor_program;
	char *boot;
	pthread_mutex_t lock; // protects measured and images
	struct measured *measured;
	size_t measured_count;
	struct image_cache *images;
	pthread_mutex_t volumes_lock; // protects volume_sizes
	struct measured_volumes *volume_sizes;
	int changes, wake; // inotify(7), eventfd(2)
	bool watched;      // CHANGES is open, since the first wait
	struct foreground foreground;
};
