// Themes: see ui/theme.h.
#include "ui/theme.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/opts.h"
#include "theme_text.h"

// A role: its name in theme files, and the attributes that replace missing colours.
static const struct role_row {
	const char *name;
	uint8_t plain;
	bool calm; // on another role's background in that role's colour, so that only what matters stands out
} roles[ROLE_COUNT] = {
	[ROLE_TEXT] = {"text", 0},
	[ROLE_DIM] = {"dim", ATTR_DIM, true},
	[ROLE_TITLE] = {"title", ATTR_BOLD},
	[ROLE_HEADER] = {"header", ATTR_BOLD | ATTR_UNDERLINE},
	[ROLE_SORTED] = {"sorted", ATTR_BOLD | ATTR_REVERSE},
	[ROLE_FOOTER] = {"footer", ATTR_REVERSE},
	[ROLE_SELECTION] = {"selection", ATTR_REVERSE},
	[ROLE_MARK] = {"mark", ATTR_BOLD},
	[ROLE_BORDER] = {"border", ATTR_DIM},
	[ROLE_TAB] = {"tab", ATTR_REVERSE},
	[ROLE_KEY] = {"key", ATTR_BOLD},
	[ROLE_INPUT] = {"input", ATTR_UNDERLINE},
	[ROLE_MATCH] = {"match", ATTR_UNDERLINE | ATTR_BOLD},
	[ROLE_RUNNING] = {"running", 0, true},
	[ROLE_PAUSED] = {"paused", 0},
	[ROLE_STOPPED] = {"stopped", ATTR_DIM, true},
	[ROLE_FAILED] = {"failed", ATTR_BOLD},
	[ROLE_WARNING] = {"warning", ATTR_BOLD},
	[ROLE_GOOD] = {"good", 0, true},
	[ROLE_CPU] = {"cpu", 0},
	[ROLE_MEMORY] = {"memory", 0},
	[ROLE_NETWORK] = {"network", 0},
	[ROLE_DISK] = {"disk", 0},
	[ROLE_LOW] = {"low", 0},
	[ROLE_MID] = {"mid", ATTR_UNDERLINE},
	[ROLE_HIGH] = {"high", ATTR_BOLD},
};

static const struct named {
	const char *name;
	uint8_t attr;
} attributes[] = {
	{"bold", ATTR_BOLD},
	{"dim", ATTR_DIM},
	{"reverse", ATTR_REVERSE},
	{"underline", ATTR_UNDERLINE},
};

const char *role_name(enum role role)
{
	return role < ROLE_COUNT ? roles[role].name : NULL;
}

int role_find(const char *name)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (strcmp(roles[i].name, name) == 0)
			return i;
	return -1;
}

struct reading {
	struct theme theme;
	struct params palette;
};

static int parse_colour(const struct reading *r, const char *word, uint32_t *colour)
{
	const char *own = params_get(&r->palette, word);

	return colour_parse(own ? own : word, colour);
}

static bool parse_attribute(const char *word, uint8_t *attrs)
{
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (strcmp(attributes[i].name, word) != 0)
			continue;
		*attrs |= attributes[i].attr;
		return true;
	}
	return false;
}

// "FOREGROUND [on BACKGROUND] [ATTRIBUTE]…"
static int parse_style(const struct reading *r, const char *value, struct style *style, struct err *e)
{
	auto_strv words = {0};
	bool has_fg = false, has_bg = false;

	strv_split(&words, value, " \t");
	*style = (struct style){COLOUR_UNSET, COLOUR_UNSET, 0};
	for (size_t i = 0; i < words.count; i++) {
		bool on = strcmp(words.items[i], "on") == 0;

		if (!on && parse_attribute(words.items[i], &style->attrs))
			continue;
		i += on;
		if (i == words.count)
			return err_msg(e, EINVAL, "missing colour after 'on'");
		if (on ? has_bg : has_fg)
			return err_msg(e, EINVAL, "unexpected colour '%s' (FOREGROUND on BACKGROUND ATTRIBUTES)",
			               words.items[i]);
		*(on ? &has_bg : &has_fg) = true;
		if (parse_colour(r, words.items[i], on ? &style->bg : &style->fg) < 0)
			return err_msg(
			    e, EINVAL,
			    "invalid colour or attribute '%s' (#rrggbb, 0-255, red …, default; bold, dim, reverse, underline)",
			    words.items[i]);
	}
	return 0;
}

static int on_role(struct reading *r, const char *name, const char *value, struct err *e)
{
	struct style style;
	int role = role_find(name);

	if (role < 0) {
		const char *near = opts_nearest(name, &roles[0].name, ROLE_COUNT, sizeof(roles[0]));

		return near ? err_msg(e, EINVAL, "unknown role (did you mean '%s'?)", near)
		            : err_msg(e, EINVAL, "unknown role");
	}
	int result = parse_style(r, value, &style, e);
	if (result >= 0)
		r->theme.roles[role] = style;
	return result;
}

static int on_pair(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	struct reading *r = context;
	uint32_t colour;

	if (strcmp(section, "roles") == 0)
		return on_role(r, name, value, e);
	if (strcmp(section, "palette") == 0) {
		if (colour_parse(value, &colour) < 0)
			return err_msg(e, EINVAL, "invalid colour '%s' (#rrggbb, 0-255, red …, default)", value);
		params_set(&r->palette, name, value);
		return 0;
	}
	if (strcmp(section, "theme") == 0 && strcmp(name, "name") == 0) {
		snprintf(r->theme.name, sizeof(r->theme.name), "%s", value);
		return 0;
	}
	return err_msg(e, EINVAL, "unknown setting (settings: [theme] name, [palette] and [roles])");
}

static void theme_begin(struct reading *r, const char *name)
{
	*r = (struct reading){0};
	const char *base = strrchr(name, '/');

	snprintf(r->theme.name, sizeof(r->theme.name), "%s", base ? base + 1 : name);
	char *dot = strrchr(r->theme.name, '.');
	if (dot)
		*dot = '\0';
	for (int i = 0; i < ROLE_COUNT; i++)
		r->theme.roles[i] = (struct style){COLOUR_UNSET, COLOUR_UNSET, 0};
}

static int theme_end(struct reading *r, int result, struct theme *t)
{
	if (result >= 0)
		*t = r->theme;
	params_done(&r->palette);
	return result;
}

int theme_read(struct theme *t, const char *path, struct err *e)
{
	struct reading r;

	theme_begin(&r, path);
	return theme_end(&r, conf_read_file(path, on_pair, &r, e), t);
}

int theme_read_text(struct theme *t, const char *name, const char *text, struct err *e)
{
	struct reading r;

	theme_begin(&r, name);
	return theme_end(&r, conf_read_text(name, text, on_pair, &r, e), t);
}

void theme_default(struct theme *t)
{
	// a test parses the same text and reports errors; an empty theme still works
	if (theme_read_text(t, "dark.theme", theme_default_text, NULL) < 0)
		*t = (struct theme){.name = "dark"};
}

char *theme_find(const char *name, const struct strv *dirs)
{
	if (strchr(name, '/'))
		return access(name, R_OK) == 0 ? mem_strdup(name) : NULL;
	for (size_t i = 0; i < dirs->count; i++) {
		auto_free char *path = mem_printf("%s/%s.theme", dirs->items[i], name);

		if (access(path, R_OK) == 0)
			return steal(path);
	}
	return NULL;
}

static bool theme_has(const struct strv *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static void list_dir(struct strv *names, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !str_ends(entry->d_name, ".theme"))
			continue;
		char *name = mem_strndup(entry->d_name, strlen(entry->d_name) - strlen(".theme"));
		if (theme_has(names, name))
			free(name);
		else
			strv_take(names, name);
	}
	if (dir)
		closedir(dir);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void theme_list(struct strv *names, const struct strv *dirs)
{
	for (size_t i = 0; i < dirs->count; i++)
		list_dir(names, dirs->items[i]);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_names);
}

static bool is_set(uint32_t colour)
{
	return (colour & COLOUR_KIND) != COLOUR_UNSET;
}

static uint32_t shown_colour(uint32_t colour, enum depth depth)
{
	return is_set(colour) ? colour_reduce(colour, depth) : COLOUR_DEFAULT;
}

// Text must not become invisible when few colours map it and its background to the same colour, nor be black or
// white on the terminal's unknown background. INSTEAD is the theme's text colour for this background.
static void keep_readable(struct style *s, uint32_t instead, double least, enum depth depth)
{
	uint32_t black = colour_reduce(COLOUR_RGB, depth), white = colour_reduce(COLOUR_RGB | 0xffffff, depth);
	bool light = s->fg == (COLOUR_INDEX | 7) || s->fg == (COLOUR_INDEX | 15), dark = s->fg == COLOUR_INDEX;

	if (s->fg == COLOUR_DEFAULT)
		return;
	if (s->bg == COLOUR_DEFAULT) {
		if (depth <= DEPTH_16 && (light || dark)) {
			s->attrs |= dark ? ATTR_DIM : 0;
			s->fg = COLOUR_DEFAULT;
		}
		return;
	}
	if (colour_contrast(s->fg, s->bg) >= least)
		return;
	if (instead != COLOUR_DEFAULT && colour_contrast(instead, s->bg) >= 3)
		s->fg = instead;
	else
		s->fg = colour_contrast(black, s->bg) > colour_contrast(white, s->bg) ? black : white;
}

// The base role (low, mid, high) of ROLE in the gradient.
static enum role ramp_third(enum role role)
{
	int step = (int)role - ROLE_RAMP, top = ROLE_RAMP_TOP - ROLE_RAMP;

	return role < ROLE_RAMP ? role : step * 100 >= top * 85 ? ROLE_HIGH : step * 100 >= top * 60 ? ROLE_MID : ROLE_LOW;
}

// Interpolates from A to B by SHARE (0…1).
static uint32_t colour_mix(uint32_t a, uint32_t b, double share)
{
	uint32_t mixed = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		double from = a >> shift & 0xff, to = b >> shift & 0xff;

		mixed |= (uint32_t)lround(from + (to - from) * share) << shift;
	}
	return COLOUR_RGB | mixed;
}

static bool is_rgb(uint32_t colour)
{
	return (colour & COLOUR_KIND) == COLOUR_RGB;
}

// FG, mixed with black or white until it can be read on GROUND. Colours of the terminal's own palette stay.
static uint32_t colour_on_ground(uint32_t fg, uint32_t ground, enum depth depth)
{
	enum { STEPS = 10, LEAST = 3 };
	uint32_t end = colour_is_light(ground) ? COLOUR_RGB : COLOUR_RGB | 0xffffff, mixed = fg;
	bool own = fg == COLOUR_DEFAULT || (!is_rgb(fg) && (fg & 0xff) < 16);

	for (int step = 1; !own && step <= STEPS && colour_contrast(mixed, ground) < LEAST; step++)
		mixed = colour_reduce(colour_mix(colour_rgb(fg), end, (double)step / STEPS), depth);
	return mixed;
}

// The lowest fifth has the low colour and the top tenth the high one; MID is in the middle. With too few colours to
// interpolate there are only three.
static struct style role_style(const struct theme *t, enum role role, enum depth depth)
{
	enum { LOW_TO = 20, MID_AT = 60, HIGH_FROM = 90 };
	uint32_t low = t->roles[ROLE_LOW].fg, mid = t->roles[ROLE_MID].fg, high = t->roles[ROLE_HIGH].fg;
	struct style style = t->roles[ramp_third(role)];
	double at = ((int)role - ROLE_RAMP) * 100.0 / (ROLE_RAMP_TOP - ROLE_RAMP);

	if (role < ROLE_RAMP || depth < DEPTH_256 || !is_rgb(low) || !is_rgb(mid) || !is_rgb(high))
		return style;
	style.fg = at < MID_AT ? colour_mix(low, mid, fmax(0, (at - LOW_TO) / (MID_AT - LOW_TO)))
	                       : colour_mix(mid, high, fmin(1, (at - MID_AT) / (HIGH_FROM - MID_AT)));
	return style;
}

// Whether colour reduction turned the background of ROLE into black or white, which may equal the screen's.
static bool loses_background(const struct theme *t, enum role role, enum depth depth)
{
	uint32_t text = shown_colour(t->roles[ROLE_TEXT].bg, depth);

	if (role >= ROLE_RAMP || role == ROLE_TEXT || depth > DEPTH_16 || !is_set(t->roles[role].bg))
		return false;
	uint32_t bg = shown_colour(t->roles[role].bg, depth);
	bool grey = bg == COLOUR_INDEX || bg == (COLOUR_INDEX | 7) || bg == (COLOUR_INDEX | 15);
	return bg == text || (text == COLOUR_DEFAULT && grey);
}

// The colours of PEN and the theme's own attributes.
static struct style own_style(const struct theme *t, struct pen pen, enum depth depth)
{
	struct style own[] = {role_style(t, pen.role, depth), t->roles[pen.back]}, *role = &own[0], *back = &own[1];
	const struct style *text = &t->roles[ROLE_TEXT];

	if (loses_background(t, pen.role, depth))
		role->bg = text->bg;
	if (loses_background(t, pen.back, depth))
		back->bg = text->bg;
	bool calm = pen.back == ROLE_SELECTION && roles[ramp_third(pen.role)].calm && is_set(back->fg);
	bool kept = is_set(role->fg) && !calm && (pen.role || !pen.back);
	uint32_t fg = kept ? role->fg : is_set(back->fg) ? back->fg : text->fg;
	uint32_t bg = pen.back && is_set(back->bg) ? back->bg : is_set(role->bg) ? role->bg : text->bg;
	struct style s = {shown_colour(fg, depth), shown_colour(bg, depth), role->attrs | (pen.back ? back->attrs : 0)};

	// text on another role's background was not designed for it, and the blue of 8 colours is too dark on black
	double least = pen.back ? 2.5 : depth <= DEPTH_16 ? 2 : 1.5;

	if (s.bg == COLOUR_DEFAULT && is_rgb(t->ground) && depth >= DEPTH_256)
		s.fg = colour_on_ground(s.fg, t->ground, depth);
	keep_readable(&s, shown_colour(pen.back ? back->fg : text->fg, depth), least, depth);
	return s;
}

static bool same_style(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

// With 8 colours bold means bright: black would become grey, and a reversed colour a pale background. Keys and marks
// are underlined instead. Titles need no mark, and the selection stays one even bar.
static void avoid_bright(const struct theme *t, struct pen pen, enum depth depth, struct style *s)
{
	if (s->bg == COLOUR_DEFAULT || (s->fg != COLOUR_INDEX && !(s->attrs & ATTR_REVERSE)))
		return;
	s->attrs &= (uint8_t)~ATTR_BOLD;
	if (pen.role && pen.role != ROLE_TITLE && pen.back != ROLE_SELECTION &&
	    same_style(*s, theme_style(t, PEN_ON(ROLE_TEXT, pen.back), depth)))
		s->attrs |= ATTR_UNDERLINE;
}

struct style theme_style(const struct theme *t, struct pen pen, enum depth depth)
{
	struct style s = own_style(t, pen, depth), alone = own_style(t, PEN(pen.role), depth);

	// attributes distinguish roles that neither colours nor the theme's attributes do
	if (depth == DEPTH_NONE || loses_background(t, pen.role, depth) ||
	    same_style(alone, own_style(t, PEN(ROLE_TEXT), depth)))
		s.attrs |= roles[ramp_third(pen.role)].plain;
	if (pen.back && (depth == DEPTH_NONE || loses_background(t, pen.back, depth) ||
	                 same_style(alone, own_style(t, PEN_ON(pen.role, pen.back), depth))))
		s.attrs |= roles[pen.back].plain;
	// reversed, texts of different colours would have different backgrounds
	if (pen.back && s.attrs & ATTR_REVERSE && pen.role != ROLE_TAB) {
		s.fg = own_style(t, PEN_ON(ROLE_TEXT, pen.back), depth).fg;
		s.attrs &= (uint8_t)~ATTR_DIM;
	}
	if (depth <= DEPTH_16 && s.attrs & ATTR_BOLD)
		avoid_bright(t, pen, depth, &s);
	s.attrs |= pen.attrs;
	return s;
}
