// The program bunk: the command line of an OCI runtime over libbunk. Verbs and options are tables; what they do is in bunk/bunk.h.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opts.h"
#include "base/str.h"
#include "base/units.h"
#include "bunk-limits.h"
#include "bunk-options.h"
#include "bunk/bunk.h"
#include "config.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/signal_name.h"
#include "sys/write.h"

enum { EXIT_USAGE = 2, FILE_LIMIT = 16 << 20 };

struct call {
	struct bunk b;
	struct options o;
	int argc;    // operands
	char **argv;
	char **all;  // the whole command line, to execute again
	struct err e;
	bool interrupted; // by a signal that is still pending
};

// A pipe without a reader is an error, not a wait.
static int open_log(const struct options *o)
{
	return o->log ? open(o->log, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644) : -1;
}

static int check_log(const struct options *o, struct err *e)
{
	if (o->log_format && !str_equal(o->log_format, "json") && !str_equal(o->log_format, "text"))
		return err_msg(e, EINVAL, "--log-format: unknown format '%s' (formats: text, json)", o->log_format);
	auto_close int fd = open_log(o);

	return o->log && fd < 0 ? err_set(e, errno, "--log: cannot open '%s'", o->log) : 0;
}

static bool is_debugging(const struct options *o)
{
	return o->debug || str_equal(o->log_level, "debug");
}

// Where lines of the log go: without a file, those of --debug to standard error.
static int log_descriptor(const struct options *o)
{
	if (o->log_fd > 0)
		return fcntl(o->log_fd, F_DUPFD_CLOEXEC, 3);
	return o->log || !is_debugging(o) ? open_log(o) : fcntl(2, F_DUPFD_CLOEXEC, 3);
}

// A line of the log file, as engines read it.
static void log_line(const struct options *o, const char *level, const char *text)
{
	auto_close int fd = log_descriptor(o);
	char stamp[DATE_TEXT];

	if (fd < 0)
		return;
	date_utc(stamp, clock_wall());
	auto_free char *safe = str_visible(text);
	json_t *object = json_pack("{s:s, s:s, s:s}", "level", level, "msg", safe, "time", stamp);
	auto_free char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
	auto_free char *line = str_equal(o->log_format, "json") && json ? mem_printf("%s\n", json)
									: mem_printf("time=\"%s\" level=%s msg=\"%s\"\n", stamp, level, safe);
	json_decref(object);
	(void)!write(fd, line, strlen(line));
}

static void warn(void *context, const char *text)
{
	const struct options *o = context;

	if (o->debug || !o->log_level || !str_equal(o->log_level, "error"))
		log_line(o, "warning", text);
}

static void debug(void *context, const char *text)
{
	log_line(context, "debug", text);
}

static void debug_status(struct call *c, const char *verb, int status)
{
	auto_free char *text = c->b.debug ? mem_printf("%s: exit status %d", verb, status) : NULL;

	if (text)
		debug(&c->o, text);
}

// How many sockets a service manager has handed over: those are the container's (sd_listen_fds(3)). What is meant for another process is not.
static int64_t listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t number, fds;

	if (!pid || !count || str_to_u64(pid, &number) < 0 || number != (uint64_t)getpid() || str_to_u64(count, &fds) < 0)
		return 0;
	return fds <= INT16_MAX ? (int64_t)fds : 0;
}

static struct bunk_create create_of(const struct call *c)
{
	const struct options *o = &c->o;
	int64_t sockets = listen_fds();

	return (struct bunk_create){.id = c->argv[0], .bundle = o->bundle, .config = o->config, .console_socket = o->console_socket,
				    .pid_file = o->pid_file, .pidfd_socket = o->pidfd_socket, .preserve_fds = sockets + o->preserve_fds, .listen_fds = sockets,
				    .listen_names = getenv("LISTEN_FDNAMES"), .no_pivot = o->no_pivot, .no_new_keyring = o->no_new_keyring, .detach = o->detach, .keep = o->keep};
}

// Before a verb that starts processes.
static int prepare(struct call *c)
{
	proc_note_ignored_signals();
	return bunk_guard_self(c->all, &c->e);
}

static int do_create(struct call *c)
{
	struct bunk_create options = create_of(c);
	int r = prepare(c);

	return r < 0 ? r : bunk_create(&c->b, &options, &c->e);
}

static int do_run(struct call *c)
{
	struct bunk_create options = create_of(c);
	int r = prepare(c);

	return r < 0 ? r : bunk_run(&c->b, &options, &c->e);
}

static int do_start(struct call *c)
{
	return bunk_start(&c->b, c->argv[0], &c->e);
}

static int do_state(struct call *c)
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

static int do_kill(struct call *c)
{
	const char *name = c->o.signal ? c->o.signal : c->argc > 1 ? c->argv[1] : "TERM";
	int signal = signal_number(name, &c->e);

	return signal < 0 ? signal : bunk_kill(&c->b, c->argv[0], signal, c->o.all, &c->e);
}

static int do_delete(struct call *c)
{
	return bunk_delete(&c->b, c->argv[0], c->o.force, &c->e);
}

// For a verb that enters the container, where the file's name would mean another: above the numbers that --preserve-fds is about.
static void keep_log(struct options *o)
{
	auto_close int fd = open_log(o);

	o->log_fd = fd < 0 || o->preserve_fds < 0 || o->preserve_fds > 1000 ? 0 : fcntl(fd, F_DUPFD_CLOEXEC, (int)(3 + o->preserve_fds));
}

static int do_exec(struct call *c)
{
	const struct options *o = &c->o;
	struct bunk_exec x = {.id = c->argv[0], .process = o->process, .args = c->argc > 1 ? c->argv + 1 : NULL, .cwd = o->cwd, .user = o->user,
			      .env = o->env, .caps = o->caps, .groups = o->groups, .console_socket = o->console_socket, .pid_file = o->pid_file,
			      .pidfd_socket = o->pidfd_socket, .apparmor = o->apparmor, .label = o->label, .cgroup = o->cgroup, .preserve_fds = o->preserve_fds, .tty = o->tty,
			      .detach = o->detach, .no_new_privs = o->no_new_privs, .ignore_paused = o->ignore_paused};
	int r = prepare(c);

	if (r < 0)
		return r;
	keep_log(&c->o);
	return bunk_exec(&c->b, &x, &c->e);
}

static int do_pause(struct call *c)
{
	return bunk_pause(&c->b, c->argv[0], &c->e);
}

static int do_resume(struct call *c)
{
	return bunk_resume(&c->b, c->argv[0], &c->e);
}

static int check_format(const char *format, struct err *e)
{
	if (!format || str_equal(format, "table") || str_equal(format, "json"))
		return 0;
	return err_msg(e, EINVAL, "--format: '%s' is not table or json", format);
}

static void print_table(const struct bunk_state *states, size_t count)
{
	printf("%-24s %-9s %-9s %-32s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
	for (size_t i = 0; i < count; i++) {
		auto_free char *id = str_visible(states[i].id), *created = str_visible(states[i].created), *bundle = str_visible(states[i].bundle);

		printf("%-24s %-9d %-9s %-32s %-32s %u\n", id, states[i].pid, bunk_status_name(states[i].status), bundle, created, states[i].owner);
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

static int do_list(struct call *c)
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

// Which word of a line of ps(1) is under the heading PID; -1: none.
static int pid_column(const char *heading)
{
	auto_strv words = {0};

	strv_split(&words, heading, " ");
	for (size_t i = 0; i < words.count; i++)
		if (str_equal(words.items[i], "PID"))
			return (int)i;
	return -1;
}

// The lines of ps(1), called as the user wants it, that are about PIDS.
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
		return r == -ENOENT ? err_msg(&c->e, ENOENT, "the program 'ps' is needed (package procps), or --format json") : r < 0 ? r : err_wrap(&c->e, "ps");
	strv_split(&lines, str_text(&out), "\n");
	int column = lines.count ? pid_column(lines.items[0]) : -1;
	if (column < 0)
		return err_msg(&c->e, EINVAL, "ps shows no column PID with these options");
	for (size_t i = 0; i < lines.count; i++) {
		auto_strv words = {0};
		uint64_t pid = 0;

		strv_split(&words, lines.items[i], " ");
		if (i > 0 && ((size_t)column >= words.count || str_to_u64(words.items[column], &pid) < 0 || !is_one_of((pid_t)pid, pids, count)))
			continue;
		auto_free char *safe = str_visible(lines.items[i]);
		puts(safe);
	}
	return 0;
}

static int do_ps(struct call *c)
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

static char *read_input(void)
{
	struct str text = {0};
	char buffer[4096];
	ssize_t n;

	while (text.length < FILE_LIMIT && (n = read(0, buffer, sizeof(buffer))) > 0)
		str_add_bytes(&text, buffer, (size_t)n);
	return str_steal(&text);
}

static int do_update(struct call *c)
{
	auto_free char *text = NULL;
	const char *file = c->o.resources, *l3 = c->o.l3_schema, *bandwidth = c->o.bandwidth_schema;
	int r = 0;

	if (file && c->o.limits.count)
		return err_msg(&c->e, EINVAL, "--resources and options for single limits do not go together");
	if (!file && !c->o.limits.count && !l3 && !bandwidth)
		return err_msg(&c->e, EINVAL, "no limit is given to change (see bunk update --help)");
	if (l3 || bandwidth)
		r = bunk_update_rdt(&c->b, c->argv[0], l3, bandwidth, &c->e);
	if (r < 0 || (!file && !c->o.limits.count))
		return r;
	if (!file)
		r = limits_text(&c->o.limits, &text, &c->e);
	else if (str_equal(file, "-"))
		text = read_input();
	else
		r = (int)fs_read_file(AT_FDCWD, file, FILE_LIMIT, &text, &c->e);
	return r < 0 ? r : bunk_update(&c->b, c->argv[0], text, &c->e);
}

static int show_event(void *context, const char *text)
{
	(void)context;
	puts(text);
	return fflush(stdout) < 0 ? -errno : 0;
}

static int do_events(struct call *c)
{
	int64_t interval = INT64_C(5000000000);

	if (c->o.interval && (units_parse_duration(c->o.interval, &interval) < 0 || interval <= 0))
		return err_msg(&c->e, EINVAL, "--interval: '%s' is not a time as 5s", c->o.interval);
	if (!c->o.stats)
		return bunk_events(&c->b, c->argv[0], interval, show_event, NULL, &c->e);
	auto_free char *text = bunk_stats(&c->b, c->argv[0], &c->e);
	if (!text)
		return -c->e.code;
	puts(text);
	return 0;
}

// Lazy pages are served by a further program that would have to outlive this one and whose death is the container's: nobody would look after it.
static int images_of(const struct options *o, struct bunk_images *images, struct err *e)
{
	*images = (struct bunk_images){.path = o->image_path, .work = o->work_path, .cgroups_mode = o->cgroups_mode, .empty_ns = o->empty_ns,
				       .tcp_established = o->tcp_established, .ext_unix_sk = o->ext_unix_sk, .shell_job = o->shell_job,
				       .file_locks = o->file_locks, .auto_dedup = o->auto_dedup};
	if (o->timeout && units_parse_duration(o->timeout, &images->timeout) < 0)
		return err_msg(e, EINVAL, "--timeout: invalid time '%s' (for example 30s or 5m)", o->timeout);
	if (o->timeout && images->timeout <= 0)
		images->timeout = -1;
	if (o->lazy_pages || o->status_fd)
		return err_msg(e, EOPNOTSUPP, "--%s: memory is always saved and brought back whole", o->lazy_pages ? "lazy-pages" : "status-fd");
	return 0;
}

static int do_checkpoint(struct call *c)
{
	const struct options *o = &c->o;
	struct bunk_checkpoint x = {.id = c->argv[0], .parent = o->parent_path, .page_server = o->page_server, .leave_running = o->leave_running,
				    .pre_dump = o->pre_dump};
	int r = images_of(o, &x.images, &c->e);

	if (r == 0)
		r = bunk_checkpoint(&c->b, &x, &c->e);
	c->interrupted = r == -EINTR;
	return r;
}

static int do_restore(struct call *c)
{
	struct bunk_restore x = {.create = create_of(c), .lsm_profile = c->o.lsm_profile, .lsm_mount_context = c->o.lsm_mount_context};
	int r = images_of(&c->o, &x.images, &c->e);

	if (r == 0)
		r = prepare(c);
	if (r == 0)
		r = bunk_restore(&c->b, &x, &c->e);
	c->interrupted = r == -EINTR;
	return r;
}

static int do_features(struct call *c)
{
	auto_free char *text = bunk_features();

	(void)c;
	puts(text);
	return 0;
}

static int do_spec(struct call *c)
{
	const char *folder = c->o.bundle ? c->o.bundle : ".";
	auto_free char *text = bunk_spec(c->o.keep);
	auto_free char *path = mem_printf("%s/config.json", folder);
	auto_close int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_set(&c->e, errno, "cannot make '%s'", path);
	auto_free char *line = mem_printf("%s\n", text);
	int r = write_all(fd, line, strlen(line));
	return r < 0 ? err_set(&c->e, -r, "cannot write '%s'", path) : 0;
}

static const struct verb {
	const char *name, *operands, *help;
	const struct opt *options;
	int (*run)(struct call *c);
	int least, most; // operands
	int flags;       // of opts_parse()
	int own_status;  // of a failure; 125 differs from what a program that runs exits with
} verbs[] = {
	{"create", "ID", "makes a container, which then waits for start", create_options, do_create, 1, 1, 0, 1},
	{"start", "ID", "lets its process begin", plain_options, do_start, 1, 1, 0, 1},
	{"state", "ID", "shows its state as JSON", plain_options, do_state, 1, 1, 0, 1},
	{"kill", "ID [SIGNAL]", "signals its first process (TERM)", kill_options, do_kill, 1, 2, 0, 1},
	{"delete", "ID", "removes a stopped one", delete_options, do_delete, 1, 1, 0, 1},
	{"run", "ID", "create, start, wait and delete in one", run_options, do_run, 1, 1, 0, 1},
	{"exec", "ID PROGRAM [ARGUMENT]...", "one more process in a running one", exec_options, do_exec, 1, 1 << 20, OPTS_STOP_AT_OPERAND, 125},
	{"ps", "ID [OPTION OF ps]...", "lists its processes", ps_options, do_ps, 1, 1 << 20, OPTS_STOP_AT_OPERAND, 1},
	{"list", "", "lists all containers", list_options, do_list, 0, 0, 0, 1},
	{"pause", "ID", "freezes it", plain_options, do_pause, 1, 1, 0, 1},
	{"resume", "ID", "thaws it", plain_options, do_resume, 1, 1, 0, 1},
	{"update", "ID", "changes its limits", update_options, do_update, 1, 1, 0, 1},
	{"events", "ID", "shows what it uses, and when the kernel kills for memory, as JSON lines", events_options, do_events, 1, 1, 0, 1},
	{"checkpoint", "ID", "saves its processes as images, and ends it", checkpoint_options, do_checkpoint, 1, 1, 0, 1},
	{"restore", "ID", "makes a container out of images", restore_options, do_restore, 1, 1, 0, 1},
	{"features", "", "shows what this build can do, as JSON", plain_options, do_features, 0, 0, 0, 1},
	{"spec", "", "writes a config.json to start from", spec_options, do_spec, 0, 0, 0, 1},
};

static int help(void)
{
	auto_str text = {0};

	opts_help(&text, global_options);
	printf("usage: bunk [OPTION]... VERB [OPTION]... [OPERAND]...\n\nVerbs (bunk VERB --help tells more):\n");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
	printf("\nOptions:\n%s", str_text(&text));
	return 0;
}

static int verb_help(const struct verb *v)
{
	auto_str text = {0};

	opts_help(&text, v->options);
	printf("usage: bunk %s [OPTION]... %s\n%s\n\nOptions:\n%s", v->name, v->operands, v->help, str_text(&text));
	return 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (str_equal(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int fail(const struct call *c, int status)
{
	auto_free char *text = str_visible(c->e.text);

	log_line(&c->o, "error", c->e.text);
	fprintf(stderr, "bunk: %s\n", text);
	return status;
}

static int choose_cgroups(struct call *c)
{
	static const struct manager {
		const char *name;
		enum bunk_cgroups value;
	} managers[] = {{"cgroupfs", BUNK_CGROUPS_FILES}, {"systemd", BUNK_CGROUPS_SYSTEMD}, {"disabled", BUNK_CGROUPS_DISABLED}};
	const char *name = c->o.cgroup_manager ? c->o.cgroup_manager : c->o.systemd_cgroup ? "systemd" : "cgroupfs";

	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (str_equal(managers[i].name, name)) {
			c->b.cgroups = managers[i].value;
			return 0;
		}
	return err_msg(&c->e, EINVAL, "--cgroup-manager: '%s' is not cgroupfs, systemd or disabled", name);
}

static int unknown_verb(struct call *c, const char *name)
{
	const char *near = opts_nearest(name, &verbs[0].name, ARRAY_SIZE(verbs), sizeof(verbs[0]));

	err_msg(&c->e, EINVAL, "there is no verb '%s'", name);
	if (near)
		err_hint(&c->e, "did you mean '%s'?", near);
	return fail(c, EXIT_USAGE);
}

static int run_verb(struct call *c, const struct verb *v, int argc, char **argv)
{
	int first = opts_parse(v->options, &c->o, argc, argv, v->flags, &c->e);

	if (first < 0)
		return fail(c, EXIT_USAGE);
	if (c->o.help)
		return verb_help(v);
	c->argc = argc - first;
	c->argv = argv + first;
	if (c->argc < v->least || c->argc > v->most) {
		err_msg(&c->e, EINVAL, "usage: bunk %s [OPTION]... %s", v->name, v->operands);
		return fail(c, EXIT_USAGE);
	}
	c->b.root = c->o.root;
	c->b.warn = warn;
	c->b.debug = is_debugging(&c->o) ? debug : NULL;
	c->b.notify_socket = getenv("NOTIFY_SOCKET");
	c->b.context = &c->o;
	int r = check_log(&c->o, &c->e);
	if (r == 0)
		r = choose_cgroups(c);
	if (r == 0)
		r = v->run(c);
	if (fflush(stdout) < 0 && r == 0)
		r = err_set(&c->e, errno, "cannot write to standard output");
	int status = r < 0 ? fail(c, c->e.status ? c->e.status : v->own_status) : r;
	debug_status(c, v->name, status);
	return status;
}

// opts_parse() reorders what it parses, and the guard wants the command line as it was.
static char **copy_line(int argc, char **argv)
{
	char **copy = mem_array((size_t)argc + 1, sizeof(*copy));

	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	return copy;
}

static void call_done(struct call *c)
{
	free(c->all);
	strv_done(&c->o.env);
	strv_done(&c->o.caps);
	strv_done(&c->o.groups);
	params_done(&c->o.limits);
}

static int call(struct call *c, int argc, char **argv)
{
	int first = opts_parse(global_options, &c->o, argc, argv, OPTS_STOP_AT_OPERAND, &c->e);

	if (first < 0)
		return fail(c, EXIT_USAGE);
	if (c->o.version)
		return printf("bunk %s\nspec: %s\n", PACKAGE_VERSION, BUNK_OCI_VERSION) < 0;
	if (c->o.help)
		return help();
	if (first >= argc) {
		err_msg(&c->e, EINVAL, "a verb is missing (see bunk --help)");
		return fail(c, EXIT_USAGE);
	}
	const struct verb *v = find_verb(argv[first]);
	return v ? run_verb(c, v, argc - first, argv + first) : unknown_verb(c, argv[first]);
}

// Seeds the hashing of JSON objects with the second half of AT_RANDOM (getauxval(3)), without a system call; the stack canary comes from the first half.
static void seed_hashes(void)
{
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	size_t seed = 0;

	if (random)
		memcpy(&seed, random + 8, sizeof(seed));
	json_object_seed(seed); // 0: jansson finds one
}

int main(int argc, char **argv)
{
	struct call c = {.all = copy_line(argc, argv)};

	seed_hashes();
	signal(SIGPIPE, SIG_IGN);
	int status = call(&c, argc, argv);
	call_done(&c);
	if (c.interrupted)
		proc_reset_signals(); // the signal is still pending, and ends it now, as the caller's shell expects
	return status;
}
