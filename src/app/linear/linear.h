// The dashboard without a screen.
#pragma once

struct app_options;
struct err;

int linear_run(const struct app_options *options, struct err *e);
