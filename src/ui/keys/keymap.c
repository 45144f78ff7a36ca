// Keys to actions: see ui/keymap.h.
#include "ui/keymap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/opts.h"
#include "ui/key.h"

enum { KEYS_PER_ACTION = 8 };

struct binding {
	uint32_t keys[KEYS_PER_ACTION];
	size_t count;
};

struct keymap {
	const struct keymap_row *rows;
	struct binding *bindings; // one per row
	size_t count;
};

// Reserved: used by terminals, multiplexers and flow control, or pressed by habit in text fields.
static const uint32_t never[] = {K_CTRL | 'a', K_CTRL | 'b', K_CTRL | 's', K_CTRL | 'q',
                                 K_CTRL | 'k', K_CTRL | 'w', K_CTRL | 'h', K_BACKSPACE,
                                 K_ALT | '[', K_ALT | 'O'}; // the last two introduce the sequences of other keys

static int check_key(const struct keymap *map, size_t self, const struct binding *given, const char *name,
                     uint32_t *code, struct err *e)
{
	if (key_parse(name, code) < 0)
		return err_msg(e, EINVAL, "invalid key '%s' (for example j, Ctrl-L, F5, PgUp, Space or Alt-x)", name);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (never[i] == *code)
			return err_msg(e, EINVAL, "%s cannot be bound: terminals and text fields need it", name);
	for (size_t i = 0; i < given->count; i++)
		if (given->keys[i] == *code)
			return err_msg(e, EINVAL, "%s is listed twice", name);
	int other = keymap_find(map, *code);
	if (other >= 0 && (size_t)other != self)
		return err_msg(e, EEXIST, "%s is already bound to '%s' (bind that to another key first, or set %s = none)",
		               name, map->rows[other].action, map->rows[other].action);
	return 0;
}

static int parse_keys(const struct keymap *map, size_t self, const char *keys, struct binding *binding, struct err *e)
{
	auto_strv names = {0};

	*binding = (struct binding){0};
	strv_split(&names, keys, " \t");
	if (names.count == 1 && strcasecmp(names.items[0], "none") == 0)
		return 0;
	if (names.count > KEYS_PER_ACTION)
		return err_msg(e, EINVAL, "more than %d keys", KEYS_PER_ACTION);
	for (size_t i = 0; i < names.count; i++) {
		int r = check_key(map, self, binding, names.items[i], &binding->keys[binding->count], e);

		if (r < 0)
			return r;
		binding->count++;
	}
	return 0;
}

struct keymap *keymap_new(const struct keymap_row *rows, size_t count, struct err *e)
{
	auto_keymap *map = mem_new(sizeof(*map));

	map->rows = rows;
	map->count = count;
	map->bindings = mem_array(count ? count : 1, sizeof(*map->bindings));
	for (size_t i = 0; i < count; i++) {
		if (parse_keys(map, i, rows[i].keys ? rows[i].keys : "", &map->bindings[i], e) >= 0)
			continue;
		err_wrap(e, "action '%s'", rows[i].action);
		return NULL;
	}
	return steal(map);
}

void keymap_free(struct keymap *map)
{
	if (!map)
		return;
	free(map->bindings);
	free(map);
}

int keymap_find(const struct keymap *map, uint32_t code)
{
	for (size_t i = 0; i < map->count; i++)
		for (size_t k = 0; k < map->bindings[i].count; k++)
			if (map->bindings[i].keys[k] == code)
				return (int)i;
	return -1;
}

bool keymap_move(const struct keymap *map, uint32_t code, enum move *move)
{
	int index = keymap_find(map, code);

	if (index < 0 || !map->rows[index].moves)
		return false;
	*move = map->rows[index].move;
	return true;
}

int keymap_action(const struct keymap *map, const char *name)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->rows[i].action, name) == 0)
			return (int)i;
	return -1;
}

int keymap_bind(struct keymap *map, const char *action, const char *keys, struct err *e)
{
	int index = keymap_action(map, action);
	struct binding binding;

	if (index < 0) {
		const char *near =
		    map->count ? opts_nearest(action, &map->rows[0].action, map->count, sizeof(map->rows[0])) : NULL;

		return near ? err_msg(e, EINVAL, "unknown action (did you mean '%s'?)", near)
		            : err_msg(e, EINVAL, "unknown action");
	}
	if (!*keys)
		return err_msg(e, EINVAL, "missing key (or: none)");
	int r = parse_keys(map, (size_t)index, keys, &binding, e);
	if (r < 0)
		return r;
	map->bindings[index] = binding;
	return 0;
}

void keymap_keys(const struct keymap *map, int index, const char *separator, struct str *out)
{
	char name[KEY_NAME];

	if (index < 0 || (size_t)index >= map->count)
		return;
	const struct binding *b = &map->bindings[index];
	for (size_t k = 0; k < b->count; k++)
		str_addf(out, "%s%s", k ? separator : "", key_format(name, b->keys[k]));
}

uint32_t keymap_first(const struct keymap *map, int index)
{
	if (index < 0 || (size_t)index >= map->count || map->bindings[index].count == 0)
		return K_NONE;
	return map->bindings[index].keys[0];
}
