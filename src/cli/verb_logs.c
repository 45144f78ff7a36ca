// `hostel logs` of one workload, or of several: then each log is read by its own `hostel logs` process, and the lines
// are merged here.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "sys/proc.h"

// One log being read.
struct source {
	const char *name; // as given by the user
	pid_t pid;
	int fd;           // -1 at its end
	struct str text;
	size_t done;      // bytes of TEXT already shown
	int status;
};

struct sources {
	struct source *items;
	size_t count;
	int width;        // width of the longest name
	bool json, follow, timestamps;
};

// The command line for one workload, with the same options. Merging needs timestamps; with --follow lines are shown as
// they arrive.
static void child_words(struct strv *argv, const struct cli *c, const char *word, bool with_times)
{
	strv_take(argv, proc_find_program("hostel"));
	for (size_t i = 0; i < c->engines.count; i++)
		strv_addf(argv, "--" OPTION_ENGINE "=%s", c->engines.items[i]);
	if (c->read_only)
		strv_add(argv, "--" OPTION_READ_ONLY);
	strv_add(argv, c->info->name);
	if (c->json)
		strv_add(argv, "--" PARAM_JSON);
	verb_add_options(VERB_LOGS, &c->params, argv);
	if (with_times && !cli_has(c, PARAM_TIMESTAMPS))
		strv_add(argv, "--" PARAM_TIMESTAMPS);
	strv_add(argv, "--");
	strv_add(argv, word);
}

static int open_source(struct source *s, const struct cli *c, const char *word, bool with_times, struct err *e)
{
	auto_strv argv = {0};
	int line[2];

	*s = (struct source){.name = word, .fd = -1, .pid = -1};
	child_words(&argv, c, word, with_times);
	if (pipe2(line, O_CLOEXEC) < 0)
		return err_set(e, errno, "cannot create a pipe");
	s->pid = proc_spawn((const char *const *)argv.items, (const int[3]){-1, line[1], line[1]}, -1, false, e);
	close(line[1]);
	s->fd = line[0];
	return s->pid < 0 ? s->pid : 0;
}

static void close_source(struct source *s)
{
	int status = 0;

	auto_close_run(&s->fd); // if it is still writing it gets SIGPIPE
	if (s->pid > 0)
		while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
			;
	s->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_OK;
	str_done(&s->text);
}

static bool take_more(struct source *s)
{
	char buffer[65536];
	ssize_t n = read(s->fd, buffer, sizeof(buffer));

	if (n < 0 && errno == EINTR)
		return true;
	if (n > 0)
		str_add_bytes(&s->text, buffer, (size_t)n);
	if (n <= 0) {
		if (s->text.length && s->text.text[s->text.length - 1] != '\n')
			str_add_char(&s->text, '\n');
		close(s->fd);
		s->fd = -1;
	}
	return n > 0;
}

// The next complete line of S with its newline, and its length; NULL if there is none yet.
static const char *next_line(const struct source *s, size_t *length)
{
	const char *at = str_text(&s->text) + s->done;
	const char *newline = memchr(at, '\n', s->text.length - s->done);

	*length = newline ? (size_t)(newline + 1 - at) : 0;
	return newline ? at : NULL;
}

// The length of "2026-11-24T20:37:15.000000000Z " at the beginning of a line, 0 if it has none.
static size_t stamp_length(const char *line, size_t n)
{
	const char *blank = memchr(line, ' ', n);

	return blank && blank - line >= 20 && blank[-1] == 'Z' && line[4] == '-' && line[10] == 'T'
	           ? (size_t)(blank + 1 - line)
	           : 0;
}

static void show_line(struct str *out, const struct sources *all, struct source *s)
{
	size_t n;
	const char *line = next_line(s, &n);

	s->done += n;
	if (all->json && line[0] == '{') {
		json_t *name = json_string(s->name);
		auto_free char *quoted = json_dumps(name, JSON_ENCODE_ANY);
		json_decref(name);
		str_addf(out, "{\"name\":%s,%.*s", quoted ? quoted : "\"\"", (int)(n - 1), line + 1);
		return;
	}
	size_t skip = all->follow || all->timestamps || all->json ? 0 : stamp_length(line, n);
	str_addf(out, "%-*s | ", all->width, s->name);
	if (isatty(STDOUT_FILENO))
		str_add_log(out, line + skip, n - skip);
	else
		str_add_bytes(out, line + skip, n - skip);
}

// Shows lines as they arrive.
static int show_following(struct sources *all)
{
	auto_free struct pollfd *p = mem_array(all->count + 1, sizeof(*p));

	for (size_t open = all->count; open > 0;) {
		auto_str out = {0};
		size_t n;

		for (size_t i = 0; i < all->count; i++)
			p[i] = (struct pollfd){all->items[i].fd, POLLIN, 0};
		p[all->count] = (struct pollfd){STDOUT_FILENO, 0, 0};
		if (poll(p, all->count + 1, -1) < 0)
			continue;
		if (p[all->count].revents & (POLLERR | POLLHUP)) // the reader is gone
			return EXIT_OK;
		for (size_t i = 0; i < all->count; i++) {
			struct source *s = &all->items[i];
			if (s->fd >= 0 && p[i].revents && !take_more(s))
				open--;
			while (next_line(s, &n))
				show_line(&out, all, s);
		}
		if (out.length && cli_print(&out) != EXIT_OK)
			return EXIT_FAILED;
	}
	return EXIT_OK;
}

// The sort key of a line: its timestamp, which sorts as text. A JSON line begins with it, too.
static int compare(const struct sources *all, const struct source *a, const struct source *b)
{
	size_t n, m, skip = all->json ? strlen("{\"time\":\"") : 0, key = 30;
	const char *x = next_line(a, &n), *y = next_line(b, &m);

	if (n < skip + key || m < skip + key)
		return 0;
	return memcmp(x + skip, y + skip, key);
}

static int show_in_order(struct sources *all)
{
	auto_str out = {0};
	size_t n;

	for (size_t i = 0; i < all->count; i++)
		while (take_more(&all->items[i]))
			;
	for (;;) {
		struct source *first = NULL;
		for (size_t i = 0; i < all->count; i++)
			if (next_line(&all->items[i], &n) && (!first || compare(all, &all->items[i], first) < 0))
				first = &all->items[i];
		if (!first)
			return cli_print(&out);
		show_line(&out, all, first);
	}
}

static int logs_of_several(struct cli *c, int count, char **operands)
{
	struct sources all = {.items = mem_array((size_t)count, sizeof(struct source)),
	                      .json = c->json,
	                      .follow = cli_has(c, PARAM_FOLLOW),
	                      .timestamps = cli_has(c, PARAM_TIMESTAMPS)};
	struct err e = {0};
	int status = EXIT_OK;

	for (; status == EXIT_OK && all.count < (size_t)count; all.count++) {
		int width = (int)strlen(operands[all.count]);
		all.width = width > all.width ? width : all.width;
		if (open_source(&all.items[all.count], c, operands[all.count], !all.follow && !all.json, &e) < 0)
			status = cli_error(&e);
	}
	if (status == EXIT_OK)
		status = all.follow ? show_following(&all) : show_in_order(&all);
	for (size_t i = 0; i < all.count; i++) {
		close_source(&all.items[i]);
		status = status == EXIT_OK ? all.items[i].status : status;
	}
	free(all.items);
	return status;
}

int verb_logs(struct cli *c, int count, char **operands)
{
	if (str_equal(params_get(&c->params, PARAM_TAIL), "all"))
		params_remove(&c->params, PARAM_TAIL);
	if (count > 1)
		return logs_of_several(c, count, operands);
	if (c->json)
		params_set(&c->params, PARAM_JSON, "yes");
	if (isatty(STDOUT_FILENO)) // control characters in a log must not reach the terminal
		params_set(&c->params, PARAM_VISIBLE, "yes");
	return verb_stream(c, count, operands);
}
