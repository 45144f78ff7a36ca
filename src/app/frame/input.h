// One key, wherever it belongs now.
#pragma once

#include "ui/key.h"

struct app;

void input_key(struct app *app, struct key key);
