// Passes a key to whatever has the focus.
#pragma once

#include "ui/key.h"

struct app;

void input_key(struct app *app, struct key key);
