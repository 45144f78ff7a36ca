// The process of a container: its command, environment, user and privileges: see sections.h.
#include "sections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "container/store/image.h"
#include "container/store/record.h"
#include "document.h"
#include "model/param.h"
#include "network_files.h"

// The requested command, else the image's (image-spec config.md: Entrypoint and Cmd).
static void arguments_of(const struct record *r, struct strv *args)
{
	const char *word;

	const char *entrypoint = params_get(&r->params, PARAM_ENTRYPOINT);

	if (entrypoint && *entrypoint)
		strv_add(args, entrypoint);
	for (size_t i = 0; !entrypoint && i < r->image.entrypoint.count; i++)
		strv_add(args, r->image.entrypoint.items[i]);
	if (params_get(&r->params, PARAM_COMMAND))
		for (size_t i = 0; (word = params_get_nth(&r->params, PARAM_COMMAND, i)); i++)
			strv_add(args, word);
	else if (!entrypoint)
		for (size_t i = 0; i < r->image.cmd.count; i++)
			strv_add(args, r->image.cmd.items[i]);
	if (args->count == 0 && record_has(r, PARAM_TTY))
		strv_add(args, "/bin/sh");
}

char *bundle_command(const struct record *r)
{
	auto_strv args = {0};
	auto_str text = {0};

	arguments_of(r, &args);
	for (size_t i = 0; i < args.count; i++)
		str_addf(&text, "%s%s", i ? " " : "", args.items[i]);
	return text.length ? str_steal(&text) : NULL;
}

// Later settings override earlier ones: defaults, the image, the parameters.
static void set_variable(struct strv *env, const char *variable)
{
	size_t n = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], variable, n) == 0) {
			free(env->items[i]);
			env->items[i] = mem_strdup(variable);
			return;
		}
	strv_add(env, variable);
}

static bool is_variable(const char *text, const char *name)
{
	size_t n = strlen(name);

	return strncmp(text, name, n) == 0 && text[n] == '=';
}

bool bundle_sets(const struct record *r, const char *name)
{
	const char *variable;

	for (size_t i = 0; i < r->image.env.count; i++)
		if (is_variable(r->image.env.items[i], name))
			return true;
	for (size_t i = 0; (variable = params_get_nth(&r->params, PARAM_ENV, i)); i++)
		if (is_variable(variable, name))
			return true;
	return false;
}

static json_t *environment_of(const struct record *r, const char *home)
{
	auto_strv env = {0};
	auto_free char *home_variable = mem_printf("HOME=%s", home && *home ? home : "/");
	auto_free char *host_variable = mem_printf("HOSTNAME=%s", network_host_name(r));
	const char *variable;

	set_variable(&env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	set_variable(&env, home_variable);
	set_variable(&env, host_variable);
	set_variable(&env, "container=hostel");
	if (record_has(r, PARAM_TTY))
		set_variable(&env, "TERM=xterm-256color");
	if (image_is_host(&r->image))
		set_variable(&env, "LANG=C.UTF-8");
	for (size_t i = 0; i < r->image.env.count; i++)
		set_variable(&env, r->image.env.items[i]);
	for (size_t i = 0; (variable = params_get_nth(&r->params, PARAM_ENV, i)); i++)
		set_variable(&env, variable);
	return document_list(&env);
}

static json_t *user_section(const struct account *a)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < a->group_count; i++)
		json_array_append_new(groups, json_integer((json_int_t)a->groups[i]));
	return json_pack("{s:I, s:I, s:o}", "uid", (json_int_t)a->uid, "gid", (json_int_t)a->gid, "additionalGids",
	                 groups);
}

int process_account(struct account *a, const struct record *r, const char *directory, struct err *e)
{
	auto_strv roots = {0};
	const char *who = params_or(&r->params, PARAM_USER, r->image.user && *r->image.user ? r->image.user : "0:0");

	strv_addf(&roots, "%s/upper", directory);
	for (size_t i = 0; i < r->image.lowers.count; i++)
		strv_add(&roots, r->image.lowers.items[i]);
	int result = account_find(a, &roots, who, e);
	const char *group;
	for (size_t i = 0; result == 0 && (group = params_get_nth(&r->params, PARAM_GROUP_ADD, i)); i++)
		result = account_add_group(a, &roots, group, e);
	if (result == 0 && (result = account_keep_mapped(a, who, e)) < 0)
		account_done(a);
	return result;
}

int bundle_user(const struct record *r, uid_t *uid, gid_t *gid, struct err *e)
{
	struct account a;
	int result = process_account(&a, r, "/nonexistent", e);

	if (result < 0)
		return result;
	*uid = a.uid;
	*gid = a.gid;
	account_done(&a);
	return 0;
}

// The size of its terminal until a client sends another; NULL without a terminal.
static json_t *console_size(const struct record *r)
{
	return record_has(r, PARAM_TTY) ? json_pack("{s:i, s:i}", "height", 24, "width", 80) : NULL;
}

json_t *process_section(const struct record *r, const struct account *a, struct err *e)
{
	auto_strv args = {0};
	json_t *caps = capabilities_section(r);
	const char *directory =
	    params_or(&r->params, PARAM_WORKDIR, r->image.workdir && *r->image.workdir ? r->image.workdir : "/");

	arguments_of(r, &args);
	if (args.count == 0) {
		json_decref(caps);
		err_msg(e, EINVAL, "image '%s' has no default command (specify a command)", r->image.reference);
		return NULL;
	}
	return json_pack("{s:b, s:o*, s:o, s:o, s:o, s:s, s:{s:O, s:O, s:o}, s:b}", "terminal", record_has(r, PARAM_TTY),
	                 "consoleSize", console_size(r), "user", user_section(a), "args", document_list(&args), "env",
	                 environment_of(r, a->home), "cwd", directory, "capabilities", "bounding", caps, "effective", caps,
	                 "permitted", caps, "noNewPrivileges", 1);
}
