// The program hostel: the command line and the dashboard.
#include "app/app.h"
#include "cli/main.h"

static int run_dashboard(const struct dashboard_options *o, struct err *e)
{
	const struct app_options options = {.host = o->host,
	                                    .engines = o->engines,
	                                    .read_only = o->read_only,
	                                    .linear = o->linear,
	                                    .config = o->config,
	                                    .theme = o->theme};

	return app_run(&options, e);
}

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &(const struct cli_dashboard){.run = run_dashboard, .add_keys = app_keys});
}
