// The job engine: lists, cancels and removes jobs that the agent runs in processes of their own on this host.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/job_file.h"
#include "model/id.h"

enum { WATCHED_MOST = 64 }; // running jobs watched by pidfd, in case they are killed before recording their result

struct jobs {
	char *where;
	bool read_only;
	int changes, wake; // inotify(7), eventfd(2)
	bool watched;      // changes has a watch
	pthread_mutex_t lock; // protects the fields below
	int running[WATCHED_MOST]; // pidfds, as of the last listing
	size_t count;
};

static int open_watches(struct jobs *j, struct err *e)
{
	j->changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (j->changes >= 0)
		j->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return j->changes < 0 || j->wake < 0 ? err_set(e, errno, "cannot watch for jobs") : 0;
}

static int job_engine_open(void **self, const char *where, bool read_only, struct err *e)
{
	struct jobs *j = mem_new(sizeof(*j));

	*j = (struct jobs){.where = mem_strdup(where), .read_only = read_only, .changes = -1, .wake = -1};
	pthread_mutex_init(&j->lock, NULL);
	int r = open_watches(j, e);
	if (r == 0) {
		*self = j;
		return 0;
	}
	engine_job.close(j);
	return r;
}

static void forget_running(struct jobs *j)
{
	for (size_t i = 0; i < j->count; i++)
		close(j->running[i]);
	j->count = 0;
}

static void job_engine_close(void *self)
{
	struct jobs *j = self;

	forget_running(j);
	auto_close_run(&j->changes);
	auto_close_run(&j->wake);
	pthread_mutex_destroy(&j->lock);
	free(j->where);
	free(j);
}

static void watch_end(struct jobs *j, const struct job_record *job)
{
	int fd = job->state == STATE_RUNNING && j->count < WATCHED_MOST ? job_open(job) : -1;

	if (fd >= 0)
		j->running[j->count++] = fd;
}

static int job_engine_list(void *self, struct inventory *inv, struct err *e)
{
	struct jobs *j = self;
	auto_strv names = {0};
	auto_close int dir = jobs_open(j->where, false, e);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	jobs_names(dir, &names);
	pthread_mutex_lock(&j->lock);
	forget_running(j);
	for (size_t i = 0; i < names.count; i++) {
		struct job_record job = {.kind = KIND_JOB};

		if (job_read(dir, names.items[i], &job, e) == 0) {
			watch_end(j, &job);
			inventory_upsert_item(inv, &job.item);
		}
		job_done(&job);
	}
	pthread_mutex_unlock(&j->lock);
	return 0;
}

static int job_engine_sample(void *self, const struct measures *what, struct sample_set *set, struct err *e)
{
	(void)self, (void)what, (void)set, (void)e;
	return 0;
}

// Returns whether the watch is new, so that earlier changes may have been missed.
static bool begin_watch(struct jobs *j)
{
	auto_close int dir = j->watched ? -1 : jobs_open(j->where, false, NULL);
	auto_free char *path = mem_printf("/proc/self/fd/%d", dir);

	if (dir >= 0)
		j->watched = inotify_add_watch(j->changes, path, IN_MOVED_TO | IN_DELETE | IN_ONLYDIR) >= 0;
	return dir >= 0 && j->watched;
}

// Adds copies of the pidfds: a concurrent listing closes its own.
static size_t add_running(struct jobs *j, struct pollfd *p)
{
	size_t count = 0;

	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < j->count; i++) {
		int fd = fcntl(j->running[i], F_DUPFD_CLOEXEC, 0);

		if (fd >= 0)
			p[count++] = (struct pollfd){fd, POLLIN, 0};
	}
	pthread_mutex_unlock(&j->lock);
	return count;
}

static int poll_changes(struct jobs *j, int64_t timeout)
{
	struct pollfd p[2 + WATCHED_MOST] = {{j->changes, POLLIN, 0}, {j->wake, POLLIN, 0}};
	char buffer[4096];
	size_t count = 2 + add_running(j, p + 2);

	int n = poll(p, count, clock_poll_ms(clock_mono() + timeout));
	while (read(j->changes, buffer, sizeof(buffer)) > 0)
		;
	for (size_t i = 2; i < count; i++)
		close(p[i].fd);
	return n > 0 && !p[1].revents;
}

static int job_engine_wait(void *self, int64_t timeout, struct err *e)
{
	struct jobs *j = self;

	(void)e;
	return begin_watch(j) ? 1 : poll_changes(j, timeout);
}

static void job_engine_wake(void *self)
{
	eventfd_write(((struct jobs *)self)->wake, 1);
}

static int job_cancel_running(int dir, const char *name, const struct job_record *job, struct err *e)
{
	(void)dir;
	return job->state == STATE_RUNNING ? job_stop(job, e) : err_msg(e, EINVAL, "job %s has ended", name);
}

static int job_remove(int dir, const char *name, const struct job_record *job, struct err *e)
{
	if (job->state == STATE_RUNNING)
		return err_msg(e, EBUSY, "job %s is running (cancel it first)", name);
	return unlinkat(dir, name, 0) < 0 ? err_set(e, errno, "cannot remove job %s", name) : 0;
}

static int (*const verbs[VERBS])(int dir, const char *name, const struct job_record *job, struct err *e) = {
	[VERB_CANCEL] = job_cancel_running,
	[VERB_DELETE] = job_remove,
};

static bool job_engine_does(enum kind kind, enum verb verb)
{
	return kind == KIND_JOB && verbs[verb];
}

static int job_engine_act(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                          struct err *e)
{
	const struct jobs *j = self;
	const char *name = id_key(id);
	struct job_record record = {.kind = KIND_JOB};
	auto_close int dir = jobs_open(j->where, false, e);
	int r = dir < 0 ? dir : job_read(dir, name, &record, e);

	(void)p, (void)job;
	if (r == 0)
		r = verbs[verb](dir, name, &record, e);
	job_done(&record);
	return r;
}

static int job_engine_read(void *self, const char *id, enum document what, struct str *text, struct err *e)
{
	const struct jobs *j = self;
	struct job_record record = {.kind = KIND_JOB};
	auto_close int dir = jobs_open(j->where, false, e);
	int r = dir < 0 ? dir : job_read(dir, id_key(id), &record, e);
	json_t *object = r == 0 && what == DOCUMENT_CONFIG ? item_to_json(&record.item, NAMES_NOW) : NULL;
	char *json = object ? json_dumps(object, JSON_INDENT(2)) : NULL;

	if (json)
		str_addf(text, "%s\n", json);
	free(json);
	json_decref(object);
	job_done(&record);
	return r;
}

static int job_engine_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	(void)self, (void)stream, (void)p;
	return err_msg(e, EOPNOTSUPP, "job %s has no streams", id_key(id));
}

static int job_engine_create(void *self, enum kind kind, const struct params *p, const struct job *job, char **id,
                             struct err *e)
{
	(void)self, (void)kind, (void)p, (void)job, (void)id;
	return err_msg(e, EOPNOTSUPP, "jobs cannot be created directly");
}

const struct engine_ops engine_job = {
	.name = "job",
	.kind = KIND_JOB,
	.lists = 1 << KIND_JOB,
	.open = job_engine_open,
	.close = job_engine_close,
	.list = job_engine_list,
	.sample = job_engine_sample,
	.wait = job_engine_wait,
	.wake = job_engine_wake,
	.does = job_engine_does,
	.act = job_engine_act,
	.create = job_engine_create,
	.read = job_engine_read,
	.stream = job_engine_stream,
};
