// Options of a container's log: see log_options.h.
#include "log_options.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "log.h"
#include "model/param.h"

enum { LEAST = 4096 }; // bytes; what the monitor writes at once should fit

static int set_size(struct log_options *o, const char *value, struct err *e)
{
	uint64_t bytes = 0;

	if (units_parse_bytes(value, &bytes) < 0 || bytes < LEAST)
		return err_msg(e, EINVAL, "'" PARAM_LOG_OPT "': invalid max-size '%s' (at least 4k, for example 10m)",
		               value);
	o->most = (size_t)bytes;
	return 0;
}

static int set_files(struct log_options *o, const char *value, struct err *e)
{
	uint64_t files = 0;

	if (str_to_u64(value, &files) < 0 || files < 1 || files > LOG_FILES_MAX)
		return err_msg(e, EINVAL, "'" PARAM_LOG_OPT "': invalid max-file '%s' (1 to %d)", value, LOG_FILES_MAX);
	o->files = (unsigned)files;
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct log_options *o, const char *value, struct err *e);
} options[] = {{"max-size=", set_size}, {"max-file=", set_files}};

static int read_option(struct log_options *o, const char *text, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (str_starts(text, options[i].name))
			return options[i].set(o, text + strlen(options[i].name), e);
	return err_msg(e, EINVAL, "'" PARAM_LOG_OPT "': unknown option '%s' (max-size=SIZE, max-file=NUMBER)", text);
}

int log_options_read(struct log_options *o, const struct params *p, struct err *e)
{
	const char *value;
	int r = 0;

	*o = (struct log_options){.most = LOG_BYTES_MAX, .files = LOG_FILES};
	for (size_t i = 0; r == 0 && (value = params_get_nth(p, PARAM_LOG_OPT, i)); i++)
		r = read_option(o, value, e);
	if (str_equal(params_get(p, PARAM_LOG_DRIVER), "none"))
		o->most = 0;
	return r;
}
