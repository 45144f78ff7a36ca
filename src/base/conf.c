// Configuration files, read by inih: see base/conf.h.
#include "base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct reading {
	conf_handler *handler;
	void *context;
	const char *text; // the rest of the text, when reading from memory
	FILE *file;       // else the file
	int line;         // the line that inih got last
	int failed_line;
	struct err failed;
	char where[128];
};

static char *next_file_line(char *into, int size, struct reading *r)
{
	return fgets(into, size, r->file);
}

static char *next_text_line(char *into, int size, struct reading *r)
{
	size_t n = strcspn(r->text, "\n");

	if (!*r->text)
		return NULL;
	n += r->text[n] == '\n';
	if (n > (size_t)size - 1)
		n = (size_t)size - 1;
	memcpy(into, r->text, n);
	into[n] = '\0';
	r->text += n;
	return into;
}

// Feeds inih one line at a time, so that an error knows its line; stops after the first error.
static char *next_line(char *into, int size, void *stream)
{
	struct reading *r = stream;

	if (r->failed.code)
		return NULL;
	r->line++;
	return r->file ? next_file_line(into, size, r) : next_text_line(into, size, r);
}

// inih's handler: 1 is success.
static int on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;

	if (r->handler(r->context, section, name, value, &r->failed) >= 0)
		return 1;
	if (!r->failed.code)
		err_msg(&r->failed, EINVAL, "is wrong");
	r->failed_line = r->line;
	snprintf(r->where, sizeof(r->where), "%s%s%s", section, *section ? "." : "", name);
	return 0;
}

static int read_all(const char *name, struct reading *r, struct err *e)
{
	int line = ini_parse_stream(next_line, r, on_pair, r);

	if (line == 0)
		return 0;
	if (line < 0)
		return err_msg(e, ENOMEM, "%s: cannot be read: out of memory", name);
	if (r->failed_line != line)
		return err_msg(e, EINVAL, "%s:%d: neither [section], name = value nor a comment", name, line);
	return err_msg(e, EINVAL, "%s:%d: %s: %s", name, line, r->where, r->failed.text);
}

char *conf_own_path(const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0] == '/')
		return mem_printf("%s/hostel/%s", config, name);
	return home && home[0] == '/' ? mem_printf("%s/.config/hostel/%s", home, name) : NULL;
}

int conf_read_file(const char *path, conf_handler *handler, void *context, struct err *e)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return err_set(e, errno, "cannot open '%s'", path);
	struct reading r = {.handler = handler, .context = context, .file = file};
	int result = read_all(path, &r, e);
	fclose(file);
	return result;
}

int conf_read_text(const char *name, const char *text, conf_handler *handler, void *context, struct err *e)
{
	struct reading r = {.handler = handler, .context = context, .text = text};

	return read_all(name, &r, e);
}
