// Verbs that change an existing container: start, kill, delete, pause, resume, update.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "call.h"
#include "limits.h"
#include "sys/fs.h"
#include "sys/signal_name.h"

enum { FILE_LIMIT = 16 << 20 };

int do_start(struct call *c)
{
	return bunk_start(&c->b, c->argv[0], &c->e);
}

int do_kill(struct call *c)
{
	const char *name = c->o.signal ? c->o.signal : c->argc > 1 ? c->argv[1] : "TERM";
	int signal = signal_number(name, &c->e);

	return signal < 0 ? signal : bunk_kill(&c->b, c->argv[0], signal, c->o.all, &c->e);
}

int do_delete(struct call *c)
{
	return bunk_delete(&c->b, c->argv[0], c->o.force, &c->e);
}

int do_pause(struct call *c)
{
	return bunk_pause(&c->b, c->argv[0], &c->e);
}

int do_resume(struct call *c)
{
	return bunk_resume(&c->b, c->argv[0], &c->e);
}

static char *read_input(void)
{
	struct str text = {0};
	char buffer[4096];
	ssize_t n;

	while (text.length < FILE_LIMIT && (n = read(0, buffer, sizeof(buffer))) > 0)
		str_add_bytes(&text, buffer, (size_t)n);
	return str_steal(&text);
}

int do_update(struct call *c)
{
	auto_free char *text = NULL;
	const char *file = c->o.resources, *l3 = c->o.l3_schema, *bandwidth = c->o.bandwidth_schema;
	int r = 0;

	if (file && c->o.limits.count)
		return err_msg(&c->e, EINVAL, "--resources cannot be combined with options for single limits");
	if (!file && !c->o.limits.count && !l3 && !bandwidth)
		return err_msg(&c->e, EINVAL, "no limits given (see bunk update --help)");
	if (l3 || bandwidth)
		r = bunk_update_rdt(&c->b, c->argv[0], l3, bandwidth, &c->e);
	if (r < 0 || (!file && !c->o.limits.count))
		return r;
	if (!file)
		r = limits_text(&c->o.limits, &text, &c->e);
	else if (str_equal(file, "-"))
		text = read_input();
	else
		r = (int)fs_read_file(AT_FDCWD, file, FILE_LIMIT, &text, &c->e);
	return r < 0 ? r : bunk_update(&c->b, c->argv[0], text, &c->e);
}
