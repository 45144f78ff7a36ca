// `hostel cp` and `hostel export`: a stream of tar(5) between a container and this host. A file or directory of this
// host is at one end of a pipe; another `hostel cp` at its other end accesses the container, here or on another host.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "engine/copy.h"
#include "model/id.h"
#include "stream.h"
#include "sys/proc.h"

static const char standard[] = "-";

// Splits "NAME:PATH". A path of this host that has a colon begins with '/' or '.'.
static bool split_place(const char *word, char **name, const char **path)
{
	const char *colon = strchr(word, ':'), *slash = strchr(word, '/');
	bool inside = colon && colon > word && word[0] != '.' && (!slash || slash > colon);

	*name = inside ? mem_strndup(word, (size_t)(colon - word)) : NULL;
	*path = inside ? colon[1] ? colon + 1 : "/" : NULL;
	return inside;
}

struct copy {
	char *name;         // of the container
	const char *inside; // path in it
	char *container;    // the operand "NAME:PATH"
	char *other;        // the other operand
	bool out;           // from the container
};

static int read_operands(struct copy *copy, char **operands)
{
	char *names[2] = {NULL, NULL};
	const char *paths[2];
	bool from = split_place(operands[0], &names[0], &paths[0]), to = split_place(operands[1], &names[1], &paths[1]);

	*copy = (struct copy){from ? names[0] : names[1], from ? paths[0] : paths[1], operands[from ? 0 : 1],
	                      operands[from ? 1 : 0], from};
	if (from && to)
		free(names[1]);
	if (from && to)
		return cli_fail(EXIT_USAGE, "cannot copy from one container to another (hostel cp %s - | hostel cp - %s)",
		                operands[0], operands[1]);
	return from || to ? EXIT_OK
	                  : cli_fail(EXIT_USAGE, "neither '%s' nor '%s' is in a container (NAME:PATH)", operands[0],
	                             operands[1]);
}

// --- the container's end ---

static int refuse_terminal(int fd)
{
	if (!isatty(fd))
		return EXIT_OK;
	return fd == STDOUT_FILENO
	           ? cli_fail(EXIT_USAGE, "standard output is a terminal: redirect it (hostel … >FILE.tar)")
	           : cli_fail(EXIT_USAGE, "standard input is a terminal: redirect it (hostel … <FILE.tar)");
}

static int connect_stream(struct cli *c, char *name, enum stream stream)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = client_find_one(c, &s, name, &id);

	client_close(s);
	if (status == EXIT_OK && stream_connect(c, id, stream, &c->params, &e) < 0)
		status = e.code == EPIPE ? EXIT_FAILED : cli_error(&e); // the reader has reported why
	return status;
}

static int copy_stream(struct cli *c, const struct copy *copy, char **operands)
{
	int status = refuse_terminal(copy->out ? STDOUT_FILENO : STDIN_FILENO);

	if (status != EXIT_OK)
		return status;
	if (c->host)
		return cli_run_there(c, 2, operands);
	params_set(&c->params, copy->out ? PARAM_FROM : PARAM_TO, copy->inside);
	return connect_stream(c, copy->name, STREAM_COPY);
}

// --- this host's end ---

static void own_words(struct strv *argv, const struct cli *c)
{
	strv_take(argv, proc_find_program("hostel"));
	if (c->host) {
		strv_add(argv, "--" OPTION_HOST);
		strv_add(argv, c->host);
	}
	for (size_t i = 0; i < c->engines.count; i++)
		strv_addf(argv, "--" OPTION_ENGINE "=%s", c->engines.items[i]);
	if (c->read_only)
		strv_add(argv, "--" OPTION_READ_ONLY);
	strv_add(argv, c->info->name);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_FAILED;
}

// The other process reports its own errors.
static int copy_by_pipe(const struct cli *c, const struct copy *copy, const struct strv *argv)
{
	struct err e = {0};
	int line[2];

	if (pipe2(line, O_CLOEXEC) < 0)
		return cli_fail(EXIT_FAILED, "cannot create a pipe: %s", strerror(errno));
	const int fds[3] = {copy->out ? -1 : line[0], copy->out ? line[1] : -1, STDERR_FILENO};
	pid_t pid = proc_spawn((const char *const *)argv->items, fds, -1, false, &e);
	close(line[copy->out ? 1 : 0]);
	int own = line[copy->out ? 0 : 1];
	int r = pid < 0     ? pid
	        : copy->out ? engine_copy_unpack(own, copy->other, cli_has(c, PARAM_ARCHIVE), &e)
	                    : engine_copy_pack(copy->other, cli_has(c, PARAM_FOLLOW_LINK), own, &e);
	if (r < 0 && r != -EPIPE && pid > 0) // it must not take a truncated archive for a complete one
		kill(pid, SIGKILL);
	close(own);
	int status = pid < 0 ? EXIT_FAILED : wait_for(pid);
	return r < 0 && r != -EPIPE && (status == EXIT_OK || e.code != EBADMSG) ? cli_error(&e)
	       : r < 0                                                          ? EXIT_FAILED
	                                                                        : status;
}

static int copy_file(const struct cli *c, const struct copy *copy)
{
	auto_strv argv = {0};

	own_words(&argv, c);
	if (copy->out && cli_has(c, PARAM_FOLLOW_LINK))
		strv_add(&argv, "--" PARAM_FOLLOW_LINK);
	if (!copy->out && cli_has(c, PARAM_ARCHIVE))
		strv_add(&argv, "--" PARAM_ARCHIVE);
	if (!copy->out)
		strv_add(&argv, "--" PARAM_PLACE);
	strv_add(&argv, "--");
	strv_add(&argv, copy->out ? copy->container : standard);
	strv_add(&argv, copy->out ? standard : copy->container);
	return copy_by_pipe(c, copy, &argv);
}

int verb_copy(struct cli *c, int count, char **operands)
{
	struct copy copy;
	int status = read_operands(&copy, operands);

	(void)count;
	if (status == EXIT_OK && !copy.out && c->read_only)
		status = cli_refuse(c);
	if (status == EXIT_OK)
		status = str_equal(copy.other, standard) ? copy_stream(c, &copy, operands) : copy_file(c, &copy);
	free(copy.name);
	return status;
}

// --- export ---

// Into a file that replaces FILE once it is complete.
static int export_into(const struct cli *c, const char *file, char *name)
{
	auto_free char *part = mem_printf("%s.part.%ld", file, (long)getpid());
	auto_close int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	auto_strv argv = {0};
	struct err e = {0};

	if (fd < 0)
		return cli_fail(EXIT_FAILED, "cannot create '%s': %s", part, strerror(errno));
	own_words(&argv, c);
	strv_add(&argv, "--");
	strv_add(&argv, name);
	pid_t pid = proc_spawn((const char *const *)argv.items, (const int[3]){-1, fd, STDERR_FILENO}, -1, false, &e);
	int status = pid < 0 ? cli_error(&e) : wait_for(pid);
	if (status == EXIT_OK && rename(part, file) < 0)
		status = cli_fail(EXIT_FAILED, "cannot create '%s': %s", file, strerror(errno));
	if (status != EXIT_OK)
		unlink(part);
	return status;
}

// The stream of the verb of C, which writes an archive: export of a container, backup of a volume.
int verb_export(struct cli *c, int count, char **operands)
{
	const char *file = params_get(&c->params, PARAM_OUTPUT);

	(void)count;
	if (file && !str_equal(file, standard))
		return export_into(c, file, operands[0]);
	int status = refuse_terminal(STDOUT_FILENO);
	if (status != EXIT_OK)
		return status;
	return c->host                     ? cli_run_there(c, 1, operands)
	       : c->verb == VERB_BACKUP ? connect_stream(c, operands[0], STREAM_BACKUP)
	                                   : connect_stream(c, operands[0], STREAM_EXPORT);
}

// --- restore ---

// FILE becomes standard input, here and for ssh.
static int read_from(struct cli *c, const char *file)
{
	auto_close int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		return cli_fail(EXIT_FAILED, "cannot read '%s': %s", file, strerror(errno));
	params_set(&c->params, PARAM_INPUT, standard);
	return EXIT_OK;
}

// The volume need not exist.
static int restore_here(struct cli *c, const char *name)
{
	struct engine engine = {0};
	struct err e = {0};
	int r = stream_engine_named(&engine, c, KIND_VOLUME, name, &e);
	auto_free char *id = r < 0 ? NULL : id_make(engine.ops->name, KIND_VOLUME, name);

	r = r < 0 ? r : engine.ops->stream(engine.self, id, STREAM_RESTORE, &c->params, &e);
	engine_close(&engine);
	return r < 0 ? cli_error(&e) : EXIT_OK;
}

static int restore_there(const struct cli *c, char *name)
{
	auto_strv argv = {0};
	struct err e = {0};

	own_words(&argv, c);
	if (cli_has(c, PARAM_FORCE))
		strv_add(&argv, "--" PARAM_FORCE);
	strv_add(&argv, "--");
	strv_add(&argv, name);
	const int fds[3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	pid_t pid = proc_spawn((const char *const *)argv.items, fds, -1, false, &e);
	return pid < 0 ? cli_error(&e) : wait_for(pid);
}

int verb_restore(struct cli *c, int count, char **operands)
{
	const char *file = params_get(&c->params, PARAM_INPUT);
	bool named = file && !str_equal(file, standard);
	int status = named ? read_from(c, file) : refuse_terminal(STDIN_FILENO);

	(void)count;
	if (status != EXIT_OK)
		return status;
	return !c->host ? restore_here(c, operands[0])
	       : named  ? restore_there(c, operands[0]) // without the option, which is a file of this host
	                : cli_run_there(c, 1, operands);
}
