// The ':' line.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct app;
struct err;
struct strv;

// Adds the words that complete an operand.
typedef void offer_words(struct app *app, struct strv *out);

struct command {
	const char *name, *operands, *help;
	offer_words *offer; // for the operands; NULL: nothing
	// REST: the line after the name
	int (*run)(struct app *app, const char *rest, struct err *e);
	bool writes;        // refused by --read-only
};
// What the screen offers besides verbs, and actions that are commands (ACTION_COMMAND).
extern const struct command commands[];
extern const size_t command_count;

// Adds all words that a line may begin with: those of the table, the actions, and the verbs.
void command_names(struct strv *out);
// Opens the line with INITIAL in it.
void command_open(struct app *app, const char *initial);
// Runs LINE, or says why not.
void command_run(struct app *app, const char *line);
