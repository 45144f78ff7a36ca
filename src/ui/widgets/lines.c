// See lines.h.
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/fold.h"
#include "base/mem.h"

enum {
	LINE_MAX_BYTES = 64 * 1024, // longer lines are broken here
	LINE_COST = 64,             // a line's memory besides its text
	TAB = 8,
};

void lines_init(struct lines *l, size_t limit)
{
	*l = (struct lines){.limit = limit};
}

void lines_clear(struct lines *l)
{
	for (size_t i = l->first; i < l->end; i++)
		free(l->items[i].text);
	l->first = l->end = l->bytes = l->dropped = l->slid = 0;
	l->shown_first = l->shown_end = 0;
	l->open = false;
}

void lines_done(struct lines *l)
{
	lines_clear(l);
	free(l->items);
	free(l->shown);
	free(l->filter);
	*l = (struct lines){0};
}

// Moves a queue of SIZE-byte items to its beginning when half of it is unused, else makes room for one more.
static void *queue_room(void *items, size_t size, size_t *first, size_t *end, size_t *room)
{
	if (*end < *room)
		return items;
	if (*first > *room / 2) {
		memmove(items, (char *)items + *first * size, (*end - *first) * size);
		*end -= *first;
		*first = 0;
		return items;
	}
	*room = *room ? *room * 2 : 64;
	return mem_resize(items, *room, size);
}

static size_t number_of(const struct lines *l, size_t at)
{
	return l->dropped + at - l->first;
}

static void drop_oldest(struct lines *l)
{
	struct line *oldest = &l->items[l->first++];

	if (l->shown_first < l->shown_end && l->shown[l->shown_first] == l->dropped) {
		l->shown_first++;
		l->slid++;
	}
	l->dropped++;
	l->bytes -= oldest->length + LINE_COST;
	free(oldest->text);
}

static void keep_limit(struct lines *l)
{
	while (l->bytes > l->limit && l->end - l->first > 1)
		drop_oldest(l);
}

static struct line *new_line(struct lines *l, struct pen pen)
{
	l->items = queue_room(l->items, sizeof(*l->items), &l->first, &l->end, &l->room);
	l->items[l->end] = (struct line){.pen = pen};
	l->bytes += LINE_COST;
	return &l->items[l->end++];
}

static void lines_append(struct lines *l, struct line *line, const char *text, size_t n)
{
	if (n == 0)
		return;
	line->text = mem_resize(line->text, line->length + n + 1, 1);
	memcpy(line->text + line->length, text, n);
	line->length += n;
	line->text[line->length] = '\0';
	l->bytes += n;
}

static bool line_passes(const struct lines *l, const struct line *line)
{
	auto_str text = {0};

	if (!l->filter)
		return true;
	line_visible(line, &text);
	return line_find(str_text(&text), l->filter, NULL) != NULL;
}

// Adds the last line to the shown lines if it passes the filter and is not among them.
static void note_last(struct lines *l)
{
	size_t number = number_of(l, l->end - 1);

	if (l->shown_end > l->shown_first && l->shown[l->shown_end - 1] == number)
		return;
	if (!line_passes(l, &l->items[l->end - 1]))
		return;
	l->shown = queue_room(l->shown, sizeof(*l->shown), &l->shown_first, &l->shown_end, &l->shown_room);
	l->shown[l->shown_end++] = number;
}

void lines_add(struct lines *l, const char *text, size_t n)
{
	while (n > 0) {
		const char *stop = memchr(text, '\n', n);
		size_t length = stop ? (size_t)(stop - text) : n;
		struct line *line = l->open ? &l->items[l->end - 1] : new_line(l, PEN(ROLE_TEXT));
		size_t room = LINE_MAX_BYTES - line->length;
		bool whole = length <= room;

		lines_append(l, line, text, whole ? length : room);
		l->open = whole && !stop;
		note_last(l);
		keep_limit(l);
		length = whole ? length + (stop != NULL) : room;
		text += length;
		n -= length;
	}
}

void lines_filter(struct lines *l, const char *text)
{
	free(l->filter);
	l->filter = text && *text ? mem_strdup(text) : NULL;
	l->shown_first = l->shown_end = l->slid = 0;
	size_t end = l->end;
	for (l->end = l->first; l->end < end;) {
		l->end++;
		note_last(l);
	}
}

size_t lines_count(const struct lines *l)
{
	return l->shown_end - l->shown_first;
}

const struct line *lines_at(const struct lines *l, size_t at)
{
	return &l->items[l->first + l->shown[l->shown_first + at] - l->dropped];
}

size_t lines_slid(const struct lines *l)
{
	return l->slid;
}

// The length of a colour or erase sequence at TEXT, or 0.
static size_t colour_length(const char *text, size_t n)
{
	size_t i = 2;

	if (n < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (i < n && strchr("0123456789;:", text[i]) && text[i])
		i++;
	return i < n && (text[i] == 'm' || text[i] == 'K') ? i + 1 : 0;
}

void line_visible(const struct line *line, struct str *out)
{
	const char *text = line->text;
	size_t n = line->length;
	int column = 0;

	if (n > 0 && text[n - 1] == '\r')
		n--;
	while (n > 0) {
		size_t length = colour_length(text, n);

		if (!length && *text == '\t') {
			int width = TAB - column % TAB;

			str_addf(out, "%*s", width, "");
			column += width;
			length = 1;
		} else if (!length) {
			size_t before = out->length;

			length = 1;
			while (length < n && text[length] != '\t' && text[length] != '\033')
				length++;
			text_shown(out, text, length);
			column += text_width(str_text(out) + before);
		}
		text += length;
		n -= length;
	}
}

const char *line_find(const char *text, const char *needle, size_t *length)
{
	auto_str shown = {0};

	text_shown(&shown, needle, strlen(needle)); // as the line is
	return fold_find(text, str_text(&shown), length);
}
