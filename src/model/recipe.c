// Recipes: see model/recipe.h.
#include "model/recipe.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "model/name.h"

static const struct recipe_field container_fields[] = {
	{.name = "name", .letter = 'n', .label = "Name", .type = RECIPE_NAME, .value = "NAME",
	 .help = "name (generated if empty)"},
	{.name = "image", .label = "Image", .type = RECIPE_TEXT, .flags = RECIPE_REQUIRED | RECIPE_OPERAND,
	 .initial = "host", .value = "IMAGE", .help = "host (this machine's own files), dir:PATH or oci:PATH[:TAG]"},
	{.name = "command", .label = "Command", .type = RECIPE_WORDS, .flags = RECIPE_OPERAND, .value = "COMMAND",
	 .help = "command to run; the image's own if empty"},
	{.name = "memory", .letter = 'm', .label = "Memory", .type = RECIPE_BYTES, .flags = RECIPE_LIVE | RECIPE_LIMIT,
	 .value = "SIZE", .help = "memory limit, for example 512M; 0: no limit"},
	{.name = "cpus", .letter = 'c', .label = "CPUs", .type = RECIPE_CPUS, .flags = RECIPE_LIVE | RECIPE_LIMIT,
	 .value = "NUMBER", .help = "CPU limit, for example 0.5; 0: no limit"},
	{.name = "pids", .label = "Tasks", .type = RECIPE_COUNT, .flags = RECIPE_LIVE | RECIPE_LIMIT, .initial = "4096",
	 .value = "NUMBER", .help = "limit of processes and threads; 0: no limit"},
	{.name = "network", .label = "Network", .type = RECIPE_CHOICE, .initial = "none", .choices = "none host",
	 .value = "MODE", .help = "none (loopback only) or host"},
	{.name = "volume", .letter = 'v', .label = "Volumes", .type = RECIPE_LIST, .value = "FROM:TO[:ro]",
	 .help = "bind mount a directory or file of this host"},
	{.name = "env", .letter = 'e', .label = "Environment", .type = RECIPE_PAIRS, .value = "NAME=VALUE",
	 .help = "environment variable"},
	{.name = "tty", .letter = 't', .label = "Terminal", .type = RECIPE_FLAG, .initial = "no",
	 .help = "allocate a terminal"},
	{.name = "interactive", .letter = 'i', .label = "Input", .type = RECIPE_FLAG, .flags = RECIPE_RARE,
	 .initial = "no", .help = "keep standard input open; run and attach connect their own"},
	{.name = "user", .letter = 'u', .label = "User", .type = RECIPE_TEXT, .flags = RECIPE_RARE,
	 .value = "USER[:GROUP]", .help = "user of the command, looked up inside"},
	{.name = "workdir", .letter = 'w', .label = "Directory", .type = RECIPE_PATH, .flags = RECIPE_RARE,
	 .value = "PATH", .help = "working directory inside"},
	{.name = "hostname", .label = "Host name", .type = RECIPE_NAME, .flags = RECIPE_RARE, .value = "NAME",
	 .help = "host name inside; the container's name if empty"},
	{.name = "read-only-root", .label = "Read-only root", .type = RECIPE_FLAG, .flags = RECIPE_RARE,
	 .initial = "no", .help = "mount the root read-only; only volumes and /tmp can be written to"},
	{.name = "cap-add", .label = "Add capability", .type = RECIPE_LIST, .flags = RECIPE_RARE, .value = "NAME",
	 .help = "add a capability, or all"},
	{.name = "cap-drop", .label = "Drop capability", .type = RECIPE_LIST, .flags = RECIPE_RARE, .value = "NAME",
	 .help = "drop a capability, or all"},
	{.name = "restart", .label = "Restart", .type = RECIPE_TEXT, .flags = RECIPE_LIVE, .initial = "no",
	 .choices = "no always unless-stopped on-failure", .value = "POLICY",
	 .help = "no, always, unless-stopped, or on-failure[:TIMES]"},
	{.name = "label", .letter = 'l', .label = "Labels", .type = RECIPE_PAIRS, .value = "NAME=VALUE",
	 .help = "label, usable in filters"},
	{.name = "rm", .label = "Delete at end", .type = RECIPE_FLAG, .flags = RECIPE_RARE, .initial = "no",
	 .help = "delete the container when it exits"},
	{0},
};

static const struct recipe_field guest_fields[] = {
	{.name = "name", .letter = 'n', .label = "Name", .type = RECIPE_NAME, .flags = RECIPE_REQUIRED, .value = "NAME",
	 .help = "name of the guest"},
	{.name = "disk", .label = "Disk image", .type = RECIPE_FILE, .value = "PATH",
	 .help = "existing disk image or block device to boot from"},
	{.name = "new-disk", .label = "New disk", .type = RECIPE_BYTES, .value = "SIZE",
	 .help = "create an empty disk of this size, for example 20G"},
	{.name = "iso", .label = "Install from", .type = RECIPE_FILE, .value = "PATH",
	 .help = "ISO image to boot from, after its disk"},
	{.name = "kernel", .label = "Kernel", .type = RECIPE_FILE, .value = "PATH", .help = "boot this kernel directly"},
	{.name = "initrd", .label = "Initramfs", .type = RECIPE_FILE, .value = "PATH", .help = "with this initramfs"},
	{.name = "append", .label = "Command line", .type = RECIPE_TEXT, .value = "TEXT",
	 .help = "and this kernel command line"},
	{.name = "cpus", .letter = 'c', .label = "CPUs", .type = RECIPE_COUNT, .flags = RECIPE_LIVE, .initial = "2",
	 .value = "NUMBER", .help = "virtual CPUs"},
	{.name = "memory", .letter = 'm', .label = "Memory", .type = RECIPE_BYTES, .flags = RECIPE_LIVE,
	 .initial = "2G", .value = "SIZE", .help = "memory, for example 2G"},
	{.name = "network", .label = "Network", .type = RECIPE_TEXT, .initial = "user", .value = "NETWORK",
	 .help = "none, user, default, bridge:NAME or network:NAME"},
	{.name = "cloud-init", .label = "cloud-init", .type = RECIPE_FILE, .flags = RECIPE_RARE, .value = "PATH",
	 .help = "cloud-init user-data file for the first start"},
	{.name = "firmware", .label = "Firmware", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "bios",
	 .choices = "bios uefi", .value = "KIND", .help = "bios or uefi"},
	{.name = "graphics", .label = "Graphics", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "none",
	 .choices = "none vnc spice", .value = "KIND", .help = "none (serial console), vnc or spice"},
	{.name = "accel", .label = "Acceleration", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "auto",
	 .choices = "auto kvm emulated", .value = "KIND", .help = "auto, kvm, or emulated (slow)"},
	{.name = "machine", .label = "Machine", .type = RECIPE_TEXT, .flags = RECIPE_RARE, .value = "TYPE",
	 .help = "machine type, for example q35 (usual) or pc for old systems"},
	{.name = "arch", .label = "Architecture", .type = RECIPE_TEXT, .flags = RECIPE_RARE, .value = "ARCH",
	 .help = "architecture; one other than the host's is emulated"},
	{.name = "cpu-model", .label = "CPU model", .type = RECIPE_TEXT, .flags = RECIPE_RARE, .value = "MODEL",
	 .help = "CPU model; the host's if empty"},
	{.name = "disk-format", .label = "Disk format", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "auto",
	 .choices = "auto qcow2 raw luks vmdk vdi vpc qed qcow ploop bochs cloop dmg", .value = "FORMAT",
	 .help = "qcow2, raw, …; auto: qcow2 for a new disk; detected for an existing disk that refers to no other file"},
	{.name = "disk-bus", .label = "Disk bus", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "virtio",
	 .choices = "virtio scsi sata ide", .value = "BUS", .help = "virtio; scsi, sata or ide for old systems"},
	{.name = "nic", .label = "Network card", .type = RECIPE_CHOICE, .flags = RECIPE_RARE, .initial = "virtio",
	 .choices = "virtio e1000e e1000 rtl8139", .value = "MODEL", .help = "virtio; others for old systems"},
	{.name = "pool", .label = "Storage pool", .type = RECIPE_TEXT, .flags = RECIPE_RARE, .value = "POOL",
	 .help = "libvirt's storage pool for a new disk"},
	{.name = "directory", .label = "Disks in", .type = RECIPE_FILE, .flags = RECIPE_RARE, .value = "PATH",
	 .help = "directory of a new disk; the default pool if empty"},
	{.name = "serial-log", .label = "Serial log", .type = RECIPE_FLAG, .flags = RECIPE_RARE, .initial = "yes",
	 .value = "YES", .help = "yes or no: log the serial console"},
	{.name = "os", .label = "System", .type = RECIPE_TEXT, .flags = RECIPE_RARE, .value = "TEXT",
	 .help = "name of the guest OS, for the list"},
	{.name = "autostart", .label = "Autostart", .type = RECIPE_FLAG, .flags = RECIPE_LIVE | RECIPE_RARE,
	 .initial = "no", .help = "start the guest when the host boots"},
	{.name = "label", .letter = 'l', .label = "Labels", .type = RECIPE_PAIRS, .value = "NAME=VALUE",
	 .help = "label, usable in filters"},
	{0},
};

const struct recipe_field *recipe_fields(enum kind kind)
{
	static const struct recipe_field *const tables[WORKLOAD_KINDS] = {
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
	[RECIPE_TEXT] = {.check = is_anything, .takes = "text"},
	[RECIPE_NAME] = {.check = is_name, .takes = NAME_RULE},
	[RECIPE_PATH] = {.check = is_path, .takes = "an absolute path"},
	[RECIPE_FILE] = {.check = is_path, .takes = "an absolute path"},
	[RECIPE_BYTES] = {.check = parses_as_bytes, .takes = "a size, for example 512M or 2G"},
	[RECIPE_CPUS] = {.check = parses_as_cpus, .takes = "a number of CPUs, for example 0.5 or 2"},
	[RECIPE_COUNT] = {.check = parses_as_count, .takes = "a whole number above 0"},
	[RECIPE_FLAG] = {.check = is_flag, .takes = "yes or no"},
	[RECIPE_CHOICE] = {.check = is_anything},
	[RECIPE_WORDS] = {.check = is_anything, .takes = "words"},
	[RECIPE_PAIRS] = {.check = is_pair, .takes = "NAME=VALUE"},
	[RECIPE_LIST] = {.check = is_anything, .takes = "text"},
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

static const struct recipe_field *find_field(enum kind kind, const char *name)
{
	for (const struct recipe_field *f = recipe_fields(kind); f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

int recipe_check(enum kind kind, const struct params *p, struct err *e)
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
