// Records and states as JSON files: see record.h.
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "image.h"
#include "model/param.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { FILE_MAX = 4 << 20 };

static int write_json(int dir_fd, const char *name, json_t *object, struct err *e)
{
	auto_free char *text = json_dumps(object, JSON_INDENT(1));

	json_decref(object);
	if (!text)
		return err_msg(e, ENOMEM, "cannot write '%s': invalid UTF-8", name);
	return fs_replace_file(dir_fd, name, 0600, text, strlen(text), e);
}

static int read_json(int dir_fd, const char *name, json_t **object, struct err *e)
{
	auto_free char *text = NULL;
	json_error_t error;
	ssize_t n = fs_read_file(dir_fd, name, FILE_MAX, &text, e);

	if (n < 0)
		return (int)n;
	*object = json_loadb(text, (size_t)n, 0, &error);
	if (*object && json_is_object(*object))
		return 0;
	json_decref(*object);
	*object = NULL;
	return err_msg(e, EINVAL, "'%s' is damaged: line %d: %s", name, error.line, error.text);
}

static char *text_of(const json_t *object, const char *key)
{
	return mem_strdup(json_string_value(json_object_get(object, key)));
}

// Returns LIST, or NULL if an item could not be added (invalid UTF-8).
static json_t *list_or_null(json_t *list, bool whole)
{
	if (whole)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *list_to_json(const struct strv *v)
{
	json_t *list = json_array();
	bool whole = true;

	for (size_t i = 0; i < v->count; i++)
		whole &= json_array_append_new(list, json_string(v->items[i])) == 0;
	return list_or_null(list, whole);
}

static void list_from_json(struct strv *v, const json_t *list)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if (json_is_string(item))
			strv_add(v, json_string_value(item));
}

static json_t *params_to_json(const struct params *p)
{
	json_t *list = json_array();
	bool whole = true;

	for (size_t i = 0; i < p->count; i++)
		whole &= json_array_append_new(list, json_pack("[s, s]", p->items[i].name, p->items[i].value)) == 0;
	return list_or_null(list, whole);
}

// The current name of a parameter that older versions spelled differently.
static const char *current_name(const char *name)
{
	return strcmp(name, "read-only") == 0 ? "read-only-root" : name;
}

static void params_from_json(struct params *p, const json_t *list)
{
	size_t i;
	json_t *pair;

	json_array_foreach(list, i, pair)
	{
		const char *name = json_string_value(json_array_get(pair, 0)),
		           *value = json_string_value(json_array_get(pair, 1));
		if (name && value)
			params_add(p, current_name(name), value);
	}
}

// The string and list members of an image, one row each.
static const struct {
	const char *name;
	size_t at;
} image_texts[] = {
	{"reference", offsetof(struct image, reference)},
	{"user", offsetof(struct image, user)},
	{"workdir", offsetof(struct image, workdir)},
	{"stop-signal", offsetof(struct image, stop_signal)},
	{"digest", offsetof(struct image, digest)},
}, image_lists[] = {
	{"lowers", offsetof(struct image, lowers)},
	{"env", offsetof(struct image, env)},
	{"entrypoint", offsetof(struct image, entrypoint)},
	{"cmd", offsetof(struct image, cmd)},
	{"health", offsetof(struct image, health)},
	{"health-options", offsetof(struct image, health_options)},
	{"volumes", offsetof(struct image, volumes)},
	{"exposed", offsetof(struct image, exposed)},
};

static json_t *image_to_json(const struct image *image)
{
	json_t *object = json_object();
	bool whole = true;

	for (size_t i = 0; i < ARRAY_SIZE(image_texts); i++) {
		const char *text = *(char *const *)((const char *)image + image_texts[i].at);
		if (text)
			whole &= json_object_set_new(object, image_texts[i].name, json_string(text)) == 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(image_lists); i++)
		whole &=
		    json_object_set_new(object, image_lists[i].name,
		                        list_to_json((const struct strv *)((const char *)image + image_lists[i].at))) == 0;
	return list_or_null(object, whole);
}

static void image_from_json(struct image *image, const json_t *object)
{
	for (size_t i = 0; i < ARRAY_SIZE(image_texts); i++)
		*(char **)((char *)image + image_texts[i].at) = text_of(object, image_texts[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(image_lists); i++)
		list_from_json((struct strv *)((char *)image + image_lists[i].at),
		               json_object_get(object, image_lists[i].name));
}

void network_join_done(struct network_join *j)
{
	free(j->path);
	strv_done(&j->addresses);
	strv_done(&j->servers);
	free(j->domain);
	free(j->host);
	strv_done(&j->names);
	*j = (struct network_join){0};
}

void record_done(struct record *r)
{
	if (!r)
		return;
	free(r->name);
	free(r->id);
	params_done(&r->params);
	params_done(&r->joined);
	image_done(&r->image);
	network_join_done(&r->join);
	for (int i = 0; i < SHARED_COUNT; i++)
		free(r->shared[i]);
	strv_done(&r->mounts);
	*r = (struct record){0};
}

const char *record_id(const struct record *r)
{
	return r->id ? r->id : r->name;
}

bool record_has(const struct record *r, const char *name)
{
	return str_equal(params_get(&r->params, name), "yes");
}

// The version of the record's format. A change that an older hostel would misread gets the next number: an older
// hostel then refuses the record and leaves the container alone.
enum { RECORD_VERSION = 1 };

int record_write(int container_fd, const struct record *r, struct err *e)
{
	return write_json(container_fd, "record.json",
	                  json_pack("{s:i, s:s, s:s*, s:I, s:b, s:b, s:o, s:o*, s:o, s:o}", "version",
	                            RECORD_VERSION, "name", r->name, "id", r->id, "created",
	                            (json_int_t)r->created, "whole", r->whole, "userxattr", r->userxattr,
	                            "params", params_to_json(&r->params), "joined",
	                            r->joined.count ? params_to_json(&r->joined) : NULL, "image",
	                            image_to_json(&r->image), "mounts", list_to_json(&r->mounts)),
	                  e);
}

// Older hostels write records without a version.
static int check_version(const json_t *object, struct err *e)
{
	json_int_t version = json_integer_value(json_object_get(object, "version"));

	return version <= RECORD_VERSION
	           ? 0
	           : err_msg(e, EPROTONOSUPPORT, "'record.json' has version %lld, from a newer hostel (update this one)",
	                     (long long)version);
}

int record_read(int container_fd, struct record *r, struct err *e)
{
	json_t *object = NULL;
	int result = read_json(container_fd, "record.json", &object, e);

	*r = (struct record){0};
	if (result == 0)
		result = check_version(object, e);
	if (result < 0) {
		json_decref(object);
		return result;
	}
	r->name = text_of(object, "name");
	r->id = text_of(object, "id");
	r->created = json_integer_value(json_object_get(object, "created"));
	r->whole = json_is_true(json_object_get(object, "whole"));
	r->userxattr = json_is_true(json_object_get(object, "userxattr"));
	params_from_json(&r->params, json_object_get(object, "params"));
	params_from_json(&r->joined, json_object_get(object, "joined"));
	if (!params_get(&r->params, PARAM_NETWORK)) // records of old versions: their default was none
		params_add(&r->params, PARAM_NETWORK, "none");
	image_from_json(&r->image, json_object_get(object, "image"));
	list_from_json(&r->mounts, json_object_get(object, "mounts"));
	json_decref(object);
	if (r->name && r->image.lowers.count)
		return 0;
	record_done(r);
	return err_msg(e, EINVAL, "'record.json' is damaged: no name or no image");
}

static const char *const phases[] = {
	[RUN_NEVER] = "never", [RUN_STARTING] = "starting", [RUN_RUNNING] = "running", [RUN_WAITING] = "waiting",
	 [RUN_ENDED] = "ended",
};

void run_state_done(struct run_state *s)
{
	if (!s)
		return;
	free(s->boot);
	free(s->reason);
	free(s->health);
	free(s->health_output);
	*s = (struct run_state){0};
}

// On a full disk the old file is overwritten in place: the container's exit must be recorded even then.
static int overwrite_file(int dir_fd, const char *name, const char *text, size_t size)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pwrite(fd, text, size, 0) != (ssize_t)size)
		return -ENOSPC;
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int run_state_write(int container_fd, const struct run_state *s, bool durable, struct err *e)
{
	static const char name[] = "state.json";
	json_t *object =
	    json_pack("{s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:f, s:i, s:i}", "phase", phases[s->phase], "boot",
	              s->boot ? s->boot : "", "pid", (int)s->pid, "monitor", (int)s->monitor, "pid_started",
	              (json_int_t)s->pid_started, "started", (json_int_t)s->started, "finished", (json_int_t)s->finished,
	              "start_ms", s->start_ms, "restarts", s->restarts, "code", s->code);
	if (s->reason)
		json_object_set_new(object, "reason", json_string(s->reason));
	if (s->stopped)
		json_object_set_new(object, "stopped", json_true());
	if (s->health)
		json_object_set_new(object, "health", json_string(s->health));
	if (s->health_output)
		json_object_set_new(object, "health-output", json_string(s->health_output));
	auto_free char *text = json_dumps(object, JSON_INDENT(1));
	json_decref(object);
	if (!text)
		return err_msg(e, EINVAL, "cannot write '%s': invalid UTF-8", name);
	int r = durable ? fs_replace_file(container_fd, name, 0600, text, strlen(text), e)
	                : fs_replace_volatile(container_fd, name, 0600, text, strlen(text), e);
	if ((r == -ENOSPC || r == -EDQUOT) && overwrite_file(container_fd, name, text, strlen(text)) == 0)
		r = 0;
	return r;
}

static enum run_phase phase_of(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(phases); i++)
		if (strcmp(phases[i], name) == 0)
			return (enum run_phase)i;
	return RUN_NEVER;
}

int run_state_read(int container_fd, struct run_state *s, struct err *e)
{
	json_t *object = NULL;
	int r = read_json(container_fd, "state.json", &object, e);

	*s = (struct run_state){.code = -1};
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	s->phase = phase_of(json_string_value(json_object_get(object, "phase")));
	s->boot = text_of(object, "boot");
	s->reason = text_of(object, "reason");
	s->health = text_of(object, "health");
	s->health_output = text_of(object, "health-output");
	s->pid = (pid_t)json_integer_value(json_object_get(object, "pid"));
	s->monitor = (pid_t)json_integer_value(json_object_get(object, "monitor"));
	s->pid_started = (uint64_t)json_integer_value(json_object_get(object, "pid_started"));
	s->started = json_integer_value(json_object_get(object, "started"));
	s->finished = json_integer_value(json_object_get(object, "finished"));
	s->start_ms = json_number_value(json_object_get(object, "start_ms"));
	s->restarts = (int)json_integer_value(json_object_get(object, "restarts"));
	s->code = (int)json_integer_value(json_object_get(object, "code"));
	s->stopped = json_is_true(json_object_get(object, "stopped"));
	json_decref(object);
	return 0;
}

char *run_state_boot(void)
{
	char text[64] = "";

	proc_read_file("/proc/sys/kernel/random/boot_id", text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	return mem_strdup(text);
}
