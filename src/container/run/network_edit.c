// Editing the definition of a network: see network_verbs.h.
#include <errno.h>

#include "base/mem.h"
#include "container/network/record/definition.h"
#include "model/job.h"
#include "model/param.h"
#include "network_verbs.h"

int network_edit(struct containers *c, const char *name, enum verb verb, const struct params *p,
                 const struct job *job, struct err *e)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_own_network o = {0};
	auto_own_network up = {0};
	int r = network_open(c, &n, e);

	(void)verb;
	if (r == 0)
		r = own_network_read_editable(&n, name, &o, e);
	if (r == 0)
		r = network_definition_read(&o, params_or(p, PARAM_DEFINITION, ""), e);
	if (r == 0)
		r = network_refuse_overlap(&n, &o, e);
	if (r == 0)
		r = own_network_write_definition(&n, &o, e);
	if (r == 0 && own_network_read(&n, name, &up, NULL) == 0)
		job_note(job, "takes effect when the network starts again");
	return r;
}
