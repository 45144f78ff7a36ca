// Recipes: see model/recipe.h. Must not know how an engine cooks them.
#include "model/recipe.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/name.h"

static const struct recipe_field container_fields[] = {
	{"name", 'n', "Name", RECIPE_NAME, 0, NULL, NULL, "NAME", "name (generated if empty)"},
	{"image", 0, "Image", RECIPE_TEXT, RECIPE_REQUIRED | RECIPE_OPERAND, "host", NULL, "IMAGE", "host (this machine's own files), dir:PATH or oci:PATH[:TAG]"},
	{"command", 0, "Command", RECIPE_WORDS, RECIPE_OPERAND, NULL, NULL, "COMMAND", "command to run; the image's own if empty"},
	{"memory", 'm', "Memory", RECIPE_BYTES, RECIPE_LIVE | RECIPE_LIMIT, NULL, NULL, "SIZE", "memory limit, for example 512M; 0: no limit"},
	{"cpus", 'c', "CPUs", RECIPE_CPUS, RECIPE_LIVE | RECIPE_LIMIT, NULL, NULL, "NUMBER", "CPU limit, for example 0.5; 0: no limit"},
	{"pids", 0, "Tasks", RECIPE_COUNT, RECIPE_LIVE | RECIPE_LIMIT, "4096", NULL, "NUMBER", "limit of processes and threads; 0: no limit"},
	{"network", 0, "Network", RECIPE_CHOICE, 0, "none", "none host", "MODE", "none (loopback only) or host"},
	{"volume", 'v', "Volumes", RECIPE_LIST, 0, NULL, NULL, "FROM:TO[:ro]", "bind mount a directory or file of this host"},
	{"env", 'e', "Environment", RECIPE_PAIRS, 0, NULL, NULL, "NAME=VALUE", "environment variable"},
	{"tty", 't', "Terminal", RECIPE_FLAG, 0, "no", NULL, NULL, "allocate a terminal"},
	{"interactive", 'i', "Input", RECIPE_FLAG, RECIPE_RARE, "no", NULL, NULL, "keep standard input open; run and attach connect their own"},
	{"user", 'u', "User", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "USER[:GROUP]", "user of the command, looked up inside"},
	{"workdir", 'w', "Directory", RECIPE_PATH, RECIPE_RARE, NULL, NULL, "PATH", "working directory inside"},
	{"hostname", 0, "Host name", RECIPE_NAME, RECIPE_RARE, NULL, NULL, "NAME", "host name inside; the container's name if empty"},
	{"read-only-root", 0, "Read-only root", RECIPE_FLAG, RECIPE_RARE, "no", NULL, NULL, "mount the root read-only; only volumes and /tmp can be written to"},
	{"cap-add", 0, "Add capability", RECIPE_LIST, RECIPE_RARE, NULL, NULL, "NAME", "add a capability, or all"},
	{"cap-drop", 0, "Drop capability", RECIPE_LIST, RECIPE_RARE, NULL, NULL, "NAME", "drop a capability, or all"},
	{"restart", 0, "Restart", RECIPE_TEXT, RECIPE_LIVE, "no", "no always unless-stopped on-failure", "POLICY", "no, always, unless-stopped, or on-failure[:TIMES]"},
	{"label", 'l', "Labels", RECIPE_PAIRS, 0, NULL, NULL, "NAME=VALUE", "label, usable in filters"},
	{"rm", 0, "Delete at end", RECIPE_FLAG, RECIPE_RARE, "no", NULL, NULL, "delete the container when it exits"},
	{0},
};

static const struct recipe_field guest_fields[] = {
	{"name", 'n', "Name", RECIPE_NAME, RECIPE_REQUIRED, NULL, NULL, "NAME", "name of the guest"},
	{"disk", 0, "Disk image", RECIPE_FILE, 0, NULL, NULL, "PATH", "existing disk image or block device to boot from"},
	{"new-disk", 0, "New disk", RECIPE_BYTES, 0, NULL, NULL, "SIZE", "create an empty disk of this size, for example 20G"},
	{"iso", 0, "Install from", RECIPE_FILE, 0, NULL, NULL, "PATH", "ISO image to boot from, after its disk"},
	{"kernel", 0, "Kernel", RECIPE_FILE, 0, NULL, NULL, "PATH", "boot this kernel directly"},
	{"initrd", 0, "Initramfs", RECIPE_FILE, 0, NULL, NULL, "PATH", "with this initramfs"},
	{"append", 0, "Command line", RECIPE_TEXT, 0, NULL, NULL, "TEXT", "and this kernel command line"},
	{"cpus", 'c', "CPUs", RECIPE_COUNT, RECIPE_LIVE, "2", NULL, "NUMBER", "virtual CPUs"},
	{"memory", 'm', "Memory", RECIPE_BYTES, RECIPE_LIVE, "2G", NULL, "SIZE", "memory, for example 2G"},
	{"network", 0, "Network", RECIPE_TEXT, 0, "user", NULL, "NETWORK", "none, user, default, bridge:NAME or network:NAME"},
	{"cloud-init", 0, "cloud-init", RECIPE_FILE, RECIPE_RARE, NULL, NULL, "PATH", "cloud-init user-data file for the first start"},
	{"firmware", 0, "Firmware", RECIPE_CHOICE, RECIPE_RARE, "bios", "bios uefi", "KIND", "bios or uefi"},
	{"graphics", 0, "Graphics", RECIPE_CHOICE, RECIPE_RARE, "none", "none vnc spice", "KIND", "none (serial console), vnc or spice"},
	{"accel", 0, "Acceleration", RECIPE_CHOICE, RECIPE_RARE, "auto", "auto kvm emulated", "KIND", "auto, kvm, or emulated (slow)"},
	{"machine", 0, "Machine", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "TYPE", "machine type, for example q35 (usual) or pc for old systems"},
	{"arch", 0, "Architecture", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "ARCH", "architecture; one other than the host's is emulated"},
	{"cpu-model", 0, "CPU model", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "MODEL", "CPU model; the host's if empty"},
	{"disk-format", 0, "Disk format", RECIPE_CHOICE, RECIPE_RARE, "auto", "auto qcow2 raw luks vmdk vdi vpc qed qcow ploop bochs cloop dmg", "FORMAT", "qcow2, raw, …; auto: qcow2 for a new disk; detected for an existing disk that refers to no other file"},
	{"disk-bus", 0, "Disk bus", RECIPE_CHOICE, RECIPE_RARE, "virtio", "virtio scsi sata ide", "BUS", "virtio; scsi, sata or ide for old systems"},
	{"nic", 0, "Network card", RECIPE_CHOICE, RECIPE_RARE, "virtio", "virtio e1000e e1000 rtl8139", "MODEL", "virtio; others for old systems"},
	{"pool", 0, "Storage pool", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "POOL", "libvirt's storage pool for a new disk"},
	{"directory", 0, "Disks in", RECIPE_FILE, RECIPE_RARE, NULL, NULL, "PATH", "directory of a new disk; the default pool if empty"},
	{"serial-log", 0, "Serial log", RECIPE_FLAG, RECIPE_RARE, "yes", NULL, "YES", "yes or no: log the serial console"},
	{"os", 0, "System", RECIPE_TEXT, RECIPE_RARE, NULL, NULL, "TEXT", "name of the guest OS, for the list"},
	{"autostart", 0, "Autostart", RECIPE_FLAG, RECIPE_LIVE | RECIPE_RARE, "no", NULL, NULL, "start the guest when the host boots"},
	{"label", 'l', "Labels", RECIPE_PAIRS, 0, NULL, NULL, "NAME=VALUE", "label, usable in filters"},
	{0},
};

const struct recipe_field *recipe_fields(enum workload_kind kind)
{
	static const struct recipe_field *const tables[KINDS] = {
		[KIND_CONTAINER] = container_fields,
		[KIND_GUEST] = guest_fields,
	};

	return tables[kind];
}

static int parses_as_bytes(const char *value)
{
	uint64_t bytes;
	int r = units_parse_bytes(value, &bytes);

	return r < 0 ? r : bytes > 0 ? 0 : -ERANGE;
}

static int parses_as_cpus(const char *value)
{
	double cpus;

	return units_parse_cpus(value, &cpus);
}

static int parses_as_count(const char *value)
{
	uint64_t count;
	int r = str_to_u64(value, &count);

	return r < 0 ? r : count > 0 ? 0 : -ERANGE;
}

static int is_flag(const char *value)
{
	return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0 ? 0 : -EINVAL;
}

static int is_name(const char *value)
{
	return name_is_valid(NAME_OF_ANY, value) ? 0 : -EINVAL;
}

static int is_path(const char *value)
{
	return value[0] == '/' && strlen(value) < 4096 ? 0 : -EINVAL;
}

static int is_pair(const char *value)
{
	return value[0] != '=' && strchr(value, '=') ? 0 : -EINVAL;
}

static int is_anything(const char *value)
{
	(void)value;
	return 0;
}

static const struct {
	int (*check)(const char *value);
	const char *takes;
} types[] = {
	[RECIPE_TEXT] = {is_anything, "text"},
	[RECIPE_NAME] = {is_name, NAME_RULE},
	[RECIPE_PATH] = {is_path, "an absolute path"},
	[RECIPE_FILE] = {is_path, "an absolute path"},
	[RECIPE_BYTES] = {parses_as_bytes, "a size, for example 512M or 2G"},
	[RECIPE_CPUS] = {parses_as_cpus, "a number of CPUs, for example 0.5 or 2"},
	[RECIPE_COUNT] = {parses_as_count, "a whole number above 0"},
	[RECIPE_FLAG] = {is_flag, "yes or no"},
	[RECIPE_CHOICE] = {is_anything, NULL},
	[RECIPE_WORDS] = {is_anything, "words"},
	[RECIPE_PAIRS] = {is_pair, "NAME=VALUE"},
	[RECIPE_LIST] = {is_anything, "text"},
};

static int check_choice(const struct recipe_field *field, const char *value, struct err *e)
{
	auto_strv choices = {0};

	strv_split(&choices, field->choices, " ");
	for (size_t i = 0; i < choices.count; i++)
		if (strcmp(choices.items[i], value) == 0)
			return 0;
	return err_msg(e, EINVAL, "'%s' takes one of: %s; not '%s'", field->name, field->choices, value);
}

// Records and the wire are JSON, which carries nothing else.
static bool is_utf8(const char *text)
{
	uint32_t cp;

	for (size_t left = strlen(text), n; left > 0; text += n, left -= n)
		if ((n = str_decode(text, left, &cp)) == 0)
			return false;
	return true;
}

int recipe_check_value(const struct recipe_field *field, const char *value, struct err *e)
{
	if (!is_utf8(value))
		return err_msg(e, EINVAL, "'%s' takes UTF-8 text; not '%s'", field->name, value);
	if (field->type == RECIPE_CHOICE)
		return check_choice(field, value, e);
	if (field->flags & RECIPE_LIMIT && strcmp(value, "0") == 0)
		return 0;
	if (types[field->type].check(value) < 0)
		return err_msg(e, EINVAL, "'%s' takes %s; not '%s'", field->name, types[field->type].takes, value);
	return 0;
}

static const struct recipe_field *find_field(enum workload_kind kind, const char *name)
{
	for (const struct recipe_field *f = recipe_fields(kind); f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

int recipe_check(enum workload_kind kind, const struct params *p, struct err *e)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct recipe_field *field = find_field(kind, p->items[i].name);

		if (!field && strcmp(p->items[i].name, "start") == 0)
			continue; // for the engine, not the recipe
		if (!field)
			return err_msg(e, EINVAL, "a %s has no '%s'", workload_kind_name(kind), p->items[i].name);
		int r = recipe_check_value(field, p->items[i].value, e);
		if (r < 0)
			return r;
	}
	for (const struct recipe_field *f = recipe_fields(kind); f->name; f++)
		if ((f->flags & RECIPE_REQUIRED) && !*params_or(p, f->name, ""))
			return err_msg(e, EINVAL, "a %s needs '%s%s': %s", workload_kind_name(kind), f->flags & RECIPE_OPERAND ? "" : "--", f->name, f->help);
	return 0;
}
