// Output of verbs: errors, warnings, text and JSON.
#include "cli.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

bool cli_ascii(int fd)
{
	return isatty(fd) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static void print_error(const char *fmt, va_list args)
{
	char text[2048];
	auto_str out = {0};

	vsnprintf(text, sizeof(text), fmt, args);
	auto_free char *visible = str_visible(text);
	if (cli_ascii(STDERR_FILENO))
		str_add_ascii(&out, visible, strlen(visible));
	else
		str_add(&out, visible);
	fprintf(stderr, "hostel: %s\n", str_text(&out));
}

void cli_connecting(const struct cli *c)
{
	if (c->host && isatty(STDERR_FILENO))
		fprintf(stderr,
		        cli_ascii(STDERR_FILENO) ? "connecting to %s ... (Ctrl-C cancels)\n"
		                                 : "connecting to %s … (Ctrl-C cancels)\n",
		        c->host);
}

int cli_fail(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_error(fmt, args);
	va_end(args);
	return status;
}

void cli_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_error(fmt, args);
	va_end(args);
}

void cli_progress(double fraction, const char *text)
{
	static size_t shown; // columns to clear
	auto_free char *safe = str_visible(text ? text : "");
	auto_free char *share = fraction >= 0 ? mem_printf(" %.0f%%", fraction * 100) : mem_strdup("");

	if (!isatty(STDERR_FILENO) || (!text && !shown))
		return;
	fprintf(stderr, "\r%*s\r%.60s%s", (int)shown, "", safe, text ? share : "");
	fflush(stderr);
	shown = text ? strlen(safe) + strlen(share) : 0;
}

int cli_error(const struct err *e)
{
	return cli_fail(e->status == 127 ? EXIT_NOT_INSTALLED
	                : e->status      ? EXIT_NOT_EXECUTED
	                                 : EXIT_FAILED,
	                "%s", e->text);
}

int cli_not_found(const struct err *e)
{
	return e->code == ENOENT ? cli_fail(EXIT_NOT_FOUND, "%s", e->text) : cli_error(e);
}

int cli_print(const struct str *text)
{
	auto_str ascii = {0};

	if (cli_ascii(STDOUT_FILENO)) {
		str_add_ascii(&ascii, str_text(text), text->length);
		text = &ascii;
	}
	if (fwrite(str_text(text), 1, text->length, stdout) != text->length || fflush(stdout) != 0)
		return errno == EPIPE ? EXIT_FAILED /* the reader closed the pipe on purpose */
		                      : cli_fail(EXIT_FAILED, "cannot write the output: %s", strerror(errno));
	return EXIT_OK;
}

json_t *cli_json_object(void)
{
	json_t *object = json_object();

	json_object_set_new(object, "version", json_integer(JSON_VERSION_ITEMS));
	return object;
}

void cli_add_json(struct str *out, const json_t *value, size_t flags)
{
	enum { DIGITS = 15 }; // digits that a double always has: 8.2, not 8.1999999999999993
	auto_free char *text = json_dumps(value, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));

	str_add_json(out, text ? text : "null");
	str_add_char(out, '\n');
}

int cli_print_table(const struct cli *c, const struct str *table, void (*add_line)(struct str *out, const char *line),
                    json_t *(*to_json)(const char *table))
{
	auto_strv lines = {0};
	auto_str out = {0};
	json_t *values = c->json ? to_json(str_text(table)) : NULL;

	strv_split(&lines, str_text(table), "\n");
	for (size_t i = 0; i < lines.count && !values; i++)
		add_line(&out, lines.items[i]);
	if (values)
		cli_add_json(&out, values, JSON_INDENT(2));
	json_decref(values);
	return cli_print(&out);
}
