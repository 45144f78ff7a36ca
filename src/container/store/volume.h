// Volumes on disk. A volume is complete or does not exist: it is made under a temporary name, filled, and renamed.
//   STORE/volumes/NAME/volume.json   its record
//   STORE/volumes/NAME/data/         what containers mount
//   STORE/volumes/NAME/lock          held by the process that fills or restores it
//   STORE/volumes/.lock              held shared from the choice of a volume until its container has a record, and
//                                    exclusively while one is deleted, so that none is deleted that is about to be
//                                    used
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store.h"

struct volume_record {
	int64_t created; // wall-clock ns
	struct strv labels;
	bool anonymous;
	bool fresh;      // never mounted: the first container fills it from its image
};
void volume_record_done(struct volume_record *v);
int volume_record_write(int volume_fd, const struct volume_record *v, struct err *e);
int volume_record_read(int volume_fd, struct volume_record *v, struct err *e);

// A new name for a volume without one: 32 hex digits. Owned.
char *volume_new_name(void);
// The directory that containers mount. Owned.
char *volume_data_path(const char *store_path, const char *name);
// Opens the directory of volume NAME (O_PATH). Returns a descriptor, or -ENOENT.
int volume_open(int volumes_fd, const char *name, struct err *e);
// The same for its data.
int volume_open_data(int volumes_fd, const char *name, struct err *e);

// Makes the directory of a new volume with its record and an empty data directory, under the temporary name *ENTRY
// (owned by the caller). Returns a descriptor that keeps others from removing it, or negative errno.
int volume_make(const struct store *s, const struct volume_record *v, char **entry, struct err *e);
// Gives it its name. Returns 0, -EEXIST or another negative errno.
int volume_publish(const struct store *s, const char *entry, const char *name, struct err *e);
void volume_discard(const struct store *s, const char *entry);
// Deletes a volume: first its name, then its files. Returns 0, -ENOENT or another negative errno.
int volume_remove(int volumes_fd, const char *name, struct err *e);

// Adds the names of all volumes.
int volume_names(int volumes_fd, struct strv *names, struct err *e);
// STORE/volumes, from a descriptor of STORE/containers.
int volumes_beside(int containers_fd);
