// Templates of `--format`: see format.h.
#include "format.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/opts.h"
#include "model/param.h"

// Literal text, or a fact.
struct piece {
	char *text;
	enum fact fact;
};

struct format {
	struct piece *pieces;
	size_t count;
};

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
	f->pieces[f->count] = (struct piece){0};
	return &f->pieces[f->count++];
}

static int unknown_field(const char *name, struct err *e)
{
	const char *names[FACTS];
	auto_str list = {0};

	for (enum fact fact = 0; fact < FACTS; fact++)
		names[fact] = fact_info(fact)->name;
	const char *near = opts_nearest(name, names, FACTS, sizeof(*names));
	err_msg(e, EINVAL, "--" PARAM_FORMAT ": unknown field '{%s}'", name);
	fact_add_names(&list, FACTS, 0);
	return near ? err_hint(e, "did you mean '{%s}'?", near) : err_hint(e, "fields: %s", str_text(&list));
}

static int add_field(struct format *f, const char *name, struct err *e)
{
	int fact = fact_find(name, strlen(name));

	if (fact < 0 || fact_info((enum fact)fact)->type == FACT_GRAPH)
		return unknown_field(name, e);
	add_piece(f)->fact = (enum fact)fact;
	return 0;
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
			r = name ? add_field(f, name, e)
			         : err_msg(e, EINVAL, "--" PARAM_FORMAT ": a brace is not closed in '%s' (write {{ for a brace)",
			                   template);
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

void format_add_facts(const struct format *f, struct fact_set *facts)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->pieces[i].text)
			fact_set_add(facts, f->pieces[i].fact);
}

void format_add(const struct format *f, struct str *out, const struct fact_source *from)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->pieces[i].text)
			str_add(out, f->pieces[i].text);
		else
			fact_add_plain(out, f->pieces[i].fact, from);
	}
	str_add_char(out, '\n');
}
