// The parts of a domain's XML that hostel uses (libvirt.org/formatdomain.html).
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
	char *pool, *volume; // for type "volume"
	bool readonly, shareable;
	// not in the XML: bytes of a disk of a guest that is off, 0 = unknown; monotonic: when they were looked at
	uint64_t size, allocated;
	int64_t looked_at;
};

// A file that hostel created for a guest, as recorded in the metadata.
struct domain_file {
	char *path;
	uint64_t inode; // 0 = it did not exist yet
};

struct domain_nic {
	char *type;   // "user", "network", "bridge", …
	char *source; // network, bridge, interface, socket or PCI address
	char *mac, *model;
	char *target; // the running guest's interface on this host
};

// A serial or parallel port, or a console of another type.
struct domain_line {
	char *alias;       // "serial0"
	char *type;        // "pty", "tcp", "file", …
	char *leads;       // path or address, NULL = none or unknown
	const char *reach; // how to connect without libvirt ('%' = LEADS); NULL = through libvirt
};

// Strings are owned; NULL = not in the XML.
struct domain_facts {
	char *name, *uuid;
	char *type; // "kvm", "qemu" (emulated), "test", …
	char *title;
	char *os;   // guest OS: from our metadata, else from libosinfo's
	char *arch, *machine, *kernel;
	bool full; // fully virtualized (with firmware); not a libvirt container or a paravirtual guest
	bool uefi;
	unsigned vcpus, vcpus_max;
	uint64_t memory, memory_max; // bytes: current, and the limit while running
	uint64_t memory_slots_max; // bytes including memory devices, 0 = none can be added
	unsigned numa_cells;
	bool hugepages;
	int64_t created;             // wall-clock ns, 0 = unknown
	struct strv labels;
	struct domain_file *files; // only those recorded for this UUID: a copied definition has another
	size_t file_count;
	char *serial_log;
	struct domain_line *lines;
	size_t line_count;
	struct strv devices; // all other devices: "Host device: PCI 0000:06:12.5"
	bool agent, agent_connected;
	bool balloon;
	char *lsm_model, *lsm_label; // while running
	struct strv ports;     // published, as in model/workload.h
	const char *publisher; // "passt" or "QEMU user network", not owned; NULL = no ports are published
	char *graphics; // "vnc", "spice", …; with the address, "vnc://127.0.0.1:5900", while it listens on a TCP port
	struct domain_disk *disks;
	size_t disk_count;
	struct domain_nic *nics;
	size_t nic_count;
};

// Fills F (zeroed). Returns 0, or -EINVAL when XML is not the XML of a domain.
int domain_facts_parse(struct domain_facts *f, const char *xml, struct err *e);
void domain_facts_done(struct domain_facts *f);
