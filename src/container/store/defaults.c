// Defaults of new containers: see defaults.h.
#include "defaults.h"

#include <errno.h>
#include <stdlib.h>

#include "base/conf.h"
#include "base/mem.h"
#include "base/str.h"

// A setting of the section [containers]; others are the dashboard's.
struct wanted {
	const char *name;
	char *value; // NULL: not set
};

static int keep_value(void *context, const char *section, const char *name, const char *value, struct err *e)
{
	struct wanted *w = context;

	(void)e;
	if (!str_equal(section, "containers") || !str_equal(name, w->name))
		return 0;
	free(w->value);
	w->value = mem_strdup(value);
	return 0;
}

// Owned; NULL if the configuration cannot be read.
static char *read_setting(const char *name, const char *otherwise, struct err *e)
{
	struct wanted w = {.name = name};
	auto_free char *path = conf_own_path(CONF_OWN);
	int r = path ? conf_read_file(path, keep_value, &w, e) : 0;
	auto_free char *value = w.value;

	if (r < 0 && r != -ENOENT)
		return NULL;
	return value && *value ? steal(value) : mem_strdup(otherwise);
}

char *default_network(struct err *e)
{
	const char *wanted = getenv("HOSTEL_NETWORK");

	return wanted && *wanted ? mem_strdup(wanted) : read_setting("network", "default", e);
}

char *default_network_helper(struct err *e)
{
	return read_setting("network-helper", "auto", e);
}
