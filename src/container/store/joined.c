// The containers whose namespaces a container joins: see joined.h.
#include "joined.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/kind.h"
#include "model/name.h"
#include "model/param.h"
#include "sys/fs.h"

static const char *const options[] = {PARAM_NETWORK, PARAM_PID, PARAM_IPC};
static const char prefix[] = "container:";

// NAME of "container:NAME", the value of OPTION in R; NULL for other values.
static const char *joined_name(const struct record *r, const char *option)
{
	const char *value = params_or(&r->params, option, "");

	return str_starts(value, prefix) && name_is_valid(KIND_CONTAINER, value + strlen(prefix)) ? value + strlen(prefix)
	                                                                                           : NULL;
}

// When the container NAME was created; 0 if there is none.
static int64_t created_at(int containers, const char *name)
{
	auto_close int dir = openat(containers, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct record r = {0};
	struct err ignored;

	if (dir < 0 || record_read(dir, &r, &ignored) < 0)
		return 0;
	int64_t created = r.created;
	record_done(&r);
	return created;
}

// The name of the container that was created then. Owned, or NULL.
static char *find_created_at(int containers, int64_t created)
{
	DIR *dir = fs_open_directory(containers, ".");
	struct dirent *entry;
	char *name = NULL;

	while (dir && !name && (entry = readdir(dir)))
		if (name_is_valid(KIND_CONTAINER, entry->d_name) && created_at(containers, entry->d_name) == created)
			name = mem_strdup(entry->d_name);
	if (dir)
		closedir(dir);
	return name;
}

// --- notes: "TIME NAME", by option ---

// The time in the note about OPTION; 0 if there is none about NAME.
static int64_t noted_time(const struct record *r, const char *option, const char *name)
{
	const char *note = params_or(&r->joined, option, "");
	char *end;
	long long created = strtoll(note, &end, 10);

	return *end == ' ' && str_equal(end + 1, name) ? created : 0;
}

static void note_creation(struct record *r, const char *option, int64_t created, const char *name)
{
	auto_free char *text = mem_printf("%lld %s", (long long)created, name);

	params_set(&r->joined, option, text);
}

void joined_note(struct record *r, int containers)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *name = joined_name(r, options[i]);
		int64_t created = name && !noted_time(r, options[i], name) ? created_at(containers, name) : 0;

		if (created)
			note_creation(r, options[i], created, name);
	}
}

static bool follow(struct record *r, int containers, const char *option)
{
	const char *name = joined_name(r, option);
	int64_t created = name ? noted_time(r, option, name) : 0;
	bool moved = created && created_at(containers, name) != created;
	auto_free char *now = moved ? find_created_at(containers, created) : NULL;
	auto_free char *value = now ? mem_printf("%s%s", prefix, now) : NULL;

	if (!now)
		return false;
	note_creation(r, option, created, now);
	params_set(&r->params, option, value);
	return true;
}

bool joined_follow(struct record *r, int containers)
{
	bool changed = false;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		changed |= follow(r, containers, options[i]);
	return changed;
}
