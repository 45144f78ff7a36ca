// Checks the values of fields, and turns them into command lines: see model/verb.h.
#include "model/verb.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/name.h"
#include "model/param.h"

static int parses_as_bytes(const char *value)
{
	uint64_t bytes;
	int r = units_parse_bytes(value, &bytes);

	return r < 0 ? r : bytes > 0 ? 0 : -ERANGE;
}

static int parses_as_cpus(const char *value)
{
	double cpus;

	return units_parse_cpus(value, &cpus);
}

static int parses_as_count(const char *value)
{
	uint64_t count;
	int r = str_to_u64(value, &count);

	return r < 0 ? r : count > 0 ? 0 : -ERANGE;
}

static int parses_as_duration(const char *value)
{
	int64_t ns;

	return units_parse_duration(value, &ns);
}

static int is_flag(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ? 0 : -EINVAL;
}

static int is_name(const char *value)
{
	return name_is_valid(NAME_OF_ANY, value) ? 0 : -EINVAL;
}

static int is_path(const char *value)
{
	return value[0] == '/' && strlen(value) < 4096 ? 0 : -EINVAL;
}

static int is_pair(const char *value)
{
	return value[0] != '=' && strchr(value, '=') ? 0 : -EINVAL;
}

static int is_anything(const char *value)
{
	(void)value;
	return 0;
}

static const struct {
	int (*check)(const char *value);
	const char *valid;
} types[] = {
	[VALUE_TEXT] = {.check = is_anything, .valid = "text"},
	[VALUE_NAME] = {.check = is_name, .valid = NAME_RULE},
	[VALUE_PATH] = {.check = is_path, .valid = "an absolute path"},
	[VALUE_FILE] = {.check = is_path, .valid = "an absolute path"},
	[VALUE_IMAGE] = {.check = is_anything, .valid = "an image"},
	[VALUE_BYTES] = {.check = parses_as_bytes, .valid = "a size, for example 512M or 2G"},
	[VALUE_CPUS] = {.check = parses_as_cpus, .valid = "a number of CPUs, for example 0.5 or 2"},
	[VALUE_COUNT] = {.check = parses_as_count, .valid = "a whole number above 0"},
	[VALUE_DURATION] = {.check = parses_as_duration, .valid = "a duration, for example 30s or 2m"},
	[VALUE_FLAG] = {.check = is_flag, .valid = "yes or no"},
	[VALUE_CHOICE] = {.check = is_anything},
	[VALUE_WORDS] = {.check = is_anything, .valid = "words"},
	[VALUE_PAIRS] = {.check = is_pair, .valid = "NAME=VALUE"},
	[VALUE_LIST] = {.check = is_anything, .valid = "text"},
};

static int check_choice(const struct verb_field *field, const char *value, struct err *e)
{
	auto_strv choices = {0};

	strv_split(&choices, field->choices, " ");
	for (size_t i = 0; i < choices.count; i++)
		if (strcmp(choices.items[i], value) == 0)
			return 0;
	return err_msg(e, EINVAL, "invalid value '%s' for '%s' (one of: %s)", value, field->name, field->choices);
}

// Records and the wire are JSON, which is UTF-8.
static bool is_utf8(const char *text)
{
	uint32_t cp;

	for (size_t left = strlen(text), n; left > 0; text += n, left -= n)
		if ((n = str_decode(text, left, &cp)) == 0)
			return false;
	return true;
}

int verb_check_value(const struct verb_field *field, const char *value, struct err *e)
{
	if (!is_utf8(value))
		return err_msg(e, EINVAL, "invalid value '%s' for '%s' (not UTF-8)", value, field->name);
	if (field->type == VALUE_CHOICE)
		return check_choice(field, value, e);
	if (field->flags & FIELD_LIMIT && strcmp(value, "0") == 0)
		return 0;
	if (types[field->type].check(value) < 0)
		return err_msg(e, EINVAL, "invalid value '%s' for '%s' (%s)", value, field->name, types[field->type].valid);
	return 0;
}

// Fields that a kind lacks, and why.
static const struct {
	enum kind kind;
	const char *name, *why;
} lacks[] = {
	{KIND_CONTAINER, PARAM_AUTOSTART,
	 "use --" PARAM_RESTART " always and the service hostel"},
};

// "cpus, memory and autostart".
static void add_names(struct str *out, enum verb verb, enum kind kind)
{
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, 1u << kind, i)); i++) {
		bool last = !verb_field(verb, 1u << kind, i + 1);

		str_addf(out, "%s%s", i == 0 ? "" : last ? " and " : ", ", f->name);
	}
}

static int refuse_name(enum verb verb, enum kind kind, const char *name, struct err *e)
{
	auto_str can = {0};

	if (verb_info(verb)->flags & CREATES)
		return err_msg(e, EINVAL, "%s has no '%s'", kind_phrase(kind), name);
	if (verb != VERB_SET)
		return err_msg(e, EINVAL, "'%s' has no option '%s' for %s", verb_info(verb)->name, name,
		               kind_phrase(kind));
	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		if (lacks[i].kind == kind && strcmp(lacks[i].name, name) == 0)
			str_add(&can, lacks[i].why);
	if (!can.length) {
		add_names(&can, verb, kind);
		str_add(&can, " can");
	}
	return err_msg(e, EINVAL, "'%s' of %s cannot be changed (%s)", name, kind_phrase(kind), str_text(&can));
}

static int check_required(enum verb verb, enum kind kind, const struct params *p, struct err *e)
{
	auto_free char *noun = verb_info(verb)->flags & CREATES ? mem_strdup(kind_phrase(kind))
	                                                        : mem_printf("'%s'", verb_info(verb)->name);
	const struct verb_field *f;

	for (size_t i = 0; (f = verb_field(verb, 1u << kind, i)); i++)
		if (f->flags & FIELD_REQUIRED && verb != VERB_SET && !*params_or(p, f->name, ""))
			return err_msg(e, EINVAL, "%s needs '%s%s': %s", noun, f->flags & FIELD_OPERAND ? "" : "--", f->name,
			               f->help);
	return 0;
}

static int refuse_option(const struct verb_field *f, struct err *e)
{
	return err_msg(e, EINVAL, "'--%s' is not supported: %s", f->name, f->help);
}

static int refuse_local(const struct verb_field *f, struct err *e)
{
	return err_msg(e, EINVAL, "'--%s' is only available on the shell's command line", f->name);
}

int verb_check_params(enum verb verb, enum kind kind, const struct params *p, struct err *e)
{
	static const struct params none;

	p = p ? p : &none;
	for (size_t i = 0; i < p->count; i++) {
		const struct verb_field *f = verb_field_find(verb, 1u << kind, p->items[i].name);
		int r = !f                         ? refuse_name(verb, kind, p->items[i].name, e)
		        : f->flags & FIELD_REFUSED ? refuse_option(f, e)
		        : f->flags & FIELD_LOCAL   ? refuse_local(f, e)
		                                   : verb_check_value(f, p->items[i].value, e);

		if (r < 0)
			return r;
	}
	return check_required(verb, kind, p, e);
}

static void add_option(enum verb verb, const struct verb_field *f, const char *value, struct strv *words)
{
	if (verb_field_value(verb, f))
		strv_addf(words, "--%s=%s", f->name, value);
	else if (strcmp(value, "yes") == 0)
		strv_addf(words, "--%s", f->name);
}

void verb_add_options(enum verb verb, const struct params *p, struct strv *words)
{
	for (size_t i = 0; p && i < p->count; i++) {
		const struct verb_field *f = verb_field_find(verb, KIND_BIT_ANY, p->items[i].name);

		if (f && !(f->flags & (FIELD_OPERAND | FIELD_HIDDEN)))
			add_option(verb, f, p->items[i].value, words);
	}
}

void verb_add_operands(enum verb verb, const struct params *p, struct strv *words)
{
	const struct verb_field *f;

	for (size_t i = 0; p && (f = verb_field(verb, KIND_BIT_ANY, i)); i++) {
		const char *value;

		for (size_t n = 0; f->flags & FIELD_OPERAND && (value = params_get_nth(p, f->name, n)); n++)
			strv_add(words, value);
	}
}
