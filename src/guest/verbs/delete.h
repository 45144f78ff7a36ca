// Deletes a guest: its definition, the state libvirt keeps for it, and the files that belong to it alone.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// Removes a new definition together with libvirt's state for it, except state that is not its own.
void guest_discard(struct guests *g, virConnectPtr conn, virDomainPtr domain);
// VERB_DELETE. Adds a note to JOB for each file that is kept.
int guest_delete(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
