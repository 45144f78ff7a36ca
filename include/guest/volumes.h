// The volumes of libvirt's storage pools, for the engine. A volume is storage; a disk (model/device.h) is a drive of a
// guest, which may be on a volume. Keys are "POOL/VOLUME". Thread-safe.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "guest/guests.h"
#include "model/job.h"
#include "model/stream.h"
#include "model/verb.h"

// Whether libvirt at URI (as for guests_open()) may have storage pools, according to its files on this host.
bool guests_may_have_volumes(const char *uri);
// Why volumes are missing from the last list. Owned; NULL: none is missing.
char *guests_volumes_note(struct guests *g);

// Creates a volume in a pool. *KEY is owned by the caller. Returns 0 or negative errno.
int guests_volume_create(struct guests *g, const struct params *p, char **key, struct err *e);
// Whether guests_volume_act() supports VERB.
bool guests_volume_do(enum verb verb);
// Deletes a volume if it is proven that nothing uses it, or enlarges one, even while a guest uses it. Returns 0 or
// negative errno.
int guests_volume_act(struct guests *g, const char *key, enum verb verb, const struct params *p,
                      const struct job *job, struct err *e);
// Append text about a volume: its details, or libvirt's XML. Return 0 or negative errno.
int guests_volume_details(struct guests *g, const char *key, struct str *text, struct err *e);
int guests_volume_config(struct guests *g, const char *key, struct str *text, struct err *e);
// Writes the content of a volume that is not in use to descriptor 1, or creates a volume from the file on 0. Returns 0
// or negative errno.
int guests_volume_stream(struct guests *g, const char *key, enum stream stream, struct err *e);
