// Which program is the helper: see helper.h.
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/store/defaults.h"
#include "helper.h"
#include "sys/proc.h"
#include "sys/pty.h"

static const struct helper_program *const programs[HELPER_PROGRAMS] = {&helper_pasta, &helper_slirp}; // best first
#define PURPOSE "networks of ordinary users"
#define TIMEOUT (20 * SECOND)
enum { DATE_DIGITS = 8, YEAR_LEAST = 2000, YEAR_MOST = 2199 };

// --- versions ---

// The date at TEXT, 20240814 or 2024_08_14; 0: there is none.
static unsigned date_at(const char *text)
{
	unsigned date = 0, digits = 0;

	for (; digits < DATE_DIGITS && (isdigit((unsigned char)*text) || (*text == '_' && digits)); text++)
		if (*text != '_') {
			date = date * 10 + (unsigned)(*text - '0');
			digits++;
		}
	unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
	bool valid = digits == DATE_DIGITS && !isdigit((unsigned char)*text) && year >= YEAR_LEAST && year <= YEAR_MOST;
	return valid && month >= 1 && month <= 12 && day >= 1 && day <= 31 ? date : 0;
}

unsigned helper_version(const char *text)
{
	unsigned date = 0;

	for (const char *at = text; *at && *at != '\n' && !date; at++)
		if (at == text || !isdigit((unsigned char)at[-1]))
			date = date_at(at);
	return date;
}

static char *date_text(unsigned date)
{
	return date ? mem_printf("%u-%02u-%02u", date / 10000, date / 100 % 100, date % 100) : mem_strdup("unknown");
}

// --- the choice ---

static bool is_recent(const struct helper_program *p, const struct helper_found *f)
{
	return f->installed && f->version >= p->least;
}

static int find_wanted(const char *wanted)
{
	int i = 0;

	while (i < HELPER_PROGRAMS && !str_equal(programs[i]->name, wanted))
		i++;
	return i;
}

static const struct helper_program *pick_named(const char *wanted, const struct helper_found *found, struct err *e)
{
	int i = find_wanted(wanted);

	if (i == HELPER_PROGRAMS)
		err_msg(e, EINVAL, "invalid network helper '%s' (auto, %s or %s)", wanted, helper_pasta.name,
		        helper_slirp.name);
	else if (!found[i].installed)
		err_msg(e, ENOENT, PURPOSE " need '%s', which is not installed (install %s)", wanted, programs[i]->package);
	else
		return programs[i];
	return NULL;
}

static const struct helper_program *pick_best(const struct helper_found *found, struct err *e)
{
	auto_free char *least = date_text(helper_pasta.least), *version = date_text(found[0].version);

	for (int i = 0; i < HELPER_PROGRAMS; i++)
		if (is_recent(programs[i], &found[i]))
			return programs[i];
	if (found[0].installed)
		err_msg(e, ENOENT, PURPOSE " need '%s' %s or later (installed: version %s) or '%s' (install %s)",
		        helper_pasta.name, least, version, helper_slirp.name, helper_slirp.package);
	else
		err_msg(e, ENOENT, PURPOSE " need '%s' or '%s', and neither is installed (install %s or %s)",
		        helper_pasta.name, helper_slirp.name, helper_pasta.package, helper_slirp.package);
	return NULL;
}

#define AUTO_CHOICE "auto"

const struct helper_program *helper_pick(const char *wanted, const struct helper_found found[HELPER_PROGRAMS],
                                         struct err *e)
{
	return str_equal(wanted, AUTO_CHOICE) ? pick_best(found, e) : pick_named(wanted, found, e);
}

char *helper_reason(const struct helper_program *picked, const char *wanted,
                    const struct helper_found found[HELPER_PROGRAMS])
{
	auto_free char *version = date_text(found[0].version), *least = date_text(helper_pasta.least);
	const char *set = str_equal(wanted, AUTO_CHOICE) ? "" : ", set by containers.network-helper";

	if (picked == &helper_pasta)
		return mem_printf("%s (version %s%s)", picked->name, version, set);
	if (*set || !found[0].installed)
		return mem_printf("%s (%s)", picked->name, *set ? set + 2 : "pasta is not installed");
	return mem_printf("%s (pasta is too old: version %s, %s or later needed)", picked->name, version, least);
}

// --- this host ---

// What PROGRAM --version prints on a terminal: pasta 2025-05-03 exits without writing it to a pipe.
static pid_t print_version(const char *path, int terminal)
{
	const char *const argv[] = {path, "--version", NULL};
	struct err ignored;
	auto_close int output = terminal < 0 ? -1 : pty_peer(terminal, &ignored);

	return output < 0 ? -1 : proc_spawn(argv, (const int[3]){-1, output, output}, -1, false, &ignored);
}

static void read_terminal(int terminal, char *text, size_t size)
{
	struct pollfd p = {terminal, POLLIN, 0};
	int64_t until = clock_mono() + TIMEOUT;
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0 && length < size - 1 && poll(&p, 1, clock_poll_ms(until)) > 0) {
		n = read(terminal, text + length, size - 1 - length);
		length += n > 0 ? (size_t)n : 0;
	}
	text[length] = '\0';
}

static unsigned read_version(const char *path)
{
	struct err ignored;
	char text[256] = "";
	auto_close int terminal = pty_open(-1, &ignored);
	pid_t pid = print_version(path, terminal);

	if (pid < 0)
		return 0;
	read_terminal(terminal, text, sizeof(text));
	proc_end(pid);
	return helper_version(text);
}

static struct helper_found find_program(const struct helper_program *p)
{
	auto_free char *path = proc_find_program(p->name);

	return (struct helper_found){path != NULL, path && p->least ? read_version(path) : 0};
}

static char *read_choice(struct helper_found found[HELPER_PROGRAMS], struct err *e)
{
	char *wanted = default_network_helper(e);

	for (int i = 0; wanted && i < HELPER_PROGRAMS; i++)
		found[i] = find_program(programs[i]);
	return wanted;
}

const struct helper_program *helper_choose(struct err *e)
{
	struct helper_found found[HELPER_PROGRAMS] = {0};
	auto_free char *wanted = read_choice(found, e);

	return wanted ? helper_pick(wanted, found, e) : NULL;
}

char *helper_describe(struct err *e)
{
	struct helper_found found[HELPER_PROGRAMS] = {0};
	auto_free char *wanted = read_choice(found, e);
	const struct helper_program *picked = wanted ? helper_pick(wanted, found, e) : NULL;

	return picked ? helper_reason(picked, wanted, found) : NULL;
}
