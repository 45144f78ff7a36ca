// The command line of bunk: parses the arguments and runs the verb.
#include "bunkcli/main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/opts.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "call.h"
#include "log.h"
#include "sys/proc.h"
#include "config.h"

enum { EXIT_USAGE = 2 };

static int show_help(void)
{
	auto_str text = {0};

	opts_help(&text, global_options);
	printf("usage: bunk [OPTION]... VERB [OPTION]... [OPERAND]...\n\nVerbs (bunk VERB --help shows its options):\n");
	for (size_t i = 0; i < bunk_verb_count; i++)
		printf("  %-10s %s\n", bunk_verbs[i].name, bunk_verbs[i].help);
	printf("\nOptions:\n%s", str_text(&text));
	return 0;
}

static int show_verb_help(const struct verb *v)
{
	auto_str text = {0};

	opts_help(&text, v->options);
	printf("usage: bunk %s [OPTION]... %s\n%s\n\nOptions:\n%s", v->name, v->operands, v->help, str_text(&text));
	return 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < bunk_verb_count; i++)
		if (str_equal(bunk_verbs[i].name, name))
			return &bunk_verbs[i];
	return NULL;
}

static void log_warning(void *context, const char *text)
{
	const struct options *o = context;

	if (o->debug || !o->log_level || !str_equal(o->log_level, "error"))
		log_line(o, "warning", text);
}

static void log_debug(void *context, const char *text)
{
	log_line(context, "debug", text);
}

static void log_status(struct call *c, const char *verb, int status)
{
	auto_free char *text = c->b.debug ? mem_printf("%s: exit status %d", verb, status) : NULL;

	if (text)
		log_debug(&c->o, text);
}

static int call_fail(const struct call *c, int status)
{
	auto_free char *text = str_visible(c->e.text);

	log_line(&c->o, "error", c->e.text);
	fprintf(stderr, "bunk: %s\n", text);
	return status;
}

static int choose_cgroups(struct call *c)
{
	static const struct manager {
		const char *name;
		enum bunk_cgroups value;
	} managers[] = {
	    {"cgroupfs", BUNK_CGROUPS_FILES}, {"systemd", BUNK_CGROUPS_SYSTEMD}, {"disabled", BUNK_CGROUPS_DISABLED}};
	const char *name = c->o.cgroup_manager ? c->o.cgroup_manager : c->o.systemd_cgroup ? "systemd" : "cgroupfs";

	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (str_equal(managers[i].name, name)) {
			c->b.cgroups = managers[i].value;
			return 0;
		}
	return err_msg(&c->e, EINVAL, "--cgroup-manager: unknown manager '%s' (cgroupfs, systemd or disabled)", name);
}

static int run_verb(struct call *c, const struct verb *v, int argc, char **argv)
{
	int first = opts_parse(v->options, &c->o, argc, argv, v->flags, &c->e);

	if (first < 0)
		return call_fail(c, EXIT_USAGE);
	if (c->o.help)
		return show_verb_help(v);
	c->argc = argc - first;
	c->argv = argv + first;
	if (c->argc < v->least || c->argc > v->most) {
		err_msg(&c->e, EINVAL, "usage: bunk %s [OPTION]... %s", v->name, v->operands);
		return call_fail(c, EXIT_USAGE);
	}
	c->b.root = c->o.root;
	c->b.warn = log_warning;
	c->b.debug = log_is_debugging(&c->o) ? log_debug : NULL;
	c->b.notify_socket = getenv("NOTIFY_SOCKET");
	c->b.context = &c->o;
	int r = log_check(&c->o, &c->e);
	if (r == 0)
		r = choose_cgroups(c);
	if (r == 0)
		r = v->run(c);
	if (fflush(stdout) < 0 && r == 0)
		r = err_set(&c->e, errno, "cannot write to standard output");
	int status = r < 0 ? call_fail(c, c->e.status ? c->e.status : v->own_status) : r;
	log_status(c, v->name, status);
	return status;
}

static int unknown_verb(struct call *c, const char *name)
{
	const char *near = opts_nearest(name, &bunk_verbs[0].name, bunk_verb_count, sizeof(bunk_verbs[0]));

	err_msg(&c->e, EINVAL, "unknown verb '%s'", name);
	if (near)
		err_hint(&c->e, "did you mean '%s'?", near);
	return call_fail(c, EXIT_USAGE);
}

// opts_parse() reorders its arguments, but bunk_guard_self() needs the original command line.
static char **copy_line(int argc, char **argv)
{
	char **copy = mem_array((size_t)argc + 1, sizeof(*copy));

	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	return copy;
}

static void call_done(struct call *c)
{
	free(c->all);
	strv_done(&c->o.env);
	strv_done(&c->o.caps);
	strv_done(&c->o.groups);
	params_done(&c->o.limits);
}

static int do_call(struct call *c, int argc, char **argv)
{
	int first = opts_parse(global_options, &c->o, argc, argv, OPTS_STOP_AT_OPERAND, &c->e);

	if (first < 0)
		return call_fail(c, EXIT_USAGE);
	if (c->o.version)
		return printf("bunk %s\nspec: %s\n", PACKAGE_VERSION, BUNK_OCI_VERSION) < 0;
	if (c->o.help)
		return show_help();
	if (first >= argc) {
		err_msg(&c->e, EINVAL, "no verb given (see bunk --help)");
		return call_fail(c, EXIT_USAGE);
	}
	const struct verb *v = find_verb(argv[first]);
	return v ? run_verb(c, v, argc - first, argv + first) : unknown_verb(c, argv[first]);
}

int bunkcli_main(int argc, char **argv)
{
	struct call c = {.all = copy_line(argc, argv)};
	int status = do_call(&c, argc, argv);

	call_done(&c);
	if (c.interrupted)
		proc_reset_signals(); // the pending signal now kills this process, as the caller's shell expects
	return status;
}
