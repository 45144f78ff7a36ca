// Opening the passage: see passage.h.
#include "passage.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "firewall.h"
#include "sys/fs.h"
#include "trace.h"

static bool is_traceable(const struct rules_port *p)
{
	return p->port.family != PORT_IPV6 && p->port.address >> IN_CLASSA_NSHIFT != IN_LOOPBACKNET;
}

// Why packets to P are dropped; NULL: they are not, or it is unknown. Owned.
static char *blocked_by(const struct networks *n, const struct rules_port *p)
{
	auto_free char *chain = NULL, *port = port_text(&p->port);
	struct err ignored;
	int r = trace_port(n->table, p, &chain, &ignored);

	if (r == TRACE_DROPPED)
		return mem_printf("published ports are dropped by %s (tested with port %s)", chain, port);
	return r == TRACE_VANISHED
	           ? mem_printf("published ports are dropped, for example by iptables-legacy (tested with port %s)", port)
	           : NULL;
}

// Testing one port is enough: other programs' rules are about interfaces and addresses.
static char *find_obstacle(const struct networks *n, const struct rules_port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_traceable(&ports[i]))
			return blocked_by(n, &ports[i]);
	return NULL;
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

void passage_open(const struct networks *n, const struct passage *p, const char *chains)
{
	const struct firewall f = {n->run, n->table, p->networks, p->network_count};
	auto_foreign_chains foreign = {0};
	auto_free char *why = NULL;
	struct err refused = {0};

	foreign_chains_read(&foreign, chains, n->table);
	int r = firewall_apply(&f, &foreign, &refused);
	auto_free char *dropped = firewall_is_there(&foreign) ? find_obstacle(n, p->ports, p->port_count) : NULL;
	if (dropped)
		why = r < 0 ? mem_printf("%s: %s", dropped, refused.text) : steal(dropped);
	note_obstacle(n, why);
}
