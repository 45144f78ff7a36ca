// Network interfaces through rtnetlink(7): see sys/netlink.h.
#include "sys/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
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

bool netlink_is_up(const char *name)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_UP;
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

// A row of a dump: a message of the kernel.
typedef void netlink_row(void *context, const struct nlmsghdr *header);

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

struct address_dump {
	int index; // of the interface
	struct strv *addresses;
};

static void add_address(void *context, const struct nlmsghdr *header)
{
	const struct address_dump *dump = context;
	const struct ifaddrmsg *body = NLMSG_DATA(header);
	int left = (int)IFA_PAYLOAD(header);
	const void *local = NULL, *address = NULL;
	char text[INET6_ADDRSTRLEN];

	if (body->ifa_index != (unsigned)dump->index || body->ifa_scope >= RT_SCOPE_LINK ||
	    !(body->ifa_flags & IFA_F_PERMANENT))
		return;
	for (const struct rtattr *a = IFA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFA_LOCAL)
			local = RTA_DATA(a);
		if (a->rta_type == IFA_ADDRESS)
			address = RTA_DATA(a);
	}
	if ((local || address) && inet_ntop(body->ifa_family, local ? local : address, text, sizeof(text)))
		strv_addf(dump->addresses, "%s/%u", text, body->ifa_prefixlen);
}

// Sends the dump request M, and calls ADD for each answer of type WANTED.
static int message_dump(struct message *m, unsigned short wanted, netlink_row *add, void *context)
{
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	union {
		struct nlmsghdr header;
		char bytes[32768]; // the kernel fills at most this much, whatever the request
	} answer;

	if (fd < 0 || sendto(fd, m, m->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
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
			if (h->nlmsg_type == wanted)
				add(context, h);
		}
	}
}

int netlink_addresses(const char *name, struct strv *addresses, struct err *e)
{
	struct ifaddrmsg body = {.ifa_family = AF_UNSPEC};
	struct address_dump dump = {.addresses = addresses};
	struct message m;
	int r = index_of(name, &dump.index, e);

	if (r < 0)
		return r;
	message_start(&m, RTM_GETADDR, NLM_F_DUMP, &body, sizeof(body));
	r = message_dump(&m, RTM_NEWADDR, add_address, &dump);
	return r < 0 ? err_set(e, -r, "cannot read the addresses of network interface '%s'", name) : 0;
}

// --- bridges and virtual Ethernet ---

// Starts an attribute that contains others; nest_end() sets its length.
static struct rtattr *nest_start(struct message *m, unsigned short type)
{
	struct rtattr *a = (struct rtattr *)(m->bytes + NLMSG_ALIGN(m->header.nlmsg_len));

	message_add(m, type, NULL, 0);
	return a;
}

static void nest_end(const struct message *m, struct rtattr *a)
{
	a->rta_len = (unsigned short)(m->bytes + m->header.nlmsg_len - (const char *)a);
}

// A request for a new interface NAME, up and in GROUP. The group is set together with the interface, so that a
// search for leftovers recognises it from its first moment.
static int new_link(struct message *m, const char *name, uint32_t group, struct err *e)
{
	struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	int r = check_interface_name(name, e);

	if (r < 0)
		return r;
	message_start(m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	message_add(m, IFLA_IFNAME, name, strlen(name) + 1);
	message_add(m, IFLA_GROUP, &group, sizeof(group));
	return 0;
}

// Without an address of its own, a bridge has that of one of its ports, which changes with them: neighbours would keep
// sending to the old one.
int netlink_add_bridge(const char *name, const unsigned char mac[6], uint32_t group, struct err *e)
{
	struct message m;
	int r = new_link(&m, name, group, e);

	if (r < 0)
		return r;
	message_add(&m, IFLA_ADDRESS, mac, 6);
	struct rtattr *info = nest_start(&m, IFLA_LINKINFO);
	message_add(&m, IFLA_INFO_KIND, "bridge", strlen("bridge"));
	nest_end(&m, info);
	return message_finish(&m, e, "create bridge", name);
}

static void add_peer(struct message *m, const char *name, const unsigned char mac[6], int netns_fd)
{
	struct rtattr *info = nest_start(m, IFLA_LINKINFO);
	message_add(m, IFLA_INFO_KIND, "veth", strlen("veth"));
	struct rtattr *data = nest_start(m, IFLA_INFO_DATA);
	struct rtattr *peer = nest_start(m, VETH_INFO_PEER);
	struct ifinfomsg body = {.ifi_family = AF_UNSPEC}; // cannot be up before the pair is complete

	memcpy(m->bytes + m->header.nlmsg_len, &body, sizeof(body));
	m->header.nlmsg_len += NLMSG_ALIGN(sizeof(body));
	message_add(m, IFLA_IFNAME, name, strlen(name) + 1);
	message_add(m, IFLA_ADDRESS, mac, 6);
	message_add(m, IFLA_NET_NS_FD, &netns_fd, sizeof(netns_fd));
	nest_end(m, peer);
	nest_end(m, data);
	nest_end(m, info);
}

int netlink_add_veth(const char *name, uint32_t group, const char *master, const char *peer,
                     const unsigned char mac[6], int netns_fd, struct err *e)
{
	struct message m;
	int index = 0;
	int r = check_interface_name(peer, e);

	if (r == 0 && master)
		r = index_of(master, &index, e);
	if (r == 0)
		r = new_link(&m, name, group, e);
	if (r < 0)
		return r;
	if (master)
		message_add(&m, IFLA_MASTER, &index, sizeof(index));
	add_peer(&m, peer, mac, netns_fd);
	return message_finish(&m, e, "create network interface", name);
}

int netlink_set_master(const char *name, const char *master, struct err *e)
{
	struct message m;
	int index;
	int r = index_of(master, &index, e);

	if (r == 0)
		r = link_request(&m, name, e);
	if (r < 0)
		return r;
	message_add(&m, IFLA_MASTER, &index, sizeof(index));
	return message_finish(&m, e, "connect to its bridge network interface", name);
}

int netlink_set_mtu(const char *name, uint32_t bytes, struct err *e)
{
	struct message m;
	int r = link_request(&m, name, e);

	if (r < 0)
		return r;
	message_add(&m, IFLA_MTU, &bytes, sizeof(bytes));
	return message_finish(&m, e, "set the packet size of network interface", name);
}

int netlink_set_hairpin(const char *name, struct err *e)
{
	const unsigned char on = 1;
	struct message m;
	int r = link_request(&m, name, e);

	if (r < 0)
		return r;
	struct rtattr *info = nest_start(&m, IFLA_LINKINFO);
	message_add(&m, IFLA_INFO_SLAVE_KIND, "bridge", strlen("bridge"));
	struct rtattr *data = nest_start(&m, IFLA_INFO_SLAVE_DATA);
	message_add(&m, IFLA_BRPORT_MODE, &on, sizeof(on));
	nest_end(&m, data);
	nest_end(&m, info);
	return message_finish(&m, e, "set hairpin mode of network interface", name);
}

int netlink_delete(const char *name, struct err *e)
{
	struct message m;
	int r = link_request(&m, name, e);

	m.header.nlmsg_type = RTM_DELLINK;
	return r < 0 ? r : message_finish(&m, e, "delete network interface", name);
}

int netlink_add_default_route(const char *gateway, struct err *e)
{
	struct rtmsg body = {.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
	                     .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
	struct message m;
	unsigned char bytes[16];
	size_t size;
	int family;

	if (parse_address(gateway, &family, bytes, &size) < 0)
		return err_msg(e, EINVAL, "invalid address '%s'", gateway);
	body.rtm_family = (unsigned char)family;
	message_start(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
	message_add(&m, RTA_GATEWAY, bytes, size);
	return message_finish(&m, e, "add a default route through", gateway);
}

struct group_dump {
	uint32_t group;
	struct strv *names;
};

static void add_of_group(void *context, const struct nlmsghdr *header)
{
	const struct group_dump *dump = context;
	const struct ifinfomsg *body = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);
	const char *name = NULL;
	uint32_t group = 0;

	for (const struct rtattr *a = IFLA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == IFLA_IFNAME)
			name = RTA_DATA(a);
		if (a->rta_type == IFLA_GROUP)
			memcpy(&group, RTA_DATA(a), sizeof(group));
	}
	if (name && group == dump->group)
		strv_add(dump->names, name);
}

int netlink_group(uint32_t group, struct strv *names, struct err *e)
{
	struct ifinfomsg body = {.ifi_family = AF_UNSPEC};
	struct group_dump dump = {group, names};
	struct message m;

	message_start(&m, RTM_GETLINK, NLM_F_DUMP, &body, sizeof(body));
	int r = message_dump(&m, RTM_NEWLINK, add_of_group, &dump);
	return r < 0 ? err_set(e, -r, "cannot list the network interfaces") : 0;
}

static void note_master(void *context, const struct nlmsghdr *header)
{
	const struct ifinfomsg *body = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);

	for (const struct rtattr *a = IFLA_RTA(body); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_MASTER)
			memcpy(context, RTA_DATA(a), sizeof(unsigned));
}

char *netlink_master(const char *name)
{
	struct err ignored;
	struct message m;
	unsigned master = 0;
	char text[IF_NAMESIZE];

	if (link_request(&m, name, &ignored) < 0)
		return NULL;
	m.header.nlmsg_type = RTM_GETLINK;
	message_dump(&m, RTM_NEWLINK, note_master, &master); // one answer, and the acknowledgement
	return master && if_indextoname(master, text) ? mem_strdup(text) : NULL;
}
