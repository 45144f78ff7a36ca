// Prints what a program shows on a terminal, as text or as a picture (SVG).
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/opts.h"
#include "base/str.h"

#include "harness.h"
#include "svg.h"

enum { REST_MS = 1500 };

struct shot {
	struct svg_options svg;
	const char *expected; // file
};

static const struct opt options[] = {
	{.name = "svg", .kind = OPT_TEXT, .value = "TITLE", .help = "print a picture with this title",
	 .at = offsetof(struct shot, svg.title)},
	{.name = "light", .kind = OPT_FLAG, .help = "on a terminal with a light background",
	 .at = offsetof(struct shot, svg.light)},
	{.name = "expect", .kind = OPT_TEXT, .value = "FILE", .help = "wait until the output equals FILE; fail if it never does",
	 .at = offsetof(struct shot, expected)},
	{0},
};

static int usage(const char *why)
{
	auto_str help = {0};

	opts_help(&help, options);
	fprintf(stderr,
	        "shot: %s\nusage: shot [OPTION]… ROWS COLUMNS KEYS -- COMMAND [ARGUMENT]…\n\n"
	        "KEYS are names of keys separated by blanks (j Down Ctrl-L); =TEXT is typed; ~TEXT waits until TEXT is shown\n"
	        "(_ for a blank); ? waits until the screen no longer changes.\n\n%s",
	        why, help.text);
	return 2;
}

static int press(struct screen *s, const char *keys)
{
	auto_strv words = {0};

	strv_split(&words, keys, " ");
	for (size_t i = 0; i < words.count; i++) {
		char *word = words.items[i];

		if (strcmp(word, "?") == 0) {
			screen_settle(s, REST_MS);
			continue;
		}
		if (word[0] != '~') {
			screen_keys(s, word);
			continue;
		}
		for (char *p = word; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		if (!screen_shows(s, word + 1)) {
			fprintf(stderr, "shot: '%s' is not shown\n", word + 1);
			return 1;
		}
	}
	return 0;
}

static void render(struct screen *s, const struct shot *shot, struct str *out)
{
	int rows, columns;

	if (shot->svg.title) {
		svg_write(s, &shot->svg, out);
		return;
	}
	screen_size(s, &rows, &columns);
	for (int row = 0; row < rows; row++)
		str_addf(out, "%s\n", screen_row(s, row));
}

struct wanted {
	const struct shot *shot;
	const char *text;
};

static bool looks_as_wanted(struct screen *s, const void *context)
{
	const struct wanted *wanted = context;
	auto_str now = {0};

	render(s, wanted->shot, &now);
	return strcmp(str_text(&now), wanted->text) == 0;
}

// Owned; NULL when it cannot be read.
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0)
		free(steal(text));
	fclose(file);
	return text;
}

static int take_picture(struct screen *s, const struct shot *shot)
{
	auto_free char *text = shot->expected ? read_file(shot->expected) : NULL;
	auto_str out = {0};

	if (text && screen_until(s, looks_as_wanted, &(struct wanted){shot, text}))
		return 0;
	screen_settle(s, REST_MS);
	render(s, shot, &out);
	fputs(str_text(&out), stdout);
	return shot->expected ? 1 : 0;
}

static void pass_environment(struct strv *out)
{
	static const char *const names[] = {"TERM", "COLORTERM", "NO_COLOR", "LANG", "HOME", "XDG_CONFIG_HOME", "TZ"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (getenv(names[i]))
			strv_addf(out, "%s=%s", names[i], getenv(names[i]));
}

int main(int argc, char **argv)
{
	struct shot shot = {0};
	struct err e = {0};
	int at = opts_parse(options, &shot, argc, argv, OPTS_STOP_AT_OPERAND, &e);

	if (at < 0)
		return usage(e.text);
	if (argc - at < 5 || strcmp(argv[at + 3], "--") != 0 || atoi(argv[at]) < 1 || atoi(argv[at + 1]) < 1)
		return usage("the operands are missing");
	setlocale(LC_CTYPE, "C.UTF-8");
	auto_strv environment = {0};
	pass_environment(&environment);
	struct screen *s = screen_start(&(struct screen_start){.rows = atoi(argv[at]), .columns = atoi(argv[at + 1]),
	                                                        .argv = (const char *const *)argv + at + 4,
	                                                        .environ = (const char *const *)environment.items});
	int r = press(s, argv[at + 2]);
	if (r == 0)
		r = take_picture(s, &shot);
	else
		screen_print(s, stderr);
	screen_stop(s);
	return r;
}
