// Job records on disk: see engine/job_file.h.
#include "engine/job_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/containers.h"
#include "model/id.h"
#include "sys/fs.h"
#include "sys/proc.h"

static const char last_name[] = ".last"; // the highest number used so far
enum { NUMBER_MAX = 9 };                 // digits
static const int64_t kept_for = 24 * 3600 * SECOND;

void job_set_spec(struct job_record *job, const char *spec)
{
	bool fits = spec && strlen(spec) < sizeof(job->spec);

	snprintf(job->spec, sizeof(job->spec), "%s", fits ? spec : "");
}

json_t *job_to_json(const struct job_record *job)
{
	json_t *object = item_to_json(&job->item, NAMES_NOW);

	json_object_set_new(object, "ticks", json_integer((json_int_t)job->ticks));
	json_object_set_new(object, "boot", json_string(job->boot));
	json_object_set_new(object, "spec", json_string(job->spec));
	return object;
}

int job_from_json(struct job_record *job, const json_t *object, struct err *e)
{
	const json_t *ticks = json_object_get(object, "ticks");
	const char *boot = json_string_value(json_object_get(object, "boot")),
	           *spec = json_string_value(json_object_get(object, "spec"));
	int r = fields_from_json(job, job_facts, object, NAMES_NOW, e);

	job->kind = KIND_JOB;
	job->ticks = json_is_integer(ticks) && json_integer_value(ticks) > 0 ? (uint64_t)json_integer_value(ticks) : 0;
	snprintf(job->boot, sizeof(job->boot), "%s", boot ? boot : "");
	job_set_spec(job, spec);
	if (r == 0)
		item_bound(&job->item);
	return r;
}

// --- processes

static void read_boot(char boot[JOB_BOOT])
{
	ssize_t n = proc_read_file("/proc/sys/kernel/random/boot_id", boot, JOB_BOOT);

	boot[n < 0 ? 0 : strcspn(boot, "\n")] = '\0';
}

void job_own(struct job_record *job)
{
	job->pid = (int)getpid();
	proc_start_time(getpid(), &job->ticks);
	read_boot(job->boot);
}

static bool is_this_boot(const struct job_record *job)
{
	char boot[JOB_BOOT];

	read_boot(boot);
	return *boot && strcmp(boot, job->boot) == 0;
}

bool job_is_alive(const struct job_record *job)
{
	return job->pid > 1 && job->ticks && is_this_boot(job) && proc_is_alive(job->pid, job->ticks);
}

int job_open(const struct job_record *job)
{
	return job_is_alive(job) ? proc_open(job->pid, job->ticks) : -ESRCH;
}

int job_stop(const struct job_record *job, struct err *e)
{
	auto_close int fd = job_open(job);

	if (fd < 0)
		return err_msg(e, -fd, "job %s has ended", job->name ? job->name : "");
	return syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) < 0
	           ? err_set(e, errno, "cannot stop job %s", job->name ? job->name : "")
	           : 0;
}

void job_check_left(struct job_record *job)
{
	auto_strv all = job->left;

	job->left = (struct strv){0};
	for (size_t i = 0; i < all.count; i++)
		if (faccessat(AT_FDCWD, all.items[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			strv_add(&job->left, all.items[i]);
}

// --- the directory

// Its contents decide which process receives SIGTERM, so no other user may write to it.
static int check_private(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	return err_msg(e, EPERM, "'%s' must be a directory that only you can write (chown and chmod 0700 it)", path);
}

int jobs_open(const char *where, bool write, struct err *e)
{
	auto_free char *path = containers_jobs_path(where);

	if (!path)
		return err_msg(e, ENOENT, "no directory for jobs (set HOSTEL_STORE or HOME)");
	int r = write ? fs_make_directories(path, 0700, e) : 0;
	if (r < 0)
		return r;
	auto_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	r = check_private(fd, path, e);
	return r < 0 ? r : steal_fd(&fd);
}

static bool is_number(const char *name)
{
	return strspn(name, STR_DIGITS) == strlen(name) && *name > '0' && strlen(name) <= NUMBER_MAX;
}

static int compare_numbers(const void *a, const void *b)
{
	return atoi(*(char *const *)a) - atoi(*(char *const *)b);
}

void jobs_names(int dir, struct strv *names)
{
	DIR *entries = fs_open_directory(dir, ".");
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries)))
		if (is_number(entry->d_name))
			strv_add(names, entry->d_name);
	closedir(entries);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_numbers);
}

// --- one file

void job_done(struct job_record *job)
{
	job->kind = KIND_JOB;
	item_done(&job->item);
	job->kind = KIND_JOB;
}

static int job_load(int dir, const char *name, struct job_record *job, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(dir, name, JOB_FILE_MAX, &text, e);

	if (n < 0)
		return (int)n;
	json_t *object = json_loadb(text, (size_t)n, 0, NULL);
	int r = object ? job_from_json(job, object, e) : err_msg(e, EINVAL, "not JSON");
	json_decref(object);
	return r;
}

static void set_number(struct job_record *job, const char *name)
{
	free(steal(job->id));
	free(steal(job->host));
	free(steal(job->engine));
	free(steal(job->name));
	job->kind = KIND_JOB;
	id_fill(&job->item, "job", name, name);
}

// The last write to its file is the best estimate of when it was killed.
static void job_mark_killed(int dir, const char *name, struct job_record *job)
{
	struct stat st;

	job->state = STATE_FAILED;
	free(job->phase);
	job->phase = mem_strdup(job->uses.count ? "was killed; 'hostel check' lists what it left behind" : "was killed");
	job->speed = 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		job->finished = st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec;
	job_check_left(job);
}

static bool is_running(const struct job_record *job)
{
	return job->state == STATE_RUNNING;
}

int job_read(int dir, const char *name, struct job_record *job, struct err *e)
{
	int r = is_number(name) ? job_load(dir, name, job, e) : -ENOENT;

	if (r == 0 && is_running(job) && !job_is_alive(job)) { // it may have recorded its result just before exiting
		job_done(job);
		r = job_load(dir, name, job, e);
		if (r == 0 && is_running(job))
			job_mark_killed(dir, name, job);
	}
	if (r == -ENOENT)
		return err_msg(e, ENOENT, "no job '%s' (see hostel job ls)", name);
	if (r < 0) {
		job_done(job);
		job->state = STATE_UNKNOWN;
		job->trouble = mem_printf("job file is damaged: %s", e->text);
	}
	set_number(job, name);
	return 0;
}

// Intermediate steps need not survive a power failure.
static int job_replace_file(int dir, const char *name, const struct job_record *job, bool lasting, struct err *e)
{
	json_t *object = job_to_json(job);
	char *text = json_dumps(object, 0);
	int r = !text     ? err_msg(e, EINVAL, "not UTF-8")
	        : lasting ? fs_replace_file(dir, name, 0600, text, strlen(text), e)
	                  : fs_replace_volatile(dir, name, 0600, text, strlen(text), e);

	free(text);
	json_decref(object);
	return r;
}

int job_write(int dir, const struct job_record *job, struct err *e)
{
	return job_replace_file(dir, job->name, job, !is_running(job), e);
}

// --- adding

static int highest_number(int dir, const struct strv *names)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(dir, last_name, 64, &text, NULL);
	int last = n > 0 && is_number(text) ? atoi(text) : 0,
	    now = names->count ? atoi(names->items[names->count - 1]) : 0;

	return last > now ? last : now;
}

static void jobs_prune(int dir, const struct strv *names)
{
	int64_t now = clock_wall();
	size_t ended = 0;
	struct err ignored;

	for (size_t i = names->count; i-- > 0;) {
		struct job_record job = {0};

		if (job_read(dir, names->items[i], &job, &ignored) == 0 && !is_running(&job) &&
		    (++ended > JOBS_KEPT || (job.finished && now - job.finished > kept_for)))
			unlinkat(dir, names->items[i], 0);
		job_done(&job);
	}
}

int job_add(int dir, struct job_record *job, struct err *e)
{
	auto_strv names = {0};
	auto_free char *draft = mem_printf(".new.%ld", (long)getpid());
	int r;

	jobs_names(dir, &names);
	jobs_prune(dir, &names);
	int number = highest_number(dir, &names);
	do {
		auto_free char *name = mem_printf("%d", ++number);
		set_number(job, name);
		r = job_replace_file(dir, draft, job, true, e);
		if (r == 0 && renameat2(dir, draft, dir, name, RENAME_NOREPLACE) < 0)
			r = err_set(e, errno, "cannot create the file of job %s", name);
	} while (r == -EEXIST);
	unlinkat(dir, draft, 0);
	if (r == 0)
		fs_replace_file(dir, last_name, 0600, job->name, strlen(job->name), NULL);
	return r;
}
