// SPDX-License-Identifier: LGPL-2.1-or-later
// Overlays with many layers, at paths of any length and with any characters (overlayfs.rst). mount(2) accepts less
// than a page of options and silently truncates the rest; fsconfig(2) accepts values of 255 bytes, before Linux 6.5
// without commas. So each layer gets a link with a short name in a private directory, and the overlay is mounted from
// there.
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/plan/plan.h"

enum { LOWERS_MAX = 500 }; // OVL_MAX_STACK of the kernel

// The options whose values are paths; whether they are lists, and whether '\' escapes the next character.
static const struct option {
	const char *name;
	bool list, escapes, lower;
} options[] = {
	{"lowerdir=", true, true, true},     {"upperdir=", false, true, false}, {"workdir=", false, true, false},
	{"lowerdir+=", false, false, true}, {"datadir+=", false, false, true},
};

static const struct option *find_option(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (str_starts(text, options[i].name))
			return &options[i];
	return NULL;
}

char *overlay_escape(const char *path)
{
	return str_escape(path, ":,\\");
}

// Parses one path at *AT, up to a ':' in lists. Owned.
static char *next_path(const struct option *o, const char **at)
{
	auto_str path = {0};

	for (; **at && !(o->list && **at == ':'); (*at)++) {
		if (o->escapes && **at == '\\' && (*at)[1])
			(*at)++;
		str_add_char(&path, **at);
	}
	return str_steal(&path);
}

char *overlay_next_lower(const char **list)
{
	char *path = next_path(&options[0], list);

	*list += **list == ':';
	return path;
}

char *overlay_path(const struct plan_mount *m, const char *name)
{
	for (size_t i = 0; i < m->data_count; i++) {
		const struct option *o = str_starts(m->data[i], name) ? find_option(m->data[i]) : NULL;
		const char *at = o ? m->data[i] + strlen(o->name) : NULL;
		char *path = o ? next_path(o, &at) : NULL;

		if (path && !*at)
			return path;
		free(path);
	}
	return NULL;
}

struct links {
	int directory;
	unsigned count, lowers;
	struct str data;
};

static int add_link(struct links *l, const char *path, struct err *e)
{
	char name[16];
	auto_free char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	auto_free char *whole = here ? mem_printf("%s/%s", here, path) : mem_strdup(path);

	snprintf(name, sizeof(name), "%u", l->count++);
	if (symlinkat(whole, l->directory, name) < 0)
		return err_set(e, errno, "cannot create a link to the layer '%s'", path);
	str_add(&l->data, name);
	return 0;
}

// Keeps all colons, since empty items of a list are significant ("::" precedes data-only layers).
static int add_paths(struct links *l, const struct option *o, const char *value, struct err *e)
{
	int r = 0;

	str_add(&l->data, o->name);
	while (r == 0 && *value) {
		auto_free char *path = next_path(o, &value);
		if (*path)
			r = add_link(l, path, e);
		l->lowers += *path && o->lower;
		if (*value == ':')
			str_add_char(&l->data, *value++);
	}
	return r;
}

static int add_options(struct links *l, const struct plan_mount *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->data_count; i++) {
		const struct option *o = find_option(m->data[i]);

		if (l->data.length)
			str_add_char(&l->data, ',');
		if (o)
			r = add_paths(l, o, m->data[i] + strlen(o->name), e);
		else if (strchr(m->data[i], ','))
			r = err_msg(e, EINVAL, "option '%.80s': contains a comma, which separates options", m->data[i]);
		else
			str_add(&l->data, m->data[i]);
	}
	return r;
}

int overlay_link(const struct plan_mount *m, int directory, struct str *data, struct err *e)
{
	struct links l = {.directory = directory};
	int r = add_options(&l, m, e);

	str_add(data, str_text(&l.data));
	str_done(&l.data);
	if (r == 0 && l.lowers > LOWERS_MAX)
		r = err_msg(e, E2BIG, "overlay supports at most %d lower directories, not %u", LOWERS_MAX, l.lowers);
	return r;
}
