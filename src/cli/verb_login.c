// `hostel login`, `hostel logout`: credentials for registries.
#include <unistd.h>

#include "cli.h"
#include "engine/login.h"

int verb_login(struct cli *c, int count, char **operands)
{
	const char *user = params_get(&c->params, PARAM_USERNAME);
	bool from_input = cli_has(c, PARAM_PASSWORD_STDIN);
	struct err e = {0};

	(void)count;
	if (!from_input && !isatty(STDIN_FILENO))
		return cli_fail(EXIT_USAGE, "'login' asks for the password on a terminal: use --" PARAM_PASSWORD_STDIN
		                            " to read it from standard input");
	if (from_input && !user)
		return cli_fail(EXIT_USAGE, "--" PARAM_PASSWORD_STDIN " needs --" PARAM_USERNAME);
	return engine_login(operands[0], user, from_input, &e) < 0 ? cli_error(&e) : EXIT_OK;
}

int verb_logout(struct cli *c, int count, char **operands)
{
	struct err e = {0};

	(void)c, (void)count;
	return engine_logout(operands[0], &e) < 0 ? cli_error(&e) : EXIT_OK;
}
