// Verbs on images in an archive: `hostel image save`, `hostel image load`.
#include <string.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"
#include "model/id.h"
#include "model/image.h"

// Adds the images named by the words as PARAM_IMAGE.
static int add_images(struct cli *c, const struct client *s, int count, char **words, const struct str *trouble)
{
	struct err e = {0};

	for (int i = 0; i < count; i++) {
		const struct item *item = client_find_item(s, words[i], trouble, &e);
		if (!item)
			return cli_not_found(&e);
		params_add(&c->params, PARAM_IMAGE, image_meant((const struct image_item *)item, words[i]));
	}
	return EXIT_OK;
}

static int run(struct cli *c, struct client *s, int count, char **words)
{
	const char *engine = client_engine_doing(s, KIND_IMAGE, c->verb);
	auto_free char *id = engine ? id_make(engine, KIND_IMAGE, "*") : NULL;
	auto_str trouble = {0}, out = {0};
	struct err e = {0};

	if (!id)
		return cli_fail(EXIT_FAILED, "no engine on this host has images to %s", c->info->name);
	if (count && client_list(s, &trouble, &e) < 0)
		return cli_error(&e);
	int status = add_images(c, s, count, words, &trouble);
	if (status != EXIT_OK)
		return status;
	if (client_act(s, id, c->verb, &c->params, &e) < 0)
		return cli_error(&e);
	str_addf(&out, "%s\n", client_answer(s));
	return cli_print(&out);
}

int verb_of_kind(struct cli *c, int count, char **operands)
{
	struct client *s = NULL;
	struct err e = {0};

	cli_make_paths_absolute(c);
	if (verb_check_params(c->verb, KIND_IMAGE, &c->params, &e) < 0)
		return cli_fail(EXIT_USAGE, "%s", e.text);
	int status = client_open(&s, c, 1u << KIND_IMAGE, &e) < 0 ? cli_error(&e) : run(c, s, count, operands);
	client_close(s);
	return status;
}
