// The messages of criu: exact bytes, encoded and decoded for every field of the tables, and invalid messages.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bunk/criu/message.h"
#include "test.h"

static void check_request(const struct criu_request *q, const void *wanted, size_t n)
{
	auto_str out = {0};

	message_write(&out, &criu_request_message, q);
	assert_int_equal(out.length, n);
	assert_memory_equal(out.text, wanted, n);
}

// Written by hand after criu's rpc.proto and the description of the encoding.
static void test_bytes(void **state)
{
	static const unsigned char version[] = {0x08, 10};
	static const unsigned char notified[] = {0x08, 6, 0x18, 1};
	static const unsigned char dump[] = {0x08, 1,    0x12, 12,  0x08, 3,    0x10, 0xac,
	                                     0x02, 0x6a, 2,    '/', 'r',  0x90, 0x02, 3};
	static const unsigned char restore[] = {0x08, 2, 0x12, 13,   0x08, 5,    0xda, 0x01, 5,
	                                        0x0a, 1, 'k',  0x10, 0,    0x90, 0x02, 0};

	check_request(&(struct criu_request){.type = CRIU_VERSION}, version, sizeof(version));
	check_request(&(struct criu_request){.type = CRIU_NOTIFY, .notified = true}, notified, sizeof(notified));
	char root[] = "/r";
	check_request(
	    &(struct criu_request){
	        .type = CRIU_DUMP,
	        .options = {.images_fd = 3, .pid = 300, .root = root, .cgroups_mode = CRIU_CGROUPS_SOFT}},
	    dump, sizeof(dump));
	char key[] = "k";
	struct criu_inherit one = {.key = key};
	check_request(&(struct criu_request){.type = CRIU_RESTORE, .options = {.images_fd = 5, .inherit = {&one, 1}}},
	              restore, sizeof(restore));
}

// A value in each field of STRUCTURE, different in each, down to two items of each list.
static void fill(const struct message *m, void *structure, int *next)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct message_field *f = &m->fields[i];
		void *at = (char *)structure + f->at;

		++*next;
		if (f->kind == MESSAGE_FLAG)
			*(bool *)at = true;
		else if (f->kind == MESSAGE_NUMBER || f->kind == MESSAGE_ALWAYS)
			*(int32_t *)at = *next % 2 ? *next << 20 : -*next;
		else if (f->kind == MESSAGE_TEXT)
			*(char **)at = mem_printf("text %d", *next);
		else if (f->kind == MESSAGE_PART)
			fill(f->of, at, next);
		for (int k = 0; k < 2 && f->kind == MESSAGE_TEXTS; k++)
			strv_addf(at, "text %d of %d", k, *next);
		for (int k = 0; k < 2 && f->kind == MESSAGE_PARTS; k++)
			fill(f->of, message_add(at, f->of->size), next);
	}
}

static void check_same(const struct message *m, const void *a, const void *b)
{
	auto_str first = {0}, second = {0};

	message_write(&first, m, a);
	message_write(&second, m, b);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.text, second.text, first.length);
}

static void check_there_and_back(const struct message *m, void *value, void *again)
{
	auto_str text = {0};
	int next = 0;

	fill(m, value, &next);
	message_write(&text, m, value);
	assert_int_equal(message_read(m, again, text.text, text.length), 0);
	check_same(m, value, again);
	message_done(m, again);
	for (size_t n = 0; n < text.length; n++) { // a part of it is a shorter message or none, and nothing worse
		int r = message_read(m, again, text.text, n);

		assert_true(r == 0 || r == -EBADMSG);
		message_done(m, again);
	}
	message_done(m, value);
}

static void test_there_and_back(void **state)
{
	struct criu_request request = {0}, request_again = {0};
	struct criu_response response = {0}, response_again = {0};

	check_there_and_back(&criu_request_message, &request, &request_again);
	check_there_and_back(&criu_response_message, &response, &response_again);
}

// Each number once in a table, each offset too: a hole would make two fields one.
static void test_tables(void **state)
{
	const struct message_field *options = NULL;

	for (size_t i = 0; i < criu_request_message.count; i++)
		if (criu_request_message.fields[i].kind == MESSAGE_PART)
			options = &criu_request_message.fields[i];
	assert_non_null(options);
	for (size_t i = 0; i < options->of->count; i++)
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(options->of->fields[i].number, options->of->fields[k].number);
			assert_int_not_equal(options->of->fields[i].at, options->of->fields[k].at);
		}
}

static void test_response(void **state)
{
	// a notification with a field of 64 and one of 32 bits that are not in the tables, and an unknown text
	static const unsigned char bytes[] = {0x08, 6,    0x10, 1, 0x2a, 7,    0x0a, 3, 'p', 'o', 's', 0x10,
	                                      9,    0xf9, 1,    1, 2,    3,    4,    5, 6,   7,   8,   0xfd,
	                                      1,    1,    2,    3, 4,    0xfa, 1,    2, 'x', 'y'};
	struct criu_response a = {0};

	assert_int_equal(message_read(&criu_response_message, &a, bytes, sizeof(bytes)), 0);
	assert_int_equal(a.type, CRIU_NOTIFY);
	assert_true(a.success);
	assert_string_equal(a.notify.script, "pos");
	assert_int_equal(a.notify.pid, 9);
	message_done(&criu_response_message, &a);
}

static void test_wrong(void **state)
{
	static const struct row {
		const char *name;
		size_t n;
		const char *bytes;
	} rows[] = {
		{"a key without a value", 1, "\x08"},
		{"a number without an end", 11, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
		{"field 0", 2, "\x00\x01"},
		{"a text longer than the message", 4, "\x4a\x05" "ab"},
		{"a text of 2^63 bytes", 11, "\x4a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"},
		{"a number where a text belongs", 2, "\x48\x01"},
		{"a text where a number belongs", 3, "\x0a\x01x"},
		{"a part cut short", 3, "\x2a\x01\x0a"},
		{"a group, which criu does not use", 2, "\x0b\x0c"},
		{"32 bits cut short", 4, "\xfd\x01\x01\x02"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct criu_response a = {0};
		auto_free char *exact = mem_new(rows[i].n); // so that a sanitizer sees a byte too far

		memcpy(exact, rows[i].bytes, rows[i].n);
		if (message_read(&criu_response_message, &a, exact, rows[i].n) != -EBADMSG)
			fail_msg("%s is taken", rows[i].name);
		message_done(&criu_response_message, &a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes), cmocka_unit_test(test_there_and_back), cmocka_unit_test(test_tables),
		cmocka_unit_test(test_response), cmocka_unit_test(test_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
