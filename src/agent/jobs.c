// Requests in the agent: one thread each, with a limit per engine; deadlines and cancellation.
#include "state.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/choices.h"
#include "engine/job_file.h"
#include "model/id.h"
#include "model/job.h"
#include "model/verb.h"
#include "work.h"

struct job_item {
	struct job_item *next;    // of all
	struct job_item *waiting; // of those without a thread
	struct agent_engine *engine;
	int64_t id;
	int64_t deadline; // monotonic
	bool answered;    // the peer got its reply; the thread may still be working
	bool started;
	int (*run)(struct job_item *job, struct str *text, struct err *e); // in the thread
	int line; // the thread's: the process that continues the job, 0 = none
	struct follower *follower; // of that process
	bool unwanted; // the process is asked to stop as soon as it is known
	char *workload;
	enum verb verb;
	enum document document;
	enum kind kind; // to create, or of the item
	unsigned kinds; // to list, a bit each
	char *field, *typed; // whose choices are asked for
	struct params params;
	struct job job; // passed to the engine
	atomic_bool cancelled;
	int64_t reported; // the thread's: time of its last report
	struct str notes; // the thread's: lines of the result
};

static void hand_text(struct agent *a, int64_t id, const struct str *text)
{
	struct handed thing = {.request = id};

	wire_add_text(&thing.text, str_text(text), text->length, SIZE_MAX);
	handover_put(a->handover, &thing);
}

static void answer(struct agent *a, int64_t id, const struct err *e, const struct str *text, bool tail)
{
	json_t *message = wire_message("reply");

	json_object_set_new(message, "id", json_integer(id));
	if (e->code)
		json_object_set_new(message, "error", wire_error(e));
	else if (!a->handover)
		json_object_set_new(message, "text", wire_text(str_text(text), text->length, tail));
	else
		hand_text(a, id, text);
	agent_send(a, message);
}

static void refuse(struct agent *a, int64_t id, const struct err *e)
{
	static const struct str empty;

	answer(a, id, e, &empty, false);
}

static void job_free(struct job_item *job)
{
	free(job->workload);
	free(job->field);
	free(job->typed);
	params_done(&job->params);
	str_done(&job->notes);
	free(job);
}

static void unlink_job(struct agent *a, struct job_item *job)
{
	for (struct job_item **at = &a->jobs; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			a->job_count--;
			return;
		}
}

static void start_waiting(struct agent_engine *en);

static void end_job(struct agent *a, struct job_item *job, const struct err *e, const struct str *text)
{
	if (!job->answered)
		answer(a, job->id, e, text, job->document == DOCUMENT_LOG_TAIL);
	unlink_job(a, job);
	job_free(job);
}

static void send_progress(struct agent *a, const struct job_item *job, double fraction, const char *text,
                          const char *process)
{
	json_t *message = wire_message("progress");

	json_object_set_new(message, "id", json_integer(job->id));
	json_object_set_new(message, "fraction", json_real(fraction));
	wire_set_text(message, "text", text);
	wire_set_text(message, "job", process);
	if (job->answered || agent_backlog(a) > WIRE_BACKLOG_MAX)
		json_decref(message);
	else
		agent_send(a, message);
}

// Sends the signal once, and only after the process has reported its pid.
static void stop_process(struct job_item *job)
{
	struct err ignored;

	if (job->unwanted && job->follower && job->follower->record.pid) {
		job->unwanted = false;
		job_stop(&job->follower->record, &ignored);
	}
}

static void on_step(struct follower *f)
{
	struct job_item *job = f->context;
	const struct job_record *r = &f->record;

	stop_process(job);
	send_progress(job->engine->agent, job, r->progress > 0 ? r->progress / 100 : -1, r->phase ? r->phase : "", r->id);
}

static void on_process_end(struct follower *f, const struct err *e, const char *text)
{
	struct job_item *job = f->context;
	auto_str answer = {0};

	str_add(&answer, text);
	atomic_store(&job->engine->refresh, true);
	end_job(job->engine->agent, job, e, &answer);
}

// The thread has passed the job to a process, which continues when this agent ends.
static void follow(struct agent *a, struct job_item *job, int line)
{
	if (a->ending) {
		close(line);
		return;
	}
	job->follower = follower_open(a, line);
	job->follower->context = job;
	job->follower->on_step = on_step;
	job->follower->on_end = on_process_end;
}

static void deliver_end(struct agent *a, struct post *p)
{
	if (p->line)
		follow(a, p->job, p->line);
	if (!p->line || a->ending)
		end_job(a, p->job, &p->err, &p->text);
	p->engine->jobs_running--;
	if (!a->ending)
		start_waiting(p->engine);
	agent_thread_ended(a, p);
}

static void deliver_progress(struct agent *a, struct post *p)
{
	send_progress(a, p->job, p->fraction, str_text(&p->text), NULL);
}

// In the job's thread. At most ten per second.
static void report(void *context, const struct job_progress *progress)
{
	struct job_item *job = context;
	int64_t now = clock_mono();

	if (now - job->reported < SECOND / 10)
		return;
	job->reported = now;
	struct post *p = post_new(deliver_progress, job->engine, job);
	p->fraction = progress->fraction;
	str_add(&p->text, progress->text ? progress->text : "");
	agent_post(job->engine->agent, p);
}

static void note(void *context, const char *text)
{
	struct job_item *job = context;

	str_addf(&job->notes, "%s%s", job->notes.length ? "\n" : "", text);
}

static void *work(void *argument)
{
	struct job_item *job = argument;
	struct post *p = post_new(deliver_end, job->engine, job);

	int r = job->run(job, &p->text, &p->err);
	p->line = job->line;
	if (r < 0 && !p->err.code)
		err_set(&p->err, -r, "failed without an error message");
	else if (r >= 0)
		p->err.code = 0;
	atomic_store(&job->engine->refresh, true);
	agent_post(job->engine->agent, p);
	return NULL;
}

// Starts a process for REQUEST. Returns the descriptor of its lines, or negative errno.
static int start_process(struct job_item *job, const struct work_request *request, struct err *e)
{
	int line = work_start(&job->engine->engine, job->engine->agent->jobs_where, request, e);

	job->line = line > 0 ? line : 0;
	return line;
}

static int run_act(struct job_item *job, struct str *text, struct err *e)
{
	const struct work_request request = {job->verb, job->kind, job->workload, &job->params};
	bool by_job = verb_info(job->verb)->flags & BY_JOB && job->engine->engine.ops->create_is_long;

	if (by_job)
		return start_process(job, &request, e);
	job->job.out = verb_info(job->verb)->result == RESULT_NONE ? NULL : text;
	int r =
	    job->engine->engine.ops->act(job->engine->engine.self, job->workload, job->verb, &job->params, &job->job, e);

	str_add(text, str_text(&job->notes));
	return r;
}

// Uses a separate process if the job takes long.
static int leave_to_process(struct job_item *job, struct err *e)
{
	const struct engine *engine = &job->engine->engine;
	const struct work_request request = {VERB_CREATE, job->kind, NULL, &job->params};
	bool is_long = engine->ops->create_is_long && engine->ops->create_is_long(engine->self, job->kind, &job->params);

	return is_long ? start_process(job, &request, e) : 0;
}

static int run_create(struct job_item *job, struct str *text, struct err *e)
{
	auto_free char *id = NULL;
	int r = leave_to_process(job, e);

	if (r != 0)
		return r;
	r = job->engine->engine.ops->create(job->engine->engine.self, job->kind, &job->params, &job->job, &id, e);

	auto_free char *theirs = r >= 0 ? wire_id(agent_version(job->engine->agent), id) : NULL;
	if (r >= 0)
		str_addf(text, "%s%s%s", theirs, job->notes.length ? "\n" : "", str_text(&job->notes));
	return r;
}

static int run_choices(struct job_item *job, struct str *text, struct err *e)
{
	const struct choices_query q = {job->verb, job->kind, job->field, job->typed, &job->params};
	auto_strv found = {0};
	int r = engine_choices(&job->engine->engine, &q, &found, e);

	for (size_t i = 0; i < found.count; i++)
		if (!strchr(found.items[i], '\n') && text->length + strlen(found.items[i]) < WIRE_DOCUMENT_MAX / 2)
			str_addf(text, "%s%s", text->length ? "\n" : "", found.items[i]);
	return r;
}

static int run_read(struct job_item *job, struct str *text, struct err *e)
{
	return job->engine->engine.ops->read(job->engine->engine.self, job->workload, job->document, text, e);
}

static int run_list(struct job_item *job, struct str *text, struct err *e)
{
	(void)text;
	return engine_list(job->engine, job->kinds, e);
}

static int run_sample(struct job_item *job, struct str *text, struct err *e)
{
	(void)text;
	return engine_sample(job->engine, e);
}

static void end_unstarted(struct agent *a, struct job_item *job, int code, const char *text)
{
	struct err e = {0};

	err_msg(&e, code, "%s", text);
	if (!job->answered)
		refuse(a, job->id, &e);
	job->answered = true;
}

// Removes the oldest job from the engine's queue.
static struct job_item *next_waiting(struct agent_engine *en)
{
	struct job_item *job = en->waiting;

	if (job)
		en->waiting = job->waiting;
	return job;
}

static void start_waiting(struct agent_engine *en)
{
	while (en->engine.ops && en->waiting && en->jobs_running < AGENT_THREADS_MAX) {
		struct job_item *job = next_waiting(en);

		if (!job->answered && agent_thread(work, job) == 0) {
			job->started = true;
			en->jobs_running++;
			en->agent->threads++;
			continue;
		}
		end_unstarted(en->agent, job, EAGAIN, "cannot start a thread (too many processes?)");
		unlink_job(en->agent, job);
		job_free(job);
	}
}

void jobs_engine_opened(struct agent_engine *en)
{
	struct job_item *job;

	while (en->failure && !en->engine.ops && (job = next_waiting(en))) {
		end_unstarted(en->agent, job, ENOTCONN, en->failure);
		unlink_job(en->agent, job);
		job_free(job);
	}
	start_waiting(en);
}

static void enqueue(struct agent *a, struct job_item *job)
{
	struct job_item **at = &job->engine->waiting;

	while (*at)
		at = &(*at)->waiting;
	*at = job;
	job->next = a->jobs;
	a->jobs = job;
	a->job_count++;
	if (!uv_is_active((uv_handle_t *)&a->second))
		uv_timer_again(&a->second);
	engine_begin(job->engine);
	start_waiting(job->engine);
}

static struct agent_engine *engine_of(const struct agent *a, const char *workload)
{
	for (size_t i = 0; workload && i < a->engine_count; i++)
		if (id_is_of(workload, a->engines[i].name))
			return &a->engines[i];
	return NULL;
}

// Whether ID can be of a kind that the engine has.
static bool has_kind_of(const struct agent_engine *en, const char *id)
{
	bool may = false;

	for (int kind = 0; en->ops && kind < KINDS; kind++)
		may |= en->ops->lists >> kind & 1 && id_may_be(id, (enum kind)kind);
	return may || !en->ops;
}

static int prepare_workload(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *id = wire_get_text(message, "workload");

	job->engine = engine_of(a, id);
	if (!job->engine || strlen(id) > WIRE_ID_MAX)
		return err_msg(e, ENOENT, "no item '%.200s'", id ? id : "");
	if (!has_kind_of(job->engine, id))
		return err_msg(e, ENOENT, "no item '%s': engine '%s' has none of this kind", id, job->engine->name);
	job->workload = mem_strdup(id);
	return 0;
}

// The id of a workload may lack its kind: then the parameters must be valid for a kind of the engine.
static int check_act(struct job_item *job, struct err *e)
{
	const struct engine_ops *ops = job->engine->ops;
	const char *verb = verb_info(job->verb)->name;
	int r = ops ? err_msg(e, ENOTSUP, "engine '%s' does not support '%s' for '%s'", ops->name, verb, job->workload)
	            : 0;

	for (int kind = 0; ops && kind < KINDS; kind++) {
		bool of_kind = kind_is_workload((enum kind)kind) || id_is_complete(job->workload);

		if (!of_kind || !id_may_be(job->workload, (enum kind)kind) || !ops->does((enum kind)kind, job->verb))
			continue;
		r = verb_check_params(job->verb, (enum kind)kind, &job->params, e);
		job->kind = (enum kind)kind;
		if (r == 0)
			return 0;
	}
	return r;
}

static int prepare_act(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "verb");
	int verb = name ? verb_find(name) : -1;

	if (verb < 0 || !(verb_info((enum verb)verb)->flags & ACTS))
		return err_msg(e, ENOSYS, "unknown verb '%.100s' (is hostel on this host older?)", name ? name : "");
	if (a->read_only && verb_info((enum verb)verb)->flags & WRITES)
		return err_msg(e, EROFS, "'%s' refused: this session is read-only", name);
	job->verb = (enum verb)verb;
	job->run = run_act;
	int r = prepare_workload(a, job, message, e);
	return r < 0 ? r : check_act(job, e);
}

static struct agent_engine *engine_that_does(struct agent *a, enum kind kind, enum verb verb)
{
	for (size_t i = 0; i < a->engine_count; i++)
		if (agent_engine_is_usable(&a->engines[i]) && a->engines[i].ops->does(kind, verb))
			return &a->engines[i];
	return NULL;
}

// The engine that creates items of KIND like P. If P suits none, the first one reports the error.
static struct agent_engine *engine_that_creates(struct agent *a, enum kind kind, const struct params *p)
{
	for (size_t i = 0; i < a->engine_count; i++) {
		const struct engine_ops *ops = a->engines[i].ops;

		if (agent_engine_is_usable(&a->engines[i]) && ops->does(kind, VERB_CREATE) &&
		    (!ops->suits || ops->suits(kind, p)))
			return &a->engines[i];
	}
	return engine_that_does(a, kind, VERB_CREATE);
}

static int prepare_create(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "kind");
	int kind = name ? kind_find(name) : -1;

	if (kind < 0)
		return err_msg(e, EINVAL, "unknown kind '%.100s'", name ? name : "");
	if (a->read_only)
		return err_msg(e, EROFS, "create refused: this session is read-only");
	job->run = run_create;
	job->kind = (enum kind)kind;
	job->engine = engine_that_creates(a, job->kind, &job->params);
	if (!job->engine)
		return err_msg(e, ENOSYS, "no engine on this host creates %s", kind_phrase((enum kind)kind));
	return verb_check_params(VERB_CREATE, (enum kind)kind, &job->params, e);
}

static int prepare_choices(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "kind"), *word = wire_get_text(message, "verb");
	int kind = name ? kind_find(name) : -1, verb = word ? verb_find(word) : -1;

	if (kind < 0 || verb < 0)
		return err_msg(e, EINVAL, "unknown kind '%.100s' or verb '%.100s'", name ? name : "", word ? word : "");
	job->run = run_choices;
	job->kind = (enum kind)kind;
	job->verb = (enum verb)verb;
	job->field = wire_cut_text(message, "field", WIRE_WORD_MAX);
	job->typed = wire_cut_text(message, "typed", WIRE_TEXT_MAX);
	job->field = job->field ? job->field : mem_strdup("");
	job->typed = job->typed ? job->typed : mem_strdup("");
	job->engine = engine_that_does(a, job->kind, verb_info(job->verb)->flags & CREATES ? VERB_CREATE : job->verb);
	return job->engine ? 0 : err_msg(e, ENOSYS, "no engine on this host supports '%s' for %s", word,
	                                         kind_phrase((enum kind)kind));
}

// Whether ID is a workload's, or of another kind that can be inspected.
static bool can_be_read(const char *id)
{
	bool can = id_is_workload(id);

	for (enum kind kind = WORKLOAD_KINDS; kind < KINDS; kind++)
		can |= id_is_complete(id) && id_may_be(id, kind) && verb_suits(VERB_INSPECT, kind);
	return can;
}

static int prepare_read(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "document");
	int document = document_find(name);

	if (document < 0)
		return err_msg(e, ENOSYS, "unknown document '%.100s' (is hostel on this host older?)", name ? name : "");
	job->document = (enum document)document;
	job->run = run_read;
	int r = prepare_workload(a, job, message, e);
	return r < 0 || can_be_read(job->workload) ? r
	                                           : err_msg(e, ENOTSUP, "there are no details of '%s'", job->workload);
}

static int prepare_engine(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "engine");

	for (size_t i = 0; i < a->engine_count; i++)
		if (str_equal(name, a->engines[i].name))
			job->engine = &a->engines[i];
	return job->engine ? 0 : err_msg(e, ENOENT, "unknown engine '%.100s'", name ? name : "");
}

// Refused if the agent lists on its own: a list of another thread could overtake those of its threads.
static int prepare_list(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	job->run = run_list;
	job->kinds = (unsigned)wire_get_int(message, "kinds", 0, UINT32_MAX, UINT32_MAX);
	return a->on_request ? prepare_engine(a, job, message, e)
	                     : err_msg(e, ENOSYS, "this agent does not list on request");
}

// The same for figures, unless no interval is set.
static int prepare_sample(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	job->run = run_sample;
	return a->interval ? err_msg(e, ENOSYS, "this agent does not sample on request")
	                   : prepare_engine(a, job, message, e);
}

static const struct {
	const char *name;
	int (*prepare)(struct agent *a, struct job_item *job, const json_t *message, struct err *e);
} requests[] = {
	{"act", prepare_act},
	{"create", prepare_create},
	{"read", prepare_read},
	{"choices", prepare_choices},
	{"list", prepare_list},
	{"sample", prepare_sample},
};

static int prepare(struct agent *a, struct job_item *job, const json_t *message, struct err *e)
{
	const char *name = wire_get_text(message, "do");

	if (a->job_count >= AGENT_JOBS_MAX)
		return err_msg(e, EBUSY, "too many concurrent requests (at most %d)", AGENT_JOBS_MAX);
	int r = wire_params_read(&job->params, json_object_get(message, "params"), e);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(requests); i++)
		if (str_equal(name, requests[i].name))
			r = requests[i].prepare(a, job, message, e);
	if (r < 0)
		return r;
	if (!job->engine)
		return err_msg(e, ENOSYS, "unknown request '%.100s' (is hostel on this host older?)", name ? name : "");
	if (!agent_engine_is_usable(job->engine))
		return err_msg(e, ENOTCONN, "engine '%s' is not open: %s", job->engine->name, job->engine->failure);
	return 0;
}

void job_request(struct agent *a, const json_t *message)
{
	struct job_item *job = mem_new(sizeof(*job));
	struct err e = {0};

	job->id = wire_get_int(message, "id", 1, INT64_MAX, 0);
	job->deadline = clock_mono() + wire_get_int(message, "deadline", 1, 86400 * INT64_C(1000), 30000) * MS;
	job->document = DOCUMENT_CONFIG;
	job->job = (struct job){.report = report, .note = note, .context = job, .cancelled = &job->cancelled};
	if (prepare(a, job, message, &e) < 0) {
		refuse(a, job->id, &e);
		job_free(job);
		return;
	}
	enqueue(a, job);
}

static void cancel(struct agent *a, struct job_item *job)
{
	atomic_store(&job->cancelled, true);
	job->unwanted = true;
	stop_process(job);
	if (!job->started) // it is answered now, and stays in the queue until its turn
		end_unstarted(a, job, ECANCELED, "cancelled before it started");
}

void job_cancel(struct agent *a, const json_t *message)
{
	int64_t id = wire_get_int(message, "id", 1, INT64_MAX, 0);

	for (struct job_item *job = a->jobs; job; job = job->next)
		if (job->id == id)
			cancel(a, job);
}

static bool waits_too_long(const struct agent_engine *en, int64_t now)
{
	return en->opening && now - en->opening > AGENT_PATIENCE * SECOND;
}

void jobs_check(struct agent *a, int64_t now)
{
	for (struct job_item *job = a->jobs; job; job = job->next)
		if (!job->answered && job->deadline < now) {
			atomic_store(&job->cancelled, true);
			end_unstarted(a, job, ETIMEDOUT, "timed out; it may still complete");
		} else if (!job->answered && waits_too_long(job->engine, now)) {
			auto_free char *text = mem_printf("engine '%s' could not be opened within %d seconds", job->engine->name,
			                                  AGENT_PATIENCE);

			end_unstarted(a, job, ETIMEDOUT, text);
		}
}

void jobs_cancel_all(struct agent *a)
{
	for (size_t i = 0; i < a->engine_count; i++)
		for (struct job_item *job; (job = next_waiting(&a->engines[i]));) {
			unlink_job(a, job);
			job_free(job);
		}
	for (struct job_item *job = a->jobs, *next; job; job = next) {
		next = job->next;
		atomic_store(&job->cancelled, true);
		if (!job->follower)
			continue;
		follower_close(job->follower);
		unlink_job(a, job);
		job_free(job);
	}
}
