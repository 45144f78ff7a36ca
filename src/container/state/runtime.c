// Running the OCI runtime: see runtime.h.
#include "runtime.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "containers.h"
#include "sys/proc.h"

bool runtime_knows(struct containers *c, const char *name)
{
	auto_free char *path = mem_printf("%s/%s", c->store.runtime, name);

	return access(path, F_OK) == 0;
}

int runtime_run(struct containers *c, const char *const words[], const char *input, struct str *out, struct err *e)
{
	auto_strv argv = {0};

	strv_add(&argv, c->program);
	strv_add(&argv, "--root");
	strv_add(&argv, c->store.runtime);
	for (; *words; words++)
		strv_add(&argv, *words);
	int r = proc_run((const char *const *)argv.items, input, out, 60 * SECOND, e);
	return r > 0 ? -EIO : r;
}
