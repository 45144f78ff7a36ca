// The user's clipboard.
#pragma once

struct app;

// Copies TEXT and shows the result.
void clipboard_copy(struct app *app, const char *text);
