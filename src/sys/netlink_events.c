// Changes that the kernel announces: see sys/netlink_events.h.
#include "sys/netlink_events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

// Announcing a change of the rules of 100 containers takes half a megabyte. An empty queue takes no memory.
enum { FILTER_MOST = 64, MESSAGES_MAX = 32768, QUEUE = 16 << 20 };

static int listen_to(int protocol, int group)
{
	struct sockaddr_nl own = {.nl_family = AF_NETLINK};
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&own, sizeof(own)) < 0 ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	return steal_fd(&fd);
}

int netlink_listen_links(void)
{
	return listen_to(NETLINK_ROUTE, RTNLGRP_LINK);
}

// Lost messages would make it look as if rules were missing.
int netlink_listen_rules(void)
{
	int fd = listen_to(NETLINK_NETFILTER, NFNLGRP_NFTABLES);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &(int){QUEUE}, sizeof(int)); // fails without CAP_NET_ADMIN
	return fd;
}

int netlink_listen_traces(void)
{
	return listen_to(NETLINK_NETFILTER, NFNLGRP_NFTRACE);
}

// Each announcement of an interface is a message of its own. The filter's words are big-endian.
void netlink_filter_links(int fd, const int *indexes, size_t count)
{
	const unsigned offset = NLMSG_HDRLEN + offsetof(struct ifinfomsg, ifi_index);
	struct sock_filter code[FILTER_MOST + 3] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)};
	unsigned short n = 1;

	if (!count || count > FILTER_MOST) {
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, sizeof(int)); // fails if there is none
		return;
	}
	for (size_t i = 0; i < count; i++) // jumps to the last statement
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl((uint32_t)indexes[i]),
		                                         (unsigned char)(count - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &(struct sock_fprog){n, code}, sizeof(struct sock_fprog));
}

int netlink_listen_deletions(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELLINK), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	int fd = netlink_listen_links();

	if (fd >= 0) // without the filter, it only wakes up more often
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &(struct sock_fprog){ARRAY_SIZE(code), code},
		           sizeof(struct sock_fprog));
	return fd;
}

// Returns the number of bytes, 0 if there is nothing, -ENOBUFS if messages were lost.
static ssize_t receive(int fd, void *buffer, size_t size)
{
	ssize_t n;

	while ((n = recv(fd, buffer, size, 0)) < 0 && errno == EINTR)
		;
	return n >= 0 ? n : errno == ENOBUFS ? -ENOBUFS : 0;
}

bool netlink_read_links(int fd)
{
	char bytes[MESSAGES_MAX];
	bool any = false;

	while (receive(fd, bytes, sizeof(bytes)) != 0)
		any = true;
	return any;
}

// --- attributes ---

static const struct rtattr *find_attribute(const void *first, int left, int type)
{
	for (const struct rtattr *a = first; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	return NULL;
}

// Whether A is the number VALUE.
static bool is_number(const struct rtattr *a, uint32_t value)
{
	uint32_t number;

	if (!a || RTA_PAYLOAD(a) != sizeof(number))
		return false;
	memcpy(&number, RTA_DATA(a), sizeof(number));
	return ntohl(number) == value;
}

static const struct rtattr *attribute_of(const struct nlmsghdr *h, int type)
{
	enum { OFFSET = NLMSG_ALIGN(sizeof(struct nfgenmsg)) };

	return find_attribute((const char *)NLMSG_DATA(h) + OFFSET, (int)NLMSG_PAYLOAD(h, OFFSET), type);
}

// --- deleted interfaces ---

static bool is_deletion_of(const struct nlmsghdr *h, const struct strv *names)
{
	enum { OFFSET = NLMSG_ALIGN(sizeof(struct ifinfomsg)) };

	if (h->nlmsg_type != RTM_DELLINK || h->nlmsg_len < NLMSG_LENGTH(OFFSET))
		return false;
	const struct rtattr *a =
		find_attribute((const char *)NLMSG_DATA(h) + OFFSET, (int)NLMSG_PAYLOAD(h, OFFSET), IFLA_IFNAME);
	auto_free char *name = a ? mem_strndup(RTA_DATA(a), RTA_PAYLOAD(a)) : mem_strdup("");
	return strv_has_sorted(names, name);
}

bool netlink_read_deletions(int fd, const struct strv *names)
{
	union {
		struct nlmsghdr header;
		char bytes[MESSAGES_MAX];
	} buffer;
	bool found = false;
	ssize_t n;

	while ((n = receive(fd, &buffer, sizeof(buffer))) != 0) {
		found |= n < 0;
		int left = (int)n;
		for (const struct nlmsghdr *h = &buffer.header; n > 0 && NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			found |= is_deletion_of(h, names);
	}
	return found;
}

// --- rules ---

// All messages of nftables have the table in the same attribute.
static bool is_about(const struct nlmsghdr *h, const char *table)
{
	const struct rtattr *a = attribute_of(h, NFTA_TABLE_NAME);
	size_t size = strlen(table) + 1;

	return a && RTA_PAYLOAD(a) == size && memcmp(RTA_DATA(a), table, size) == 0;
}

// A base chain that sees forwarded packets, as another firewall has when it starts or changes its policy.
static bool is_forward_chain(const struct nlmsghdr *h)
{
	const struct rtattr *hook = attribute_of(h, NFTA_CHAIN_HOOK);

	return hook && is_number(find_attribute(RTA_DATA(hook), (int)RTA_PAYLOAD(hook), NFTA_HOOK_HOOKNUM),
	                         NF_INET_FORWARD);
}

// Comments end with a zero byte.
static bool contains(const struct nlmsghdr *h, const char *comment)
{
	return memmem(h, h->nlmsg_len, comment, strlen(comment) + 1);
}

static bool is_deletion(int type)
{
	static const int deletions[] = {NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE, NFT_MSG_DELSET,
	                                NFT_MSG_DELSETELEM};

	for (size_t i = 0; i < ARRAY_SIZE(deletions); i++)
		if (deletions[i] == type)
			return true;
	return false;
}

// Whether H is about the table of another store, "hostel_…": replacing that must not lead to replacing this one, and
// that to replacing the other.
static bool is_sister(const struct nlmsghdr *h, const char *table)
{
	const struct rtattr *a = attribute_of(h, NFTA_TABLE_NAME);
	size_t length = strcspn(table, "_");

	return a && RTA_PAYLOAD(a) > length && memcmp(RTA_DATA(a), table, length) == 0;
}

static bool sees_ip(const struct nlmsghdr *h)
{
	int family = ((const struct nfgenmsg *)NLMSG_DATA(h))->nfgen_family;

	return family == NFPROTO_IPV4 || family == NFPROTO_IPV6 || family == NFPROTO_INET;
}

static bool concerns(const struct nlmsghdr *h, const char *table, const char *comment)
{
	int type = NFNL_MSG_TYPE(h->nlmsg_type);

	if (!sees_ip(h) || is_sister(h, table))
		return false;
	return type == NFT_MSG_NEWCHAIN ? is_forward_chain(h) : type == NFT_MSG_DELRULE && contains(h, comment);
}

static uint32_t apply_change(const struct nlmsghdr *h, const char *table, const char *comment, uint32_t damaged)
{
	int type = NFNL_MSG_TYPE(h->nlmsg_type);

	if (NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nfgenmsg)))
		return damaged;
	if (!is_about(h, table))
		return concerns(h, table, comment) ? damaged | NETLINK_RULES_OF_OTHERS : damaged;
	uint32_t family = 1u << (((const struct nfgenmsg *)NLMSG_DATA(h))->nfgen_family % 31);
	return type == NFT_MSG_NEWTABLE ? damaged & ~(family | NETLINK_RULES_OF_OTHERS)
	       : is_deletion(type)      ? damaged | family
	                                : damaged;
}

enum { REQUEST_MAX = 512 };
union answer {
	struct nlmsghdr header;
	char bytes[4096];
};

// Asks for TYPE, of the table NAME unless it is NULL. Returns whether the answer is of type WANTED.
static bool ask_nftables(unsigned char family, int type, const char *name, int wanted, union answer *answer)
{
	union {
		struct nlmsghdr header;
		char bytes[REQUEST_MAX];
	} request = {.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg)), .nlmsg_flags = NLM_F_REQUEST,
	                        .nlmsg_type = (unsigned short)(NFNL_SUBSYS_NFTABLES << 8 | type)}};
	struct rtattr *a = (struct rtattr *)(request.bytes + request.header.nlmsg_len);
	size_t size = name ? strlen(name) + 1 : 0;

	*(struct nfgenmsg *)NLMSG_DATA(&request.header) = (struct nfgenmsg){family, NFNETLINK_V0, 0};
	if (name && size < REQUEST_MAX / 2) {
		*a = (struct rtattr){(unsigned short)RTA_LENGTH(size), NFTA_TABLE_NAME};
		memcpy(RTA_DATA(a), name, size);
		request.header.nlmsg_len += RTA_ALIGN(a->rta_len);
	}
	auto_close int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0 || send(fd, &request, request.header.nlmsg_len, 0) < 0)
		return false;
	return recv(fd, answer, sizeof(*answer), 0) >= (ssize_t)NLMSG_LENGTH(sizeof(struct nfgenmsg)) &&
	       answer->header.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | wanted);
}

bool netlink_has_table(bool bridge, const char *name)
{
	union answer answer;

	return ask_nftables(bridge ? NFPROTO_BRIDGE : NFPROTO_INET, NFT_MSG_GETTABLE, name, NFT_MSG_NEWTABLE, &answer);
}

bool netlink_rules_generation(uint32_t *generation)
{
	union answer answer;
	bool answered = ask_nftables(NFPROTO_UNSPEC, NFT_MSG_GETGEN, NULL, NFT_MSG_NEWGEN, &answer);
	const struct rtattr *a = answered ? attribute_of(&answer.header, NFTA_GEN_ID) : NULL;

	if (!a || RTA_PAYLOAD(a) != sizeof(*generation))
		return false;
	memcpy(generation, RTA_DATA(a), sizeof(*generation));
	*generation = ntohl(*generation);
	return true;
}

uint32_t netlink_read_rules(int fd, const char *table, const char *comment, uint32_t damaged)
{
	union {
		struct nlmsghdr header;
		char bytes[MESSAGES_MAX];
	} buffer;
	ssize_t n;

	while ((n = receive(fd, &buffer, sizeof(buffer))) != 0) {
		if (n < 0)
			damaged = UINT32_MAX;
		int left = (int)n;
		for (const struct nlmsghdr *h = &buffer.header; n > 0 && NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			damaged = apply_change(h, table, comment, damaged);
	}
	return damaged;
}

// --- traces ---

static const char *family_name(int family)
{
	static const struct {
		int family;
		const char *name;
	} names[] = {{NFPROTO_IPV4, "ip"}, {NFPROTO_IPV6, "ip6"}, {NFPROTO_INET, "inet"}, {NFPROTO_BRIDGE, "bridge"},
	             {NFPROTO_NETDEV, "netdev"}, {NFPROTO_ARP, "arp"}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].family == family)
			return names[i].name;
	return "";
}

static char *text_of(const struct rtattr *a)
{
	return a ? mem_strndup(RTA_DATA(a), RTA_PAYLOAD(a)) : mem_strdup("");
}

// A rule has a verdict, the end of a base chain a policy.
static bool is_drop(const void *first, int left)
{
	const struct rtattr *verdict = find_attribute(first, left, NFTA_TRACE_VERDICT);
	const struct rtattr *code =
	    verdict ? find_attribute(RTA_DATA(verdict), (int)RTA_PAYLOAD(verdict), NFTA_VERDICT_CODE) : NULL;

	return is_number(code, NF_DROP) || is_number(find_attribute(first, left, NFTA_TRACE_POLICY), NF_DROP);
}

static bool read_trace(const struct nlmsghdr *h, struct netlink_drop *d)
{
	const int size = NLMSG_ALIGN(sizeof(struct nfgenmsg));
	const char *first = (const char *)NLMSG_DATA(h) + size;
	int left = (int)NLMSG_PAYLOAD(h, size);

	if (NFNL_SUBSYS_ID(h->nlmsg_type) != NFNL_SUBSYS_NFTABLES || NFNL_MSG_TYPE(h->nlmsg_type) != NFT_MSG_TRACE ||
	    left <= 0 || !is_drop(first, left))
		return false;
	*d = (struct netlink_drop){family_name(((const struct nfgenmsg *)NLMSG_DATA(h))->nfgen_family),
	                           text_of(find_attribute(first, left, NFTA_TRACE_TABLE)),
	                           text_of(find_attribute(first, left, NFTA_TRACE_CHAIN))};
	return true;
}

bool netlink_read_drop(int fd, struct netlink_drop *d)
{
	union {
		struct nlmsghdr header;
		char bytes[MESSAGES_MAX];
	} buffer;
	ssize_t n;

	*d = (struct netlink_drop){0};
	while ((n = receive(fd, &buffer, sizeof(buffer))) > 0) {
		int left = (int)n;
		for (const struct nlmsghdr *h = &buffer.header; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			if (read_trace(h, d))
				return true;
	}
	return false;
}

void netlink_drop_done(struct netlink_drop *d)
{
	free(d->table);
	free(d->chain);
	*d = (struct netlink_drop){0};
}
