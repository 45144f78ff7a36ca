// `hostel events`: what happens to containers.
#include <errno.h>

#include "cli.h"
#include "stream.h"

int verb_events(struct cli *c, int count, char **operands)
{
	struct engine engine = {0};
	struct err e = {0};

	for (int i = 0; i < count; i++)
		params_add(&c->params, PARAM_NAME, operands[i]);
	params_set(&c->params, PARAM_JSON, c->json ? "yes" : "no");
	int r = stream_engine_for(&engine, c, KIND_CONTAINER, &e);
	if (r == 0)
		r = engine.ops->events ? engine.ops->events(engine.self, &c->params, &e)
		                       : err_msg(&e, ENOTSUP, "engine '%s' keeps no events", engine.ops->name);
	engine_close(&engine);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}
