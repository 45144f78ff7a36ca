// Runs skopeo(1), which moves images between registries, archives and image layouts: it knows names, mirrors,
// credentials, certificates and policies as they are configured on this host.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "container/store/store.h"
#include "model/job.h"

// STORE/images as skopeo reaches it: by a descriptor, so that its path may have any characters.
#define SKOPEO_STORE "/proc/self/fd/3"

struct skopeo {
	const struct store *store;
	const char *doing; // for errors: "pull 'x'"
	const struct job *job; // can cancel it
	void (*report)(void *context, pid_t pid); // called several times a second while it runs
	void *context;
};
// Runs "skopeo ARGV". Returns 0 or negative errno: -ENOENT (it is not installed), -EREMOTEIO (its message is in E),
// -ECANCELED.
int skopeo_run(const struct skopeo *s, const struct strv *argv, struct err *e);
// Adds the options for PLATFORM, which must precede the command. Nothing for NULL, this host's own.
void skopeo_add_platform(struct strv *argv, const char *platform);
// How far the process PID has read the file whose path ends in "/" and NAME. Returns whether it has it open.
bool skopeo_position(pid_t pid, const char *name, uint64_t *at);
// Makes the directory DIR an image layout with only DESCRIPTOR, named SKOPEO_IMAGE; its blobs are elsewhere. Returns 0
// or negative errno.
#define SKOPEO_IMAGE "image"
int skopeo_make_layout(int dir, const json_t *descriptor, struct err *e);
// The descriptor of the image that skopeo wrote into the layout STAGE of the store; NULL with E set.
json_t *skopeo_written(const struct store *s, const char *stage, const char *doing, struct err *e);
// skopeo's last words in what it printed, without time and level, escaped. Owned.
char *skopeo_message(const char *printed);
