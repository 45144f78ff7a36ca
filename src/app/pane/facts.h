// The tabs that are drawn from the rows.
#pragma once

#include "ui/canvas.h"

struct app;
struct posture;
struct str;
struct row;

void facts_graphs(struct app *app, struct row *row, struct area a);
// Appends how many isolation checks pass; nothing if none is known.
void isolation_words(const struct posture *p, struct str *out);
void facts_isolation(struct app *app, struct row *row, struct area a);
