// Saving settings: see save.h.
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "sys/fs.h"

enum { FILE_MOST = 1 << 20 };

// Whether LINE, of N bytes, is "NAME =".
static bool line_sets(const char *line, size_t n, const char *name)
{
	size_t at = 0, length = strlen(name);

	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	if (n - at < length || strncmp(line + at, name, length) != 0)
		return false;
	at += length;
	while (at < n && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at < n && line[at] == '=';
}

static bool line_is_heading(const char *line, size_t n, const char *section)
{
	auto_free char *heading = mem_printf("[%s]", section);

	return n >= strlen(heading) && strncmp(line, heading, strlen(heading)) == 0;
}

// Finds the line of NAME in TEXT, or where to add it: *FROM to *TO is to be replaced. Returns whether its section
// exists.
static bool find_place(const char *text, const char *section, const char *name, const char **from, const char **to)
{
	bool inside = false, found = false;

	for (const char *line = text, *next; *line; line = next) {
		size_t n = strcspn(line, "\n");

		next = line + n + (line[n] == '\n');
		if (line[0] == '[')
			inside = line_is_heading(line, n, section);
		if (inside && line_sets(line, n, name)) {
			*from = line;
			*to = next;
			return true;
		}
		if (inside && n && line[0] != ';' && line[0] != '#') { // after the section's last line
			*from = *to = next;
			found = true;
		}
	}
	return found;
}

char *settings_edit(const char *text, const char *section, const char *name, const char *value)
{
	const char *from = text + strlen(text), *to = from;
	bool found = find_place(text, section, name, &from, &to);
	auto_str out = {0};

	str_add_bytes(&out, text, (size_t)(from - text));
	if (out.length && out.text[out.length - 1] != '\n')
		str_add_char(&out, '\n');
	if (!found)
		str_addf(&out, "%s[%s]\n", out.length ? "\n" : "", section);
	str_addf(&out, "%s = %s\n", name, value);
	str_add(&out, to);
	return str_steal(&out);
}

char *settings_path(const char *file)
{
	return file ? mem_strdup(file) : conf_own_path(CONF_OWN);
}

static char *edit_all(const char *text, const struct params *values)
{
	char *now = mem_strdup(text);

	for (size_t i = 0; i < values->count; i++) {
		const char *dot = strchr(values->items[i].name, '.');
		auto_free char *section = mem_strndup(values->items[i].name, (size_t)(dot - values->items[i].name));
		char *next = settings_edit(now, section, dot + 1, values->items[i].value);

		free(now);
		now = next;
	}
	return now;
}

int settings_save(const char *path, const struct params *values, struct err *e)
{
	auto_free char *real = realpath(path, NULL); // a symbolic link is followed, not replaced
	auto_free char *first = mem_strdup(real ? real : path), *second = mem_strdup(first), *old = NULL;
	struct stat st;
	bool exists = stat(path, &st) == 0;

	if (exists && !S_ISREG(st.st_mode)) // never write to a device
		return err_msg(e, EINVAL, "'%s' is not a regular file", path);
	const char *folder = dirname(first), *file = basename(second);
	int r = fs_make_directories(folder, 0755, e);
	if (r < 0)
		return r;
	auto_close int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_set(e, errno, "cannot open '%s'", folder);
	ssize_t n = fs_read_file(dir, file, FILE_MOST, &old, e);
	if (n < 0 && n != -ENOENT)
		return (int)n;
	auto_free char *text = edit_all(n < 0 ? "" : old, values);
	return fs_replace_file(dir, file, exists ? st.st_mode & 0777 : 0644, text, strlen(text), e);
}
