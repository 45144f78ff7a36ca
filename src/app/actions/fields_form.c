// Forms of verbs: see fields_form.h.
#include "fields_form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/param.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/overlay/overlay.h"

static const char more[] = "more";

// In order; other fields are in the last one.
static const struct {
	const char *title, *fields;
} sections[] = {
	{.title = "General", .fields = "name image pull platform command disk new-disk iso kernel initrd append to "
	                                "output input"},
	{.title = "Resources", .fields = "cpus memory pids cpu-shares cpuset-cpus cpuset-mems memory-reservation "
	                                  "memory-swap ulimit oom-score-adj cgroup-parent"},
	{.title = "Network", .fields = "network subnet subnet6 internal mode publish publish-all ip ip6 mac-address "
	                                "network-alias nic hostname domainname dns dns-search add-host"},
	{.title = "Files", .fields = "volume mount tmpfs volumes-from device shm-size read-only-root disk-format disk-bus "
	                              "pool directory"},
	{.title = "Process", .fields = "env tty interactive user group-add workdir entrypoint init umask cap-add "
	                                "cap-drop privileged security-opt sysctl userns pid ipc uts cgroupns"},
	{.title = "Machine", .fields = "firmware machine arch accel cpu-model graphics os cloud-init serial-log"},
	{.title = "Lifetime", .fields = "restart autostart stop-signal stop-timeout rm label annotation log-driver "
	                                 "log-opt health-cmd health-interval health-timeout health-retries "
	                                 "health-start-period health-start-interval no-healthcheck start"},
	{.title = "Other", .fields = ""},
};

static size_t section_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		auto_strv words = {0};

		strv_split(&words, sections[i].fields, " ");
		for (size_t w = 0; w < words.count; w++)
			if (strcmp(words.items[w], name) == 0)
				return i;
	}
	return ARRAY_SIZE(sections) - 1;
}

const char *fields_form_section(const char *name)
{
	return sections[section_of(name)].title;
}

// Examples of values by type, for fields whose help has none.
static const char *const type_examples[] = {
	[VALUE_NAME] = "web-1",       [VALUE_PATH] = "/srv",    [VALUE_FILE] = "/srv/file", [VALUE_BYTES] = "512M or 2G",
	[VALUE_CPUS] = "0.5",         [VALUE_COUNT] = "2",      [VALUE_DURATION] = "30s",   [VALUE_WORDS] = "sleep 60",
	[VALUE_PAIRS] = "app=web",
};

// The help of a field: "bind mount a directory (FROM:TO[:ro]; Enter: another)".
static const char *help_of(struct fields_form *f, const struct verb_field *field)
{
	auto_str text = {0};
	const char *example = (size_t)field->type < ARRAY_SIZE(type_examples) ? type_examples[field->type] : NULL;
	bool says = strstr(field->help, "for example") || field->choices;

	str_add(&text, field->help);
	if (verb_field_repeats(field) && field->type != VALUE_WORDS)
		str_addf(&text, " (%s; Enter: another)", field->value ? field->value : "text");
	else if (example && !says)
		str_addf(&text, str_ends(field->help, ")") ? ", for example %s" : " (for example %s)", example);
	strv_take(&f->texts, str_steal(&text));
	return f->texts.items[f->texts.count - 1];
}

static bool wants_more(const struct form *form)
{
	return strcmp(form_get(form, more), "yes") == 0;
}

// Whether the host knows possible values of FIELD: files, items, and choices of its engine.
static bool is_known_there(const struct verb_field *field)
{
	return !field->choices && field->type != VALUE_FLAG && field->type != VALUE_BYTES && field->type != VALUE_COUNT;
}

// What separates the values in the text of FIELD.
static char separator_of(const struct verb_field *field)
{
	return field->type == VALUE_WORDS ? ' ' : field->flags & FIELD_COMMAS ? ',' : '\n';
}

// The initial values.
static const char *initial_of(struct fields_form *f, const struct verb_field *field)
{
	auto_str text = {0};
	const char *value;
	bool words = field->type == VALUE_WORDS;

	for (size_t i = 0; (value = params_get_nth(&f->present, field->name, i)); i++) {
		if (i)
			str_add_char(&text, separator_of(field));
		if (words)
			str_add_quoted(&text, value);
		else
			str_add(&text, value);
	}
	if (!text.length) // for an existing workload, an empty field means unchanged
		return f->ids.count ? "" : field->initial;
	strv_take(&f->texts, str_steal(&text));
	return f->texts.items[f->texts.count - 1];
}

static void row_add_choices(struct fields_form *f, struct form_row *row, const struct verb_field *field)
{
	struct strv *choices = &f->choices[row - f->rows];

	if (f->ids.count && !*row->initial) // read-only
		strv_add(choices, "");
	strv_split(choices, field->choices, " ");
	row->kind = FORM_CHOICE;
	row->open = field->type != VALUE_CHOICE;
	row->choices = (const char *const *)choices->items;
}

static void row_add(struct fields_form *f, const struct verb_field *field)
{
	struct form_row *row = &f->rows[f->count++];
	bool set = params_get(&f->present, field->name); // fields with values are shown

	*row = (struct form_row){.name = field->name,
	                         .label = field->label,
	                         .help = help_of(f, field),
	                         .initial = initial_of(f, field),
	                         .section = fields_form_section(field->name),
	                         .required = field->flags & FIELD_REQUIRED && !f->ids.count,
	                         .shown = field->flags & FIELD_RARE && !f->ids.count && !set ? wants_more : NULL};
	if (field->type == VALUE_FLAG && !f->ids.count)
		row->kind = FORM_FLAG;
	else if (field->choices && !field->offers)
		row_add_choices(f, row, field);
	else if (verb_field_repeats(field) && field->type != VALUE_WORDS)
		row->kind = FORM_LIST;
	if (field->offers || is_known_there(field))
		row->complete = choices_complete;
}

static void add_section(struct fields_form *f, size_t section)
{
	const struct verb_field *field;

	for (size_t i = 0; (field = verb_field(f->verb, 1u << f->kind, i)) && f->count < FIELDS_FORM_MOST - 1; i++)
		if (!(field->flags & FIELD_HIDDEN) && field->label && section_of(field->name) == section)
			row_add(f, field);
}

static void add_more(struct fields_form *f)
{
	f->rows[f->count++] = (struct form_row){
	    .name = more, .label = "More fields", .help = "show advanced options", .initial = "no", .kind = FORM_FLAG};
}

static void add_name(struct fields_form *f)
{
	struct form_row *row = &f->rows[f->count];

	row_add(f, f->named);
	row->required = true;
	row->complete = NULL;
}

struct fields_form *fields_form_new(struct app *app, enum verb verb, enum kind kind)
{
	struct fields_form *f = mem_new(sizeof(*f));

	f->app = app;
	f->verb = verb;
	f->kind = kind;
	return f;
}

void fields_form_free(void *context)
{
	struct fields_form *f = context;

	for (size_t i = 0; i < FIELDS_FORM_MOST; i++)
		strv_done(&f->choices[i]);
	strv_done(&f->ids);
	choices_done(&f->known);
	strv_done(&f->texts);
	params_done(&f->present);
	params_done(&f->fixed);
	free(f);
}

static const struct verb_field *field_called(const struct fields_form *f, const char *name)
{
	const struct verb_field *field = verb_field_find(f->verb, 1u << f->kind, name);

	return !field && f->named && strcmp(f->named->name, name) == 0 ? f->named : field;
}

static int value_check(void *context, const struct form *form, const char *name, const char *value, struct err *e)
{
	const struct fields_form *f = context;
	const struct verb_field *field = field_called(f, name);
	auto_strv words = {0};

	(void)form;
	if (!field || !*value)
		return 0;
	if (field->type != VALUE_WORDS)
		return verb_check_value(field, value, e);
	return strv_split_quoted(&words, value) ? 0 : err_msg(e, EINVAL, "a quote is not closed");
}

static char *command_line_of_form(void *context, const struct form *form)
{
	const struct fields_form *f = context;
	auto_params params = {0};

	fields_form_collect(f, form, &params);
	if (f->named)
		return command_line_of_new(f->app, f->verb, f->kind, form_get(form, f->named->name), &params);
	if (!f->ids.count)
		return command_line_of_creation(f->app, f->kind, &params);
	return params.count ? command_line_of_verb(f->app, f->verb, &f->ids, &params) : mem_strdup("nothing to change");
}

struct overlay *fields_form_open(struct fields_form *f, const char *title, const char *accept,
                                 bool (*answered)(struct app *app, struct overlay *o, bool accepted))
{
	if (f->named)
		add_name(f);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		add_section(f, i);
	if (!f->ids.count && !f->named)
		add_more(f);
	struct form *form = form_new(title, accept, f->rows, f->count, value_check, f);
	form_show_preview(form, command_line_of_form);
	struct overlay *o = overlay_form(f->app, form, answered);
	f->serial = o->serial;
	o->context = f;
	o->free_context = fields_form_free;
	return o;
}
