// Programs on the user's display: started here, or over ssh shown as command lines for the user's own machine.
#pragma once

struct app;
struct strv;

// The host that ssh connects to from the user's own machine. Owned; NULL: that machine is this one.
char *display_host(const struct app *app);
// Why programs cannot be shown here; NULL: they can.
const char *display_lacks(void);
// Starts ARGV, which outlives the dashboard. TITLE says what it is in messages: "the viewer of 'x'".
void display_start(struct app *app, const char *title, const struct strv *argv);
// Opens a menu of LINES to copy; each has its label.
void display_show(struct app *app, const char *title, const char *const labels[2], struct strv *lines);
// "ssh -N -L 5900:127.0.0.1:5900 lab-3", which makes ADDRESS of that host NEAR_PORT of the user's own machine. Owned.
char *display_tunnel(const char *host, const char *near_port, const char *address);
// When the dashboard exits; programs continue.
void displays_done(struct app *app);
