// How single facts of a workload look, for the list and the pane alike.
#pragma once

#include "base/str.h"
#include "model/workload.h"
#include "ui/canvas.h"

struct app;
struct row;

// What a full CPU graph is, in percent of one core: the workload's limit, else all of its host.
double cpu_scale(const struct app *app, const struct row *row);
enum role state_role(enum workload_state state);
// "● running", "✗ 137 OOM".
void state_text(const struct workload *w, bool ascii, struct str *out);
// Five steps of isolation from COLUMN of A; nothing for -1 (unknown).
void posture_draw(struct area a, int column, struct pen pen, int level);
