// `hostel create` and `hostel run`: create a workload from options, and wait for it in the foreground.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "model/image.h"
#include "client.h"
#include "container_options.h"
#include "engine/registry.h"
#include "model/id.h"
#include "stream.h"

// Assigns the operands to the operand fields in order; a VALUE_WORDS field takes all that are left.
static int set_operands(struct cli *c, int count, char **operands)
{
	const struct verb_field *f;
	int at = 0;

	for (size_t i = 0; (f = verb_field(c->verb, cli_kinds(c), i)); i++) {
		if (!(f->flags & FIELD_OPERAND))
			continue;
		if (f->type == VALUE_WORDS && at < count && strcmp(operands[at], "--") == 0)
			at++;
		if (f->type == VALUE_WORDS)
			for (; at < count; at++)
				params_add(&c->params, f->name, operands[at]);
		else if (at < count)
			params_add(&c->params, f->name, operands[at++]);
	}
	if (at < count)
		return cli_fail(EXIT_USAGE,
		                "unexpected operand '%s': %s takes options only, for example --" PARAM_DISK
		                " PATH (see 'hostel %s %s --" OPTION_HELP "')",
		                operands[at], kind_phrase(c->kind), c->info->name, workload_kind_name(c->kind));
	return EXIT_OK;
}

// Options of all kinds are accepted during parsing, because the kind may follow them.
static int refuse_foreign_options(const struct cli *c)
{
	for (size_t i = 0; i < c->params.count; i++)
		for (int kind = 0; kind < WORKLOAD_KINDS; kind++) {
			const char *name = c->params.items[i].name, *other = workload_kind_name((enum kind)kind);

			if (!verb_field_find(c->verb, cli_kinds(c), name) && verb_field_find(c->verb, 1u << kind, name))
				return cli_fail(
				    EXIT_USAGE,
				    "option '--%s' is for %s, not %s: hostel %s %s [OPTION]… (see 'hostel %s %s --" OPTION_HELP
				    "')",
				    name, kind_phrase((enum kind)kind), kind_phrase(c->kind),
				    c->info->name, other, c->info->name, other);
		}
	return EXIT_OK;
}

// Makes the relative path that begins at AT absolute; HERE is the working directory. Owned.
static char *absolute(const char *value, const char *at, const char *here)
{
	return mem_printf("%.*s%s/%s", (int)(at - value), value, here, at + (str_starts(at, "./") ? 2 : 0));
}

// "./data:/srv": without the dot it is the name of a volume.
static const char *path_of_volume(const char *value)
{
	return *value == '.' && strchr(value, ':') ? value : NULL;
}

// "type=bind,source=data,target=/srv"
static const char *path_of_mount(const char *value)
{
	const char *source = strstr(value, "source="), *short_source = strstr(value, "src=");

	if (!strstr(value, "type=bind"))
		return NULL;
	return source ? source + strlen("source=") : short_source ? short_source + strlen("src=") : NULL;
}

static const char *path_in(const struct verb_field *f, const char *value)
{
	static const struct {
		const char *name;
		const char *(*find)(const char *value);
	} others[] = {{PARAM_VOLUME, path_of_volume}, {PARAM_MOUNT, path_of_mount}};

	if (f->type == VALUE_FILE)
		return value;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(others[i].name, f->name) == 0)
			return others[i].find(value);
	return NULL;
}

void cli_make_paths_absolute(struct cli *c)
{
	auto_free char *here = c->host ? NULL : getcwd(NULL, 0);

	for (size_t i = 0; here && i < c->params.count; i++) {
		struct param *p = &c->params.items[i];
		const struct verb_field *f = verb_field_find(c->verb, cli_kinds(c), p->name);
		const char *path = f ? path_in(f, p->value) : NULL;

		if (!path || !*path || *path == '/')
			continue;
		char *whole = absolute(p->value, path, here);
		free(p->value);
		p->value = whole;
	}
}

static int prepare(struct cli *c, int count, char **operands)
{
	struct err e = {0};
	int status = refuse_foreign_options(c);

	if (status == EXIT_OK)
		status = set_operands(c, count, operands);
	cli_make_paths_absolute(c);
	if (status == EXIT_OK && c->kind == KIND_CONTAINER && container_options_read(c, &e) < 0)
		status = cli_fail(EXIT_USAGE, "%s", e.text);
	if (status == EXIT_OK && verb_check_params(c->verb, c->kind, &c->params, &e) < 0)
		status = cli_fail(EXIT_USAGE, "%s (see 'hostel %s %s --" OPTION_HELP "')", e.text, c->info->name,
		                  kind_name(c->kind));
	return status == EXIT_OK && c->kind == KIND_CONTAINER ? cli_choose_image(c, &c->params) : status;
}

// The parameters for an engine, without those of `run` itself.
static void keep_fields_of_create(struct cli *c)
{
	auto_params all = c->params;

	c->params = (struct params){0};
	for (size_t i = 0; i < all.count; i++)
		if (verb_field_find(VERB_CREATE, cli_kinds(c), all.items[i].name))
			params_add(&c->params, all.items[i].name, all.items[i].value);
}

// What the image ITEM is called that was asked for as WORD: it can have other names, and be listed by its digest.
static const char *name_asked_for(const struct item *item, const char *word)
{
	bool asked = item->kind == KIND_IMAGE && word;
	const char *name = asked ? image_called((const struct image_item *)item, word, false) : NULL;

	return name ? name : item->name;
}

// Prints the name of the new item, which was asked for as WORD (may be NULL), or all of it as JSON. A list is made
// only for what the id does not tell: that of many containers costs more than creating one.
static int print_name(const struct cli *c, struct client *s, const char *id, const char *word)
{
	auto_str trouble = {0};
	auto_str out = {0};
	struct err e = {0};
	const char *known = c->json ? NULL : engine_name_in_id(id);

	client_show_notes(s);
	if (container_options_write_name(c, id_key(id)) != EXIT_OK)
		return EXIT_FAILED;
	if (known)
		str_addf(&out, "%s\n", known);
	if (known)
		return cli_print(&out);
	client_list(s, &trouble, &e);
	const struct item *item = inventory_find_item(client_inventory(s), id);
	json_t *object = c->json && item ? row_to_json(item, NULL) : NULL;
	auto_free char *name = str_visible(item ? name_asked_for(item, word) : id);

	if (object)
		cli_add_json(&out, object, JSON_INDENT(2));
	else
		str_addf(&out, "%s\n", name);
	json_decref(object);
	return cli_print(&out);
}

int verb_create(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = prepare(c, count, operands);

	if (status != EXIT_OK)
		return status;
	if (client_open(&s, c, 1u << c->kind, &e) < 0 || client_create(s, c->kind, &c->params, &id, &e) < 0)
		status = cli_error(&e);
	else
		status = print_name(c, s, id, NULL);
	client_close(s);
	return status;
}

static int pull_one(struct cli *c, struct client *s, const char *name)
{
	auto_params p = {0};
	auto_free char *id = NULL;
	struct err e = {0};

	params_copy(&p, &c->params);
	params_set(&p, PARAM_IMAGE, name);
	if (cli_choose_image(c, &p) != EXIT_OK)
		return EXIT_FAILED;
	if (verb_check_params(VERB_CREATE, KIND_IMAGE, &p, &e) < 0 || client_create(s, KIND_IMAGE, &p, &id, &e) < 0)
		return cli_error(&e);
	return print_name(c, s, id, params_get(&p, PARAM_IMAGE));
}

int verb_pull(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct err e = {0};
	int status = client_open(&s, c, 1u << KIND_IMAGE, &e) < 0 ? cli_error(&e) : EXIT_OK;

	for (int i = 0; s && !e.code && i < count; i++) { // one that fails does not keep the others from it
		int each = pull_one(c, s, operands[i]);

		status = each != EXIT_OK ? each : status;
	}
	client_close(s);
	return status;
}

// On a terminal all keys go to the workload, including Ctrl-C.
static bool has_terminal(const struct cli *c)
{
	return cli_has(c, PARAM_TTY);
}

// Signals for a workload in the foreground. They are blocked in all other threads, so that no call of an engine is
// interrupted.
struct relay {
	struct engine *engine;
	const char *id;
	sigset_t signals;
	int over; // eventfd(2): the workload has exited
};

static const struct {
	int number;
	const char *name;
} relayed[] = {{SIGINT, "INT"},   {SIGTERM, "TERM"}, {SIGHUP, "HUP"},
               {SIGQUIT, "QUIT"}, {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}};

static void note(void *context, const char *text)
{
	(void)context;
	cli_warn("%s", text);
}

static const struct job aloud = {.note = note}, quiet = {0};

static void pass_signal(const struct relay *relay, int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(relayed); i++)
		if (relayed[i].number == number) {
			auto_params p = {0};
			struct err e = {0};

			params_add(&p, PARAM_SIGNAL, relayed[i].name);
			relay->engine->ops->act(relay->engine->self, relay->id, VERB_KILL, &p, &quiet, &e);
		}
}

// Termination signals are forwarded once: a second one kills this process and leaves the workload running.
static bool asks_for_end(uint32_t number)
{
	return number != SIGUSR1 && number != SIGUSR2;
}

// Until it is OVER.
static void *relay_signals(void *argument)
{
	const struct relay *relay = argument;
	auto_close int signals = signalfd(-1, &relay->signals, SFD_CLOEXEC);
	struct pollfd p[] = {{signals, POLLIN, 0}, {relay->over, POLLIN, 0}};

	for (int count = 0;;) {
		struct signalfd_siginfo info;

		if (poll(p, ARRAY_SIZE(p), -1) < 0)
			continue;
		if (p[1].revents)
			return NULL;
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (asks_for_end(info.ssi_signo) && count++)
			_exit(128 + (int)info.ssi_signo);
		pass_signal(relay, (int)info.ssi_signo);
	}
}

// Must be called before any thread is started: threads inherit the signal mask.
static void block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	for (size_t i = 0; i < ARRAY_SIZE(relayed); i++)
		sigaddset(signals, relayed[i].number);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

// Deletes a workload with --rm that its engine or monitor could not delete, with force if its exit was not seen.
// One that the user detached from is left running.
static void remove_rest(struct engine *engine, const char *id, bool force)
{
	auto_params p = {0};
	struct err e = {0};

	params_add(&p, PARAM_FORCE, force ? "yes" : "no");
	int r = engine->ops->act(engine->self, id, VERB_DELETE, &p, &quiet, &e);
	if (r < 0 && r != -ENOENT && force)
		cli_warn("%s", e.text);
}

// Shows its output until it exits, and returns its exit status. With a terminal or open input, input is connected,
// too.
static int follow(struct cli *c, struct relay *relay, struct err *e)
{
	pthread_t thread;
	auto_close int over = relay->over = eventfd(0, EFD_CLOEXEC);
	bool relayed_to = !has_terminal(c) && over >= 0 && pthread_create(&thread, NULL, relay_signals, relay) == 0;
	int r = relay->engine->ops->stream(relay->engine->self, relay->id, STREAM_ATTACH, &c->params, e);

	if (relayed_to) {
		eventfd_write(relay->over, 1);
		pthread_join(thread, NULL);
	}
	return r;
}

// The slow part of creating is a job, so that it survives a closed terminal or an interrupt.
static int unpack_first(struct cli *c, const struct engine *engine, const sigset_t *signals, struct err *e)
{
	auto_params p = {0};
	auto_free char *id = NULL;
	struct client *s = NULL;

	if (!engine->ops->create_is_long || !engine->ops->create_is_long(engine->self, c->kind, &c->params))
		return 0;
	params_copy(&p, &c->params);
	params_set(&p, PARAM_UNPACK, "yes");
	pthread_sigmask(SIG_UNBLOCK, signals, NULL);
	int r = client_open(&s, c, 1u << c->kind, e);
	r = r < 0 ? r : client_create(s, c->kind, &p, &id, e);
	client_close(s);
	if (r == 0)
		params_set(&c->params, PARAM_PULL, "missing"); // it was pulled
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	return r;
}

// Runs in this process from the start: a workload in the foreground is connected to the process that created it.
static int run_in_foreground(struct cli *c)
{
	struct engine engine = {0};
	struct relay relay = {.engine = &engine};
	auto_free char *id = NULL;
	struct err e = {0};

	if (!has_terminal(c))
		block_signals(&relay.signals);
	params_set(&c->params, PARAM_FOREGROUND, "yes");
	int r = stream_engine_for(&engine, c, c->kind, &e);
	r = r < 0 ? r : unpack_first(c, &engine, &relay.signals, &e);
	if (r == 0)
		r = engine.ops->create(engine.self, c->kind, &c->params, &aloud, &id, &e);
	relay.id = id;
	if (r >= 0)
		container_options_write_name(c, id_key(id));
	if (r >= 0)
		r = follow(c, &relay, &e);
	if (id && cli_has(c, PARAM_RM))
		remove_rest(&engine, id, r < 0);
	engine_close(&engine);
	return r < 0 ? cli_error(&e) : r;
}

int verb_run(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	struct err e = {0};
	int status = prepare(c, count, operands);

	if (status != EXIT_OK)
		return status;
	bool foreground = !cli_has(c, PARAM_DETACH) && c->kind == KIND_CONTAINER;
	keep_fields_of_create(c);
	params_set(&c->params, PARAM_START, "yes");
	if (foreground)
		return run_in_foreground(c);
	if (client_open(&s, c, 1u << c->kind, &e) < 0)
		status = cli_error(&e);
	else
		status = client_create(s, c->kind, &c->params, &id, &e) < 0 ? cli_error(&e) : print_name(c, s, id, NULL);
	client_close(s);
	return status;
}
