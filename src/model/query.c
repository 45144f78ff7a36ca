// The filter language: see model/query.h.
#include "model/query.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/fold.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "model/workload.h"

enum comparison { LESS, LESS_EQUAL, EQUAL, MORE_EQUAL, MORE };

struct term {
	bool negated;
	bool (*matches)(const struct term *t, const struct fact_source *from);
	char *text;      // to search for
	enum fact fact;  // except for plain words
	unsigned wanted; // kinds or states, a bit each
	enum comparison comparison;
	double value;
};

struct query {
	struct term *terms;
	size_t count;
};

static bool contains(const char *text, const char *part)
{
	return text && fold_find(text, part, NULL);
}

static bool contains_fact(enum fact fact, const struct term *t, const struct fact_source *from)
{
	auto_str words = {0};

	fact_add_words(&words, fact, from);
	return contains(str_text(&words), t->text);
}

static bool match_word(const struct term *t, const struct fact_source *from)
{
	return contains(from->item->name, t->text) || contains_fact(FACT_IMAGE, t, from) ||
	       contains_fact(FACT_ADDRESSES, t, from) || contains_fact(FACT_NAMES, t, from);
}

// All letters of the term in this order, with others in between.
static bool match_fuzzy(const struct term *t, const struct fact_source *from)
{
	struct folding wanted = {t->text, 0}, name = {from->item->name, 0};
	uint32_t next = fold_next(&wanted);

	for (uint32_t c; next && (c = fold_next(&name));)
		next = c == next ? fold_next(&wanted) : next;
	return !next;
}

static bool match_words(const struct term *t, const struct fact_source *from)
{
	return contains_fact(t->fact, t, from);
}

static bool match_kind(const struct term *t, const struct fact_source *from)
{
	return t->wanted >> from->item->kind & 1;
}

static bool match_state(const struct term *t, const struct fact_source *from)
{
	return t->wanted >> from->item->state & 1;
}

// "app=web" matches that label, "app" any label of that name.
static bool match_label(const struct term *t, const struct fact_source *from)
{
	const struct workload *w = workload_of(from->item);
	size_t n = strlen(t->text);

	for (size_t i = 0; w && i < w->labels.count; i++) {
		const char *label = w->labels.items[i];

		if (strncmp(label, t->text, n) == 0 && (label[n] == '\0' || (label[n] == '=' && !strchr(t->text, '='))))
			return true;
	}
	return false;
}

static bool match_number(const struct term *t, const struct fact_source *from)
{
	double value = fact_number(t->fact, from);
	double difference = value - t->value;
	bool same = fabs(difference) < 1e-9 * fmax(1, fabs(t->value));

	if (isnan(value))
		return false;
	const bool result[] = {
		[LESS] = !same && difference < 0,
		[LESS_EQUAL] = same || difference < 0,
		[EQUAL] = same,
		[MORE_EQUAL] = same || difference > 0,
		[MORE] = !same && difference > 0,
	};
	return result[t->comparison];
}

static int read_plain(const char *text, double *value)
{
	uint64_t whole;
	int r = units_parse_cpus(text, value);

	if (r == 0)
		return 0;
	r = str_to_u64(text, &whole);
	*value = (double)whole;
	return r;
}

static int read_bytes(const char *text, double *value)
{
	uint64_t bytes;
	int r = units_parse_bytes(text, &bytes);

	*value = r < 0 ? 0 : (double)bytes;
	return r;
}

static int read_duration(const char *text, double *value)
{
	int64_t ns;
	int r = units_parse_duration(text, &ns);

	*value = r < 0 ? 0 : (double)ns;
	return r;
}

// Parser, name and example of the numbers of a type.
static const struct {
	int (*read)(const char *text, double *value);
	const char *noun, *example;
} numbers[] = {
	[FACT_TIME] = {NULL, NULL, NULL},
	[FACT_DURATION] = {read_duration, "a duration", "<1h"},
	[FACT_COUNT] = {read_plain, "a number", ">3"},
	[FACT_NUMBER] = {read_plain, "a number", ">=2"},
	[FACT_PERCENT] = {read_plain, "a percentage", ">50"},
	[FACT_BYTES] = {read_bytes, "a size", ">1G"},
	[FACT_RATE] = {read_bytes, "a size per second", ">1M"},
	[FACT_STEPS] = {read_plain, "a number from 0 to 5", "<3"},
};

static bool is_comparable(enum fact fact)
{
	return fact_is_number(fact) && numbers[fact_info(fact)->type].read;
}

static bool is_searchable(enum fact fact)
{
	return fact_info(fact)->type <= FACT_FLAG;
}

// The kinds or states that begin with the term's text.
static int read_kind(struct term *t, struct err *e)
{
	auto_str names = {0};

	t->wanted = kinds_from(t->text);
	for (enum kind kind = 0; kind < KINDS; kind++)
		str_addf(&names, "%s%s%s%s", kind ? ", " : "", kind_name(kind), kind_info(kind)->alias ? " or " : "",
		         kind_info(kind)->alias ? kind_info(kind)->alias : "");
	return t->wanted ? 0 : err_msg(e, EINVAL, "unknown kind '%s' (kinds: %s)", t->text, str_text(&names));
}

static int read_state(struct term *t, struct err *e)
{
	auto_str names = {0};

	for (int state = 0; state < STATES; state++) {
		const char *name = item_state_info((enum item_state)state)->name;

		t->wanted |= strncasecmp(name, t->text, strlen(t->text)) == 0 ? 1u << state : 0;
		str_addf(&names, "%s%s", state ? ", " : "", name);
	}
	return t->wanted ? 0 : err_msg(e, EINVAL, "unknown state '%s' (states: %s)", t->text, str_text(&names));
}

// Facts that are not matched as substrings.
static const struct {
	bool (*matches)(const struct term *t, const struct fact_source *from);
	int (*read)(struct term *t, struct err *e); // NULL: any text is valid
} word_terms[FACTS] = {
	[FACT_STATE] = {match_state, read_state},
	[FACT_KIND] = {match_kind, read_kind},
	[FACT_LABELS] = {match_label, NULL},
};

char *query_key(size_t index)
{
	for (enum fact fact = 0; fact < FACTS; fact++)
		if ((is_comparable(fact) || is_searchable(fact)) && index-- == 0)
			return mem_printf("%s%s", fact_info(fact)->name,
			                  is_searchable(fact)                      ? ":"
			                  : fact_info(fact)->type == FACT_DURATION ? "<"
			                                                           : ">");
	return NULL;
}

// Reads "<=", "<", "=", ">=" or ">". Returns its length.
static size_t read_comparison(const char *text, enum comparison *c)
{
	bool with_equal = (*text == '<' || *text == '>') && text[1] == '=';

	*c = *text == '<' ? (with_equal ? LESS_EQUAL : LESS) : *text == '>' ? (with_equal ? MORE_EQUAL : MORE) : EQUAL;
	return with_equal ? 2 : 1;
}

// NAME is not a fact, or is followed by the operator of the other type.
static int unknown_key(const char *word, size_t name_length, struct err *e)
{
	int fact = fact_find(word, name_length);
	auto_str keys = {0};

	if (fact >= 0 && is_comparable((enum fact)fact))
		return err_msg(e, EINVAL, "invalid filter '%s' (write %.*s>…)", word, (int)name_length, word);
	if (fact >= 0 && is_searchable((enum fact)fact))
		return err_msg(e, EINVAL, "invalid filter '%s' (write %.*s:…)", word, (int)name_length, word);
	for (size_t i = 0;; i++) {
		auto_free char *key = query_key(i);

		if (!key)
			break;
		str_addf(&keys, "%s%s", i ? " " : "", key);
	}
	return err_msg(e, EINVAL, "unknown field '%.*s' (fields: %s)", (int)name_length, word, str_text(&keys));
}

static int parse_number(struct term *t, const char *word, size_t name_length, struct err *e)
{
	size_t sign = read_comparison(word + name_length, &t->comparison);
	int fact = fact_find(word, name_length);

	if (fact < 0 || !is_comparable((enum fact)fact))
		return unknown_key(word, name_length, e);
	enum fact_type type = fact_info((enum fact)fact)->type;
	t->matches = match_number;
	t->fact = (enum fact)fact;
	if (numbers[type].read(word + name_length + sign, &t->value) == 0)
		return 0;
	return err_msg(e, EINVAL, "invalid filter '%s' (%.*s is %s, for example %.*s%s)", word, (int)name_length, word,
	               numbers[type].noun, (int)name_length, word, numbers[type].example);
}

static int parse_text(struct term *t, const char *word, size_t name_length, struct err *e)
{
	int fact = fact_find(word, name_length);

	if (fact < 0 || !is_searchable((enum fact)fact))
		return unknown_key(word, name_length, e);
	t->fact = (enum fact)fact;
	t->matches = word_terms[fact].matches ? word_terms[fact].matches : match_words;
	t->text = mem_strdup(word + name_length + 1);
	return word_terms[fact].read ? word_terms[fact].read(t, e) : 0;
}

static int parse_term(struct term *t, const char *word, struct err *e)
{
	t->negated = *word == '!';
	word += t->negated;
	if (*word == '~' && word[1]) {
		t->matches = match_fuzzy;
		t->text = mem_strdup(word + 1);
		return 0;
	}
	size_t name_length = strspn(word, STR_LETTERS "-");
	if (name_length && word[name_length] == ':')
		return parse_text(t, word, name_length, e);
	if (name_length && word[name_length] && strchr("<>=", word[name_length]))
		return parse_number(t, word, name_length, e);
	t->matches = match_word;
	t->text = mem_strdup(word);
	return 0;
}

int query_new(struct query **q, const char *text, struct err *e)
{
	auto_strv words = {0};
	struct query *made = mem_new(sizeof(*made));

	strv_split(&words, text, " \t");
	made->terms = mem_array(words.count, sizeof(*made->terms));
	for (size_t i = 0; i < words.count; i++) {
		int r = parse_term(&made->terms[made->count++], words.items[i], e);

		if (r < 0) {
			query_free(made);
			return r;
		}
	}
	*q = made;
	return 0;
}

void query_free(struct query *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->count; i++)
		free(q->terms[i].text);
	free(q->terms);
	free(q);
}

bool query_asks_for(const struct query *q, enum kind kind)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->terms[i].matches == match_kind && (q->terms[i].wanted >> kind & 1) != q->terms[i].negated)
			return true;
	return false;
}

unsigned query_kinds(const struct query *q)
{
	unsigned all = (1u << KINDS) - 1, kinds = all;

	for (size_t i = 0; i < q->count; i++)
		if (q->terms[i].matches == match_kind)
			kinds &= q->terms[i].negated ? ~q->terms[i].wanted : q->terms[i].wanted;
	return kinds ? kinds : all;
}

void query_add_facts(const struct query *q, struct fact_set *facts)
{
	static const enum fact of_words[] = {FACT_NAME, FACT_IMAGE, FACT_ADDRESSES, FACT_NAMES};

	for (size_t i = 0; q && i < q->count; i++) {
		fact_set_add(facts, q->terms[i].fact);
		for (size_t n = 0; q->terms[i].matches == match_word && n < ARRAY_SIZE(of_words); n++)
			fact_set_add(facts, of_words[n]);
	}
}

bool query_matches(const struct query *q, const struct fact_source *from)
{
	for (size_t i = 0; q && i < q->count; i++)
		if (q->terms[i].matches(&q->terms[i], from) == q->terms[i].negated)
			return false;
	return true;
}
