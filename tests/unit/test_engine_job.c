// The records of jobs: whose process is proven, what a killed one left, numbers, and files that are anything else.
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/job_file.h"
#include "model/inventory.h"
#include "sys/fs.h"
#include "sys/proc.h"

struct place {
	char path[64];
	int dir;
};

static int make(void **state)
{
	struct place *p = *state = mem_new(sizeof(*p));
	struct err e;

	snprintf(p->path, sizeof(p->path), "/tmp/test-job-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dir = jobs_open(p->path, true, &e);
	assert_true(p->dir >= 0);
	return 0;
}

static int clean(void **state)
{
	struct place *p = *state;

	close(p->dir);
	fs_remove_tree(AT_FDCWD, p->path, NULL);
	free(p);
	return 0;
}

// A child that runs until it is told.
static pid_t start(struct job_record *job)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	job_own(job);
	job->pid = (int)pid;
	assert_int_equal(proc_start_time(pid, &job->ticks), 0);
	return pid;
}

static int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void add(const struct place *p, struct job_record *job)
{
	struct err e;

	job->kind = KIND_JOB;
	job->state = STATE_RUNNING;
	assert_int_equal(job_add(p->dir, job, &e), 0);
}

static struct job_record read_back(const struct place *p, const char *name)
{
	struct job_record job = {.kind = KIND_JOB};
	struct err e;

	assert_int_equal(job_read(p->dir, name, &job, &e), 0);
	return job;
}

static void a_running_job_is_stopped_by_its_proven_process(void **state)
{
	struct job_record job = {.kind = KIND_JOB};
	struct err e;
	pid_t pid = start(&job);

	add(*state, &job);
	struct job_record read = read_back(*state, "1");
	assert_int_equal(read.state, STATE_RUNNING);
	assert_string_equal(read.id, "local/job/job/1");
	assert_int_equal(job_stop(&read, &e), 0);
	assert_int_equal(end_of(pid), SIGTERM);
	job_done(&read);
	job_done(&job);
}

static void a_reused_pid_is_not_the_job(void **state)
{
	static const struct {
		int64_t ticks;
		const char *boot;
	} others[] = {{1, NULL}, {0, "00000000-0000-0000-0000-000000000000"}, {0, ""}};
	struct job_record job = {.kind = KIND_JOB};
	struct err e;
	pid_t pid = start(&job);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct job_record other = job;

		other.ticks += (uint64_t)others[i].ticks;
		if (others[i].boot)
			snprintf(other.boot, sizeof(other.boot), "%s", others[i].boot);
		assert_false(job_is_alive(&other));
		assert_int_equal(job_stop(&other, &e), -ESRCH);
	}
	assert_true(proc_is_alive(pid, job.ticks)); // nothing was sent to it
	job.ticks++;
	add(*state, &job);
	struct job_record read = read_back(*state, "1");
	assert_int_equal(read.state, STATE_FAILED);
	job_done(&read);
	job_done(&job);
	kill(pid, SIGKILL);
	assert_int_equal(end_of(pid), SIGKILL);
}

static void a_killed_job_says_what_it_left(void **state)
{
	const struct place *p = *state;
	struct job_record job = {.kind = KIND_JOB};
	auto_free char *there = mem_printf("%s/part", p->path), *gone = mem_printf("%s/whole", p->path);
	pid_t pid = start(&job);

	assert_int_equal(mkdir(there, 0700), 0);
	strv_add(&job.left, there);
	strv_add(&job.left, gone);
	add(p, &job);
	kill(pid, SIGKILL);
	end_of(pid);
	struct job_record read = read_back(p, "1");
	assert_int_equal(read.state, STATE_FAILED);
	assert_string_equal(read.phase, "was killed");
	assert_true(read.finished > 0);
	assert_int_equal(read.left.count, 1);
	assert_string_equal(read.left.items[0], there);
	job_done(&read);
	job_done(&job);
}

// The engine that it used is asked for what it was creating; files of the store are the store's own.
static void check_finds_what_a_killed_job_left(void **state)
{
	const struct place *p = *state;
	struct job_record job = {.kind = KIND_JOB, .what = mem_strdup("create container 'web-1'")};
	auto_free char *kept = mem_printf("%s-disk", p->path), *own = mem_printf("%s/part", p->path);
	struct findings found = {0};
	struct err e;

	job_set_spec(&job, "fake:5,quiet");
	strv_add(&job.uses, "local/fake/container/1");
	strv_add(&job.uses, "local/fake/container/77"); // not there
	add(p, &job); // its process is none
	struct job_record read = read_back(p, "1");
	assert_string_equal(read.phase, "was killed; 'hostel check' lists what it left behind");
	job_done(&read);
	assert_int_equal(jobs_find_left(p->path, &found, &e), 0);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0].subject, "job 1");
	assert_string_equal(found.items[0].text, "create container 'web-1' was killed: web-1 may be incomplete");
	assert_string_equal(found.items[0].remedy, "delete it: hostel --engine fake:5,quiet rm --force --storage "
	                                           "local/fake/container/1; or keep it: hostel job rm 1");
	findings_done(&found);
	strv_done(&job.uses);
	strv_add(&job.left, kept);
	strv_add(&job.left, own);
	assert_int_equal(mkdir(kept, 0700) + mkdir(own, 0700), 0);
	assert_int_equal(job_write(p->dir, &job, &e), 0);
	assert_int_equal(jobs_find_left(p->path, &found, &e), 0);
	assert_int_equal(found.count, 1);
	assert_non_null(strstr(found.items[0].text, kept));
	assert_int_equal(rmdir(kept), 0);
	findings_done(&found);
	job_done(&job);
}

static void a_number_is_used_once(void **state)
{
	const struct place *p = *state;
	static const char *const names[] = {"1", "2", "3"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct job_record job = {.kind = KIND_JOB};

		add(p, &job);
		assert_string_equal(job.name, names[i]);
		assert_int_equal(unlinkat(p->dir, job.name, 0), 0);
		job_done(&job);
	}
}

static void only_the_last_that_have_ended_are_kept(void **state)
{
	const struct place *p = *state;
	auto_strv names = {0};

	for (int i = 0; i < JOBS_KEPT + 5; i++) {
		struct job_record job = {.kind = KIND_JOB};

		add(p, &job); // its process is none: it has ended
		job_done(&job);
	}
	jobs_names(p->dir, &names);
	assert_int_equal(names.count, JOBS_KEPT + 1);
	assert_string_equal(names.items[names.count - 1], "25");
}

static void write_file(const struct place *p, const char *name, const char *text)
{
	assert_int_equal(fs_create_file(p->dir, name, 0600, text, strlen(text), NULL), 0);
}

// Whatever the file says, it is the job of its name, and no process is believed to be its.
static void a_hostile_file_is_a_damaged_job(void **state)
{
	const struct place *p = *state;
	static const char *const texts[] = {
		"", "{", "[]", "null", "{\"state\":5}", "{\"kind\":\"container\",\"id\":\"local/bunk/container/web\"}",
		"{\"pid\":1,\"ticks\":-1,\"state\":\"running\"}", "{\"pid\":-1,\"ticks\":1,\"state\":\"running\",\"boot\":7}",
		"{\"left\":[1,2]}", "{\"total\":-5}", "{\"progress\":1e308}", "{\"state\":\"running\",\"boot\":\"\\ud83d\\ude00\"}"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err e;

		write_file(p, "7", texts[i]);
		struct job_record job = read_back(p, "7");
		assert_string_equal(job.id, "local/job/job/7");
		assert_int_equal(job.kind, KIND_JOB);
		assert_int_not_equal(job.state, STATE_RUNNING);
		assert_int_equal(job_stop(&job, &e), -ESRCH);
		job_done(&job);
	}
}

static void what_is_not_a_regular_file_is_not_opened(void **state)
{
	const struct place *p = *state;

	assert_int_equal(symlinkat("/etc/passwd", p->dir, "1"), 0);
	assert_int_equal(mkfifoat(p->dir, "2", 0600), 0);
	for (int i = 1; i <= 2; i++) {
		struct job_record job = read_back(p, i == 1 ? "1" : "2");

		assert_int_equal(job.state, STATE_UNKNOWN);
		assert_non_null(job.trouble);
		job_done(&job);
	}
}

static void names_are_numbers(void **state)
{
	static const char *const names[] = {"..", "", "0", "01", "1/2", "../1", "99999999999", "-1", ".last", "1x"};
	struct job_record job = {.kind = KIND_JOB};
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(job_read(((struct place *)*state)->dir, names[i], &job, &e), -ENOENT);
}

static void a_directory_that_others_can_write_is_refused(void **state)
{
	const struct place *p = *state;
	struct err e;

	assert_int_equal(fchmod(p->dir, 0777), 0);
	assert_int_equal(jobs_open(p->path, false, &e), -EPERM);
	assert_int_equal(fchmod(p->dir, 0700), 0);
}

static void the_end_of_a_killed_job_is_an_event(void **state)
{
	const struct place *p = *state;
	struct inventory *inv = inventory_new();
	struct job_record job = {.kind = KIND_JOB};
	void *self = NULL;
	struct err e;
	pid_t pid = start(&job);

	add(p, &job);
	assert_int_equal(engine_job.open(&self, p->path, false, &e), 0);
	assert_int_equal(engine_job.wait(self, 0, &e), 1); // it was not watched before
	assert_int_equal(engine_job.list(self, inv, &e), 0);
	assert_int_equal(inventory_item_count(inv), 1);
	assert_int_equal(engine_job.wait(self, 0, &e), 0);
	kill(pid, SIGKILL);
	assert_int_equal(engine_job.wait(self, 60 * SECOND, &e), 1);
	end_of(pid);
	assert_int_equal(job_write(p->dir, &job, &e), 0);
	assert_int_equal(engine_job.list(self, inv, &e), 0);
	assert_int_equal(inventory_item_at(inv, 0)->state, STATE_FAILED);
	assert_int_equal(engine_job.wait(self, 60 * SECOND, &e), 1); // the file was replaced
	engine_job.close(self);
	inventory_free(inv);
	job_done(&job);
}

#define ROW(F) cmocka_unit_test_setup_teardown(F, make, clean)
int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(a_running_job_is_stopped_by_its_proven_process),
		ROW(a_reused_pid_is_not_the_job),
		ROW(a_killed_job_says_what_it_left),
		ROW(check_finds_what_a_killed_job_left),
		ROW(a_number_is_used_once),
		ROW(only_the_last_that_have_ended_are_kept),
		ROW(a_hostile_file_is_a_damaged_job),
		ROW(what_is_not_a_regular_file_is_not_opened),
		ROW(names_are_numbers),
		ROW(a_directory_that_others_can_write_is_refused),
		ROW(the_end_of_a_killed_job_is_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
