// What an action is about, while questions are asked: the selection may be another one by then.
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

// VERB on what an action is about now.
struct intent *intent_new(const struct app *app, enum verb verb);
void intent_free(void *context);
// Takes the intent out of a menu and closes the menu: another question may come in its place.
struct intent *intent_detach(struct app *app, struct overlay *o);
// Does it, after a question if it loses anything. DETAILS of the guests among them, NULL: not known. Owns INTENT from
// now on.
void intent_ask(struct app *app, struct intent *intent, const char *details);

// "'web-1'" or "5 workloads". Owned by the caller.
char *intent_targets(const struct app *app, const struct strv *ids);
// The kinds of IDS, a bit each.
unsigned intent_kinds(const struct app *app, const struct strv *ids);
