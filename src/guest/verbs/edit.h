// Redefining a guest.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "model/job.h"

// Gives the guest of C the definition that P has, checked against libvirt's schema; it takes effect at the next start.
int guest_edit(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
