// Facts about the firewalls of other programs, cached so that not every start of a container has to find them out.
// They are valid while only hostel changes the rules: the kernel counts changes, and the cache, a file beside the
// networks' directory, has the count at which the facts were found out.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// The state of the rules of a network namespace.
struct firewall_stamp {
	uint64_t netns;      // its cookie, which is never reused until a reboot
	uint32_t generation; // of nftables: each transaction adds 1
	uint64_t legacy;     // legacy_hash()
};
struct firewall_facts {
	struct firewall_stamp stamp; // of the rules for which they are valid
	char *applied;       // the networks whose rules are in place; NULL: unknown
	struct strv passing; // the tests that have passed
};
// The current state. Returns false if the kernel does not report it.
bool firewall_stamp_now(struct firewall_stamp *s);
// Reads the facts about the networks in RUN that are valid at BEFORE; none if it is NULL. F->stamp becomes BEFORE.
void firewall_facts_read(struct firewall_facts *f, const char *run, const struct firewall_stamp *before);
void firewall_facts_done(struct firewall_facts *f);
// To be called after this process has changed the nftables rules in COMMITS transactions. If anything else has
// changed, F becomes empty, and valid for the current state. Returns whether nothing else has changed.
bool firewall_facts_follow(struct firewall_facts *f, unsigned commits);
// Whether the test SUBJECT is known to pass; and noting that it passes.
bool firewall_facts_has(const struct firewall_facts *f, const char *subject);
void firewall_facts_add(struct firewall_facts *f, const char *subject);
// Writes F; removes the file if KEEP is false or the facts are not known.
void firewall_facts_write(const struct firewall_facts *f, const char *run, bool keep);

// Whether rules of iptables-legacy have changed since the facts of directory RUN were written.
bool firewall_legacy_changed(const char *run);

static inline void auto_firewall_facts_run(struct firewall_facts *f)
{
	firewall_facts_done(f);
}
#define auto_firewall_facts AUTO(firewall_facts) struct firewall_facts
