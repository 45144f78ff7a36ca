// Converts libvirt's typed parameters to samples.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/connection/guests.h"
#include "guest/vir/vir.h"
#include "model/sample.h"

// Adds the figures of one virConnectGetAllDomainStats() record to S. NOW (wall-clock ns) is used to detect stale
// balloon figures.
void stats_to_sample(struct sample *s, const virTypedParameter *params, int count, int64_t now);
// The figures of each disk and interface in such a record, with libvirt's device names ("vda", "vnet0"). Returns an
// owned array of *DEVICES.
struct device_figures *stats_to_devices(const virTypedParameter *params, int count, size_t *devices);
// Adds the figures of virDomainGetInfo(). CONTAINER: its memory is what it uses, not what it was given.
void info_to_sample(struct sample *s, const virDomainInfo *info, bool container);
// The state and reason in a record; -1 = missing.
void stats_state(const virTypedParameter *params, int count, int *state, int *reason);
