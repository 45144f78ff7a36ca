// Lines between agent and link: round trips, and what a hostile peer may try.
#include "test.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "wire/wire.h"
#include "model/stream.h"

static int feed(struct wire_reader *r, const char *bytes, json_t **message, struct err *e)
{
	wire_reader_add(r, bytes, strlen(bytes));
	return wire_reader_next(r, message, e);
}

static void lines_are_found_however_the_bytes_come(void **state)
{
	const char *stream = "{\"type\":\"a\"}\n{\"type\":\"b\",\"x\":[1,{\"y\":null}]}\n{\"type\":\"c\"}\n";

	for (size_t piece = 1; piece < strlen(stream) + 2; piece++) {
		struct wire_reader r = {0};
		struct err e = {0};
		auto_str seen = {0};

		for (size_t at = 0; at < strlen(stream); at += piece) {
			size_t left = strlen(stream) - at;
			json_t *message;
			int n;

			wire_reader_add(&r, stream + at, left < piece ? left : piece);
			while ((n = wire_reader_next(&r, &message, &e)) > 0) {
				str_add(&seen, wire_get_text(message, "type"));
				json_decref(message);
			}
			assert_int_equal(n, 0);
		}
		assert_string_equal(str_text(&seen), "abc");
		wire_reader_done(&r);
	}
}

static void bad_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"\n", "nonsense\n", "[1,2]\n", "\"text\"\n", "{}\n", "{\"type\":5}\n", "{\"type\":\"a\"\n",
		"{\"type\":\"a\",\"type\":\"b\"}\n",
		"{\"type\":\"\xff\"}\n", "{\"type\":\"a\"} {\"type\":\"b\"}\n", "{\"type\":\"a\\u0000\"}\n",
		"{\"type\":\"a\",\"n\":1e999}\n",
		"{\"type\":\"a\",\"n\":99999999999999999999}\n", "{'type':'a'}\n", "{\"type\":NaN}\n",
		"\xef\xbb\xbf{\"type\":\"a\"}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct wire_reader r = {0};
		struct err e = {0};
		json_t *message = NULL;

		assert_int_equal(feed(&r, lines[i], &message, &e), -EPROTO);
		assert_true(e.text[0]);
		wire_reader_done(&r);
	}
}

static void a_line_is_at_most_a_mebibyte(void **state)
{
	auto_free char *bytes = mem_new(WIRE_LINE_MAX + 16);
	struct wire_reader r = {0};
	struct err e = {0};
	json_t *message;

	memset(bytes, ' ', WIRE_LINE_MAX + 8);
	memcpy(bytes, "{\"type\":\"a\"}", 12);
	bytes[WIRE_LINE_MAX] = '\n';
	wire_reader_add(&r, bytes, WIRE_LINE_MAX + 1);
	assert_int_equal(wire_reader_next(&r, &message, &e), 1);
	json_decref(message);
	bytes[WIRE_LINE_MAX] = ' ';
	wire_reader_add(&r, bytes, WIRE_LINE_MAX + 1); // no newline yet, and none is waited for
	assert_int_equal(wire_reader_next(&r, &message, &e), -EPROTO);
	wire_reader_done(&r);
}

static void nesting_is_bounded_and_brackets_in_strings_do_not_count(void **state)
{
	struct err e = {0};

	for (int depth = 1; depth < 40; depth++) {
		struct wire_reader r = {0};
		json_t *message = NULL;
		auto_str line = {0};

		str_add(&line, "{\"type\":\"a\",\"s\":\"[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\",\"x\":");
		for (int i = 0; i < depth; i++)
			str_add_char(&line, '[');
		for (int i = 0; i < depth; i++)
			str_add_char(&line, ']');
		str_add(&line, "}\n");
		assert_int_equal(feed(&r, line.text, &message, &e), depth + 1 > WIRE_DEPTH_MAX ? -EPROTO : 1);
		json_decref(message);
		wire_reader_done(&r);
	}
}

static void foreign_bytes_travel_as_text(void **state)
{
	const char bytes[] = "ok\xff\0\x1b[31m\xc3\xa4\xed\xa0\x80";
	json_t *text = wire_text(bytes, sizeof(bytes) - 1, false);

	assert_non_null(text);
	assert_string_equal(json_string_value(text),
	                    "ok\xef\xbf\xbd\xef\xbf\xbd\x1b[31m\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(text);
}

static void the_longest_document_fits_a_line(void **state)
{
	static const char worst[] = {'\x01', '\xff', '"', '\\'};

	for (size_t i = 0; i < sizeof(worst); i++) {
		size_t n = 2 * WIRE_DOCUMENT_MAX;
		auto_free char *bytes = mem_new(n);
		auto_str out = {0};

		memset(bytes, worst[i], n);
		json_t *message = wire_message("reply");
		json_object_set_new(message, "text", wire_text(bytes, n, true));
		assert_int_equal(wire_add(&out, message), 0);
	}
}

static void too_long_a_message_is_not_sent(void **state)
{
	auto_str out = {0};
	json_t *message = wire_message("rows"), *array = json_array();

	for (int i = 0; i < 600000; i++)
		json_array_append_new(array, json_integer(i % 10));
	json_object_set_new(message, "put", array);
	assert_int_equal(wire_add(&out, message), -EMSGSIZE);
	assert_int_equal(out.length, 0);
}

static json_t *parse_line(const struct str *line)
{
	json_t *message = json_loadb(line->text, line->length, 0, NULL);

	assert_non_null(message);
	return message;
}

static void ticks_come_back_as_they_were(void **state)
{
	struct sample_row rows[3] = {{.sample = {.at = 5}}, {.sample = {.at = 5}}, {.sample = {.at = 5}}};
	struct sample back[3];
	struct err e = {0};

	sample_set(&rows[0].sample, METRIC_CPU, 0);
	sample_set(&rows[1].sample, METRIC_CPU, INT64_MAX);
	sample_set(&rows[2].sample, METRIC_PIDS, 7);
	for (int64_t shift = 0; shift < 2; shift++) {
		auto_str line = {0};

		rows[2].sample.at += shift; // one time for all, then a time each
		wire_add_tick(&line, "fake", 0, rows, 3, NAMES_NOW);
		json_t *message = parse_line(&line);
		assert_int_equal(wire_tick_read(message, back, 3, NAMES_NOW, &e), 0);
		for (int i = 0; i < 3; i++)
			assert_memory_equal(&back[i], &rows[i].sample, sizeof(back[i]));
		assert_false(sample_has(&back[2], METRIC_CPU)); // missing, not 0
		assert_null(json_object_get(message, "memory"));
		assert_int_equal(wire_tick_read(message, back, 2, NAMES_NOW, &e), -EPROTO);
		json_decref(message);
	}
}

static void ticks_that_lie_are_refused(void **state)
{
	static const char *const lines[] = {
		"{\"type\":\"tick\",\"at\":[1],\"cpu\":[1,2]}", "{\"type\":\"tick\",\"at\":1,\"cpu\":[1]}",
		"{\"type\":\"tick\",\"at\":1,\"cpu\":[1,-2]}",
		"{\"type\":\"tick\",\"at\":1,\"cpu\":[1,\"2\"]}", "{\"type\":\"tick\",\"at\":1,\"cpu\":{\"0\":1}}",
		"{\"type\":\"tick\",\"at\":1,\"cpu\":[1,2.5]}",
		"{\"type\":\"tick\"}",
	};
	struct sample back[2];
	struct err e = {0};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		json_t *message = json_loads(lines[i], 0, NULL);

		assert_int_equal(wire_tick_read(message, back, 2, NAMES_NOW, &e), -EPROTO);
		json_decref(message);
	}
}

static void host_figures_come_back_and_missing_ones_are_nan(void **state)
{
	struct proc_host host = {.cpus = 4,
	                         .busy_ns = 123,
	                         .cpu_count = 3,
	                         .cpu_ns = {5 * SECOND, PROC_CPU_OFFLINE, 70 * MS},
	                         .steal_ns = 23,
	                         .memory_total = 1ull << 40,
	                         .memory_free = 1ull << 39,
	                         .up_ns = 456,
	                         .load1 = 0.5,
	                         .psi_cpu = NAN,
	                         .psi_io = 2.25},
	                 back;
	int64_t at;
	auto_str line = {0};

	wire_add(&line, wire_host(77, &host));
	json_t *message = parse_line(&line);
	wire_host_read(message, &at, &back);
	assert_int_equal(at, 77);
	assert_int_equal(back.cpus, 4);
	assert_int_equal(back.memory_total, 1ull << 40);
	assert_int_equal(back.cpu_count, 3);
	assert_memory_equal(back.cpu_ns, host.cpu_ns, sizeof(host.cpu_ns));
	assert_true(back.steal_ns == 23 && back.memory_free == 1ull << 39 && back.up_ns == 456);
	assert_true(back.load1 > 0.49 && back.load1 < 0.51 && back.psi_io > 2.2 && back.psi_io < 2.3);
	assert_true(isnan(back.psi_cpu));
	json_decref(message);
}

static void params_and_errors_come_back(void **state)
{
	auto_params p = {0};
	auto_params back = {0};
	struct err e = {0}, e2 = {0};

	params_add(&p, "command", "sh");
	params_add(&p, "command", "-c\n'x'");
	json_t *array = wire_params(&p);
	assert_int_equal(wire_params_read(&back, array, &e), 0);
	assert_string_equal(params_get_nth(&back, "command", 1), "-c\n'x'");
	json_array_append_new(array, json_string("loose"));
	assert_int_equal(wire_params_read(&back, array, &e), -EPROTO);
	json_decref(array);
	err_msg(&e, ENOENT, "there is no 'x'");
	e.status = 127;
	json_t *object = wire_error(&e);
	wire_error_read(&e2, object);
	assert_int_equal(e2.status, 127);
	assert_int_equal(e2.code, ENOENT);
	assert_string_equal(e2.text, "there is no 'x'");
	json_decref(object);
	wire_error_read(&e2, NULL);
	assert_int_equal(e2.status, 0);
	assert_int_equal(e2.code, EIO);
}

static void numbers_are_kept_in_bounds(void **state)
{
	json_t *object = json_loads("{\"a\":5,\"b\":\"5\",\"c\":-1,\"d\":9223372036854775807}", 0, NULL);

	assert_int_equal(wire_get_int(object, "a", 0, 10, 3), 5);
	assert_int_equal(wire_get_int(object, "a", 6, 10, 3), 3);
	assert_int_equal(wire_get_int(object, "b", 0, 10, 3), 3);
	assert_int_equal(wire_get_int(object, "c", 0, 10, 3), 3);
	assert_int_equal(wire_get_int(object, "d", 0, 10, 3), 3);
	assert_int_equal(wire_get_int(object, "e", 0, 10, 3), 3);
	json_decref(object);
}

static void documents_and_streams_have_names(void **state)
{
	for (enum document d = 0; d < DOCUMENTS; d++)
		assert_int_equal(document_find(document_name(d)), d);
	for (enum stream s = 0; s < STREAMS; s++)
		assert_non_null(stream_name(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_found_however_the_bytes_come),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(a_line_is_at_most_a_mebibyte),
		cmocka_unit_test(nesting_is_bounded_and_brackets_in_strings_do_not_count),
		cmocka_unit_test(foreign_bytes_travel_as_text),
		cmocka_unit_test(the_longest_document_fits_a_line),
		cmocka_unit_test(too_long_a_message_is_not_sent),
		cmocka_unit_test(ticks_come_back_as_they_were),
		cmocka_unit_test(ticks_that_lie_are_refused),
		cmocka_unit_test(host_figures_come_back_and_missing_ones_are_nan),
		cmocka_unit_test(params_and_errors_come_back),
		cmocka_unit_test(numbers_are_kept_in_bounds),
		cmocka_unit_test(documents_and_streams_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
