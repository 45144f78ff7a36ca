// Themes: the colours and attributes of roles, from files. Pure: of the terminal, only the number of colours matters.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "ui/canvas.h"

// A colour is a number with its kind in the upper byte.
enum {
	COLOUR_DEFAULT = 0,        // the terminal's default
	COLOUR_INDEX = 0x01000000, // | 0…255 of the 256-colour palette
	COLOUR_RGB = 0x02000000,   // | 0xrrggbb
	COLOUR_UNSET = 0x03000000, // unset: the colour behind it shows
	COLOUR_KIND = 0x0f000000,
};

// The number of colours of a terminal.
enum depth {
	DEPTH_NONE,
	DEPTH_8,
	DEPTH_16,
	DEPTH_256,
	DEPTH_RGB,
};

struct style {
	uint32_t fg, bg;
	uint8_t attrs;
};

struct theme {
	char name[64];
	struct style roles[ROLE_COUNT];
	uint32_t ground; // the terminal's background, COLOUR_RGB | 0xrrggbb; others: not known
};

// The built-in theme (themes/dark.theme).
void theme_default(struct theme *t);

// Reads a theme file in the grammar of base/conf.h: [theme] name; [palette] named colours; [roles] one line per
// role, "FOREGROUND [on BACKGROUND] [ATTRIBUTE]…". A colour is #rrggbb, 0-255, a name of the sixteen (red,
// bright-red …) or of the palette, `default`, or `-` for unset; attributes are bold, dim, reverse, underline. Roles
// that are not listed look like text. Returns 0, or negative with "FILE:LINE: roles.NAME: …", leaving T unchanged.
int theme_read(struct theme *t, const char *path, struct err *e);
int theme_read_text(struct theme *t, const char *name, const char *text, struct err *e);

// The file of theme NAME: NAME if it contains '/', else DIR/NAME.theme in the first of DIRS that has it. Owned by the
// caller; NULL if there is none.
char *theme_find(const char *name, const struct strv *dirs);
// Adds the names of the themes in DIRS, sorted, each once.
void theme_list(struct strv *names, const struct strv *dirs);

// The look of PEN on a terminal of DEPTH colours: never COLOUR_UNSET, only colours that DEPTH can show. Without
// colours (or where a theme sets none) attributes still distinguish selection, marks and failures.
struct style theme_style(const struct theme *t, struct pen pen, enum depth depth);

// The colour nearest to COLOUR that DEPTH can show.
uint32_t colour_reduce(uint32_t colour, enum depth depth);
// The contrast ratio of two colours (WCAG 2.2), from 1 (equal) to 21 (black and white). Neither may be
// COLOUR_DEFAULT.
double colour_contrast(uint32_t a, uint32_t b);
// 0xrrggbb of a colour that is COLOUR_RGB or COLOUR_INDEX (as xterm shows it).
uint32_t colour_rgb(uint32_t colour);
// Whether COLOUR, which is COLOUR_RGB or COLOUR_INDEX, is light.
bool colour_is_light(uint32_t colour);
// Reads one colour as written in theme files, without palette names. Returns 0 or -EINVAL.
int colour_parse(const char *text, uint32_t *colour);

// The name of ROLE in theme files, and the role of NAME (-1: none).
const char *role_name(enum role role);
int role_find(const char *name);
