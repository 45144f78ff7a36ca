// The difference between two texts: see base/diff.h.
#include "base/diff.h"

#include <stdlib.h>
#include <string.h>

enum {
	AROUND = 3,
	CELLS = 16 << 20, // of the table at most: what differs more is shown as replaced
};

struct diff {
	struct strv old, new;
	size_t head, tail; // lines that are equal at both ends
	uint32_t *longest; // common lines from here on, of what is between; NULL: too many
	char *marks;       // of the lines shown
	struct strv lines;
};

static void split_lines(struct strv *v, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		strv_take(v, mem_strndup(text, n));
		text += n + (text[n] == '\n');
	}
}

static void find_ends(struct diff *d)
{
	size_t least = d->old.count < d->new.count ? d->old.count : d->new.count;

	while (d->head < least && strcmp(d->old.items[d->head], d->new.items[d->head]) == 0)
		d->head++;
	while (d->head + d->tail < least &&
	       strcmp(d->old.items[d->old.count - 1 - d->tail], d->new.items[d->new.count - 1 - d->tail]) == 0)
		d->tail++;
}

// Fills the table of longest common subsequences, from the end on.
static void find_common(struct diff *d, size_t rows, size_t columns)
{
	size_t width = columns + 1;

	if ((rows + 1) > CELLS / width)
		return;
	d->longest = mem_array((rows + 1) * width, sizeof(*d->longest));
	for (size_t i = rows; i-- > 0;)
		for (size_t j = columns; j-- > 0;) {
			uint32_t down = d->longest[(i + 1) * width + j], right = d->longest[i * width + j + 1];

			d->longest[i * width + j] = strcmp(d->old.items[d->head + i], d->new.items[d->head + j]) == 0
			                                ? d->longest[(i + 1) * width + j + 1] + 1
			                            : down > right ? down
			                                           : right;
		}
}

static void add_line(struct diff *d, char mark, const char *line)
{
	d->marks[d->lines.count] = mark;
	strv_add(&d->lines, line);
}

static void walk_between(struct diff *d, size_t rows, size_t columns)
{
	size_t i = 0, j = 0, width = columns + 1;

	while (i < rows || j < columns) {
		const char *old = i < rows ? d->old.items[d->head + i] : NULL;
		const char *new = j < columns ? d->new.items[d->head + j] : NULL;

		if (d->longest && old && new && strcmp(old, new) == 0) {
			add_line(d, ' ', old);
			i++, j++;
		} else if (old && (!new || !d->longest || d->longest[(i + 1) * width + j] >= d->longest[i * width + j + 1])) {
			add_line(d, '-', old);
			i++;
		} else {
			add_line(d, '+', new);
			j++;
		}
	}
}

static bool is_near_change(const struct diff *d, size_t at)
{
	size_t from = at > AROUND ? at - AROUND : 0;

	for (size_t i = from; i <= at + AROUND && i < d->lines.count; i++)
		if (d->marks[i] != ' ')
			return true;
	return false;
}

static void print(const struct diff *d, struct str *out)
{
	bool shown = false;
	size_t line = 1;

	for (size_t i = 0; i < d->lines.count; i++) {
		bool near = is_near_change(d, i);

		if (near && !shown)
			str_addf(out, "@@ line %zu @@\n", line);
		if (near)
			str_addf(out, "%c%s\n", d->marks[i], d->lines.items[i]);
		shown = near;
		line += d->marks[i] != '-';
	}
}

void diff_add(struct str *out, const char *old, const char *new)
{
	struct diff d = {0};

	split_lines(&d.old, old);
	split_lines(&d.new, new);
	find_ends(&d);
	size_t rows = d.old.count - d.head - d.tail, columns = d.new.count - d.head - d.tail;
	d.marks = mem_array(d.old.count + d.new.count + 1, 1);
	find_common(&d, rows, columns);
	for (size_t i = 0; i < d.head; i++)
		add_line(&d, ' ', d.old.items[i]);
	walk_between(&d, rows, columns);
	for (size_t i = d.old.count - d.tail; i < d.old.count; i++)
		add_line(&d, ' ', d.old.items[i]);
	print(&d, out);
	free(d.longest);
	free(d.marks);
	strv_done(&d.old);
	strv_done(&d.new);
	strv_done(&d.lines);
}
