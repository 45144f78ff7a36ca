// From a recipe to domain XML (libvirt.org/formatdomain.html): a pure function, so that what we define can be tested
// without libvirt.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "facts.h"

// What the recipe does not say because it depends on the host. Strings may be NULL and are not owned.
struct domain_host {
	const char *type;     // "kvm" or "qemu"
	const char *arch;     // "x86_64"
	const char *machine;  // "q35", "pc", "virt", …
	const char *emulator; // path of QEMU, NULL = libvirt's choice
	const char *cpu_mode; // "host-passthrough", "maximum", NULL = QEMU's own default
	unsigned cpus;        // of the host
	int64_t now;          // wall-clock ns, noted as the time of creation
	const char *disk;     // path of the disk, existing or just made
	const char *disk_format;
	// UUID of libvirt's secret with the passphrase of a disk encrypted by LUKS, NULL = not encrypted
	const char *disk_secret;
	bool disk_is_block, disk_is_readonly, iso_is_block;
	const char *seed;     // path of a cloud-init seed
	const char *log_directory; // NULL = no serial log
	const char *uuid;     // NULL = libvirt's choice
	const struct domain_file *files; // made for this UUID, noted
	size_t file_count;
};

// Adds the XML of the guest that P (which has passed recipe_check()) describes on HOST. Returns 0, or -EINVAL naming
// what does not go together.
int domain_xml_make(struct str *xml, const struct params *p, const struct domain_host *host, struct err *e);
// Where the serial log of P's guest is in DIRECTORY. Owned.
char *domain_xml_log_path(const struct params *p, const char *directory);
// Adds TEXT so that XML takes it as text, in elements and attributes; what XML cannot hold at all is left out.
void domain_xml_add_text(struct str *xml, const char *text);
