// Identifies file contents: disk and CD images, raw disks, and files commonly mistaken for them.
#include "content.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"

enum { TEXT_BYTES = 512 }; // that must be a string

#define CONVERT "convert it: qemu-img convert -O qcow2 FILE NEW.qcow2"
#define UNPACK "unpack it first"
#define NO_SECRET "libvirt has no passphrase for it: define a secret of usage 'volume' for this path, see hostel(1)"
#define UNLOCK NO_SECRET "; or --" PARAM_DISK_FORMAT " raw if the guest asks for the passphrase itself"
#define ADOPT "use a disk image; or --" PARAM_DISK_FORMAT " raw if the guest mounts it as it is"

// The first match wins. Images come first because they can contain anything else; other non-disks come before raw
// sectors because they may look like some.
static const struct {
	long at; // negative: from the end of the file
	const char *magic;
	size_t length;
	struct content content;
} rows[] = {
#define IMAGE(AT, MAGIC, LENGTH, QEMU, LIBVIRT, NAME) \
	{AT, MAGIC, LENGTH, {CONTENT_IMAGE, NAME, .qemu = QEMU, .libvirt = LIBVIRT}}
#define FROZEN(AT, MAGIC, LENGTH, QEMU, LIBVIRT, NAME) \
	{AT, MAGIC, LENGTH, {CONTENT_IMAGE, NAME, .qemu = QEMU, .libvirt = LIBVIRT, .readonly = true}}
#define OTHER(AT, MAGIC, LENGTH, NAME, REMEDY) {AT, MAGIC, LENGTH, {CONTENT_OTHER, NAME, .remedy = REMEDY}}
#define OPTICAL(AT, MAGIC, LENGTH, NAME) {AT, MAGIC, LENGTH, {CONTENT_OPTICAL, NAME, .qemu = "raw", .libvirt = "raw"}}
#define SECTORS(AT, MAGIC, LENGTH, NAME) {AT, MAGIC, LENGTH, {CONTENT_SECTORS, NAME, .qemu = "raw", .libvirt = "raw"}}
    IMAGE(0, "QFI\xfb\0\0\0\1", 8, "qcow", "qcow", "a qcow image"),
    IMAGE(0, "QFI\xfb", 4, "qcow2", "qcow2", "a qcow2 image"),
    IMAGE(0, "KDMV", 4, "vmdk", "vmdk", "a VMDK image"),
    IMAGE(0, "COWD", 4, "vmdk", "vmdk", "a VMDK image of ESX"),
    IMAGE(0, "# Disk DescriptorFile", 21, "vmdk", "vmdk", "a VMDK descriptor"),
    IMAGE(0, "QED\0", 4, "qed", "qed", "a QED image"),
    IMAGE(64, "\x7f\x10\xda\xbe", 4, "vdi", "vdi", "a VDI image"),
    IMAGE(64, "\xbe\xda\x10\x7f", 4, "vdi", "vdi", "a VDI image"),
    IMAGE(0, "conectix", 8, "vpc", "vpc", "a VHD image"),
    IMAGE(-512, "conectix", 8, "vpc", "vpc", "a fixed VHD image"),
    IMAGE(0, "WithoutFreeSpace", 16, "parallels", "ploop", "a Parallels image"),
    IMAGE(0, "WithouFreSpacExt", 16, "parallels", "ploop", "a Parallels image"),
    FROZEN(0, "Bochs Virtual HD Image", 22, "bochs", "bochs", "a Bochs image"),
    FROZEN(0, "#!/bin/sh\n#V2.0 Format\nmodprobe cloop", 37, "cloop", "cloop", "a cloop image"),
    FROZEN(-512, "koly\0\0\0\4", 8, "dmg", "dmg", "a DMG image"),
    // QEMU's driver for it is meant for conversion only
    {0, "vhdxfile", 8, {CONTENT_OTHER, "a VHDX image", .qemu = "vhdx", .libvirt = "vhd", .remedy = CONVERT}},
    {0, "LUKS\xba\xbe", 6, {CONTENT_OTHER, "a LUKS-encrypted disk", .remedy = UNLOCK, .unlocked = "raw"}},
    OTHER(0, "\xbe\xba\xfe\xca\0\0\0\0", 8, "the data of a VMware snapshot", "name the .vmdk file that describes it"),
    OTHER(0,
          "\xfd"
          "7zXZ\0",
          6, "an xz archive", UNPACK ": xz -d FILE"),
    OTHER(0, "\x1f\x8b", 2, "a gzip archive", UNPACK ": gzip -d FILE"),
    OTHER(0, "\x28\xb5\x2f\xfd", 4, "a zstd archive", UNPACK ": zstd -d FILE"),
    OTHER(0, "BZh", 3, "a bzip2 archive", UNPACK ": bzip2 -d FILE"),
    OTHER(0, "\x5d\0\0\x80\0", 5, "an lzma archive", UNPACK ": xz -d FILE"),
    OTHER(0, "\x04\x22\x4d\x18", 4, "an lz4 archive", UNPACK ": lz4 -d FILE"),
    OTHER(0, "LZIP", 4, "an lzip archive", UNPACK ": lzip -d FILE"),
    OTHER(0, "\x89LZO\0", 5, "an lzop archive", UNPACK ": lzop -d FILE"),
    OTHER(0, "\x1f\x9d", 2, "a .Z archive", UNPACK ": uncompress FILE"),
    OTHER(0, "PK\3\4", 4, "a zip archive", UNPACK ": unzip FILE"),
    OTHER(0, "PK\5\6", 4, "an empty zip archive", "download or copy it again"),
    OTHER(0, "7z\xbc\xaf\x27\x1c", 6, "a 7z archive", UNPACK ": 7z x FILE"),
    OTHER(0, "Rar!\x1a\x07", 6, "a rar archive", UNPACK ": unrar x FILE"),
    OTHER(0, "MSCF\0\0\0\0", 8, "a cabinet archive", UNPACK ": cabextract FILE"),
    OTHER(0, "MSWIM\0\0\0", 8, "a Windows image, WIM",
          "Windows setup applies it to a disk: install from its ISO image"),
    OTHER(0, "!<arch>\n", 8, "an ar archive or Debian package", "name the disk image itself"),
    OTHER(0, "\xed\xab\xee\xdb", 4, "an RPM package", "name the disk image itself"),
    OTHER(0, "07070", 5, "a cpio archive", "to use it as an initramfs: --" PARAM_INITRD),
    OTHER(0, "hsqs", 4, "a squashfs file system", ADOPT),
    OTHER(0, "sqsh", 4, "a squashfs file system", ADOPT),
    OTHER(0, "\x45\x3d\xcd\x28", 4, "a cramfs file system", ADOPT),
    OTHER(0,
          "\x7f"
          "ELF",
          4, "an ELF program or kernel", "a kernel is given with --" PARAM_KERNEL),
    OTHER(0x202, "HdrS", 4, "a Linux kernel", "a kernel is given with --" PARAM_KERNEL),
    OTHER(0, "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", 12, "a CD image with raw 2352-byte sectors",
          "convert it to ISO 9660: bchunk or ccd2iso"),
    OTHER(0, "CISO", 4, "a compressed ISO image", UNPACK),
    OTHER(0, "DAA\0", 4, "a PowerISO image", "convert it to ISO 9660"),
    OTHER(-12, "NER5", 4, "a Nero image", "convert it to ISO 9660: nrg2iso"),
    OTHER(0, "%PDF-", 5, "a PDF document", "name the disk image itself"),
    OTHER(257, "ustar", 5, "a tar archive or OVA appliance", UNPACK ": tar xf FILE; then use the disk image in it"),
    OPTICAL(0x8001, "CD001", 5, "an ISO 9660 image"),
    OPTICAL(0x8001, "BEA01", 5, "a UDF image"),
    OPTICAL(0x8801, "NSR0", 4, "a UDF image"),
    OPTICAL(0x8009, "CDROM", 5, "a High Sierra image"),
    SECTORS(512, "EFI PART", 8, "a disk with GPT partitions"),
    SECTORS(4096, "EFI PART", 8, "a disk with GPT partitions"),
    SECTORS(510, "\x55\xaa", 2, "a disk with a boot sector"),
    SECTORS(0, "ER\2\0", 4, "a disk with Apple partitions"),
    SECTORS(508, "\xda\xbe", 2, "a disk with Sun partitions"),
    SECTORS(0, "RDSK", 4, "a disk with Amiga partitions"),
    SECTORS(0, "\x0b\xe5\xa9\x41", 4, "a disk with SGI partitions"),
    SECTORS(512, "\x57\x45\x56\x82", 4, "a disk with BSD partitions"),
    SECTORS(0x438, "\x53\xef", 2, "an ext2, ext3 or ext4 file system"),
    SECTORS(0, "XFSB", 4, "an XFS file system"),
    SECTORS(0x10040, "_BHRfS_M", 8, "a Btrfs file system"),
    SECTORS(0x400, "\x10\x20\xf5\xf2", 4, "an F2FS file system"),
    SECTORS(0x400, "\xe2\xe1\xf5\xe0", 4, "an EROFS file system"),
    SECTORS(0x400, "H+\0\4", 4, "an HFS+ file system"),
    SECTORS(0x400, "HX\0\5", 4, "an HFS+ file system"),
    SECTORS(32, "NXSB", 4, "an APFS container"),
    SECTORS(0x8000, "JFS1", 4, "a JFS file system"),
    SECTORS(0x10034, "ReIsEr", 6, "a ReiserFS file system"),
    SECTORS(0x255c, "\x54\x19\x01\0", 4, "a UFS file system"),
    SECTORS(0x1055c, "\x19\x01\x54\x19", 4, "a UFS2 file system"),
    SECTORS(0x1018, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca", 8, "a bcachefs file system"),
    SECTORS(4096 - 10, "SWAPSPACE2", 10, "swap space"),
    SECTORS(512, "LABELONE", 8, "an LVM volume"),
    SECTORS(0, "LABELONE", 8, "an LVM volume"),
    SECTORS(4096, "\xfc\x4e\x2b\xa9", 4, "a member of a RAID (md)"),
#undef IMAGE
#undef FROZEN
#undef OTHER
#undef OPTICAL
#undef SECTORS
};

static bool magic_matches(const struct content_bytes *b, long at, const char *magic, size_t length)
{
	if (at < 0) {
		size_t from_end = (size_t)-at;
		return from_end <= b->tail_length && memcmp(b->tail + b->tail_length - from_end, magic, length) == 0;
	}
	return b->length >= (size_t)at + length && memcmp(b->head + at, magic, length) == 0;
}

// --- text ---

// Whether the content is text.
static bool content_is_text(const struct content_bytes *b)
{
	size_t n = b->length < TEXT_BYTES ? b->length : TEXT_BYTES;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)b->head[i];
		if ((c < ' ' && !isspace(c) && c != '\x1b') || c == 0x7f)
			return false;
	}
	return n > 0;
}

static const struct {
	const char *words;
	struct content content;
} texts[] = {
	{"<!DOCTYPE html",
	 {CONTENT_OTHER, "a web page, for example of a failed download",
	  .remedy = "download it again, by the address of the file itself"}},
	{"<html",
	 {CONTENT_OTHER, "a web page, for example of a failed download",
	  .remedy = "download it again, by the address of the file itself"}},
	{"<Envelope", {CONTENT_OTHER, "an OVF description", .remedy = "use the disk image that it names"}},
	{"<VirtualBox", {CONTENT_OTHER, "a VirtualBox configuration", .remedy = "use the disk image that it names"}},
	{"<Parallels", {CONTENT_OTHER, "a Parallels description", .remedy = "use the .hds file beside it"}},
	{"<domain", {CONTENT_OTHER, "a guest definition", .remedy = "define it: virsh define FILE"}},
	{"config.version", {CONTENT_OTHER, "a VMware configuration", .remedy = "use the .vmdk file that it names"}},
	{"version https://git-lfs", {CONTENT_OTHER, "a Git LFS pointer", .remedy = "fetch the file itself: git lfs pull"}},
	{"<?xml", {CONTENT_OTHER, "an XML file", .remedy = "use a disk image"}},
	{"", {CONTENT_OTHER, "a text file", .remedy = "use a disk image; if it was downloaded, download it again"}},
};

static bool text_has_words(const struct content_bytes *b, const char *words)
{
	size_t n = b->length < TEXT_BYTES * 4 ? b->length : TEXT_BYTES * 4, length = strlen(words);

	for (size_t i = 0; i + length <= n; i++)
		if (strncasecmp(b->head + i, words, length) == 0)
			return true;
	return false;
}

static struct content text_content(const struct content_bytes *b)
{
	size_t i = 0;

	while (!text_has_words(b, texts[i].words)) // the last row matches everything
		i++;
	return texts[i].content;
}

// QEMU skips comments before the descriptor's first line.
static bool is_vmdk_descriptor(const struct content_bytes *b)
{
	return b->length && b->head[0] == '#' &&
	       memmem(b->head, b->length < IMAGE_HEAD ? b->length : IMAGE_HEAD, "\nversion=", 9);
}

// --- formats that need more than a magic number ---

#define DECRYPT "QEMU cannot run a guest from it: decrypt it with qemu-img convert and --image-opts"

// The low byte of a header field, and what the image is if that byte is VALUE (0: any value but 0). Offsets from
// docs/interop/qcow2.txt and block/{qcow,vdi}.c in QEMU, and Microsoft's "Virtual Hard Disk Image Format
// Specification".
static const struct {
	const char *qemu;
	size_t at;
	char value;
	struct content content;
} headers[] = {
	{"qcow2", 35, 2,
	 {CONTENT_OTHER, "an encrypted qcow2 image", .qemu = "qcow2", .remedy = NO_SECRET, .unlocked = "qcow2"}},
	{"qcow2", 35, 0, {CONTENT_OTHER, "a qcow2 image encrypted by AES", .qemu = "qcow2", .remedy = DECRYPT}},
	{"qcow", 39, 0, {CONTENT_OTHER, "an encrypted qcow image", .qemu = "qcow", .remedy = DECRYPT}},
	{"vpc", 63, 4,
	 {CONTENT_OTHER, "a differencing VHD image", .qemu = "vpc",
	  .remedy = "merge it with its parent: Merge-VHD in Hyper-V"}},
	{"vdi", 76, 4,
	 {CONTENT_OTHER, "a differencing VDI image", .qemu = "vdi",
	  .remedy = "merge it with its parent: VBoxManage clonemedium FILE NEW.vdi"}},
};

static void content_refine(struct content *c, const struct content_bytes *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		char value = b->length > headers[i].at ? b->head[headers[i].at] : 0;

		if (str_equal(c->qemu, headers[i].qemu) && (headers[i].value ? value == headers[i].value : value)) {
			*c = headers[i].content;
			return;
		}
	}
	// VMware's "Virtual Disk Format 5.0"
	c->compressed = magic_matches(b, 0, "KDMV", 4) && magic_matches(b, 77, "\1\0", 2);
}

static bool content_is_blank(const struct content_bytes *b)
{
	for (size_t i = 0; i < b->length; i++)
		if (b->head[i])
			return false;
	return true;
}

struct content content_of(const struct content_bytes *b)
{
	struct content c = {.kind = CONTENT_OTHER,
	                    .name = "an empty file",
	                    .remedy = "download or copy it again; for a new disk, use --" PARAM_NEW_DISK " SIZE"};

	if (b->length == 0)
		return c;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (magic_matches(b, rows[i].at, rows[i].magic, rows[i].length)) {
			c = rows[i].content;
			if (rows[i].at >= 0) // the header was read
				content_refine(&c, b);
			return c;
		}
	if (is_vmdk_descriptor(b))
		return (struct content){CONTENT_IMAGE, "a VMDK descriptor", .qemu = "vmdk", .libvirt = "vmdk"};
	if (content_is_text(b))
		return text_content(b);
	if (content_is_blank(b))
		return (struct content){
			CONTENT_BLANK,
			"blank, without partitions or a file system",
			.qemu = "raw",
			.libvirt = "raw",
			.remedy = "to install on it, add --" PARAM_ISO " or --" PARAM_KERNEL "; for a raw disk: "
			 "--" PARAM_DISK_FORMAT " raw",
		};
	return (struct content){CONTENT_UNKNOWN, "of an unknown format",
	                        .remedy = "for a raw disk: --" PARAM_DISK_FORMAT " raw"};
}

// --- format names ---

const char *content_qemu_format(const char *libvirt)
{
	for (size_t i = 0; libvirt && i < ARRAY_SIZE(rows); i++)
		if (str_equal(rows[i].content.libvirt, libvirt))
			return rows[i].content.qemu;
	return libvirt;
}

const char *content_known_format(const char *driver)
{
	static const char *const others[] = {"raw", "luks"};

	for (size_t i = 0; driver && i < ARRAY_SIZE(rows); i++)
		if (str_equal(rows[i].content.qemu, driver))
			return rows[i].content.qemu;
	for (size_t i = 0; driver && i < ARRAY_SIZE(others); i++)
		if (strcmp(others[i], driver) == 0)
			return others[i];
	return NULL;
}

const char *image_format(const void *head, size_t length)
{
	const struct content_bytes b = {.head = head, .length = length};
	struct content c = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !c.name; i++)
		if (rows[i].content.qemu && rows[i].at >= 0 && rows[i].content.kind <= CONTENT_OTHER &&
		    magic_matches(&b, rows[i].at, rows[i].magic, rows[i].length))
			c = rows[i].content;
	return c.qemu ? c.qemu : is_vmdk_descriptor(&b) ? "vmdk" : "raw";
}
