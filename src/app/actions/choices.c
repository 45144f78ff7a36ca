// Choices of a form's fields: see choices.h.
#include "choices.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "client/link.h"
#include "ui/form.h"

#include "app/know/app.h"
#include "app/know/machine.h"
#include "app/overlay/overlay.h"
#include "fields_form.h"

// A request; the form may be closed before the reply arrives.
struct choices_request {
	struct app *app;
	uint64_t form;
	char *field, *asked;
};

void choices_done(struct choices *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->items[i].asked);
		strv_done(&c->items[i].words);
	}
	free(c->items);
	*c = (struct choices){0};
}

static struct choices_known *find_known(const struct choices *c, const char *asked)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->items[i].asked, asked) == 0)
			return &c->items[i];
	return NULL;
}

static void choices_on_reply(void *context, const struct err *e, const char *text)
{
	struct choices_request *q = context;
	struct overlay *o = overlay_find(q->app, q->form);
	struct fields_form *f = o ? o->context : NULL;

	if (f && !find_known(&f->known, q->asked)) {
		struct choices *c = &f->known;

		c->items = mem_resize(c->items, c->count + 1, sizeof(*c->items));
		c->items[c->count] = (struct choices_known){.asked = mem_strdup(q->asked)};
		strv_split(&c->items[c->count++].words, e->code ? "" : text, "\n");
		form_offer(o->form, q->field);
		app_dirty(q->app);
	}
	free(q->field);
	free(q->asked);
	free(q);
}

static void ask(const struct fields_form *f, const struct form *form, const char *field, const char *typed,
                const char *asked)
{
	struct choices_request *q = mem_new(sizeof(*q));
	auto_params so_far = {0};

	fields_form_collect(f, form, &so_far);
	*q = (struct choices_request){f->app, f->serial, mem_strdup(field), mem_strdup(asked)};
	link_choices(app_machine(f->app)->link, f->kind, f->verb, field, typed, &so_far, choices_on_reply, q);
}

void choices_complete(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	const struct fields_form *f = context;
	const struct overlay *o = overlay_find(f->app, f->serial);
	const char *field = o ? form_focus(o->form) : NULL;
	auto_free char *word = mem_strndup(text, cursor), *typed = mem_strdup(word);
	char *slash = strrchr(typed, '/');

	if (!field)
		return;
	typed[slash ? slash - typed + 1 : 0] = '\0';
	auto_free char *asked = mem_printf("%s %s", field, typed);
	const struct choices_known *known = find_known(&f->known, asked);
	*from = 0;
	for (size_t i = 0; known && i < known->words.count; i++)
		if (str_starts(known->words.items[i], word))
			strv_add(out, known->words.items[i]);
	if (known)
		return;
	ask(f, o->form, field, typed, asked);
	for (int i = 0; i < 2; i++) // two, so that the focus stays here until the reply arrives
		strv_add(out, word);
}
