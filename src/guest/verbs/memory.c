// Sets a guest's memory, now and for its next start. A guest boots with its maximum memory; the balloon then returns
// what exceeds its current memory.
#include "memory.h"

#include <errno.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/units.h"
#include "guest/connection/call.h"
#include "guest/definition/facts.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/job.h"

struct memory_change {
	struct call *call;
	unsigned long kib;
	char text[UNITS_TEXT]; // of kib
	const struct job *job;
};

static const char *kib_text(char text[UNITS_TEXT], unsigned long kib)
{
	return units_bytes(text, (uint64_t)kib * 1024);
}

static int report_refused(const struct memory_change *w, struct err *e)
{
	return guest_error(e, "cannot set memory of guest '%s' to %s", w->call->name, w->text);
}

static int set_maximum(const struct memory_change *w, struct err *e)
{
	return vir.DomainSetMemoryFlags(w->call->domain, w->kib, VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_MEM_MAXIMUM) < 0
	           ? report_refused(w, e)
	           : 0;
}

static int set_current(const struct memory_change *w, struct err *e)
{
	return vir.DomainSetMemoryFlags(w->call->domain, w->kib, VIR_DOMAIN_AFFECT_CONFIG) < 0 ? report_refused(w, e) : 0;
}

// Without a balloon a guest uses its maximum, so the maximum has to change.
static int lower_maximum(const struct memory_change *w, unsigned long most, struct err *e)
{
	char before[UNITS_TEXT];
	auto_free char *text = mem_printf("maximum memory: %s → %s (the guest has no balloon to return memory)",
	                                  kib_text(before, most), w->text);
	int r = set_maximum(w, e);

	if (r == 0)
		job_note(w->job, text);
	return r;
}

static int check_raise(const struct memory_change *w, const struct domain_facts *f, struct err *e)
{
	const char *name = w->call->name;
	char most[UNITS_TEXT];

	if (f->numa_cells)
		return err_msg(
		    e, EOPNOTSUPP,
		    "cannot set memory of guest '%s' to %s: its maximum of %s is the sum of its NUMA cells and memory "
		    "devices (change the cells: virsh edit %s; or add a device: virsh attach-device %s)",
		    name, w->text, units_bytes(most, f->memory_max), name, name);
	if (f->memory_slots_max && w->kib > f->memory_slots_max / 1024)
		return err_msg(
		    e, EINVAL,
		    "cannot set memory of guest '%s' to %s: its definition allows at most %s with memory devices "
		    "(raise <maxMemory>: virsh edit %s)",
		    name, w->text, units_bytes(most, f->memory_slots_max), name);
	return 0;
}

static int check_lower(const struct memory_change *w, const struct domain_facts *f, struct err *e)
{
	const char *name = w->call->name;

	if (f->numa_cells)
		return err_msg(
		    e, EOPNOTSUPP,
		    "cannot set memory of guest '%s' to %s: it has no balloon, and its NUMA cells hold all its memory "
		    "(change the cells: virsh edit %s)",
		    name, w->text, name);
	return 0;
}

// Changes the definition, for the next start.
static int set_definition(const struct memory_change *w, const struct domain_facts *f, struct err *e)
{
	unsigned long most = (unsigned long)(f->memory_max / 1024);
	int r;

	if (w->kib > most) {
		r = check_raise(w, f, e);
		r = r < 0 ? r : set_maximum(w, e);
		return r < 0 ? r : set_current(w, e);
	}
	if (w->kib < most && !f->balloon) {
		r = check_lower(w, f, e);
		return r < 0 ? r : lower_maximum(w, most, e);
	}
	if (w->kib < most && f->hugepages)
		job_note(w->job, "the guest uses huge pages: only whole pages are returned to the host");
	return set_current(w, e);
}

static int change_definition(const struct memory_change *w, struct err *e)
{
	struct domain_facts f = {0};
	int r = domain_read_facts(w->call->domain, VIR_DOMAIN_XML_INACTIVE, &f, NULL, e);

	if (r == 0)
		r = set_definition(w, &f, e);
	domain_facts_done(&f);
	return r;
}

// Changes the running guest.
static int change_live(const struct memory_change *w, bool persistent, struct err *e)
{
	unsigned long most = vir.DomainGetMaxMemory(w->call->domain);
	char text[UNITS_TEXT];

	if (w->kib <= most && vir.DomainSetMemoryFlags(w->call->domain, w->kib, VIR_DOMAIN_AFFECT_LIVE) == 0)
		return 0;
	const virError *error = w->kib <= most ? vir.GetLastError() : NULL;
	// above the memory it was started with, or no balloon
	if (persistent && (!error || error->code == VIR_ERR_OPERATION_INVALID)) {
		job_note(w->job, "memory: takes effect at the next start");
		return 0;
	}
	if (error)
		return report_refused(w, e);
	return err_msg(
	    e, EINVAL,
	    "guest '%s' was started with %s and cannot be raised to %s while it runs (add a memory device: "
	    "virsh attach-device %s)",
	    w->call->name, kib_text(text, most), w->text, w->call->name);
}

int guest_set_memory(struct call *c, uint64_t bytes, const struct job *job, struct err *e)
{
	struct memory_change w = {.call = c, .kib = (unsigned long)(bytes / 1024), .job = job};
	bool persistent = vir.DomainIsPersistent(c->domain) == 1;

	kib_text(w.text, w.kib);
	int r = persistent ? change_definition(&w, e) : 0;
	return r == 0 && vir.DomainIsActive(c->domain) == 1 ? change_live(&w, persistent, e) : r;
}
