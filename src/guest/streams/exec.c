// Runs commands in a guest through its agent (qemu-ga's guest-exec).
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "guest/connection/call.h"
#include "guest/connection/guests.h"
#include "guest/guests.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "sys/write.h"

static size_t decode_base64(const char *text, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	size_t n = 0;

	for (; *text && *text != '='; text++) {
		const char *at = strchr(letters, *text);
		if (!at)
			continue;
		bits = bits << 6 | (unsigned)(at - letters);
		have += 6;
		if (have >= 8)
			out[n++] = (char)(bits >> (have -= 8) & 0xff);
	}
	return n;
}

// Why the agent refused a command. Agents report no error codes, so this is decided by the message.
enum refusal { REFUSAL_OTHER, REFUSAL_DISABLED, REFUSAL_MISSING, REFUSAL_NOT_EXECUTED };

static enum refusal refusal_kind(const char *message)
{
	if (strstr(message, "disabled"))
		return REFUSAL_DISABLED;
	if (!strstr(message, "Failed to execute child process"))
		return REFUSAL_OTHER;
	return strstr(message, "No such file") ? REFUSAL_MISSING : REFUSAL_NOT_EXECUTED;
}

// Sends COMMAND, whose reference it drops. Returns the reply's "return" as a new reference, or NULL.
static json_t *agent_ask(struct call *c, json_t *command, struct err *e)
{
	char *text = json_dumps(command, JSON_COMPACT);
	char *reply = vir.DomainQemuAgentCommand(c->domain, text, 10, 0);
	json_t *answer = reply ? json_loads(reply, 0, NULL) : NULL;
	json_t *value = json_object_get(answer, "return");

	if (!reply) {
		const virError *error = vir.GetLastError();
		enum refusal why = refusal_kind(error && error->message ? error->message : "");
		if (why == REFUSAL_DISABLED)
			guest_error(e, "the guest agent of '%s' does not run commands (guest-exec is disabled in it)",
			            c->name);
		else
			guest_error(e, "cannot run a command in guest '%s'", c->name);
		if (e && (why == REFUSAL_MISSING || why == REFUSAL_NOT_EXECUTED)) {
			e->code = why == REFUSAL_MISSING ? ENOENT : EACCES;
			err_not_executed(e);
		}
	} else if (!value) {
		err_msg(e, EPROTO, "the guest agent of '%s' sent an invalid reply", c->name);
	}
	json_incref(value);
	json_decref(answer);
	json_decref(command);
	free(reply);
	free(text);
	return value;
}

static json_t *exec_command(const struct params *p)
{
	json_t *words = json_array(), *env = json_array();
	const char *value;

	for (size_t i = 1; (value = params_get_nth(p, PARAM_COMMAND, i)); i++)
		json_array_append_new(words, json_string(value));
	for (size_t i = 0; (value = params_get_nth(p, PARAM_ENV, i)); i++)
		json_array_append_new(env, json_string(value));
	json_t *command = json_pack("{s:s, s:{s:s, s:o, s:b}}", "execute", "guest-exec", "arguments", "path",
	                            params_or(p, PARAM_COMMAND, ""), "arg", words, "capture-output", 1);
	if (json_array_size(env))
		json_object_set(json_object_get(command, "arguments"), "env", env);
	json_decref(env);
	return command;
}

static void write_decoded(const json_t *status, const char *name, int fd)
{
	const char *text = json_string_value(json_object_get(status, name));
	auto_free char *bytes = text ? mem_new(strlen(text) + 1) : NULL;

	if (bytes)
		write_all(fd, bytes, decode_base64(text, bytes));
}

// The exit status if the command has exited, -EAGAIN while it runs.
static int exit_status_of(struct call *c, json_t *status, struct err *e)
{
	if (!json_is_true(json_object_get(status, "exited")))
		return -EAGAIN;
	write_decoded(status, "out-data", STDOUT_FILENO);
	write_decoded(status, "err-data", STDERR_FILENO);
	if (json_is_true(json_object_get(status, "out-truncated")))
		return err_msg(e, EFBIG, "the guest agent of '%s' truncated the output", c->name);
	const json_t *signal = json_object_get(status, "signal");
	if (signal)
		return 128 + (int)json_integer_value(signal);
	return (int)json_integer_value(json_object_get(status, "exitcode")) & 0xff;
}

static int wait_for_command(struct call *c, json_int_t pid, struct err *e)
{
	struct timespec pause = {.tv_nsec = 20 * MS};
	int r = -EAGAIN;

	while (r == -EAGAIN) {
		nanosleep(&pause, NULL); // the agent cannot notify us
		pause.tv_nsec = pause.tv_nsec < 500 * MS ? pause.tv_nsec * 2 : pause.tv_nsec;
		json_t *status =
		    agent_ask(c, json_pack("{s:s, s:{s:I}}", "execute", "guest-exec-status", "arguments", "pid", pid), e);
		if (!status)
			return -(e ? e->code : EIO);
		r = exit_status_of(c, status, e);
		json_decref(status);
	}
	return r;
}

static int check_exec(const struct params *p, struct err *e)
{
	static const char *const refused[] = {"user", "cwd"};

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (params_get(p, refused[i]))
			return err_msg(e, EOPNOTSUPP,
			               "the guest agent does not support '%s' (use su or env -C in the command)",
			               refused[i]);
	if (str_equal(params_get(p, PARAM_INTERACTIVE), "yes") && !str_equal(params_get(p, PARAM_TTY), "yes"))
		return err_msg(e, EOPNOTSUPP,
		               "the guest agent does not connect standard input (put the input into the command, or use ssh)");
	if (str_equal(params_get(p, PARAM_TTY), "yes"))
		return err_msg(e, EOPNOTSUPP, "the guest agent does not provide a terminal (use the console, or ssh)");
	return 0;
}

int guests_exec(struct guests *g, const char *uuid, const struct params *p, struct err *e)
{
	struct call c;
	int r = check_exec(p, e);

	r = r < 0 ? r : call_begin(&c, g, uuid, e);
	if (r < 0)
		return r;
	json_t *started = agent_ask(&c, exec_command(p), e);
	const json_t *pid = json_object_get(started, "pid");
	if (!started)
		r = -(e ? e->code : EIO);
	else if (!json_is_integer(pid))
		r = err_msg(e, EPROTO, "the guest agent of '%s' reported no pid", c.name);
	else
		r = wait_for_command(&c, json_integer_value(pid), e);
	json_decref(started);
	call_end(g, &c);
	return r;
}
