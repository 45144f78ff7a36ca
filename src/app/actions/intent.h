// The targets of an action while questions are open: the selection may change meanwhile.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "model/verb.h"
#include "model/workload.h"

struct app;
struct overlay;

struct intent {
	enum verb verb;
	struct strv ids;
	struct params params;
};

// VERB on the present targets of actions.
struct intent *intent_new(const struct app *app, enum verb verb);
void intent_free(void *context);
// Takes the intent from a menu and closes the menu: another question may follow.
struct intent *intent_detach(struct app *app, struct overlay *o);
// Does it, after a confirmation if anything would be lost. DETAILS: of the guests and containers among the targets,
// NULL: unknown. Takes ownership of INTENT.
void intent_ask(struct app *app, struct intent *intent, const char *details);

// "'web-1'", "5 workloads" or "2 networks". Owned by the caller.
char *intent_targets(const struct app *app, const struct strv *ids);
// The kinds of IDS, a bit each.
unsigned intent_kinds(const struct app *app, const struct strv *ids);
