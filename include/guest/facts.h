// What a domain's XML says, as far as hostel shows or needs it (libvirt.org/formatdomain.html).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

// The namespace of our own notes in a domain's metadata.
#define DOMAIN_NAMESPACE "urn:hostel:guest:1"

struct domain_disk {
	char *target; // "vda"
	char *bus;    // "virtio"
	char *device; // "disk", "cdrom", "floppy", "lun"
	char *type;   // "file", "block", "volume", "network", …
	char *source; // path, or "POOL/VOLUME"; NULL = empty
	char *format; // "qcow2"
	char *pool, *volume; // of type "volume"
	bool readonly, shareable;
};

// A file that hostel made for a guest, as its definition's metadata records it.
struct domain_file {
	char *path;
	uint64_t inode; // 0 = it did not exist yet
};

struct domain_nic {
	char *type;   // "user", "network", "bridge", …
	char *source; // network or bridge
	char *mac, *model;
	char *target; // the interface of a running one on this host
};

// Strings may be NULL (not said) and are owned.
struct domain_facts {
	char *name, *uuid;
	char *type; // "kvm", "qemu" (emulated), "test", …
	char *title;
	char *os;   // what runs in it: our own note, else libosinfo's
	char *arch, *machine, *kernel;
	bool uefi;
	unsigned vcpus, vcpus_max;
	uint64_t memory, memory_max; // bytes: now, and as far as it can be raised while it runs
	int64_t created;             // wall-clock ns, 0 = unknown
	struct strv labels;
	struct domain_file *files; // only those made for this UUID: a copy of a definition has another
	size_t file_count;
	char *serial_log;
	bool console; // it has a serial line or console
	bool agent, agent_connected;
	bool balloon;
	char *lsm_model, *lsm_label; // of a running one
	char *graphics;
	struct domain_disk *disks;
	size_t disk_count;
	struct domain_nic *nics;
	size_t nic_count;
};

// Fills F (zeroed). Returns 0, or -EINVAL when XML is no domain.
int domain_facts_parse(struct domain_facts *f, const char *xml, struct err *e);
void domain_facts_done(struct domain_facts *f);
