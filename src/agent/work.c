// A job's process: executes a request of the agent, keeps its record up to date, and reports to the agent while
// that is running. It outlives the agent, the connection and the dashboard.
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/clock.h"
#include "base/mem.h"
#include "engine/job_file.h"
#include "engine/registry.h"
#include "model/id.h"
#include "model/job.h"
#include "model/param.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "wire/wire.h"

enum {
	REQUEST_MAX = 1 << 20, // bytes
	STEP = 4,              // progress updates per second
	PATIENCE = 5,          // seconds that an agent that does not read can delay the exit of the process
};

struct work {
	char *spec, *where; // of the engine; of the jobs' directory
	enum verb verb;
	enum kind kind;
	char *item; // NULL: one is created
	struct params params;
	struct job_record record;
	int dir;            // of the jobs, negative: none
	bool recorded;      // there is a file
	struct str unsent;  // for the agent
	struct str notes;   // lines of the result
	struct str out;     // the result of a verb that returns a text
	int64_t written, counted; // when the record was written; when the first bytes were counted
};

static atomic_bool stopped;

static void on_term(int number)
{
	(void)number;
	atomic_store(&stopped, true);
}

// --- record and reports

// Writes to the agent, which may be gone or not reading.
static void send_unsent(struct work *w)
{
	ssize_t n = w->unsent.length ? write(STDOUT_FILENO, w->unsent.text, w->unsent.length) : 0;

	if (n > 0) {
		memmove(w->unsent.text, w->unsent.text + n, w->unsent.length - (size_t)n + 1);
		w->unsent.length -= (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		str_clear(&w->unsent);
	}
}

static void send_last(struct work *w)
{
	int64_t until = clock_mono() + PATIENCE * SECOND;

	for (send_unsent(w); w->unsent.length && clock_mono() < until; send_unsent(w))
		poll(&(struct pollfd){STDOUT_FILENO, POLLOUT, 0}, 1, clock_poll_ms(until));
}

static json_t *message_of(const struct work *w)
{
	json_t *message = wire_message("job");

	json_object_set_new(message, "job", job_to_json(&w->record));
	return message;
}

// A failure, for example a full disk, does not stop the job: the next step tries again.
static void write_record(struct work *w)
{
	struct err ignored;

	if (!w->recorded && w->dir >= 0)
		w->recorded = job_add(w->dir, &w->record, &ignored) == 0;
	else if (w->dir >= 0)
		job_write(w->dir, &w->record, &ignored);
}

static void publish(struct work *w)
{
	w->written = clock_mono();
	write_record(w);
	if (!w->unsent.length)
		wire_add(&w->unsent, message_of(w));
	send_unsent(w);
}

static void count_bytes(struct work *w, const struct job_progress *p)
{
	int64_t now = clock_mono();

	w->counted = w->counted ? w->counted : now;
	w->record.done = p->done;
	w->record.total = p->total;
	w->record.speed = now > w->counted ? (double)p->done * SECOND / (double)(now - w->counted) : 0;
}

static void on_report(void *context, const struct job_progress *p)
{
	struct work *w = context;
	bool news = !str_equal(p->text, w->record.phase);

	if (!news && clock_mono() - w->written < SECOND / STEP)
		return;
	free(w->record.phase);
	w->record.phase = mem_strdup(p->text);
	w->record.progress = p->fraction > 0 ? p->fraction * 100 : 0;
	if (p->total)
		count_bytes(w, p);
	publish(w);
}

static void on_note(void *context, const char *text)
{
	struct work *w = context;

	str_addf(&w->notes, "%s%s", w->notes.length ? "\n" : "", text);
}

static void on_makes(void *context, const char *path)
{
	struct work *w = context;

	job_check_left(&w->record); // completed files have been renamed
	strv_add(&w->record.left, path);
	publish(w);
}

static void on_creates(void *context, const char *id)
{
	struct work *w = context;

	strv_add(&w->record.uses, id);
	publish(w);
}

// --- the request

static int read_request(struct work *w, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_input("/dev/stdin", REQUEST_MAX, &text, e);
	json_t *request = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, NULL);
	const char *spec = wire_get_text(request, "engine"), *kind = wire_get_text(request, "kind"),
	           *verb = wire_get_text(request, "verb");
	int r = n < 0 ? (int)n : wire_params_read(&w->params, json_object_get(request, "params"), e);

	w->spec = mem_strdup(spec);
	w->where = mem_strdup(wire_get_text(request, "where"));
	w->record.what = mem_strdup(wire_get_text(request, "what"));
	w->record.command = mem_strdup(wire_get_text(request, "command"));
	w->item = mem_strdup(wire_get_text(request, "item"));
	w->kind = kind && kind_find(kind) >= 0 ? (enum kind)kind_find(kind) : KINDS;
	w->verb = verb && verb_find(verb) >= 0 ? (enum verb)verb_find(verb) : VERBS;
	json_decref(request);
	if (r == 0 && (!w->spec || w->kind == KINDS || w->verb == VERBS))
		return err_msg(e, EINVAL, "jobs are started by hostel itself, for example by 'hostel create'");
	return r < 0 ? r : verb_check_params(w->verb, w->kind, &w->params, e);
}

static void begin_record(struct work *w)
{
	const struct passwd *user = getpwuid(geteuid());

	w->record.kind = KIND_JOB;
	w->record.state = STATE_RUNNING;
	w->record.created = clock_wall();
	w->record.user = mem_strdup(user ? user->pw_name : NULL);
	w->record.phase = mem_strdup("beginning");
	job_set_spec(&w->record, w->spec);
	job_own(&w->record);
}

// --- the work

static int carry_out_request(struct work *w, char **id, struct err *e)
{
	struct job job = {.report = on_report, .note = on_note, .makes = on_makes, .creates = on_creates,
	                  .context = w, .cancelled = &stopped};
	struct engine engine = {0};
	int r = engine_open(&engine, w->spec, false, e);

	job.out = verb_info(w->verb)->result == RESULT_NONE ? NULL : &w->out;
	if (r == 0)
		r = w->item ? engine.ops->act(engine.self, w->item, w->verb, &w->params, &job, e)
		            : engine.ops->create(engine.self, w->kind, &w->params, &job, id, e);
	engine_close(&engine);
	return r;
}

static void end_record(struct work *w, int r, const char *id, const struct err *e)
{
	struct job_record *record = &w->record;

	record->state = r >= 0 ? STATE_DONE : atomic_load(&stopped) ? STATE_CANCELLED : STATE_FAILED;
	record->finished = clock_wall();
	record->speed = 0;
	free(record->phase);
	record->phase = record->state == STATE_FAILED ? mem_strdup(e->text)
	                : w->notes.length              ? mem_strdup(w->notes.text)
	                                               : NULL;
	if (r >= 0)
		record->progress = 100;
	if (r >= 0)
		strv_done(&record->left);
	strv_done(&record->uses); // a failure was undone
	if (id && *id)
		strv_add(&record->uses, id);
	job_check_left(record);
}

// The last line has the answer to the request.
static void send_answer(struct work *w, int r, const char *id, const struct err *e)
{
	auto_str text = {0};
	json_t *message = message_of(w);

	str_add(&text, w->item ? str_text(&w->out) : id ? id : "");
	str_addf(&text, "%s%s", text.length && w->notes.length ? "\n" : "", str_text(&w->notes));
	json_object_set_new(message, "text", wire_text(str_text(&text), text.length, false));
	if (r < 0)
		json_object_set_new(message, "error", wire_error(e));
	json_object_set_new(message, "end", json_true());
	wire_add(&w->unsent, message);
	send_last(w);
}

static int carry_out(struct work *w)
{
	auto_free char *id = NULL;
	struct err e = {0};
	int r = read_request(w, &e);

	if (r == 0) {
		struct err ignored;

		w->dir = jobs_open(w->where, true, &ignored);
		begin_record(w);
		publish(w);
		r = carry_out_request(w, &id, &e);
		end_record(w, r, id, &e);
		write_record(w);
	}
	send_answer(w, r, id, &e);
	return r;
}

static void work_done(struct work *w)
{
	auto_close_run(&w->dir);
	free(w->spec);
	free(w->where);
	free(w->item);
	str_done(&w->out);
	params_done(&w->params);
	str_done(&w->unsent);
	str_done(&w->notes);
	job_done(&w->record);
}

int agent_work(struct err *e)
{
	struct work w = {.dir = -1, .record = {.kind = KIND_JOB}};
	pid_t pid = fork(); // the parent need not wait for it

	if (pid < 0)
		return err_set(e, errno, "cannot start the process of a job");
	if (pid > 0)
		_exit(0);
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_term, .sa_flags = SA_RESTART}, NULL);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	unsetenv("NOTIFY_SOCKET"); // it belongs to the service manager of hostel's caller
	close_range(3, ~0u, 0);
	(void)!chdir("/");
	fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
	int r = carry_out(&w);
	work_done(&w);
	return r < 0 ? r : 0;
}

// --- starting one

// How an image is made: by the verb whose parameter is there.
static const struct {
	enum verb verb;
	const char *from; // its first operand, NULL: none
} images[] = {{VERB_COMMIT, PARAM_CONTAINER}, {VERB_IMPORT, PARAM_SOURCE}, {VERB_PULL, NULL}};

static size_t image_row(const struct params *p)
{
	size_t i = 0;

	while (images[i].from && !params_get(p, images[i].from))
		i++;
	return i;
}

static char *describe_image(const struct params *p)
{
	size_t i = image_row(p);

	return mem_printf("%s %s", verb_info(images[i].verb)->name,
	                  params_or(p, images[i].from ? images[i].from : PARAM_IMAGE, "an image"));
}

// Appends the words of the command line that makes an image.
static void add_image_words(const struct params *p, struct strv *words)
{
	size_t i = image_row(p);

	strv_add(words, verb_info(images[i].verb)->name);
	verb_add_options(images[i].from ? images[i].verb : VERB_CREATE, p, words);
	if (images[i].from)
		strv_add(words, params_get(p, images[i].from));
	strv_add(words, params_or(p, PARAM_IMAGE, ""));
}

// The item that a verb is done to, in words.
static const char *subject_of(const struct work_request *request)
{
	static const char *const names[] = {PARAM_REFERENCE, PARAM_OUTPUT, PARAM_INPUT};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (*params_or(request->params, names[i], ""))
			return params_get(request->params, names[i]);
	return id_key(request->item);
}

static char *describe(const struct work_request *request)
{
	const struct params *p = request->params;
	enum kind kind = request->kind;
	const char *name = params_or(p, PARAM_NAME, NULL);

	if (request->item)
		return mem_printf("%s %s", verb_info(request->verb)->name, subject_of(request));
	if (kind == KIND_IMAGE)
		return describe_image(p);
	if (str_equal(params_get(p, PARAM_UNPACK), "yes"))
		return mem_printf("unpack %s", params_or(p, PARAM_IMAGE, "an image"));
	return name ? mem_printf("create %s '%s'", kind_name(kind), name)
	            : mem_printf("create %s from %s", kind_phrase(kind), params_or(p, PARAM_IMAGE, "nothing"));
}

static void add_item_words(const struct work_request *request, struct strv *words)
{
	strv_add(words, kind_name(request->kind));
	strv_add(words, verb_info(request->verb)->name);
	verb_add_options(request->verb, request->params, words);
	if (!(verb_info(request->verb)->flags & OF_KIND))
		strv_add(words, subject_of(request));
	verb_add_operands(request->verb, request->params, words);
}

static char *command_line(const struct work_request *request)
{
	const struct params *p = request->params;
	enum kind kind = request->kind;
	auto_strv words = {0};
	auto_str line = {0};

	str_add(&line, "hostel");
	if (request->item) {
		add_item_words(request, &words);
	} else if (kind == KIND_IMAGE) {
		add_image_words(p, &words);
	} else {
		strv_add(&words, verb_info(VERB_CREATE)->name);
		strv_add(&words, kind_name(kind));
		verb_add_options(VERB_CREATE, p, &words);
		verb_add_operands(VERB_CREATE, p, &words);
	}
	for (size_t i = 0; i < words.count; i++) {
		str_add_char(&line, ' ');
		str_add_quoted(&line, words.items[i]);
	}
	return str_steal(&line);
}

// In a memory file: a pipe could be full.
static int request_file(const struct engine *engine, const char *where, const struct work_request *asked,
                        struct err *e)
{
	auto_free char *what = describe(asked), *command = command_line(asked);
	auto_close int fd = memfd_create("request", MFD_CLOEXEC);
	json_t *request = json_object();

	wire_set_text(request, "engine", engine->spec);
	wire_set_text(request, "where", where);
	wire_set_text(request, "verb", verb_info(asked->verb)->name);
	wire_set_text(request, "kind", kind_name(asked->kind));
	wire_set_text(request, "item", asked->item);
	wire_set_text(request, "what", what);
	wire_set_text(request, "command", command);
	json_object_set_new(request, "params", wire_params(asked->params));
	int r = fd < 0 ? -1 : json_dumpfd(request, fd, 0);
	json_decref(request);
	return r < 0 || lseek(fd, 0, SEEK_SET) < 0 ? err_set(e, errno, "cannot write the request of a job")
	                                           : steal_fd(&fd);
}

// The running executable, even if the file has been replaced by a newer one.
static char *own_program(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n < 0 ? 0 : n] = '\0';
	return mem_strdup(n > 0 && access(path, X_OK) == 0 ? path : "/proc/self/exe");
}

int work_start(const struct engine *engine, const char *where, const struct work_request *request, struct err *e)
{
	auto_free char *program = own_program();
	const char *const argv[] = {program, verb_info(VERB_WORK)->name, NULL};
	auto_close int input = request_file(engine, where, request, e);
	int line[2];

	if (input < 0)
		return input;
	if (pipe2(line, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe to the process of a job");
	pid_t pid = proc_spawn(argv, (const int[3]){input, line[1], -1}, -1, true, e);
	close(line[1]);
	if (pid < 0) {
		close(line[0]);
		return pid;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return line[0];
}
