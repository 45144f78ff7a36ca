// Containers that have ended, and the space of all: see ended.h.
#include "ended.h"

#include <errno.h>
#include <fcntl.h>

#include "base/mem.h"
#include "container/look/space.h"
#include "container/look/volumes.h"
#include "container/state/recover.h"
#include "container/state/view.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "container/store/tree.h"
#include "change.h"
#include "end.h"
#include "model/item.h"

// The space of what the container wrote. A part that cannot be read counts nothing.
static uint64_t written_bytes(int dir)
{
	static const char *const places[] = {"upper", "places/upper"};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		auto_close int fd = openat(dir, places[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		uint64_t bytes = 0;

		if (fd >= 0 && tree_size(fd, &bytes) == 0)
			sum += bytes;
	}
	return sum;
}

// One with --rm is left to its monitor.
static bool has_ended(struct containers *c, const struct view *v)
{
	enum item_state state = view_state(c, v);

	return (state == STATE_EXITED || state == STATE_CRASHED) && !view_is_left_alone(c, v) &&
	       !record_has(&v->record, PARAM_RM);
}

// Deletes it if it has still ended when it is locked.
static int delete_ended(struct containers *c, const char *name, struct err *e)
{
	auto_view v = {.dir = -1};
	auto_close int lock = container_lock(c, name, e);
	int r = lock < 0 ? lock : view_open(&v, c, name, e);

	return r < 0 || !has_ended(c, &v) ? r : container_delete(c, &v, false, false, e);
}

static int prune_one(struct containers *c, const char *name, bool look, struct str *text, struct err *e)
{
	auto_view v = {.dir = -1};
	struct err ignored;

	if (view_open(&v, c, name, &ignored) < 0 || !has_ended(c, &v))
		return 0; // deleted meanwhile, or damaged: left to a person
	unsigned long long bytes = written_bytes(v.dir);
	int r = look ? 0 : delete_ended(c, name, e);
	if (r == 0)
		str_addf(text, "container\t%s\t%llu\n", name, bytes);
	return r == -ENOENT ? 0 : r;
}

int ended_prune(struct containers *c, const char *name, const struct params *p, const struct job *job, struct err *e)
{
	bool look = p && str_equal(params_get(p, PARAM_DRY_RUN), "yes");
	auto_records records = {0};
	auto_str text = {0};
	int r = records_read(c->store.containers, &records, e);

	(void)name;
	for (size_t i = 0; r == 0 && i < records.count; i++)
		r = prune_one(c, records.items[i].name, look, &text, e);
	if (r == 0 && job->out && text.length)
		str_addf(job->out, "TYPE\tNAME\tBYTES\n%s", str_text(&text));
	return r;
}

static void add_space(struct containers *c, const char *name, struct space *space)
{
	auto_view v = {.dir = -1};
	struct err ignored;

	if (view_open(&v, c, name, &ignored) < 0)
		return;
	uint64_t bytes = written_bytes(v.dir);
	space->count++;
	space->used += v.running;
	space->bytes += bytes;
	space->unused += has_ended(c, &v) ? bytes : 0;
}

int containers_space(struct containers *c, struct str *text, struct err *e)
{
	auto_records records = {0};
	struct space space = {0};
	int r = records_read(c->store.containers, &records, e);

	for (size_t i = 0; r == 0 && i < records.count; i++)
		add_space(c, records.items[i].name, &space);
	if (r == 0)
		space_write(&space, "containers", text);
	return r;
}
