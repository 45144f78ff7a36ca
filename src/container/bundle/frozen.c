// Whether a container is paused, according to its control group.
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "sys/proc.h"

bool bundle_is_frozen(const struct cgroup_layout *layout, const char *name, pid_t pid)
{
	auto_free char *group = bundle_cgroup_of(layout, name, pid);
	bool v2 = layout->mode == CGROUP_V2;
	auto_free char *directory = !group ? NULL : cgroup_directory(layout, v2 ? CGROUP_MEMORY : CGROUP_FREEZER, group);
	auto_free char *file = directory ? mem_printf("%s/%s", directory, v2 ? "cgroup.freeze" : "freezer.state") : NULL;
	char text[32];

	return file && proc_read_file(file, text, sizeof(text)) > 0 && (text[0] == '1' || str_starts(text, "FR"));
}
