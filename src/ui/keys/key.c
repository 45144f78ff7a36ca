// The names of keys: see ui/key.h.
#include "ui/key.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

// The first name of a code is shown.
static const struct named {
	const char *name;
	uint32_t code;
} names[] = {
	{"Tab", K_TAB},         {"Enter", K_ENTER},     {"Return", K_ENTER},   {"Esc", K_ESC},
	{"Escape", K_ESC},      {"Space", K_SPACE},     {"Backspace", K_BACKSPACE}, {"Up", K_UP},
	{"Down", K_DOWN},       {"Left", K_LEFT},       {"Right", K_RIGHT},    {"Home", K_HOME},
	{"End", K_END},         {"PgUp", K_PGUP},       {"PageUp", K_PGUP},    {"PgDn", K_PGDN},
	{"PageDown", K_PGDN},   {"Ins", K_INSERT},      {"Insert", K_INSERT},  {"Del", K_DELETE},
	{"Delete", K_DELETE},   {"F1", K_F1},           {"F2", K_F1 + 1},      {"F3", K_F1 + 2},
	{"F4", K_F1 + 3},       {"F5", K_F1 + 4},       {"F6", K_F1 + 5},      {"F7", K_F1 + 6},
	{"F8", K_F1 + 7},       {"F9", K_F1 + 8},       {"F10", K_F1 + 9},     {"F11", K_F1 + 10},
	{"F12", K_F12},         {"Click", K_CLICK},     {"Right-Click", K_RIGHT_CLICK}, {"Wheel-Up", K_WHEEL_UP},
	{"Wheel-Down", K_WHEEL_DOWN},
};

static const struct named modifiers[] = {{"Ctrl-", K_CTRL}, {"Alt-", K_ALT}, {"Shift-", K_SHIFT}};

uint32_t key_character(struct key key)
{
	uint32_t cp = key.code == K_PASTE ? key.pasted : key.code;
	bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);

	return cp < K_UP && !control ? cp : 0;
}

static size_t format_plain(char *out, size_t room, uint32_t code, bool upper)
{
	char text[8] = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].code == code)
			return (size_t)snprintf(out, room, "%s", names[i].name);
	if (code >= K_UP || code < 0x20)
		return (size_t)snprintf(out, room, "key %x", (unsigned)code);
	if (upper && code < 0x80)
		code = (uint32_t)toupper((int)code);
	str_encode(code, text);
	return (size_t)snprintf(out, room, "%s", text);
}

char *key_format(char out[KEY_NAME], uint32_t code)
{
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(modifiers); i++)
		if (code & modifiers[i].code)
			at += (size_t)snprintf(out + at, KEY_NAME - at, "%s", modifiers[i].name);
	format_plain(out + at, KEY_NAME - at, code & ~(uint32_t)K_MODIFIERS, code & K_CTRL);
	return out;
}

static int parse_plain(const char *name, uint32_t *code)
{
	uint32_t cp;
	size_t n = strlen(name), length = str_decode(name, n, &cp);

	if (n > 0 && length == n && cp > 0x20 && cp != 0x7f && !(cp >= 0x80 && cp < 0xa0)) {
		*code = cp;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(names[i].name, name) != 0)
			continue;
		*code = names[i].code;
		return 0;
	}
	return -EINVAL;
}

int key_parse(const char *name, uint32_t *code)
{
	uint32_t modified = 0, plain;

	for (size_t i = 0; i < ARRAY_SIZE(modifiers); i++) {
		size_t n = strlen(modifiers[i].name);

		if (strncasecmp(name, modifiers[i].name, n) != 0 || !name[n])
			continue;
		modified |= modifiers[i].code;
		name += n;
		i = (size_t)-1; // in any order
	}
	if (parse_plain(name, &plain) < 0)
		return -EINVAL;
	if (modified & K_CTRL && plain < 0x80)
		plain = (uint32_t)tolower((int)plain);
	// a shifted letter is another character, not a modified key
	if (modified & K_SHIFT && plain > K_SPACE && plain < K_UP)
		return -EINVAL;
	*code = modified | plain;
	return 0;
}
