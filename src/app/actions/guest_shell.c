// A shell in a guest: see guest_shell.h.
#include "guest_shell.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "client/link.h"
#include "model/stream.h"
#include "model/verb.h"
#include "model/workload.h"
#include "ui/menu.h"

#include "app/jobs/command_line.h"
#include "app/know/app.h"
#include "app/know/rows.h"
#include "app/overlay/overlay.h"
#include "app/settings/settings.h"
#include "foreground.h"
#include "stream.h"

enum { SSH_FAILED = 255 }; // exit status of ssh if it has no connection

// Whether another machine can connect to ADDRESS. Guests report theirs, so it can be any text.
static bool is_routed(const char *address)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return bytes[0] != 127 && bytes[0] != 0 && !(bytes[0] == 169 && bytes[1] == 254);
	return inet_pton(AF_INET6, address, bytes) == 1 && !IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)bytes) &&
	       !IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)bytes);
}

// The first address that ssh can use. Owned; NULL: none.
static char *shell_address(const struct workload *w)
{
	auto_strv addresses = {0};

	strv_split(&addresses, w->addresses ? w->addresses : "", ", ");
	for (size_t i = 0; i < addresses.count; i++)
		if (is_routed(addresses.items[i]))
			return mem_strdup(addresses.items[i]);
	return NULL;
}

// From the label ssh-user=NAME, else the setting; NULL: ssh decides.
static const char *shell_user(const struct app *app, const struct workload *w)
{
	static const char label[] = "ssh-user=";

	for (size_t i = 0; i < w->labels.count; i++) {
		const char *name = w->labels.items[i] + strlen(label);

		if (str_starts(w->labels.items[i], label) && ssh_user_is_valid(name))
			return name;
	}
	return app->settings.ssh_user && *app->settings.ssh_user ? app->settings.ssh_user : NULL;
}

void guest_shell_words(const struct app *app, const struct row *row, struct strv *out)
{
	auto_free char *address = row->w.kind == KIND_GUEST ? shell_address(&row->w) : NULL;
	const char *user = shell_user(app, &row->w);

	if (!address)
		return;
	auto_free char *destination = user ? mem_printf("%s@%s", user, address) : mem_strdup(address);
	link_ssh_argv(row->machine->link, destination, out);
}

static bool picked_instead(struct app *app, struct overlay *o, bool accepted)
{
	if (!accepted || menu_picked(o->menu) < 0)
		return true;
	overlay_pop(app);
	if (app_selected(app))
		act_stream(app, STREAM_CONSOLE);
	return false;
}

static void offer_console(struct app *app, const char *why)
{
	const struct row *row = app_selected(app);
	auto_strv ids = {0};

	if (!row || row->w.kind != KIND_GUEST)
		return;
	strv_add(&ids, row->w.id);
	auto_free char *title = mem_printf("No shell in '%s': %s", row->w.name, why),
	               *line = command_line_of_verb(app, VERB_CONSOLE, &ids, NULL);
	struct menu *menu = menu_new(title);
	menu_add(menu, 'c', verb_info(VERB_CONSOLE)->label, line, verb_refusal(VERB_CONSOLE, &row->w), 0);
	overlay_menu(app, menu, picked_instead);
}

static void on_ssh_failed(struct app *app)
{
	offer_console(app, "ssh failed");
}

static void run_ssh(struct app *app, const struct row *row, const struct strv *words)
{
	auto_free char *title = mem_printf("shell in '%s'", row->w.name),
	               *banner = mem_printf("[hostel: shell in %s by ssh; 'exit' or Ctrl-D leaves]", row->w.name);

	foreground_run(app, words, title, banner, false);
	foreground_on_failure(app, SSH_FAILED, on_ssh_failed);
}

void act_shell(struct app *app, int value)
{
	const struct row *row = app_selected(app);
	auto_strv words = {0};

	(void)value;
	if (row->w.kind != KIND_GUEST) {
		act_stream(app, STREAM_EXEC);
		return;
	}
	guest_shell_words(app, row, &words);
	if (words.count)
		run_ssh(app, row, &words);
	else
		offer_console(app, "its address is not known");
}
