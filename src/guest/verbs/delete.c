// Deletes a guest: its definition, the state libvirt keeps for it, and the files that belong to it alone.
#include "delete.h"

#include <errno.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/files/ownership.h"
#include "guest/storage/owned.h"
#include "guest/storage/remove.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "model/job.h"
#include "model/param.h"
#include "power.h"

enum undefine_flag { KEEP_NVRAM = 1, KEEP_TPM = 2 };

// Removes a definition with libvirt's state for it, except what FLAGS keep. Drivers that do not support all undefine
// flags get fewer. Returns 0 or -1.
static int undefine_domain(virDomainPtr domain, unsigned flags)
{
	const unsigned always = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
	const unsigned nvram = flags & KEEP_NVRAM ? VIR_DOMAIN_UNDEFINE_KEEP_NVRAM : VIR_DOMAIN_UNDEFINE_NVRAM;
	const unsigned tpm = flags & KEEP_TPM ? VIR_DOMAIN_UNDEFINE_KEEP_TPM : VIR_DOMAIN_UNDEFINE_TPM;
	const unsigned tries[] = {always | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | nvram | tpm, always | nvram};

	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		if (vir.DomainUndefineFlags(domain, tries[i]) == 0)
			return 0;
		const virError *error = vir.GetLastError();
		if (!error || (error->code != VIR_ERR_INVALID_ARG && error->code != VIR_ERR_NO_SUPPORT) || flags)
			return -1;
	}
	return vir.DomainUndefine(domain);
}

static bool is_yes(const struct params *p, const char *name)
{
	return p && str_equal(params_get(p, name), "yes");
}

// The first file of kind PART that is kept, or NULL.
static const struct stored *kept_part(const struct storage *s, enum part part)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].part == part && (s->items[i].why || !storage_is_same(&s->items[i])))
			return &s->items[i];
	return NULL;
}

static unsigned undefine_flags(const struct storage *s)
{
	return (kept_part(s, PART_NVRAM) ? KEEP_NVRAM : 0) | (kept_part(s, PART_TPM) ? KEEP_TPM : 0);
}

void guest_discard(struct guests *g, virConnectPtr conn, virDomainPtr domain)
{
	struct storage s = {0};

	bool judged = storage_judge(&s, g, conn, domain, NULL) == 0;
	undefine_domain(domain, judged ? undefine_flags(&s) : KEEP_NVRAM | KEEP_TPM);
	storage_done(&s);
}

// State that libvirt removes with the definition.
static bool is_removed_by_libvirt(enum part part)
{
	return part == PART_NVRAM || part == PART_TPM || part == PART_SAVED;
}

static bool is_in_scope(const struct stored *s, bool with_storage)
{
	return with_storage || !storage_part_is_optional(s->part);
}

// The guest that also uses ITEM and is deleted by the same command, or NULL. ITEM is then decided on with that guest.
static const char *also_used_by(const struct stored *item, const struct params *p)
{
	const char *name;

	for (size_t i = 0; (name = params_get_nth(p, PARAM_WITH, i)); i++) {
		auto_free char *why = mem_printf("used by guest '%s'", name);
		if (str_equal(item->why, why))
			return name;
	}
	return NULL;
}

static char *kept_text(const struct stored *item, const struct params *p)
{
	const char *other = item->why && p ? also_used_by(item, p) : NULL;

	if (other)
		return mem_printf("'%s' is kept until guest '%s', which also uses it, is deleted", item->path, other);
	return item->why ? mem_printf("kept '%s' (%s)", item->path, item->why) : NULL;
}

static void note_kept(const struct storage *s, const struct params *p, bool with_storage, const struct job *job)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct stored *item = &s->items[i];
		auto_free char *text = kept_text(item, p);

		if (text && is_in_scope(item, with_storage))
			job_note(job, text);
	}
}

static int remove_owned_files(virConnectPtr conn, const struct storage *s, bool with_storage, const char *name,
                              const struct job *job, struct err *e)
{
	struct err first = {0}, each;
	auto_str left = {0};

	for (size_t i = 0; i < s->count; i++) {
		const struct stored *item = &s->items[i];

		if (item->why || is_removed_by_libvirt(item->part) || !is_in_scope(item, with_storage))
			continue;
		auto_free char *text = mem_printf("deleting %s", item->path);
		job_report(job, (double)i / (double)s->count, text);
		if (storage_remove(conn, item, &each) == 0)
			continue;
		str_addf(&left, "%s'%s'", left.length ? ", " : "", item->path);
		if (!first.code)
			first = each;
	}
	if (!first.code)
		return 0;
	return err_msg(e, first.code, "deleted guest '%s', but not its files %s: %s", name, left.text, first.text);
}

static int check_saved(const struct storage *s, const char *name, struct err *e)
{
	const struct stored *saved = kept_part(s, PART_SAVED);

	return saved ? err_msg(e, EBUSY,
	                       "cannot delete guest '%s': its saved memory '%s', which libvirt would delete too, is "
	                       "kept: %s",
	                       name, saved->path, saved->why ? saved->why : "it has changed")
	             : 0;
}

int guest_delete(struct guests *g, struct call *c, const struct params *p, const struct job *job, struct err *e)
{
	bool on = vir.DomainIsActive(c->domain) == 1, persistent = vir.DomainIsPersistent(c->domain) != 0,
	     with_storage = is_yes(p, PARAM_STORAGE);
	struct storage s = {0};

	if (on && !is_yes(p, PARAM_FORCE))
		return err_msg(e, EBUSY, "guest '%s' is running: stop it first, or force", c->name);
	int r = storage_judge(&s, g, c->conn, c->domain, e); // before its definition is removed
	r = r < 0 ? r : check_saved(&s, c->name, e);
	if (r == 0 && on)
		r = guest_force_off(g, c, e);
	if (r == 0 && persistent && undefine_domain(c->domain, undefine_flags(&s)) < 0)
		r = guest_error(e, "cannot delete guest '%s'", c->name);
	if (r == 0) {
		note_kept(&s, p, with_storage, job);
		r = remove_owned_files(c->conn, &s, with_storage, c->name, job, e);
	}
	storage_done(&s);
	return r;
}
