// What a domain's XML says, as far as hostel shows or needs it (libvirt.org/formatdomain.html).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct domain_disk {
	char *target; // "vda"
	char *bus;    // "virtio"
	char *device; // "disk", "cdrom", "floppy", "lun"
	char *type;   // "file", "block", "volume", "network", …
	// a path if it begins with '/', else "POOL/VOLUME", "nbd://host/name", "nvme:0000:01:00.0/1", …; NULL = empty
	char *source;
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
	char *source; // network, bridge, interface, socket or PCI address
	char *mac, *model;
	char *target; // the interface of a running one on this host
};

// A serial or parallel line, or a console of another kind.
struct domain_line {
	char *alias;       // "serial0"
	char *type;        // "pty", "tcp", "file", …
	char *leads;       // path or address, NULL = nowhere or unknown
	const char *reach; // how it is reached without libvirt, with '%' for where it leads; NULL = libvirt connects it
};

// Strings may be NULL (not said) and are owned.
struct domain_facts {
	char *name, *uuid;
	char *type; // "kvm", "qemu" (emulated), "test", …
	char *title;
	char *os;   // what runs in it: our own note, else libosinfo's
	char *arch, *machine, *kernel;
	bool full; // a whole machine with firmware, not a container of libvirt's or a paravirtual guest
	bool uefi;
	unsigned vcpus, vcpus_max;
	uint64_t memory, memory_max; // bytes: now, and as far as it can be raised while it runs
	uint64_t memory_slots_max; // with memory devices, 0 = it takes none
	unsigned numa_cells;
	bool hugepages;
	int64_t created;             // wall-clock ns, 0 = unknown
	struct strv labels;
	struct domain_file *files; // only those made for this UUID: a copy of a definition has another
	size_t file_count;
	char *serial_log;
	struct domain_line *lines;
	size_t line_count;
	struct strv devices; // neither disks, network cards nor lines: "Host device: PCI 0000:06:12.5"
	bool agent, agent_connected;
	bool balloon;
	char *lsm_model, *lsm_label; // of a running one
	char *graphics;
	struct domain_disk *disks;
	size_t disk_count;
	struct domain_nic *nics;
	size_t nic_count;
};

// Fills F (zeroed). Returns 0, or -EINVAL when XML is not the XML of a domain.
int domain_facts_parse(struct domain_facts *f, const char *xml, struct err *e);
void domain_facts_done(struct domain_facts *f);
