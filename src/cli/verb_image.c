// `hostel commit` and `hostel import`: create images, in jobs, or from standard input in this process.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "model/id.h"
#include "model/job.h"
#include "stream.h"

static int print_digest(const char *id)
{
	auto_str out = {0};

	str_addf(&out, "%s\n", id_key(id));
	return cli_print(&out);
}

static int create_image(struct cli *c, struct client *s)
{
	auto_free char *id = NULL;
	struct err e = {0};

	if (verb_check_params(VERB_CREATE, KIND_IMAGE, &c->params, &e) < 0 ||
	    client_create(s, KIND_IMAGE, &c->params, &id, &e) < 0)
		return cli_error(&e);
	client_show_notes(s);
	return print_digest(id);
}

// The name of an image that gets none: "srv/Web.tar.gz" → "localhost/web".
static void set_name(struct cli *c, int count, char **operands)
{
	const char *slash = strrchr(operands[0], '/'), *name = slash ? slash + 1 : operands[0];
	auto_str usual = {0};

	str_add(&usual, "localhost/");
	for (size_t i = 0; name[i] && (name[i] != '.' || i == 0); i++)
		str_add_char(&usual, name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + ('a' - 'A')) : name[i]);
	params_set(&c->params, PARAM_IMAGE, count > 1 ? operands[1] : str_text(&usual));
}

int verb_commit(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	auto_free char *id = NULL;
	int status = client_find_one(c, &s, operands[0], &id);

	if (status == EXIT_OK) {
		set_name(c, count, operands);
		params_set(&c->params, PARAM_CONTAINER, id_key(id));
		status = create_image(c, s);
	}
	client_close(s);
	return status;
}

static int import_input(struct cli *c)
{
	static const struct job quiet = {0};
	struct engine engine = {0};
	auto_free char *id = NULL;
	struct err e = {0};

	if (isatty(STDIN_FILENO))
		return cli_fail(EXIT_USAGE, "standard input is a terminal: redirect it (hostel import - NAME <FILE.tar)");
	int r = verb_check_params(VERB_CREATE, KIND_IMAGE, &c->params, &e);
	r = r < 0 ? r : stream_engine_for(&engine, c, KIND_IMAGE, &e);
	if (r == 0)
		r = engine.ops->create(engine.self, KIND_IMAGE, &c->params, &quiet, &id, &e);
	engine_close(&engine);
	return r < 0 ? cli_error(&e) : print_digest(id);
}

static int import_file(struct cli *c)
{
	struct client *s = NULL;
	struct err e = {0};
	int status = client_open(&s, c, 1u << KIND_IMAGE, &e) < 0 ? cli_error(&e) : create_image(c, s);

	client_close(s);
	return status;
}

int verb_import(struct cli *c, int count, char **operands)
{
	bool input = str_equal(operands[0], "-");
	auto_free char *real = input || c->host ? NULL : realpath(operands[0], NULL);

	if (input && c->host)
		return cli_run_there(c, count, operands);
	if (!input && !c->host && !real)
		return cli_fail(EXIT_FAILED, "cannot open '%s': %s", operands[0], strerror(errno));
	if (input && count < 2)
		return cli_fail(EXIT_USAGE, "an image from standard input needs a name: hostel import - NAME");
	params_set(&c->params, PARAM_SOURCE, real ? real : operands[0]);
	set_name(c, count, operands);
	return input ? import_input(c) : import_file(c);
}
