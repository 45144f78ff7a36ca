// Questions before something is done: yes or no, or by typing the name.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/key.h"

struct dialog; // one question

// TITLE says what would be done; BODY (lines by '\n', may be foreign text) what will be lost. 'y' accepts, and
// 'n', Esc, q and Enter do not: Enter is pressed by habit.
struct dialog *dialog_confirm(const char *title, const char *body);
// As above, but accepts only when NAME has been typed, then Enter.
struct dialog *dialog_typed(const char *title, const char *body, const char *name);
void dialog_free(struct dialog *d);

void dialog_draw(struct dialog *d, struct area a);
// EFFECT_ACCEPT: do it. EFFECT_CANCEL: do not.
enum effect dialog_handle(struct dialog *d, struct key key);
// Whether a name is being typed into it.
bool dialog_types(const struct dialog *d);
