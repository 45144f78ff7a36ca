// Texts for dnsmasq: see dns.h.
#include "dns.h"

#include "base/mem.h"

static void add_range(struct str *out, const struct subnet *subnet)
{
	uint32_t first, last;

	subnet_dhcp_range(subnet, &first, &last);
	auto_free char *from = address_text(first), *to = address_text(last), *mask = address_text(subnet_mask(subnet));
	str_addf(out, "dhcp-range=%s,%s,%s,1h\n", from, to, mask);
}

// bind-dynamic: other networks' servers use the same ports. Plain names are never asked of the host's own servers.
char *dns_configuration(const char *directory, const char *bridge, const struct subnet *subnet, bool isolated,
                        const char *upstream)
{
	auto_str out = {0};

	str_addf(&out, "bind-dynamic\ninterface=%s\nexcept-interface=lo\n", bridge);
	str_addf(&out, "pid-file=%s/dnsmasq.pid\naddn-hosts=%s/hosts\ndhcp-leasefile=%s/leases\n", directory, directory,
	         directory);
	str_add(&out, "no-hosts\ndomain-needed\nbogus-priv\nexpand-hosts\n");
	str_add(&out, "domain=" DNS_DOMAIN "\nlocal=/" DNS_DOMAIN "/\n");
	add_range(&out, subnet);
	if (isolated) // neither a default route nor names of the outside
		str_add(&out, "no-resolv\ndhcp-option=option:router\n");
	else if (upstream)
		str_addf(&out, "no-resolv\nserver=%s\n", upstream);
	return str_steal(&out);
}

static void add_name(struct str *out, const char *address, const struct dns_name *name)
{
	str_addf(out, "%s %s", address, name->name);
	for (size_t i = 0; i < name->aliases->count; i++)
		str_addf(out, " %s", name->aliases->items[i]);
	str_add_char(out, '\n');
}

char *dns_hosts(const struct dns_name *names, size_t count)
{
	auto_str out = {0};

	for (size_t i = 0; i < count; i++) {
		auto_free char *address = address_text(names[i].address), *address6 = address6_text(&names[i].address6);

		add_name(&out, address, &names[i]);
		if (!address6_is_none(&names[i].address6))
			add_name(&out, address6, &names[i]);
	}
	return str_steal(&out);
}
