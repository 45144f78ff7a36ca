// Alerts of new problems: the terminal's bell or a notification.
#pragma once

struct app;
struct machine;

// Checks all rows after new figures from M. Problems in the first figures of a connection are not new; an alert is not
// repeated until its workload has had no problem.
void alerts_look(struct app *app, struct machine *m);
