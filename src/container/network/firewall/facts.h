// What is known of the firewalls of other programs, so that not every start of a container has to find it out. Facts
// are valid as long as nothing but hostel's own changes happened, which the kernel counts: a file beside
// the networks' directory has the count at which they were found out.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

// The state of the rules of a network namespace.
struct firewall_sign {
	uint64_t netns;      // its cookie, which is never reused until a reboot
	uint32_t generation; // of nftables: each transaction adds 1
	uint64_t legacy;     // legacy_sign()
};
struct firewall_facts {
	struct firewall_sign sign; // of the rules for which they are valid
	char *applied;       // of which networks the rules are in place; NULL: unknown
	struct strv passing; // what was tested, and passed
};
// The present state. Returns false if the kernel does not say.
bool firewall_sign_now(struct firewall_sign *s);
// Reads the facts about the networks in RUN that are valid at BEFORE; none if it is NULL. F->sign becomes BEFORE.
void firewall_facts_read(struct firewall_facts *f, const char *run, const struct firewall_sign *before);
void firewall_facts_done(struct firewall_facts *f);
// To be called after this process has changed rules of nftables by COMMITS transactions. If anything else has changed,
// F becomes empty, and valid for the present state. Returns whether nothing else has.
bool firewall_facts_follow(struct firewall_facts *f, unsigned commits);
// Whether SUBJECT is known to pass, and noting that it is.
bool firewall_facts_has(const struct firewall_facts *f, const char *subject);
void firewall_facts_add(struct firewall_facts *f, const char *subject);
// Writes F; if KEEP is false, or they are not known, there is no file.
void firewall_facts_write(const struct firewall_facts *f, const char *run, bool keep);

// Whether rules of iptables-legacy have changed since the facts of directory RUN were written.
bool firewall_legacy_changed(const char *run);

static inline void auto_firewall_facts_run(struct firewall_facts *f)
{
	firewall_facts_done(f);
}
#define auto_firewall_facts AUTO(firewall_facts) struct firewall_facts
