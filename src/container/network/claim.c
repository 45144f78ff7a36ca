// Claiming ports: see claim.h.
#include "claim.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

// The inode of a socket that is bound to PORT, from a table of proc_pid_net(5). 0 if there is none.
static unsigned long find_socket(const char *path, unsigned port)
{
	FILE *table = fopen(path, "re");
	char line[512];
	unsigned long found = 0;

	while (table && !found && fgets(line, sizeof(line), table)) {
		unsigned local;
		unsigned long inode;
		if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*s %*s %lu", &local, &inode) == 2 &&
		    local == port)
			found = inode;
	}
	if (table)
		fclose(table);
	return found;
}

static bool has_socket(const char *pid, const char *wanted)
{
	auto_free char *path = mem_printf("/proc/%s/fd", pid);
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;
	char target[64];

	while (dir && !found && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = str_equal(target, wanted);
	}
	if (dir)
		closedir(dir);
	return found;
}

// "container 'web'" or "process 123 (nginx)". A monitor's first argument is the directory of its container.
static char *describe_process(const char *pid)
{
	auto_free char *comm_path = mem_printf("/proc/%s/comm", pid), *line_path = mem_printf("/proc/%s/cmdline", pid);
	char comm[64] = "", line[4096] = "";

	proc_read_file(comm_path, comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	ssize_t n = proc_read_file(line_path, line, sizeof(line));
	size_t first = strlen(line) + 1;
	const char *slash = str_equal(comm, "hostel-monitor") && n > (ssize_t)first ? strrchr(line + first, '/') : NULL;
	auto_free char *shown = str_visible(comm);
	return slash ? mem_printf("container '%s'", slash + 1) : mem_printf("process %s (%s)", pid, shown);
}

// The process with the socket INODE. Owned; NULL if none is found.
static char *find_process(unsigned long inode)
{
	auto_free char *wanted = mem_printf("socket:[%lu]", inode);
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char *found = NULL;

	while (proc && !found && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) && has_socket(entry->d_name, wanted))
			found = describe_process(entry->d_name);
	if (proc)
		closedir(proc);
	return found;
}

static char *find_holder(const struct port *p)
{
	static const char *const tables[][2] = {{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"},
	                                        {"/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"}};
	unsigned long inode = find_socket(tables[p->udp][0], p->outside);

	if (!inode)
		inode = find_socket(tables[p->udp][1], p->outside);
	return inode ? find_process(inode) : NULL;
}

static int claim_port(const struct port *p, struct err *e)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(p->outside), .sin_addr = {htonl(p->address)}};
	auto_close int fd = socket(AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return steal_fd(&fd);
	int code = errno;
	auto_free char *text = port_text(p), *holder = code == EADDRINUSE ? find_holder(p) : NULL;
	if (holder)
		return err_msg(e, code, "cannot publish port %s: %u is in use by %s", text, p->outside, holder);
	err_set(e, code, "cannot publish port %s", text);
	return code == EACCES ? err_hint(e, "ports below 1024 need root") : -code;
}

int ports_claim(const struct ports *p, int *sockets, struct err *e)
{
	for (size_t i = 0; i < p->count; i++) {
		sockets[i] = claim_port(&p->items[i], e);
		for (size_t k = 0; sockets[i] < 0 && k < i; k++)
			auto_close_run(&sockets[k]);
		if (sockets[i] < 0)
			return sockets[i];
	}
	return 0;
}
