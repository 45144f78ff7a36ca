// Asks on a terminal which image a name without a registry means.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"
#include "client.h"

// Whether NAME may lack a registry; otherwise there is nothing to ask.
static bool may_be_short(const char *name)
{
	size_t first = strcspn(name, "/");
	auto_free char *part = mem_strndup(name, first);

	return *name && strcmp(name, "host") != 0 && !strstr(name, ":/") && !str_starts(name, "sha256:") &&
	       !(name[first] && strpbrk(part, ".:"));
}

// The names that NAME may stand for, if it is ambiguous.
static void find_candidates(struct cli *c, const char *name, struct strv *out)
{
	struct client *s = NULL;
	auto_params p = {0};
	struct err ignored;

	params_add(&p, PARAM_IMAGE, name);
	if (client_open(&s, c, 1u << KIND_IMAGE, &ignored) == 0)
		client_choices(s, KIND_IMAGE, VERB_CREATE, PARAM_IMAGE, "", &p, out, &ignored);
	client_close(s);
}

static const char *ask(const char *name, const struct strv *candidates)
{
	char answer[16] = "";
	uint64_t number;

	fprintf(stderr, "'%s' may be in several registries:\n", name);
	for (size_t i = 0; i < candidates->count; i++)
		fprintf(stderr, "  %zu  %s\n", i + 1, candidates->items[i]);
	fprintf(stderr, "Which one? [1-%zu] ", candidates->count);
	if (!fgets(answer, sizeof(answer), stdin))
		return NULL;
	answer[strcspn(answer, "\n")] = '\0';
	return str_to_u64(answer, &number) == 0 && number >= 1 && number <= candidates->count
	           ? candidates->items[number - 1]
	           : NULL;
}

int cli_choose_image(struct cli *c, struct params *p)
{
	const char *name = params_or(p, PARAM_IMAGE, "");
	auto_strv candidates = {0};

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || !may_be_short(name))
		return EXIT_OK;
	find_candidates(c, name, &candidates);
	if (candidates.count < 2)
		return EXIT_OK;
	const char *chosen = ask(name, &candidates);
	if (!chosen)
		return cli_fail(EXIT_FAILED, "no image was chosen");
	params_set(p, PARAM_IMAGE, chosen);
	return EXIT_OK;
}
