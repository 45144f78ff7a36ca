// Which of this host's processes runs which guest, its control group, and what isolates it.
#pragma once

#include "guest/connection/guests.h"
#include "model/posture.h"

// Finds the processes of active rows that have none yet. The lock is held.
void processes_find(struct guests *g);
void process_posture(const struct guest *row, struct posture *p);
