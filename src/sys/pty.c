// Pseudo-terminals and descriptor passing: see sys/pty.h.
#include "sys/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

// A devpts has only the kernel's own files; mounts on top of it are not entered.
static int open_ptmx(int devpts)
{
	struct open_how how = {.flags = O_RDWR | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
	long fd = syscall(SYS_openat2, devpts, "ptmx", &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	return (int)fd;
}

int pty_open(int devpts, struct err *e)
{
	int unlock = 0;
	int fd = devpts < 0 ? open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) : open_ptmx(devpts);

	if (fd < 0)
		return err_set(e, errno, "cannot open a new terminal (ptmx)");
	if (ioctl(fd, TIOCSPTLCK, &unlock) < 0) {
		int code = errno;

		close(fd);
		return err_set(e, code, "cannot unlock a new terminal");
	}
	return fd;
}

int pty_peer(int master, struct err *e)
{
	int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(e, errno, "cannot open the terminal's other end");
}

int pty_control(int fd, struct err *e)
{
	return ioctl(fd, TIOCSCTTY, 0) == 0 ? 0 : err_set(e, errno, "cannot make the terminal the controlling one");
}

int pty_set_size(int fd, unsigned columns, unsigned rows)
{
	struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

	return ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int pty_get_size(int fd, unsigned *columns, unsigned *rows)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	*columns = size.ws_col;
	*rows = size.ws_row;
	return 0;
}

int pty_raw(int fd, struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(fd, saved) < 0)
		return -errno;
	raw = *saved;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSANOW, &raw) < 0 ? -errno : 0;
}

int pty_lines(int fd, char key, struct termios *saved)
{
	struct termios lines;

	if (tcgetattr(fd, saved) < 0)
		return -errno;
	lines = *saved;
	lines.c_cc[VEOL] = (cc_t)key;
	return tcsetattr(fd, TCSANOW, &lines) < 0 ? -errno : 0;
}

void pty_restore(int fd, const struct termios *saved)
{
	tcsetattr(fd, TCSADRAIN, saved);
}

int fd_send(int socket, int fd, const char *text)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	control.header = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int fd_receive(int socket, char *text, size_t size)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = text, .iov_len = size - 1};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int fd = -EPROTO;

	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -EPIPE;
	text[n] = '\0';
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

static int connect_by(int flags, const char *path, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	auto_close int place = open(path, O_PATH | O_CLOEXEC);

	if (place < 0)
		return err_set(e, errno, "cannot open socket '%s'", path);
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", place);
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_set(e, errno, "cannot connect to socket '%s'", path);
	return steal_fd(&fd);
}

int fd_connect(const char *path, struct err *e)
{
	return connect_by(0, path, e);
}

int fd_connect_now(const char *path, struct err *e)
{
	return connect_by(SOCK_NONBLOCK, path, e);
}
