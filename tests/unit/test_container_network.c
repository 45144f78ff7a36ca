// Networks of containers: subnets and addresses, published ports, rules, texts for the DNS server, parameters.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/bundle/network_files.h"
#include "container/network/bridge/dns.h"
#include "container/network/bridge/sources.h"
#include "container/network/firewall/firewall.h"
#include "container/network/helper/helper.h"
#include "container/network/libvirt/reservation6.h"
#include "container/network/publish/rules.h"
#include "container/network/record/attachment.h"
#include "container/network/record/choice.h"
#include "container/network/record/state.h"
#include "model/address.h"
#include "model/param.h"
#include "model/ports.h"

static uint32_t at(const char *text)
{
	uint32_t address = 0;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}

static struct address6 at6(const char *text)
{
	struct address6 address = {0};

	assert_int_equal(address6_parse(text, &address), 0);
	return address;
}

static struct subnet net(const char *text)
{
	struct subnet s;

	assert_int_equal(subnet_parse(text, &s, NULL), 0);
	return s;
}

static void test_subnets(void **state)
{
	static const char *const invalid[] = {"", "10.0.0.0", "10.0.0.1/24", "10.0.0.0/33", "10.0.0.0/7", "10.0.0.0/30",
	                                      "10.0.0/24", "10.0.0.0/24x", "127.0.0.0/8", "127.8.0.0/16", "0.0.0.0/8",
	                                      "169.254.0.0/16", "224.0.0.0/24", "255.255.255.0/24"};
	struct subnet s = net("10.87.0.0/24"), other = net("10.87.0.0/16"), next = net("10.87.1.0/24");
	uint32_t first, last;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		assert_int_not_equal(subnet_parse(invalid[i], &s, NULL), 0);
	s = net("10.87.0.0/24");
	assert_int_equal(subnet_gateway(&s), at("10.87.0.1"));
	assert_true(subnet_overlaps(&s, &other));
	assert_true(subnet_overlaps(&other, &s));
	assert_false(subnet_overlaps(&s, &next));
	assert_true(subnet_has(&s, at("10.87.0.2")));
	assert_false(subnet_has(&s, at("10.87.0.1")));
	assert_false(subnet_has(&s, at("10.87.0.0")));
	assert_false(subnet_has(&s, at("10.87.0.255")));
	assert_false(subnet_has(&s, at("10.87.1.2")));
	subnet_dhcp_range(&s, &first, &last);
	assert_int_equal(first, at("10.87.0.128"));
	assert_int_equal(last, at("10.87.0.254"));
}

static void test_subnet_errors(void **state)
{
	static const struct { const char *text, *error; } rows[] = {
		{"10.0.0.1/24", "invalid subnet '10.0.0.1/24': host bits are set (did you mean 10.0.0.0/24?)"},
		{"10.0.0.0/30", "invalid subnet '10.0.0.0/30': prefix length must be 8 to 29"},
		{"127.8.0.0/16", "invalid subnet '127.8.0.0/16': its addresses are reserved"},
		{"10.0.0.0", "invalid subnet '10.0.0.0' (for example 10.90.0.0/24)"},
		{"fd00::/64", "invalid subnet 'fd00::/64' (use subnet6 for an IPv6 subnet)"},
	}, ipv6[] = {
		{"fd00::1/64", "invalid IPv6 subnet 'fd00::1/64': host bits are set (did you mean fd00::/64?)"},
		{"fd00::/65", "invalid IPv6 subnet 'fd00::/65': prefix length must be 8 to 64"},
		{"fe80::/64", "invalid IPv6 subnet 'fe80::/64': its addresses are reserved"},
		{"10.0.0.0/8", "invalid IPv6 subnet '10.0.0.0/8' (for example fd00:90::/64, or none)"},
	};
	struct subnet s;
	struct subnet6 s6;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(subnet_parse(rows[i].text, &s, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].error);
	}
	for (size_t i = 0; i < ARRAY_SIZE(ipv6); i++) {
		assert_int_equal(subnet6_parse(ipv6[i].text, &s6, &e), -EINVAL);
		assert_string_equal(e.text, ipv6[i].error);
	}
}

static void test_free_subnet(void **state)
{
	struct subnet taken[] = {net("10.87.0.0/24"), net("10.87.1.128/25"), net("10.87.2.0/23")}, all = net("10.0.0.0/8"), s;

	(void)state;
	assert_true(subnet_choose(&s, NULL, 0));
	assert_int_equal(s.base, at("10.87.0.0"));
	assert_true(subnet_choose(&s, taken, ARRAY_SIZE(taken)));
	assert_int_equal(s.base, at("10.87.4.0"));
	assert_false(subnet_choose(&s, &all, 1));
}

// A tunnel's or a cloud machine's interface has an address whose network is the address itself.
static void test_single_address(void **state)
{
	const struct subnet single = {at("10.87.0.7"), 32}, far = {at("100.64.0.1"), 32}, all = {0, 0};
	struct subnet s = net("10.87.0.0/24");

	(void)state;
	assert_int_equal(subnet_mask(&single), UINT32_MAX);
	assert_int_equal(subnet_mask(&all), 0);
	assert_true(subnet_overlaps(&s, &single));
	assert_false(subnet_overlaps(&s, &far));
	assert_true(subnet_choose(&s, &single, 1));
	assert_int_equal(s.base, at("10.87.1.0"));
}

// A monitor knows the store's path without links, a command the one that its user wrote: both must find the same files.
static void test_store_behind_link(void **state)
{
	char directory[] = "/tmp/hostel-networks-XXXXXX";
	struct err e = {0};

	(void)state;
	assert_non_null(mkdtemp(directory));
	auto_free char *store = mem_printf("%s/real/store", directory), *above = mem_printf("%s/real", directory),
	               *link = mem_printf("%s/link", directory), *other = mem_printf("%s/link/store", directory);
	assert_int_equal(mkdir(above, 0700) | mkdir(store, 0700) | symlink("real", link), 0);
	auto_networks n = {.lock = -1, .containers = -1}, m = {.lock = -1, .containers = -1};
	assert_int_equal(networks_open(&n, store, NETWORKS_READ, &e), 0);
	assert_int_equal(networks_open(&m, other, NETWORKS_READ, &e), 0);
	auto_free char *bridge = networks_bridge_name(&n, "back"), *again = networks_bridge_name(&m, "back");
	assert_string_equal(n.run, m.run);
	assert_string_equal(n.table, m.table);
	assert_int_equal(n.group, m.group);
	assert_string_equal(bridge, again);
	auto_free char *definitions = mem_printf("%s/networks", store), *file = mem_printf("%s/back.json", definitions);
	auto_own_network o = {0};
	assert_int_equal(mkdir(definitions, 0700), 0);
	assert_int_equal(own_network_read_definition(&n, "back", &o, NULL), -ENOENT); // a list needs no reason
	auto_close int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "{", 1), 1);
	assert_int_equal(own_network_read_definition(&n, "back", &o, NULL), -EINVAL);
	assert_int_equal(unlink(file) | rmdir(definitions) | unlink(link) | rmdir(store) | rmdir(above) | rmdir(directory), 0);
}

// Files that a program other than hostel has changed are damaged, and nothing worse.
static void test_damaged_endpoint(void **state)
{
	static const struct {
		const char *members;
		int result;
	} rows[] = {{"\"ports\": [\"80:80\"], \"aliases\": [\"db\", 1]", 0}, {"\"ports\": [1]", -EINVAL},
	            {"\"ports\": [\"80\"]", -EINVAL}, {"\"ports\": 1, \"aliases\": {}", 0}};
	char directory[] = "/tmp/hostel-networks-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(directory));
	auto_free char *endpoints = mem_printf("%s/endpoints", directory), *file = mem_printf("%s/web", endpoints);
	const struct own_network o = {.directory = directory};
	assert_int_equal(mkdir(endpoints, 0700), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_close int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		struct endpoint p = {0};
		assert_true(dprintf(fd, "{\"address\": \"10.87.0.2\", \"mac\": \"02:68:0a:57:00:02\", %s}", rows[i].members) > 0);
		assert_int_equal(endpoint_read(&o, "web", &p, NULL), rows[i].result);
		endpoint_done(&p);
	}
	assert_int_equal(unlink(file) | rmdir(endpoints) | rmdir(directory), 0);
}

static void test_addresses(void **state)
{
	struct subnet s = net("10.0.0.0/29");
	uint32_t used[3];
	unsigned char mac[MAC_SIZE];

	(void)state;
	used[0] = subnet_choose_address(&s, 7, NULL, 0);
	assert_int_equal(subnet_choose_address(&s, 7, NULL, 0), used[0]); // the same again
	used[1] = subnet_choose_address(&s, 7, used, 1);
	assert_int_not_equal(used[0], used[1]);
	assert_true(subnet_has(&s, used[0]) && subnet_has(&s, used[1]));
	assert_int_equal(subnet_choose_address(&s, 7, used, 2), 0); // .4 and above are given out by DHCP
	mac_of_address(at("10.87.0.5"), mac);
	auto_free char *text = mac_text(mac);
	assert_string_equal(text, "02:68:0a:57:00:05");
}

static void test_mac(void **state)
{
	static const char *const invalid[] = {"", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:001",
	                                      "01:00:00:00:00:01", "02:00:00:00:00:zz", "2:0:0:0:0:1"};
	unsigned char mac[MAC_SIZE];

	(void)state;
	assert_int_equal(mac_parse("02:00:00:00:00:FF", mac), 0);
	assert_int_equal(mac[5], 255);
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		assert_int_not_equal(mac_parse(invalid[i], mac), 0);
}

static void test_ports(void **state)
{
	static const char *const invalid[] = {"", ":", "80:", "0:80", "80:0", "65536:80", "80:65536", "1-2:3",
	                                      "3-1:3-1", "80:80/sctp", "1.2.3:80:80", "a:80:80", "1.2.3.4:80",
	                                      "1.2.3.4:1:2:3", "-1:80", "::1:80:80", "[::1]:80", "[::1:80:80",
	                                      "[]:80:80", "[1.2.3.4]:80:80", "[:80:80", ":80:80"};
	struct ports p = {0};
	struct err e;

	(void)state;
	assert_int_equal(ports_parse(&p, "8080:80", &e), 0);
	assert_int_equal(ports_parse(&p, "127.0.0.1:53:5353/udp", &e), 0);
	assert_int_equal(ports_parse(&p, "5000-5002:6000-6002/tcp", &e), 0);
	assert_int_equal(p.count, 5);
	auto_free char *first = port_text(&p.items[0]), *second = port_text(&p.items[1]), *last = port_text(&p.items[4]);
	assert_string_equal(first, "8080:80");
	assert_string_equal(second, "127.0.0.1:53:5353/udp");
	assert_string_equal(last, "5002:6002");
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		assert_int_not_equal(ports_parse(&p, invalid[i], &e), 0);
		assert_non_null(strstr(e.text, invalid[i]));
	}
	assert_int_equal(p.count, 5);
	ports_done(&p);
}

// The text of a port that is read from TEXT. Owned.
static char *port_again(const char *text)
{
	struct ports p = {0};
	struct err e;

	assert_int_equal(ports_parse(&p, text, &e), 0);
	assert_int_equal(p.count, 1);
	char *again = port_text(&p.items[0]);
	ports_done(&p);
	return again;
}

static void test_port_addresses(void **state)
{
	static const char *const same[] = {"8080:80", "0.0.0.0:8080:80", "[::]:8080:80", "[::1]:8080:80", "[2001:db8::1]:1:2"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		auto_free char *again = port_again(same[i]);
		assert_string_equal(again, same[i]);
	}
}

static bool conflict(const char *one, const char *other)
{
	struct ports p = {0};
	struct err e;

	assert_int_equal(ports_parse(&p, one, &e), 0);
	assert_int_equal(ports_parse(&p, other, &e), 0);
	bool result = port_conflicts(&p.items[0], &p.items[1]);
	assert_int_equal(port_conflicts(&p.items[1], &p.items[0]), result);
	ports_done(&p);
	return result;
}

static void test_exposed_ports(void **state)
{
	static const char *const invalid[] = {"", "80/sctp", "0", "x/tcp", "2-1/tcp"};
	auto_strv texts = {0};
	struct ports p = {0};
	struct err e;

	(void)state;
	assert_int_equal(ports_parse(&p, "5000-5002:6000-6002", &e), 0);
	assert_int_equal(ports_parse(&p, "5004:6003", &e), 0);
	assert_int_equal(ports_expose(&p, "6002/tcp", &e), 0); // published already
	assert_int_equal(ports_expose(&p, "6002/udp", &e), 0);
	assert_int_equal(ports_expose(&p, "7000-7001", &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		assert_int_not_equal(ports_expose(&p, invalid[i], &e), 0);
	ports_texts(&p, &texts);
	assert_int_equal(texts.count, 5);
	assert_string_equal(texts.items[0], "5000-5002:6000-6002");
	assert_string_equal(texts.items[1], "5004:6003");
	assert_string_equal(texts.items[2], "6002/udp");
	assert_string_equal(texts.items[4], "7001");
	ports_done(&p);
}

static int check_ports(const char *const *texts, struct err *e)
{
	struct ports p = {0};

	for (; *texts; texts++)
		assert_int_equal(ports_parse(&p, *texts, e), 0);
	int r = ports_check(&p, e);
	ports_done(&p);
	return r;
}

static void test_ports_beside_each_other(void **state)
{
	static const char *const allowed[] = {"8080:80", "8080:80/udp", "0.0.0.0:81:80", "[::]:81:80", "127.0.0.1:82:80",
	                                      "192.0.2.1:82:80", "1000-65535:1000-65535/udp", NULL};
	static const char *const twice[] = {"8080-8085:80-85", "127.0.0.1:8083:90", NULL};
	struct err e;

	(void)state;
	assert_int_equal(check_ports((const char *const[]){"80", "80", NULL}, &e), 0);
	assert_int_equal(check_ports(allowed, &e), -EINVAL); // 8080/udp is in the range
	assert_string_equal(e.text, "port 8080:8080/udp conflicts with 8080:80/udp");
	assert_int_equal(check_ports(allowed + 2, &e), 0);
	assert_int_equal(check_ports(twice, &e), -EINVAL);
	assert_string_equal(e.text, "port 127.0.0.1:8083:90 conflicts with 8083:83");
}

// The host's port is to be chosen: it conflicts with none.
static void test_chosen_ports(void **state)
{
	static const struct { const char *text, *read; } rows[] = {{"80", "80"}, {"80-82/tcp", "80"}, {":53/udp", "53/udp"},
	                                                          {"127.0.0.1::80", "127.0.0.1::80"}, {"[::1]::80", "[::1]::80"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ports p = {0};
		struct err e;
		assert_int_equal(ports_parse(&p, rows[i].text, &e), 0);
		auto_free char *text = port_text(&p.items[0]);
		assert_string_equal(text, rows[i].read);
		assert_false(port_conflicts(&p.items[0], &p.items[0]));
		ports_done(&p);
	}
}

static void test_ipv6_conflicts(void **state)
{
	(void)state;
	assert_true(conflict("80:80", "[::1]:80:80"));
	assert_true(conflict("[::]:80:80", "[::1]:80:80"));
	assert_true(conflict("80:80", "[::]:80:80"));
	assert_false(conflict("[::1]:80:80", "[::2]:80:80"));
	assert_false(conflict("0.0.0.0:80:80", "[::]:80:80"));
	assert_false(conflict("127.0.0.1:80:80", "[::1]:80:80"));
}

static void test_port_conflicts(void **state)
{
	const struct port any = {.outside = 80}, one = {.address = 1, .outside = 80}, two = {.address = 2, .outside = 80},
	                  udp = {.outside = 80, .udp = true}, other = {.outside = 81};

	(void)state;
	assert_true(port_conflicts(&any, &any));
	assert_true(port_conflicts(&any, &one));
	assert_true(port_conflicts(&one, &any));
	assert_false(port_conflicts(&one, &two));
	assert_false(port_conflicts(&any, &udp));
	assert_false(port_conflicts(&any, &other));
}

static void test_ipv6(void **state)
{
	static const char *const invalid[] = {"", "fd00::", "fd00::1/64", "fd00::/65", "fd00::/7", "10.0.0.0/8", "fd00::/64x",
	                                      "ff05::/64", "fe80::/64", "fe80::/10", "::/64"};
	struct subnet v4 = net("10.87.0.0/24");
	struct subnet6 s, wide, other = subnet6_of("one"), same = subnet6_of("one");
	struct address6 a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
		assert_int_not_equal(subnet6_parse(invalid[i], &s, NULL), 0);
	assert_int_equal(subnet6_parse("fd00:91::/64", &s, NULL), 0);
	assert_int_equal(subnet6_parse("fd00::/12", &wide, NULL), 0);
	assert_true(subnet6_overlaps(&s, &wide) && subnet6_overlaps(&wide, &s));
	assert_true(address6_equal(&other.base, &same.base));
	assert_int_equal(other.prefix, 64);
	assert_int_equal(other.base.bytes[0], 0xfd);
	same = subnet6_of("two");
	assert_false(subnet6_overlaps(&other, &same));
	a = subnet6_gateway(&s);
	auto_free char *gateway = address6_text(&a);
	assert_string_equal(gateway, "fd00:91::1");
	assert_false(subnet6_has(&s, &a));
	assert_false(subnet6_has(&s, &s.base));
	a = subnet6_address(&s, &v4, at("10.87.0.5"), 0);
	assert_true(subnet6_has(&s, &a));
	auto_free char *first = address6_text(&a);
	assert_string_equal(first, "fd00:91::5");
	a = subnet6_address(&s, &v4, at("10.87.0.5"), 1);
	auto_free char *second = address6_text(&a);
	assert_string_equal(second, "fd00:91::1:0:5");
}

static void test_rules(void **state)
{
	const struct rules_network networks[] = {{.bridge = "ho-a", .subnet = net("10.87.0.0/24"), .subnet6 = subnet6_of("a")},
	                                         {.bridge = "ho-b", .subnet = net("10.87.1.0/24"), .isolated = true},
	                                         {.bridge = "virbr0", .subnet = net("192.168.122.0/24"), .shared = true}};
	const struct rules_port ports[] = {{{.outside = 8080, .inside = 80}, at("10.87.0.5"), {{0}}},
	                                   {{.outside = 8081, .inside = 81}, at("10.87.0.6"), {{0}}},
	                                   {{.address = at("192.0.2.1"), .outside = 53, .inside = 5353, .udp = true}, at("10.87.0.7"), {{0}}},
	                                   {{.outside = 8082, .inside = 82, .family = PORT_IPV6}, at("10.87.0.7"), {{0}}}};
	auto_free char *none = rules_text("hostel", NULL, 0, NULL, 0), *text = rules_text("hostel", networks, 3, ports, 4);

	(void)state;
	assert_string_equal(none, "table inet hostel\ndelete table inet hostel\n");
	assert_true(str_starts(text, none));
	assert_non_null(strstr(text, "elements = { 8080 : 10.87.0.5 . 80, 8081 : 10.87.0.6 . 81 }\n"));
	assert_non_null(strstr(text, "elements = { 192.0.2.1 . 53 : 10.87.0.7 . 5353 }\n"));
	assert_non_null(strstr(text, "ip saddr 10.87.0.0/24 ip daddr != 10.87.0.0/24 masquerade"));
	assert_null(strstr(text, "8082"));
	assert_null(strstr(text, "virbr0"));
	assert_null(strstr(text, "ip saddr 192.168.122.0/24 ip daddr != 192.168.122.0/24 masquerade"));
	assert_null(strstr(text, "ip saddr 10.87.1.0/24 ip daddr != 10.87.1.0/24 masquerade"));
	assert_non_null(strstr(text, "iifname \"ho-b\" oifname != \"ho-b\" reject"));
	assert_null(strstr(text, "iifname \"ho-a\" oifname != \"ho-a\" reject"));
}

static void test_sources(void **state)
{
	const unsigned char a[MAC_SIZE] = {2, 0, 0, 0, 0, 5}, b[MAC_SIZE] = {2, 0, 0, 0, 0, 6};
	const struct source list[] = {{"vh1", a, at("10.87.0.5"), at6("fd00::5")},
	                              {"vh2", b, at("10.87.0.6"), at6("::")}};
	auto_free char *none = sources_text("hostel", 7, NULL, 0), *text = sources_text("hostel", 7, list, 2);

	(void)state;
	assert_string_equal(none, "table bridge hostel\ndelete table bridge hostel\n");
	assert_true(str_starts(text, none));
	assert_non_null(strstr(text, "elements = { \"vh1\" . 02:00:00:00:00:05, \"vh2\" . 02:00:00:00:00:06 }\n"));
	assert_non_null(strstr(text, "elements = { \"vh1\" . 10.87.0.5, \"vh2\" . 10.87.0.6 }\n"));
	assert_non_null(strstr(text, "type ifname . ipv6_addr\n\t\telements = { \"vh1\" . fd00::5 }\n"));
	assert_non_null(strstr(text, "iifname \"vh1\" @th,64,128 != 0xfe80000000000000000000fffe000005 "
	                       "@th,64,128 != 0xfd000000000000000000000000000005 drop\n"));
	assert_non_null(strstr(text, "meta iifgroup != 7 accept\n"));
}

static void test_foreign_chains(void **state)
{
	static const char text[] = "table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy drop;\n"
	                           "\t}\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n"
	                           "\tchain DOCKER {\n\t}\n}\ntable inet hostel {\n\tchain forward {\n"
	                           "\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}\n"
	                           "table inet firewalld {\n\tchain filter_FORWARD {\n"
	                           "\t\ttype filter hook forward priority filter + 10; policy accept;\n\t}\n}\n";
	auto_foreign_chains c = {0}, none = {0};

	(void)state;
	foreign_chains_read(&c, text, "hostel");
	foreign_chains_read(&none, "", "hostel");
	assert_int_equal(none.count, 0);
	assert_int_equal(c.count, 2);
	assert_true(c.items[0].drops);
	assert_false(c.items[1].drops);
	assert_true(foreign_chains_has(&c, "ip", "filter", "FORWARD"));
	assert_true(foreign_chains_has(&c, "inet", "firewalld", "filter_FORWARD"));
	assert_false(foreign_chains_has(&c, "inet", "hostel", "forward"));
	assert_false(foreign_chains_has(&c, "ip", "filter", "INPUT"));
}

static const char other_rules[] = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -o ho-a -j ACCEPT\n"
                                  "-A FORWARD -o ho-a -m comment --comment \"hostel:hostel_1\" -j ACCEPT\n"
                                  "-A FORWARD -o ho-a -m comment --comment \"hostel:hostel\" -j DROP\n";

static char *text_for(const char *saved, const struct rules_network *network)
{
	return iptables_text(saved, &(struct firewall){NULL, "hostel", network, network != NULL}, false);
}

// IPv6 to a port is translated only if the container can answer.
static void test_rules6(void **state)
{
	const struct rules_network network = {.bridge = "ho-a", .subnet = net("10.87.0.0/24"), .subnet6 = subnet6_of("a")};
	struct ports parsed = {0};
	struct rules_port ports[5];
	struct err e;

	(void)state;
	assert_int_equal(ports_parse(&parsed, "8080:80", &e), 0);
	assert_int_equal(ports_parse(&parsed, "[2001:db8::1]:53:5353/udp", &e), 0);
	assert_int_equal(ports_parse(&parsed, "[::]:8081:81", &e), 0);
	assert_int_equal(ports_parse(&parsed, "192.0.2.1:8082:82", &e), 0);
	assert_int_equal(ports_parse(&parsed, "8083:83", &e), 0);
	for (size_t i = 0; i < 5; i++)
		ports[i] = (struct rules_port){parsed.items[i], at("10.87.0.5"), i < 4 ? at6("fd00:91::5") : (struct address6){{0}}};
	auto_free char *text = rules_text("hostel", &network, 1, ports, 5), *without = rules_text("hostel", &network, 1, ports + 4, 1);
	assert_non_null(strstr(text, "map tcp6-any {\n\t\ttype inet_service : ipv6_addr . inet_service\n"
	                             "\t\telements = { 8080 : fd00:91::5 . 80, 8081 : fd00:91::5 . 81 }\n"));
	assert_non_null(strstr(text, "elements = { 2001:db8::1 . 53 : fd00:91::5 . 5353 }\n"));
	assert_non_null(strstr(text, "elements = { 8080 : 10.87.0.5 . 80, 8083 : 10.87.0.5 . 83 }\n"));
	assert_non_null(strstr(text, "dnat ip6 to ip6 daddr . udp dport map @udp6-at\n"));
	assert_null(strstr(without, "dnat ip6 to"));
	ports_done(&parsed);
}

static void test_ip6tables(void **state)
{
	const struct rules_network both = {.bridge = "ho-a", .publishes = true, .subnet6 = {.prefix = 64}},
	                           ipv4 = {.bridge = "ho-b", .publishes = true}, list[] = {both, ipv4},
	                           translated = {.bridge = "ho-a", .publishes6 = true, .subnet6 = {.prefix = 64}};
	auto_free char *text = iptables_text(other_rules, &(struct firewall){NULL, "hostel", list, 2}, true),
	               *more = iptables_text(other_rules, &(struct firewall){NULL, "hostel", &translated, 1}, true);

	(void)state;
	assert_non_null(strstr(text, "-A FORWARD -i ho-a -m comment"));
	assert_null(strstr(text, "ho-b"));
	assert_null(strstr(text, "ctstate DNAT")); // IPv6 is relayed
	assert_non_null(strstr(more, "-I FORWARD -o ho-a -m conntrack --ctstate DNAT"));
}

static void test_iptables_add(void **state)
{
	const struct rules_network open = {.bridge = "ho-a", .publishes = true}, closed = {.bridge = "ho-b", .isolated = true};
	auto_free char *docker = mem_printf("%s-A FORWARD -j DOCKER-USER\n", other_rules),
	               *one = text_for(other_rules, &open), *user = text_for(docker, &open),
	               *isolated = text_for(other_rules, &closed),
	               *none = text_for(other_rules, NULL);

	(void)state;
	assert_null(none);
	assert_null(strstr(one, "-D "));
	assert_non_null(strstr(one, "-I FORWARD -o ho-a -m conntrack --ctstate DNAT -m comment --comment \"hostel:hostel\" -j ACCEPT\n"));
	assert_non_null(strstr(one, "-A FORWARD -i ho-a -m comment"));
	assert_true(str_ends(one, "\nCOMMIT\n"));
	assert_non_null(strstr(user, "-I DOCKER-USER -o ho-a -m conntrack --ctstate DNAT"));
	assert_non_null(strstr(user, "-A FORWARD -i ho-a -m comment"));
	assert_null(strstr(isolated, "FORWARD"));
	assert_non_null(strstr(isolated, "-I INPUT -i ho-b -p udp"));
}

// Rules that are there already change nothing; others of hostel's, and no others, are removed.
static void test_iptables_replace(void **state)
{
	const struct rules_network before = {.bridge = "ho-a", .publishes = true}, after = {.bridge = "ho-b"};
	auto_free char *first = text_for(other_rules, &before), *saved = mem_printf("%s%s", other_rules, first);

	(void)state;
	for (char *at = saved; (at = strstr(at, "\n-I ")); at++)
		at[2] = 'A';
	auto_free char *same = text_for(saved, &before), *other = text_for(saved, &after),
	               *none = text_for(saved, NULL);
	assert_null(same);
	assert_non_null(strstr(other, "-D FORWARD -o ho-a -m conntrack --ctstate DNAT -m comment"));
	assert_non_null(strstr(other, "-A FORWARD -i ho-b -m comment"));
	assert_null(strstr(other, "ho-b -m conntrack --ctstate DNAT"));
	assert_null(strstr(none, "-D FORWARD -o ho-a -j"));
	assert_null(strstr(none, "hostel_1"));
	assert_null(strstr(none, "DROP"));
	assert_null(strstr(none, "-A "));
}

static void test_libvirt_rules(void **state)
{
	const struct rules_network networks[] = {{.bridge = "virbr0", .shared = true, .publishes = true},
	                                         {.bridge = "virbr1", .shared = true},
	                                         {.bridge = "ho-a", .publishes = true}};
	static const char empty[] = "table ip libvirt_network {\n\tchain forward { # handle 1\n\t\tjump guest_input # handle 7\n\t}\n}\n",
	                  full[] = "\t\toifname \"virbr0\" ct status dnat accept comment \"hostel:hostel\" # handle 12\n"
	                           "\t\toifname \"virbr1\" ct status dnat accept comment \"hostel:hostel\" # handle 13\n"
	                           "\t\toifname \"virbr2\" ct status dnat accept comment \"hostel:other\" # handle 14\n";
	auto_free char *first = libvirt_text("forward", false, empty, "hostel", networks, 3),
	               *change = libvirt_text("forward", false, full, "hostel", networks, 3),
	               *none = libvirt_text("forward", false, empty, "hostel", NULL, 0),
	               *last = libvirt_text("forward", false, full, "hostel", NULL, 0);

	(void)state;
	assert_string_equal(first, "insert rule ip libvirt_network forward oifname \"virbr0\" ct status dnat accept comment "
	                           "\"hostel:hostel\"\n");
	assert_string_equal(change, "delete rule ip libvirt_network forward handle 13\n");
	assert_null(none);
	assert_string_equal(last, "delete rule ip libvirt_network forward handle 12\n"
	                          "delete rule ip libvirt_network forward handle 13\n");
}

static void test_dns(void **state)
{
	struct subnet s = net("10.87.0.0/24");
	auto_strv none = {0}, aliases = {0};
	const struct dns_name names[] = {{at("10.87.0.5"), "web", &aliases, at6("fd00::5")},
	                                 {at("10.87.0.6"), "db", &none, at6("::")}};

	(void)state;
	strv_add(&aliases, "www");
	auto_free char *hosts = dns_hosts(names, 2), *text = dns_configuration("/run/x", "ho-x", &s, false, NULL),
	               *isolated = dns_configuration("/run/x", "ho-x", &s, true, NULL);
	assert_string_equal(hosts, "10.87.0.5 web www\nfd00::5 web www\n10.87.0.6 db\n");
	assert_non_null(strstr(text, "interface=ho-x\n"));
	assert_non_null(strstr(text, "addn-hosts=/run/x/hosts\n"));
	assert_non_null(strstr(text, "dhcp-range=10.87.0.128,10.87.0.254,255.255.255.0,1h\n"));
	assert_null(strstr(text, "no-resolv"));
	assert_non_null(strstr(isolated, "no-resolv\n"));
}

static void test_helper_version(void **state)
{
	static const struct {
		const char *text;
		unsigned version;
	} rows[] = {
		{"pasta 2024_08_14.61c0b0d\nCopyright", 20240814},
		{"pasta 0.0~git20250503.587980c-2+deb13u1\r\n", 20250503},
		{"pasta 0^20240906.g6b38f07-1.fc41.x86_64", 20240906},
		{"pasta unknown version", 0},
		{"pasta 0.0~git20230309", 20230309},
		{"pasta 0.0\nCopyright 20250101", 0},
		{"pasta 202405030", 0},
		{"pasta 2024_13_01", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(helper_version(rows[i].text), rows[i].version);
}

static void test_helper_choice(void **state)
{
	static const struct {
		const char *wanted;
		struct helper_found found[HELPER_PROGRAMS]; // pasta, slirp4netns
		const char *text;                            // the reason, or the error
	} rows[] = {
		{"auto", {{true, 20250503}, {true, 0}}, "pasta (version 2025-05-03)"},
		{"auto", {{true, 20240814}, {false, 0}}, "pasta (version 2024-08-14)"},
		{"auto", {{true, 20230309}, {true, 0}},
		 "slirp4netns (pasta is too old: version 2023-03-09, 2024-08-14 or later needed)"},
		{"auto", {{true, 0}, {true, 0}},
		 "slirp4netns (pasta is too old: version unknown, 2024-08-14 or later needed)"},
		{"auto", {{false, 0}, {true, 0}}, "slirp4netns (pasta is not installed)"},
		{"pasta", {{true, 0}, {true, 0}}, "pasta (version unknown, set by containers.network-helper)"},
		{"slirp4netns", {{true, 20250503}, {true, 0}}, "slirp4netns (set by containers.network-helper)"},
		{"auto", {{false, 0}, {false, 0}}, "networks of ordinary users need 'pasta' or 'slirp4netns', and neither is "
		                                   "installed (install passt or slirp4netns)"},
		{"auto", {{true, 20230309}, {false, 0}}, "networks of ordinary users need 'pasta' 2024-08-14 or later "
		                                         "(installed: version 2023-03-09) or 'slirp4netns' (install "
		                                         "slirp4netns)"},
		{"pasta", {{false, 0}, {true, 0}},
		 "networks of ordinary users need 'pasta', which is not installed (install passt)"},
		{"vpnkit", {{true, 20250503}, {true, 0}}, "invalid network helper 'vpnkit' (auto, pasta or slirp4netns)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = {0};
		const struct helper_program *picked = helper_pick(rows[i].wanted, rows[i].found, &e);
		auto_free char *reason = picked ? helper_reason(picked, rows[i].wanted, rows[i].found) : mem_strdup(e.text);
		assert_string_equal(reason, rows[i].text);
	}
}

static void test_resolver(void **state)
{
	auto_strv servers = {0}, search = {0}, none = {0};
	const char *text = "nameserver 192.0.2.1\nsearch a.test\n# note\noptions ndots:2";

	(void)state;
	strv_add(&servers, "10.87.0.1");
	strv_add(&search, "b.test");
	strv_add(&search, "c.test");
	auto_free char *same = network_resolver_with(text, &none, &none),
	               *server = network_resolver_with(text, &servers, &none),
	               *domains = network_resolver_with(text, &none, &search);
	assert_string_equal(same, "nameserver 192.0.2.1\nsearch a.test\n# note\noptions ndots:2\n");
	assert_string_equal(server, "search a.test\n# note\noptions ndots:2\nnameserver 10.87.0.1\n");
	assert_string_equal(domains, "nameserver 192.0.2.1\n# note\noptions ndots:2\nsearch b.test c.test\n");
}

static int check(const char *network, const char *parameter, const char *value, struct err *e)
{
	struct record r = {.name = mem_strdup("web")};

	params_add(&r.params, PARAM_NETWORK, network);
	params_add(&r.params, parameter, value);
	int result = network_check(&r, e);
	record_done(&r);
	return result;
}

static void test_parameters(void **state)
{
	static const struct {
		const char *network, *parameter, *value, *error; // NULL: valid
	} rows[] = {
		{"default", PARAM_IP, "10.87.0.9", NULL},
		{"default", PARAM_IP, "10.87.0", "invalid address"},
		{"none", PARAM_IP, "10.87.0.9", "has no effect with '--network none'"},
		{"none", PARAM_IP, "", NULL}, // an empty field of a form
		{"host", PARAM_PUBLISH, "80:80", "has no effect with '--network host'"},
		{"default", PARAM_PUBLISH, "80:80", NULL},
		{"default", PARAM_PUBLISH, "80", NULL},
		{"default", PARAM_PUBLISH, "80:", "invalid port '80:'"},
		{"default", PARAM_MAC_ADDRESS, "02:00:00:00:00:01", NULL},
		{"default", PARAM_NETWORK_ALIAS, "a b", "invalid network alias"},
		{"none", PARAM_DNS, "192.0.2.1", NULL},
		{"none", PARAM_DNS, "2001:db8::1", NULL},
		{"none", PARAM_DNS, "one", "invalid DNS server"},
		{"container:db", PARAM_DNS, "192.0.2.1", "has no effect with '--network container:db'"},
		{"container:a/b", PARAM_DNS, "", "invalid name of a container"},
		{"ns:run", PARAM_DNS, "", "must be absolute"},
		{"a/b", PARAM_DNS, "", "invalid network 'a/b'"},
		{"none", PARAM_DNS_SEARCH, "a b", "invalid search domain"},
		{"none", PARAM_ADD_HOST, "db:2001:db8::1", NULL},
		{"none", PARAM_ADD_HOST, "db", "invalid host 'db'"},
		{"none", PARAM_ADD_HOST, ":1.2.3.4", "invalid host"},
		{"a", PARAM_NETWORK, "b:ip=10.88.0.9", NULL},
		{"a", PARAM_NETWORK, "a", "network 'a' is named twice"},
		{"a", PARAM_NETWORK, "host", "'--network host' cannot be combined with others"},
		{"host", PARAM_NETWORK, "a", "'--network host' cannot be combined with 'a'"},
		{"container:db", PARAM_NETWORK, "a", "cannot be combined"},
		{"a,b", PARAM_IP, "10.88.0.9", "'--ip' is for a single network (write --network a:ip=10.88.0.9)"},
		{"a,b", PARAM_NETWORK_ALIAS, "web", NULL},
		{"a:ip=10.88", PARAM_DNS, "", "invalid address '10.88'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = {0};
		int r = check(rows[i].network, rows[i].parameter, rows[i].value, &e);

		assert_int_equal(r, rows[i].error ? -EINVAL : 0);
		if (rows[i].error)
			assert_non_null(strstr(e.text, rows[i].error));
	}
}

static void test_attachments(void **state)
{
	static const struct {
		const char *text, *same; // as attachment_text() writes them, separated by blanks; NULL: invalid
	} rows[] = {
		{"a", "a"},
		{"a,b", "a b"},
		{"a:ip=10.88.0.9,mac=02:00:00:00:00:01,alias=x,alias=y,b:alias=z,c",
		 "a:ip=10.88.0.9,mac=02:00:00:00:00:01,alias=x,alias=y b:alias=z c"},
		{"name=a,mac-address=02:00:00:00:00:01,name=b", "a:mac=02:00:00:00:00:01 b"},
		{"a:ip=10.88.0.8,ip=10.88.0.9", NULL},
		{"a:ip=10.88.0.8,b:ip=10.88.0.9,ip=10.88.0.9", "a:ip=10.88.0.8 b:ip=10.88.0.9"},
		{"a:mac=02:00:00:00:00:0a,mac-address=02:00:00:00:00:0A", "a:mac=02:00:00:00:00:0A"},
		{"a:mac=02:00:00:00:00:01,mac-address=02:00:00:00:00:02", NULL},
		{"", NULL}, {",", NULL}, {"a b", NULL}, {"a:", NULL}, {"ip=10.88.0.9", NULL}, {"a:speed=9", NULL},
		{"a:ip=", NULL}, {"a:mac=01:00:00:00:00:01", NULL}, {"a,a", NULL}, {"a:alias=x y", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_attachments l = {0};
		auto_str same = {0};
		struct err e = {0};

		assert_int_equal(attachments_parse(&l, rows[i].text, &e), rows[i].same ? 0 : -EINVAL);
		for (size_t k = 0; rows[i].same && k < l.count; k++) {
			auto_free char *text = attachment_text(&l.items[k]);
			str_addf(&same, "%s%s", k ? " " : "", text);
		}
		if (rows[i].same)
			assert_string_equal(str_text(&same), rows[i].same);
	}
}

static void test_libvirt_ipv6(void **state)
{
	struct subnet v4 = net("10.77.0.0/24");
	auto_strv used = {0};
	struct choice6 c = {.network = "n", .subnet6 = "fd00:77::/64", .subnet = &v4, .address = at("10.77.0.9"),
	                    .used = &used};
	auto_free char *first = NULL, *second = NULL, *wanted = NULL;
	char *none;
	struct err e = {0};

	(void)state;
	strv_add(&used, "10.77.0.1");
	assert_int_equal(reservation6_choose(&c, &first, &e), 0);
	assert_string_equal(first, "fd00:77::9");
	strv_add(&used, "fd00:77:0::0009"); // a guest's lease
	assert_int_equal(reservation6_choose(&c, &second, &e), 0);
	assert_string_equal(second, "fd00:77::1:0:9");
	c.wish = "fd00:77:0::8";
	assert_int_equal(reservation6_choose(&c, &wanted, &e), 0);
	assert_string_equal(wanted, "fd00:77::8");
	assert_true(reservation6_equal("fd00:77:0::8", wanted));
	assert_false(reservation6_equal("fd00:77:0::8", NULL));
	c.wish = "fd00:77::9";
	assert_int_equal(reservation6_choose(&c, &none, &e), -EADDRINUSE);
	c.wish = "fd00:78::9";
	assert_int_equal(reservation6_choose(&c, &none, &e), -EINVAL);
	c.subnet6 = "fd00:78::/120"; // too small for IPv4's addresses
	assert_int_equal(reservation6_choose(&c, &none, &e), -EINVAL);
	c.wish = NULL;
	assert_int_equal(reservation6_choose(&c, &none, &e), 0);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subnets),  cmocka_unit_test(test_free_subnet), cmocka_unit_test(test_subnet_errors),    cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_mac),      cmocka_unit_test(test_ports),          cmocka_unit_test(test_port_conflicts),
		cmocka_unit_test(test_foreign_chains), cmocka_unit_test(test_libvirt_rules), cmocka_unit_test(test_ip6tables), cmocka_unit_test(test_iptables_add), cmocka_unit_test(test_iptables_replace),
		cmocka_unit_test(test_port_addresses), cmocka_unit_test(test_ipv6_conflicts),
		cmocka_unit_test(test_exposed_ports), cmocka_unit_test(test_chosen_ports), cmocka_unit_test(test_ports_beside_each_other),
		cmocka_unit_test(test_rules), cmocka_unit_test(test_rules6), cmocka_unit_test(test_sources),    cmocka_unit_test(test_dns), cmocka_unit_test(test_helper_version), cmocka_unit_test(test_helper_choice),
		cmocka_unit_test(test_resolver),
		cmocka_unit_test(test_parameters), cmocka_unit_test(test_attachments), cmocka_unit_test(test_ipv6), cmocka_unit_test(test_single_address), cmocka_unit_test(test_libvirt_ipv6),
		cmocka_unit_test(test_store_behind_link), cmocka_unit_test(test_damaged_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
