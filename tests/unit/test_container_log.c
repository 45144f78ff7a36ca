// container/log and container/policy: what is kept of output over rotations and full disks, and when a container comes
// again.
#include "container/store/log.h"
#include "base/clock.h"
#include "container/monitor/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

#include "test.h"

#define NOW (INT64_C(1767268800) * SECOND + 123456789) // 2026-01-01T12:00:00.123456789Z

struct place {
	char directory[64];
	int fd;
	struct log_writer writer;
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));

	strcpy(p->directory, "/tmp/test_container_log.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	p->fd = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(log_writer_open(&p->writer, p->fd, NULL), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	log_writer_done(&p->writer);
	close(p->fd);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

static void write_text(struct place *p, const char *stream, const char *text)
{
	log_writer_add(&p->writer, stream, NOW, text, strlen(text));
}

static void collect(void *context, const struct log_record *r)
{
	struct str *out = context;

	str_add(out, r->stream[3] == 'e' ? "!" : "");
	str_add_bytes(out, r->text, r->length);
	str_add(out, r->whole ? "\n" : "~");
}

static void note_missing(void *context, enum log_missing why, uint64_t bytes)
{
	str_addf(context, "[%s %llu]", why == LOG_ROTATED ? "rotated" : "lost", (unsigned long long)bytes);
}

static struct log_reader reader(struct place *p, struct str *out)
{
	return (struct log_reader){
	    .tail = -1, .container_fd = p->fd, .fd = -1, .sink = collect, .missing = note_missing, .context = out};
}

static void a_line_is_a_record(void **state)
{
	struct place *p = *state;
	auto_free char *text = NULL;

	write_text(p, "stdout", "one\ntwo");
	write_text(p, "stderr", "err\n");
	write_text(p, "stdout", " and the rest\n\n");
	assert_true(fs_read_file(p->fd, "log", 4096, &text, NULL) > 0);
	assert_string_equal(text, "2026-01-01T12:00:00.123456789Z stdout F one\n"
	                          "2026-01-01T12:00:00.123456789Z stdout P two\n"
	                          "2026-01-01T12:00:00.123456789Z stderr F err\n"
	                          "2026-01-01T12:00:00.123456789Z stdout F  and the rest\n"
	                          "2026-01-01T12:00:00.123456789Z stdout F \n");
	auto_str out = {0};
	struct log_reader r = reader(p, &out);
	log_reader_next(&r);
	assert_string_equal(str_text(&out), "one\ntwo~!err\n and the rest\n\n");
	log_reader_done(&r);
}

static void what_is_no_record_is_left_out(void **state)
{
	static const char *const wrong[] = {"",
	                                    "x",
	                                    "2026-01-01T12:00:00.1Z stdout",
	                                    "2026-01-01T12:00:00.1Z stdout X a",
	                                    "2026-01-01T12:00:00.1Z stdout Fa",
	                                    "yesterday stdout F a",
	                                    "2026-01-01T12:00:00.1Z  F",
	                                    "                                                  "};
	struct log_record record;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(log_parse(wrong[i], strlen(wrong[i]), &record), -EINVAL);
	assert_int_equal(log_parse("2026-01-01T12:00:00.123456789Z stdout F a b", 43, &record), 0);
	assert_true(record.time == NOW && record.length == 3 && record.whole && record.stamp_length == 30);
}

static void any_byte_is_kept(void **state)
{
	struct place *p = *state;
	auto_str out = {0};
	struct log_reader r = reader(p, &out);
	char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (char)(i == '\n' ? 'n' : i);
	log_writer_add(&p->writer, "stdout", NOW, bytes, sizeof(bytes));
	log_writer_add(&p->writer, "stdout", NOW, "\n", 1);
	log_reader_next(&r);
	assert_int_equal(out.length, 256 + 2);
	assert_memory_equal(out.text, bytes, 256);
	log_reader_done(&r);
}

static void tail_and_since(void **state)
{
	struct place *p = *state;
	static const struct {
		int64_t tail, since;
		const char *text;
	} rows[] = {{-1, 0, "1\n2\n3\n4\n5\n"},
	            {2, 0, "4\n5\n"},
	            {0, 0, ""},
	            {99, 0, "1\n2\n3\n4\n5\n"},
	            {-1, NOW + 3 * SECOND, "4\n5\n"},
	            {1, NOW + 3 * SECOND, "5\n"},
	            {4, NOW + 3 * SECOND, "4\n5\n"}};

	for (int i = 0; i < 5; i++) {
		auto_free char *line = mem_printf("%d\n", i + 1);
		log_writer_add(&p->writer, "stdout", NOW + i * SECOND, line, strlen(line));
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_str out = {0};
		struct log_reader r = reader(p, &out);
		r.tail = rows[i].tail;
		r.since = rows[i].since;
		log_reader_next(&r);
		assert_string_equal(str_text(&out), rows[i].text);
		log_reader_done(&r);
	}
}

static void following_goes_over_a_rotation(void **state)
{
	struct place *p = *state;
	auto_str out = {0};
	struct log_reader r = reader(p, &out);
	auto_free char *block = mem_new(60001);
	int64_t lines = 0, seen = 0;
	struct stat st;

	memset(block, 'x', 60000);
	block[59999] = '\n';
	r.tail = 0;
	log_reader_next(&r);
	for (int i = 0; i < 2 * LOG_BYTES_MAX / 60000; i++, lines++) {
		log_writer_add(&p->writer, "stdout", NOW, block, 60000);
		if (i % 7 == 0)
			log_reader_next(&r);
	}
	log_reader_next(&r);
	for (size_t i = 0; i < out.length; i++)
		seen += out.text[i] == '\n';
	assert_int_equal(seen, lines);
	assert_int_equal(fstatat(p->fd, "log.1", &st, 0), 0);
	assert_true(st.st_size <= LOG_BYTES_MAX && st.st_size > LOG_BYTES_MAX / 2);
	assert_int_equal(fstatat(p->fd, "log", &st, 0), 0);
	assert_true(st.st_size <= LOG_BYTES_MAX);
	log_reader_done(&r);
	struct log_reader all = reader(p, &out); // the old file before the new, and the tail over both
	str_clear(&out);
	all.tail = 100;
	log_reader_next(&all);
	seen = 0;
	for (size_t i = 0; i < out.length; i++)
		seen += out.text[i] == '\n';
	assert_int_equal(seen, 100);
	log_reader_done(&all);
}

// How much of OUT are lines of the output, and how much is said to be missing.
static void weigh(const struct str *out, uint64_t *shown, uint64_t *missing)
{
	*shown = *missing = 0;
	for (const char *at = str_text(out); *at;) {
		unsigned long long n;
		int used = 0;
		if (*at == '[' && sscanf(at, "[rotated %llu]%n", &n, &used) == 1 && used) {
			*missing += n;
			at += used;
		} else {
			++*shown;
			at++;
		}
	}
}

// Three files of output. With FILES kept: what a reader shows that has read nothing, and one that has read the first line
// and holds the first file open.
static void as_many_files_are_kept_as_wanted(void **state)
{
	static const struct {
		unsigned files;
		const char *all, *followed;
	} rows[] = {{1, "11111\n", "5\n6666\n7777\n[rotated 10]11111\n"},
	            {2, "8888\n9999\n11111\n", "5\n6666\n7777\n8888\n9999\n11111\n"},
	            {3, "5\n6666\n7777\n8888\n9999\n11111\n", "5\n6666\n7777\n8888\n9999\n11111\n"},
	            {9, "5\n6666\n7777\n8888\n9999\n11111\n", "5\n6666\n7777\n8888\n9999\n11111\n"}};
	static const char *const lines[] = {"5\n", "6666\n", "7777\n", "8888\n", "9999\n", "11111\n"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct place *p = *state;
		auto_str all = {0}, followed = {0};
		struct log_reader r = reader(p, &followed);

		p->writer.files = rows[i].files;
		p->writer.most = 150; // a mark and two lines
		for (size_t k = 0; k < ARRAY_SIZE(lines); k++) {
			write_text(p, "stdout", lines[k]);
			if (k == 0)
				log_reader_next(&r);
		}
		log_reader_next(&r);
		assert_string_equal(str_text(&followed), rows[i].followed);
		log_reader_done(&r);
		struct log_reader fresh = reader(p, &all);
		log_reader_next(&fresh);
		assert_string_equal(str_text(&all), rows[i].all);
		log_reader_done(&fresh);
		tear_down(state);
		set_up(state);
	}
}

static void what_is_rotated_away_unread_is_counted(void **state)
{
	struct place *p = *state;
	static const int rotations[] = {1, 2, 3, 5};
	auto_free char *block = mem_new(60001);

	memset(block, 'x', 60000);
	block[59999] = '\n';
	for (size_t i = 0; i < ARRAY_SIZE(rotations); i++) {
		auto_str out = {0};
		struct log_reader r = reader(p, &out);
		uint64_t shown, missing, written = 0;
		r.tail = 0;
		log_reader_next(&r);
		str_clear(&out);
		for (; written < (uint64_t)rotations[i] * LOG_BYTES_MAX; written += 60000)
			log_writer_add(&p->writer, "stdout", NOW, block, 60000);
		log_reader_next(&r);
		weigh(&out, &shown, &missing);
		assert_int_equal(shown + missing, written); // to the byte
		assert_true(rotations[i] > 3 ? missing > 0 : rotations[i] > 1 || missing == 0);
		assert_true(shown > LOG_BYTES_MAX / 2);
		log_reader_done(&r);
	}
}

// A reader from the beginning is not told of what was there before it came.
static void a_first_look_misses_nothing(void **state)
{
	struct place *p = *state;
	auto_free char *block = mem_new(60001);
	auto_str out = {0};
	struct log_reader r = reader(p, &out);
	uint64_t shown, missing;

	memset(block, 'x', 60000);
	for (int i = 0; i < 4 * LOG_BYTES_MAX / 60000; i++)
		log_writer_add(&p->writer, "stdout", NOW, block, 60000);
	log_reader_next(&r);
	weigh(&out, &shown, &missing);
	assert_int_equal(missing, 0);
	log_reader_done(&r);
}

// The writer is one of a new monitor each time, and the file may be of a version that made no marks.
static void the_count_survives_its_writer(void **state)
{
	struct place *p = *state;
	auto_free char *block = mem_new(60001);
	auto_str out = {0};
	struct log_reader r = reader(p, &out);
	uint64_t shown, missing, written = 0;

	memset(block, 'x', 60000);
	block[59999] = '\n';
	log_reader_next(&r);
	for (int i = 0; i < 4 * LOG_BYTES_MAX / 60000; i++, written += 60000) {
		if (i % 100 == 0) {
			log_writer_done(&p->writer);
			assert_int_equal(log_writer_open(&p->writer, p->fd, NULL), 0);
		}
		log_writer_add(&p->writer, "stdout", NOW, block, 60000);
		if (i == 10)
			log_reader_next(&r);
	}
	log_reader_next(&r);
	weigh(&out, &shown, &missing);
	assert_true(missing > 0);
	assert_int_equal(shown + missing, written);
	log_reader_done(&r);
}

static void a_log_that_cannot_be_written_says_so(void **state)
{
	struct place *p = *state;
	auto_str out = {0};
	struct log_reader r = reader(p, &out);

	write_text(p, "stdout", "before\n");
	close(p->writer.fd);
	p->writer.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	write_text(p, "stdout", "lost\n");
	write_text(p, "stdout", "lost\n");
	close(p->writer.fd);
	p->writer.fd = openat(p->fd, "log", O_WRONLY | O_APPEND | O_CLOEXEC);
	write_text(p, "stdout", "after\n");
	log_reader_next(&r);
	assert_string_equal(str_text(&out), "before\n[lost 10]after\n");
	log_reader_done(&r);
}

// The disk is full in the middle of a record: what was written counts as written, the rest as lost.
static void a_record_that_is_cut_off_is_counted(void **state)
{
	struct place *p = *state;
	struct rlimit before;
	auto_str out = {0};
	struct log_reader r = reader(p, &out);

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	for (rlim_t room = 1; room < 120; room += 7) { // one record has 41 bytes before its text
		struct rlimit low = {p->writer.size + room, before.rlim_max};
		unsigned long long lost = 0, shown = 0;
		write_text(p, "stdout", "line\n");
		log_reader_next(&r);
		str_clear(&out);
		low.rlim_cur = p->writer.size + room;
		setrlimit(RLIMIT_FSIZE, &low);
		write_text(p, "stdout", "0123456789\n0123456789\n");
		write_text(p, "stdout", "more\n");
		setrlimit(RLIMIT_FSIZE, &before);
		write_text(p, "stdout", "end\n");
		log_reader_next(&r);
		const char *mark = strstr(str_text(&out), "[lost ");
		if (mark)
			sscanf(mark, "[lost %llu]", &lost);
		shown = out.length - (mark ? strcspn(mark, "]") + 1 : 0);
		assert_int_equal(shown + lost, 22 + 5 + 4);
		assert_string_equal(str_text(&out) + out.length - 4, "end\n");
		str_clear(&out);
	}
	log_reader_done(&r);
}

// What a container writes is never taken for a mark.
static void output_is_no_mark(void **state)
{
	struct place *p = *state;
	auto_str out = {0};
	struct log_reader r = reader(p, &out);

	write_text(p, "stdout", "hostel F lost 5 bytes\n2026-01-01T12:00:00.123456789Z hostel F at 99 bytes\n");
	log_reader_next(&r);
	assert_string_equal(str_text(&out),
	                    "hostel F lost 5 bytes\n2026-01-01T12:00:00.123456789Z hostel F at 99 bytes\n");
	log_reader_done(&r);
}

static void policies_are_parsed(void **state)
{
	static const struct {
		const char *text;
		int kind, times; // -1: refused
	} rows[] = {{NULL, POLICY_NO, 0},
	            {"", POLICY_NO, 0},
	            {"no", POLICY_NO, 0},
	            {"always", POLICY_ALWAYS, 0},
	            {"on-failure", POLICY_ON_FAILURE, 0},
	            {"on-failure:3", POLICY_ON_FAILURE, 3},
	            {"on-failure:0", POLICY_ON_FAILURE, 0},
	            {"unless-stopped", POLICY_ALWAYS, 0},
	            {"unless-stopped:3", -1, 0},
	            {"always:3", -1, 0},
	            {"unless", -1, 0},
	            {"on-failure:", -1, 0},
	            {"on-failure3", -1, 0},
	            {"on-failure:-1", -1, 0},
	            {"Always", -1, 0},
	            {"on-failure:99999999", -1, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct policy p;
		struct err e = {0};
		int r = policy_parse(&p, rows[i].text, &e);
		assert_int_equal(r, rows[i].kind < 0 ? -EINVAL : 0);
		if (r == 0)
			assert_true((int)p.kind == rows[i].kind && p.times == rows[i].times);
		else
			assert_non_null(strstr(e.text, "no, always, unless-stopped, on-failure or on-failure:TIMES"));
	}
}

static void restarts_slow_down_and_end(void **state)
{
	struct policy always, failure;
	struct policy_history h = {0};
	int64_t wait, last = 0, now = 1000 * SECOND;
	int times = 0;

	assert_int_equal(policy_parse(&always, "always", NULL), 0);
	assert_int_equal(policy_parse(&failure, "on-failure:2", NULL), 0);
	assert_false(policy_restarts(&failure, &h, 0, now, &wait)); // it went well
	while (policy_restarts(&always, &h, 1, now, &wait)) {
		assert_true(wait > last);
		last = wait;
		policy_note(&h, now);
		now += 1000;
		times++;
	}
	assert_int_equal(times, POLICY_PER_MINUTE); // restarting in a loop helps no user
	now += 61 * SECOND;
	assert_true(policy_restarts(&always, &h, 1, now, &wait)); // and later it is tried again, quickly
	assert_int_equal(wait, 100000000);
	h = (struct policy_history){0};
	for (times = 0; policy_restarts(&failure, &h, 1, now, &wait); times++, now += 100 * SECOND)
		policy_note(&h, now);
	assert_int_equal(times, 2);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_a_record), TEST(what_is_no_record_is_left_out), TEST(any_byte_is_kept), TEST(tail_and_since), TEST(following_goes_over_a_rotation),
		TEST(what_is_rotated_away_unread_is_counted), TEST(a_first_look_misses_nothing), TEST(the_count_survives_its_writer),
		TEST(a_log_that_cannot_be_written_says_so), TEST(a_record_that_is_cut_off_is_counted), TEST(output_is_no_mark),
		TEST(as_many_files_are_kept_as_wanted), cmocka_unit_test(policies_are_parsed), cmocka_unit_test(restarts_slow_down_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
