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
// Asks whether to do it; TYPED: the name or the number must be typed. Owns INTENT from now on.
void intent_confirm(struct app *app, struct intent *intent, const char *title, const char *body, bool typed);

// "'web-1'" or "5 workloads". Owned by the caller.
char *intent_targets(const struct app *app, const struct strv *ids);
// The first names, as a sentence of its own.
void intent_add_names(const struct app *app, const struct strv *ids, struct str *out);
bool intent_has_kind(const struct app *app, const struct strv *ids, enum kind kind);
