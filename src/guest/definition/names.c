// Extracts file names from the XML of a definition. Anything that looks like a path counts, in any element, so that
// elements unknown to this file are covered too.
#include "names.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/vir/xpath.h"

static void names_add(struct names *names, enum name_kind kind, const char *text, const char *pool, const char *format)
{
	names->items = mem_resize(names->items, names->count + 1, sizeof(*names->items));
	names->items[names->count++] = (struct name){kind, mem_strdup(text), mem_strdup(pool), mem_strdup(format)};
}

static void names_add_path(struct xml *x, void *context)
{
	auto_free char *text = xml_text(x, "normalize-space(.)");

	if (text && *text == '/')
		names_add(context, NAME_FILE, text, NULL, NULL);
}

// libvirt's daemon and QEMU run with / as their working directory, so relative paths are resolved from there.
static char *path_from_root(const char *path)
{
	return path && *path != '/' ? mem_printf("/%s", path) : mem_strdup(path);
}

static void names_add_relative(struct xml *x, void *context)
{
	auto_free char *text = xml_text(x, "normalize-space(.)");
	auto_free char *path = path_from_root(text);

	if (text && *text && *text != '/')
		names_add(context, NAME_FILE, path, NULL, NULL);
}

static void names_add_directory(struct xml *x, void *context)
{
	auto_free char *text = xml_text(x, ".");
	auto_free char *path = path_from_root(text);

	if (path)
		names_add(context, NAME_DIRECTORY, path, NULL, NULL);
}

// A path embedded in a QEMU argument ends with the argument or at one of these characters.
static void names_add_argument_paths(struct names *names, const char *from)
{
	for (const char *end = from;;) {
		end += strcspn(end, ",\"'{}[]: ");
		auto_free char *path = mem_strndup(from, (size_t)(end - from));
		names_add(names, NAME_ARGUMENT, path, NULL, NULL);
		if (!*end++)
			return;
	}
}

// "file=/images/a.qcow2,if=virtio", "file=images/a.qcow2", {"driver":"file","filename":"/images/a.qcow2"},
// "/images/a.qcow2"
static void names_add_argument(struct xml *x, void *context)
{
	auto_free char *text = xml_text(x, ".");
	auto_strv words = {0};
	const char *before = NULL;

	strv_split(&words, text ? text : "", ",=\"'{}[]: ");
	for (size_t i = 0; i < words.count; i++) {
		auto_free char *path = path_from_root(words.items[i]);
		if (*words.items[i] != '/' && strchr(words.items[i], '/'))
			names_add(context, NAME_ARGUMENT, path, NULL, NULL);
	}
	for (const char *s = text; s && (s = strchr(s, '/')); s++) {
		before = s > text ? s - 1 : NULL;
		if (!before || strchr("=\"':, ", *before))
			names_add_argument_paths(context, s);
	}
}

// A disk or one of its layers. If no format is given, libvirt treats a disk as raw, and probes a layer's image.
static void names_add_image(struct xml *x, void *context)
{
	bool disk = xml_has(x, "self::disk[not(parent::disks)]");
	auto_free char *format = xml_text(x, "driver/@type | format/@type | @format");
	auto_free char *named = xml_text(x, "source/@file | source/@dev | @file");
	auto_free char *path = path_from_root(named);
	auto_free char *pool = xml_text(x, "source/@pool");
	auto_free char *volume = xml_text(x, "source/@volume");
	const char *opened = format ? format : disk ? "raw" : NULL;

	if (path)
		names_add(context, NAME_IMAGE, path, NULL, opened);
	if (pool && volume)
		// without a format in the XML, the volume's own applies
		names_add(context, NAME_VOLUME, volume, pool, xml_has(x, "source/@mode") ? opened : format);
	if (xml_has(x, "source[@protocol]") && !str_equal(opened, "raw"))
		names_add(context, NAME_REMOTE, "a disk on the network", NULL, opened);
}

// Firmware and its variables are raw unless the XML says otherwise.
static void names_add_firmware(struct xml *x, void *context)
{
	auto_free char *format = xml_text(x, "@format");
	auto_free char *path = xml_text(x, "source/@file");
	auto_free char *text = path ? NULL : xml_text(x, "normalize-space(.)");

	if (path || (text && *text == '/'))
		names_add(context, NAME_IMAGE, path ? path : text, NULL, format);
}

static const struct {
	const char *xpath;
	void (*each)(struct xml *x, void *context);
} rows[] = {
	{"//disk | //backingStore | //mirror | //dataStore", names_add_image},
	{"//os/loader[@format and @format != 'raw'] | //os/nvram[@format and @format != 'raw']", names_add_firmware},
	{"//*[local-name() = 'commandline']/*/@value", names_add_argument},
	{"//source/@dir | //tpm/backend/source/@path", names_add_directory},
	{"//source/@file | //source/@dev | //source/@path | //log/@file | //os/loader/text() | //os/nvram/text() | "
	 "//os/kernel/text() | //os/initrd/text() | //os/dtb/text()",
	 names_add_relative},
	{"//@*[starts-with(normalize-space(.), '/')][not(ancestor::metadata)][not(parent::target and name() = 'dir')]",
	 names_add_path},
	{"//text()[starts-with(normalize-space(.), '/')][not(ancestor::metadata)]", names_add_path},
};

int names_parse(struct names *names, const char *xml, struct err *e)
{
	struct xml *x = xml_read(xml, NULL);

	if (!x)
		return err_msg(e, EINVAL, "not XML");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		xml_each(x, rows[i].xpath, rows[i].each, names);
	xml_free(x);
	return 0;
}

void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->items[i].text);
		free(names->items[i].pool);
		free(names->items[i].format);
	}
	free(names->items);
	*names = (struct names){0};
}
