// Running programs: see program.h.
#include "program.h"

#include <errno.h>

#include "base/clock.h"
#include "sys/proc.h"

#define PROGRAM_TIMEOUT (20 * SECOND)

int network_program_run(const char *const argv[], const char *input, struct str *out, const char *package,
                        struct err *e)
{
	int r = proc_run(argv, input, out, PROGRAM_TIMEOUT, e);

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "networks need '%s', which is not installed (install %s)", argv[0], package);
	return r > 0 ? -(e->code ? e->code : EIO) : r;
}
