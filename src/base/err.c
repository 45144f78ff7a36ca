// Error values: see base/err.h.
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Truncates TEXT at the limit, marked with "..."
static void mark_cut(char *text, size_t wanted)
{
	if (wanted >= ERR_TEXT_MAX)
		memcpy(text + ERR_TEXT_MAX - 4, "...", 4);
}

static void err_append(char *text, const char *fmt, ...)
{
	va_list args;
	size_t used = strlen(text);

	va_start(args, fmt);
	int n = vsnprintf(text + used, ERR_TEXT_MAX - used, fmt, args);
	va_end(args);
	if (n > 0)
		mark_cut(text, used + (size_t)n);
}

static void err_record(struct err *e, int code, const char *fmt, va_list args)
{
	e->code = code > 0 ? code : EIO;
	e->status = 0;
	int n = vsnprintf(e->text, sizeof(e->text), fmt, args);
	if (n > 0)
		mark_cut(e->text, (size_t)n);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return code > 0 ? -code : -EIO;
	va_start(args, fmt);
	err_record(e, code, fmt, args);
	va_end(args);
	err_append(e->text, ": %s", strerror(e->code));
	return -e->code;
}

int err_msg(struct err *e, int code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return code > 0 ? -code : -EIO;
	va_start(args, fmt);
	err_record(e, code, fmt, args);
	va_end(args);
	return -e->code;
}

int err_not_executed(struct err *e)
{
	if (!e)
		return -EIO;
	e->status = e->code == ENOENT ? 127 : 126;
	return -e->code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char before[ERR_TEXT_MAX];
	va_list args;

	if (!e)
		return -EIO;
	memcpy(before, e->text, sizeof(before));
	int status = e->status;
	va_start(args, fmt);
	err_record(e, e->code, fmt, args);
	va_end(args);
	e->status = status;
	err_append(e->text, ": %s", before);
	return -e->code;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	char hint[ERR_TEXT_MAX];
	va_list args;

	if (!e)
		return -EIO;
	va_start(args, fmt);
	vsnprintf(hint, sizeof(hint), fmt, args);
	va_end(args);
	err_append(e->text, " (%s)", hint);
	return -(e->code > 0 ? e->code : EIO);
}
