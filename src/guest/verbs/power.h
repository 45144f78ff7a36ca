// Starts, stops, pauses and resumes guests.
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "model/job.h"

bool guest_is_on(virDomainPtr domain);
int guest_start(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_stop(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_kill(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_pause(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_resume(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);
int guest_restart(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e);

// Powers a guest off immediately. Returns 0 once it is off, or negative errno.
int guest_force_off(struct guests *g, struct call *c, struct err *e);
