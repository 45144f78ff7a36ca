// The tabs that are drawn from what is known already.
#pragma once

#include "ui/canvas.h"

struct app;
struct row;

void facts_overview(struct app *app, struct row *row, struct area a);
void facts_graphs(struct app *app, struct row *row, struct area a);
// All that is known of an item of another kind than a workload.
void facts_item(const struct row *row, struct area a);
void facts_isolation(struct app *app, struct row *row, struct area a);
