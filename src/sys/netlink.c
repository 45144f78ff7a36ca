// Network interfaces through rtnetlink(7): see sys/netlink.h.
#include "sys/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"

enum { MESSAGE_MAX = 1024 };

struct message {
	union {
		struct nlmsghdr header;
		char bytes[MESSAGE_MAX];
	};
};

static void message_start(struct message *m, unsigned short type, unsigned short flags, const void *body, size_t size)
{
	*m = (struct message){.header = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags}};
	m->header.nlmsg_len = (unsigned)NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&m->header), body, size);
}

// Appends an attribute. All of ours together are far below MESSAGE_MAX (the length of names is checked).
static void message_add(struct message *m, unsigned short type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)(m->bytes + NLMSG_ALIGN(m->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	m->header.nlmsg_len = (unsigned)(NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static int message_exchange(struct message *m)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	union {
		struct nlmsghdr header;
		char bytes[4096];
	} answer;

	if (fd < 0 || sendto(fd, m, m->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	ssize_t n = recv(fd, &answer, sizeof(answer), 0);
	if (n < 0)
		return -errno;
	if ((size_t)n < NLMSG_LENGTH(sizeof(struct nlmsgerr)) || answer.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return ((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
}

static int message_finish(struct message *m, struct err *e, const char *what, const char *name)
{
	int r = message_exchange(m);

	return r < 0 ? err_set(e, -r, "cannot %s '%s'", what, name) : 0;
}

static int index_of(const char *name, int *index, struct err *e)
{
	*index = (int)if_nametoindex(name);
	return *index ? 0 : err_set(e, ENODEV, "no network interface '%s'", name);
}

static int check_interface_name(const char *name, struct err *e)
{
	bool good =
	    *name && strlen(name) < IFNAMSIZ && !strchr(name, '/') && !str_equal(name, ".") && !str_equal(name, "..");

	return good ? 0 : err_msg(e, EINVAL, "invalid name of a network interface '%s'", name);
}

// A request about the existing interface NAME.
static int link_request(struct message *m, const char *name, struct err *e)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	int r = index_of(name, &info.ifi_index, e);

	if (r == 0)
		message_start(m, RTM_NEWLINK, 0, &info, sizeof(info));
	return r;
}

int netlink_set_up(const char *name, struct err *e)
{
	// netdevice(7): any socket will do, and a container's loopback is up after two calls, without a message and its
	// answer
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	int r = fd < 0 ? -1 : ioctl(fd, SIOCGIFFLAGS, &request);
	request.ifr_flags |= IFF_UP;
	if (r == 0)
		r = ioctl(fd, SIOCSIFFLAGS, &request);
	return r < 0 ? err_set(e, errno, "cannot set up network interface '%s'", name) : 0;
}

int netlink_move(const char *name, int netns_fd, const char *new_name, struct err *e)
{
	struct message m;
	const char *there = new_name ? new_name : name;
	int r = check_interface_name(there, e);

	if (r == 0)
		r = link_request(&m, name, e);
	if (r < 0)
		return r;
	message_add(&m, IFLA_NET_NS_FD, &netns_fd, sizeof(netns_fd));
	message_add(&m, IFLA_IFNAME, there, strlen(there) + 1);
	return message_finish(&m, e, "move network interface", name);
}

static int parse_address(const char *text, int *family, unsigned char bytes[16], size_t *size)
{
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	*size = *family == AF_INET ? 4 : 16;
	return inet_pton(*family, text, bytes) == 1 ? 0 : -EINVAL;
}

int netlink_add_address(const char *name, const char *address, struct err *e)
{
	auto_free char *text = mem_strdup(address);
	char *slash = strchr(text, '/');
	unsigned char bytes[16];
	struct message m;
	int family, index;
	size_t size;
	uint64_t prefix = 0;

	if (slash)
		*slash = '\0';
	if (!slash || str_to_u64(slash + 1, &prefix) < 0 || parse_address(text, &family, bytes, &size) < 0 ||
	    prefix > size * 8)
		return err_msg(e, EINVAL, "invalid address '%s' (for example 10.0.0.2/24)", address);
	int r = index_of(name, &index, e);
	if (r < 0)
		return r;
	struct ifaddrmsg body = {
		.ifa_family = (unsigned char)family, .ifa_prefixlen = (unsigned char)prefix, .ifa_index = (unsigned)index};
	message_start(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	message_add(&m, IFA_LOCAL, bytes, size);
	message_add(&m, IFA_ADDRESS, bytes, size);
	return message_finish(&m, e, "add an address to network interface", name);
}

static void add_address(const struct nlmsghdr *header, int index, struct strv *addresses)
{
	const struct ifaddrmsg *body = NLMSG_DATA(header);
	int left = (int)IFA_PAYLOAD(header);
	const void *local = NULL, *address = NULL;
	char text[INET6_ADDRSTRLEN];

	if (body->ifa_index != (unsigned)index || body->ifa_scope >= RT_SCOPE_LINK || !(body->ifa_flags & IFA_F_PERMANENT))
		return;
	for (const struct rtattr *a = IFA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFA_LOCAL)
			local = RTA_DATA(a);
		if (a->rta_type == IFA_ADDRESS)
			address = RTA_DATA(a);
	}
	if ((local || address) && inet_ntop(body->ifa_family, local ? local : address, text, sizeof(text)))
		strv_addf(addresses, "%s/%u", text, body->ifa_prefixlen);
}

static int hear_addresses(int fd, int index, struct strv *addresses)
{
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} answer;

	for (;;) {
		ssize_t n = recv(fd, &answer, sizeof(answer), 0);
		if (n < 0)
			return -errno;
		int left = (int)n;
		for (const struct nlmsghdr *h = &answer.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (h->nlmsg_type == RTM_NEWADDR)
				add_address(h, index, addresses);
		}
	}
}

int netlink_addresses(const char *name, struct strv *addresses, struct err *e)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct ifaddrmsg body = {.ifa_family = AF_UNSPEC};
	struct message m;
	int index;
	int r = index_of(name, &index, e);

	if (r < 0)
		return r;
	message_start(&m, RTM_GETADDR, NLM_F_DUMP, &body, sizeof(body));
	if (fd < 0 || sendto(fd, &m, m.header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return err_set(e, errno, "cannot ask for the addresses of network interface '%s'", name);
	r = hear_addresses(fd, index, addresses);
	return r < 0 ? err_set(e, -r, "cannot read the addresses of network interface '%s'", name) : 0;
}
