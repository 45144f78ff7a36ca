// container/journal: what is kept of a container's events, over torn writes, foreign files and full disks.
#include "container/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

#include "test.h"

struct place {
	char directory[64];
	int fd;
	struct journal_list list;
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));

	strcpy(p->directory, "/tmp/test_container_journal.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	p->fd = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	close(p->fd);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

static void add(struct place *p, enum journal_event event, int code, const char *reason)
{
	struct journal_entry e = {.time = 1000000000000000000 + code, .event = event, .code = code, .restarts = 3};

	snprintf(e.reason, sizeof(e.reason), "%s", reason);
	assert_int_equal(journal_note(p->fd, &e), 0);
}

static void what_is_added_is_read(void **state)
{
	struct place *p = *state;

	journal_read(p->fd, &p->list); // a container of a version without one
	assert_int_equal(p->list.count, 0);
	add(p, JOURNAL_STARTED, -1, "");
	add(p, JOURNAL_ENDED, 137, "OOM");
	add(p, JOURNAL_FAILED, -1, "cannot open '/x y': no such file");
	add(p, JOURNAL_LOST, -1, "two\nlines\033[31m ");
	journal_read(p->fd, &p->list);
	assert_int_equal(p->list.count, 4);
	assert_true(p->list.entries[0].number == 1 && p->list.entries[0].code == -1 && p->list.entries[0].restarts == 3);
	assert_true(p->list.entries[1].event == JOURNAL_ENDED && p->list.entries[1].code == 137 &&
	            p->list.entries[1].time == 1000000000000000137);
	assert_string_equal(p->list.entries[1].reason, "OOM");
	assert_string_equal(p->list.entries[2].reason, "cannot open '/x y': no such file");
	assert_null(strpbrk(p->list.entries[3].reason, "\n\033"));
}

static void its_size_is_fixed_and_the_oldest_go(void **state)
{
	struct place *p = *state;
	struct stat st;
	char longest[400];

	memset(longest, 'r', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	for (int i = 0; i < 3 * JOURNAL_SLOTS + 5; i++) {
		add(p, JOURNAL_ENDED, i % 256, longest);
		assert_int_equal(fstatat(p->fd, "journal", &st, 0), 0);
		assert_int_equal(st.st_size, JOURNAL_SLOTS * JOURNAL_SLOT);
	}
	journal_read(p->fd, &p->list);
	assert_int_equal(p->list.count, JOURNAL_SLOTS);
	for (size_t i = 0; i < JOURNAL_SLOTS; i++)
		assert_int_equal(p->list.entries[i].number, 2 * JOURNAL_SLOTS + 6 + i);
	assert_int_equal(strlen(p->list.entries[0].reason), JOURNAL_REASON - 1);
}

// Every prefix of a slot that a write may leave, over an old slot: the old entry, the new one, or none, but never
// another.
static void a_torn_write_does_not_count(void **state)
{
	struct place *p = *state;
	char before[JOURNAL_SLOT], after[JOURNAL_SLOT];

	add(p, JOURNAL_ENDED, 1, "SIGKILL");
	auto_close int fd = openat(p->fd, "journal", O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, before, sizeof(before), 0), sizeof(before));
	for (int i = 0; i < JOURNAL_SLOTS; i++)
		add(p, JOURNAL_ENDED, 2, "OOM and more");
	assert_int_equal(pread(fd, after, sizeof(after), 0), sizeof(after));
	for (int n = 0; n <= JOURNAL_SLOT; n++) {
		char torn[JOURNAL_SLOT];
		memcpy(torn, after, (size_t)n);
		memcpy(torn + n, before + n, (size_t)(JOURNAL_SLOT - n));
		assert_int_equal(pwrite(fd, torn, sizeof(torn), 0), sizeof(torn));
		journal_read(p->fd, &p->list);
		assert_true(p->list.count == JOURNAL_SLOTS - 1 || p->list.count == JOURNAL_SLOTS);
		for (size_t i = 0; i < p->list.count; i++) {
			const struct journal_entry *e = &p->list.entries[i];
			bool is_old = e->number == 1 && e->code == 1 && strcmp(e->reason, "SIGKILL") == 0;
			assert_true(is_old || (e->number > 1 && e->code == 2 && strcmp(e->reason, "OOM and more") == 0));
		}
	}
	add(p, JOURNAL_STARTED, -1, ""); // and it can still be appended to
}

static void what_is_no_journal_is_left_alone(void **state)
{
	struct place *p = *state;
	struct journal_entry e = {.event = JOURNAL_STARTED};
	auto_close int target = openat(p->fd, "target", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(symlinkat("target", p->fd, "journal"), 0);
	assert_int_equal(journal_note(p->fd, &e), -ELOOP);
	journal_read(p->fd, &p->list);
	assert_int_equal(p->list.count, 0);
	unlinkat(p->fd, "journal", 0);
	assert_int_equal(mkfifoat(p->fd, "journal", 0600), 0);
	assert_int_equal(journal_note(p->fd, &e), -EINVAL);
	journal_read(p->fd, &p->list); // and does not wait
	assert_int_equal(p->list.count, 0);
	unlinkat(p->fd, "journal", 0);
	assert_int_equal(fs_replace_file(p->fd, "journal", 0600, "nonsense\n", 9, NULL), 0);
	add(p, JOURNAL_STARTED, -1, "");
	journal_read(p->fd, &p->list);
	assert_int_equal(p->list.count, 1);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_added_is_read), TEST(its_size_is_fixed_and_the_oldest_go), TEST(a_torn_write_does_not_count), TEST(what_is_no_journal_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
