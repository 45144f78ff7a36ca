// Confirmation dialogs: yes or no, or by typing a name.
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "ui/canvas.h"
#include "ui/effect.h"
#include "ui/field.h"
#include "ui/key.h"

struct dialog; // one question

// TITLE names the action; BODY (lines separated by '\n', may be untrusted text) says what will be lost. 'y' accepts;
// 'n', Esc, q and also Enter, which is pressed by habit, cancel.
struct dialog *dialog_confirm(const char *title, const char *body);
// As above, but accepts only after NAME has been typed, followed by Enter.
struct dialog *dialog_typed(const char *title, const char *body, const char *name);
void dialog_free(struct dialog *d);

void dialog_draw(struct dialog *d, struct area a);
// EFFECT_ACCEPT: confirmed. EFFECT_CANCEL: cancelled.
enum effect dialog_handle(struct dialog *d, struct key key);
// Whether the dialog reads a name.
bool dialog_types(const struct dialog *d);
