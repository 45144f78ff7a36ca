// Starting a container: its monitor is spawned and says how it went. The caller holds the container's lock.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "parts.h"
#include "sys/proc.h"
#include "sys/userns.h"

// The monitor says over FD how it went, in one line.
static int hear(int fd, const char *name, struct err *e)
{
	char text[ERR_TEXT_MAX] = "";
	size_t used = 0;
	ssize_t n;

	while (used < sizeof(text) - 1 && ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0 || (n < 0 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	text[strcspn(text, "\n")] = '\0';
	if (str_starts(text, "ok "))
		return 0;
	return err_msg(e, EIO, "cannot start container '%s': %s", name, *text ? text : "its monitor died");
}

static int spawn_monitor(struct containers *c, const struct view *v, struct err *e)
{
	auto_free char *path = store_container_path(&c->store, v->record.name);
	const char *const argv[] = {c->monitor_program, path, c->program, c->store.runtime, NULL};
	int line[2];

	if (pipe2(line, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot make a pipe");
	pid_t pid = proc_spawn(argv, (const int[3]){-1, -1, -1}, line[1], true, e);
	close(line[1]);
	int r = pid < 0 ? pid : hear(line[0], v->record.name, e);
	close(line[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) // it leaves its work to a child of its own
		;
	return r;
}

int start_locked(struct containers *c, const struct view *v, struct err *e)
{
	struct err ignored;

	if (refuse_stopped(v, e) < 0)
		return -e->code;
	// one that has ended may still have a monitor that puts its things away
	if (v->watched && (v->state.phase != RUN_ENDED || !wait_for_end(v, GRACE)))
		return err_msg(e, EBUSY, "container '%s' runs already", v->record.name);
	if (geteuid() == 0 && !v->record.userxattr && !userns_is_initial()) // what it has deleted would be there again
		return err_msg(e, EPERM, "container '%s' was created outside this user namespace, which cannot read the marks of its writable layer: start it outside", v->record.name);
	if (runtime_knows(c, v->record.name)) // whatever a killed monitor left
		runtime_run(c, (const char *const[]){"delete", "--force", v->record.name, NULL}, NULL, NULL, &ignored);
	unlinkat(v->dir, "stopping", 0);
	return spawn_monitor(c, v, e);
}
