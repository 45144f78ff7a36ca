// Running another process in a container. The runtime replaces this process, and so handles signals, the terminal and
// the exit status.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "container/bundle/account.h"
#include "container/bundle/bundle.h"
#include "container/containers.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/store/store.h"
#include "sys/proc.h"

static int add_user(struct strv *argv, struct containers *c, const struct view *v, const char *who, struct err *e)
{
	auto_strv roots = {0};
	auto_free char *directory = store_container_path(&c->store, v->record.name);
	struct account a;

	strv_addf(&roots, "%s/upper", directory);
	for (size_t i = 0; i < v->record.image.lowers.count; i++)
		strv_add(&roots, v->record.image.lowers.items[i]);
	int r = account_find(&a, &roots, who, e);
	if (r == 0)
		r = account_keep_mapped(&a, who, e);
	if (r < 0)
		return account_done(&a), r;
	strv_addf(argv, "--user=%u:%u", a.uid, a.gid);
	if (!bundle_sets(&v->record, "HOME"))
		strv_addf(argv, "--env=HOME=%s", a.home && *a.home ? a.home : "/");
	for (size_t i = 0; i < a.group_count; i++)
		strv_addf(argv, "-g%u", a.groups[i]);
	account_done(&a);
	return 0;
}

static int exec_words(struct strv *argv, struct containers *c, const struct view *v, const struct params *p,
                      struct err *e)
{
	const char *value;

	strv_add(argv, c->program);
	strv_add(argv, "--root");
	strv_add(argv, c->store.runtime);
	strv_add(argv, "exec");
	if (str_equal(params_or(p, PARAM_TTY, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? "yes" : "no"), "yes"))
		strv_add(argv, "--tty");
	if ((value = params_get(p, PARAM_CWD)))
		strv_addf(argv, "--cwd=%s", value);
	int r = params_get(p, PARAM_USER) ? add_user(argv, c, v, params_get(p, PARAM_USER), e) : 0;
	for (size_t i = 0; (value = params_get_nth(p, PARAM_ENV, i)); i++)
		strv_addf(argv, "--env=%s", value);
	strv_add(argv, "--");
	strv_add(argv, record_id(&v->record));
	for (size_t i = 0; (value = params_get_nth(p, PARAM_COMMAND, i)); i++)
		strv_add(argv, value);
	return r;
}

int containers_exec(struct containers *c, const char *name, const struct params *p, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_strv argv = {0};
	int r = view_open(&v, c, name, e);

	if (r == 0 && !v.running)
		return err_msg(e, ESRCH, "container '%s' is not running (start it first)", name);
	r = r < 0 ? r : exec_words(&argv, c, &v, p, e);
	if (r < 0)
		return r;
	proc_reset_signals();
	execv(c->program, argv.items);
	return err_set(e, errno, "cannot run '%s'", c->program);
}
