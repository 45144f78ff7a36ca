// The XML of libvirt networks: see network_xml.h.
#include "network_xml.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "domain_xml.h"
#include "model/address.h"
#include "model/address6.h"
#include "model/param.h"

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

static void add_address(struct str *xml, const char *attribute, uint32_t address)
{
	auto_free char *text = address_text(address);

	str_addf(xml, " %s='%s'", attribute, text);
}

// The host has the first address; the upper half is for DHCP.
static int add_subnet(struct str *xml, const char *text, struct err *e)
{
	struct subnet s;
	uint32_t first, last;

	if (subnet_parse(text, &s, e) < 0)
		return -e->code;
	subnet_dhcp_range(&s, &first, &last);
	str_add(xml, "<ip");
	add_address(xml, "address", subnet_gateway(&s));
	str_addf(xml, " prefix='%u'><dhcp><range", s.prefix);
	add_address(xml, "start", first);
	add_address(xml, "end", last);
	str_add(xml, "/></dhcp></ip>");
	return 0;
}

static int add_subnet6(struct str *xml, const char *text, struct err *e)
{
	struct subnet6 s;

	if (subnet6_parse(text, &s, e) < 0)
		return -e->code;
	const struct address6 host = subnet6_gateway(&s);
	auto_free char *address = address6_text(&host);
	str_addf(xml, "<ip family='ipv6' address='%s' prefix='%u'/>", address, s.prefix);
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
