// Verbs on libvirt's networks: see guest/guests.h.
#include <errno.h>
#include <ifaddrs.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/call.h"
#include "guest/definition/network_xml.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "guest/vir/xpath.h"
#include "model/definition.h"
#include "model/job.h"
#include "model/name.h"
#include "model/param.h"

static const char bridge_key[] = "bridge/"; // of a bridge that is not libvirt's

// A network, and the connection it is asked about on.
struct network_call {
	struct guests *g;
	struct pool_slot *slot;
	virNetworkPtr net;
	const char *name;
};

static void end(struct network_call *c)
{
	if (c->net)
		vir.NetworkFree(c->net);
	if (c->slot)
		pool_end(c->g, c->slot);
}

static int begin(struct network_call *c, struct guests *g, const char *key, struct err *e)
{
	*c = (struct network_call){.g = g};
	if (str_starts(key, bridge_key))
		return err_msg(e, EINVAL, "'%s' is a bridge of this host, not a libvirt network",
		               key + strlen(bridge_key));
	int r = pool_begin(g, &c->slot, e);
	if (r < 0)
		return r;
	c->net = vir.NetworkLookupByUUIDString(c->slot->conn, key);
	c->name = c->net ? vir.NetworkGetName(c->net) : NULL;
	return c->name ? 0 : guest_error(e, "cannot find network '%s'", key);
}

// --- who is on it ---

static void add_guests(struct network_call *c, struct strv *users)
{
	pthread_mutex_lock(&c->g->lock);
	for (size_t i = 0; i < c->g->count; i++) {
		const struct guest *row = &c->g->rows[i];
		bool on = false;
		for (size_t n = 0; row->active && n < row->facts.nic_count; n++)
			on |= str_equal(row->facts.nics[n].type, "network") && str_equal(row->facts.nics[n].source, c->name);
		if (on && row->facts.name)
			strv_add(users, row->facts.name);
	}
	pthread_mutex_unlock(&c->g->lock);
}

static int refuse_used(struct network_call *c, struct err *e)
{
	auto_strv users = {0}, leases = {0};
	auto_str names = {0};

	add_guests(c, &users);
	if (c->g->neighbours && !guests_is_session(c->g))
		c->g->neighbours(c->name, &leases, &users);
	for (size_t i = 0; i < users.count; i++)
		str_addf(&names, "%s%s", i ? ", " : "", users.items[i]);
	return users.count ? err_msg(e, EBUSY, "network '%s' is used by %s (stop %s first)", c->name, names.text,
	                             users.count > 1 ? "them" : "it")
	                   : 0;
}

// --- verbs ---

static int start(struct network_call *c, const struct params *p, const struct job *job, struct err *e)
{
	(void)p, (void)job;
	return vir.NetworkIsActive(c->net) == 1 || vir.NetworkCreate(c->net) == 0
	           ? 0
	           : guest_error(e, "cannot start network '%s'", c->name);
}

static int stop(struct network_call *c, const struct params *p, const struct job *job, struct err *e)
{
	(void)p, (void)job;
	if (vir.NetworkIsActive(c->net) != 1)
		return 0;
	if (refuse_used(c, e) < 0)
		return -e->code;
	return vir.NetworkDestroy(c->net) < 0 ? guest_error(e, "cannot stop network '%s'", c->name) : 0;
}

// A transient network no longer exists when it is stopped.
static int delete(struct network_call *c, const struct params *p, const struct job *job, struct err *e)
{
	bool persistent = vir.NetworkIsPersistent(c->net) == 1;
	int r = stop(c, p, job, e);

	return r < 0 || !persistent || vir.NetworkUndefine(c->net) == 0
	           ? r
	           : guest_error(e, "cannot delete network '%s'", c->name);
}

// A definition with another UUID or name would be another network's.
static int check_identity(struct network_call *c, const char *text, struct err *e)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	struct xml *xml = xml_read(text, "network");

	if (!xml) // libvirt says where it is wrong
		return 0;
	auto_free char *given = xml_text(xml, "/network/uuid"), *name = xml_text(xml, "/network/name");
	xml_free(xml);
	vir.NetworkGetUUIDString(c->net, uuid);
	if (str_equal(given, uuid) && str_equal(name, c->name))
		return 0;
	return err_msg(e, EINVAL, "line %zu: the name and UUID of network '%s' cannot be changed",
	               definition_line(text, str_equal(given, uuid) ? "<name" : given ? "<uuid" : "<network"), c->name);
}

static int edit(struct network_call *c, const struct params *p, const struct job *job, struct err *e)
{
	const char *text = params_or(p, PARAM_DEFINITION, "");
	int r = check_identity(c, text, e);

	if (r == 0 && vir.NetworkIsPersistent(c->net) == 0)
		r = err_msg(e, EINVAL, "network '%s' is transient: it has no definition to edit", c->name);
	if (r < 0)
		return r;
	virNetworkPtr defined = vir.NetworkDefineXML(c->slot->conn, text);
	if (!defined)
		return guest_error(e, "cannot change the definition of network '%s'", c->name);
	vir.NetworkFree(defined);
	if (vir.NetworkIsActive(c->net) == 1)
		job_note(job, "takes effect when the network starts again");
	return 0;
}

static __typeof__(start) *const verbs[VERBS] = {
	[VERB_START] = start, [VERB_STOP] = stop, [VERB_DELETE] = delete, [VERB_EDIT] = edit,
};

bool guests_network_do(enum verb verb)
{
	return verbs[verb];
}

int guests_network_act(struct guests *g, const char *key, enum verb verb, const struct params *p,
                       const struct job *job, struct err *e)
{
	struct network_call c;
	int r = begin(&c, g, key, e);

	if (r == 0)
		r = verbs[verb](&c, p, job, e);
	end(&c);
	return r;
}

int guests_network_definition(struct guests *g, const char *key, struct str *text, struct err *e)
{
	struct network_call c;
	int r = begin(&c, g, key, e);
	char *xml = r == 0 ? vir.NetworkGetXMLDesc(c.net, VIR_NETWORK_XML_INACTIVE) : NULL;

	if (r == 0 && !xml)
		r = guest_error(e, "cannot read the definition of network '%s'", c.name);
	str_add(text, xml ? xml : "");
	free(xml);
	end(&c);
	return r;
}

// --- creating ---

// What all networks say, and the addresses of this host, one per line.
static void add_taken(virConnectPtr conn, struct str *taken)
{
	struct ifaddrs *all = NULL;
	virNetworkPtr *nets = NULL;
	int count = vir.ConnectListAllNetworks(conn, &nets, 0);
	char text[INET_ADDRSTRLEN];

	for (int i = 0; i < count; i++) {
		char *xml = vir.NetworkGetXMLDesc(nets[i], 0);
		str_addf(taken, "%s\n", xml ? xml : "");
		free(xml);
		vir.NetworkFree(nets[i]);
	}
	free(nets);
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
		    inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a->ifa_addr)->sin_addr, text, sizeof(text)))
			str_addf(taken, "'%s'\n", text);
	freeifaddrs(all);
}

// The first free /24 after the one of libvirt's own default network. Owned; NULL if there is none.
static char *choose_subnet(virConnectPtr conn)
{
	auto_str taken = {0};

	add_taken(conn, &taken);
	for (int i = 123; i < 255; i++) {
		auto_free char *beginning = mem_printf("'192.168.%d.", i);
		if (!strstr(str_text(&taken), beginning))
			return mem_printf("192.168.%d.0/24", i);
	}
	return NULL;
}

// Also starts the network, since it is usually created for a guest that joins next. On failure it is removed again.
static int bring_up(virNetworkPtr net, const char *name, const struct params *p, struct err *e)
{
	bool autostart = str_equal(params_get(p, PARAM_AUTOSTART), "yes");

	if ((!autostart || vir.NetworkSetAutostart(net, 1) == 0) && vir.NetworkCreate(net) == 0)
		return 0;
	guest_error(e, "cannot start network '%s'", name);
	vir.NetworkUndefine(net);
	return -e->code;
}

static int define(virConnectPtr conn, const char *xml, const struct params *p, char **uuid, struct err *e)
{
	const char *name = params_or(p, PARAM_NAME, "");
	char text[VIR_UUID_STRING_BUFLEN];
	virNetworkPtr net = vir.NetworkLookupByName(conn, name); // defining it again would change it

	if (net) {
		vir.NetworkFree(net);
		return err_msg(e, EEXIST, "network '%s' already exists", name);
	}
	net = vir.NetworkDefineXML(conn, xml);
	if (!net)
		return guest_error(e, "cannot create network '%s'", name);
	int r = bring_up(net, name, p, e);
	if (r == 0 && vir.NetworkGetUUIDString(net, text) == 0)
		*uuid = mem_strdup(text);
	vir.NetworkFree(net);
	return r;
}

int guests_network_create(struct guests *g, const struct params *p, char **uuid, struct err *e)
{
	struct pool_slot *slot;
	auto_str xml = {0};
	int r = name_check(KIND_NETWORK, params_or(p, PARAM_NAME, ""), e);

	if (r == 0)
		r = pool_begin(g, &slot, e);
	if (r < 0)
		return r;
	auto_free char *subnet = network_xml_has_subnet(p) ? choose_subnet(slot->conn) : NULL;
	r = network_xml_make(&xml, p, subnet, e);
	if (r == 0)
		r = define(slot->conn, str_text(&xml), p, uuid, e);
	pool_end(g, slot);
	return r;
}
