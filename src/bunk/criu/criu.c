// SPDX-License-Identifier: LGPL-2.1-or-later
// The interface to the program criu: one request over a socket pair, like criu's library ("criu swrk"), its
// notifications on the way, and the error when it fails.
#include "criu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "bunk/bunk.h"
#include "images.h"
#include "message.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

enum { ANSWER_MAX = 16384, LOG_LIMIT = 64 << 20 };
enum { LOOK = 500, GRACE = 10000 }; // milliseconds: between two checks of criu's progress, and to wait for its exit
#define DEFAULT_TIMEOUT INT64_C(60000000000)

static const char package[] = "a checkpoint needs the program 'criu' (package criu)";

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

char *criu_find(struct err *e)
{
	const char *path = getenv("PATH");
	auto_free char *all = mem_printf("%s:/usr/local/sbin:/usr/sbin:/sbin", path ? path : "");
	auto_strv folders = {0};

	strv_split(&folders, all, ":");
	for (size_t i = 0; i < folders.count; i++) {
		auto_free char *full = mem_printf("%s/criu", folders.items[i]);

		if (folders.items[i][0] == '/' && is_program(full))
			return steal(full);
	}
	err_msg(e, ENOENT, "%s", package);
	return NULL;
}

int criu_allowed(const char *verb, struct err *e)
{
	return userns_is_host_root()
	           ? 0
	           : err_msg(e, EPERM, "%s needs root: criu dumps and restores processes with their ids and namespaces",
	                     verb);
}

const char *criu_namespace_key(int flag)
{
	return flag == CLONE_NEWNET ? "extRootNetNS" : flag == CLONE_NEWPID ? "extRootPidNS" : NULL;
}

static int cgroups_mode(const char *name, int32_t *mode, struct err *e)
{
	static const struct mode {
		const char *name;
		enum criu_cgroups value;
	} modes[] = {
		{"soft", CRIU_CGROUPS_SOFT}, {"full", CRIU_CGROUPS_FULL}, {"strict", CRIU_CGROUPS_STRICT}, {"ignore",
		 CRIU_CGROUPS_IGNORE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_equal(name ? name : "soft", modes[i].name)) {
			*mode = modes[i].value;
			return 0;
		}
	return err_msg(e, EINVAL, "invalid value '%s' of --manage-cgroups-mode (soft, full, strict or ignore)", name);
}

int criu_common(struct criu_options *q, const struct bunk_images *o, const struct images *i, const char *log,
                struct err *e)
{
	if (o->empty_ns && !str_equal(o->empty_ns, "network"))
		return err_msg(e, EINVAL, "invalid value '%s' of --empty-ns (only network: criu cannot leave others empty)",
		               o->empty_ns);
	q->images_fd = i->fd;
	q->work_fd = i->work;
	q->log_file = mem_strdup(log);
	q->log_level = 4;
	q->notify = true;
	q->evasive_devices = q->ext_masters = q->orphan_pts_master = true;
	q->tcp_established = o->tcp_established;
	q->ext_unix_sk = o->ext_unix_sk;
	q->shell_job = o->shell_job;
	q->file_locks = o->file_locks;
	q->auto_dedup = o->auto_dedup;
	q->empty_namespaces = o->empty_ns ? CLONE_NEWNET : 0;
	return cgroups_mode(o->cgroups_mode, &q->cgroups_mode, e);
}

int criu_start(struct criu *c, struct err *e)
{
	auto_free char *program = criu_find(e);
	const char *const argv[] = {program, "swrk", "3", NULL};
	const int fds[3] = {-1, -1, -1};
	int pair[2];

	if (!program)
		return -ENOENT;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "cannot make a socket pair");
	// in a session of its own: a signal that interrupts this process must not interrupt criu while it holds the
	// container's processes
	c->pid = proc_spawn(argv, fds, pair[1], true, e);
	close(pair[1]);
	if (c->pid < 0)
		close(pair[0]);
	else
		c->socket = pair[0];
	c->own_session = c->pid > 0;
	return c->pid < 0 ? c->pid : 0;
}

// An ignored signal (nohup(1)) does not interrupt.
static void interrupting_signals(sigset_t *set)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction now;

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
}

void criu_block_signals(sigset_t *before)
{
	sigset_t set;

	interrupting_signals(&set);
	sigprocmask(SIG_BLOCK, &set, before);
}

// Bounded, too: a process in uninterruptible sleep does not die even when it is killed.
void criu_end(struct criu *c, int result)
{
	auto_close int pidfd = c->pid > 0 ? pidfd_open(c->pid, 0) : -1;
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	if (c->socket >= 0)
		close(c->socket);
	c->socket = -1;
	if (c->pid <= 0)
		return;
	bool ended = poll(&end, 1, c->useless ? 0 : GRACE) > 0;
	if (!ended || result < 0 || c->own_session)
		kill(c->own_session ? -c->pid : c->pid, SIGKILL); // not reaped yet, so the pid cannot have been reused
	poll(&end, 1, GRACE);
	waitpid(c->pid, NULL, WNOHANG);
	c->pid = 0;
}

static int send_request(const struct criu *c, const struct criu_request *request)
{
	auto_str text = {0};

	message_write(&text, &criu_request_message, request);
	return send(c->socket, text.text, text.length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int received_fd(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static uint64_t size_of(int directory, const char *name)
{
	struct stat st;

	return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (uint64_t)st.st_size : 0;
}

// A number that changes while criu works: the size of its log, which has a line for each step, and of its images.
static uint64_t work_done(const struct criu *c)
{
	DIR *directory = fs_open_directory(c->images->fd, ".");
	uint64_t sum = size_of(c->images->work, c->log);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		sum += size_of(dirfd(directory), entry->d_name) + 1;
	if (directory)
		closedir(directory);
	return sum;
}

static int stalled_error(const struct criu *c, struct err *e)
{
	char time[UNITS_TEXT];

	return err_msg(e, ETIMEDOUT, "criu made no progress for %s and was killed (see '%s/%s'; --timeout waits longer)",
	               units_age(time, c->timeout), c->images->work_path, c->log);
}

static bool is_stalled(struct criu *c)
{
	uint64_t done = work_done(c);

	if (done != c->done)
		c->since = clock_mono();
	c->done = done;
	return c->timeout > 0 && clock_mono() - c->since >= c->timeout;
}

static int interrupted_error(struct err *e)
{
	return err_msg(e, EINTR, "interrupted while criu was running");
}

// Waits for the next message, criu's exit, an interrupt or the timeout without progress. The socket may stay open
// after criu's exit: processes that it was about to restore hold it, too. Messages that were sent before are read
// first. Returns 1 for a message, 0 if criu has exited, negative errno.
static int wait_for(struct criu *c, int pidfd, int signals, struct err *e)
{
	struct pollfd fds[] = {
	    {.fd = c->socket, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};

	for (;;) {
		poll(fds, ARRAY_SIZE(fds), LOOK);
		if (is_stalled(c))
			return stalled_error(c, e);
		if (fds[0].revents || fds[1].revents)
			return fds[0].revents != 0;
		if (fds[2].revents)
			return interrupted_error(e);
	}
}

static int wait_message(struct criu *c, struct err *e)
{
	sigset_t set;

	interrupting_signals(&set);
	auto_close int signals = signalfd(-1, &set, SFD_CLOEXEC);
	auto_close int pidfd = pidfd_open(c->pid, 0);
	return signals < 0 || pidfd < 0 ? err_set(e, errno, "cannot watch criu") : wait_for(c, pidfd, signals, e);
}

static int receive_response(const struct criu *c, struct criu_response *answer, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[ANSWER_MAX];
	struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr message = {
	    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n;

	do
		n = recvmsg(c->socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 && errno != ECONNRESET ? -errno : 0;
	*fd = received_fd(&message);
	if (message.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	int r = message_read(&criu_response_message, answer, text, (size_t)n);
	return r < 0 ? r : 1;
}

// Where the section about the kernel's features ends in the log; there, a missing feature is logged as an error, too.
static const char *after_start(const char *log)
{
	static const char *const begins[] = {"Dumping processes (", "Reading image tree"};

	for (size_t i = 0; i < ARRAY_SIZE(begins); i++) {
		const char *at = strstr(log, begins[i]);

		if (at)
			return at;
	}
	return log;
}

// The message in "(00.012345)      7: Error (criu/file.c:12): message": the first such line is the cause, the
// following ones are consequences.
static char *first_error(const struct criu *c)
{
	auto_free char *log = NULL;
	ssize_t n = fs_read_file(c->images->work, c->log, LOG_LIMIT, &log, NULL);
	const char *at = n > 0 ? strstr(after_start(log), "Error (") : NULL;
	const char *said = at ? strstr(at, "): ") : NULL;

	return said ? mem_strndup(said + 3, strcspn(said + 3, "\n")) : NULL;
}

static int criu_failure(const struct criu *c, const struct criu_response *answer, struct err *e)
{
	auto_free char *said = first_error(c);
	const char *what = said                ? said
	                   : answer->message   ? answer->message
	                   : answer->error > 0 ? strerror(answer->error)
	                                       : "it exited without an error message";

	return err_msg(e, EREMOTEIO, "criu: %s (see '%s/%s')", what, c->images->work_path, c->log);
}

static bool is_interrupted(void)
{
	sigset_t set, pending;

	interrupting_signals(&set);
	return sigpending(&pending) == 0 && sigandset(&set, &set, &pending) == 0 && !sigisemptyset(&set);
}

// Runs the callback for a notification and replies to criu. The time that hooks take does not count towards the
// timeout. Returns the callback's result.
static int answer_notification(struct criu *c, const struct criu_response *answer, int fd, struct err *e)
{
	const char *script = answer->notify.script ? answer->notify.script : "";
	int64_t began = clock_mono();
	int r = is_interrupted() ? interrupted_error(e)
	        : c->notified    ? c->notified(c->context, script, answer->notify.pid, fd, e)
	                         : 0;
	struct criu_request reply = {.type = CRIU_NOTIFY, .notified = r == 0};

	c->since += clock_mono() - began;
	if (r < 0)
		c->timeout = GRACE * MS; // from now on criu only cleans up
	send_request(c, &reply); // if criu has exited, the next wait tells
	return r;
}

// Reads messages and replies to notifications until the response arrives or criu has exited. Returns like
// receive_response().
static int answer_until_done(struct criu *c, struct criu_response *answer, int *refused, struct err *e)
{
	for (;;) {
		auto_close int fd = -1;
		struct err *why = *refused ? NULL : e; // keep the first reason
		int r = wait_message(c, why);

		message_done(&criu_response_message, answer);
		if (r > 0 && (r = receive_response(c, answer, &fd)) < 0)
			err_set(why, -r, "cannot understand criu");
		if (r <= 0 || answer->type != CRIU_NOTIFY)
			return r;
		if (*refused == 0)
			*refused = answer_notification(c, answer, fd, e);
		else
			send_request(c, &(struct criu_request){.type = CRIU_NOTIFY});
	}
}

int criu_do(struct criu *c, const struct criu_request *request, struct criu_response *answer, struct err *e)
{
	int refused = 0;

	unlinkat(c->images->work, c->log, 0); // a log of an earlier run must not be quoted
	c->timeout = c->timeout ? c->timeout : DEFAULT_TIMEOUT;
	c->since = clock_mono();
	if (send_request(c, request) < 0)
		return criu_failure(c, answer, e);
	int r = answer_until_done(c, answer, &refused, e);
	c->useless = r < 0;
	if (refused < 0 || r < 0)
		return refused < 0 ? refused : r;
	return r > 0 && answer->success && answer->type == request->type ? 0 : criu_failure(c, answer, e);
}
