// The ':' line.
#pragma once

#include <stddef.h>

struct app;
struct err;
struct strv;

// Adds the words that complete an operand.
typedef void offer_words(struct app *app, struct strv *out);

struct command {
	const char *name, *operands, *help;
	offer_words *offer; // for the operands; NULL: nothing
	int (*run)(struct app *app, const struct command *c, const char *rest, struct err *e); // REST: the line after the name
	int value;          // an enum verb, where RUN needs one
	const char *action; // the name of an action, where RUN needs one
};
extern const struct command commands[];
extern const size_t command_count;

// Opens the line with INITIAL in it.
void command_open(struct app *app, const char *initial);
// Runs LINE, or says why not.
void command_run(struct app *app, const char *line);
