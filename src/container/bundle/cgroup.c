// The control group of a container, and whether it is paused there: see bundle.h.
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "container/store/store.h"
#include "sys/proc.h"

char *bundle_cgroup(const char *name, const char *store_path)
{
	if (store_is_usual(store_path))
		return mem_printf("/hostel/%s", name);
	return mem_printf("/hostel/%s@%08x", name, str_hash(store_path)); // '@' is not valid in names
}

char *bundle_cgroup_of(const struct cgroup_layout *layout, const char *name, pid_t pid)
{
	auto_free char *wanted = mem_printf("/hostel/%s", name);
	auto_free char *group = cgroup_of_process(layout, pid, CGROUP_MEMORY);
	const char *at = group ? strrchr(group, '@') : NULL;
	auto_free char *plain = group ? mem_strndup(group, at ? (size_t)(at - group) : strlen(group)) : NULL;

	return plain && str_ends(plain, wanted) ? steal(group) : NULL; // perhaps below a delegated group
}

bool bundle_is_frozen(const struct cgroup_layout *layout, const char *name, pid_t pid)
{
	auto_free char *group = bundle_cgroup_of(layout, name, pid);
	bool v2 = layout->mode == CGROUP_V2;
	auto_free char *directory = !group ? NULL : cgroup_directory(layout, v2 ? CGROUP_MEMORY : CGROUP_FREEZER, group);
	auto_free char *file = directory ? mem_printf("%s/%s", directory, v2 ? "cgroup.freeze" : "freezer.state") : NULL;
	char text[32];

	return file && proc_read_file(file, text, sizeof(text)) > 0 && (text[0] == '1' || str_starts(text, "FR"));
}
