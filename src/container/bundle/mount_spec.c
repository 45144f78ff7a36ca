// Parsing and formatting mounts: see mount_spec.h. Each word is a row of a table: what it sets, or why it is
// refused.
#include "mount_spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/units.h"
#include "host.h"
#include "model/kind.h"
#include "model/name.h"
#include "model/param.h"

enum { BIND = 1 << MOUNT_BIND, VOLUME = 1 << MOUNT_VOLUME, TMPFS = 1 << MOUNT_TMPFS, DISK = BIND | VOLUME };

static const char *const types[] = {[MOUNT_BIND] = "bind", [MOUNT_VOLUME] = "volume", [MOUNT_TMPFS] = "tmpfs"};

void mount_spec_done(struct mount_spec *m)
{
	free(m->source);
	free(m->target);
	free(m->propagation);
	strv_done(&m->sizes);
	*m = (struct mount_spec){0};
}

void mount_specs_done(struct mount_specs *m)
{
	for (size_t i = 0; i < m->count; i++)
		mount_spec_done(&m->items[i]);
	free(m->items);
	*m = (struct mount_specs){0};
}

// --- words ---

#define AT(FIELD) offsetof(struct mount_spec, FIELD)
#define NOTHING SIZE_MAX // accepted, without an effect

static const char no_idmap[] = "only root may map ids, and root's containers have no user namespace to map";

static const struct word {
	const char *name;
	unsigned types; // a bit each
	size_t at;      // of the flag that it sets
	bool value;
	const char *refusal; // NULL: supported
} words[] = {
	{"ro", ~0u, AT(read_only), true, NULL},
	{"readonly", ~0u, AT(read_only), true, NULL},
	{"rw", ~0u, AT(read_only), false, NULL},
	{"exec", ~0u, AT(allow_exec), true, NULL},
	{"noexec", ~0u, AT(forbid_exec), true, NULL},
	{"suid", ~0u, AT(allow_suid), true, NULL},
	{"nosuid", ~0u, AT(allow_suid), false, NULL},
	{"dev", ~0u, AT(allow_dev), true, NULL},
	{"nodev", ~0u, AT(allow_dev), false, NULL},
	{"bind", BIND, AT(flat), true, NULL},
	{"bind-nonrecursive", BIND, AT(flat), true, NULL},
	{"rbind", BIND, AT(flat), false, NULL},
	{"z", DISK, AT(relabel), true, NULL},
	{"Z", DISK, AT(relabel), true, NULL},
	{"U", DISK, AT(own), true, NULL},
	{"chown", DISK, AT(own), true, NULL},
	{"nocopy", VOLUME, AT(empty), true, NULL},
	{"volume-nocopy", VOLUME, AT(empty), true, NULL},
	{"copy", VOLUME, AT(empty), false, NULL},
	{"anonymous", VOLUME, AT(anonymous), true, NULL},
	{"cached", BIND, NOTHING, true, NULL}, // of Docker Desktop; Linux ignores them
	{"delegated", BIND, NOTHING, true, NULL},
	{"consistent", BIND, NOTHING, true, NULL},
	{"idmap", DISK, NOTHING, true, no_idmap},
	{"O", DISK, NOTHING, true, "overlays on volumes are not supported; mount it with ro, or copy it"},
};

static const char *const propagations[] = {"shared", "rshared", "slave", "rslave", "private", "rprivate"};

static int set_propagation(struct mount_spec *m, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++)
		if (strcmp(propagations[i], text) == 0) {
			free(m->propagation);
			m->propagation = mem_strdup(text);
			return 0;
		}
	return -EINVAL;
}

static int set_flag(struct mount_spec *m, const struct word *w, bool on, struct err *e)
{
	if (!(w->types >> m->type & 1))
		return err_msg(e, EINVAL, "option '%s' is not for a mount of type %s", w->name, types[m->type]);
	if (w->refusal)
		return err_msg(e, EOPNOTSUPP, "option '%s' is not supported: %s", w->name, w->refusal);
	if (w->at != NOTHING)
		*(bool *)((char *)m + w->at) = on ? w->value : !w->value;
	return 0;
}

// Words "idmap=…" are refused like "idmap".
static const struct word *find_word(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t n = strlen(words[i].name);

		if (strncmp(words[i].name, text, n) == 0 && (!text[n] || (text[n] == '=' && words[i].refusal)))
			return &words[i];
	}
	return NULL;
}

// --- a tmpfs ---

static int add_size(struct mount_spec *m, const char *value)
{
	size_t n = strspn(value, STR_DIGITS);
	uint64_t bytes;

	if (n && strcmp(value + n, "%") == 0)
		strv_addf(&m->sizes, "size=%s", value);
	else if (units_parse_bytes(value, &bytes) == 0)
		strv_addf(&m->sizes, "size=%llu", (unsigned long long)bytes);
	else
		return -EINVAL;
	return 0;
}

static int add_mode(struct mount_spec *m, const char *value)
{
	if (!*value || strlen(value) > 5 || value[strspn(value, "01234567")])
		return -EINVAL;
	strv_addf(&m->sizes, "mode=%s", value);
	return 0;
}

static int add_number(struct mount_spec *m, const char *name, const char *value)
{
	uint64_t number;

	if (str_to_u64(value, &number) < 0)
		return -EINVAL;
	strv_addf(&m->sizes, "%s=%s", name, value);
	return 0;
}

static int add_inodes(struct mount_spec *m, const char *value)
{
	return add_number(m, "nr_inodes", value);
}

static int add_uid(struct mount_spec *m, const char *value)
{
	return add_number(m, "uid", value);
}

static int add_gid(struct mount_spec *m, const char *value)
{
	return add_number(m, "gid", value);
}

// --- keys with a value ---

static int set_type(struct mount_spec *m, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i], value) == 0) {
			m->type = (enum mount_type)i;
			return 0;
		}
	return -EINVAL;
}

static int set_source(struct mount_spec *m, const char *value)
{
	free(m->source);
	m->source = *value ? mem_strdup(value) : NULL;
	return 0;
}

static int set_target(struct mount_spec *m, const char *value)
{
	free(m->target);
	m->target = mem_strdup(value);
	return 0;
}

static int set_recursion(struct mount_spec *m, const char *value)
{
	m->flat = strcmp(value, "disabled") == 0;
	return m->flat || strcmp(value, "enabled") == 0 ? 0 : -EINVAL;
}

static int set_relabel(struct mount_spec *m, const char *value)
{
	m->relabel = true;
	return strcmp(value, "shared") == 0 || strcmp(value, "private") == 0 ? 0 : -EINVAL;
}

static int set_driver(struct mount_spec *m, const char *value)
{
	(void)m;
	return strcmp(value, "local") == 0 ? 0 : -EINVAL;
}

static int ignore(struct mount_spec *m, const char *value)
{
	(void)m, (void)value;
	return 0;
}

static const struct key {
	const char *name;
	unsigned types;
	int (*set)(struct mount_spec *m, const char *value);
	const char *valid, *refusal;
} keys[] = {
	{"type", ~0u, set_type, "bind, volume or tmpfs", NULL},
	{"source", DISK, set_source, "a path or the name of a volume", NULL},
	{"src", DISK, set_source, "a path or the name of a volume", NULL},
	{"target", ~0u, set_target, "an absolute path", NULL},
	{"destination", ~0u, set_target, "an absolute path", NULL},
	{"dst", ~0u, set_target, "an absolute path", NULL},
	{"bind-propagation", BIND, set_propagation, "shared, slave or private, or one of these with an r before it", NULL},
	{"bind-recursive", BIND, set_recursion, "enabled or disabled", NULL},
	{"consistency", BIND, ignore, NULL, NULL},
	{"relabel", DISK, set_relabel, "shared or private", NULL},
	{"volume-driver", VOLUME, set_driver, "local", NULL},
	{"volume-label", VOLUME, NULL, NULL, "labels are given with 'hostel volume create'"},
	{"volume-opt", VOLUME, NULL, NULL, "volumes are directories of the store and have no driver options"},
	{"volume-subpath", VOLUME, NULL, NULL, "mount the whole volume"},
	{"tmpfs-size", TMPFS, add_size, "a size, for example 64M", NULL},
	{"tmpfs-mode", TMPFS, add_mode, "an octal mode, for example 1777", NULL},
	{"size", TMPFS, add_size, "a size, for example 64M", NULL},
	{"mode", TMPFS, add_mode, "an octal mode, for example 1777", NULL},
	{"nr_inodes", TMPFS, add_inodes, "a number", NULL},
	{"uid", TMPFS, add_uid, "a number", NULL},
	{"gid", TMPFS, add_gid, "a number", NULL},
};

static const struct key *find_key(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == n && strncmp(keys[i].name, text, n) == 0)
			return &keys[i];
	return NULL;
}

static int set_key(struct mount_spec *m, const struct key *k, const char *value, struct err *e)
{
	if (!(k->types >> m->type & 1))
		return err_msg(e, EINVAL, "'%s' is not for a mount of type %s", k->name, types[m->type]);
	if (k->refusal)
		return err_msg(e, EOPNOTSUPP, "'%s' is not supported: %s", k->name, k->refusal);
	if (k->set(m, value) < 0)
		return err_msg(e, EINVAL, "invalid value '%s' for '%s' (%s)", value, k->name, k->valid);
	return 0;
}

// A word with a boolean value: "ro=true".
static int set_switch(struct mount_spec *m, const char *text, const char *equals, struct err *e)
{
	auto_free char *name = mem_strndup(text, (size_t)(equals - text));
	const struct word *w = find_word(name);
	bool on = strcmp(equals + 1, "true") == 0 || strcmp(equals + 1, "1") == 0,
	     off = strcmp(equals + 1, "false") == 0 || strcmp(equals + 1, "0") == 0;

	if (!w)
		return err_msg(e, EINVAL, "unknown option '%s'", name);
	if (!on && !off && !w->refusal)
		return err_msg(e, EINVAL, "invalid value '%s' for '%s' (true or false)", equals + 1, name);
	return set_flag(m, w, on, e);
}

static int set_option(struct mount_spec *m, const char *text, struct err *e)
{
	const struct word *w = find_word(text);
	const char *equals = strchr(text, '=');
	const struct key *k = equals ? find_key(text, (size_t)(equals - text)) : NULL;

	if (k)
		return set_key(m, k, equals + 1, e);
	if (w)
		return set_flag(m, w, true, e);
	if (!equals && m->type != MOUNT_TMPFS && set_propagation(m, text) == 0)
		return 0;
	return equals ? set_switch(m, text, equals, e) : err_msg(e, EINVAL, "unknown option '%s'", text);
}

// --- whole mounts ---

static bool has_selinux(void)
{
	return access("/sys/fs/selinux/enforce", F_OK) == 0;
}

static int check_source(const struct mount_spec *m, struct err *e)
{
	if (m->type == MOUNT_BIND && !m->source)
		return err_msg(e, EINVAL, "a bind mount needs a source");
	if (m->type == MOUNT_BIND && m->source[0] != '/')
		return err_msg(e, EINVAL, "the source '%s' must be an absolute path", m->source);
	if (m->type == MOUNT_VOLUME && m->source && !name_is_valid(KIND_VOLUME, m->source))
		return err_msg(e, EINVAL, "invalid volume name '%s' (%s; a path begins with / or ./)", m->source, NAME_RULE);
	return 0;
}

static int finish(struct mount_spec *m, struct err *e)
{
	if (!m->target || m->target[0] != '/')
		return err_msg(e, EINVAL, "the target '%s' must be an absolute path", m->target ? m->target : "");
	char *plain = host_without_dots(m->target);
	free(m->target);
	m->target = plain;
	if (strcmp(plain, "/") == 0)
		return err_msg(e, EINVAL, "the target cannot be '/'");
	if (m->relabel && has_selinux())
		return err_msg(e, EOPNOTSUPP,
		               "options 'z' and 'Z' are not supported: containers run without SELinux labels");
	return check_source(m, e);
}

static int set_options(struct mount_spec *m, const struct strv *options, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < options->count; i++)
		r = set_option(m, options->items[i], e);
	return r;
}

static int read_volume(struct mount_spec *m, const char *text, struct err *e)
{
	auto_strv parts = {0}, options = {0};

	strv_split(&parts, text, ":");
	if (parts.count < 1 || parts.count > 3 || strstr(text, "::"))
		return err_msg(e, EINVAL, "expected SOURCE:TARGET[:OPTION,…]");
	const char *source = parts.count > 1 ? parts.items[0] : NULL;
	m->type = source && strchr("/.", *source) ? MOUNT_BIND : MOUNT_VOLUME;
	m->source = mem_strdup(source);
	m->target = mem_strdup(parts.items[source ? 1 : 0]);
	strv_split(&options, parts.count > 2 ? parts.items[2] : "", ",");
	int r = set_options(m, &options, e);
	return r < 0 ? r : finish(m, e);
}

int mount_spec_from_volume(struct mount_spec *m, const char *text, struct err *e)
{
	*m = (struct mount_spec){0};
	int r = read_volume(m, text, e);

	return r < 0 ? err_wrap(e, "volume '%s'", text) : 0;
}

int mount_spec_of_image(struct mount_spec *m, const char *path, struct err *e)
{
	*m = (struct mount_spec){.type = MOUNT_VOLUME, .target = mem_strdup(path)};
	return finish(m, e);
}

// Fields separated by commas; one in quotes may contain commas, and its quotes are doubled (RFC 4180).
static void split_fields(struct strv *fields, const char *text)
{
	while (*text) {
		auto_str field = {0};
		bool quoted = *text == '"';

		for (text += quoted; *text && (quoted || *text != ','); text++) {
			if (quoted && *text == '"' && text[1] != '"')
				quoted = false;
			else
				str_add_char(&field, *text);
			text += quoted && *text == '"';
		}
		text += *text == ',';
		strv_take(fields, str_steal(&field));
	}
}

// The type applies to all other fields, whatever their order. The default is volume.
static int read_mount(struct mount_spec *m, const char *text, struct err *e)
{
	auto_strv fields = {0};
	int r = 0;

	m->type = MOUNT_VOLUME;
	split_fields(&fields, text);
	for (size_t i = 0; r == 0 && i < fields.count; i++)
		if (str_starts(fields.items[i], "type="))
			r = set_option(m, fields.items[i], e);
	r = r < 0 ? r : set_options(m, &fields, e);
	return r < 0 ? r : finish(m, e);
}

int mount_spec_from_mount(struct mount_spec *m, const char *text, struct err *e)
{
	*m = (struct mount_spec){0};
	int r = read_mount(m, text, e);

	return r < 0 ? err_wrap(e, "mount '%s'", text) : 0;
}

static int read_tmpfs(struct mount_spec *m, const char *text, struct err *e)
{
	auto_strv options = {0};
	size_t n = strcspn(text, ":");

	m->type = MOUNT_TMPFS;
	m->target = mem_strndup(text, n);
	strv_split(&options, text[n] ? text + n + 1 : "", ",");
	int r = set_options(m, &options, e);
	return r < 0 ? r : finish(m, e);
}

int mount_spec_from_tmpfs(struct mount_spec *m, const char *text, struct err *e)
{
	*m = (struct mount_spec){0};
	int r = read_tmpfs(m, text, e);

	return r < 0 ? err_wrap(e, "tmpfs '%s'", text) : 0;
}

// --- text ---

static void add_field(struct str *out, const char *name, const char *value)
{
	auto_str field = {0};

	str_addf(&field, "%s=", name);
	for (const char *c = value; *c; c++) {
		str_add_char(&field, *c);
		if (*c == '"')
			str_add_char(&field, *c);
	}
	bool plain = !strpbrk(value, ",\"");
	str_addf(out, "%s%s%s%s", out->length ? "," : "", plain ? "" : "\"", str_text(&field), plain ? "" : "\"");
}

// The words to write: the first of those that set a flag.
static const char *const written[] = {"ro", "exec", "noexec", "suid", "dev", "U", "nocopy", "anonymous"};

char *mount_spec_text(const struct mount_spec *m)
{
	auto_str out = {0};

	add_field(&out, "type", types[m->type]);
	if (m->source)
		add_field(&out, "source", m->source);
	add_field(&out, "target", m->target);
	if (m->propagation)
		add_field(&out, "bind-propagation", m->propagation);
	if (m->flat)
		str_add(&out, ",bind-nonrecursive");
	for (size_t i = 0; i < ARRAY_SIZE(written); i++)
		if (*(const bool *)((const char *)m + find_word(written[i])->at))
			str_addf(&out, ",%s", written[i]);
	for (size_t i = 0; i < m->sizes.count; i++)
		str_addf(&out, ",%s", m->sizes.items[i]);
	return str_steal(&out);
}

// --- lists ---

struct mount_spec *mount_specs_add(struct mount_specs *m)
{
	m->items = mem_resize(m->items, m->count + 1, sizeof(*m->items));
	m->items[m->count] = (struct mount_spec){0};
	return &m->items[m->count++];
}

const struct mount_spec *mount_specs_find(const struct mount_specs *m, const char *target)
{
	for (size_t i = 0; i < m->count; i++)
		if (str_equal(m->items[i].target, target))
			return &m->items[i];
	return NULL;
}

static const struct {
	const char *parameter;
	int (*read)(struct mount_spec *m, const char *text, struct err *e);
} forms[] = {
	{PARAM_VOLUME, mount_spec_from_volume},
	{PARAM_MOUNT, mount_spec_from_mount},
	{PARAM_TMPFS, mount_spec_from_tmpfs},
};

static int check_last(const struct mount_specs *m, struct err *e)
{
	const struct mount_spec *last = &m->items[m->count - 1];

	return mount_specs_find(m, last->target) == last
	           ? 0
	           : err_msg(e, EINVAL, "two mounts have the target '%s'", last->target);
}

int mount_specs_asked(struct mount_specs *m, const struct params *p, struct err *e)
{
	const char *text;
	int r = 0;

	for (size_t f = 0; f < ARRAY_SIZE(forms); f++)
		for (size_t i = 0; r == 0 && (text = params_get_nth(p, forms[f].parameter, i)); i++) {
			r = forms[f].read(mount_specs_add(m), text, e);
			r = r < 0 ? r : check_last(m, e);
		}
	return r;
}

static bool is_settled(const struct mount_spec *m)
{
	return m->type != MOUNT_VOLUME || m->source;
}

int mount_specs_of(struct mount_specs *m, const struct record *r, struct err *e)
{
	auto_mount_specs asked = {0};
	int result = mount_specs_asked(&asked, &r->params, e);

	for (size_t i = 0; result == 0 && i < asked.count; i++)
		if (is_settled(&asked.items[i])) {
			*mount_specs_add(m) = asked.items[i];
			asked.items[i] = (struct mount_spec){0};
		}
	for (size_t i = 0; result == 0 && i < r->mounts.count; i++)
		result = mount_spec_from_mount(mount_specs_add(m), r->mounts.items[i], e);
	return result;
}

// --- for the runtime ---

static void add_tmpfs_options(const struct mount_spec *m, struct strv *options)
{
	bool mode = false;

	for (size_t i = 0; i < m->sizes.count; i++) {
		strv_add(options, m->sizes.items[i]);
		mode |= str_starts(m->sizes.items[i], "mode=");
	}
	if (!mode)
		strv_add(options, "mode=1777");
}

void mount_spec_options(const struct mount_spec *m, struct strv *options)
{
	bool tmpfs = m->type == MOUNT_TMPFS;

	if (tmpfs) {
		add_tmpfs_options(m, options);
	} else {
		strv_add(options, m->flat ? "bind" : "rbind");
		strv_add(options, m->propagation ? m->propagation : "rprivate");
	}
	if (!m->allow_suid)
		strv_add(options, "nosuid");
	if (!m->allow_dev)
		strv_add(options, "nodev");
	if (m->forbid_exec || (tmpfs && !m->allow_exec))
		strv_add(options, "noexec");
	strv_add(options, m->read_only ? "ro" : "rw");
}
