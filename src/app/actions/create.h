// The form for a new workload.
#pragma once

#include "model/workload.h"

struct app;

void create_open(struct app *app, enum workload_kind kind);
