// The dialogs for new workloads, made from the fields of the verb.
#include "create.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/param.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/form.h"
#include "ui/menu.h"

#include "app/jobs/jobs.h"
#include "app/know/app.h"
#include "app/overlay/overlay.h"

enum { ROWS_MOST = 48 };

static const char more[] = "more";

// A dialog of one kind: rows that outlive the form, and the words of its choices.
struct create_form {
	enum kind kind;
	struct form_row rows[ROWS_MOST];
	size_t count;
	struct strv words[ROWS_MOST];
	char *error; // of the last try
};

static void create_form_free(void *context)
{
	struct create_form *f = context;

	for (size_t i = 0; i < ROWS_MOST; i++)
		strv_done(&f->words[i]);
	free(f->error);
	free(f);
}

static bool create_wants_more(const struct form *form)
{
	return strcmp(form_get(form, more), "yes") == 0;
}

// Lists are typed as words separated by blanks, quoted as in a shell where they hold blanks. Returns false for an open
// quote.
static bool split_words(const char *text, struct strv *out)
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
				strv_take(out, str_steal(&word));
			inside = false;
		} else {
			str_add_char(&word, *text);
			inside = true;
		}
	}
	if (inside)
		strv_take(out, str_steal(&word));
	return !quote;
}

static int create_validate(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	const struct create_form *f = context;
	const struct verb_field *field = verb_field_find(VERB_CREATE, 1u << f->kind, name);
	auto_strv words = {0};

	(void)form;
	if (!field || !*value)
		return 0;
	if (!verb_field_repeats(field))
		return verb_check_value(field, value, e);
	if (!split_words(value, &words))
		return err_msg(e, EINVAL, "a quote is not closed");
	for (size_t i = 0; i < words.count; i++) {
		int r = verb_check_value(field, words.items[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

static void create_collect(const struct create_form *f, const struct form *form, struct params *out)
{
	auto_params typed = {0};

	form_values(form, &typed);
	for (size_t i = 0; i < typed.count; i++) {
		const char *name = typed.items[i].name, *value = typed.items[i].value;
		const struct verb_field *field = verb_field_find(VERB_CREATE, 1u << f->kind, name);
		auto_strv words = {0};

		if (!field)
			continue;
		if (!verb_field_repeats(field)) {
			if (!field->initial || strcmp(field->initial, value) != 0 || field->flags & FIELD_REQUIRED)
				params_add(out, name, value);
			continue;
		}
		split_words(value, &words);
		for (size_t w = 0; w < words.count; w++)
			params_add(out, name, words.items[w]);
	}
}

static bool create_answered(struct app *app, struct overlay *o, bool accepted)
{
	const struct create_form *f = o->context;
	auto_params params = {0};
	struct err e = {0};

	if (!accepted)
		return true;
	create_collect(f, o->form, &params);
	if (verb_check_params(VERB_CREATE, f->kind, &params, &e) < 0) {
		form_fail(o->form, NULL, e.text);
		return false;
	}
	jobs_create(app, f->kind, &params);
	return true;
}

static void add_entries(const char *typed, struct strv *out)
{
	const char *slash = strrchr(typed, '/');
	auto_free char *folder = mem_strndup(typed, (size_t)(slash - typed) + 1);
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && out->count < 200) {
		if (!str_starts(entry->d_name, slash + 1) || (entry->d_name[0] == '.' && slash[1] != '.'))
			continue;
		strv_addf(out, "%s%s%s", folder, entry->d_name, entry->d_type == DT_DIR ? "/" : "");
	}
	if (dir)
		closedir(dir);
}

// Completes paths with the files of this machine: of no use for another one.
static void complete_path(void *context, const char *text, size_t cursor, size_t *from, struct strv *out)
{
	size_t begin = 0;

	(void)context;
	if (str_starts(text, "dir:") || str_starts(text, "oci:"))
		begin = 4;
	if (text[begin] != '/')
		return;
	*from = begin;
	auto_free char *typed = mem_strndup(text + begin, cursor - begin);
	add_entries(typed, out);
}

static void create_add_row(struct create_form *f, const struct verb_field *field, bool here)
{
	struct form_row *row = &f->rows[f->count];
	struct strv *words = &f->words[f->count];

	f->count++;
	*row = (struct form_row){.name = field->name,
	                         .label = field->label,
	                         .help = field->help,
	                         .initial = field->initial,
	                         .required = field->flags & FIELD_REQUIRED,
	                         .shown = field->flags & FIELD_RARE ? create_wants_more : NULL};
	if (field->type == VALUE_FLAG)
		row->kind = FORM_FLAG;
	if (here && (field->type == VALUE_FILE || strcmp(field->name, PARAM_IMAGE) == 0))
		row->complete = complete_path;
	if (field->type != VALUE_CHOICE)
		return;
	strv_split(words, field->choices, " ");
	row->kind = FORM_CHOICE;
	row->choices = (const char *const *)words->items;
}

static bool is_shown(const struct verb_field *field, bool rare)
{
	return !(field->flags & FIELD_HIDDEN) && (bool)(field->flags & FIELD_RARE) == rare &&
	       strcmp(field->name, PARAM_START) != 0;
}

static void create_add_rows(struct create_form *f, bool rare, bool here)
{
	const struct verb_field *field;

	for (size_t i = 0; (field = verb_field(VERB_CREATE, 1u << f->kind, i)) && f->count < ROWS_MOST - 2; i++)
		if (is_shown(field, rare))
			create_add_row(f, field, here);
}

// A user who fills in the form wants the result to run.
static void create_add_start(struct create_form *f)
{
	create_add_row(f, verb_field_find(VERB_CREATE, 1u << f->kind, PARAM_START), false);
	f->rows[f->count - 1].initial = "yes";
}

void create_open(struct app *app, enum kind kind)
{
	struct create_form *f = mem_new(sizeof(*f));
	bool here = !app->options->host;

	f->kind = kind;
	create_add_rows(f, false, here);
	create_add_start(f);
	f->rows[f->count++] = (struct form_row){
	    .name = more, .label = "More fields", .help = "show advanced options", .initial = "no", .kind = FORM_FLAG};
	create_add_rows(f, true, here);
	const char *title = kind == KIND_GUEST ? "Create a guest" : "Create a container";
	struct overlay *o =
	    overlay_form(app, form_new(title, "Create", f->rows, f->count, create_validate, f), create_answered);
	o->context = f;
	o->free_context = create_form_free;
}

static bool create_picked(struct app *app, struct overlay *o, bool accepted)
{
	int picked = menu_picked(o->menu);

	if (!accepted || picked < 0)
		return true;
	overlay_pop(app);
	create_open(app, (enum kind)picked);
	return false;
}

// Why nothing of KIND can be created; NULL = it can.
static const char *create_refusal(const struct app *app, enum kind kind)
{
	const struct link_engine *engine;
	const char *trouble = "no engine for it here";

	for (size_t i = 0; (engine = link_engine(app_machine(app)->link, i)); i++) {
		if (engine->kind != kind && !str_equal(engine->name, "fake"))
			continue;
		if (!engine->trouble)
			return NULL;
		trouble = engine->trouble;
	}
	return trouble;
}

void act_create_menu(struct app *app, int value)
{
	struct menu *menu = menu_new("Create");

	(void)value;
	menu_add(menu, 'c', "A container", "from this host's files, a directory or an OCI image",
	         create_refusal(app, KIND_CONTAINER), KIND_CONTAINER);
	menu_add(menu, 'g', "A guest", "from a disk image, an ISO or a kernel", create_refusal(app, KIND_GUEST),
	         KIND_GUEST);
	overlay_menu(app, menu, create_picked);
}
