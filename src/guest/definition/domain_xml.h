// Generates domain XML (libvirt.org/formatdomain.html) from a recipe: a pure function, testable without libvirt.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "facts.h"
#include "model/ports.h"

// Properties of the guest that depend on the host, not on the recipe. Strings may be NULL and are not owned.
struct domain_host {
	const char *type;     // "kvm" or "qemu"
	const char *arch;     // "x86_64"
	const char *machine;  // "q35", "pc", "virt", …
	const char *emulator; // path of QEMU, NULL = libvirt's default
	const char *cpu_mode; // "host-passthrough", "maximum", NULL = QEMU's default
	unsigned cpus;        // of the host
	int64_t now;          // wall-clock ns, recorded as the creation time
	const char *disk;     // path of the existing or new disk
	const char *disk_format;
	// UUID of the libvirt secret that unlocks a LUKS-encrypted disk, NULL = not encrypted
	const char *disk_secret;
	bool disk_is_block, disk_is_readonly, iso_is_block;
	const char *seed;     // path of a cloud-init seed
	const char *log_directory; // NULL = no serial log
	const struct ports *ports; // to publish
	bool passt;                // passt publishes them, not QEMU itself
	const char *mac;           // of the card whose ports QEMU publishes
	const char *uuid;     // NULL = libvirt generates one
	const struct domain_file *files; // created for this UUID, recorded in the metadata
	size_t file_count;
};

// Adds the XML of the guest described by P, which has passed recipe_check(), on HOST. Returns 0, or -EINVAL for an
// invalid value or combination.
int domain_xml_make(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e);
// Path of the serial log of P's guest in DIRECTORY. Owned.
char *domain_xml_log_path(const struct params *p, const char *directory);
// Adds TEXT escaped for XML elements and attributes; characters that XML cannot represent are dropped.
void domain_xml_add_text(struct str *xml, const char *text);
