// Facts about other programs' firewalls: see facts.h.
#include "facts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/record/state.h"
#include "legacy.h"
#include "sys/fs.h"
#include "sys/netlink_events.h"
#include "sys/proc.h"

#define APPLIED "networks: "
#define UNKNOWN "unknown"
enum { FACTS_MAX = 1 << 16, PASSING_MOST = 64 };

static bool read_cookie(uint64_t *cookie)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &(socklen_t){sizeof(*cookie)}) == 0;
}

bool firewall_stamp_now(struct firewall_stamp *s)
{
	*s = (struct firewall_stamp){.legacy = legacy_hash()};
	return read_cookie(&s->netns) && netlink_rules_generation(&s->generation);
}

static bool is_equal(const struct firewall_stamp *a, const struct firewall_stamp *b)
{
	return a->netns == b->netns && a->generation == b->generation && a->legacy == b->legacy;
}

static char *stamp_text(const struct firewall_stamp *s)
{
	return mem_printf("%llx %x %llx", (unsigned long long)s->netns, s->generation, (unsigned long long)s->legacy);
}

// Beside the networks' directory, which exists only while networks are up.
static char *path_of(const char *run)
{
	return mem_printf("%s.firewall", run);
}

static void clear_facts(struct firewall_facts *f)
{
	free(f->applied);
	f->applied = NULL;
	strv_done(&f->passing);
}

void firewall_facts_done(struct firewall_facts *f)
{
	clear_facts(f);
}

// The lines of the file: the stamp, the networks whose rules are in place, and each test that has passed.
void firewall_facts_read(struct firewall_facts *f, const char *run, const struct firewall_stamp *before)
{
	auto_free char *path = path_of(run), *text = NULL, *stamp = before ? stamp_text(before) : NULL;
	auto_strv lines = {0};
	struct err ignored;

	*f = (struct firewall_facts){.stamp = before ? *before : (struct firewall_stamp){0}};
	if (!before || fs_read_file(AT_FDCWD, path, FACTS_MAX, &text, &ignored) <= 0)
		return;
	strv_split(&lines, text, "\n");
	if (lines.count < 2 || !str_equal(lines.items[0], stamp))
		return;
	if (str_starts(lines.items[1], APPLIED))
		f->applied = mem_strdup(lines.items[1] + strlen(APPLIED));
	for (size_t i = 2; i < lines.count; i++)
		if (*lines.items[i])
			strv_add(&f->passing, lines.items[i]);
}

bool firewall_legacy_changed(const char *run)
{
	auto_free char *path = path_of(run);
	unsigned long long netns, legacy;
	unsigned generation;
	char text[128];

	return proc_read_file(path, text, sizeof(text)) > 0 &&
	       sscanf(text, "%llx %x %llx", &netns, &generation, &legacy) == 3 && legacy != legacy_hash();
}

bool firewall_facts_follow(struct firewall_facts *f, unsigned commits)
{
	struct firewall_stamp now;

	f->stamp.generation += commits;
	bool known = firewall_stamp_now(&now), same = known && is_equal(&now, &f->stamp);
	if (!same)
		clear_facts(f);
	f->stamp = known ? now : (struct firewall_stamp){0};
	return same;
}

bool firewall_facts_has(const struct firewall_facts *f, const char *subject)
{
	return strv_has(&f->passing, subject);
}

void firewall_facts_add(struct firewall_facts *f, const char *subject)
{
	if (f->passing.count >= PASSING_MOST)
		strv_done(&f->passing);
	strv_add(&f->passing, subject);
}

void firewall_facts_write(const struct firewall_facts *f, const char *run, bool keep)
{
	auto_free char *path = path_of(run), *parent = mem_printf("%s/..", run), *stamp = stamp_text(&f->stamp);
	auto_str text = {0};
	struct err ignored;

	str_addf(&text, "%s\n%s%s\n", stamp, f->applied ? APPLIED : UNKNOWN, f->applied ? f->applied : "");
	for (size_t i = 0; i < f->passing.count; i++)
		str_addf(&text, "%s\n", f->passing.items[i]);
	if (!keep || !f->stamp.netns ||
	    networks_write_file(parent, strrchr(path, '/') + 1, text.text, false, &ignored) < 0)
		unlink(path);
}
