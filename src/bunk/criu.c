// SPDX-License-Identifier: LGPL-2.1-or-later
// Talking to the program criu: one request over a socket pair, as its library does it ("criu swrk"), with the points where it stops and asks; and
// what to say when it fails. Must not know what is asked of it.
#include "bunk/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/container.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

enum { ANSWER_MAX = 16384, LOG_LIMIT = 64 << 20 };

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
	return userns_is_host_root() ? 0 : err_msg(e, EPERM, "%s needs root: criu dumps and restores processes with their ids and namespaces", verb);
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
		{"soft", CRIU_CGROUPS_SOFT}, {"full", CRIU_CGROUPS_FULL}, {"strict", CRIU_CGROUPS_STRICT}, {"ignore", CRIU_CGROUPS_IGNORE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_equal(name ? name : "soft", modes[i].name)) {
			*mode = modes[i].value;
			return 0;
		}
	return err_msg(e, EINVAL, "--manage-cgroups-mode: '%s' is not soft, full, strict or ignore", name);
}

int criu_common(struct criu_options *q, const struct bunk_images *o, const struct images *i, const char *log, struct err *e)
{
	if (o->empty_ns && !str_equal(o->empty_ns, "network"))
		return err_msg(e, EINVAL, "--empty-ns: '%s' is not network, the only one that criu can leave empty", o->empty_ns);
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
	// in a session of its own: what interrupts this process must not interrupt criu while it holds a container's processes
	c->pid = proc_spawn(argv, fds, pair[1], true, e);
	close(pair[1]);
	if (c->pid < 0)
		close(pair[0]);
	else
		c->socket = pair[0];
	return c->pid < 0 ? c->pid : 0;
}

void criu_end(struct criu *c)
{
	if (c->socket >= 0)
		close(c->socket);
	c->socket = -1;
	while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

static int send_request(const struct criu *c, const struct criu_request *request)
{
	auto_str text = {0};

	message_write(&text, &criu_request_message, request);
	return send(c->socket, text.text, text.length, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int received_fd(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

// The end of criu need not close the socket: processes that it was about to restore hold it too. What it had said before is read first.
static bool has_ended(const struct criu *c)
{
	auto_close int pidfd = pidfd_open(c->pid, 0);
	struct pollfd fds[] = {{.fd = c->socket, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno == EINTR)
		;
	return fds[1].revents && poll(fds, 1, 0) == 0;
}

// Returns 1 for a message, 0 when criu has gone, negative errno.
static int receive(const struct criu *c, struct criu_response *answer, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[ANSWER_MAX];
	struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n;

	if (has_ended(c))
		return 0;
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

// Where the log's part about the kernel ends, in which a feature that is missing counts as an error too.
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

// "(00.012345)      7: Error (criu/file.c:12): What went wrong" to its last part: the first such line is the reason, what follows comes of it.
static char *first_error(const struct criu *c)
{
	auto_free char *log = NULL;
	ssize_t n = fs_read_file(c->images->work, c->log, LOG_LIMIT, &log, NULL);
	const char *at = n > 0 ? strstr(after_start(log), "Error (") : NULL;
	const char *said = at ? strstr(at, "): ") : NULL;

	return said ? mem_strndup(said + 3, strcspn(said + 3, "\n")) : NULL;
}

static int failed(const struct criu *c, const struct criu_response *answer, struct err *e)
{
	auto_free char *said = first_error(c);
	const char *what = said ? said : answer->message ? answer->message : answer->error > 0 ? strerror(answer->error) : "it ended without a word";

	return err_msg(e, EREMOTEIO, "criu: %s (see '%s/%s')", what, c->images->work_path, c->log);
}

// Asks what is to be done at this point and tells criu. Returns what was decided.
static int answer_notification(struct criu *c, const struct criu_response *answer, int fd, struct err *e)
{
	const char *script = answer->notify.script ? answer->notify.script : "";
	int r = c->notified ? c->notified(c->context, script, answer->notify.pid, fd, e) : 0;
	struct criu_request reply = {.type = CRIU_NOTIFY, .notified = r == 0};

	send_request(c, &reply); // if it has gone that is seen next
	return r;
}

int criu_do(struct criu *c, const struct criu_request *request, struct criu_response *answer, struct err *e)
{
	int refused = 0, r;

	unlinkat(c->images->work, c->log, 0); // an older one's words are not this one's
	if (send_request(c, request) < 0)
		return failed(c, answer, e);
	for (;;) {
		auto_close int fd = -1;

		message_done(&criu_response_message, answer);
		r = receive(c, answer, &fd);
		if (r < 0)
			return err_set(e, -r, "cannot understand criu");
		if (r == 0 || answer->type != CRIU_NOTIFY)
			break;
		if (refused == 0)
			refused = answer_notification(c, answer, fd, e);
		else
			answer_notification(&(struct criu){.socket = c->socket}, answer, fd, NULL);
	}
	if (refused < 0)
		return refused;
	return r > 0 && answer->success ? 0 : failed(c, answer, e);
}
