// Deleting a guest: its definition, what libvirt keeps for it, and those files that were judged its own.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "model/job.h"

// Removes a new definition with what libvirt keeps for it, as far as that is its own.
void guest_discard(struct guests *g, virConnectPtr conn, virDomainPtr domain);
// VERB_DELETE. What is kept is noted in JOB.
int guest_delete(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
