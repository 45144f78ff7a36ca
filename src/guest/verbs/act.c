// Verbs on guests, one table row each.
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "delete.h"
#include "edit.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "memory.h"
#include "model/job.h"
#include "model/name.h"
#include "model/param.h"
#include "model/verb.h"
#include "power.h"

static int act_rename(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	const char *to = p ? params_get(p, PARAM_TO) : NULL;

	(void)g, (void)job;
	if (name_check(KIND_GUEST, to, e) < 0)
		return -EINVAL;
	if (guest_is_on(c->domain))
		return err_msg(e, EBUSY, "guest '%s' is running: stop it before it is renamed", c->name);
	return vir.DomainRename(c->domain, to, 0) < 0 ? guest_error(e, "cannot rename guest '%s' to '%s'", c->name, to)
	                                              : 0;
}

static int set_cpus(struct call *c, unsigned count, const struct job *job, struct err *e)
{
	int most = vir.DomainGetVcpusFlags(c->domain, VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM);
	bool persistent = vir.DomainIsPersistent(c->domain) == 1;

	if (persistent && most >= 0 && (unsigned)most < count &&
	    vir.DomainSetVcpusFlags(c->domain, count, VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM) < 0)
		return guest_error(e, "cannot set maximum CPUs of guest '%s' to %u", c->name, count);
	if (persistent && vir.DomainSetVcpusFlags(c->domain, count, VIR_DOMAIN_AFFECT_CONFIG) < 0)
		return guest_error(e, "cannot set CPUs of guest '%s' to %u", c->name, count);
	if (!guest_is_on(c->domain))
		return 0;
	if (vir.DomainSetVcpusFlags(c->domain, count, VIR_DOMAIN_AFFECT_LIVE) == 0) {
		// the guest agent brings them online; without it the guest OS may do so by itself
		vir.DomainSetVcpusFlags(c->domain, count, VIR_DOMAIN_VCPU_GUEST);
		return 0;
	}
	if (!persistent)
		return guest_error(e, "cannot set CPUs of running guest '%s' to %u", c->name, count);
	job_note(job, "CPUs: takes effect at the next start");
	return 0;
}

static int set_cpus_text(struct call *c, const char *value, const struct job *job, struct err *e)
{
	uint64_t count;

	if (str_to_u64(value, &count) < 0 || count > 4096)
		return err_msg(e, EINVAL, "invalid " PARAM_CPUS " '%s' (1 to 4096)", value);
	return set_cpus(c, (unsigned)count, job, e);
}

static int set_memory_text(struct call *c, const char *value, const struct job *job, struct err *e)
{
	uint64_t bytes;

	if (units_parse_bytes(value, &bytes) < 0 || bytes < 1 << 20)
		return err_msg(e, EINVAL, "invalid " PARAM_MEMORY " '%s' (at least 1M)", value);
	return guest_set_memory(c, bytes, job, e);
}

static int set_autostart(struct call *c, const char *value, const struct job *job, struct err *e)
{
	(void)job;
	return vir.DomainSetAutostart(c->domain, str_equal(value, "yes")) < 0
	           ? guest_error(e, "cannot change autostart of guest '%s'", c->name)
	           : 0;
}

static const struct {
	const char *name;
	int (*set)(struct call *c, const char *value, const struct job *job, struct err *e);
} settings[] = {
	{PARAM_CPUS, set_cpus_text},
	{PARAM_MEMORY, set_memory_text},
	{PARAM_AUTOSTART, set_autostart},
};

static int set_parameter(struct call *c, const struct param *p, const struct job *job, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].name, p->name) == 0)
			return settings[i].set(c, p->value, job, e);
	return 0;
}

static int act_set(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	int r = verb_check_params(VERB_SET, KIND_GUEST, p, e);

	(void)g;
	for (size_t i = 0; r == 0 && p && i < p->count; i++)
		r = set_parameter(c, &p->items[i], job, e);
	return r;
}

// A verb on one existing guest.
typedef __typeof__(guest_delete) action;

static action *const actions[VERBS] = {
	[VERB_START] = guest_start, [VERB_STOP] = guest_stop, [VERB_KILL] = guest_kill, [VERB_PAUSE] = guest_pause,
	 [VERB_RESUME] = guest_resume,
	[VERB_RESTART] = guest_restart, [VERB_DELETE] = guest_delete, [VERB_RENAME] = act_rename, [VERB_SET] = act_set,
	[VERB_EDIT] = guest_edit,
};

bool guests_do(enum verb verb)
{
	return actions[verb];
}

int guests_act(struct guests *g, const char *uuid, enum verb verb, const struct params *p, const struct job *job,
               struct err *e)
{
	struct call c;
	int r = call_begin(&c, g, uuid, e);

	if (r < 0)
		return r;
	r = actions[verb](g, &c, p, job, e);
	call_end(g, &c);
	guests_touch(g, uuid);
	return r;
}
