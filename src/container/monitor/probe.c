// The health check of a running container: see probe.h.
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sys/proc.h"

static const char pid_file[] = "probe.pid";

struct probe *probe_new(const struct health_plan *plan, int64_t now)
{
	struct probe *p = mem_new(sizeof(*p));

	*p = (struct probe){.plan = *plan, .count = {.health = HEALTH_STARTING}, .started = now, .output = -1};
	p->due = now + health_pause(&p->count, &p->plan, 0);
	return p;
}

static void close_output(struct probe *p)
{
	auto_close_run(&p->output);
	p->output = -1;
}

// The runtime forwards no SIGKILL: the process inside is killed by its own pid, which is not used again before the
// runtime has waited for it.
static void kill_check(const struct probe *p, const struct probe_call *call)
{
	char text[32];
	uint64_t pid = 0;
	ssize_t n = proc_read_file_at(call->dir, pid_file, text, sizeof(text));

	if (n > 0)
		text[strcspn(text, "\n")] = '\0';
	kill(p->pid, SIGSTOP); // until then it does not wait for it
	if (n > 0 && str_to_u64(text, &pid) == 0 && pid > 1)
		kill(-(pid_t)pid, SIGKILL), kill((pid_t)pid, SIGKILL); // it leads a session
	kill(p->pid, SIGKILL);
}

void probe_free(struct probe *p, const struct probe_call *call)
{
	if (!p)
		return;
	if (p->pid)
		kill_check(p, call);
	close_output(p);
	str_done(&p->text);
	health_plan_done(&p->plan);
	free(p);
}

void probe_shorten(const struct probe *p, int64_t now, int *timeout)
{
	int64_t left = p->pid ? p->deadline - now : p->due - now;
	int ms = left <= 0 ? 0 : (int)(left / MS < INT32_MAX ? left / MS : INT32_MAX - 1) + 1;

	if (p->pid && p->late)
		return; // it is being killed: its end is a signal
	if (*timeout < 0 || ms < *timeout)
		*timeout = ms;
}

static void count_check(struct probe *p, bool good, int64_t now)
{
	p->pid = 0;
	health_add(&p->count, &p->plan, good, now - p->started);
	p->due = now + health_pause(&p->count, &p->plan, now - p->started);
}

static pid_t spawn_check(struct probe *p, const struct probe_call *call, int output, struct err *e)
{
	auto_strv words = {0};

	strv_add(&words, call->program);
	strv_add(&words, "--root");
	strv_add(&words, call->runtime);
	strv_add(&words, "exec");
	strv_add(&words, "--pid-file");
	strv_add(&words, pid_file);
	strv_add(&words, call->name);
	for (size_t i = 0; i < p->plan.command.count; i++)
		strv_add(&words, p->plan.command.items[i]);
	return proc_spawn((const char *const *)words.items, (const int[3]){-1, output, output}, -1, true, e);
}

static void start_check(struct probe *p, const struct probe_call *call, int64_t now)
{
	struct err e = {0};
	int ends[2] = {-1, -1};

	str_clear(&p->text);
	unlinkat(call->dir, pid_file, 0);
	if (pipe2(ends, O_CLOEXEC) < 0)
		err_msg(&e, EMFILE, "cannot create a pipe for the output");
	pid_t pid = e.code ? -e.code : spawn_check(p, call, ends[1], &e);
	auto_close_run(&ends[1]);
	p->output = ends[0];
	p->late = false;
	p->deadline = now + p->plan.timeout;
	p->pid = pid;
	if (pid >= 0) {
		fcntl(p->output, F_SETFL, O_NONBLOCK);
		return;
	}
	str_add(&p->text, e.text);
	close_output(p);
	count_check(p, false, now);
}

void probe_serve(struct probe *p, const struct probe_call *call, bool paused, int64_t now)
{
	if (p->pid && now >= p->deadline && !p->late) {
		p->late = true;
		kill_check(p, call);
	}
	if (!p->pid && now >= p->due && paused)
		p->due = now + p->plan.interval;
	else if (!p->pid && now >= p->due)
		start_check(p, call, now);
}

void probe_read(struct probe *p)
{
	char bytes[PROBE_OUTPUT];
	ssize_t n;

	while ((n = read(p->output, bytes, sizeof(bytes))) > 0) {
		size_t room = p->text.length < PROBE_OUTPUT ? PROBE_OUTPUT - p->text.length : 0;

		str_add_bytes(&p->text, bytes, (size_t)n < room ? (size_t)n : room);
	}
	if (n == 0)
		close_output(p);
}

bool probe_ended(struct probe *p, pid_t pid, int status, int64_t now)
{
	if (!p->pid || pid != p->pid)
		return false;
	if (p->output >= 0)
		probe_read(p);
	close_output(p);
	if (p->late) {
		str_clear(&p->text);
		str_add(&p->text, "it took too long and was killed");
	}
	count_check(p, !p->late && WIFEXITED(status) && WEXITSTATUS(status) == 0, now);
	return true;
}
