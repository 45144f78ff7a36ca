// Letting packets through: see firewall.h.
#include "firewall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "firewalld.h"
#include "legacy.h"
#include "sys/proc.h"

#define PROGRAM_TIMEOUT (20 * SECOND)

// --- the chains of other programs ---

// The word after the first N words of LINE. Owned; "" if there is none.
static char *word_of(const char *line, int n)
{
	auto_strv words = {0};

	strv_split(&words, line, " ");
	return mem_strdup((size_t)n < words.count ? words.items[n] : "");
}

static void add_chain(struct foreign_chains *c, const char *table_line, const char *name, bool drops)
{
	c->items = mem_resize(c->items, c->count + 1, sizeof(*c->items));
	c->items[c->count++] =
	    (struct foreign_chain){word_of(table_line, 1), word_of(table_line, 2), mem_strdup(name), drops};
}

// The state of reading the list: the last lines that began a table and a chain.
struct position {
	const char *table, *chain;
	bool relevant; // may see packets of IP, and is not hostel's
};

static void read_line(struct foreign_chains *c, struct position *at, const char *line, const char *own)
{
	auto_free char *name = at->chain ? word_of(at->chain, 1) : mem_strdup("");

	if (str_starts(line, "table ")) {
		auto_free char *family = word_of(line, 1), *table = word_of(line, 2);
		bool ip = str_equal(family, "ip") || str_equal(family, "inet") || str_equal(family, "ip6");
		*at = (struct position){line, NULL, ip && !str_equal(table, own)};
	} else if (str_starts(line, "chain ")) {
		at->chain = line;
	} else if (at->relevant && str_starts(line, "type filter hook forward ")) {
		add_chain(c, at->table, name, strstr(line, "policy drop;") != NULL);
	}
}

void foreign_chains_read(struct foreign_chains *c, const char *text, const char *own)
{
	struct position at = {0};
	auto_strv lines = {0};

	*c = (struct foreign_chains){0};
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.count; i++)
		read_line(c, &at, lines.items[i] + strspn(lines.items[i], "\t "), own);
}

void foreign_chains_done(struct foreign_chains *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->items[i].family);
		free(c->items[i].table);
		free(c->items[i].name);
	}
	free(c->items);
	*c = (struct foreign_chains){0};
}

bool foreign_chains_has(const struct foreign_chains *c, const char *family, const char *table, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_equal(c->items[i].family, family) && str_equal(c->items[i].table, table) &&
		    str_equal(c->items[i].name, name))
			return true;
	return false;
}

// --- iptables ---

#define FORWARD "FORWARD"
#define DOCKER_USER "DOCKER-USER" // which Docker calls before its own chains, and never changes

// The rules of a network, spelled like iptables-save's output. Those for outgoing packets are at the end of the chain,
// where they override only its policy: packets that other rules reject stay rejected.
static const struct iptables_rule {
	bool (*applies)(const struct rules_network *n, bool ipv6);
	const char *chain, *match; // of the bridge
	bool append;
} iptables_rules[] = {
	{rules_network_publishes, FORWARD, "-o %s -m conntrack --ctstate DNAT", false},
	{rules_network_leads_outside, FORWARD, "-o %s -m conntrack --ctstate RELATED,ESTABLISHED", false},
	{rules_network_leads_outside, FORWARD, "-i %s -m conntrack --ctstate RELATED,ESTABLISHED", false},
	{rules_network_leads_outside, FORWARD, "-i %s", true},
	{rules_network_has_servers, "INPUT", "-i %s -p udp -m multiport --dports 53,67", false},
	{rules_network_has_servers, "INPUT", "-i %s -p tcp -m tcp --dport 53", false},
};

char *firewall_comment(const char *table)
{
	return mem_printf("hostel:%s", table);
}

static char *comment_of(const char *table)
{
	auto_free char *comment = firewall_comment(table);

	return mem_printf(" -m comment --comment \"%s\" -j ACCEPT", comment);
}

// Adds the lines of SAVED that are rules of TABLE, without their "-A ", in order.
static void add_present(struct strv *rules, const char *saved, const char *table)
{
	auto_free char *comment = comment_of(table);
	auto_strv lines = {0};

	strv_split(&lines, saved, "\n");
	for (size_t i = 0; i < lines.count; i++)
		if (str_starts(lines.items[i], "-A ") && str_ends(lines.items[i], comment))
			strv_add(rules, lines.items[i] + strlen("-A "));
}

static char *wanted_rule(const struct iptables_rule *rule, const struct rules_network *n, const char *forward,
                         const char *table)
{
	auto_str match = {0};
	auto_free char *comment = comment_of(table);
	const char *at = strstr(rule->match, "%s");

	str_add_bytes(&match, rule->match, (size_t)(at - rule->match));
	str_addf(&match, "%s%s", n->bridge, at + strlen("%s"));
	return mem_printf("%s %s%s", !rule->append && str_equal(rule->chain, FORWARD) ? forward : rule->chain, match.text,
	                  comment);
}

// Adds the rules of F to RULES, and to COMMANDS the lines that add those that are not in PRESENT.
static void add_wanted(struct strv *rules, struct str *commands, const struct strv *present, const char *forward,
                       const struct firewall *f, bool ipv6)
{
	for (size_t i = 0; i < f->count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(iptables_rules); k++) {
			const struct iptables_rule *rule = &iptables_rules[k];
			if (!rule->applies(&f->networks[i], ipv6))
				continue;
			auto_free char *text = wanted_rule(rule, &f->networks[i], forward, f->table);
			strv_add(rules, text);
			if (!strv_has_sorted(present, text))
				str_addf(commands, "-%c %s\n", rule->append ? 'A' : 'I', text);
		}
}

static void add_removals(struct str *commands, const struct strv *present, struct strv *wanted)
{
	strv_sort(wanted);
	for (size_t i = 0; i < present->count; i++)
		if (!strv_has_sorted(wanted, present->items[i]))
			str_addf(commands, "-D %s\n", present->items[i]);
}

// Rules that stay are not touched: other programs watch for changes, and so do hostel's monitors.
char *iptables_text(const char *saved, const struct firewall *f, bool ipv6)
{
	bool docker = strstr(saved, "\n-A " FORWARD " -j " DOCKER_USER "\n");
	auto_strv present = {0}, wanted = {0};
	auto_str commands = {0};

	add_present(&present, saved, f->table);
	strv_sort(&present);
	add_wanted(&wanted, &commands, &present, docker ? DOCKER_USER : FORWARD, f, ipv6);
	add_removals(&commands, &present, &wanted);
	return commands.length ? mem_printf("*filter\n%sCOMMIT\n", commands.text) : NULL;
}

// --- libvirt's nftables backend ---

#define LIBVIRT_TABLE "libvirt_network"

static const char *family_of(bool ipv6)
{
	return ipv6 ? "ip6" : "ip";
}

static const struct foreign_chain *libvirt_chain(const struct foreign_chains *c, bool ipv6)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_equal(c->items[i].family, family_of(ipv6)) && str_equal(c->items[i].table, LIBVIRT_TABLE))
			return &c->items[i];
	return NULL;
}

// A rule of hostel's ends with its comment, which nft shows before the handle.
static void add_deletion(struct str *commands, const char *chain, const char *line, bool ipv6)
{
	const char *handle = strrchr(line, ' ');

	str_addf(commands, "delete rule %s " LIBVIRT_TABLE " %s handle%s\n", family_of(ipv6), chain, handle);
}

char *libvirt_text(const char *chain, bool ipv6, const char *listed, const char *table,
                   const struct rules_network *networks, size_t count)
{
	auto_free char *name = firewall_comment(table), *comment = mem_printf(" comment \"%s\" # handle ", name);
	auto_strv lines = {0}, present = {0};
	auto_str commands = {0};

	strv_split(&lines, listed, "\n");
	for (size_t i = 0; i < count; i++) {
		auto_free char *rule = mem_printf("oifname \"%s\" ct status dnat accept", networks[i].bridge);
		if (!networks[i].shared || !rules_network_publishes(&networks[i], ipv6))
			continue;
		strv_add(&present, rule);
		auto_free char *whole = mem_printf("%s%s", rule, comment);
		if (!strstr(listed, whole))
			str_addf(&commands, "insert rule %s " LIBVIRT_TABLE " %s %s comment \"%s\"\n", family_of(ipv6), chain,
			         rule, name);
	}
	strv_sort(&present);
	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i] + strspn(lines.items[i], "\t "), *end = strstr(line, comment);
		auto_free char *rule = end ? mem_strndup(line, (size_t)(end - line)) : NULL;
		if (rule && !strv_has_sorted(&present, rule))
			add_deletion(&commands, chain, line, ipv6);
	}
	return commands.length ? str_steal(&commands) : NULL;
}

static int run_nft(const char *const argv[], const char *input, struct str *out, struct err *e)
{
	int r = proc_run(argv, input, out, PROGRAM_TIMEOUT, e);

	return r > 0 ? -(e->code ? e->code : EIO) : r;
}

static int change_libvirt(const char *chain, bool ipv6, const struct firewall *f, struct err *e)
{
	auto_str listed = {0};
	int r = run_nft((const char *const[]){"nft", "-a", "list", "chain", family_of(ipv6), LIBVIRT_TABLE, chain, NULL},
	                NULL, &listed, e);
	auto_free char *text =
		r < 0 ? NULL : libvirt_text(chain, ipv6, str_text(&listed), f->table, f->networks, f->count);

	r = text ? run_nft((const char *const[]){"nft", "-f", "-", NULL}, text, NULL, e) : r;
	return r < 0 ? r : text != NULL;
}

// --- the firewalls of other programs ---

struct variant {
	bool (*is_there)(const struct variant *v, const struct foreign_chains *c);
	// returns like firewall_apply()
	int (*apply)(const struct variant *v, const struct firewall *f, const struct foreign_chains *c, struct err *e);
	const char *kind; // of iptables
	bool ipv6;
};

static bool has_iptables(const struct variant *v, const struct foreign_chains *c)
{
	return foreign_chains_has(c, family_of(v->ipv6), "filter", FORWARD);
}

// The tables of iptables-legacy are not nftables tables.
static bool has_legacy(const struct variant *v, const struct foreign_chains *c)
{
	(void)c;
	return legacy_has_table(v->ipv6, "filter");
}

// Runs iptables-KIND-TOOL, or iptables-TOOL where only one kind is installed; the same for ip6tables.
static int run_iptables(const struct variant *v, const char *tool, const char *option, const char *input,
                        struct str *out, struct err *e)
{
	const char *program = v->ipv6 ? "ip6tables" : "iptables";
	auto_free char *special = mem_printf("%s-%s-%s", program, v->kind, tool),
	               *usual = mem_printf("%s-%s", program, tool);
	int r = proc_run((const char *const[]){special, option, NULL}, input, out, PROGRAM_TIMEOUT, e);

	if (r == -ENOENT)
		r = proc_run((const char *const[]){usual, option, NULL}, input, out, PROGRAM_TIMEOUT, e);
	if (r == -ENOENT)
		return err_msg(e, ENOENT, "cannot add rules: '%s' is not installed (install iptables)", usual);
	return r > 0 ? -(e->code ? e->code : EIO) : r;
}

static int apply_iptables(const struct variant *v, const struct firewall *f, const struct foreign_chains *c,
                          struct err *e)
{
	auto_str saved = {0};
	int r = run_iptables(v, "save", "--table=filter", NULL, &saved, e);
	auto_free char *text = r < 0 ? NULL : iptables_text(str_text(&saved), f, v->ipv6);

	(void)c;
	r = text ? run_iptables(v, "restore", "--noflush", text, NULL, e) : r;
	return r < 0 ? r : text && !str_equal(v->kind, "legacy");
}

static bool has_libvirt(const struct variant *v, const struct foreign_chains *c)
{
	return libvirt_chain(c, v->ipv6) != NULL;
}

static int apply_libvirt(const struct variant *v, const struct firewall *f, const struct foreign_chains *c,
                         struct err *e)
{
	return change_libvirt(libvirt_chain(c, v->ipv6)->name, v->ipv6, f, e);
}

static bool has_firewalld(const struct variant *v, const struct foreign_chains *c)
{
	(void)v;
	return foreign_chains_has(c, "inet", "firewalld", "filter_FORWARD");
}

static int apply_firewalld(const struct variant *v, const struct firewall *f, const struct foreign_chains *c,
                           struct err *e)
{
	auto_strv bridges = {0};

	(void)v, (void)c;
	for (size_t i = 0; i < f->count; i++)
		if (rules_network_has_servers(&f->networks[i], false))
			strv_add(&bridges, f->networks[i].bridge);
	return firewalld_trust(f->run, &bridges, e);
}

static const struct variant variants[] = {
	{has_iptables, apply_iptables, "nft", false},
	{has_iptables, apply_iptables, "nft", true},
	{has_legacy, apply_iptables, "legacy", false},
	{has_legacy, apply_iptables, "legacy", true},
	{has_libvirt, apply_libvirt, NULL, false},
	{has_libvirt, apply_libvirt, NULL, true},
	{has_firewalld, apply_firewalld, NULL, false},
};

bool firewall_is_there(const struct foreign_chains *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (!str_equal(c->items[i].family, "ip6"))
			return true;
	return has_legacy(&(const struct variant){.ipv6 = false}, c);
}

int firewall_apply(const struct firewall *f, const struct foreign_chains *c, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(variants); i++) {
		struct err one = {0};
		int r = variants[i].is_there(&variants[i], c) ? variants[i].apply(&variants[i], f, c, &one) : 0;
		if (r < 0 && result >= 0)
			*e = one;
		result = result < 0 ? result : r < 0 ? r : result + r;
	}
	return result;
}
