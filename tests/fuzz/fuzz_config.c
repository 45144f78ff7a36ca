// config.json, process objects and resources: parsed and planned. Nothing is touched.
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "fuzz.h"

static void warn(void *context, const char *text)
{
	(void)context;
	if (strchr(text, '\n'))
		abort(); // include/bunk/bunk.h: one line
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = fuzz_text(data, size);
	struct config c = {0};
	struct plan plan = {0};
	struct err e = {0};
	int r = config_parse(&c, "config.json", text, size, warn, NULL, &e);

	FUZZ_ERROR_IS_TOLD(r, e);
	if (r == 0) {
		r = plan_make(&plan, &c, &e);
		FUZZ_ERROR_IS_TOLD(r, e);
	}
	plan_done(&plan);
	config_done(&c);

	struct config process = {0};
	struct plan process_plan = {0};
	e = (struct err){0};
	r = config_parse_process(&process, "process", text, size, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	if (r == 0)
		plan_make_process(&process_plan, &process.process, &e);
	plan_done(&process_plan);
	config_done(&process);

	struct config resources = {0};
	e = (struct err){0};
	r = config_parse_resources(&resources, "resources", text, size, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	config_done(&resources);
	return 0;
}
