// `hostel events`: what happened to containers, from their journals, and what happens while it is followed.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "container/containers.h"
#include "container/look/when.h"
#include "container/state/containers.h"
#include "container/state/view.h"
#include "container/store/journal.h"
#include "model/name.h"
#include "model/param.h"
#include "sys/fs.h"
#include "sys/write.h"

// A container and what was shown of it. It is known by the time when it was created: its name can change.
struct known {
	char *name;
	int64_t created;
	uint64_t number; // of the last event of its journal
	bool there;
};

struct event {
	int64_t time;
	char *name;
	const char *what;
	int code, restarts; // code -1: none
	char reason[JOURNAL_REASON];
};

struct events {
	const struct params *params;
	int64_t since, until; // wall-clock ns; until 0: no end
	struct known *known;
	size_t known_count;
	struct event *items; // to be shown
	size_t count;
};

static bool is_wanted(const struct events *all, const char *name, int64_t time)
{
	const char *wanted = params_get(all->params, PARAM_NAME);
	bool named = !wanted;

	for (size_t i = 0; (wanted = params_get_nth(all->params, PARAM_NAME, i)) && !named; i++)
		named = str_equal(wanted, name);
	return named && time >= all->since && (!all->until || time <= all->until);
}

static void add_event(struct events *all, const char *name, const char *what, const struct journal_entry *entry)
{
	if (!is_wanted(all, name, entry->time))
		return;
	all->items = mem_resize(all->items, all->count + 1, sizeof(*all->items));
	struct event *event = &all->items[all->count++];
	*event = (struct event){.time = entry->time, .name = mem_strdup(name), .what = what, .code = entry->code,
	                        .restarts = entry->restarts};
	memcpy(event->reason, entry->reason, sizeof(event->reason));
}

static struct known *know(struct events *all, const char *name, int64_t created)
{
	for (size_t i = 0; i < all->known_count; i++)
		if (all->known[i].created == created) {
			free(all->known[i].name);
			all->known[i].name = mem_strdup(name);
			return &all->known[i];
		}
	all->known = mem_resize(all->known, all->known_count + 1, sizeof(*all->known));
	all->known[all->known_count] = (struct known){.name = mem_strdup(name), .created = created};
	add_event(all, name, "created", &(struct journal_entry){.time = created, .code = -1});
	return &all->known[all->known_count++];
}

static void look_at(struct events *all, struct containers *c, const char *name)
{
	auto_view v = {.dir = -1};
	auto_free struct journal_list *list = mem_new(sizeof(*list));
	struct err ignored;

	if (view_open(&v, c, name, &ignored) < 0)
		return;
	struct known *known = know(all, name, v.record.created);
	known->there = true;
	journal_read(v.dir, list);
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].number > known->number) {
			known->number = list->entries[i].number;
			add_event(all, name, journal_event_name(list->entries[i].event), &list->entries[i]);
		}
}

// Forgets containers that are gone.
static void notice_deleted(struct events *all, struct containers *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->known_count; i++) {
		struct known *known = &all->known[i];

		if (known->there || faccessat(c->store.containers, known->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			all->known[kept++] = *known;
			continue;
		}
		add_event(all, known->name, "deleted", &(struct journal_entry){.time = clock_wall(), .code = -1});
		free(known->name);
	}
	all->known_count = kept;
}

static int look(struct events *all, struct containers *c, struct err *e)
{
	DIR *dir = fs_open_directory(c->store.containers, ".");
	struct dirent *entry;

	if (!dir)
		return err_set(e, errno, "cannot read the containers of the store");
	for (size_t i = 0; i < all->known_count; i++)
		all->known[i].there = false;
	while ((entry = readdir(dir)))
		if (name_is_valid(KIND_CONTAINER, entry->d_name))
			look_at(all, c, entry->d_name);
	closedir(dir);
	notice_deleted(all, c);
	return 0;
}

// --- output ---

static void add_line(struct str *out, const struct event *event)
{
	char date[DATE_TEXT];

	str_addf(out, "%s %s %s", date_utc_ns(date, event->time), event->name, event->what);
	if (event->code >= 0)
		str_addf(out, " %d", event->code);
	if (*event->reason)
		str_addf(out, " %s", event->reason);
	str_addf(out, event->restarts ? " (restart %d)\n" : "\n", event->restarts);
}

static void add_json(struct str *out, const struct event *event)
{
	char date[DATE_TEXT];
	json_t *object = json_pack("{s:s, s:s, s:s, s:i}", "time", date_utc_ns(date, event->time), "name", event->name,
	                           "event", event->what, "restarts", event->restarts);

	json_object_set_new(object, "status", event->code < 0 ? json_null() : json_integer(event->code));
	json_object_set_new(object, "reason", *event->reason ? json_string(event->reason) : json_null());
	auto_free char *text = json_dumps(object, JSON_ENSURE_ASCII | JSON_COMPACT);
	str_addf(out, "%s\n", text ? text : "{}");
	json_decref(object);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->time < y->time ? -1 : x->time > y->time;
}

// Shows what was found, in the order of time, and forgets it.
static int show(struct events *all, struct err *e)
{
	bool json = str_equal(params_get(all->params, PARAM_JSON), "yes");
	auto_str out = {0};

	if (all->count)
		qsort(all->items, all->count, sizeof(*all->items), by_time);
	for (size_t i = 0; i < all->count; i++) {
		(json ? add_json : add_line)(&out, &all->items[i]);
		free(all->items[i].name);
	}
	all->count = 0;
	return out.length ? write_output(STDOUT_FILENO, str_text(&out), out.length, e) : 0;
}

static bool is_read(void)
{
	struct pollfd p = {STDOUT_FILENO, 0, 0};

	return poll(&p, 1, 0) <= 0 || !(p.revents & (POLLERR | POLLHUP));
}

static int follow(struct events *all, struct containers *c, struct err *e)
{
	int r = 0;

	do {
		bool last = all->until && clock_wall() > all->until;

		r = look(all, c, e);
		r = r < 0 ? r : show(all, e);
		if (last)
			break;
		while (r == 0 && is_read() && !(all->until && clock_wall() > all->until))
			if ((r = containers_wait(c, SECOND, e)))
				break;
	} while (r >= 0 && is_read());
	return r < 0 ? r : 0;
}

int containers_events(struct containers *c, const struct params *p, struct err *e)
{
	const char *since = params_get(p, PARAM_SINCE), *until = params_get(p, PARAM_UNTIL);
	struct events all = {.params = p};

	if (when_read(since, &all.since, e) < 0 || when_read(until, &all.until, e) < 0)
		return -e->code;
	all.since = since || until ? all.since : clock_wall();
	int r = follow(&all, c, e);
	for (size_t i = 0; i < all.known_count; i++)
		free(all.known[i].name);
	for (size_t i = 0; i < all.count; i++)
		free(all.items[i].name);
	free(all.known);
	free(all.items);
	return r;
}
