// base/conf, base/opts, base/err: what users type, and the one line they get when it is wrong.
#include "base/conf.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/opts.h"

#include "test.h"

static int collect(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	if (strcmp(name, "bad") == 0)
		return err_msg(e, EINVAL, "'%s' is not a colour", value);
	params_add(context, *section ? section : name, value);
	return 0;
}

static void pairs_reach_the_handler(void **state)
{
	auto_params p = {0};
	struct err e = {0};

	assert_int_equal(conf_read_text("t", "a = 1\n# note\n[theme]\nx = y z\n", collect, &p, &e), 0);
	assert_string_equal(params_get(&p, "a"), "1");
	assert_string_equal(params_get(&p, "theme"), "y z");
}

static void errors_name_file_line_and_key(void **state)
{
	auto_params p = {0};
	struct err e = {0};

	assert_int_equal(conf_read_text("t.conf", "[s]\na = 1\nbad = blurple\nbad = again\n", collect, &p, &e), -EINVAL);
	assert_string_equal(e.text, "t.conf:3: s.bad: 'blurple' is not a colour");
	assert_int_equal(conf_read_text("t.conf", "a = 1\nnonsense\nbad = x\n", collect, &p, &e), -EINVAL);
	assert_string_equal(e.text, "t.conf:2: neither [section], name = value nor a comment");
	assert_int_equal(conf_read_file("/nonexistent/x", collect, &p, &e), -ENOENT);
	assert_string_equal(e.text, "cannot open '/nonexistent/x': No such file or directory");
}

struct filled {
	bool detach;
	const char *name;
	int64_t count;
	struct strv env;
	struct params more;
};

static const struct opt table[] = {
	{.name = "detach", .letter = 'd', .kind = OPT_FLAG, .value = NULL, .help = "in the background",
	 .at = offsetof(struct filled, detach)},
	{.name = "name", .letter = 'n', .kind = OPT_TEXT, .value = "NAME", .help = "its name",
	 .at = offsetof(struct filled, name)},
	{.name = "count", .letter = 0, .kind = OPT_INT, .value = "N", .help = "how many",
	 .at = offsetof(struct filled, count)},
	{.name = "env", .letter = 'e', .kind = OPT_LIST, .value = "NAME=VALUE", .help = "environment",
	 .at = offsetof(struct filled, env)},
	{.name = "memory", .letter = 'm', .kind = OPT_PARAM, .value = "SIZE", .help = "limit",
	 .at = offsetof(struct filled, more)},
	{0},
};

#define ARGV(...)                                                        \
	const char *words[] = {"prog", __VA_ARGS__, NULL};                   \
	char **argv = (char **)words;                                        \
	int argc = (int)ARRAY_SIZE(words) - 1

static void options_in_every_spelling(void **state)
{
	struct filled f = {0};
	struct err e = {0};
	ARGV("image", "--name=web", "-e", "A=1", "-eB=2", "-dm", "1G", "--count", "-3", "--", "-x");

	int first = opts_parse(table, &f, argc, argv, 0, &e);
	assert_true(first > 0);
	assert_true(f.detach);
	assert_string_equal(f.name, "web");
	assert_int_equal(f.count, -3);
	assert_int_equal(f.env.count, 2);
	assert_string_equal(params_get(&f.more, "memory"), "1G");
	assert_int_equal(argc - first, 2);
	assert_string_equal(argv[first], "image");
	assert_string_equal(argv[first + 1], "-x");
	strv_done(&f.env);
	params_done(&f.more);
}

static void a_command_line_behind_stays_whole(void **state)
{
	struct filled f = {0};
	ARGV("-d", "host", "ls", "-n", "--name");

	int first = opts_parse(table, &f, argc, argv, OPTS_STOP_AT_OPERAND, NULL);
	assert_int_equal(first, 2);
	assert_null(f.name);
	assert_string_equal(argv[3], "ls");
}

static void wrong_options_say_what_was_meant(void **state)
{
	static const struct {
		const char *word, *text;
	} rows[] = {
		{"--nmae", "unknown option '--nmae' (did you mean '--name'?)"},
		{"--zzzzzz", "unknown option '--zzzzzz'"},
		{"--name", "option '--name' needs a value: --name NAME"},
		{"--detach=1", "option '--detach' takes no value"},
		{"--count=x", "invalid value 'x' of option '--count' (not a whole number)"},
		{"-q", "unknown option '-q'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct filled f = {0};
		struct err e = {0};
		ARGV(rows[i].word);

		assert_int_equal(opts_parse(table, &f, argc, argv, 0, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].text);
	}
}

static void errors_wrap_and_hint(void **state)
{
	struct err e = {0};

	assert_int_equal(err_set(&e, ENOENT, "cannot open '%s'", "x"), -ENOENT);
	assert_int_equal(err_wrap(&e, "starting '%s'", "web"), -ENOENT);
	assert_int_equal(err_hint(&e, "is it installed?"), -ENOENT);
	assert_string_equal(e.text, "starting 'web': cannot open 'x': No such file or directory (is it installed?)");
	char wide[3000];
	memset(wide, 'x', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	err_msg(&e, EIO, "%s", wide);
	assert_string_equal(e.text + ERR_TEXT_MAX - 4, "...");
	assert_int_equal(err_set(NULL, EPERM, "x"), -EPERM);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_reach_the_handler),
		cmocka_unit_test(errors_name_file_line_and_key),
		cmocka_unit_test(options_in_every_spelling),
		cmocka_unit_test(a_command_line_behind_stays_whole),
		cmocka_unit_test(wrong_options_say_what_was_meant),
		cmocka_unit_test(errors_wrap_and_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
