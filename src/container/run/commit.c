// Images from containers and from files: commit and import.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"
#include "change.h"
#include "container/containers.h"
#include "container/image/build.h"
#include "container/image/layout.h"
#include "container/image/name.h"
#include "container/image/open.h"
#include "container/image/pack.h"
#include "container/image/platform.h"
#include "container/image/instruction.h"
#include "container/image/stored.h"
#include "container/image/tar.h"
#include "container/look/changes.h"
#include "container/state/containers.h"
#include "container/state/runtime.h"
#include "container/state/view.h"
#include "container/store/record.h"
#include "container/store/store.h"
#include "model/param.h"
#include "sys/proc.h"

// --- a pause ---

// A container is paused by this process and resumed by a child of it, also when this process is killed.
struct pause {
	int line; // held open as long as the container is to be paused
	pid_t guard;
};

// In the child: waits for the end of LINE.
static void resume_later(int line, char *const argv[])
{
	char byte;

	setsid();
	if (dup2(line, 0) < 0)
		_exit(1);
	close_range(1, ~0u, 0);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	proc_reset_signals();
	execv(argv[0], argv);
	_exit(127);
}

static int start_guard(struct containers *c, const char *name, struct pause *p, struct err *e)
{
	auto_strv argv = {0};
	int line[2];

	strv_add(&argv, c->program);
	strv_add(&argv, "--root");
	strv_add(&argv, c->store.runtime);
	strv_add(&argv, "resume");
	strv_add(&argv, name);
	if (pipe2(line, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot pause container '%s'", name);
	p->guard = fork();
	if (p->guard == 0) {
		close(line[1]);
		resume_later(line[0], argv.items);
	}
	close(line[0]);
	p->line = line[1];
	return p->guard < 0 ? err_set(e, errno, "cannot pause container '%s'", name) : 0;
}

// An ordinary user may have no control group that can be frozen: then it is only noted.
static int pause_begin(struct containers *c, const struct view *v, struct pause *p, const struct job *job,
                       struct err *e)
{
	const char *name = record_id(&v->record);

	if (view_state(c, v) != STATE_RUNNING)
		return 0;
	int r = start_guard(c, name, p, e);
	r = r < 0 ? r : runtime_run(c, (const char *const[]){"pause", name, NULL}, NULL, NULL, e);
	if (r == 0 || geteuid() == 0)
		return r;
	err_wrap(e, "the container is not paused: its files may change while they are read");
	job_note(job, e->text);
	return 0;
}

static void pause_end(struct containers *c, struct pause *p)
{
	auto_close_run(&p->line);
	while (p->guard > 0 && waitpid(p->guard, NULL, 0) < 0 && errno == EINTR)
		;
	if (p->guard > 0)
		store_touch(c->store.containers);
}

// --- the image below ---

// The image of a container: its configuration, which is changed for the new one.
struct origin {
	int layout;
	json_t *manifest, *config;
};

static void origin_done(struct origin *o)
{
	auto_close_run(&o->layout);
	json_decref(o->manifest);
	json_decref(o->config);
}

static int read_origin(struct containers *c, const struct record *r, struct origin *o, struct err *e)
{
	auto_free char *own = stored_path(&c->store), *other = image_layout_path(r->image.reference);
	const char *path = other ? other : own;
	size_t left = LAYOUT_READ_MAX;
	auto_json descriptor = json_pack("{s:s}", "digest", r->image.digest);

	o->layout = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct layout l = {.path = path, .fd = o->layout, .left = &left};
	if (o->layout < 0)
		return err_set(e, errno, "cannot open the image '%s'", path);
	int result = layout_read(&l, "the manifest", descriptor, &o->manifest, e);
	if (result == 0)
		result = layout_read(&l, "the configuration", json_object_get(o->manifest, "config"), &o->config, e);
	return result < 0 ? err_wrap(e, "the image of container '%s' is no longer complete", r->name) : 0;
}

static int reuse_layers(struct build *b, const struct origin *o, struct err *e)
{
	const json_t *layers = json_object_get(o->manifest, "layers"),
	             *diff_ids = json_object_get(json_object_get(o->config, "rootfs"), "diff_ids");
	int r = 0;

	if (json_array_size(layers) != json_array_size(diff_ids))
		return err_msg(e, EINVAL, "the image's configuration does not list its layers (rootfs.diff_ids)");
	for (size_t i = 0; r == 0 && i < json_array_size(layers); i++)
		r = build_reuse(b, o->layout, json_array_get(layers, i), json_string_value(json_array_get(diff_ids, i)), e);
	return r;
}

static json_t *new_config(void)
{
	auto_strv parts = {0};

	strv_split(&parts, platform_host(), "/");
	json_t *config = json_pack("{s:s, s:s, s:{}}", "architecture", parts.count > 1 ? parts.items[1] : "unknown", "os",
	                           "linux", "config");
	if (parts.count > 2)
		json_object_set_new(config, "variant", json_string(parts.items[2]));
	return config;
}

static int pack_directory(struct pack *p, void *context, struct err *e)
{
	const char *path = context;
	auto_close int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "cannot open '%s'", path) : pack_add(p, fd, ".", ".", e);
}

// A layer of all files in the directory that the container's image consists of.
static int add_directory(struct build *b, const struct record *r, enum pack_filter filter, struct err *e)
{
	return r->image.digest ? 0
	                       : build_pack(b, filter, PACK_ONE_MOUNT, NULL, pack_directory, r->image.lowers.items[0], e);
}

static int refuse_host(const struct record *r, struct err *e)
{
	if (image_is_host(&r->image))
		return err_msg(e, EINVAL,
		               "container '%s' shares this machine's files (image host) and has no image to add to (hostel "
		               "export %s | hostel import - NAME creates one from all files)",
		               r->name, r->name);
	return 0;
}

// The layers of the container's image, and its configuration. It may have changed since: what is read here counts.
static int add_origin(struct containers *c, struct build *b, const struct record *r, json_t **config, struct err *e)
{
	struct origin o = {.layout = -1};

	if (!r->image.digest) {
		*config = new_config();
		return 0;
	}
	int result = read_origin(c, r, &o, e);
	if (result == 0)
		result = reuse_layers(b, &o, e);
	*config = json_incref(o.config);
	origin_done(&o);
	return result;
}

// --- the configuration ---

static json_t *run_section(json_t *config)
{
	if (!json_is_object(json_object_get(config, "config")))
		json_object_set_new(config, "config", json_object());
	return json_object_get(config, "config");
}

static json_t *words_of(const struct params *p, const char *name)
{
	json_t *list = json_array();
	const char *word;

	for (size_t i = 0; (word = params_get_nth(p, name, i)); i++)
		json_array_append_new(list, json_string(word));
	return list;
}

// What the container was created with.
static void keep_settings(json_t *run, const struct params *created)
{
	static const struct {
		const char *param, *key;
	} texts[] = {{PARAM_USER, "User"}, {PARAM_WORKDIR, "WorkingDir"}};
	const char *value;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if ((value = params_get(created, texts[i].param)) && *value)
			json_object_set_new(run, texts[i].key, json_string(value));
	for (size_t i = 0; (value = params_get_nth(created, PARAM_ENV, i)); i++)
		if (strchr(value, '='))
			instruction_set_env(run, value);
	if (params_get(created, PARAM_COMMAND))
		json_object_set_new(run, "Cmd", words_of(created, PARAM_COMMAND));
}

static int change_settings(json_t *run, const struct params *p, struct err *e)
{
	const char *text;
	int r = 0;

	for (size_t i = 0; r == 0 && (text = params_get_nth(p, PARAM_CHANGE, i)); i++)
		r = instruction_apply(run, text, e);
	return r;
}

static void add_history(json_t *config, const struct params *p, const char *by)
{
	const char *author = params_get(p, PARAM_AUTHOR), *message = params_get(p, PARAM_MESSAGE);
	char now[DATE_TEXT];
	json_t *list = json_object_get(config, "history"),
	       *entry = json_pack("{s:s, s:s}", "created", date_utc_ns(now, clock_wall()), "created_by", by);

	if (author)
		json_object_set_new(entry, "author", json_string(author));
	if (message)
		json_object_set_new(entry, "comment", json_string(message));
	if (!json_is_array(list))
		json_object_set_new(config, "history", list = json_array());
	json_array_append_new(list, entry);
	json_object_set_new(config, "created", json_string(now));
	if (author)
		json_object_set_new(config, "author", json_string(author));
}

static enum pack_filter filter_of(const struct params *p)
{
	return str_equal(params_get(p, PARAM_COMPRESSION), "zstd") ? PACK_ZSTD : PACK_GZIP;
}

// The canonical name that P asks for. Owned; NULL with E set.
static char *name_of(const struct params *p, struct err *e)
{
	const char *text = params_or(p, PARAM_IMAGE, "");

	return image_name_check(text, e) < 0 ? NULL : image_name_canonical(text);
}

// --- commit ---

struct committed {
	struct containers *c;
	const struct view *v;
	const struct params *p;
	json_t *config;
};

// Reads the changed files while the container cannot change them: it is paused, or its lock prevents a start.
static int add_changes(struct build *b, const struct committed *k, struct err *e)
{
	auto_free char *directory = store_container_path(&k->c->store, k->v->record.name);
	auto_free char *upper = mem_printf("%s/upper", directory);
	auto_close int lock = container_lock(k->c, k->v->record.name, e);
	auto_view now = {.dir = -1};
	struct pause pause = {.line = -1};
	auto_strv skipped = {0};
	int r = lock < 0 ? lock : view_open(&now, k->c, k->v->record.name, e);

	if (r == 0 && now.record.created != k->v->record.created)
		r = err_msg(e, ENOENT, "the container was deleted meanwhile");
	if (r == 0 && !str_equal(params_get(k->p, PARAM_NO_PAUSE), "yes"))
		r = pause_begin(k->c, &now, &pause, b->job, e);
	changes_mount_points(k->v, &skipped);
	if (r == 0)
		r = build_pack(b, filter_of(k->p), PACK_LAYER, &skipped, pack_directory, upper, e);
	pause_end(k->c, &pause);
	return r;
}

static int set_config(struct committed *k, struct err *e)
{
	keep_settings(run_section(k->config), &k->v->record.params);
	return change_settings(run_section(k->config), k->p, e);
}

// Errors are found before anything is packed, which may take long.
static int check_commit(struct committed *k, struct err *e)
{
	struct origin o = {.layout = -1};
	auto_json config = new_config();
	int r = k->v->record.image.digest ? read_origin(k->c, &k->v->record, &o, e) : 0;

	origin_done(&o);
	return r < 0 ? r : change_settings(run_section(config), k->p, e);
}

static int commit(struct committed *k, const struct job *job, char **digest, struct err *e)
{
	auto_free char *name = name_of(k->p, e), *by = mem_printf("hostel commit %s", k->v->record.name);
	struct build b = {.lock = -1, .stage = -1};
	int r = name ? refuse_host(&k->v->record, e) : -EINVAL;

	r = r < 0 ? r : check_commit(k, e);
	r = r < 0 ? r : build_open(&b, &k->c->store, job, e);
	if (r == 0)
		r = add_directory(&b, &k->v->record, filter_of(k->p), e);
	if (r == 0)
		r = add_changes(&b, k, e);
	if (r == 0)
		r = add_origin(k->c, &b, &k->v->record, &k->config, e);
	if (r == 0)
		r = set_config(k, e);
	if (r == 0) {
		add_history(k->config, k->p, by);
		r = build_finish(&b, k->config, name, digest, e);
	}
	build_done(&b);
	json_decref(k->config);
	return r;
}

int containers_commit(struct containers *c, const struct params *p, const struct job *job, char **digest,
                      struct err *e)
{
	const char *name = params_or(p, PARAM_CONTAINER, "");
	auto_view v = {.dir = -1};
	struct committed k = {c, &v, p, NULL};
	int r = view_open(&v, c, name, e);

	store_sweep(&c->store);
	r = r < 0 ? r : commit(&k, job, digest, e);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r < 0 ? err_wrap(e, "cannot commit container '%s'", name) : 0;
}

// --- import ---

static int add_source(struct build *b, const struct params *p, struct err *e)
{
	const char *path = params_or(p, PARAM_SOURCE, "");
	bool input = str_equal(path, "-");
	auto_close int file = input ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int fd = input ? STDIN_FILENO : file;
	const struct layer_source source = {tar_read_fd, &fd};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot open '%s'", path);
	return S_ISDIR(st.st_mode)
	           ? build_pack(b, filter_of(p), PACK_ONE_MOUNT, NULL, pack_directory, (char *)path, e)
	           : build_archive(b, &source, e);
}

int containers_import(struct containers *c, const struct params *p, const struct job *job, char **digest,
                      struct err *e)
{
	auto_free char *name = name_of(p, e), *by = mem_printf("hostel import %s", params_or(p, PARAM_SOURCE, ""));
	auto_json config = new_config();
	struct build b = {.lock = -1, .stage = -1};
	int r = name ? change_settings(run_section(config), p, e) : -EINVAL;

	store_sweep(&c->store);
	if (r == 0)
		r = build_open(&b, &c->store, job, e);
	if (r == 0)
		r = add_source(&b, p, e);
	if (r == 0) {
		add_history(config, p, by);
		r = build_finish(&b, config, name, digest, e);
	}
	build_done(&b);
	if (r < 0)
		store_add_remedy(&c->store, e);
	return r < 0 ? err_wrap(e, "cannot import '%s'", params_or(p, PARAM_SOURCE, "")) : 0;
}
