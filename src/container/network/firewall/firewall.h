// Letting the packets of hostel's networks pass the firewalls of other programs: accepting a packet in hostel's own
// table does not help if a chain of another table drops it. Hostel's rules in other programs' tables carry a comment
// with the name of its table, by which it recognizes them.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "container/network/publish/rules.h"

// A base chain at the hook "forward", of another program's table.
struct foreign_chain {
	char *family, *table, *name;
	bool drops; // its policy is to drop
};
struct foreign_chains {
	struct foreign_chain *items;
	size_t count;
};
// Reads what `nft list chains` has printed; the chains of hostel's table OWN are left out. Pure.
void foreign_chains_read(struct foreign_chains *c, const char *text, const char *own);
void foreign_chains_done(struct foreign_chains *c);
bool foreign_chains_has(const struct foreign_chains *c, const char *family, const char *table, const char *name);

// The networks of one store, and where their files are.
struct firewall {
	const char *run, *table;
	const struct rules_network *networks;
	size_t count;
};
// The input of iptables-restore(8) that replaces hostel's rules in SAVED, the output of iptables-save, by those of
// F->networks; NULL if nothing changes. IPV6: for ip6tables. Pure. Owned.
char *iptables_text(const char *saved, const struct firewall *f, bool ipv6);
// The input of nft that does the same in CHAIN of libvirt's table, for packets to published ports on libvirt's
// networks. LISTED is what `nft -a list chain` prints. NULL if nothing changes. Pure. Owned.
char *libvirt_text(const char *chain, bool ipv6, const char *listed, const char *table,
                   const struct rules_network *networks, size_t count);

// The comment of hostel's rules in other programs' tables; TABLE is its own table. Owned.
char *firewall_comment(const char *table);
// Whether a rule of another program may drop forwarded IPv4 packets.
bool firewall_is_there(const struct foreign_chains *c);
// Replaces hostel's rules in other programs' tables by those of F->networks; without networks, it removes them.
// Returns the number of transactions of nftables, or negative errno.
int firewall_apply(const struct firewall *f, const struct foreign_chains *c, struct err *e);

static inline void auto_foreign_chains_run(struct foreign_chains *c)
{
	foreign_chains_done(c);
}
#define auto_foreign_chains AUTO(foreign_chains) struct foreign_chains
