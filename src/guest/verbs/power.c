// Starts, stops, pauses and resumes guests.
#include "power.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/job.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ports.h"

enum {
	RESEND_SECONDS = 10, // a booting guest misses the first request
	FORCE_SECONDS = 15,  // until QEMU has exited
	RESUME_WATCH_MS = 1000,     // how long to watch for another disk error after a resume
};

// REASON may be NULL.
static int domain_state(virDomainPtr domain, int *reason)
{
	int state = -1, why = -1;

	if (vir.DomainGetState(domain, &state, &why, 0) < 0)
		state = why = -1;
	if (reason)
		*reason = why;
	return state;
}

// 1 = on, 0 = off or deleted, -1 = unknown.
static int domain_activity(virDomainPtr domain)
{
	int on = vir.DomainIsActive(domain);
	const virError *error = on < 0 ? vir.GetLastError() : NULL;

	return error && error->code == VIR_ERR_NO_DOMAIN ? 0 : on;
}

bool guest_is_on(virDomainPtr domain)
{
	return domain_activity(domain) == 1;
}

// --- starting ---

static void record_start(struct guests *g, virDomainPtr domain, double ms)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	vir.DomainGetUUIDString(domain, uuid);
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, uuid);
	if (row) {
		row->start_ms = ms;
		row->stopping = false;
	}
	pthread_mutex_unlock(&g->lock);
}

static int start_domain(struct guests *g, struct call *c, const struct job *job, struct err *e)
{
	int r = guest_check_own_ports(g, c, e);
	int64_t began = clock_mono();

	if (r < 0)
		return r;
	job_report(job, -1, "starting");
	if (vir.DomainCreate(c->domain) < 0)
		return guest_error(e, "cannot start guest '%s'", c->name);
	record_start(g, c->domain, (double)(clock_mono() - began) / MS);
	return 0;
}

int guest_start(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	int state = domain_state(c->domain, NULL);

	(void)p;
	if (state == VIR_DOMAIN_PAUSED)
		return err_msg(e, EBUSY, "guest '%s' is paused: resume it", c->name);
	if (!guest_is_on(c->domain))
		return start_domain(g, c, job, e);
	if (state == VIR_DOMAIN_CRASHED || state == VIR_DOMAIN_PMSUSPENDED)
		return err_msg(e, EBUSY, "guest '%s' %s and is still in memory: %s", c->name,
		               state == VIR_DOMAIN_CRASHED ? "crashed" : "is asleep",
		               state == VIR_DOMAIN_CRASHED ? "kill it first" : "resume it");
	return err_msg(e, EBUSY, "guest '%s' is already running", c->name);
}

static void mark_stopping(struct guests *g, virDomainPtr domain, bool stopping)
{
	char uuid[VIR_UUID_STRING_BUFLEN];

	vir.DomainGetUUIDString(domain, uuid);
	pthread_mutex_lock(&g->lock);
	struct guest *row = guests_find(g, uuid);
	if (row)
		row->stopping = stopping;
	g->changed = true;
	pthread_cond_broadcast(&g->condition);
	pthread_mutex_unlock(&g->lock);
}

// Waits for a change of any guest, at most NS.
static void wait_for_change(struct guests *g, int64_t ns)
{
	int64_t until = clock_mono() + ns;
	const struct timespec at = clock_timespec(until);

	pthread_mutex_lock(&g->lock);
	pthread_cond_timedwait(&g->condition, &g->lock, &at);
	pthread_mutex_unlock(&g->lock);
}

// --- resuming ---

// Adds the disks with I/O errors, for example "vda: no space left".
static void add_disk_errors(virDomainPtr domain, struct str *out)
{
	virDomainDiskError errors[16];
	int count = vir.DomainGetDiskErrors(domain, errors, ARRAY_SIZE(errors), 0);

	for (int i = 0; i < count; i++) {
		str_addf(out, "%s%s: %s", out->length ? ", " : "", errors[i].disk,
		         errors[i].error == VIR_DOMAIN_DISK_ERROR_NO_SPACE ? "no space left" : "I/O error");
		free(errors[i].disk);
	}
}

// Resumes the guest. QEMU then retries a failed disk request, and pauses the guest again if it fails again: -EIO.
static int resume_domain(struct guests *g, struct call *c, int reason, struct err *e)
{
	int64_t until = clock_mono() + RESUME_WATCH_MS * MS;
	int now, on;
	auto_str disks = {0};

	if (vir.DomainResume(c->domain) < 0)
		return guest_error(e, "cannot resume guest '%s'", c->name);
	if (reason != VIR_DOMAIN_PAUSED_IOERROR)
		return 0;
	while ((on = domain_state(c->domain, &now)) != VIR_DOMAIN_PAUSED || now != VIR_DOMAIN_PAUSED_IOERROR) {
		if (on < 0 || clock_mono() >= until)
			return 0;
		wait_for_change(g, until - clock_mono());
	}
	add_disk_errors(c->domain, &disks);
	return err_msg(
	    e, EIO,
	    "guest '%s' was resumed but a disk error paused it again immediately (%s): free space or repair the disk, "
	    "then resume it",
	    c->name, disks.length ? disks.text : "libvirt does not name the disk");
}

// --- stopping ---

// Returns 0 once it is off, -ETIMEDOUT, or libvirt's error.
static int wait_until_off(struct guests *g, struct call *c, int64_t until, struct err *e)
{
	int on;

	while ((on = domain_activity(c->domain)) == 1) {
		int64_t left = until - clock_mono();
		if (left <= 0)
			return -ETIMEDOUT;
		wait_for_change(g, left < SECOND / 4 ? left : SECOND / 4);
	}
	return on == 0 ? 0 : guest_error(e, "cannot determine whether guest '%s' is off", c->name);
}

// The guest agent shuts down in order and reports failure; the power button works only if the guest OS handles it.
static int request_shutdown(virDomainPtr domain)
{
	if (vir.DomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT) == 0)
		return 0;
	if (vir.DomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN) == 0)
		return 0;
	return vir.DomainShutdown(domain);
}

// Records the error immediately: the next libvirt call resets it.
int guest_force_off(struct guests *g, struct call *c, struct err *e)
{
	int r = vir.DomainDestroy(c->domain) < 0 ? guest_error(e, "cannot force guest '%s' off", c->name) : 0;

	if (r < 0 && guest_is_on(c->domain))
		return r;
	r = wait_until_off(g, c, clock_mono() + FORCE_SECONDS * SECOND, e);
	if (r != -ETIMEDOUT)
		return r;
	return err_msg(e, ETIMEDOUT, "QEMU of guest '%s' does not exit (a disk of this host may hang: see dmesg)",
	               c->name);
}

// A graceful shutdown in progress.
struct shutdown_request {
	int64_t grace;
	bool force;         // force off if libvirt refuses or the grace period ends
	struct err refused; // the last error of a shutdown request
};

// Sends another shutdown request. Returns 0, or negative errno if it was refused and the guest will not be forced off
// later.
static int request_again(struct call *c, struct shutdown_request *s, struct err *e)
{
	s->refused = (struct err){0};
	if (request_shutdown(c->domain) == 0)
		return 0;
	guest_error(&s->refused, "cannot ask guest '%s' to shut down", c->name);
	if (s->force || !guest_is_on(c->domain))
		return 0;
	*e = s->refused;
	return -e->code;
}

// Repeats the request until the guest is off. Returns 0, -ETIMEDOUT, -ECANCELED or libvirt's error.
static int shut_down_gracefully(struct guests *g, struct call *c, struct shutdown_request *s, const struct job *job,
                                struct err *e)
{
	int64_t began = clock_mono(), last_request = 0;
	int on, r = 0;

	while ((on = domain_activity(c->domain)) == 1) {
		int64_t now = clock_mono(), age = now - began;
		if (age >= s->grace)
			return -ETIMEDOUT;
		if (job_is_cancelled(job))
			return err_msg(e, ECANCELED, "guest '%s' was asked to shut down and may still do so", c->name);
		if (!last_request || now - last_request >= RESEND_SECONDS * SECOND) {
			r = request_again(c, s, e);
			last_request = now;
		}
		if (r < 0)
			return r;
		auto_free char *text =
		    mem_printf("waiting for shutdown, %d of %d s", (int)(age / SECOND), (int)(s->grace / SECOND));
		job_report(job, (double)age / (double)s->grace, text);
		wait_for_change(g, SECOND / 4);
	}
	return on == 0 ? 0 : guest_error(e, "guest '%s' was asked to shut down, but its state is unknown", c->name);
}

// A paused or sleeping guest must run to handle the request. -EIO: it crashed, or a disk error paused it again.
static int wake_for_shutdown(struct guests *g, struct call *c, struct err *e)
{
	int reason, state = domain_state(c->domain, &reason);

	if (state == VIR_DOMAIN_CRASHED || (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_CRASHED))
		return err_msg(e, EIO, "guest '%s' crashed and cannot shut down", c->name);
	if (state == VIR_DOMAIN_PAUSED)
		return resume_domain(g, c, reason, e);
	if (state == VIR_DOMAIN_PMSUSPENDED && vir.DomainPMWakeup(c->domain, 0) < 0)
		return guest_error(e, "cannot wake guest '%s' to shut it down", c->name);
	return 0;
}

static int force_off(struct guests *g, struct call *c, const struct err *refused, const struct job *job, struct err *e)
{
	auto_free char *text =
	    refused->code ? mem_printf("forcing off: %s", refused->text) : mem_strdup("forcing off");

	job_report(job, -1, text);
	return guest_force_off(g, c, e);
}

static int stop_or_force(struct guests *g, struct call *c, const struct params *p, const struct job *job,
                         struct err *e)
{
	const char *timeout = p ? params_get(p, PARAM_TIMEOUT) : NULL;
	struct shutdown_request s = {.grace = verb_grace(KIND_GUEST), .force = timeout};

	if (timeout && units_parse_duration(timeout, &s.grace) < 0)
		return err_msg(e, EINVAL, "invalid duration '%s' (for example 30s or 2m)", timeout);
	int r = wake_for_shutdown(g, c, &s.refused);
	if (r < 0 && s.force) // waiting is pointless
		return force_off(g, c, &s.refused, job, e);
	if (r < 0) {
		err_msg(e, -r, "%s", s.refused.text);
		return err_hint(e, "force off: stop --" PARAM_TIMEOUT ", or kill");
	}
	r = shut_down_gracefully(g, c, &s, job, e);
	if (r != -ETIMEDOUT)
		return r;
	if (s.force)
		return force_off(g, c, &s.refused, job, e);
	return err_msg(
	    e, ETIMEDOUT,
	    "guest '%s' has not shut down within %d s: the guest OS ignores the power button (force it: stop "
	    "--" PARAM_TIMEOUT
	    ", or kill)",
	    c->name, (int)(s.grace / SECOND));
}

int guest_stop(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	if (!guest_is_on(c->domain))
		return 0;
	mark_stopping(g, c->domain, true);
	int r = stop_or_force(g, c, p, job, e);
	mark_stopping(g, c->domain, false);
	return r;
}

int guest_kill(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	const char *signal = p ? params_get(p, PARAM_SIGNAL) : NULL;

	(void)job;
	if (signal && *signal && !str_equal(signal, "KILL") && !str_equal(signal, "SIGKILL") && !str_equal(signal, "9"))
		return err_msg(e, EOPNOTSUPP, "cannot send signal '%s' to a guest (stop it, or kill it without a signal)",
		               signal);
	if (!guest_is_on(c->domain))
		return err_msg(e, EBUSY, "guest '%s' is not running", c->name);
	return guest_force_off(g, c, e);
}

int guest_pause(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	(void)g, (void)p, (void)job;
	return vir.DomainSuspend(c->domain) < 0 ? guest_error(e, "cannot pause guest '%s'", c->name) : 0;
}

// For guests that are paused, asleep, or saved to disk.
int guest_resume(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	int reason, state = domain_state(c->domain, &reason);

	(void)p;
	if (state == VIR_DOMAIN_PMSUSPENDED)
		return vir.DomainPMWakeup(c->domain, 0) < 0 ? guest_error(e, "cannot wake guest '%s'", c->name) : 0;
	if (state == VIR_DOMAIN_SHUTOFF && vir.DomainHasManagedSaveImage(c->domain, 0) == 1)
		return start_domain(g, c, job, e);
	return resume_domain(g, c, reason, e);
}

// Stopping and starting applies changes of the definition. A transient guest would lose its definition, so it is only
// rebooted.
int guest_restart(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	if (vir.DomainIsPersistent(c->domain) == 0)
		return vir.DomainReboot(c->domain, 0) < 0 ? guest_error(e, "cannot reboot guest '%s'", c->name) : 0;
	int r = guest_stop(g, c, p, job, e);
	return r < 0 ? r : start_domain(g, c, job, e);
}
