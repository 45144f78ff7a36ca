// Command lines from tables: see base/opts.h.
#include "base/opts.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct parse {
	const struct opt *table;
	char *into;
	struct strv *given; // NULL: not asked for
	struct err *e;
};

// Whether WORD is the first N bytes of NAME.
static bool is_word(const char *word, const char *name, size_t n)
{
	return word && strncmp(word, name, n) == 0 && word[n] == '\0';
}

static const struct opt *find_name(const struct opt *table, const char *name, size_t n)
{
	for (; table->name; table++)
		if (is_word(table->name, name, n) || is_word(table->also, name, n))
			return table;
	return NULL;
}

static const struct opt *find_letter(const struct opt *table, char letter)
{
	for (; table->name; table++)
		if (table->letter == letter && letter)
			return table;
	return NULL;
}

// Levenshtein distance, for words of an option's length.
static size_t edit_distance(const char *a, const char *b)
{
	size_t m = strlen(b);
	size_t row[64];

	if (m >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; *a; a++, i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t swap = diagonal + (*a != b[j - 1]);
			size_t best = row[j - 1] < row[j] ? row[j - 1] + 1 : row[j] + 1;

			diagonal = row[j];
			row[j] = swap < best ? swap : best;
		}
	}
	return row[m];
}

const char *opts_nearest(const char *word, const char *const *names, size_t count, size_t stride)
{
	size_t best = strlen(word) < 4 ? 2 : 3; // closer than this
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *name = *(const char *const *)((const char *)names + i * stride);
		size_t d = name ? edit_distance(word, name) : SIZE_MAX;

		if (d < best) {
			best = d;
			found = name;
		}
	}
	return found;
}

static int unknown_option(const struct parse *p, const char *name)
{
	size_t count = 0;

	while (p->table[count].name)
		count++;
	const char *near = count ? opts_nearest(name, &p->table[0].name, count, sizeof(*p->table)) : NULL;
	err_msg(p->e, EINVAL, "unknown option '--%s'", name);
	return near ? err_hint(p->e, "did you mean '--%s'?", near) : -EINVAL;
}

static int option_store(const struct parse *p, const struct opt *o, const char *value)
{
	void *field = p->into + o->at;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_TEXT:
		*(const char **)field = value;
		return 0;
	case OPT_LIST:
		strv_add(field, value);
		return 0;
	case OPT_PARAM:
		params_set(field, o->name, value ? value : "yes");
		return 0;
	case OPT_PARAMS:
		params_add(field, o->name, value ? value : "yes");
		return 0;
	case OPT_INT:
		if (str_to_i64(value, field) < 0)
			return err_msg(p->e, EINVAL, "invalid value '%s' of option '--%s' (not a whole number)", value, o->name);
		return 0;
	}
	return -EINVAL;
}

static bool is_yes(const char *text)
{
	return str_equal(text, "true") || str_equal(text, "yes");
}

// Whether ATTACHED says whether the flag O is set; a flag of the program itself takes none.
static bool takes_answer(const struct opt *o, const char *attached)
{
	return o->kind == OPT_PARAM && (is_yes(attached) || str_equal(attached, "false") || str_equal(attached, "no"));
}

// Stores O, whose value is ATTACHED or the next argument. Returns the number of arguments consumed.
static int option_parse(const struct parse *p, const struct opt *o, const char *attached, const char *next)
{
	int taken = 1;

	if (o->value && !attached) {
		if (!next)
			return err_msg(p->e, EINVAL, "option '--%s' needs a value: --%s %s", o->name, o->name, o->value);
		attached = next;
		taken = 2;
	} else if (!o->value && attached && takes_answer(o, attached)) {
		attached = is_yes(attached) ? "yes" : "no";
	} else if (!o->value && attached) {
		return err_msg(p->e, EINVAL, "option '--%s' takes no value", o->name);
	}
	int r = option_store(p, o, attached);
	if (r == 0 && p->given)
		strv_addf(p->given, "--%s%s%s", o->name, attached ? "=" : "", attached ? attached : "");
	return r < 0 ? r : taken;
}

static int option_parse_long(const struct parse *p, const char *text, const char *next)
{
	size_t n = strcspn(text, "=");
	const struct opt *o = find_name(p->table, text, n);

	if (!o) {
		auto_free char *name = mem_strndup(text, n);
		return unknown_option(p, name);
	}
	return option_parse(p, o, text[n] == '=' ? text + n + 1 : NULL, next);
}

static int option_parse_short(const struct parse *p, const char *letters, const char *next)
{
	for (; *letters; letters++) {
		const struct opt *o = find_letter(p->table, *letters);

		if (!o)
			return err_msg(p->e, EINVAL, "unknown option '-%c'", *letters);
		if (o->value)
			return option_parse(p, o, letters[1] ? letters + 1 : NULL, next);
		int r = option_parse(p, o, NULL, NULL);
		if (r < 0)
			return r;
	}
	return 1;
}

// Moves argv[from … from+n) down to argv[to …), keeping the order of those in between.
static void move_down(char **argv, int to, int from, int n)
{
	for (; n > 0; n--, to++, from++) {
		char *moved = argv[from];

		memmove(&argv[to + 1], &argv[to], (size_t)(from - to) * sizeof(*argv));
		argv[to] = moved;
	}
}

int opts_parse(const struct opt *table, void *into, int argc, char **argv, int flags, struct err *e)
{
	return opts_parse_given(table, into, argc, argv, flags, NULL, e);
}

int opts_parse_given(const struct opt *table, void *into, int argc, char **argv, int flags, struct strv *given,
                     struct err *e)
{
	const struct parse p = {table, into, given, e};
	int options = 1; // argv[1 … options) are options by now

	for (int i = 1; i < argc;) {
		const char *word = argv[i];

		if (strcmp(word, "--") == 0) {
			move_down(argv, options, i, 1);
			return options + 1;
		}
		if (word[0] != '-' || word[1] == '\0') {
			if (flags & OPTS_STOP_AT_OPERAND)
				break;
			i++;
			continue;
		}
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int taken = word[1] == '-' ? option_parse_long(&p, word + 2, next) : option_parse_short(&p, word + 1, next);
		if (taken < 0)
			return taken;
		move_down(argv, options, i, taken);
		options += taken;
		i += taken;
	}
	return options;
}

enum { HELP_COLUMN = 33 }; // where the texts begin

// One option and its text, which goes to a line of its own if the option is too long.
static void add_row(struct str *out, const char *letter, const char *name, const char *value, const char *help)
{
	size_t before = out->length;

	str_addf(out, "  %s--%s%s%s", letter, name, value ? " " : "", value ? value : "");
	if (out->length - before >= HELP_COLUMN) {
		str_add_char(out, '\n');
		before = out->length;
	}
	str_addf(out, "%*s%s\n", (int)(HELP_COLUMN - (out->length - before)), "", help);
}

void opts_help(struct str *out, const struct opt *table)
{
	for (; table->name; table++) {
		const char letter[] = {'-', table->letter, ',', ' ', '\0'};
		auto_free char *same = mem_printf("same as --%s", table->name);

		if (!table->help)
			continue;
		add_row(out, table->letter ? letter : "    ", table->name, table->value, table->help);
		if (table->also)
			add_row(out, "    ", table->also, table->value, same);
	}
}
