// Published ports in domain XML: see publish.h.
#include "publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/param.h"

enum { QEMU_PORTS = 500 }; // all ports are in one argument of QEMU, which the kernel limits to 128 KiB

// --- wanted ports ---

static int refuse_network(const struct params *p, bool session, struct err *e)
{
	const char *network = params_or(p, PARAM_NETWORK, "user");

	if (!session)
		return err_msg(e, EINVAL,
		               "'--" PARAM_PUBLISH "' is only for guests of a user's session (create it with --" OPTION_ENGINE
		               " libvirt:qemu:///session; this host reaches a guest on --" PARAM_NETWORK
		               " default by its address, which hostel inspect shows)");
	if (strcmp(network, "user") == 0)
		return 0;
	return err_msg(e, EINVAL, "'--" PARAM_PUBLISH "' has no effect with '--" PARAM_NETWORK " %s' (use --" PARAM_NETWORK
	               " user)", network);
}

int publish_wanted(const struct params *p, bool session, struct ports *ports, struct err *e)
{
	const char *text;
	int r = 0;

	for (size_t i = 0; r == 0 && (text = params_get_nth(p, PARAM_PUBLISH, i)); i++)
		r = *text ? ports_parse(ports, text, e) : 0;
	return r == 0 && ports->count ? refuse_network(p, session, e) : r;
}

int publish_check_qemu(const struct ports *ports, struct err *e)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].family == PORT_IPV6) {
			auto_free char *text = port_text(&ports->items[i]);
			return err_msg(e, EINVAL, "cannot publish port %s: QEMU's user network publishes on IPv4 addresses only",
			               text);
		}
	if (ports->count <= QEMU_PORTS)
		return 0;
	return err_msg(e, EINVAL, "cannot publish %zu ports: QEMU's user network publishes at most %d", ports->count,
	               QEMU_PORTS);
}

int publish_check_chosen(const struct ports *ports, struct err *e)
{
	for (size_t i = 0; i < ports->count; i++)
		if (!ports->items[i].outside) {
			auto_free char *text = port_text(&ports->items[i]);
			return err_msg(e, EINVAL,
			               "cannot choose a free port of another host for '%s' (name one, for example 8080:80)",
			               text);
		}
	return 0;
}

// --- writing ---

static void add_forward(struct str *xml, const struct port *p, size_t count)
{
	auto_free char *address = port_address(p);

	str_addf(xml, "      <portForward proto='%s'", p->udp ? "udp" : "tcp");
	if (address)
		str_addf(xml, " address='%s'", address);
	str_addf(xml, ">\n        <range start='%u'", p->outside);
	if (count > 1)
		str_addf(xml, " end='%zu'", p->outside + count - 1);
	str_addf(xml, " to='%u'/>\n      </portForward>\n", p->inside);
}

void publish_add_passt(struct str *xml, const struct ports *ports)
{
	str_add(xml, "      <backend type='passt'/>\n");
	for (size_t i = 0, count; i < ports->count; i += count) {
		count = ports_range(ports, i);
		add_forward(xml, &ports->items[i], count);
	}
}

static void add_argument(struct str *xml, const char *value)
{
	str_addf(xml, "    <qemu:arg value='%s'/>\n", value);
}

static char *netdev_argument(const struct ports *ports)
{
	auto_str out = {0};

	str_add(&out, "user,id=published");
	for (size_t i = 0; i < ports->count; i++) {
		const struct port *p = &ports->items[i];
		auto_free char *address = port_address(p);
		str_addf(&out, ",hostfwd=%s:%s:%u-:%u", p->udp ? "udp" : "tcp", address ? address : "", p->outside, p->inside);
	}
	return str_steal(&out);
}

// QEMU's alias "virtio-net" is the device for the machine's bus.
static char *device_argument(const char *model, const char *mac, const char *address)
{
	return mem_printf("%s,netdev=published,mac=%s%s%s", strcmp(model, "virtio") == 0 ? "virtio-net" : model, mac,
	                  address ? ",addr=" : "", address ? address : "");
}

void publish_add_qemu(struct str *xml, const struct ports *ports, const char *model, const char *mac,
                      const char *address)
{
	auto_free char *netdev = netdev_argument(ports), *device = device_argument(model, mac, address);

	str_add(xml, "  <qemu:commandline xmlns:qemu='" XML_QEMU_NAMESPACE "'>\n");
	add_argument(xml, "-netdev");
	add_argument(xml, netdev);
	add_argument(xml, "-device");
	add_argument(xml, device);
	str_add(xml, "  </qemu:commandline>\n");
}

// --- reading: passt ---

// The <portForward> that is read.
struct forward {
	struct ports *ports;
	char *address, *proto;
	size_t first; // of its ports
};

// "[ADDRESS:]FIRST-LAST:FIRST-LAST/udp", as ports_parse() reads it. Ports that it rejects are left out.
static void add_range(const struct forward *f, uint64_t start, uint64_t end, uint64_t to)
{
	bool ipv6 = f->address && strchr(f->address, ':');
	auto_free char *host =
	    !f->address ? mem_strdup("") : ipv6 ? mem_printf("[%s]:", f->address) : mem_printf("%s:", f->address);
	const char *proto = str_equal(f->proto, "udp") ? "/udp" : "";
	auto_free char *text =
	    mem_printf("%s%llu-%llu:%llu-%llu%s", host, (unsigned long long)start, (unsigned long long)end,
	               (unsigned long long)to, (unsigned long long)(to + end - start), proto);
	struct err ignored;

	ports_parse(f->ports, text, &ignored);
}

static void read_range(struct xml *x, void *context)
{
	uint64_t start = xml_number(x, "@start"), end = xml_number(x, "@end"), to = xml_number(x, "@to");

	add_range(context, start, end ? end : start, to ? to : start);
}

static void exclude_range(struct xml *x, void *context)
{
	uint64_t start = xml_number(x, "@start"), end = xml_number(x, "@end");
	const struct forward *f = context;
	size_t kept = f->first;

	for (size_t i = f->first; i < f->ports->count; i++)
		if (f->ports->items[i].outside < start || f->ports->items[i].outside > (end ? end : start))
			f->ports->items[kept++] = f->ports->items[i];
	f->ports->count = kept;
}

// Without a range, all ports are forwarded. A range may be cut out of the others.
static void read_forward(struct xml *x, void *context)
{
	struct ports *ports = context;
	struct forward f = {ports, xml_text(x, "@address"), xml_text(x, "@proto"), ports->count};

	xml_each(x, "range[not(@exclude = 'yes')]", read_range, &f);
	if (!xml_has(x, "range[not(@exclude = 'yes')]"))
		add_range(&f, 1, UINT16_MAX, 1);
	xml_each(x, "range[@exclude = 'yes']", exclude_range, &f);
	free(f.address);
	free(f.proto);
}

// --- reading: QEMU's arguments ---

// "KEY=VALUE,KEY=VALUE": the value of KEY from *AT on, which moves behind it. Owned; NULL if there is none.
static char *option_next(const char **at, const char *key)
{
	size_t n = strlen(key);

	for (const char *s = *at; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL)
		if (strncmp(s, key, n) == 0 && s[n] == '=') {
			const char *value = s + n + 1;
			*at = value + strcspn(value, ",");
			return mem_strndup(value, strcspn(value, ","));
		}
	return NULL;
}

static char *option_of(const char *argument, const char *key)
{
	return option_next(&argument, key);
}

// "[tcp|udp]:[ADDRESS]:HOST-[ADDRESS]:INSIDE". The address inside does not matter: the network has only one guest.
static void read_hostfwd(const char *text, struct ports *ports)
{
	auto_strv outside = {0};
	const char *dash = strrchr(text, '-'), *inside = dash ? strrchr(dash, ':') : NULL;
	auto_free char *before = dash ? mem_strndup(text, (size_t)(dash - text)) : NULL;
	uint64_t from, to;

	if (!inside)
		return;
	char *first = strchr(before, ':'), *last = strrchr(before, ':');
	if (!first || first == last || str_to_u64(last + 1, &from) < 0 || str_to_u64(inside + 1, &to) < 0)
		return;
	*first = *last = '\0';
	add_range(&(struct forward){ports, first[1] ? first + 1 : NULL, before, 0}, from, from, to);
}

// The QEMU arguments that are read.
struct arguments {
	struct domain_facts *facts;
	struct ports *ports;
	char *option;    // the last one: "-netdev"
	struct strv ids; // of user networks
};

static void read_user_network(struct arguments *a, const char *value)
{
	auto_free char *id = option_of(value, "id");
	const char *at = value;
	char *text;

	strv_add(&a->ids, id ? id : "");
	while ((text = option_next(&at, "hostfwd"))) {
		read_hostfwd(text, a->ports);
		free(text);
	}
}

static bool is_user_network(const struct arguments *a, const char *id)
{
	return strv_has(&a->ids, id);
}

static void read_card(struct arguments *a, const char *value)
{
	auto_free char *id = option_of(value, "netdev");
	struct domain_facts *f = a->facts;
	auto_free char *model = mem_strndup(value, strcspn(value, ","));

	if (!id || !is_user_network(a, id))
		return;
	f->nics = mem_resize(f->nics, f->nic_count + 1, sizeof(*f->nics));
	f->nics[f->nic_count++] = (struct domain_nic){
		.type = mem_strdup("user"),
		.mac = option_of(value, "mac"),
		.model = mem_strdup(str_starts(model, "virtio-net") ? "virtio" : model),
	};
}

static void read_argument(struct xml *x, void *context)
{
	struct arguments *a = context;
	char *value = xml_text(x, "@value");
	const char *option = a->option ? a->option + strspn(a->option, "-") : "";

	if (value && (str_equal(option, "netdev") || str_equal(option, "nic") || str_equal(option, "net")) &&
	    str_starts(value, "user"))
		read_user_network(a, value);
	else if (value && str_equal(option, "device"))
		read_card(a, value);
	free(a->option);
	a->option = value;
}

static void read_arguments(struct domain_facts *f, struct xml *x, struct ports *ports)
{
	struct arguments a = {.facts = f, .ports = ports};

	xml_each(x, "qemu:commandline/qemu:arg", read_argument, &a);
	free(a.option);
	strv_done(&a.ids);
}

void publish_read(struct domain_facts *f, struct xml *x)
{
	struct ports ports = {0};

	xml_each(x, "devices/interface/portForward", read_forward, &ports);
	size_t forwarded = ports.count;
	read_arguments(f, x, &ports);
	ports_texts(&ports, &f->ports);
	f->publisher = forwarded ? PUBLISHER_PASST : ports.count ? PUBLISHER_QEMU : NULL;
	ports_done(&ports);
}
