// The XML of libvirt networks: see network_xml.h.
#include "network_xml.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "domain_xml.h"
#include "model/param.h"

enum { PREFIX_LEAST = 8, PREFIX_MOST = 29 };

// What --mode means: how packets leave, and whether the network has a bridge and addresses of libvirt's.
static const struct mode {
	const char *name, *forward;
	bool has_subnet;
	const char *device; // the element that names --device, with %s; NULL: it needs none
} modes[] = {
	{"nat", "<forward mode='nat'/>", true, NULL},
	{"routed", "<forward mode='route'/>", true, NULL},
	{"isolated", "", true, NULL},
	{"bridge", "<forward mode='bridge'/>", false, "<bridge name='%s'/>"},
	{"macvtap", "", false, "<forward mode='bridge'><interface dev='%s'/></forward>"},
};

static const struct mode *mode_of(const struct params *p)
{
	const char *name = str_equal(params_get(p, PARAM_INTERNAL), "yes") ? "isolated" : params_or(p, PARAM_MODE, "nat");

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_equal(modes[i].name, name))
			return &modes[i];
	return NULL;
}

bool network_xml_has_subnet(const struct params *p)
{
	const struct mode *mode = mode_of(p);

	return mode && mode->has_subnet;
}

static void add_ipv4(struct str *xml, uint32_t address)
{
	str_addf(xml, "'%u.%u.%u.%u'", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

// The host has the first address; the upper half is for DHCP.
static int add_subnet(struct str *xml, const char *text, struct err *e)
{
	const char *slash = strchr(text, '/');
	auto_free char *address = mem_strndup(text, slash ? (size_t)(slash - text) : 0);
	struct in_addr in;
	uint64_t prefix;

	if (!slash || inet_pton(AF_INET, address, &in) != 1 || str_to_u64(slash + 1, &prefix) < 0 ||
	    prefix < PREFIX_LEAST || prefix > PREFIX_MOST || ntohl(in.s_addr) & UINT32_MAX >> prefix)
		return err_msg(e, EINVAL, "invalid subnet '%s' (for example 10.90.0.0/24)", text);
	uint32_t base = ntohl(in.s_addr), last = base | UINT32_MAX >> prefix;
	str_add(xml, "<ip address=");
	add_ipv4(xml, base + 1);
	str_addf(xml, " prefix='%u'><dhcp><range start=", (unsigned)prefix);
	add_ipv4(xml, base + (last - base) / 2 + 1);
	str_add(xml, " end=");
	add_ipv4(xml, last - 1);
	str_add(xml, "/></dhcp></ip>");
	return 0;
}

static int add_subnet6(struct str *xml, const char *text, struct err *e)
{
	const char *slash = strchr(text, '/');
	auto_free char *address = mem_strndup(text, slash ? (size_t)(slash - text) : 0);
	struct in6_addr in;
	uint64_t prefix;
	char first[INET6_ADDRSTRLEN];

	if (!slash || inet_pton(AF_INET6, address, &in) != 1 || str_to_u64(slash + 1, &prefix) < 0 || prefix > 64 ||
	    in.s6_addr[15])
		return err_msg(e, EINVAL, "invalid IPv6 subnet '%s' (for example fd00:90::/64)", text);
	in.s6_addr[15] = 1;
	str_addf(xml, "<ip family='ipv6' address='%s' prefix='%u'/>", inet_ntop(AF_INET6, &in, first, sizeof(first)),
	         (unsigned)prefix);
	return 0;
}

static int add_addresses(struct str *xml, const struct params *p, const char *subnet, struct err *e)
{
	const char *subnet6 = params_or(p, PARAM_SUBNET6, "none");

	str_add(xml, "<domain name='");
	domain_xml_add_text(xml, params_or(p, PARAM_NAME, ""));
	str_add(xml, "' localOnly='yes'/>");
	int r = add_subnet(xml, params_or(p, PARAM_SUBNET, subnet ? subnet : ""), e);
	return r < 0 || str_equal(subnet6, "none") ? r : add_subnet6(xml, subnet6, e);
}

static int add_device(struct str *xml, const char *element, const char *device, struct err *e)
{
	auto_str escaped = {0};
	const char *at = strstr(element, "%s");

	if (!*device)
		return err_msg(e, EINVAL, "this mode needs '--" PARAM_DEVICE "' (a bridge or an interface of this host)");
	domain_xml_add_text(&escaped, device);
	str_add_bytes(xml, element, (size_t)(at - element));
	str_addf(xml, "%s%s", escaped.text, at + strlen("%s"));
	return 0;
}

int network_xml_make(struct str *xml, const struct params *p, const char *subnet, struct err *e)
{
	const struct mode *mode = mode_of(p);
	const char *device = params_or(p, PARAM_DEVICE, "");

	if (!mode)
		return err_msg(e, EINVAL, "invalid mode '%s' (nat, routed, isolated, bridge or macvtap)",
		               params_or(p, PARAM_MODE, ""));
	if (*device && !mode->device)
		return err_msg(e, EINVAL, "'--" PARAM_DEVICE "' has no effect with '--" PARAM_MODE " %s'", mode->name);
	if (!mode->has_subnet && (*params_or(p, PARAM_SUBNET, "") || *params_or(p, PARAM_SUBNET6, "")))
		return err_msg(e, EINVAL, "a network with '--" PARAM_MODE " %s' has no subnet of its own", mode->name);
	str_add(xml, "<network><name>");
	domain_xml_add_text(xml, params_or(p, PARAM_NAME, ""));
	str_addf(xml, "</name>%s", mode->forward);
	int r = mode->device ? add_device(xml, mode->device, device, e) : 0;
	if (r == 0 && mode->has_subnet)
		r = add_addresses(xml, p, subnet, e);
	str_add(xml, "</network>");
	return r;
}
