// Opening the passage: see passage.h.
#include "passage.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "facts.h"
#include "firewall.h"
#include "sys/fs.h"
#include "trace.h"

enum { ATTEMPTS = 2 };

static bool is_traceable(const struct rules_port *p, bool ipv6)
{
	static const unsigned char loopback6[sizeof(p->port.address6)] = {[15] = 1};
	bool loopback = ipv6 ? memcmp(p->port.address6, loopback6, sizeof(loopback6)) == 0
	                     : p->port.address >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;

	return rules_port_is_of(p, ipv6) && !loopback;
}

// Why packets to P are dropped; NULL: they are not, which sets *PASSED, or it is unknown. Owned.
static char *blocked_by(const struct networks *n, const struct rules_port *p, bool ipv6, bool *passed)
{
	auto_free char *chain = NULL, *port = port_text(&p->port);
	const char *family = ipv6 ? " over IPv6" : "";
	struct err ignored;
	int r = trace_port(n->table, p, ipv6, &chain, &ignored);

	*passed = r == TRACE_PASSED;
	if (r == TRACE_DROPPED)
		return mem_printf("published ports are dropped%s by %s (tested with port %s)", family, chain, port);
	return r == TRACE_VANISHED
	           ? mem_printf("published ports are dropped%s, for example by iptables-legacy (tested with port %s)",
	                        family, port)
	           : NULL;
}

// Identifies a test of P, without the address of the container. Owned.
static char *subject_of(const struct rules_port *p, bool ipv6, const struct passage *in)
{
	auto_free char *port = port_text(&p->port);
	const char *bridge = "";

	for (size_t i = 0; i < in->network_count; i++)
		if (subnet_has(&in->networks[i].subnet, p->to))
			bridge = in->networks[i].bridge;
	return mem_printf("%s %s%s", port, bridge, ipv6 ? " IPv6" : "");
}

// Testing one port of a family is enough: other programs' rules are about interfaces and addresses.
static char *find_obstacle_of(const struct networks *n, const struct passage *p, bool ipv6,
                              struct firewall_facts *facts)
{
	const struct rules_port *port = NULL;

	for (size_t i = 0; i < p->port_count && !port; i++)
		port = is_traceable(&p->ports[i], ipv6) ? &p->ports[i] : NULL;
	if (!port)
		return NULL;
	auto_free char *subject = subject_of(port, ipv6, p);
	if (firewall_facts_has(facts, subject))
		return NULL;
	bool passed = false;
	char *why = blocked_by(n, port, ipv6, &passed);
	if (firewall_facts_follow(facts, TRACE_COMMITS) && passed)
		firewall_facts_add(facts, subject);
	return why;
}

static char *find_obstacle(const struct networks *n, const struct passage *p, struct firewall_facts *facts)
{
	char *why = find_obstacle_of(n, p, false, facts);

	return why ? why : find_obstacle_of(n, p, true, facts);
}

// A file in the networks' directory that says why packets are dropped; it exists only while they are.
#define BLOCKED ".blocked"
enum { BLOCKED_MAX = 4096 };

char *passage_obstacle(const struct networks *n)
{
	auto_free char *path = mem_printf("%s/" BLOCKED, n->run), *text = NULL;
	struct err ignored;

	return fs_read_file(AT_FDCWD, path, BLOCKED_MAX, &text, &ignored) > 0 ? str_visible(text) : NULL;
}

static void note_obstacle(const struct networks *n, const char *why)
{
	auto_free char *path = mem_printf("%s/" BLOCKED, n->run);
	struct err ignored;

	if (why)
		networks_write_file(n->run, BLOCKED, why, false, &ignored);
	else
		unlink(path);
}

// The networks that need rules in other programs' tables. Owned.
static char *networks_text(const struct passage *p)
{
	auto_str text = {0};

	for (size_t i = 0; i < p->network_count; i++) {
		const struct rules_network *n = &p->networks[i];
		str_addf(&text, "%s %d%d%d%d%d ", n->bridge, n->isolated, n->shared, n->publishes, n->publishes6,
		         n->subnet6.prefix != 0);
	}
	return str_steal(&text);
}

static int apply_rules(const struct networks *n, const struct passage *p, const struct foreign_chains *foreign,
                       struct firewall_facts *facts, struct err *e)
{
	const struct firewall f = {n->run, n->table, p->networks, p->network_count};
	auto_free char *text = networks_text(p);

	if (str_equal(facts->applied, text))
		return 0;
	free(steal(facts->applied));
	int r = 0;
	bool followed = false;
	// changes of iptables-legacy are not counted: a second attempt finds that nothing is missing
	for (int i = 0; i < ATTEMPTS && r >= 0 && !followed; i++) {
		r = firewall_apply(&f, foreign, e);
		followed = firewall_facts_follow(facts, r > 0 ? (unsigned)r : 0);
	}
	if (r >= 0 && followed)
		facts->applied = steal(text);
	return r;
}

void passage_open(const struct networks *n, const struct passage *p, const char *chains,
                  const struct firewall_stamp *before)
{
	auto_foreign_chains foreign = {0};
	auto_firewall_facts facts = {0};
	auto_free char *why = NULL;
	struct err refused = {0};

	foreign_chains_read(&foreign, chains, n->table);
	bool is_there = firewall_is_there(&foreign);
	firewall_facts_read(&facts, n->run, before);
	firewall_facts_follow(&facts, 1); // hostel's own rules were loaded
	int r = apply_rules(n, p, &foreign, &facts, &refused);
	auto_free char *dropped = is_there ? find_obstacle(n, p, &facts) : NULL;
	if (dropped)
		why = r < 0 ? mem_printf("%s: %s", dropped, refused.text) : steal(dropped);
	note_obstacle(n, why);
	firewall_facts_write(&facts, n->run, is_there && before);
}
