// Verbs that print or write information: state, list, ps, events, features, spec.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/units.h"
#include "call.h"
#include "sys/proc.h"
#include "sys/write.h"

int do_state(struct call *c)
{
	struct bunk_state state;
	int r = bunk_state(&c->b, c->argv[0], &state, &c->e);

	if (r == 0) {
		auto_free char *text = bunk_state_json(&state, true);
		puts(text);
	}
	bunk_state_done(&state);
	return r;
}

static int check_format(const char *format, struct err *e)
{
	if (!format || str_equal(format, "table") || str_equal(format, "json"))
		return 0;
	return err_msg(e, EINVAL, "--format: unknown format '%s' (formats: table, json)", format);
}

static void print_table(const struct bunk_state *states, size_t count)
{
	printf("%-24s %-9s %-9s %-32s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
	for (size_t i = 0; i < count; i++) {
		auto_free char *id = str_visible(states[i].id), *created = str_visible(states[i].created),
		               *bundle = str_visible(states[i].bundle);

		printf("%-24s %-9d %-9s %-32s %-32s %u\n", id, states[i].pid, bunk_status_name(states[i].status), bundle,
		       created, states[i].owner);
	}
}

static void print_list(const struct options *o, const struct bunk_state *states, size_t count)
{
	if (!o->quiet && !str_equal(o->format, "json")) {
		print_table(states, count);
		return;
	}
	if (!o->quiet)
		putchar('[');
	for (size_t i = 0; i < count; i++) {
		auto_free char *text = o->quiet ? mem_strdup(states[i].id) : bunk_state_json(&states[i], false);

		printf("%s%s%s", !o->quiet && i ? "," : "", text, o->quiet ? "\n" : "");
	}
	if (!o->quiet)
		puts("]");
}

int do_list(struct call *c)
{
	struct bunk_state *states = NULL;
	size_t count = 0;
	int r = check_format(c->o.format, &c->e);

	if (r == 0)
		r = bunk_list(&c->b, &states, &count, &c->e);
	if (r == 0)
		print_list(&c->o, states, count);
	for (size_t i = 0; i < count; i++)
		bunk_state_done(&states[i]);
	free(states);
	return r;
}

static bool is_one_of(pid_t pid, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

// The column of PID in the heading of ps(1); -1: none.
static int pid_column(const char *heading)
{
	auto_strv words = {0};

	strv_split(&words, heading, " ");
	for (size_t i = 0; i < words.count; i++)
		if (str_equal(words.items[i], "PID"))
			return (int)i;
	return -1;
}

// Prints those lines of ps(1), called with the user's options, that show PIDS.
static int show_table(struct call *c, const pid_t *pids, size_t count)
{
	auto_strv argv = {0}, lines = {0};
	auto_str out = {0};

	strv_add(&argv, "ps");
	for (int i = 1; i < c->argc; i++)
		strv_add(&argv, c->argv[i]);
	if (c->argc < 2)
		strv_add(&argv, "-ef");
	int r = proc_run((const char *const *)argv.items, NULL, &out, 10 * SECOND, &c->e);
	if (r != 0)
		return r == -ENOENT ? err_msg(&c->e, ENOENT, "cannot find 'ps' (install package procps, or use --format json)")
		       : r < 0      ? r
		                    : err_wrap(&c->e, "ps");
	strv_split(&lines, str_text(&out), "\n");
	int column = lines.count ? pid_column(lines.items[0]) : -1;
	if (column < 0)
		return err_msg(&c->e, EINVAL, "ps prints no column PID with these options");
	for (size_t i = 0; i < lines.count; i++) {
		auto_strv words = {0};
		uint64_t pid = 0;

		strv_split(&words, lines.items[i], " ");
		if (i > 0 && ((size_t)column >= words.count || str_to_u64(words.items[column], &pid) < 0 ||
		              !is_one_of((pid_t)pid, pids, count)))
			continue;
		auto_free char *safe = str_visible(lines.items[i]);
		puts(safe);
	}
	return 0;
}

int do_ps(struct call *c)
{
	auto_free pid_t *pids = NULL;
	size_t count = 0;
	int r = check_format(c->o.format, &c->e);

	if (r == 0)
		r = bunk_processes(&c->b, c->argv[0], &pids, &count, &c->e);
	if (r < 0 || !str_equal(c->o.format, "json"))
		return r < 0 ? r : show_table(c, pids, count);
	putchar('[');
	for (size_t i = 0; i < count; i++)
		printf("%s%d", i ? "," : "", pids[i]);
	puts("]");
	return 0;
}

static int show_event(void *context, const char *text)
{
	(void)context;
	puts(text);
	return fflush(stdout) < 0 ? -errno : 0;
}

int do_events(struct call *c)
{
	int64_t interval = INT64_C(5000000000);

	if (c->o.interval && (units_parse_duration(c->o.interval, &interval) < 0 || interval <= 0))
		return err_msg(&c->e, EINVAL, "--interval: invalid duration '%s' (for example 5s)", c->o.interval);
	if (!c->o.stats)
		return bunk_events(&c->b, c->argv[0], interval, show_event, NULL, &c->e);
	auto_free char *text = bunk_stats(&c->b, c->argv[0], &c->e);
	if (!text)
		return -c->e.code;
	puts(text);
	return 0;
}

int do_features(struct call *c)
{
	auto_free char *text = bunk_features();

	(void)c;
	puts(text);
	return 0;
}

int do_spec(struct call *c)
{
	const char *bundle = c->o.bundle ? c->o.bundle : ".";
	auto_free char *text = bunk_spec(c->o.keep);
	auto_free char *path = mem_printf("%s/config.json", bundle);
	auto_close int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_set(&c->e, errno, "cannot create '%s'", path);
	auto_free char *line = mem_printf("%s\n", text);
	int r = write_all(fd, line, strlen(line));
	return r < 0 ? err_set(&c->e, -r, "cannot write '%s'", path) : 0;
}
