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

enum comparison { LESS, LESS_EQUAL, EQUAL, MORE_EQUAL, MORE };

struct term {
	bool negated;
	bool (*matches)(const struct term *t, const struct workload *w, const struct rates *r, int64_t now);
	char *text;                    // what to look for
	size_t at;                     // field of the workload, for text terms
	unsigned wanted;               // kinds or states, a bit each
	double (*number)(const struct workload *w, const struct rates *r, int64_t now);
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

static bool match_word(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return contains(w->name, t->text) || contains(w->image, t->text) || contains(w->addresses, t->text);
}

// All letters of the term in this order, other letters between them.
static bool match_fuzzy(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	struct folding wanted = {t->text, 0}, name = {w->name, 0};
	uint32_t next = fold_next(&wanted);

	(void)r, (void)now;
	for (uint32_t c; next && (c = fold_next(&name));)
		next = c == next ? fold_next(&wanted) : next;
	return !next;
}

static bool match_field(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return contains(*(char *const *)((const char *)w + t->at), t->text);
}

static bool match_kind(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return t->wanted >> w->kind & 1;
}

static bool match_state(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return t->wanted >> w->state & 1;
}

// "app=web" is that label, "app" any label of that name.
static bool match_label(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	size_t n = strlen(t->text);

	(void)r, (void)now;
	for (size_t i = 0; i < w->labels.count; i++) {
		const char *label = w->labels.items[i];

		if (strncmp(label, t->text, n) == 0 && (label[n] == '\0' || (label[n] == '=' && !strchr(t->text, '='))))
			return true;
	}
	return false;
}

static bool match_number(const struct term *t, const struct workload *w, const struct rates *r, int64_t now)
{
	double value = t->number(w, r, now);
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

// Both directions together; missing when both are.
static double sum_of(const struct rates *r, enum metric a, enum metric b)
{
	double x = r ? rates_get(r, a) : NAN, y = r ? rates_get(r, b) : NAN;

	return isnan(x) ? y : isnan(y) ? x : x + y;
}

static double number_cpu(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return r ? rates_get(r, METRIC_CPU) : NAN;
}

static double number_memory(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return r ? rates_get(r, METRIC_MEMORY) : NAN;
}

static double number_host_memory(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return r ? rates_get(r, METRIC_MEMORY_HOST) : NAN;
}

static double number_net(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return sum_of(r, METRIC_NET_RX, METRIC_NET_TX);
}

static double number_io(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return sum_of(r, METRIC_READ, METRIC_WRITE);
}

static double number_pids(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)w, (void)now;
	return r ? rates_get(r, METRIC_PIDS) : NAN;
}

static double number_age(const struct workload *w, const struct rates *r, int64_t now)
{
	int64_t since = w->started ? w->started : w->created;

	(void)r;
	return since ? (double)(now - since) : NAN;
}

static double number_cpus(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return w->cpus > 0 ? w->cpus : NAN;
}

static double number_exit(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return w->exit_code >= 0 ? w->exit_code : NAN;
}

static double number_restarts(const struct workload *w, const struct rates *r, int64_t now)
{
	(void)r, (void)now;
	return w->restarts;
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

static const struct {
	const char *name;
	double (*number)(const struct workload *w, const struct rates *r, int64_t now);
	int (*read)(const char *text, double *value);
	const char *takes;
} numbers[] = {
	{.name = "cpu", .number = number_cpu, .read = read_plain, .takes = "a percentage, for example cpu>50"},
	{.name = "mem", .number = number_memory, .read = read_bytes, .takes = "a size, for example mem>1G"},
	{.name = "rss", .number = number_host_memory, .read = read_bytes, .takes = "a size, for example rss>1G"},
	{.name = "net", .number = number_net, .read = read_bytes, .takes = "a size per second, for example net>1M"},
	{.name = "io", .number = number_io, .read = read_bytes, .takes = "a size per second, for example io>100k"},
	{.name = "pids", .number = number_pids, .read = read_plain, .takes = "a number, for example pids>10"},
	{.name = "age", .number = number_age, .read = read_duration, .takes = "a duration, for example age<1h"},
	{.name = "cpus", .number = number_cpus, .read = read_plain, .takes = "a number, for example cpus>=2"},
	{.name = "exit", .number = number_exit, .read = read_plain, .takes = "an exit status, for example exit=137"},
	{.name = "restarts", .number = number_restarts, .read = read_plain, .takes = "a number, for example restarts>3"},
};

// The kinds, or states, that begin with the term's text.
static int read_kind(struct term *t, struct err *e)
{
	t->wanted = workload_kinds_from(t->text);
	return t->wanted ? 0 : err_msg(e, EINVAL, "unknown kind '%s' (kinds: %s)", t->text, workload_kinds);
}

static int read_state(struct term *t, struct err *e)
{
	auto_str names = {0};

	for (int state = 0; state < STATES; state++) {
		const char *name = workload_state_info((enum workload_state)state)->name;

		t->wanted |= strncasecmp(name, t->text, strlen(t->text)) == 0 ? 1u << state : 0;
		str_addf(&names, "%s%s", state ? ", " : "", name);
	}
	return t->wanted ? 0 : err_msg(e, EINVAL, "unknown state '%s' (states: %s)", t->text, str_text(&names));
}

static const struct {
	const char *name;
	bool (*matches)(const struct term *t, const struct workload *w, const struct rates *r, int64_t now);
	size_t at;
	int (*read)(struct term *t, struct err *e); // NULL: any text will do
} texts[] = {
	{.name = "state", .matches = match_state, .read = read_state},
	{.name = "kind", .matches = match_kind, .read = read_kind},
	{.name = "label", .matches = match_label},
	{.name = "name", .matches = match_field, .at = offsetof(struct workload, name)},
	{.name = "host", .matches = match_field, .at = offsetof(struct workload, host)},
	{.name = "engine", .matches = match_field, .at = offsetof(struct workload, engine)},
	{.name = "image", .matches = match_field, .at = offsetof(struct workload, image)},
	{.name = "id", .matches = match_field, .at = offsetof(struct workload, id)},
	{.name = "reason", .matches = match_field, .at = offsetof(struct workload, reason)},
	{.name = "address", .matches = match_field, .at = offsetof(struct workload, addresses)},
};

const char *query_key(size_t index)
{
	static const char *const keys[] = {"state:", "kind:", "label:", "name:", "host:", "engine:", "image:", "id:", "reason:", "address:",
	                                   "cpu>", "mem>", "rss>", "net>", "io>", "pids>", "age<", "cpus>", "exit=", "restarts>"};

	_Static_assert(ARRAY_SIZE(keys) == ARRAY_SIZE(texts) + ARRAY_SIZE(numbers), "a key of the filter language each");
	return index < ARRAY_SIZE(keys) ? keys[index] : NULL;
}

// Reads "<=", "<", "=", ">=" or ">". Returns its length.
static size_t read_comparison(const char *text, enum comparison *c)
{
	bool with_equal = (*text == '<' || *text == '>') && text[1] == '=';

	*c = *text == '<' ? (with_equal ? LESS_EQUAL : LESS) : *text == '>' ? (with_equal ? MORE_EQUAL : MORE) : EQUAL;
	return with_equal ? 2 : 1;
}

// A name that is in neither table, or has the other table's sign behind it.
static int unknown_key(const char *word, size_t name_length, struct err *e)
{
	auto_str keys = {0};

	for (size_t i = 0; query_key(i); i++) {
		if (strcspn(query_key(i), ":<=>") == name_length && strncasecmp(query_key(i), word, name_length) == 0)
			return err_msg(e, EINVAL, "invalid filter '%s' (write %s…)", word, query_key(i));
		str_addf(&keys, "%s%s", i ? " " : "", query_key(i));
	}
	return err_msg(e, EINVAL, "unknown field '%.*s' (fields: %s)", (int)name_length, word, str_text(&keys));
}

static int parse_number(struct term *t, const char *word, size_t name_length, struct err *e)
{
	size_t sign = read_comparison(word + name_length, &t->comparison);

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strlen(numbers[i].name) != name_length || strncasecmp(numbers[i].name, word, name_length) != 0)
			continue;
		t->matches = match_number;
		t->number = numbers[i].number;
		if (numbers[i].read(word + name_length + sign, &t->value) < 0)
			return err_msg(e, EINVAL, "'%s' takes %s", numbers[i].name, numbers[i].takes);
		return 0;
	}
	return unknown_key(word, name_length, e);
}

static int parse_text(struct term *t, const char *word, size_t name_length, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strlen(texts[i].name) != name_length || strncasecmp(texts[i].name, word, name_length) != 0)
			continue;
		t->matches = texts[i].matches;
		t->at = texts[i].at;
		t->text = mem_strdup(word + name_length + 1);
		return texts[i].read ? texts[i].read(t, e) : 0;
	}
	return unknown_key(word, name_length, e);
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
	size_t name_length = strspn(word, STR_LETTERS);
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

bool query_asks_for(const struct query *q, enum workload_kind kind)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->terms[i].matches == match_kind && (q->terms[i].wanted >> kind & 1) != q->terms[i].negated)
			return true;
	return false;
}

bool query_matches(const struct query *q, const struct workload *w, const struct rates *r, int64_t now)
{
	for (size_t i = 0; q && i < q->count; i++)
		if (q->terms[i].matches(&q->terms[i], w, r, now) == q->terms[i].negated)
			return false;
	return true;
}
