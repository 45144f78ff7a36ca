// Terminal streams of the fake engine: logs, exec, and attaching to a first process that echoes its input.
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/param.h"
#include "fake_state.h"
#include "sys/write.h"

// Waits for the row to stop, at most until DEADLINE. Called with the lock held. Returns whether it is still running.
static bool wait_for_end(struct fake *f, struct fake_row *row, int64_t deadline)
{
	for (;;) {
		int64_t now = fake_now(f);

		fake_row_update(row, now);
		if (row->gone || !fake_row_exists(row) || f->woken)
			return false;
		if (clock_mono() >= deadline)
			return true;
		int64_t next = fake_row_next(row, now);
		fake_wait_until(f, next < deadline && !f->step ? next : deadline);
	}
}

static void log_of_program(const struct fake_row *row, struct str *out)
{
	auto_strv words = {0};

	strv_split(&words, row->command ? row->command : "", " ");
	fake_program_run((const char *const *)words.items, words.count, out, true);
}

static bool nobody_reads(void)
{
	struct pollfd p = {STDOUT_FILENO, 0, 0};

	return poll(&p, 1, 0) > 0 && p.revents & (POLLERR | POLLHUP);
}

static int stream_logs(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	int64_t tail = INT64_MAX, done = fake_log_length(f, row), from = 0;
	bool stamps = params_get(p, PARAM_TIMESTAMPS),
	     runs = params_get(p, PARAM_FOLLOW) || params_get(p, PARAM_FOREGROUND),
	     scripted = row->role->name[0] != 'm' || row->started == 0;
	auto_str text = {0};
	int r = 0;

	if (params_get(p, PARAM_TAIL) && str_to_i64(params_get(p, PARAM_TAIL), &tail) < 0)
		return err_msg(e, EINVAL, "invalid number of lines '%s' (for example 10)", params_get(p, PARAM_TAIL));
	from = tail < done ? done - tail : 0;
	if (!scripted)
		log_of_program(row, &text);
	for (;;) {
		if (scripted)
			fake_row_log(row, &text, from, done, f->wall, stamps);
		pthread_mutex_unlock(&f->lock);
		r = write_output(STDOUT_FILENO, text.text, text.length, e);
		pthread_mutex_lock(&f->lock);
		str_clear(&text);
		if (r < 0 || !runs || nobody_reads())
			return r;
		from = done;
		runs = wait_for_end(f, row, clock_mono() + SECOND);
		done = fake_log_length(f, row);
	}
}

// Prints a greeting and echoes the input, until it ends or "exit" is entered.
static int stream_talk(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	auto_str text = {0};
	char line[512];

	(void)p;
	if (!fake_row_exists(row))
		return err_msg(e, EINVAL, "cannot connect to '%s': it is not running", row->name);
	str_addf(&text, "%s is simulated: it echoes what you type; 'exit' leaves.\r\n", row->name);
	pthread_mutex_unlock(&f->lock);
	int r = write_output(STDOUT_FILENO, text.text, text.length, e);
	for (ssize_t n; r == 0 && (n = read(STDIN_FILENO, line, sizeof(line))) > 0;) {
		str_clear(&text);
		str_add_bytes(&text, line, (size_t)n);
		r = write_output(STDOUT_FILENO, text.text, text.length, e);
		if (memchr(line, 0x1d, (size_t)n) || (n >= 4 && strncmp(line, "exit", 4) == 0))
			break;
	}
	pthread_mutex_lock(&f->lock);
	return r;
}

// `run` without a terminal: prints the output and returns the exit status.
static int stream_attach(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	if (!params_get(p, PARAM_FOREGROUND) || str_equal(params_get(p, PARAM_TTY), "yes"))
		return stream_talk(f, row, p, e);
	int r = stream_logs(f, row, p, e);
	return r < 0 || row->exit_code < 0 ? r : row->exit_code;
}

static int stream_exec(struct fake *f, struct fake_row *row, const struct params *p, struct err *e)
{
	auto_strv words = {0};
	auto_str out = {0};
	const char *word;

	if (!fake_row_runs(row))
		return err_msg(e, EINVAL, "cannot run a command in '%s': it is not running", row->name);
	if (row->role->kind == KIND_GUEST && str_equal(params_get(p, PARAM_TTY), "yes"))
		return err_msg(e, EOPNOTSUPP, "the guest agent does not provide a terminal (use the console)");
	for (size_t i = 0; (word = params_get_nth(p, PARAM_COMMAND, i)); i++)
		strv_add(&words, word);
	// a shell on a terminal is interactive, unless its command ends in something else
	if (words.count && str_ends(words.items[0], "sh") && str_equal(params_get(p, PARAM_TTY), "yes") &&
	    str_ends(words.items[words.count - 1], "sh"))
		return stream_talk(f, row, p, e);
	if (words.count == 3 && str_ends(words.items[0], "sh") && str_equal(words.items[1], "-c")) {
		auto_free char *line = mem_strdup(words.items[2]);

		strv_done(&words);
		strv_split(&words, line, " ");
	}
	struct fake_program program = fake_program_run((const char *const *)words.items, words.count, &out, false);
	if (program.status == 127 && words.count)
		str_addf(&out, "%s: not found in this simulation (it knows echo, exit, sleep, true, false)\n", words.items[0]);
	if (program.seconds > 0)
		wait_for_end(f, row, clock_mono() + (int64_t)(program.seconds * SECOND));
	int r = write_output(STDOUT_FILENO, out.text, out.length, e);
	return r < 0 ? r : program.status;
}

int fake_stream(void *self, const char *id, enum stream stream, const struct params *p, struct err *e)
{
	static int (*const streams[STREAMS])(struct fake * f, struct fake_row * row, const struct params *p,
	                                     struct err *e) = {
	    [STREAM_LOGS] = stream_logs,
	    [STREAM_ATTACH] = stream_attach,
	    [STREAM_EXEC] = stream_exec,
	    [STREAM_CONSOLE] = stream_talk,
	};
	static const struct params none;
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	int r = fake_reach(f, e);
	f->steps = f->past ? f->past : f->steps; // in a process of its own, which takes no samples
	struct fake_row *row = r == 0 ? fake_find(f, id, e) : NULL;
	if (r == 0)
		r = !row             ? -ENOENT
		    : streams[stream] ? streams[stream](f, row, p ? p : &none, e)
		                      : err_msg(e, ENOTSUP, "'%s' is simulated: it has no files", id);
	pthread_mutex_unlock(&f->lock);
	return r;
}

int fake_await_exit(void *self, const char *id, struct err *e)
{
	struct fake *f = self;

	pthread_mutex_lock(&f->lock);
	struct fake_row *row = fake_find(f, id, e);
	int r = row ? 0 : -ENOENT;
	if (row && wait_for_end(f, row, INT64_MAX))
		r = -EINTR;
	else if (row)
		r = row->exit_code < 0 ? 0 : row->exit_code;
	pthread_mutex_unlock(&f->lock);
	return r;
}
