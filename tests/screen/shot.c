// Prints what a program shows on a terminal, as text: the screenshots of the README.
// usage: shot ROWS COLUMNS KEYS -- COMMAND [ARGUMENT]…
// KEYS are names of keys separated by blanks ("j Down Ctrl-L"); =TEXT is typed, ~TEXT waits until TEXT is shown (a
// blank in it is written as _), ? waits until the screen rests.
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#include "harness.h"

enum { REST_MS = 300 };

static int take(struct screen *s, char *keys)
{
	auto_strv words = {0};

	strv_split(&words, keys, " ");
	for (size_t i = 0; i < words.count; i++) {
		char *word = words.items[i];

		if (strcmp(word, "?") == 0) {
			screen_settle(s, REST_MS);
		} else if (word[0] != '~') {
			screen_keys(s, word);
		} else {
			for (char *p = word; *p; p++)
				*p = *p == '_' ? ' ' : *p;
			if (!screen_shows(s, word + 1)) {
				fprintf(stderr, "shot: '%s' is not shown\n", word + 1);
				return 1;
			}
		}
	}
	screen_settle(s, REST_MS);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 6 || strcmp(argv[4], "--") != 0 || atoi(argv[1]) < 1 || atoi(argv[2]) < 1) {
		fprintf(stderr, "usage: shot ROWS COLUMNS KEYS -- COMMAND [ARGUMENT]...\n");
		return 2;
	}
	setlocale(LC_CTYPE, "C.UTF-8");
	auto_strv environment = {0};
	for (const char *const *name =
	         (const char *const[]){"TERM", "COLORTERM", "NO_COLOR", "LANG", "HOME", "XDG_CONFIG_HOME", NULL};
	     *name; name++)
		if (getenv(*name))
			strv_addf(&environment, "%s=%s", *name, getenv(*name));
	struct screen *s = screen_start(&(struct screen_start){.rows = atoi(argv[1]), .columns = atoi(argv[2]),
	                                                        .argv = (const char *const *)argv + 5,
	                                                        .environ = (const char *const *)environment.items});
	int r = take(s, argv[3]);
	screen_print(s, stdout);
	screen_stop(s);
	return r;
}
