// The log of bunk: see log.h.
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"

// O_NONBLOCK: a pipe without a reader must be an error and not block.
static int log_open(const struct options *o)
{
	return o->log ? open(o->log, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644) : -1;
}

int log_check(const struct options *o, struct err *e)
{
	if (o->log_format && !str_equal(o->log_format, "json") && !str_equal(o->log_format, "text"))
		return err_msg(e, EINVAL, "--log-format: unknown format '%s' (formats: text, json)", o->log_format);
	auto_close int fd = log_open(o);

	return o->log && fd < 0 ? err_set(e, errno, "--log: cannot open '%s'", o->log) : 0;
}

bool log_is_debugging(const struct options *o)
{
	return o->debug || str_equal(o->log_level, "debug");
}

// A descriptor to write log lines to: the file, or for --debug without a file standard error.
static int log_descriptor(const struct options *o)
{
	if (o->log_fd > 0)
		return fcntl(o->log_fd, F_DUPFD_CLOEXEC, 3);
	return o->log || !log_is_debugging(o) ? log_open(o) : fcntl(2, F_DUPFD_CLOEXEC, 3);
}

// Text or JSON, in the formats that engines read.
void log_line(const struct options *o, const char *level, const char *text)
{
	auto_close int fd = log_descriptor(o);
	char stamp[DATE_TEXT];

	if (fd < 0)
		return;
	date_utc(stamp, clock_wall());
	auto_free char *safe = str_visible(text);
	json_t *object = json_pack("{s:s, s:s, s:s}", "level", level, "msg", safe, "time", stamp);
	auto_free char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
	auto_free char *line = str_equal(o->log_format, "json") && json ? mem_printf("%s\n", json)
									: mem_printf("time=\"%s\" level=%s msg=\"%s\"\n", stamp, level, safe);
	json_decref(object);
	(void)!write(fd, line, strlen(line));
}

void log_keep(struct options *o)
{
	auto_close int fd = log_open(o);

	o->log_fd = fd < 0 || o->preserve_fds < 0 || o->preserve_fds > 1000
	                ? 0
	                : fcntl(fd, F_DUPFD_CLOEXEC, (int)(3 + o->preserve_fds));
}
