// Short names: see short_name.h. Only what is needed here is read from the configuration, a small part of TOML.
#include "short_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "name.h"
#include "stored.h"
#include "sys/fs.h"

enum { FILE_MOST = 4 << 20 };

struct short_names {
	struct strv registries;
	struct params aliases;
};

static void short_names_done(struct short_names *n)
{
	strv_done(&n->registries);
	params_done(&n->aliases);
}

// --- TOML ---

// Adds the strings in quotes in TEXT, up to a comment. Returns whether a "]" ends an array there.
static bool add_strings(struct strv *strings, const char *text)
{
	while (*text && *text != '#') {
		size_t n = *text == '"' || *text == '\'' ? strcspn(text + 1, (const char[]){*text, '\0'}) : 0;

		if (*text == ']')
			return true;
		if (*text == '"' || *text == '\'') {
			strv_take(strings, mem_strndup(text + 1, n));
			text += n + (text[1 + n] != '\0');
		}
		text++;
	}
	return false;
}

// What is read: a line at a time.
struct reading {
	struct short_names *names;
	char section[64];
	bool in_list;
};

static void read_list(struct reading *r, const char *text, bool begins)
{
	if (begins)
		strv_done(&r->names->registries);
	r->in_list = !add_strings(&r->names->registries, text);
}

// The key of a line "key = …", without quotes. Owned; NULL: there is none.
static char *key_of(const char *line)
{
	auto_strv strings = {0};
	size_t n = strcspn(line, "=");
	auto_free char *key = mem_strndup(line, n);

	if (!line[n])
		return NULL;
	add_strings(&strings, key);
	return strings.count ? mem_strdup(strings.items[0]) : mem_strndup(key, strcspn(key, " \t"));
}

static void read_alias(struct reading *r, const char *key, const char *value)
{
	auto_strv strings = {0};

	add_strings(&strings, value);
	if (strings.count)
		params_set(&r->names->aliases, key, strings.items[0]);
}

static void read_line(struct reading *r, const char *line)
{
	line += strspn(line, " \t");
	auto_free char *key = key_of(line);
	const char *value = key ? strchr(line, '=') + 1 : NULL;

	if (r->in_list)
		read_list(r, line, false);
	else if (*line == '[')
		snprintf(r->section, sizeof(r->section), "%.*s", (int)strcspn(line + 1, "]"), line + 1);
	else if (key && ((!*r->section && strcmp(key, "unqualified-search-registries") == 0) ||
	                 (strcmp(r->section, "registries.search") == 0 && strcmp(key, "registries") == 0)))
		read_list(r, strchr(value, '[') ? strchr(value, '[') + 1 : "]", true);
	else if (key && strcmp(r->section, "aliases") == 0)
		read_alias(r, key, value);
}

static void read_file(struct short_names *names, const char *path)
{
	struct reading r = {.names = names};
	auto_free char *text = NULL;
	auto_strv lines = {0};
	struct err ignored;

	if (fs_read_file(AT_FDCWD, path, FILE_MOST, &text, &ignored) < 0)
		return;
	strv_split(&lines, text, "\r\n");
	for (size_t i = 0; i < lines.count; i++)
		read_line(&r, lines.items[i]);
}

// --- the files ---

// Those in DIRECTORY that end in ".conf", in the order of their names.
static void read_directory(struct short_names *names, const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	auto_strv files = {0};

	while (dir && (entry = readdir(dir)))
		if (str_ends(entry->d_name, ".conf"))
			strv_addf(&files, "%s/%s", directory, entry->d_name);
	if (dir)
		closedir(dir);
	strv_sort(&files);
	for (size_t i = 0; i < files.count; i++)
		read_file(names, files.items[i]);
}

// As containers-registries.conf(5) and containers-registries.conf.d(5) have it: a later file wins.
static void read_configuration(struct short_names *names)
{
	const char *chosen = getenv("CONTAINERS_REGISTRIES_CONF"), *home = getenv("HOME");
	auto_free char *own = mem_printf("%s/.config/containers/registries.conf", home ? home : ""),
	               *own_parts = mem_printf("%s.d", own),
	               *cache = geteuid() == 0 ? mem_strdup("/var/cache") : mem_printf("%s/.cache", home ? home : ""),
	               *answered = mem_printf("%s/containers/short-name-aliases.conf", cache);

	read_file(names, chosen ? chosen : access(own, R_OK) == 0 ? own : "/etc/containers/registries.conf");
	if (!chosen)
		read_directory(names, "/etc/containers/registries.conf.d");
	if (!chosen)
		read_directory(names, own_parts);
	read_file(names, answered);
}

// --- names ---

static void add_name(struct strv *names, const char *repository, const char *rest)
{
	auto_free char *text = mem_printf("%s%s", repository, rest);
	struct err ignored;

	if (image_name_check(text, &ignored) == 0)
		strv_take(names, image_name_canonical(text));
}

static void add_candidates(const struct short_names *known, const char *text, struct strv *names)
{
	const char *rest = text + image_name_repository(text);
	auto_free char *repository = mem_strndup(text, (size_t)(rest - text));
	const char *alias = params_get(&known->aliases, repository);

	if (alias && *alias) {
		add_name(names, alias, rest);
		return;
	}
	for (size_t i = 0; i < known->registries.count; i++) {
		auto_free char *there = mem_printf("%s/%s", known->registries.items[i], repository);
		add_name(names, there, rest);
	}
}

void short_name_candidates(const char *text, struct strv *names)
{
	struct short_names known = {0};

	if (!image_name_has_domain(text)) {
		read_configuration(&known);
		add_candidates(&known, text, names);
		short_names_done(&known);
	}
	if (!names->count)
		strv_take(names, image_name_canonical(text));
}

static char *find_stored(const struct store *s, const char *name)
{
	auto_free char *digest = stored_find(s, name);

	return digest ? mem_strdup(name) : NULL;
}

char *short_name_resolve(const struct store *s, const char *text, struct err *e)
{
	auto_strv names = {0};
	auto_str all = {0};
	auto_free char *usual = image_name_canonical(text);
	char *found = NULL;

	short_name_candidates(text, &names);
	for (size_t i = 0; !found && i < names.count; i++)
		found = find_stored(s, names.items[i]);
	found = found ? found : find_stored(s, usual);
	if (found || names.count == 1)
		return found ? found : mem_strdup(names.items[0]);
	for (size_t i = 0; i < names.count; i++)
		str_addf(&all, "%s%s", i ? ", " : "", names.items[i]);
	err_msg(e, ENOTUNIQ, "image '%s' is in several registries: %s (type one of these names)", text, str_text(&all));
	return NULL;
}
