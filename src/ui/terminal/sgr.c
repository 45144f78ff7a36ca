// See sgr.h.
//
// Curses resets every cell's attributes before it sets those of the next: "ESC [ 39 m ESC ( B ESC [ m
// ESC [ 38 ; 5 ; 78 m". Here a change is delayed until a character is written that it affects; blanks have no
// foreground.
#include "sgr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST = 16 };

static int rgb_distance(uint32_t a, uint32_t b)
{
	int sum = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		int d = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

		sum += d * d;
	}
	return sum;
}

unsigned sgr_number(struct sgr_palette *p, uint32_t rgb)
{
	size_t best = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (p->rgb[FIRST + i] == rgb)
			return (unsigned)(FIRST + i);
		if (rgb_distance(p->rgb[FIRST + i], rgb) < rgb_distance(p->rgb[FIRST + best], rgb))
			best = i;
	}
	if (p->count == 256 - FIRST)
		return (unsigned)(FIRST + best);
	p->rgb[FIRST + p->count] = rgb;
	return (unsigned)(FIRST + p->count++);
}

void sgr_forget(struct sgr *s)
{
	s->is = s->wanted = (struct sgr_pen){0};
	s->known = s->charset = false;
	s->row = s->column = 0;
}

// The attributes: the parameter that sets one, and the one that resets it. ECMA-48, 8.3.117.
static const struct {
	int on, off;
	bool on_blanks; // visible on blanks
} attributes[] = {{1, 22, false}, {2, 22, false}, {3, 23, false}, {4, 24, true},
                  {5, 25, false}, {7, 27, true},  {8, 28, false}};

static bool sgr_parse_attribute(struct sgr_pen *pen, int number)
{
	bool taken = false;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (attributes[i].on == number)
			pen->attrs |= 1u << i;
		if (attributes[i].off == number)
			pen->attrs &= ~(1u << i);
		taken = taken || attributes[i].on == number || attributes[i].off == number;
	}
	return taken;
}

// "38;5;NUMBER", "38;2;R;G;B" or the same with colons at TEXT. Returns its length.
static size_t colour_length(const char *text, size_t n)
{
	size_t parts = 0, i = 2;

	if (i < n && text[i] == ':')
		return (size_t)(memchr(text, ';', n) ? (const char *)memchr(text, ';', n) - text : (ptrdiff_t)n);
	size_t wanted = n > 3 && text[3] == '2' ? 5 : 3; // numbers, with the 38
	for (; i < n; i++)
		if (text[i] == ';' && ++parts == wanted)
			break;
	return i;
}

static void sgr_parse_colour(struct sgr *s, char out[24], const char *text, size_t n)
{
	unsigned number = n > 5 && text[3] == '5' ? (unsigned)atoi(text + 5) : 0;

	if (number >= FIRST && number < FIRST + s->palette.count) {
		uint32_t rgb = s->palette.rgb[number];

		snprintf(out, 24, "%c8;2;%u;%u;%u", text[0], rgb >> 16 & 0xff, rgb >> 8 & 0xff, rgb & 0xff);
	} else {
		snprintf(out, 24, "%.*s", (int)n, text);
	}
}

// Parses one parameter at TEXT. Returns its length, or 0 if it is unknown.
static size_t sgr_parse_parameter(struct sgr *s, const char *text, size_t n)
{
	size_t length = strspn(text, "0123456789");
	int number = length ? atoi(text) : 0;
	struct sgr_pen *pen = &s->wanted;

	if (number == 38 || number == 48) {
		length = colour_length(text, n);
		sgr_parse_colour(s, number == 38 ? pen->fg : pen->bg, text, length);
	} else if (number == 0) {
		*pen = (struct sgr_pen){0};
	} else if (number == 39 || number == 49) {
		(number == 39 ? pen->fg : pen->bg)[0] = '\0';
	} else if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97)) {
		snprintf(pen->fg, sizeof(pen->fg), "%d", number);
	} else if ((number >= 40 && number <= 47) || (number >= 100 && number <= 107)) {
		snprintf(pen->bg, sizeof(pen->bg), "%d", number);
	} else if (number != 10 && !sgr_parse_attribute(pen, number)) { // 10: the Linux console's default font
		return 0;
	}
	return length;
}

// The parameters of one ESC [ … m. Returns false when one is unknown.
static bool sgr_parse_parameters(struct sgr *s, const char *text, size_t n)
{
	for (;;) {
		size_t length = sgr_parse_parameter(s, text, n);

		if (length == 0 && n > 0 && *text != ';')
			return false;
		if (length >= n)
			return true;
		text += length + 1;
		n -= length + 1;
	}
}

static void add_parameter(struct str *out, const char *text)
{
	str_addf(out, "%s%s", out->length ? ";" : "", text);
}

static void add_pen(struct str *out, const struct sgr_pen *from, const struct sgr_pen *to)
{
	unsigned has = from->attrs;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		if (!(has & ~to->attrs & 1u << i))
			continue;
		str_addf(out, "%s%d", out->length ? ";" : "", attributes[i].off);
		for (size_t k = 0; k < ARRAY_SIZE(attributes); k++)
			has &= attributes[k].off == attributes[i].off ? ~(1u << k) : ~0u;
	}
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		if (to->attrs & ~has & 1u << i)
			str_addf(out, "%s%d", out->length ? ";" : "", attributes[i].on);
	if (strcmp(from->fg, to->fg) != 0)
		add_parameter(out, *to->fg ? to->fg : "39");
	if (strcmp(from->bg, to->bg) != 0)
		add_parameter(out, *to->bg ? to->bg : "49");
}

// Sets the wanted attributes: by their difference or after a reset, whichever is shorter.
static void sgr_settle(struct sgr *s, struct str *out)
{
	static const struct sgr_pen plain;
	auto_str change = {0}, anew = {0};
	bool changes = s->known && (s->resets_one || !(s->is.attrs & ~s->wanted.attrs));

	add_pen(&change, &s->is, &s->wanted);
	if (changes && !change.length)
		return;
	add_pen(&anew, &plain, &s->wanted);
	if (changes && change.length <= anew.length + (anew.length ? 2 : 0))
		str_addf(out, "\033[%sm", str_text(&change));
	else
		str_addf(out, anew.length ? "\033[0;%sm" : "\033[m", str_text(&anew));
	s->is = s->wanted;
	s->known = true;
}

// The same for a blank: only attributes visible on one.
static void settle_blank(struct sgr *s, struct str *out)
{
	unsigned seen = 0;
	bool turned = false;

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		seen |= attributes[i].on_blanks ? 1u << i : 0;
		turned = turned || (attributes[i].on == 7 && s->wanted.attrs & 1u << i);
	}
	// underlines and reversed cells use the foreground colour
	bool coloured = turned || s->wanted.attrs & seen;
	if (!s->known || (s->is.attrs & seen) != (s->wanted.attrs & seen) || strcmp(s->is.bg, s->wanted.bg) != 0 ||
	    (coloured && strcmp(s->is.fg, s->wanted.fg) != 0))
		sgr_settle(s, out);
}

// Length of the escape sequence at TEXT.
static size_t sequence_length(const char *text, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (text[1] != '[')
		return text[1] == '(' || text[1] == ')' ? (n < 3 ? n : 3) : 2;
	while (i < n && (text[i] < 0x40 || text[i] > 0x7e))
		i++;
	return i < n ? i + 1 : n;
}

// "ESC [ NUMBER b" repeats the last character, but only directly after it, and many terminals named xterm do not
// support it: the characters themselves always work.
static void sgr_repeat(struct sgr *s, const char *text, struct str *out)
{
	for (int times = atoi(text + 2); times > 0; times--)
		str_add(out, s->last);
	s->column = 0;
}

// The width of N bytes of TEXT in columns, 0 if it depends on the terminal: some characters are wider on some
// terminals.
static int columns_known(const char *text, size_t n)
{
	int columns = 0;

	for (size_t i = 0; i < n; columns++) {
		uint32_t cp;
		size_t length = str_decode(text + i, n - i, &cp);

		if (!length || (cp >= 0x7f && (cp < 0x2800 || cp > 0x28ff))) // Braille is narrow everywhere
			return 0;
		i += length;
	}
	return columns;
}

static void pass_columns(struct sgr *s, int columns)
{
	s->column = s->column && columns ? s->column + columns : 0;
}

// Moves to COLUMN of the row, by the shorter of "ESC [ column G" and "ESC [ distance C".
static void add_column(struct sgr *s, int column, struct str *out)
{
	int right = column - s->column;
	char to[24], by[24];

	snprintf(to, sizeof(to), "\033[%dG", column);
	if (right == 1)
		snprintf(by, sizeof(by), "\033[C");
	else
		snprintf(by, sizeof(by), "\033[%dC", right);
	if (!s->column || right < 0)
		str_add(out, to);
	else if (right > 0)
		str_add(out, strlen(by) < strlen(to) ? by : to);
	s->column = column;
}

// Moves the cursor as TEXT does ("ESC [ row ; column H", "ESC [ row d"). Curses names the row even where the cursor is
// in it already, or in the one above.
static void pass_move(struct sgr *s, const char *text, size_t n, struct str *out)
{
	const char *column = memchr(text, ';', n);
	int row = atoi(text + 2), down = row - s->row;
	bool near = s->moves_in_row && row && s->row && (down == 1 || (down == 0 && column));

	if (near)
		str_add(out, down ? "\n" : "");
	if (near && column)
		add_column(s, atoi(column + 1), out);
	if (!near)
		str_add_bytes(out, text, n);
	if (text[n - 1] == 'H')
		s->column = column ? atoi(column + 1) : 1;
	s->row = row ? row : 1;
}

static void pass_sequence(struct sgr *s, const char *text, size_t n, struct str *out)
{
	char final = text[n - 1];

	if (text[1] == '[' && final == 'm' && n >= 3 && strspn(text + 2, "0123456789;:") == n - 3) {
		if (sgr_parse_parameters(s, text + 2, n - 3))
			return;
		sgr_settle(s, out);
	} else if (text[1] == '(' && final == 'B') {
		if (s->charset)
			return;
		s->charset = true;
	} else if (text[1] == '[' && final == 'b') {
		sgr_repeat(s, text, out);
		return;
	} else if (text[1] == '[' && (final == 'H' || final == 'd')) {
		pass_move(s, text, n, out);
		return;
	} else if (text[1] == '[' && final == 'G' && s->moves_in_row) {
		add_column(s, atoi(text + 2), out);
		return;
	} else if (text[1] != '[' || !strchr("ABCDEFGHadefghl`", final)) {
		settle_blank(s, out); // erased and scrolled-in cells get the current background
	}
	if (text[1] != '(' && (text[1] != '[' || !strchr("mCDGJKPX@`hl", final)))
		s->row = 0;
	if (text[1] != '(' && (text[1] != '[' || !strchr("mKPX@hl", final)))
		s->column = 0;
	str_add_bytes(out, text, n);
}

// Keeps the last character of the N bytes at TEXT.
static void keep_last(struct sgr *s, const char *text, size_t n)
{
	size_t at = n - 1;

	while (at > 0 && n - at < sizeof(s->last) - 1 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(s->last, text + at, n - at);
	s->last[n - at] = '\0';
}

static size_t pass_text(struct sgr *s, const char *text, size_t n, struct str *out)
{
	size_t length = strcspn(text, "\033 \017");

	if (*text == '\017') { // SI: belongs to the attributes of some terminals
		if (!s->charset)
			str_add_char(out, *text);
		s->charset = true;
		return 1;
	}
	if (*text == ' ') {
		settle_blank(s, out);
		str_add_char(out, ' ');
		keep_last(s, text, 1);
		pass_columns(s, 1);
		return 1;
	}
	length = length < n ? length : n;
	if ((unsigned char)*text >= 0x20)
		sgr_settle(s, out);
	else if (*text == '\n')
		settle_blank(s, out), s->row = 0;
	// control characters are single bytes
	length = (unsigned char)*text < 0x20 ? 1 : length;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 && i > 0)
			length = i;
	if ((unsigned char)*text >= 0x20) {
		keep_last(s, text, length);
		pass_columns(s, columns_known(text, length));
	} else if (*text != '\n') {
		s->column = *text == '\r' ? 1 : 0;
	}
	str_add_bytes(out, text, length);
	return length;
}

void sgr_pass(struct sgr *s, const char *bytes, size_t n, struct str *out)
{
	while (n > 0) {
		size_t length = *bytes == '\033' ? sequence_length(bytes, n) : 0;

		if (length)
			pass_sequence(s, bytes, length, out);
		else
			length = pass_text(s, bytes, n, out);
		bytes += length;
		n -= length;
	}
}
