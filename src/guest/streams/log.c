// Reads guests' serial logs.
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/definition/facts.h"
#include "guest/guests.h"
#include "guest/vir/vir.h"
#include "sys/write.h"

enum { TAIL_BYTES = 64 * 1024 };

int serial_log_open(struct guests *g, const char *uuid, char **path, struct err *e)
{
	struct call c;
	struct domain_facts f = {0};
	int r = call_begin(&c, g, uuid, e);

	if (r < 0)
		return r;
	r = domain_read_facts(c.domain, 0, &f, NULL, e);
	if (r == 0 && !f.serial_log)
		r = err_msg(
		    e, EOPNOTSUPP,
		    "guest '%s' has no serial log (its serial device needs a <log file='…'/>; guests created by hostel have "
		    "one)",
		    c.name);
	else if (r == 0 && !g->local)
		r = err_msg(e, EOPNOTSUPP,
		            "the serial log of guest '%s' is on another host (run hostel there, or with --" OPTION_HOST ")",
		            c.name);
	if (r == 0 && (r = open(f.serial_log, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0) {
		r = errno == ENOENT
		        ? err_msg(e, ENOENT, "guest '%s' has not written to '%s' yet (was it ever started?)", c.name,
		                  f.serial_log)
		        : err_set(e, errno, "cannot read the serial log of guest '%s', '%s'", c.name, f.serial_log);
		if (r == -EACCES)
			err_hint(e, "libvirt writes it as root: use sudo");
	}
	if (r >= 0)
		*path = steal(f.serial_log);
	domain_facts_done(&f);
	call_end(g, &c);
	return r;
}

int guests_read_log_tail(struct guests *g, const char *uuid, struct str *text, struct err *e)
{
	auto_free char *path = NULL;
	auto_close int fd = serial_log_open(g, uuid, &path, e);
	auto_free char *room = mem_new(TAIL_BYTES + 1);
	struct stat st;

	if (fd < 0)
		return fd;
	off_t from = fstat(fd, &st) == 0 && st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0;
	ssize_t n = pread(fd, room, TAIL_BYTES, from);
	if (n < 0)
		return err_set(e, errno, "cannot read '%s'", path);
	const char *first = from ? memchr(room, '\n', (size_t)n) : NULL; // skips the truncated first line
	size_t skip = first ? (size_t)(first + 1 - room) : 0;
	str_add_bytes(text, room + skip, (size_t)n - skip);
	return 0;
}

// --- to standard output ---

// The offset at which the last LINES lines begin.
static off_t tail_start(int fd, off_t size, int64_t lines)
{
	char room[4096];
	off_t at = size;
	bool at_end = true; // the newline at the end of the last line does not separate two lines

	while (at > 0) {
		size_t n = at > (off_t)sizeof(room) ? sizeof(room) : (size_t)at;
		ssize_t got = pread(fd, room, n, at - (off_t)n);
		if (got <= 0)
			return at;
		for (ssize_t i = got - 1; i >= 0; i--) {
			if (room[i] == '\n' && !at_end && --lines <= 0)
				return at - got + i + 1;
			at_end = false;
		}
		at -= got;
	}
	return 0;
}

static int log_copy_new(int fd, off_t *at, struct err *e)
{
	char room[16384];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = pread(fd, room, sizeof(room), *at)) > 0) {
		r = write_output(STDOUT_FILENO, room, (size_t)n, e);
		*at += n;
	}
	return r;
}

// After a rotation, PATH is a different file, or the same file truncated.
static void log_reopen(int *fd, const char *path, off_t *at)
{
	struct stat now, ours;
	bool there = stat(path, &now) == 0;

	if (fstat(*fd, &ours) < 0 || !there)
		return;
	if (now.st_ino == ours.st_ino && now.st_dev == ours.st_dev) {
		*at = ours.st_size < *at ? 0 : *at;
		return;
	}
	int fresh = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fresh >= 0) {
		close(*fd);
		*fd = fresh;
		*at = 0;
	}
}

static bool guest_is_off(struct guests *g, const char *uuid)
{
	struct call c;
	struct err ignored;

	if (call_begin(&c, g, uuid, &ignored) < 0)
		return ignored.code == ENOENT;
	bool over = vir.DomainIsActive(c.domain) == 0;
	call_end(g, &c);
	return over;
}

// Follows the log until the guest is off, then reads the rest once more.
static int log_follow(struct guests *g, const char *uuid, int *fd, const char *path, off_t *at, struct err *e)
{
	auto_close int events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char ignored[4096];

	if (events < 0 || inotify_add_watch(events, path, IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF) < 0)
		return err_set(e, errno, "cannot watch '%s'", path);
	for (bool last = false;;) {
		int r = log_copy_new(*fd, at, e);
		if (r < 0 || last)
			return r == -EPIPE ? 0 : r;
		struct pollfd p[] = {{events, POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
		int n = poll(p, 2, 1000);
		if (p[1].revents & (POLLERR | POLLHUP)) // the reader has gone
			return 0;
		while (read(events, ignored, sizeof(ignored)) > 0)
			;
		if (n == 0) {
			log_reopen(fd, path, at);
			inotify_add_watch(events, path, IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF);
			last = guest_is_off(g, uuid);
		}
	}
}

int guests_logs(struct guests *g, const char *uuid, const struct params *p, struct err *e)
{
	const char *tail = p ? params_get(p, PARAM_TAIL) : NULL;
	auto_free char *path = NULL;
	int64_t lines = 0;
	struct stat st;
	off_t at = 0;

	if (tail && (str_to_i64(tail, &lines) < 0 || lines < 0))
		return err_msg(e, EINVAL, "invalid number of lines '%s' (for example 10)", tail);
	if (p && (params_get(p, PARAM_SINCE) || params_get(p, PARAM_UNTIL) || params_get(p, PARAM_TIMESTAMPS)))
		return err_msg(e, EOPNOTSUPP, "a serial log has no timestamps (use --" PARAM_TAIL ")");
	if (p && params_get(p, PARAM_GREP))
		return err_msg(e, EOPNOTSUPP, "a serial log cannot be filtered (pass it to grep(1))");
	auto_close int fd = serial_log_open(g, uuid, &path, e);
	if (fd < 0)
		return fd;
	if (tail && fstat(fd, &st) == 0)
		at = lines ? tail_start(fd, st.st_size, lines) : st.st_size;
	int r = log_copy_new(fd, &at, e);
	if (r == 0 && p && params_get(p, PARAM_FOLLOW))
		r = log_follow(g, uuid, &fd, path, &at, e);
	return r == -EPIPE ? 0 : r;
}
