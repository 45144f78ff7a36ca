// Lists of strings and of pairs: see base/str.h.
#include "base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void strv_done(struct strv *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		free(v->items[i]);
	free(v->items);
	*v = (struct strv){0};
}

void strv_take(struct strv *v, char *text)
{
	v->items = mem_resize(v->items, v->count + 2, sizeof(*v->items));
	v->items[v->count++] = text;
	v->items[v->count] = NULL;
}

void strv_add(struct strv *v, const char *text)
{
	strv_take(v, mem_strdup(text));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strv_take(v, mem_printf_args(fmt, args));
	va_end(args);
}

void strv_copy(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->count; i++)
		strv_add(to, from->items[i]);
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *v)
{
	if (v->count)
		qsort(v->items, v->count, sizeof(*v->items), compare_items);
}

bool strv_has(const struct strv *v, const char *text)
{
	for (size_t i = 0; i < v->count; i++)
		if (str_equal(v->items[i], text))
			return true;
	return false;
}

bool strv_has_sorted(const struct strv *v, const char *text)
{
	return v->count && bsearch(&text, v->items, v->count, sizeof(*v->items), compare_items);
}

bool strv_equal(const struct strv *a, const struct strv *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

void strv_split(struct strv *v, const char *text, const char *separators)
{
	while (*(text += strspn(text, separators))) {
		size_t n = strcspn(text, separators);

		strv_take(v, mem_strndup(text, n));
		text += n;
	}
}

bool strv_split_quoted(struct strv *v, const char *text)
{
	auto_str word = {0};
	bool inside = false;
	char quote = 0;

	for (; *text; text++) {
		if (quote && *text == quote) {
			quote = 0;
		} else if (!quote && (*text == '\'' || *text == '"')) {
			quote = *text;
			inside = true;
		} else if (*text == '\\' && text[1] && quote != '\'') {
			str_add_char(&word, *++text);
			inside = true;
		} else if (!quote && (*text == ' ' || *text == '\t')) {
			if (inside)
				strv_take(v, str_steal(&word));
			inside = false;
		} else {
			str_add_char(&word, *text);
			inside = true;
		}
	}
	if (inside)
		strv_take(v, str_steal(&word));
	return !quote;
}

void params_done(struct params *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].name);
		free(p->items[i].value);
	}
	free(p->items);
	*p = (struct params){0};
}

void params_add(struct params *p, const char *name, const char *value)
{
	p->items = mem_resize(p->items, p->count + 1, sizeof(*p->items));
	p->items[p->count++] = (struct param){mem_strdup(name), mem_strdup(value)};
}

static struct param *params_find(const struct params *p, const char *name, size_t index)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->items[i].name, name) == 0 && index-- == 0)
			return &p->items[i];
	return NULL;
}

void params_set(struct params *p, const char *name, const char *value)
{
	struct param *old = params_find(p, name, 0);

	if (!old) {
		params_add(p, name, value);
		return;
	}
	char *copy = mem_strdup(value);
	free(old->value);
	old->value = copy;
}

const char *params_get_nth(const struct params *p, const char *name, size_t index)
{
	struct param *found = params_find(p, name, index);

	return found ? found->value : NULL;
}

const char *params_get(const struct params *p, const char *name)
{
	return params_get_nth(p, name, 0);
}

const char *params_or(const struct params *p, const char *name, const char *otherwise)
{
	const char *value = params_get(p, name);

	return value && *value ? value : otherwise;
}

void params_copy(struct params *to, const struct params *from)
{
	for (size_t i = 0; i < from->count; i++)
		params_add(to, from->items[i].name, from->items[i].value);
}

void params_remove(struct params *p, const char *name)
{
	struct params rest = {0};

	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->items[i].name, name) != 0)
			params_add(&rest, p->items[i].name, p->items[i].value);
	params_done(p);
	*p = rest;
}
