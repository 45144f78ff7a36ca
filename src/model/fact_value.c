// Values of facts and their text: see model/fact.h.
#include "model/fact.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/units.h"
#include "model/image.h"
#include "model/item.h"
#include "model/kind.h"
#include "model/posture.h"
#include "model/workload.h"

static const struct fact_binding *binding_of(enum fact fact, const struct fact_source *from)
{
	return &kind_bindings(from->item->kind)[fact];
}

// --- numbers

static double stored_number(const struct fact_binding *b, const void *at)
{
	switch (b->type) {
	case FIELD_TIME:
		return *(const int64_t *)at ? (double)*(const int64_t *)at : (double)NAN;
	case FIELD_INT:
		return *(const int *)at;
	case FIELD_NUMBER:
		return *(const double *)at > 0 ? *(const double *)at : (double)NAN;
	case FIELD_BYTES:
		return *(const uint64_t *)at ? (double)*(const uint64_t *)at : (double)NAN;
	case FIELD_POSTURE:
		return posture_level(at) >= 0 ? posture_level(at) : (double)NAN;
	default:
		return (double)NAN;
	}
}

// A rate if rates are given, else a gauge or a counter's total.
static double measured_number(enum metric m, const struct fact_source *from)
{
	if (from->rates)
		return rates_get(from->rates, m);
	return from->sample && sample_has(from->sample, m) ? sample_plain(from->sample, m) : (double)NAN;
}

double fact_number(enum fact fact, const struct fact_source *from)
{
	const struct fact_binding *b = binding_of(fact, from);
	double value = b->number                  ? b->number(from)
	               : b->type == FIELD_METRIC ? measured_number(b->metric, from)
	                                         : stored_number(b, (const char *)from->item + b->at);

	return value >= fact_least(fact) ? value : (double)NAN;
}

// --- words

static void add_items(struct str *out, const struct strv *list)
{
	for (size_t i = 0; i < list->count; i++)
		str_addf(out, "%s%s", i ? "," : "", list->items[i]);
}

// The text of a fact that is stored as text, or NULL.
static const char *ready_text(enum fact fact, const struct fact_source *from)
{
	const struct fact_binding *b = binding_of(fact, from);
	const void *at = (const char *)from->item + b->at;

	switch (b->type) {
	case FIELD_TEXT:
	case FIELD_ID:
		return *(char *const *)at;
	case FIELD_KIND:
		return kind_name(from->item->kind);
	case FIELD_STATE:
		return item_state_info(from->item->state)->name;
	case FIELD_BOOL:
		return *(const bool *)at ? "yes" : "no";
	default:
		return NULL;
	}
}

void fact_add_words(struct str *out, enum fact fact, const struct fact_source *from)
{
	const struct fact_binding *b = binding_of(fact, from);
	const char *text = ready_text(fact, from);

	if (text)
		str_add(out, text);
	else if (b->words)
		b->words(out, from);
	else if (b->type == FIELD_LIST || b->type == FIELD_IDS)
		add_items(out, (const struct strv *)((const char *)from->item + b->at));
}

static void add_visible_words(struct str *out, enum fact fact, const struct fact_source *from)
{
	auto_str words = {0};

	fact_add_words(&words, fact, from);
	str_add_visible(out, str_text(&words), words.length);
}

// --- both

// The names of the isolation checks that pass.
static void add_posture(struct str *out, const struct posture *p)
{
	bool any = false;

	for (enum barrier b = 0; b < BARRIERS; b++)
		if (posture_stands(p, b)) {
			str_addf(out, "%s%s", any ? "," : "", barrier_info(b)->name);
			any = true;
		}
	str_add(out, any ? "" : "-");
}

// Without rates a counter is a total, whatever unit its rate has.
static bool is_total(enum fact fact, const struct fact_source *from)
{
	const struct fact_binding *b = binding_of(fact, from);

	return b->type == FIELD_METRIC && !b->number && !from->rates && metric_info(b->metric)->type == METRIC_COUNTER;
}

static void add_plain_number(struct str *out, enum fact fact, double value, const struct fact_source *from)
{
	char date[DATE_TEXT];
	enum fact_type type = fact_info(fact)->type;

	if (type == FACT_TIME)
		str_add(out, date_utc(date, (int64_t)value));
	else if (type == FACT_DURATION)
		str_addf(out, "%.0f", value / SECOND);
	else if ((type == FACT_PERCENT || type == FACT_RATE) && !is_total(fact, from))
		str_addf(out, "%.1f", value);
	else
		str_addf(out, "%.15g", value);
}

void fact_add_plain(struct str *out, enum fact fact, const struct fact_source *from)
{
	const struct fact_binding *b = binding_of(fact, from);
	size_t before = out->length;

	if (b->type == FIELD_POSTURE) {
		add_posture(out, (const struct posture *)((const char *)from->item + b->at));
		return;
	}
	if (fact_is_number(fact)) {
		double value = fact_number(fact, from);

		if (!isnan(value))
			add_plain_number(out, fact, value, from);
	} else {
		add_visible_words(out, fact, from);
	}
	if (out->length == before)
		str_add_char(out, '-');
}

static const char *number_text(char text[DATE_TEXT], enum fact_type type, double value)
{
	_Static_assert((int)DATE_TEXT >= (int)UNITS_TEXT, "a number fits, too");
	switch (type) {
	case FACT_TIME:
		date_local(text, DATE_PLAIN, (int64_t)value);
		text[strlen("2026-01-01 12:30")] = '\0';
		return text;
	case FACT_DURATION:
		return units_age(text, (int64_t)value / SECOND * SECOND);
	case FACT_PERCENT:
		return units_percent(text, value);
	case FACT_BYTES:
		return units_bytes(text, (uint64_t)value);
	case FACT_RATE:
		return units_rate(text, value);
	default:
		// four digits, unless it is a whole number
		snprintf(text, DATE_TEXT, value < 1000 && value != (double)(int64_t)value ? "%.4g" : "%.0f", value);
		return text;
	}
}

void fact_add_cell(struct str *out, enum fact fact, const struct fact_source *from)
{
	char text[DATE_TEXT];
	size_t before = out->length;

	if (!fact_is_number(fact)) {
		add_visible_words(out, fact, from);
		if (fact == FACT_DIGEST)
			digest_shorten(out, before);
		return;
	}
	double value = fact_number(fact, from);
	if (isnan(value))
		str_add_char(out, '-');
	else if (fact == FACT_START_MS)
		str_add(out, units_short_time(text, value));
	else
		str_add(out, number_text(text, fact_info(fact)->type, value));
}

// --- order

static int compare_numbers(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (int)isnan(b) - (int)isnan(a);
	return (a > b) - (a < b);
}

// Running items come first, then failed ones.
static int state_rank(const struct item *item)
{
	static const int ranks[STATES] = {
		[STATE_RUNNING] = 0, [STATE_STOPPING] = 1, [STATE_PAUSED] = 2,  [STATE_SUSPENDED] = 3, [STATE_CRASHED] = 4,
		[STATE_UNKNOWN] = 5, [STATE_EXITED] = 7,   [STATE_CREATED] = 8, [STATE_OFF] = 9,     [STATE_ACTIVE] = 0,
		[STATE_USED] = 0,    [STATE_INACTIVE] = 9, [STATE_UNUSED] = 9,
	};

	return workload_of(item) && workload_failed(workload_of(item)) ? 4 : ranks[item->state];
}

static int compare_words(enum fact fact, const struct fact_source *a, const struct fact_source *b)
{
	const char *one = ready_text(fact, a), *other = ready_text(fact, b);
	auto_str x = {0}, y = {0};

	if (!one && !other) { // put together, or missing
		fact_add_words(&x, fact, a);
		fact_add_words(&y, fact, b);
		one = str_text(&x);
		other = str_text(&y);
	}
	return str_natural_compare(one ? one : "", other ? other : "");
}

int fact_compare(enum fact fact, const struct fact_source *a, const struct fact_source *b)
{
	if (fact == FACT_STATE)
		return state_rank(a->item) - state_rank(b->item);
	return fact_is_number(fact) ? compare_numbers(fact_number(fact, a), fact_number(fact, b))
	                            : compare_words(fact, a, b);
}
