// `hostel check`: lists damage, leftovers and missing parts of this host, one per line.
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "engine/job_file.h"
#include "engine/registry.h"
#include "model/finding.h"

static json_t *to_json(const struct findings *f, size_t problems)
{
	json_t *list = json_array(), *names = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *one = &f->items[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:b}", "check", one->check, "subject",
		                                      one->subject, "text", one->text, "remedy", one->remedy, "note",
		                                      one->note, "repairable", one->repairable, "repaired", one->repaired));
	}
	for (size_t i = 0; i < f->checks.count; i++)
		json_array_append_new(names, json_string(f->checks.items[i]));
	json_t *document = cli_json_object();
	json_object_set_new(document, "checks", names);
	json_object_set_new(document, "problems", json_integer((json_int_t)problems));
	json_object_set_new(document, "findings", list);
	return document;
}

static void add_line(struct str *out, const struct finding *f, bool repair)
{
	str_addf(out, "%-11s ", f->check);
	str_add_visible(out, f->subject, strlen(f->subject));
	str_add(out, ": ");
	str_add_visible(out, f->text, strlen(f->text));
	if (f->repaired)
		str_add(out, " (repaired)");
	else if (f->repairable)
		str_addf(out, " (%s: %s)", repair ? "could not be repaired" : "--" PARAM_REPAIR " does this", f->remedy);
	else if (f->remedy)
		str_addf(out, " (%s)", f->remedy);
	str_add(out, f->note ? " [note]\n" : "\n");
}

static void add_summary(struct str *out, const struct findings *f, size_t problems)
{
	size_t can = 0;

	for (size_t i = 0; i < f->count; i++)
		can += finding_is_problem(&f->items[i]) && f->items[i].repairable;
	if (!problems)
		str_add(out, "no problems found\n");
	else
		str_addf(out, "%zu problem%s, %zu of which --" PARAM_REPAIR " can fix\n", problems, problems == 1 ? "" : "s",
		         can);
}

// Looks for leftovers of killed jobs of these engines.
static int check_jobs(const struct strv *specs, struct findings *found, struct err *e)
{
	auto_strv jobs = {0};

	engine_add_jobs(specs, &jobs);
	return jobs.count ? jobs_find_left(engine_jobs_where(specs), found, e) : 0;
}

// Checks the engines of the command line, all of them even after an error. Returns 0 or the first error.
static int check_engines(const struct cli *c, struct findings *found, struct err *e)
{
	auto_strv usual = {0};
	const struct strv *specs = c->engines.count ? &c->engines : &usual;
	int result = 0;

	engine_add_defaults(&usual);
	for (size_t i = 0; i < specs->count; i++) {
		struct err failure = {0};
		int r = engine_check(specs->items[i],
		                     (cli_has(c, PARAM_REPAIR) ? CHECK_REPAIR : 0) | (cli_has(c, PARAM_DEEP) ? CHECK_DEEP : 0),
		                     found, &failure);

		if (r < 0 && result == 0) {
			result = r;
			*e = failure;
		}
	}
	struct err failure = {0};
	int r = check_jobs(specs, found, result < 0 ? &failure : e);
	return result < 0 ? result : r;
}

int verb_check(struct cli *c, int count, char **operands)
{
	struct findings found = {0};
	struct err e = {0};
	auto_str out = {0};
	size_t problems = 0;

	(void)count, (void)operands;
	int r = check_engines(c, &found, &e);
	for (size_t i = 0; i < found.count; i++) {
		problems += finding_is_problem(&found.items[i]);
		if (!c->json)
			add_line(&out, &found.items[i], cli_has(c, PARAM_REPAIR));
	}
	if (c->json) {
		json_t *document = to_json(&found, problems);
		cli_add_json(&out, document, JSON_INDENT(1));
		json_decref(document);
	} else {
		add_summary(&out, &found, problems);
	}
	findings_done(&found);
	int status = r < 0 ? cli_error(&e) : cli_print(&out);
	return status != EXIT_OK ? status : problems ? EXIT_FAILED : EXIT_OK;
}
