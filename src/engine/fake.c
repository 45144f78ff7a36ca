// The fake engine (see engine/fake.h): rows, clock and verbs. fake_script.c defines what rows look like, fake_stream.c
// their output.
#include "engine/fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/units.h"
#include "engine/engine.h"
#include "fake_host.h"
#include "fake_items.h"
#include "fake_networks.h"
#include "fake_state.h"
#include "model/definition.h"
#include "model/id.h"
#include "model/name.h"
#include "model/param.h"
#include "sys/signal_name.h"

enum { FAKE_USUAL = 12, FAKE_MOST = 100000 };

static void fake_changed(struct fake *f)
{
	f->changes++;
	pthread_cond_broadcast(&f->moved);
}

static const struct {
	const char *name;
	size_t at;
} switches[] = {
	{"step", offsetof(struct fake, step)},
	{"hang", offsetof(struct fake, hang)},
	{"fail", offsetof(struct fake, fail)},
	{"stuck", offsetof(struct fake, stuck)},
	{"dies", offsetof(struct fake, dies)},
	{"quiet", offsetof(struct fake, quiet)},
	{"deaf", offsetof(struct fake, deaf)},
	{"faults", offsetof(struct fake, faults)},
};

static int take_word(struct fake *f, const char *word, uint64_t *count, struct err *e)
{
	static const char past[] = "past=";
	uint64_t steps;

	if (str_starts(word, past) && str_to_u64(word + strlen(past), &steps) == 0 && steps > 0 && steps <= FAKE_MOST) {
		f->past = (int64_t)steps;
		f->step = true;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (strcmp(switches[i].name, word) == 0) {
			*(bool *)((char *)f + switches[i].at) = true;
			return 0;
		}
	if (str_to_u64(word, count) < 0 || *count > FAKE_MOST)
		return err_msg(e, EINVAL,
		               "invalid engine 'fake:%s' (after the colon: a number of workloads up to %d, step, past=N, "
		               "hang, fail, stuck, dies, quiet, deaf or faults)",
		               word, FAKE_MOST);
	return 0;
}

static struct fake *fake_new(void)
{
	struct fake *f = mem_new(sizeof(*f));
	pthread_condattr_t attributes;

	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&f->moved, &attributes);
	pthread_condattr_destroy(&attributes);
	return f;
}

static void fake_close(void *self)
{
	struct fake *f = self;

	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		fake_row_done(f->rows[i]);
		free(f->rows[i]);
	}
	free(f->rows);
	params_done(&f->kept);
	pthread_cond_destroy(&f->moved);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static struct fake_row *add_row(struct fake *f)
{
	f->rows = mem_resize(f->rows, f->count + 1, sizeof(struct fake_row *));
	return f->rows[f->count++] = mem_new(sizeof(struct fake_row));
}

// The last ones are those in which something is wrong, where that is asked for.
static void add_scripted(struct fake *f, size_t index, size_t count)
{
	struct fake_row *row = add_row(f);

	if (f->faults && index + FAKE_FAULTS >= count)
		fake_row_init_faulty(row, index, index + FAKE_FAULTS - count, fake_now(f));
	else
		fake_row_init(row, index, fake_now(f));
	row->by_hand |= f->quiet;
}

static int fake_open(void **self, const char *where, bool read_only, struct err *e)
{
	(void)read_only;
	struct fake *f = fake_new();
	auto_strv words = {0};
	uint64_t count = FAKE_USUAL;

	strv_split(&words, where ? where : "", ",");
	for (size_t i = 0; i < words.count; i++)
		if (take_word(f, words.items[i], &count, e) < 0) {
			fake_close(f);
			return -EINVAL;
		}
	while (f->stuck)
		pause();
	if (f->step)
		clock_set_wall(FAKE_WALL);
	f->wall = f->step ? FAKE_WALL - FAKE_MONO : clock_wall() - clock_mono();
	for (size_t i = 0; i < count; i++)
		add_scripted(f, i, count);
	*self = f;
	return 0;
}

static void fake_wake(void *self)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	f->woken = true;
	pthread_cond_broadcast(&f->moved);
	pthread_mutex_unlock(&f->lock);
}

static int fake_list(void *self, struct inventory *inv, struct err *e)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	int64_t now = fake_now(f);
	for (size_t i = 0; r == 0 && i < f->count; i++) {
		struct workload w;

		if (f->rows[i]->gone)
			continue;
		fake_row_update(f->rows[i], now);
		fake_row_workload(f->rows[i], &w, f->wall);
		fake_items_of_row(f, inv, f->rows[i], &w);
		inventory_upsert(inv, &w);
	}
	if (r == 0)
		fake_items_shared(f, inv);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static void fake_step(struct fake *f)
{
	if (f->past && f->steps == f->past)
		return;
	f->steps++;
	pthread_cond_broadcast(&f->moved);
}

static int fake_sample(void *self, const struct measures *what, struct sample_set *set, struct err *e)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	bool measured = r == 0 && (!f->past || f->listed);
	if (measured && f->step)
		fake_step(f);
	int64_t now = fake_now(f);
	for (size_t i = 0; measured && i < f->count; i++) {
		struct sample s;
		char key[FAKE_KEY];

		fake_row_update(f->rows[i], now);
		if (f->rows[i]->gone || !fake_row_exists(f->rows[i]))
			continue;
		fake_row_sample(f->rows[i], &s, now);
		auto_free char *id = id_make("fake", f->rows[i]->role->kind, fake_row_key(key, f->rows[i]));
		fake_add_sample(set, what, f->rows[i]->role->kind, id, &s);
		fake_items_sample(set, what, f->rows[i], &s);
	}
	if (measured)
		fake_volumes_sample(f, set, what, now);
	if (measured && f->steps < f->past)
		r = 1;
	pthread_mutex_unlock(&f->lock);
	return r;
}

// When the next script changes a state.
static int64_t next_change(const struct fake *f, int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < f->count; i++) {
		int64_t at = fake_row_next(f->rows[i], now);

		next = at < next ? at : next;
	}
	return next;
}

static int fake_wait(void *self, int64_t timeout, struct err *e)
{
	struct fake *f = self;
	int64_t deadline = clock_mono() + timeout;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	f->listed = true;
	uint64_t before = f->changes;
	int64_t next = next_change(f, fake_now(f));
	while (r == 0 && !f->woken && f->changes == before && fake_now(f) < next && clock_mono() < deadline)
		fake_wait_until(f, f->step || deadline < next ? deadline : next);
	if (r == 0)
		r = f->changes != before || fake_now(f) >= next;
	pthread_mutex_unlock(&f->lock);
	return r;
}

static const struct fake_row *find_name(const struct fake *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->rows[i]->gone && strcmp(f->rows[i]->name, name) == 0)
			return f->rows[i];
	return NULL;
}

// Delays verbs on FAKE_SLOW rows by five seconds. Called with the lock held, which is released while waiting.
static int delay_if_slow(struct fake *f, const struct fake_row *row, const struct job *job, struct err *e)
{
	enum { PARTS = 50 };

	for (int part = 0; row->role->traits & FAKE_SLOW && part < PARTS; part++) {
		int64_t until = clock_mono() + SECOND / 10;

		pthread_mutex_unlock(&f->lock);
		job_report(job, (double)part / PARTS, "waiting for the guest");
		pthread_mutex_lock(&f->lock);
		while (!f->woken && !job_is_cancelled(job) && clock_mono() < until)
			fake_wait_until(f, until);
		if (f->woken || job_is_cancelled(job))
			return err_msg(e, ECANCELED, "cancelled");
	}
	return 0;
}

static enum item_state stopped_state(const struct fake_row *row)
{
	return row->role->kind == KIND_GUEST ? STATE_OFF : STATE_EXITED;
}

static int do_start(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	(void)p, (void)e;
	fake_row_set_state(row, STATE_RUNNING, fake_now(f));
	return 0;
}

static void stop_with(struct fake *f, struct fake_row *row, int code, const char *reason)
{
	fake_row_set_state(row, stopped_state(row), fake_now(f));
	row->exit_code = row->role->kind == KIND_GUEST ? -1 : code;
	free(row->reason);
	row->reason = mem_strdup(reason);
}

static int do_stop(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	(void)p;
	if (f->deaf && row->role->kind == KIND_GUEST)
		return err_msg(e, ETIMEDOUT, "guest '%s' has not shut down within %d s", row->name,
		               (int)(verb_grace(KIND_GUEST) / SECOND));
	stop_with(f, row, 143, "SIGTERM");
	return 0;
}

static int do_kill(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	int number = signal_number(p ? params_or(p, PARAM_SIGNAL, "KILL") : "KILL", e);

	if (number < 0)
		return number;
	auto_free char *reason = mem_printf("SIG%s", sigabbrev_np(number) ? sigabbrev_np(number) : "?");
	stop_with(f, row, 128 + number, reason);
	return 0;
}

static int do_pause(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	(void)p, (void)e;
	fake_row_set_state(row, STATE_PAUSED, fake_now(f));
	return 0;
}

static int do_restart(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	int r = do_stop(f, row, p, e);
	if (r < 0)
		return r;
	row->restarts++;
	return do_start(f, row, p, e);
}

static int do_delete(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	(void)f;
	if (fake_row_exists(row) && !(p && params_get(p, PARAM_FORCE)))
		return err_msg(e, EBUSY, "'%s' is running (stop it first, or force)", row->name);
	row->gone = true;
	return 0;
}

static int do_rename(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	const char *to = p ? params_or(p, PARAM_TO, "") : "";

	if (name_check((int)row->role->kind, to, e) < 0)
		return -EINVAL;
	if (find_name(f, to))
		return err_msg(e, EEXIST, "'%s' exists already", to);
	free(row->name);
	row->name = mem_strdup(to);
	return 0;
}

static int do_set(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	(void)f, (void)e;
	if (!p)
		return 0;
	if (params_get(p, PARAM_CPUS))
		units_parse_cpus(params_get(p, PARAM_CPUS), &row->cpus);
	if (params_get(p, PARAM_MEMORY))
		units_parse_bytes(params_get(p, PARAM_MEMORY), &row->memory_limit);
	if (params_get(p, PARAM_AUTOSTART))
		row->autostart = strcmp(params_get(p, PARAM_AUTOSTART), "yes") == 0;
	return 0;
}

static void read_definition(const struct fake_row *row, struct params *out)
{
	params_add(out, PARAM_IMAGE, row->image ? row->image : "");
	if (row->cpus > 0) {
		auto_free char *cpus = mem_printf("%g", row->cpus);
		params_add(out, PARAM_CPUS, cpus);
	}
	if (row->memory_limit) {
		auto_free char *memory = mem_printf("%llu", (unsigned long long)row->memory_limit);
		params_add(out, PARAM_MEMORY, memory);
	}
	if (row->role->kind == KIND_GUEST)
		params_add(out, PARAM_AUTOSTART, row->autostart ? "yes" : "no");
}

static int do_edit(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	auto_params present = {0}, changes = {0}, rename = {0};
	auto_free char *to = NULL;

	read_definition(row, &present);
	int r = definition_changes(params_or(p, PARAM_DEFINITION, ""), row->role->kind, row->name, &present, &to,
	                           &changes, e);
	if (r == 0 && to) {
		params_add(&rename, PARAM_TO, to);
		r = do_rename(f, row, &rename, e);
	}
	return r < 0 ? r : do_set(f, row, &changes, e);
}

static int (*const verbs[VERBS])(struct fake *f, struct fake_row *row, const struct params *p, struct err *e) = {
	[VERB_START] = do_start, [VERB_STOP] = do_stop, [VERB_KILL] = do_kill, [VERB_PAUSE] = do_pause,
	 [VERB_RESUME] = do_start,
	[VERB_RESTART] = do_restart, [VERB_DELETE] = do_delete, [VERB_RENAME] = do_rename, [VERB_SET] = do_set,
	[VERB_EDIT] = do_edit, [VERB_CONNECT] = fake_row_connect, [VERB_DISCONNECT] = fake_row_disconnect,
};

static int act_on(struct fake *f, struct fake_row *row, enum verb verb, const struct params *p, const struct job *job,
                  struct err *e)
{
	struct workload w;

	fake_row_update(row, fake_now(f));
	fake_row_workload(row, &w, f->wall);
	const char *refusal = verb_refusal(verb, &w);
	workload_done(&w);
	if (refusal)
		return err_msg(e, EINVAL, "cannot %s '%s': it %s", verb_info(verb)->name, row->name, refusal);
	if (row->role->traits & FAKE_STUBBORN)
		return err_msg(e, EIO, "cannot %s '%s': the simulated disk does not answer (try another one)",
		               verb_info(verb)->name, row->name);
	int r = delay_if_slow(f, row, job, e);
	if (r == 0 && !row->gone)
		r = verbs[verb](f, row, p, e);
	if (r == 0)
		fake_changed(f);
	return r;
}

static int act_on_row(struct fake *f, const char *id, enum verb verb, const struct params *p, const struct job *job,
                      struct err *e)
{
	struct fake_row *row = fake_find(f, id, e);

	return row ? act_on(f, row, verb, p, job, e) : -ENOENT;
}

static int act_on_item(struct fake *f, const char *id, enum verb verb, const struct params *p, const struct job *job,
                       struct err *e)
{
	int r = fake_items_act(f, id, verb, p, job, e);

	if (r == 0)
		fake_changed(f);
	return r;
}

static bool fake_does(enum kind kind, enum verb verb)
{
	if (!kind_is_workload(kind))
		return fake_items_do(kind, verb);
	return verb_suits(verb, kind) && (verb == VERB_CREATE || verbs[verb]);
}

static int fake_act(void *self, const char *id, enum verb verb, const struct params *p, const struct job *job,
                    struct err *e)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	if (r == 0)
		r = id_is_workload(id) ? act_on_row(f, id, verb, p, job, e) : act_on_item(f, id, verb, p, job, e);
	pthread_mutex_unlock(&f->lock);
	return r;
}

// Decides what the command of a created container will do.
static void plan_program(struct fake_row *row, const struct params *p)
{
	auto_strv words = {0};
	auto_str text = {0};
	const char *word;

	for (size_t i = 0; (word = params_get_nth(p, PARAM_COMMAND, i)); i++) {
		strv_add(&words, word);
		str_addf(&text, "%s%s", i ? " " : "", word);
	}
	row->command = text.length ? str_steal(&text) : NULL;
	if (strcmp(params_or(p, PARAM_START, "no"), "yes") != 0)
		return;
	fake_row_set_state(row, STATE_RUNNING, row->created);
	struct fake_program program = fake_program_run((const char *const *)words.items, words.count, &text, true);
	if (row->role->kind != KIND_CONTAINER || program.seconds < 0)
		return;
	row->exit_code = program.status;
	row->ends = row->created + (int64_t)(program.seconds * SECOND) + 1;
}

static int make_row(struct fake *f, enum kind kind, const struct params *p, char **id, struct err *e)
{
	auto_free char *name =
	    params_get(p, PARAM_NAME) ? mem_strdup(params_get(p, PARAM_NAME)) : mem_printf("made-%zu", f->count + 1);
	const char *label;

	if (f->count >= FAKE_MOST)
		return err_msg(e, ENOSPC, "too many simulated workloads (at most %d)", FAKE_MOST);
	if (find_name(f, name))
		return err_msg(e, EEXIST, "'%s' exists already (choose another name, or remove it)", name);
	struct fake_row *row = add_row(f);
	fake_row_init_made(row, kind, f->count - 1, fake_now(f));
	row->name = steal(name);
	row->image = mem_strdup(params_get(p, kind == KIND_CONTAINER ? PARAM_IMAGE : PARAM_OS));
	for (size_t i = 0; (label = params_get_nth(p, PARAM_LABEL, i)); i++)
		strv_add(&row->labels, label);
	do_set(f, row, p, e);
	plan_program(row, p);
	*id = id_make("fake", kind, fake_row_key((char[FAKE_KEY]){""}, row));
	fake_changed(f);
	return 0;
}

static int make_item(struct fake *f, enum kind kind, const struct params *p, char **id, struct err *e)
{
	auto_free char *made = id_make("fake", kind, params_or(p, PARAM_NAME, ""));
	int r = act_on_item(f, made, VERB_CREATE, p, NULL, e);

	if (r == 0)
		*id = steal(made);
	return r;
}

static int fake_create(void *self, enum kind kind, const struct params *p, const struct job *job,
                       char **id, struct err *e)
{
	struct fake *f = self;

	job_report(job, 0, "preparing");
	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	if (r == 0)
		r = kind_is_workload(kind) ? make_row(f, kind, p, id, e) : make_item(f, kind, p, id, e);
	pthread_mutex_unlock(&f->lock);
	return r;
}

static int fake_choices(void *self, enum kind kind, const struct verb_field *field, const struct params *so_far,
                        struct strv *out, struct err *e)
{
	struct fake *f = self;

	(void)so_far;
	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	pthread_mutex_unlock(&f->lock);
	if (r == 0)
		fake_items_choices(kind, field->name, out);
	return r;
}

static void write_config(const struct fake *f, const struct fake_row *row, struct str *text)
{
	struct workload w;

	fake_row_workload(row, &w, f->wall);
	json_t *object = workload_to_json(&w, NAMES_NOW);
	char *json = json_dumps(object, JSON_INDENT(2));
	str_addf(text, "%s\n", json ? json : "{}");
	free(json);
	json_decref(object);
	workload_done(&w);
}

static void write_definition(const struct fake *f, const struct fake_row *row, struct str *text)
{
	auto_params present = {0};

	(void)f;
	read_definition(row, &present);
	definition_write(text, row->role->kind, row->name, &present);
}

static void write_details(const struct fake *f, const struct fake_row *row, struct str *text)
{
	(void)f;
	str_addf(text, "Name: %s\nKind: %s\nState: %s\n", row->name, workload_kind_name(row->role->kind),
	         item_state_info(row->state)->name);
	str_addf(text, "Image: %s\nCommand: %s\nSimulated: yes\n", row->image ? row->image : "",
	         row->command ? row->command : "");
	if (row->role->kind == KIND_GUEST)
		str_addf(
		    text,
		    "Own storage: /images/%s.qcow2 (1.2G)\nOther storage: /images/base.qcow2 (used by guest 'db')\n"
		    "Own state: /nvram/%s.fd (firmware variables)\n",
		    row->name, row->name);
}

static void write_processes(const struct fake *f, const struct fake_row *row, struct str *text)
{
	(void)f;
	str_add(text, "PID\tUSER\tCPU%\tMEM\tCOMMAND\n");
	for (size_t i = 0; fake_row_exists(row) && i < 1 + row->index % 4; i++)
		str_addf(text, "%zu\troot\t%.1f\t%zuM\t%s\n", i + 1, row->role->cpu / (double)(i + 1),
		         row->role->memory / (i + 1), row->command ? row->command : "init");
}

static void write_log(const struct fake *f, const struct fake_row *row, struct str *text)
{
	int64_t lines = fake_log_length(f, row);

	fake_row_log(row, text, lines - 1000, lines, f->wall, true);
	if (text->length > 64 << 10) {
		memmove(text->text, text->text + text->length - (64 << 10), (64 << 10) + 1);
		text->length = 64 << 10;
	}
}

static int read_row(const struct fake *f, const char *id, enum document what, struct str *text, struct err *e)
{
	static void (*const writers[])(const struct fake *f, const struct fake_row *row, struct str *text) = {
		[DOCUMENT_CONFIG] = write_config,
		[DOCUMENT_DETAILS] = write_details,
		[DOCUMENT_PROCESSES] = write_processes,
		[DOCUMENT_LOG_TAIL] = write_log,
		[DOCUMENT_EVENTS] = NULL,
		[DOCUMENT_DEFINITION] = write_definition,
	};
	const struct fake_row *row = fake_find(f, id, e);

	if (row && writers[what])
		writers[what](f, row, text);
	return row ? 0 : -ENOENT;
}

static int fake_read(void *self, const char *id, enum document what, struct str *text, struct err *e)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	if (r == 0)
		r = !id_is_workload(id) && id_may_be(id, KIND_NETWORK) ? fake_network_read(f, id_key(id), what, text, e)
		                                                       : read_row(f, id, what, text, e);
	pthread_mutex_unlock(&f->lock);
	return r;
}

const struct engine_ops engine_fake = {
	.name = "fake",
	.kind = KIND_CONTAINER,
	.lists = (1 << KINDS) - 1,
	.open = fake_open,
	.close = fake_close,
	.list = fake_list,
	.simulates = &fake_simulated,
	.sample = fake_sample,
	.host = fake_host,
	.wait = fake_wait,
	.wake = fake_wake,
	.does = fake_does,
	.act = fake_act,
	.create = fake_create,
	.choices = fake_choices,
	.read = fake_read,
	.stream = fake_stream,
	.await_exit = fake_await_exit,
};
