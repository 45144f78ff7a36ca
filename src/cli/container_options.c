// Options of containers that the command line replaces: see container_options.h.
#include "container_options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

enum { FILE_MAX = 1 << 20 }; // bytes

// Adds NAME=VALUE to P; a NAME alone is a variable of this process, which is left out if it is not set.
static void add_variable(struct params *p, const char *name, const char *text)
{
	const char *value = strchr(text, '=') ? NULL : getenv(text);
	auto_free char *pair = value ? mem_printf("%s=%s", text, value) : NULL;

	if (strchr(text, '='))
		params_add(p, name, text);
	else if (pair)
		params_add(p, name, pair);
}

// A label without a value is empty.
static void add_label(struct params *p, const char *name, const char *text)
{
	auto_free char *pair = mem_printf("%s%s", text, strchr(text, '=') ? "" : "=");

	params_add(p, name, pair);
}

// Options with pairs, the options for files of pairs, and the handling of NAME alone.
static const struct pairs {
	const char *name, *file;
	void (*add)(struct params *p, const char *name, const char *text);
} pairs[] = {{PARAM_ENV, PARAM_ENV_FILE, add_variable}, {PARAM_LABEL, PARAM_LABEL_FILE, add_label}};

static bool is_name_valid(const char *line)
{
	size_t n = strcspn(line, "=");

	return n > 0 && strcspn(line, " \t") >= n;
}

// One pair per line; lines that begin with '#', and empty ones, are comments.
static int add_lines(struct params *p, const struct pairs *row, const char *path, char *text, struct err *e)
{
	char *rest = text;
	size_t number = 0;

	for (char *line; (line = strsep(&rest, "\n"));) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		if (!is_name_valid(line))
			return err_msg(e, EINVAL, "%s:%zu: invalid name in '%s' (NAME=VALUE)", path, number, line);
		row->add(p, row->name, line);
	}
	return 0;
}

static int add_file(struct params *p, const struct pairs *row, const char *path, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_input(path, FILE_MAX, &text, e);

	if (n < 0)
		return err_wrap(e, "--%s", row->file);
	return strlen(text) == (size_t)n ? add_lines(p, row, path, text, e)
	                                 : err_msg(e, EINVAL, "--%s: '%s' is not a text file", row->file, path);
}

// Options of the command line come after the files, and so take precedence.
static int read_pairs(struct params *p, const struct pairs *row, struct err *e)
{
	auto_params all = {0};
	const char *value;
	int r = 0;

	for (size_t i = 0; r == 0 && (value = params_get_nth(p, row->file, i)); i++)
		r = add_file(&all, row, value, e);
	for (size_t i = 0; r == 0 && (value = params_get_nth(p, row->name, i)); i++)
		row->add(&all, row->name, value);
	params_remove(p, row->file);
	params_remove(p, row->name);
	params_copy(p, &all);
	return r;
}

static void make_filter_absolute(const struct cli *c, char **value)
{
	static const char option[] = "seccomp=";
	const char *path = str_starts(*value, option) ? *value + strlen(option) : "/";
	bool whole_already = !*path || *path == '/' || str_equal(path, "unconfined");
	auto_free char *here = c->host || whole_already ? NULL : getcwd(NULL, 0);

	if (!here)
		return;
	char *whole = mem_printf("%s%s/%s", option, here, path);
	free(*value);
	*value = whole;
}

// The name is written once the container exists, but whether the file can be created is checked before.
static int check_name_file(struct cli *c, struct err *e)
{
	const char *path = params_get(&c->params, PARAM_CIDFILE);
	struct stat st;

	if (!path)
		return 0;
	if (lstat(path, &st) == 0)
		return err_msg(e, EEXIST, "--" PARAM_CIDFILE ": '%s' already exists (remove it, or choose another file)",
		               path);
	c->name_file = mem_strdup(path);
	params_remove(&c->params, PARAM_CIDFILE);
	return 0;
}

int container_options_read(struct cli *c, struct err *e)
{
	int r = check_name_file(c, e);

	if (str_equal(params_get(&c->params, PARAM_PIDS), "-1")) // docker's word for no limit
		params_set(&c->params, PARAM_PIDS, "0");
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(pairs); i++)
		r = read_pairs(&c->params, &pairs[i], e);
	for (size_t i = 0; i < c->params.count; i++)
		if (strcmp(c->params.items[i].name, PARAM_SECURITY_OPT) == 0)
			make_filter_absolute(c, &c->params.items[i].value);
	return r;
}

int container_options_write_name(const struct cli *c, const char *name)
{
	struct err e = {0};

	if (!c->name_file)
		return EXIT_OK;
	auto_close int fd = open(c->name_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0 && dprintf(fd, "%s\n", name) >= 0)
		return EXIT_OK;
	err_set(&e, errno, "cannot write '%s'", c->name_file);
	return cli_error(&e);
}
