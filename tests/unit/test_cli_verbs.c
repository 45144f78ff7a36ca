// The verbs of the command line and what the model says of verbs, their fields and documents: no row lacks what its
// readers need.
#include "test.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/main.h"
#include "model/stream.h"
#include "engine/engine.h"
#include "model/verb.h"
#include "../../src/cli/cli.h" // private

// The text of a file of the sources.
static char *source_text(const char *name)
{
	auto_free char *path = mem_printf("%s/%s", TEST_TOP, name);
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		fail_msg("cannot read '%s'", path);
	ssize_t n = getdelim(&text, &room, 0, file);
	fclose(file);
	assert_true(n > 0);
	return text;
}

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
	for (enum verb verb = 0; verb < VERBS; verb++) {
		const struct verb_info *v = verb_info(verb);

		assert_word(v->name);
		assert_help(v->name, v->help);
		assert_non_null(v->operands);
		assert_true(v->most == VERB_ANY || v->most >= v->least);
		assert_int_equal(verb_find(v->name), verb);
		if (!cli_run_of(verb))
			fail_msg("'%s' is not on the command line", v->name);
		if (v->least && !*v->operands)
			fail_msg("'%s' needs operands that its usage does not show", v->name);
	}
}

static void assert_options(enum verb verb, unsigned kinds)
{
	auto_free struct opt *options = cli_options_of(verb, kinds);
	const char *name = verb_info(verb)->name;

	for (const struct opt *o = options; o->name; o++) {
		assert_word(o->name);
		if (o->help) // else it is refused
			assert_help(o->name, o->help);
		if ((o->kind == OPT_TEXT || o->kind == OPT_INT || o->kind == OPT_LIST || o->kind == OPT_PARAMS) && !o->value)
			fail_msg("%s --%s does not say what it takes", name, o->name);
		for (const struct opt *other = options; other < o; other++) {
			assert_string_not_equal(other->name, o->name);
			if (o->letter && other->letter == o->letter)
				fail_msg("%s: -%c is --%s and --%s", name, o->letter, other->name, o->name);
		}
	}
}

static void each_option_has_a_name_and_a_letter_of_its_own(void **state)
{
	for (enum verb verb = 0; verb < VERBS; verb++) {
		for (int kind = 0; kind < WORKLOAD_KINDS; kind++)
			assert_options(verb, 1u << kind);
		assert_options(verb, KIND_BIT_ANY);
	}
}

static bool has_option(enum verb verb, unsigned kinds, const char *name)
{
	auto_free struct opt *options = cli_own_options(verb, kinds);

	for (const struct opt *o = options; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

static void assert_field(enum verb verb, enum kind kind, const struct verb_field *f)
{
	const char *name = verb_info(verb)->name;
	auto_params p = {0};
	struct err e = {0};

	assert_word(f->name);
	assert_help(f->name, f->help);
	if (f->type == VALUE_CHOICE && !f->choices)
		fail_msg("%s: '%s' is a choice of nothing", name, f->name);
	if (f->type != VALUE_FLAG && !f->value && !(f->flags & FIELD_HIDDEN))
		fail_msg("%s: '%s' does not say what it takes", name, f->name);
	if (f->initial && *f->initial && verb_check_value(f, f->initial, &e) < 0)
		fail_msg("%s: '%s' begins with what it refuses: %s", name, f->name, e.text);
	if (!(f->flags & (FIELD_OPERAND | FIELD_HIDDEN)) != has_option(verb, 1u << kind, f->name))
		fail_msg("%s: '%s' is an option or none, against its row", name, f->name);
	if (f->type == VALUE_FLAG || f->flags & FIELD_REFUSED) { // an invalid value is refused by name, whatever its sender
		params_add(&p, f->name, "perhaps");
		assert_int_equal(verb_check_params(verb, kind, &p, &e), -EINVAL);
		assert_non_null(strstr(e.text, f->name));
	}
	assert_ptr_equal(verb_field_find(verb, 1u << kind, f->name), f); // once for a kind
}

static void each_field_can_be_shown_and_checked(void **state)
{
	const struct verb_field *f;

	for (enum verb verb = 0; verb < VERBS; verb++)
		for (int kind = 0; kind < KINDS; kind++)
			for (size_t i = 0; verb_suits(verb, (enum kind)kind) && (f = verb_field(verb, 1u << kind, i)); i++) {
				assert_field(verb, (enum kind)kind, f);
				if (verb_info(verb)->flags & CREATES && !(f->flags & (FIELD_HIDDEN | FIELD_REFUSED | FIELD_LOCAL)) &&
				    verb == VERB_CREATE)
					assert_non_null(f->label); // it is in a form
			}
}

static void what_read_only_refuses_is_said_by_rows(void **state)
{
	auto_params repair = {0}, deep = {0};

	params_add(&repair, "repair", "yes");
	params_add(&deep, "deep", "yes");
	assert_true(verb_writes(VERB_CHECK, &repair));
	assert_false(verb_writes(VERB_CHECK, &deep));
	assert_false(verb_writes(VERB_INSPECT, &(struct params){0}));
	assert_true(verb_writes(VERB_CREATE, &(struct params){0}));
}

// What asks first says what is lost, what an engine does can be shown while it lasts, and has a time.
static void each_row_has_what_its_flags_need(void **state)
{
	for (enum verb verb = 0; verb < VERBS; verb++) {
		const struct verb_info *v = verb_info(verb);

		assert_int_equal(!(v->flags & DESTRUCTIVE), !v->loses && !v->lost);
		if (v->flags & (ACTS | CREATES) &&
		    (!v->label || !v->doing || !v->seconds || !v->kinds || !(v->flags & WRITES)))
			fail_msg(
			    "'%s' lacks its label, what is shown while it lasts, its kinds or its time, or is not said to write",
			    v->name);
		if ((v->undo || v->undone_by) && v->flags & DESTRUCTIVE)
			fail_msg("'%s' can be undone, and asks first", v->name);
	}
}

// What a kind's row says is there, and can be had of its struct.
static void each_kind_has_what_lists_and_forms_need(void **state)
{
	for (enum kind kind = 0; kind < KINDS; kind++) {
		const struct kind_info *info = kind_info(kind);

		assert_word(info->name);
		assert_word(info->plural);
		assert_true(isupper((unsigned char)info->title[0]));
		assert_int_equal(kind_find(info->name), kind);
		assert_int_equal(kind_find(info->plural), kind);
		assert_true(kind_size(kind) >= sizeof(struct item));
		assert_true(kind_columns(kind) > 1);
		for (size_t i = 0; i < kind_columns(kind); i++)
			if (!kind_bindings(kind)[info->columns[i]].type)
				fail_msg("a %s has no '%s', which its list shows", info->name, fact_info(info->columns[i])->name);
		assert_int_equal(!kind_recipe(kind), !info->origin);
		assert_int_equal(verb_suits(VERB_CREATE, kind), kind_recipe(kind) != NULL);
		assert_true(verb_suits(VERB_LS, kind));
	}
}

// An engine does what its rows say, and nothing to kinds that a verb is not for; each verb and kind has one that does.
static void each_verb_is_done_by_an_engine(void **state)
{
	const struct engine_ops *const engines[] = {&engine_bunk, &engine_libvirt, &engine_fake};

	for (enum verb verb = 0; verb < VERBS; verb++)
		for (enum kind kind = 0; kind < KINDS; kind++) {
			unsigned doers = 0;

			for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
				doers |= (unsigned)engines[i]->does(kind, verb) << i;
			bool wanted = verb_suits(verb, kind) && (verb_info(verb)->flags & ACTS || verb == VERB_CREATE);
			if (wanted != (doers != 0))
				fail_msg("'%s' of a %s is done by %s", verb_info(verb)->name, kind_name(kind),
				         doers ? "an engine, against its row" : "no engine");
			if (doers & 3u && (verb_info(verb)->flags & SIMULATED || kind_info(kind)->simulated))
				fail_msg("'%s' of a %s is not simulated", verb_info(verb)->name, kind_name(kind));
		}
}

// Whether PAGE has -NAME as a word.
static bool has_option_in(const char *page, const char *name)
{
	auto_free char *word = mem_printf(" -%s", name);
	const char *at = page;

	while ((at = strstr(at, word)) && (islower((unsigned char)at[strlen(word)]) || at[strlen(word)] == '-'))
		at++;
	return at;
}

// The man page has each verb and each of its options.
static void each_verb_is_in_the_man_page(void **state)
{
	auto_free char *page = source_text("doc/hostel.1");
	const struct verb_field *f;

	for (enum verb verb = 0; verb < VERBS; verb++) {
		auto_free char *item = mem_printf("Cm %s", verb_info(verb)->name),
		               *also = mem_printf(", %s", verb_info(verb)->name);

		if (!strstr(page, item) && !strstr(page, also))
			fail_msg("'%s' is not in hostel(1)", verb_info(verb)->name);
		for (size_t i = 0; (f = verb_field(verb, KIND_BIT_ANY, i)); i++) {
			auto_free char *refused = mem_printf(" --%s ", f->name);
			bool named = f->flags & FIELD_REFUSED ? strstr(page, refused) != NULL : has_option_in(page, f->name);

			if (!(f->flags & (FIELD_OPERAND | FIELD_HIDDEN)) && !named)
				fail_msg("%s --%s is not in hostel(1)", verb_info(verb)->name, f->name);
		}
	}
}

static void names_are_found_again(void **state)
{
	for (int d = 0; d < DOCUMENTS; d++)
		assert_int_equal(document_find(document_name((enum document)d)), d);
	for (enum stream s = 0; s < STREAMS; s++)
		assert_int_equal(verb_find(stream_name(s)), verb_of_stream(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_has_what_the_help_shows),
		cmocka_unit_test(each_option_has_a_name_and_a_letter_of_its_own),
		cmocka_unit_test(each_field_can_be_shown_and_checked),
		cmocka_unit_test(each_row_has_what_its_flags_need),
		cmocka_unit_test(each_kind_has_what_lists_and_forms_need),
		cmocka_unit_test(each_verb_is_done_by_an_engine),
		cmocka_unit_test(what_read_only_refuses_is_said_by_rows),
		cmocka_unit_test(each_verb_is_in_the_man_page),
		cmocka_unit_test(names_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
