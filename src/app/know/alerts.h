// A bell or a notification of the terminal when something goes wrong.
#pragma once

struct app;
struct machine;

// Looks at all rows after new figures of M. Problems found in the first figures of a connection are not new; one that
// was told is not told again until its workload had none.
void alerts_look(struct app *app, struct machine *m);
