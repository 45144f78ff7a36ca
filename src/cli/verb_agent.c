// Processes that hostel starts itself: `hostel agent`, which serves this host's engines on standard input and output,
// `hostel work`, the process of a job, and `hostel sweep`, which a container's monitor starts.
#include "config.h"

#include <malloc.h>
#include <unistd.h>

#include "agent/agent.h"
#include "cli.h"
#include "engine/sweep.h"

int verb_agent(struct cli *c, int count, char **operands)
{
	const struct agent_options options = {
	    .engines = &c->engines, .read_only = c->read_only, .program = PACKAGE_VERSION};
	struct err e = {0};

	(void)count, (void)operands;
	if (isatty(STDIN_FILENO) || isatty(STDOUT_FILENO))
		return cli_fail(EXIT_USAGE, "the agent cannot run on a terminal (use 'hostel --" OPTION_HOST
		                            " MACHINE')");
#ifdef M_ARENA_MAX // glibc's
	mallopt(M_ARENA_MAX, 1); // its threads mostly wait: a heap per thread would waste memory
#endif
	int r = agent_run(STDIN_FILENO, STDOUT_FILENO, &options, &e);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}

int verb_work(struct cli *c, int count, char **operands)
{
	struct err e = {0};

	(void)c, (void)count, (void)operands;
	return agent_work(&e) < 0 ? cli_error(&e) : EXIT_OK;
}

int verb_sweep(struct cli *c, int count, char **operands)
{
	struct err e = {0};

	(void)c, (void)count;
	return engine_sweep(operands[0], &e) < 0 ? cli_error(&e) : EXIT_OK;
}
