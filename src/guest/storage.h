// The files that a guest's definition and images name, their ownership, and deleting them.
//
//   content.c     what a file holds, by its bytes (pure)
//   chain.c       what an image refers to: from qemu-img's JSON to paths (pure)
//   names.c       what a definition names: from XML to paths (pure)
//   ownership.c   whether a file is the guest's own, and why not: a table (pure)
//   images.c      asks qemu-img, and remembers its answers
//   neighbours.c  collects what everything else on this host uses
//   places.c      … also where the own connection does not look
//   users.c       finds what has a file open
//   owned.c       the files of one guest, judged
//   remove.c      deletes what was judged
//   storage.c     makes disks and seeds
#pragma once

#include "parts.h"

// --- what a file holds (content.c) ---

enum {
	IMAGE_HEAD = 1024,          // bytes that tell the format of an image
	CONTENT_HEAD = 0x11000,     // … and any content: the superblock of UFS2 is the farthest
	CONTENT_TAIL = 512,
};

// The bytes of a file.
struct content_bytes {
	const char *head, *tail;
	size_t length, tail_length;
};

enum content_kind {
	CONTENT_IMAGE,   // of a disk, in a format that guests can be given
	CONTENT_OTHER,   // not a disk
	CONTENT_OPTICAL, // of a CD or DVD
	CONTENT_SECTORS, // of a disk, as they are
	CONTENT_UNKNOWN,
};
struct content {
	enum content_kind kind;
	const char *name;             // "a VDI image"
	const char *qemu, *libvirt;   // their names of its format, NULL = none
	const char *remedy;           // how to get a disk out of it; NULL = it is one
	bool readonly;                // QEMU never writes to this format
	bool compressed;              // a VMDK whose present data cannot be overwritten
	const char *unlocked;         // encrypted by LUKS: libvirt's name of its format once a passphrase is known; else NULL
};
struct content content_of(const struct content_bytes *b);
// QEMU's name of a format by libvirt's ("ploop" → "parallels"); an unknown one as it is.
const char *content_qemu_format(const char *libvirt);
// DRIVER when QEMU calls a format so; NULL for a protocol, a filter, a set of images.
const char *content_known_format(const char *driver);
// QEMU's name of a format as QEMU probes it by an image's first bytes; "raw" when they are of no known format.
const char *image_format(const void *head, size_t length);

// --- what an image refers to (chain.c) ---

// Another file of an image: its backing file, data file, extent.
struct image_ref {
	char *text;        // as the image spells it
	char *format;      // QEMU's driver for it, NULL = whatever is found there
	struct strv paths; // what the text may mean on this host, absolute
	bool remote;       // not, or not only, a path: a network protocol or something that is not understood
};
struct image_refs {
	struct image_ref *items;
	size_t count;
};
// Adds what JSON, printed by `qemu-img info --output=json`, says of the image at PATH (REAL: without symbolic links, may be NULL).
// Returns 0, or -EINVAL when it is something else.
int image_refs_parse(struct image_refs *refs, const char *json, const char *path, const char *real, struct err *e);
void image_refs_done(struct image_refs *refs);
// Whether a differencing VHD: it has a parent that QEMU ignores.
bool image_has_hidden_parent(const void *head, size_t length);
// Whether a qcow2 that says by itself that it refers to no other file, as most do.
bool image_is_alone(const void *head, size_t length);

// --- what a definition names (names.c) ---

enum name_kind {
	NAME_FILE,      // anything with a path
	NAME_IMAGE,     // an image, which may refer to others
	NAME_ARGUMENT,  // what may be an image in an argument for QEMU
	NAME_DIRECTORY, // with all in it
	NAME_VOLUME,    // an image by a storage pool and the name of its volume
	NAME_REMOTE,    // an image on another host, whose chain cannot be followed
};
struct name {
	enum name_kind kind;
	char *text;   // path or volume
	char *pool;   // of a volume
	char *format; // of an image, NULL = whatever is found there
};
struct names {
	struct name *items;
	size_t count;
};
// Adds what the XML of a domain, its status, snapshot or checkpoint names, apart from its metadata. Returns 0 or -EINVAL.
int names_parse(struct names *names, const char *xml, struct err *e);
void names_done(struct names *names);

// --- file ownership (ownership.c) ---

void neighbours_add(struct neighbours *n, bool directory, struct file_id file, const char *who);
void neighbours_doubt(struct neighbours *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
// Adds what FROM has, which is empty afterwards.
void neighbours_move(struct neighbours *n, struct neighbours *from);
void neighbours_done(struct neighbours *n);

enum part {
	PART_DISK,   // the image that the definition names
	PART_LAYER,  // an image below it, or beside it
	PART_SEED,   // cloud-init's
	PART_MEDIUM, // in an optical drive
	PART_DRIVE,  // a floppy, or a LUN
	PART_LOG,    // of its serial line
	PART_NVRAM,
	PART_TPM,    // a directory or file
	PART_SAVED,  // its memory
	PARTS,
};

// A file of a guest, as it was seen.
struct stored {
	enum part part;
	char *path;          // as the guest names it
	char *real;          // without symbolic links; NULL when it cannot be looked at
	int error;           // errno of that, 0 = what follows is valid
	struct file_id file;
	mode_t mode;
	unsigned long links;
	uint64_t bytes;      // on its file system
	bool symlink;        // the path's last part
	bool readonly, shareable;
	bool elsewhere;      // not an absolute path of this host
	bool relative;       // a relative path
	bool passing;        // only of the running guest, not of its definition
	bool recorded;       // made for this guest, as hostel or libvirt recorded
	bool private;        // where only libvirt or hostel keep files: no image of another guest
	bool aside;          // of a snapshot that is not among the present layers
	struct file_id *above; // the directories it is in
	size_t above_count;
	char *user;          // the process or device that has it open, or NULL
	char *why;           // it is kept, NULL: own
};
// Why S is not its guest's own; NULL when it is. Owned.
char *ownership_why_kept(const struct stored *s, const struct neighbours *n);

// --- looking at images (images.c) ---

void image_cache_init(struct image_cache *cache);
void image_cache_done(struct image_cache *cache);
// A user whose images are looked into with that user's rights; zeroed: the own.
struct account {
	uid_t user;
	gid_t group;
};
// What the image at PATH refers to. FORMAT NULL: as its first bytes say. Returns 0 or negative errno.
int image_refs_read(struct image_cache *cache, struct image_refs *refs, const char *path, const char *format, struct account as, struct err *e);
// The first bytes of a regular file or block device. Returns their number or negative errno.
ssize_t image_head(const char *path, char head[IMAGE_HEAD]);
// What the file or block device at PATH holds. Returns 0 or negative errno.
int content_read(struct content *c, const char *path);

// --- what else is used (neighbours.c) ---

// All that domains but UUID use, as far as it can be found; the rest is in the doubts.
void neighbours_collect(struct neighbours *n, struct guests *g, virConnectPtr conn, const char *uuid);
// All that the domains of CONN but UUID (may be NULL) use.
void neighbours_add_connection(struct neighbours *n, struct guests *g, virConnectPtr conn, const char *uuid);
// All that one definition uses. VOLUME gives the path of a volume, owned, or NULL.
void neighbours_add_xml(struct neighbours *n, struct guests *g, const char *xml, const char *who, struct account as, char *(*volume)(void *context, const char *pool, const char *volume),
                        void *context);
// The path of VOLUME by its pool's XML. Owned, or NULL.
char *volume_path_of(const char *pool_xml, const char *volume);
// Where the volume of a pool is. Owned; NULL when libvirt does not say.
char *volume_path(virConnectPtr conn, const char *pool, const char *volume);
// Calls EACH with the XML of every snapshot of DOMAIN. Returns 0, or -1 when libvirt does not give them.
int snapshots_each(virDomainPtr domain, void (*each)(const char *xml, void *context), void *context);

// --- other daemons (places.c) ---

// Where a daemon of libvirt's keeps its files. Strings are not owned.
struct libvirt_files {
	const char *daemon;  // for people
	const char *driver;  // "qemu"
	const char *config;  // "/etc/libvirt"
	const char *running; // of guests that run, may be NULL
	const char *state;   // with the directories of snapshots and checkpoints, may be NULL
	struct account as;
};
// *REFUSAL: errno when something there could not be read, else 0.
void daemon_read(struct neighbours *n, struct guests *g, const struct libvirt_files *files, int *refusal);

// --- processes that have a file open (users.c) ---

// Sets the users of ITEMS: processes but for the QEMU of UUID, and loop devices.
void users_find(struct stored *items, size_t count, const char *uuid);
// Whether FD's file has the locks of an image in use (QEMU's, on bytes from 100).
bool is_locked_image(int fd);

// --- the files of one guest (owned.c) ---

struct storage {
	struct stored *items;
	size_t count;
};
// Fills S (zeroed) with every file of the domain, judged. Returns 0 or negative errno.
int storage_judge(struct storage *s, struct guests *g, virConnectPtr conn, virDomainPtr domain, struct err *e);
void storage_done(struct storage *s);
// "disk", "firmware variables"
const char *storage_part_name(enum part part);
// Whether it goes only with --storage.
bool storage_part_is_optional(enum part part);

// --- deleting (remove.c) ---

// Whether its path still leads to the file that was judged.
bool storage_is_same(const struct stored *s);

// Deletes a file that was judged own, if it still is the same. Returns 0 (also when it is gone), or negative errno.
int storage_remove(virConnectPtr conn, const struct stored *s, struct err *e);
// Deletes a disk that storage_make() made a moment ago.
void storage_discard(virConnectPtr conn, const char *path, bool local);
// The storage pool for DIRECTORY; when there is none it is created (*MADE), until the daemon ends. NULL with E on failure.
virStoragePoolPtr storage_pool_for(virConnectPtr conn, const char *directory, bool *made, struct err *e);

// --- where new files go (directories.c) ---

// Where a new file of the guest that P describes goes. Owned.
char *storage_directory(const struct guests *g, const struct params *p);
// Whether a file can be made in DIRECTORY, which is made unless it was GIVEN.
bool storage_can_write(const struct guests *g, const char *directory, bool given);
// Makes an empty file. Fails when PATH exists, so that no foreign file is ever overwritten or, later, removed.
int storage_claim(const char *path, struct err *e);

// --- making (inspect.c, make.c, seed.c) ---

// An existing disk.
struct disk {
	const char *format; // libvirt's name
	bool block;         // a block device
	bool readonly;      // QEMU never writes to this format
	bool compressed;    // see struct content
	char secret[VIR_UUID_STRING_BUFLEN]; // of libvirt, which holds the passphrase of LUKS; "" = not encrypted
};
// Whether PATH is a block device, as far as that is known here.
bool storage_is_block(const struct guests *g, const char *path);
// Fills D for the disk at PATH; CONN is asked for the secret of an encrypted one. Returns 0, or -EINVAL where it cannot be one, or the user must say the
// format.
int storage_inspect(virConnectPtr conn, struct guests *g, const struct params *p, const char *path, struct disk *d, struct err *e);
// Refuses what is not the image of a CD or DVD.
int storage_check_optical(const struct guests *g, const char *path, struct err *e);
// Refuses what is not there, and what is not a file or, when BLOCK, a block device. WHAT: "kernel".
int storage_check_file(const char *what, const char *path, bool block, struct err *e);
// The format of a new disk.
const char *storage_new_format(const struct params *p);
// Makes an empty disk as P wants it. *PATH owned by the caller. -EEXIST: there is a file of that name.
int storage_make(virConnectPtr conn, const struct guests *g, const struct params *p, char **path, struct err *e);
// Makes a cloud-init seed (NoCloud: an ISO image "cidata") from the user-data file of P. *PATH owned by the caller.
// User-data that cloud-init would ignore is noted in JOB.
int storage_make_seed(const struct guests *g, const struct params *p, const struct job *job, char **path, struct err *e);
// Whether TEXT has a header by which cloud-init tells user-data.
bool seed_is_user_data(const char *text, size_t length);
