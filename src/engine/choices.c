// Valid values of fields: see engine/choices.h.
#include "engine/choices.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/inventory.h"
#include "model/param.h"

// Adds the files in TYPED's directory, each prefixed by PREFIX; directories end in a slash.
static void add_files(struct strv *out, const char *prefix, const char *typed)
{
	const char *slash = strrchr(typed, '/');
	auto_free char *folder = slash ? mem_strndup(typed, (size_t)(slash - typed) + 1) : NULL;
	DIR *dir = folder && *folder == '/' ? opendir(folder) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && out->count < CHOICES_MOST)
		if (str_starts(entry->d_name, slash + 1) && (entry->d_name[0] != '.' || slash[1] == '.'))
			strv_addf(out, "%s%s%s%s", prefix, folder, entry->d_name, entry->d_type == DT_DIR ? "/" : "");
	if (dir)
		closedir(dir);
}

// Image prefixes that are followed by a path.
static void add_image_files(struct strv *out, const char *typed)
{
	static const char *const prefixes[] = {"dir:", "oci:"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = strlen(prefixes[i]);

		if (str_starts(typed, prefixes[i]))
			add_files(out, prefixes[i], typed + n);
		else
			strv_add(out, prefixes[i]);
	}
}

// Adds the names of items that the field can refer to.
static int add_items(const struct engine *engine, const struct verb_field *f, struct strv *out, struct err *e)
{
	struct inventory *inv = inventory_new();
	const struct item *item;
	const char *prefix = f->prefix ? f->prefix : "";

	inventory_want(inv, f->offers, 0);
	inventory_begin(inv, NULL);
	int r = engine->ops->list(engine->self, inv, e);
	inventory_end(inv);
	for (size_t i = 0; r == 0 && (item = inventory_item_at(inv, i)); i++)
		if (f->offers >> item->kind & 1 && item->name)
			strv_addf(out, "%s%s", str_starts(item->name, prefix) ? "" : prefix, item->name);
	inventory_free(inv);
	return r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// Sorts OUT and drops duplicates and values that do not begin with TYPED.
static void sort_matching(struct strv *out, const char *typed)
{
	auto_strv all = *out;

	*out = (struct strv){0};
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), compare);
	for (size_t i = 0; i < all.count && out->count < CHOICES_MOST; i++)
		if (str_starts(all.items[i], typed) && (i == 0 || strcmp(all.items[i], all.items[i - 1]) != 0))
			strv_add(out, all.items[i]);
}

int engine_choices(const struct engine *engine, const struct choices_query *q, struct strv *out, struct err *e)
{
	const struct verb_field *f = verb_field_find(q->verb, 1u << q->kind, q->field);
	int r = 0;

	if (!f)
		return err_msg(e, EINVAL, "'%s' has no option '%s' for %s", verb_info(q->verb)->name, q->field,
		               kind_phrase(q->kind));
	strv_split(out, f->choices ? f->choices : "", " ");
	if (f->type == VALUE_FILE || strcmp(f->name, PARAM_VOLUME) == 0) // which begins with one
		add_files(out, "", q->typed);
	if (f->type == VALUE_IMAGE)
		add_image_files(out, q->typed);
	if (f->offers)
		r = add_items(engine, f, out, e);
	if (r == 0 && engine->ops->choices)
		r = engine->ops->choices(engine->self, q->kind, f, q->so_far, out, e);
	sort_matching(out, q->typed);
	return r;
}
