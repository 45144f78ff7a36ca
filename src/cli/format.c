// Templates of `--format`: see format.h.
#include "format.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/opts.h"


// Text as it is, or a field of a workload, or a metric.
struct piece {
	char *text;
	const struct workload_field *field;
	int metric; // -1: none
};

struct format {
	struct piece *pieces;
	size_t count;
};

static const struct workload_field *find_field(const char *name)
{
	for (const struct workload_field *field = workload_fields; field->name; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

// The names of all fields, at most MOST: those of workloads, then figures of other names.
static size_t all_names(const char **names, size_t most)
{
	size_t count = 0;

	for (const struct workload_field *field = workload_fields; field->name && count < most; field++)
		names[count++] = field->name;
	for (int m = 0; m < METRICS && count < most; m++)
		if (!find_field(metric_info((enum metric)m)->name))
			names[count++] = metric_info((enum metric)m)->name;
	return count;
}

void format_free(struct format *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		free(f->pieces[i].text);
	free(f->pieces);
	free(f);
}

static struct piece *add_piece(struct format *f)
{
	f->pieces = mem_resize(f->pieces, f->count + 1, sizeof(*f->pieces));
	f->pieces[f->count] = (struct piece){.metric = -1};
	return &f->pieces[f->count++];
}

static int no_field(const char *name, struct err *e)
{
	const char *names[128];
	size_t count = all_names(names, ARRAY_SIZE(names));
	const char *near = opts_nearest(name, names, count, sizeof(*names));
	auto_str list = {0};
	err_msg(e, EINVAL, "--format: unknown field '{%s}'", name);
	for (size_t i = 0; i < count; i++)
		str_addf(&list, "%s%s", i ? ", " : "", names[i]);
	return near ? err_hint(e, "did you mean '{%s}'?", near) : err_hint(e, "fields: %s", str_text(&list));
}

static int add_field(struct format *f, const char *name, struct err *e)
{
	struct piece *piece = add_piece(f);

	piece->field = find_field(name);
	if (!piece->field)
		piece->metric = metric_find(name);
	return piece->field || piece->metric >= 0 ? 0 : no_field(name, e);
}

static char escaped(char c)
{
	return c == 't' ? '\t' : c == 'n' ? '\n' : c;
}

int format_new(struct format **out, const char *template, struct err *e)
{
	struct format *f = mem_new(sizeof(*f));
	auto_str text = {0};
	int r = 0;

	for (const char *at = template; r == 0 && *at;) {
		size_t length = strcspn(at, "{\\");
		str_add_bytes(&text, at, length);
		at += length;
		if (*at == '\\' && at[1]) {
			str_add_char(&text, escaped(at[1]));
			at += 2;
		} else if (*at == '\\' || (*at == '{' && at[1] == '{')) {
			str_add_char(&text, *at);
			at += *at == '{' ? 2 : 1;
		} else if (*at == '{') {
			const char *end = strchr(at, '}');
			auto_free char *name = end ? mem_strndup(at + 1, (size_t)(end - at - 1)) : NULL;
			if (text.length)
				add_piece(f)->text = str_steal(&text);
			r = name ? add_field(f, name, e) : err_msg(e, EINVAL, "--format: a brace is not closed in '%s' (write {{ for a brace)", template);
			at = end ? end + 1 : "";
		}
	}
	if (text.length)
		add_piece(f)->text = str_steal(&text);
	if (r < 0)
		format_free(f);
	else
		*out = f;
	return r;
}

static void add_time(struct str *out, int64_t ns)
{
	char date[DATE_TEXT];

	str_add(out, date_utc(date, ns));
}

static void add_visible(struct str *out, const char *text)
{
	str_add_visible(out, text, strlen(text));
}

static void add_list(struct str *out, const json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach (list, i, item) {
		str_add(out, i ? "," : "");
		add_visible(out, json_string_value(item) ? json_string_value(item) : "");
	}
}

// The barriers that stand.
static void add_posture(struct str *out, const json_t *posture)
{
	const char *name;
	json_t *stands;
	bool any = false;

	json_object_foreach ((json_t *)posture, name, stands)
		if (json_is_true(stands)) {
			str_addf(out, "%s%s", any ? "," : "", name);
			any = true;
		}
	str_add(out, any ? "" : "-");
}

static void add_value(struct str *out, const struct workload_field *field, const json_t *value)
{
	bool unknown = !value || (strcmp(field->name, "exit-code") == 0 && json_integer_value(value) < 0) ||
	               (strcmp(field->name, "pid") == 0 && json_integer_value(value) == 0);

	if (field->type == FIELD_BOOL)
		str_add(out, json_is_true(value) ? "yes" : "no");
	else if (unknown)
		str_add_char(out, '-');
	else if (field->type == FIELD_TIME)
		add_time(out, json_integer_value(value));
	else if (json_is_string(value))
		add_visible(out, json_string_value(value));
	else if (json_is_integer(value))
		str_addf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		str_addf(out, "%.12g", json_real_value(value));
	else if (json_is_array(value))
		add_list(out, value);
	else
		add_posture(out, value);
}

static void add_metric(struct str *out, enum metric m, const struct sample *s, const struct rates *r)
{
	if (r && rates_has(r, m))
		str_addf(out, "%.*f", metric_info(m)->type == METRIC_GAUGE && metric_info(m)->unit != UNIT_CENTIPERCENT ? 0 : 1, rates_get(r, m));
	else if (s && sample_has(s, m))
		str_addf(out, "%llu", (unsigned long long)s->value[m]);
	else
		str_add_char(out, '-');
}

void format_add(const struct format *f, struct str *out, const struct workload *w, const struct sample *s, const struct rates *r)
{
	json_t *object = workload_to_json(w);

	for (size_t i = 0; i < f->count; i++) {
		const struct piece *piece = &f->pieces[i];

		if (piece->text)
			str_add(out, piece->text);
		else if (piece->field)
			add_value(out, piece->field, json_object_get(object, piece->field->name));
		else
			add_metric(out, (enum metric)piece->metric, s, r);
	}
	str_add_char(out, '\n');
	json_decref(object);
}
