// Finds guests' QEMU processes on this host, with their control groups and isolation.
#pragma once

#include "guest/connection/guests.h"
#include "model/posture.h"

// Finds the processes of active rows that have none yet. The caller holds the lock.
void processes_find(struct guests *g);
void process_posture(const struct guest *row, struct posture *p);
