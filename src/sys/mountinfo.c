// The mounts of a process's mount namespace: see sys/mountinfo.h.
#include "sys/mountinfo.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

enum { MOUNTINFO_MAX = 16 << 20 };

// Space, tab, newline and backslash in paths are escaped as three octal digits.
static char *unescape(const char *text)
{
	auto_str plain = {0};

	for (; *text; text++) {
		unsigned code;
		if (text[0] == '\\' && sscanf(text + 1, "%3o", &code) == 1 && code < 256) {
			str_add_char(&plain, (char)code);
			text += 3;
		} else
			str_add_char(&plain, *text);
	}
	return str_steal(&plain);
}

// "36 35 98:0 /root /point rw,noatime master:1 - type source super-options"
static bool parse_line(struct mount_row *row, const char *line)
{
	auto_strv left = {0}, right = {0};
	const char *dash = strstr(line, " - ");

	if (!dash || sscanf(line, "%d %d %u:%u ", &row->id, &row->parent, &row->major, &row->minor) != 4)
		return false;
	auto_free char *before = mem_strndup(line, (size_t)(dash - line));
	strv_split(&left, before, " ");
	strv_split(&right, dash + 3, " ");
	if (left.count < 5 || right.count < 3)
		return false;
	row->root = unescape(left.items[3]);
	row->point = unescape(left.items[4]);
	row->type = mem_strdup(right.items[0]);
	row->options = mem_strdup(right.items[2]);
	return true;
}

void mountinfo_parse(struct mount_rows *rows, const char *text)
{
	auto_strv lines = {0};

	strv_split(&lines, text, "\n");
	*rows = (struct mount_rows){.items = mem_array(lines.count + 1, sizeof(*rows->items))};
	for (size_t i = 0; i < lines.count; i++)
		if (parse_line(&rows->items[rows->count], lines.items[i]))
			rows->count++;
}

int mountinfo_read(struct mount_rows *rows, int dir_fd, const char *path, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(dir_fd, path, MOUNTINFO_MAX, &text, e);

	*rows = (struct mount_rows){0};
	if (n >= 0)
		mountinfo_parse(rows, text);
	return n < 0 ? (int)n : 0;
}

const struct mount_row *mountinfo_find(const struct mount_rows *rows, int id)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].id == id)
			return &rows->items[i];
	return NULL;
}

void mountinfo_done(struct mount_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		free(rows->items[i].root);
		free(rows->items[i].point);
		free(rows->items[i].type);
		free(rows->items[i].options);
	}
	free(rows->items);
	*rows = (struct mount_rows){0};
}
