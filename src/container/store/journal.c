// The journal of a container: see journal.h.
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"

static const char file_name[] = "journal";

static const char *const names[JOURNAL_EVENTS] = {
	[JOURNAL_STARTED] = "started", [JOURNAL_ENDED] = "ended", [JOURNAL_GAVE_UP] = "gave-up",
	 [JOURNAL_FAILED] = "failed", [JOURNAL_LOST] = "lost", [JOURNAL_HEALTH] = "health",
	 [JOURNAL_NETWORK] = "no-network", [JOURNAL_RESTORED] = "network-restored",
};

const char *journal_event_name(enum journal_event event)
{
	return names[event];
}

static uint32_t checksum_of(const char *text)
{
	uint32_t sum = 2166136261u;

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 16777619u;
	return sum;
}

// The fields before the checksum.
static void add_fields(struct str *text, const struct journal_entry *e, const char *event)
{
	str_addf(text, "%llu %lld %s %d %d", (unsigned long long)e->number, (long long)e->time, event, e->code,
	         e->restarts);
}

static uint32_t entry_sum(const struct journal_entry *e, const char *event)
{
	auto_str text = {0};

	add_fields(&text, e, event);
	str_addf(&text, " %s", e->reason);
	return checksum_of(str_text(&text));
}

static void format_slot(char slot[JOURNAL_SLOT], const struct journal_entry *e)
{
	auto_str text = {0};

	add_fields(&text, e, names[e->event]);
	str_addf(&text, " %08x %s", entry_sum(e, names[e->event]), e->reason);
	memset(slot, ' ', JOURNAL_SLOT);
	memcpy(slot, text.text, text.length < JOURNAL_SLOT - 1 ? text.length : JOURNAL_SLOT - 1);
	slot[JOURNAL_SLOT - 1] = '\n';
}

static int event_of(const char *name)
{
	for (int i = 0; i < JOURNAL_EVENTS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

// Returns whether BYTES hold a complete entry.
static bool parse_slot(const char *bytes, struct journal_entry *e)
{
	char slot[JOURNAL_SLOT + 1] = "", event[24];
	unsigned long long number;
	long long time;
	unsigned sum;
	int used = 0;

	memcpy(slot, bytes, JOURNAL_SLOT);
	for (size_t n = JOURNAL_SLOT; n > 0 && (slot[n - 1] == ' ' || slot[n - 1] == '\n'); n--)
		slot[n - 1] = '\0';
	*e = (struct journal_entry){0};
	if (sscanf(slot, "%20llu %20lld %23s %11d %11d %8x%n", &number, &time, event, &e->code, &e->restarts, &sum,
	           &used) != 6 ||
	    event_of(event) < 0)
		return false;
	e->number = number;
	e->time = time;
	e->event = (enum journal_event)event_of(event);
	snprintf(e->reason, sizeof(e->reason), "%s", slot[used] == ' ' ? slot + used + 1 : "");
	return number > 0 && sum == entry_sum(e, event);
}

static int by_number(const void *a, const void *b)
{
	const struct journal_entry *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void read_slots(int fd, struct journal_list *list)
{
	auto_free char *slots = mem_array(JOURNAL_SLOTS, JOURNAL_SLOT);
	ssize_t n = fd < 0 ? 0 : pread(fd, slots, (size_t)JOURNAL_SLOTS * JOURNAL_SLOT, 0);

	list->count = 0;
	for (ssize_t at = 0; at + JOURNAL_SLOT <= n; at += JOURNAL_SLOT)
		if (parse_slot(slots + at, &list->entries[list->count]))
			list->count++;
	qsort(list->entries, list->count, sizeof(*list->entries), by_number);
}

void journal_read(int container_fd, struct journal_list *list)
{
	auto_close int fd = openat(container_fd, file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	read_slots(fd, list);
}

// Opens the journal for writing, allocated at its full size.
static int open_journal(int container_fd)
{
	auto_close int fd = openat(container_fd, file_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	int code = st.st_size < JOURNAL_SLOTS * JOURNAL_SLOT ? posix_fallocate(fd, 0, JOURNAL_SLOTS * JOURNAL_SLOT) : 0;
	return code ? -code : steal_fd(&fd);
}

int journal_note(int container_fd, const struct journal_entry *entry)
{
	auto_close int fd = open_journal(container_fd);
	auto_free struct journal_list *list = mem_new(sizeof(*list));
	struct journal_entry e = *entry;
	char slot[JOURNAL_SLOT];

	if (fd < 0)
		return fd;
	read_slots(fd, list);
	e.number = list->count ? list->entries[list->count - 1].number + 1 : 1;
	auto_free char *reason = str_visible(entry->reason);
	snprintf(e.reason, sizeof(e.reason), "%s", reason);
	for (size_t n = strlen(e.reason); n > 0 && e.reason[n - 1] == ' '; n--)
		e.reason[n - 1] = '\0'; // trailing spaces are padding
	format_slot(slot, &e);
	off_t at = (off_t)((e.number - 1) % JOURNAL_SLOTS) * JOURNAL_SLOT;
	return pwrite(fd, slot, sizeof(slot), at) == sizeof(slot) ? 0 : -EIO;
}
