// The parameters of a form: see fields_form.h.
#include "fields_form.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/param.h"

// Whether VALUE is the default or the present value.
static bool says_nothing(const struct fields_form *f, const struct verb_field *field, const char *value)
{
	const char *holds = f->ids.count ? params_get(&f->present, field->name) : field->initial;

	if (verb_field_repeats(field) || field->flags & (FIELD_REQUIRED | FIELD_EXPLICIT))
		return false;
	return str_equal(holds, value);
}

void fields_form_collect(const struct fields_form *f, const struct form *form, struct params *out)
{
	auto_params typed = {0};

	form_values(form, &typed);
	params_copy(out, &f->fixed);
	for (size_t i = 0; i < typed.count; i++) {
		const char *name = typed.items[i].name, *value = typed.items[i].value;
		const struct verb_field *field = verb_field_find(f->verb, 1u << f->kind, name);
		auto_strv words = {0};

		if (!field || says_nothing(f, field, value))
			continue;
		if (field->type != VALUE_WORDS) {
			params_add(out, name, value);
			continue;
		}
		strv_split_quoted(&words, value);
		for (size_t w = 0; w < words.count; w++)
			params_add(out, name, words.items[w]);
	}
}

bool fields_form_read(const struct fields_form *f, struct form *form, struct params *out)
{
	struct err e = {0};

	fields_form_collect(f, form, out);
	if (verb_check_params(f->verb, f->kind, out, &e) == 0)
		return true;
	form_fail(form, NULL, e.text);
	return false;
}
