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
#include "container/networks.h"
#include "sys/proc.h"

enum {
	CHOICES = 16, // of a free port
	DNS_PORT = 53,
};

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

// The name of QEMU's guest, from its arguments (N bytes): "-name guest=web,debug-threads=on". Owned; NULL: not QEMU.
static char *guest_name(const char *arguments, size_t n)
{
	static const char option[] = "\0-name\0guest=";
	const char *found = memmem(arguments, n, option, sizeof(option) - 1);
	const char *name = found ? found + sizeof(option) - 1 : NULL;

	return name ? mem_strndup(name, strcspn(name, ",")) : NULL;
}

// "container 'web'", "guest 'vm'" or "process 123 (nginx)". A monitor's first argument is the directory of its
// container.
static char *describe_process(const char *pid)
{
	auto_free char *comm_path = mem_printf("/proc/%s/comm", pid), *line_path = mem_printf("/proc/%s/cmdline", pid);
	char comm[64] = "", line[4096] = "";

	proc_read_file(comm_path, comm, sizeof(comm));
	comm[strcspn(comm, "\n")] = '\0';
	ssize_t n = proc_read_file(line_path, line, sizeof(line));
	size_t first = strlen(line) + 1;
	const char *slash = str_equal(comm, "hostel-monitor") && n > (ssize_t)first ? strrchr(line + first, '/') : NULL;
	auto_free char *shown = str_visible(comm), *guest = n > 0 ? guest_name(line, (size_t)n) : NULL;
	return slash   ? mem_printf("container '%s'", slash + 1)
	       : guest ? mem_printf("guest '%s'", guest)
	               : mem_printf("process %s (%s)", pid, shown);
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

// An IPv6 socket may serve both families.
static char *find_holder(const struct port *p, bool ipv6)
{
	static const char *const tables[][2] = {{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"},
	                                        {"/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"}};
	unsigned long inode = ipv6 ? 0 : find_socket(tables[p->udp][0], p->outside);

	if (!inode)
		inode = find_socket(tables[p->udp][1], p->outside);
	return inode ? find_process(inode) : NULL;
}

// --- binding ---

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

static union address address_of(const struct port *p, bool ipv6)
{
	union address a = {0};

	if (!ipv6) {
		a.ipv4 = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_port = htons(p->outside), .sin_addr = {htonl(p->address)}};
		return a;
	}
	a.ipv6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(p->outside)};
	memcpy(&a.ipv6.sin6_addr, p->address6, sizeof(p->address6));
	return a;
}

// What the rules do not translate is relayed: see relay.h. An ordinary user has no rules on this host.
static bool is_relayed(const struct port *p, bool ipv6)
{
	return geteuid() != 0 || ipv6 || !p->address || p->address >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

// Relayed connections of a previous run may linger, so the port can be bound again only with SO_REUSEADDR; listening
// then keeps other programs away.
static int bind_socket(int fd, const struct port *p, bool ipv6)
{
	union address at = address_of(p, ipv6);
	bool listens = !p->udp && is_relayed(p, ipv6);
	int on = 1;

	if (ipv6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (listens)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &at.any, ipv6 ? sizeof(at.ipv6) : sizeof(at.ipv4)) < 0)
		return -errno;
	return listens && listen(fd, SOMAXCONN) < 0 ? -errno : 0;
}

static int claim_failed(const struct port *p, bool ipv6, int code, struct err *e)
{
	auto_free char *text = port_text(p), *holder = code == EADDRINUSE ? find_holder(p, ipv6) : NULL;

	if (holder) {
		err_msg(e, code, "cannot publish port %s: %u is in use by %s", text, p->outside, holder);
		return p->outside != DNS_PORT || !port_is_of_all(p) ? -code :
			err_hint(e, "the networks' DNS servers use it on their addresses; publish on another one: ADDRESS:53:53");
	}
	if (code == EADDRNOTAVAIL)
		return err_msg(e, code, "cannot publish port %s: this host has no such address", text);
	err_set(e, code, "cannot publish port %s", text);
	return code == EACCES ? err_hint(e, "ports below 1024 need root") : -code;
}

// A host without IPv6 has no addresses to publish a port on.
static int claim_family(struct port_claims *claims, const struct port *p, bool ipv6, struct err *e)
{
	auto_close int fd =
		socket(ipv6 ? AF_INET6 : AF_INET, (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : bind_socket(fd, p, ipv6);

	if (ipv6 && p->family == PORT_BOTH && (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL))
		return 0;
	if (r < 0)
		return claim_failed(p, ipv6, -r, e);
	claims->items = mem_resize(claims->items, claims->count + 1, sizeof(*claims->items));
	claims->items[claims->count++] = (struct port_claim){steal_fd(&fd), p->inside, p->udp, is_relayed(p, ipv6)};
	return 0;
}

static void drop_claims(struct port_claims *claims, size_t from)
{
	while (claims->count > from)
		close(claims->items[--claims->count].fd);
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_in at = {0};

	getsockname(fd, (struct sockaddr *)&at, &(socklen_t){sizeof(at)});
	return ntohs(at.sin_port);
}

// The kernel chooses a free port if that of IPv4 is 0.
static int claim_port(struct port_claims *claims, struct port *p, struct err *e)
{
	size_t before = claims->count;
	int r = p->family != PORT_IPV6 ? claim_family(claims, p, false, e) : 0;

	if (r == 0 && !p->outside)
		p->outside = bound_port(claims->items[claims->count - 1].fd);
	if (r == 0 && p->family != PORT_IPV4 && !p->address)
		r = claim_family(claims, p, true, e);
	if (r < 0)
		drop_claims(claims, before);
	return r;
}

// A port that is free for IPv4 may be in use for IPv6.
static int choose_port(struct port_claims *claims, struct port *p, struct err *e)
{
	int r = -EADDRINUSE;

	for (int i = 0; i < CHOICES && r == -EADDRINUSE; i++) {
		p->outside = 0;
		r = claim_port(claims, p, e);
	}
	return r;
}

int ports_claim(struct ports *p, struct port_claims *claims, struct err *e)
{
	int r = 0;

	*claims = (struct port_claims){0};
	for (size_t i = 0; r == 0 && i < p->count; i++)
		r = p->items[i].outside ? claim_port(claims, &p->items[i], e) : choose_port(claims, &p->items[i], e);
	if (r < 0)
		port_claims_done(claims);
	return r;
}

int containers_check_ports(struct ports *ports, struct err *e)
{
	struct port_claims claims;
	int r = ports_claim(ports, &claims, e);

	port_claims_done(&claims);
	return r;
}

void port_claims_done(struct port_claims *claims)
{
	drop_claims(claims, 0);
	free(claims->items);
	*claims = (struct port_claims){0};
}
