// The verbs of the command line and what the model says of verbs, recipes, metrics and documents: no row lacks what its readers need.
#include "test.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "cli/main.h"
#include "model/recipe.h"
#include "model/stream.h"
#include "model/verb.h"
#include "../../src/cli/cli.h" // private

// A line of help: text that begins in lower case (or with a name in capitals) and is not a sentence.
static void assert_help(const char *name, const char *help)
{
	if (!help || !*help || help[strlen(help) - 1] == '.')
		fail_msg("'%s' has no line of help, or one that ends like a sentence", name);
	if (isupper((unsigned char)help[0]) && islower((unsigned char)help[1]))
		fail_msg("the help of '%s' begins with a capital: %s", name, help);
}

static void assert_word(const char *name)
{
	for (const char *c = name; *c; c++)
		if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
			fail_msg("'%s' is not a word of a command line", name);
}

static void each_verb_has_what_the_help_shows(void **state)
{
	size_t count = 0;

	for (const struct cli_verb *v = cli_verbs; v->name; v++, count++) {
		assert_word(v->name);
		assert_help(v->name, v->help);
		assert_non_null(v->operands);
		assert_non_null(v->options);
		assert_non_null(v->run);
		assert_true(v->most == CLI_ANY || v->most >= v->least);
		assert_ptr_equal(cli_find(cli_verbs, v->name), v);
		if (v->least && !*v->operands)
			fail_msg("'%s' needs operands that its usage does not show", v->name);
	}
	assert_true(count > 20);
}

static void assert_options(const struct cli_verb *v, enum kind kind)
{
	auto_free struct opt *options = cli_options_of(v, kind, kind);

	for (const struct opt *o = options; o->name; o++) {
		assert_word(o->name);
		assert_help(o->name, o->help);
		if ((o->kind == OPT_TEXT || o->kind == OPT_INT || o->kind == OPT_LIST || o->kind == OPT_PARAMS) && !o->value)
			fail_msg("%s --%s does not say what it takes", v->name, o->name);
		for (const struct opt *other = options; other < o; other++) {
			assert_string_not_equal(other->name, o->name);
			if (o->letter && other->letter == o->letter)
				fail_msg("%s: -%c is --%s and --%s", v->name, o->letter, other->name, o->name);
		}
	}
}

static void each_option_has_a_name_and_a_letter_of_its_own(void **state)
{
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		for (int kind = 0; kind < WORKLOAD_KINDS; kind++)
			assert_options(v, (enum kind)kind);
}

static void each_verb_of_the_model_is_on_the_command_line(void **state)
{
	for (int verb = 0; verb < VERBS; verb++) {
		const struct verb_info *info = verb_info((enum verb)verb);
		const struct cli_verb *v = cli_find(cli_verbs, info->name);

		assert_non_null(info->label);
		assert_non_null(info->doing);
		assert_int_equal(verb_find(info->name), verb);
		if (!v)
			fail_msg("'%s' is not on the command line", info->name);
		if (info->flags & WRITES && !(v->flags & CLI_WRITES))
			fail_msg("--read-only does not refuse '%s'", info->name);
	}
}

static void each_field_of_a_recipe_can_be_shown_and_checked(void **state)
{
	for (int kind = 0; kind < WORKLOAD_KINDS; kind++)
		for (const struct recipe_field *f = recipe_fields((enum kind)kind); f->name; f++) {
			struct err e = {0};

			assert_word(f->name);
			assert_help(f->name, f->help);
			assert_non_null(f->label);
			if (f->type == RECIPE_CHOICE && !f->choices)
				fail_msg("'%s' is a choice of nothing", f->name);
			if (f->initial && *f->initial && recipe_check_value(f, f->initial, &e) < 0)
				fail_msg("'%s' begins with what it refuses: %s", f->name, e.text);
		}
}

static void names_are_found_again(void **state)
{
	for (int d = DOCUMENT_CONFIG; d <= DOCUMENT_EVENTS; d++)
		assert_int_equal(document_find(document_name((enum document)d)), d);
	for (int s = 0; s < STREAMS; s++)
		if (!cli_find(cli_verbs, stream_name((enum stream)s)))
			fail_msg("stream '%s' is not a verb", stream_name((enum stream)s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_has_what_the_help_shows),
		cmocka_unit_test(each_option_has_a_name_and_a_letter_of_its_own),
		cmocka_unit_test(each_verb_of_the_model_is_on_the_command_line),
		cmocka_unit_test(each_field_of_a_recipe_can_be_shown_and_checked),
		cmocka_unit_test(names_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
