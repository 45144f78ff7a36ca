// From libvirt's typed parameters to a sample.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "guest/connection/guests.h"
#include "guest/vir/vir.h"
#include "model/sample.h"

// Adds what one record of virConnectGetAllDomainStats() says to S. NOW: wall-clock ns, by which stale balloon figures
// are recognized.
void stats_to_sample(struct sample *s, const virTypedParameter *params, int count, int64_t now);
// The figures of each disk and interface in such a record, called as libvirt does (a target: "vda", "vnet0"). Owned
// array of *COUNT.
struct device_figures *stats_to_devices(const virTypedParameter *params, int count, size_t *devices);
// Adds what virDomainGetInfo() says. CONTAINER: its memory is what it uses, not what it was given.
void info_to_sample(struct sample *s, const virDomainInfo *info, bool container);
// The state and its reason in a record; -1 = not there.
void stats_state(const virTypedParameter *params, int count, int *state, int *reason);
