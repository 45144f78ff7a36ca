// The ':' line.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct app;
struct err;
struct strv;

// Appends completions of an operand.
typedef void offer_words(struct app *app, struct strv *out);

struct command {
	const char *name, *operands, *help;
	offer_words *offer; // for the operands; NULL: none
	// REST: the rest of the line
	int (*run)(struct app *app, const char *rest, struct err *e);
	bool writes;        // refused by --read-only
};
// The commands other than verbs and actions (ACTION_COMMAND).
extern const struct command commands[];
extern const size_t command_count;

// Appends all words that a line may begin with: commands, actions and verbs.
void command_names(struct strv *out);
// Opens the line with INITIAL typed.
void command_open(struct app *app, const char *initial);
// Runs LINE, or shows why it cannot run.
void command_run(struct app *app, const char *line);
