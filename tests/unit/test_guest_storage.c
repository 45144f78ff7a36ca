// guest: what an image refers to (from answers of qemu-img that were recorded), what a definition names, and whose a
// file is.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/definition/names.h"
#include "guest/files/chain.h"
#include "guest/files/claims.h"
#include "guest/files/content.h"
#include "guest/files/images.h"
#include "guest/files/ownership.h"
#include "guest/storage/daemons.h"
#include "guest/storage/remove.h"
#include "guest/storage/seed.h"
#include "guest/storage/usage.h"
#include "sys/fs.h"

#include "test.h"

// --- formats ---

static void formats_by_their_first_bytes(void **state)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t length;
		const char *format;
	} rows[] = {
		{0, "QFI\xfb\0\0\0\3", 8, "qcow2"}, {0, "QFI\xfb\0\0\0\1", 8, "qcow"}, {0, "KDMV", 4, "vmdk"}, {0,
		 "# Disk DescriptorFile\nversion=1", 31, "vmdk"},
		{0, "# other\n\nversion=1\n", 19, "vmdk"}, {0, "#!/bin/sh\n", 10, "raw"}, {0, "vhdxfile", 8, "vhdx"}, {0,
		 "conectix", 8, "vpc"}, {0, "QED\0", 4, "qed"},
		{64, "\x7f\x10\xda\xbe", 4, "vdi"}, {0, "WithoutFreeSpace", 16, "parallels"}, {0, "LUKS\xba\xbe", 6, "raw"},
		 {0, "", 0, "raw"}, {0, "QFI", 3, "raw"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char head[IMAGE_HEAD] = "";

		memcpy(head + rows[i].at, rows[i].bytes, rows[i].length);
		assert_string_equal(image_format(head, rows[i].at + rows[i].length), rows[i].format);
	}
	char vhd[IMAGE_HEAD] = "conectix";
	assert_false(image_has_hidden_parent(vhd, sizeof(vhd)));
	vhd[63] = 4;
	assert_true(image_has_hidden_parent(vhd, sizeof(vhd)));
	char qcow2[IMAGE_HEAD] = "QFI\xfb\0\0\0\3";
	assert_true(image_is_alone(qcow2, sizeof(qcow2)));
	assert_false(image_is_alone(qcow2, 79));
	for (size_t i = 8; i < 16; i++) { // where its backing file's name is
		qcow2[i] = 1;
		assert_false(image_is_alone(qcow2, sizeof(qcow2)));
		qcow2[i] = 0;
	}
	qcow2[79] = 5; // dirty, and with an external data file
	assert_false(image_is_alone(qcow2, sizeof(qcow2)));
	qcow2[79] = 1;
	assert_true(image_is_alone(qcow2, sizeof(qcow2)));
	qcow2[7] = 4; // a version to come
	assert_false(image_is_alone(qcow2, sizeof(qcow2)));
}

// --- what a file holds ---

static void contents_by_their_bytes(void **state)
{
	enum { END = CONTENT_HEAD };
	static const struct {
		long at; // negative: from the end
		const char *bytes;
		size_t length;
		enum content_kind kind;
		const char *format, *words; // libvirt's name; of the name and remedy
	} rows[] = {
		{0, "QFI\xfb\0\0\0\3", 8, CONTENT_IMAGE, "qcow2", "a qcow2 image"},
		{0, "QFI\xfb\0\0\0\1", 8, CONTENT_IMAGE, "qcow", "a qcow image"},
		{0, "KDMV\1", 5, CONTENT_IMAGE, "vmdk", "VMDK"},
		{0, "# Disk DescriptorFile\nversion=1", 31, CONTENT_IMAGE, "vmdk", "VMDK descriptor"},
		{0, "# comment\n\nversion=1\n", 21, CONTENT_IMAGE, "vmdk", "VMDK descriptor"},
		{0, "QED\0", 4, CONTENT_IMAGE, "qed", "QED"},
		{64, "\x7f\x10\xda\xbe", 4, CONTENT_IMAGE, "vdi", "VDI"},
		{0, "conectix", 8, CONTENT_IMAGE, "vpc", "VHD"},
		{-512, "conectix", 8, CONTENT_IMAGE, "vpc", "fixed VHD"},
		{0, "WithoutFreeSpace", 16, CONTENT_IMAGE, "ploop", "Parallels"},
		{0, "WithouFreSpacExt", 16, CONTENT_IMAGE, "ploop", "Parallels"},
		{0, "Bochs Virtual HD Image", 22, CONTENT_IMAGE, "bochs", "Bochs"},
		{-512, "koly\0\0\0\4", 8, CONTENT_IMAGE, "dmg", "DMG"},
		{0, "vhdxfile", 8, CONTENT_OTHER, "vhd", "VHDX.*qemu-img convert -O qcow2"},
		{0, "LUKS\xba\xbe\0\2", 8, CONTENT_OTHER, NULL, "LUKS.*secret"},
		{0, "\xfd" "7zXZ\0", 6, CONTENT_OTHER, NULL, "xz archive.*xz -d"},
		{0, "\x1f\x8b\x08", 3, CONTENT_OTHER, NULL, "gzip"},
		{0, "\x28\xb5\x2f\xfd", 4, CONTENT_OTHER, NULL, "zstd"},
		{0, "BZh9", 4, CONTENT_OTHER, NULL, "bzip2"},
		{0, "PK\3\4", 4, CONTENT_OTHER, NULL, "zip"},
		{0, "7z\xbc\xaf\x27\x1c", 6, CONTENT_OTHER, NULL, "7z"},
		{257, "ustar", 5, CONTENT_OTHER, NULL, "OVA"},
		{0, "hsqs", 4, CONTENT_OTHER, NULL, "squashfs.*--disk-format raw"},
		{0x202, "HdrS", 4, CONTENT_OTHER, NULL, "Linux kernel.*--kernel"},
		{0x8001, "CD001", 5, CONTENT_OPTICAL, "raw", "ISO 9660"},
		{0x8001, "BEA01", 5, CONTENT_OPTICAL, "raw", "UDF"},
		{510, "\x55\xaa", 2, CONTENT_SECTORS, "raw", "boot sector"},
		{512, "EFI PART", 8, CONTENT_SECTORS, "raw", "GPT"},
		{0x438, "\x53\xef", 2, CONTENT_SECTORS, "raw", "ext4"},
		{0, "XFSB", 4, CONTENT_SECTORS, "raw", "XFS"},
		{0x10040, "_BHRfS_M", 8, CONTENT_SECTORS, "raw", "Btrfs"},
		{512, "LABELONE", 8, CONTENT_SECTORS, "raw", "LVM"},
		{4086, "SWAPSPACE2", 10, CONTENT_SECTORS, "raw", "swap"},
		{0, "", 0, CONTENT_BLANK, "raw", "blank.*to install on it, add --iso"},
		{0, "\1\2\3\4", 4, CONTENT_UNKNOWN, NULL, "unknown format.*--disk-format raw"},
		{0, "QFI", 3, CONTENT_UNKNOWN, NULL, "unknown format"},
	};
	char *head = test_calloc(1, END);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		memset(head, 0, END);
		memcpy(head + (rows[i].at < 0 ? END + rows[i].at : rows[i].at), rows[i].bytes, rows[i].length);
		struct content c = content_of(&(struct content_bytes){
		    .head = head, .length = END, .tail = head + END - CONTENT_TAIL, .tail_length = CONTENT_TAIL});
		auto_free char *text = mem_printf("%s (%s)", c.name, c.remedy ? c.remedy : "");
		auto_free char *first = mem_strndup(rows[i].words, strcspn(rows[i].words, "."));
		const char *rest = strstr(rows[i].words, ".*");

		if (c.kind != rows[i].kind || !str_equal(c.libvirt, rows[i].format) || !strstr(text, first) ||
		    (rest && !strstr(text, rest + 2)))
			fail_msg("row %zu: %s %s", i, c.libvirt ? c.libvirt : "-", text);
	}
	test_free(head);
}

static void contents_that_are_text(void **state)
{
	static const char *const rows[][2] = {
		{"", "an empty file"},
		{"<!doctype html>\n<html><head>", "a web page"},
		{"\n  <HTML lang=\"en\">", "a web page"},
		{"<?xml version=\"1.0\"?>\n<Envelope ovf:version=\"1.0\">", "an OVF description"},
		{"<Envelope/>", "an OVF description"},
		{"<?xml version=\"1.0\"?>\n<a/>", "an XML file"},
		{"{\"error\": \"not found\"}\n", "a text file"},
		{"#!/bin/sh\necho hello\n", "a text file"},
		{"config.version = \"8\"\n", "a VMware configuration"},
		{"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
		{"gr\xc3\xbc\xc3\x9f dich", "a text file"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t n = strlen(rows[i][0]);
		struct content c =
		    content_of(&(struct content_bytes){.head = rows[i][0], .length = n, .tail = rows[i][0], .tail_length = n});

		assert_int_equal(c.kind, CONTENT_OTHER);
		if (!str_starts(c.name, rows[i][1]))
			fail_msg("'%s': %s", rows[i][0], c.name);
		assert_non_null(c.remedy);
	}
}

// The passphrase, and data that cannot be overwritten, are in the header.
static void contents_by_their_headers(void **state)
{
	char head[IMAGE_HEAD] = "QFI\xfb\0\0\0\3";
	const struct content_bytes b = {.head = head, .length = sizeof(head)};

	head[35] = 2;
	assert_int_equal(content_of(&b).kind, CONTENT_OTHER);
	assert_non_null(strstr(content_of(&b).name, "encrypted"));
	memset(head, 0, sizeof(head));
	memcpy(head, "conectix", 8);
	head[63] = 3;
	assert_string_equal(content_of(&b).libvirt, "vpc");
	head[63] = 4;
	assert_null(content_of(&b).libvirt);
	assert_non_null(strstr(content_of(&b).remedy, "Merge-VHD"));
	memset(head, 0, 8); // a fixed one has its header at the end, and data here
	char tail[CONTENT_TAIL] = "conectix";
	assert_string_equal(
	    content_of(
	        &(struct content_bytes){.head = head, .length = sizeof(head), .tail = tail, .tail_length = sizeof(tail)})
	        .libvirt,
	    "vpc");
	memset(head, 0, sizeof(head));
	memcpy(head + 64, "\x7f\x10\xda\xbe", 4);
	head[76] = 1;
	assert_string_equal(content_of(&b).libvirt, "vdi");
	head[76] = 4;
	assert_non_null(strstr(content_of(&b).name, "differencing VDI"));
	memset(head, 0, sizeof(head));
	memcpy(head, "KDMV\3", 5);
	assert_false(content_of(&b).compressed);
	head[77] = 1;
	assert_true(content_of(&b).compressed);
	assert_string_equal(content_of(&b).libvirt, "vmdk");
	assert_string_equal(content_qemu_format("ploop"), "parallels");
	assert_string_equal(content_qemu_format("qcow2"), "qcow2");
	assert_string_equal(content_qemu_format("new"), "new");
}

static void user_data_by_its_header(void **state)
{
	static const struct {
		const char *text;
		bool known;
	} rows[] = {
		{"#cloud-config\nusers: []\n", true}, {"\n  #Cloud-Config\r\n", true}, {"#cloud-config-archive\n", true},
		 {"#cloud-boothook\n", true}, {"#!/bin/sh\n", true},
		{"#include\nhttp://a\n", true}, {"#include-once\n", true}, {"#part-handler\n", true},
		 {"## template: jinja\n#cloud-config\n", true},
		{"Content-Type: multipart/mixed; boundary=a\n", true}, {"MIME-Version: 1.0\n", true}, {"\x1f\x8b\x08", true},
		{"", false}, {"\n\n", false}, {"users: []\n", false}, {"# cloud-config\n", false},
		 {"\xef\xbb\xbf#cloud-config\n", false}, {"{}", false}, {"#cloud", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (seed_is_user_data(rows[i].text, strlen(rows[i].text)) != rows[i].known)
			fail_msg("'%s'", rows[i].text);
}

// --- what an image refers to ---

// "FORMAT PATH|PATH…", "!" before what is not, or not only, here; one per line.
static void describe(struct str *out, const struct image_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++) {
		const struct image_ref *ref = &refs->items[i];

		str_addf(out, "%s%s%s", out->length ? "\n" : "", ref->remote ? "!" : "", ref->format ? ref->format : "?");
		for (size_t k = 0; k < ref->paths.count; k++)
			str_addf(out, "%c%s", k ? '|' : ' ', ref->paths.items[k]);
	}
}

#define BACKING(NAME, FORMAT) "{\"filename\":\"/i/top\",\"format\":\"qcow2\",\"full-backing-filename\":\"" NAME "\",\"backing-filename\":\"" NAME "\"" FORMAT "}"
#define QCOW2 ",\"backing-filename-format\":\"qcow2\""
#define RAW ",\"backing-filename-format\":\"raw\""

static void references_of_images(void **state)
{
	static const struct {
		const char *json, *refs;
	} rows[] = {
		{"{\"virtual-size\":1,\"filename\":\"/i/top\",\"format\":\"qcow2\",\"format-specific\":{\"type\":\"qcow2\",\"data\":{\"compat\":\"1.1\"}}}",
		 ""},
		{"{\"filename\":\"/i/top\",\"format\":\"qcow2\",\"full-backing-filename\":\"/i/base\",\"backing-filename\":\"base\"" QCOW2 "}",
		 "qcow2 /i/base|/i/base|/r/base|/base"},
		{BACKING("/b", QCOW2), "qcow2 /b"},
		{BACKING("/b", ""), "? /b"},
		{BACKING("file:/b", RAW), "raw /i/file:/b|/r/file:/b|/file:/b|/b"},
		{BACKING("file:b", RAW), "raw /i/file:b|/r/file:b|/file:b|/i/b|/r/b|/b"},
		{BACKING("file:///b", RAW), "raw /i/file:///b|/r/file:///b|/file:///b|///b"},
		{BACKING("nbd://h/x", QCOW2), "!qcow2 /i/nbd://h/x|/r/nbd://h/x|/nbd://h/x"},
		{BACKING("json:{\\\"driver\\\":\\\"qcow2\\\",\\\"file\\\":{\\\"driver\\\":\\\"file\\\",\\\"filename\\\":\\\"/b\\\"}}", ""),
		 "qcow2 /b"},
		{BACKING("json:{\\\"driver\\\":\\\"file\\\",\\\"filename\\\":\\\"/b\\\"}", QCOW2), "qcow2 /b"},
		{BACKING("json:{\\\"file.filename\\\":\\\"/b\\\"}", ""), "? /b"},
		{BACKING("json:{\\\"driver\\\":\\\"qcow2\\\",\\\"file.filename\\\":\\\"/b\\\"}", ""), "qcow2 /b"},
		{BACKING("json:{\\\"driver\\\":\\\"raw\\\",\\\"offset\\\":65536,\\\"file\\\":{\\\"driver\\\":\\\"file\\\",\\\"filename\\\":\\\"/b\\\"}}", RAW),
		 "raw /b"},
		{BACKING("json:{\\\"driver\\\":\\\"quorum\\\",\\\"children\\\":[{\\\"driver\\\":\\\"qcow2\\\",\\\"file\\\":{\\\"filename\\\":\\\"/b\\\"}},{\\\"file.filename\\\":\\\"/c\\\"}]}", ""),
		 "qcow2 /b\n? /c"},
		{BACKING("json:{\\\"driver\\\":\\\"blkdebug\\\",\\\"image\\\":{\\\"driver\\\":\\\"file\\\",\\\"filename\\\":\\\"/b\\\"}}", ""),
		 "? /b"},
		{BACKING("json:{\\\"driver\\\":\\\"qcow2\\\",\\\"file\\\":{\\\"driver\\\":\\\"nbd\\\",\\\"host\\\":\\\"h\\\"}}", ""),
		 "!qcow2"},
		{BACKING("json:{\\\"driver\\\":\\\"qcow2\\\",\\\"file\\\":{\\\"filename\\\":\\\"/b\\\"},\\\"backing\\\":{\\\"file\\\":{\\\"filename\\\":\\\"/c\\\"}}}", ""),
		 "qcow2 /b\n? /c"},
		{BACKING("json:{\\\"file\\\":{\\\"filename\\\":\\\"json:{\\\\\\\"filename\\\\\\\":\\\\\\\"/b\\\\\\\"}\\\"}}", ""),
		 "? /b"},
		{BACKING("json:{\\\"driver\\\":\\\"new\\\"}", ""), "!?"},
		{BACKING("json:{broken", ""), "!? /i/json:{broken|/r/json:{broken|/json:{broken"},
		{"{\"filename\":\"/i/top\",\"format\":\"qcow2\",\"format-specific\":{\"type\":\"qcow2\",\"data\":{\"data-file\":\"/i/data.bin\",\"data-file-raw\":true}}}",
		 "raw /i/data.bin"},
		{"{\"filename\":\"/i/flat.vmdk\",\"format\":\"vmdk\",\"format-specific\":{\"type\":\"vmdk\",\"data\":{\"cid\":1,\"create-type\":\"monolithicFlat\",\"extents\":"
		 "[{\"virtual-size\":4,\"filename\":\"/i/flat-flat.vmdk\",\"format\":\"FLAT\"},{\"filename\":\"/i/s2.vmdk\",\"format\":\"SPARSE\"}]}}}", "raw /i/flat-flat.vmdk\nraw /i/s2.vmdk"},
		{"{\"filename\":\"/i/q\",\"format\":\"qed\",\"full-backing-filename\":\"/b\",\"backing-filename\":\"/b\"}",
		 "? /b"},
		{"{\"children\":[{\"name\":\"file\",\"info\":{\"children\":[],\"filename\":\"/i/top\",\"format\":\"file\"}}],\"filename\":\"/i/top\",\"format\":\"qcow2\"}",
		 "raw /i/top"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct image_refs refs = {0};
		auto_str out = {0};
		struct err e = {0};

		if (image_refs_parse(&refs, rows[i].json, "/i/top", "/r/top", &e) < 0)
			fail_msg("%s: %s", e.text, rows[i].json);
		describe(&out, &refs);
		assert_string_equal(str_text(&out), rows[i].refs);
		image_refs_done(&refs);
	}
}

static void answers_that_are_none(void **state)
{
	static const char *const rows[] = {"", "[]", "{}", "{\"format\":3}", "{\"format\":\"qcow2\"", "null"};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct image_refs refs = {0};

		assert_true(image_refs_parse(&refs, rows[i], "/i/top", NULL, NULL) < 0);
		image_refs_done(&refs);
	}
}

// --- what a definition names ---

static void names_in_definitions(void **state)
{
	static const struct {
		const char *xml;
		enum name_kind kind;
		const char *text, *format; // NULL text: nothing is named
	} rows[] = {
		{"<disk><driver type='qcow2'/><source file='/a'/></disk>", NAME_IMAGE, "/a", "qcow2"},
		// as libvirt takes it: its format is never probed
		{"<disk><source file='/a'/></disk>", NAME_IMAGE, "/a", "raw"},
		{"<disk><driver type='qcow2'/><source dev='/dev/a'/></disk>", NAME_IMAGE, "/dev/a", "qcow2"},
		// relative ones begin in the root directory
		{"<disk><driver type='qcow2'/><source file='i/a'/></disk>", NAME_IMAGE, "/i/a", "qcow2"},
		{"<disk><driver type='qcow2'/><source file='/t'/><backingStore><format type='raw'/><source "
		 "file='a'/></backingStore></disk>",
		 NAME_IMAGE, "/a", "raw"},
		{"<filesystem><source dir='a'/><target dir='t'/></filesystem>", NAME_DIRECTORY, "/a", NULL},
		{"<os><initrd>a</initrd></os>", NAME_FILE, "/a", NULL},
		{"<serial type='pty'><log file='a'/></serial>", NAME_FILE, "/a", NULL},
		{"<q:commandline xmlns:q='u'><q:arg value='file=i/a,if=none'/></q:commandline>", NAME_ARGUMENT, "/i/a", NULL},
		{"<disk><driver type='qcow2'/><source file='/t'/><backingStore><format type='qed'/><source "
		 "file='/a'/></backingStore></disk>",
		 NAME_IMAGE, "/a", "qed"},
		{"<disk><source file='/t'/><mirror type='file' job='copy'><format type='qcow2'/><source "
		 "file='/a'/></mirror></disk>",
		 NAME_IMAGE, "/a", "qcow2"},
		{"<disk><source file='/t'><dataStore><format type='raw'/><source file='/a'/></dataStore></source></disk>",
		 NAME_IMAGE, "/a", "raw"},
		{"<disks><disk name='vda' snapshot='external'><source file='/a'/></disk></disks>", NAME_IMAGE, "/a", NULL},
		{"<disk type='volume'><driver type='qcow2'/><source pool='p' volume='/a'/></disk>", NAME_VOLUME, "/a",
		 "qcow2"},
		{"<disk type='network'><driver type='qcow2'/><source protocol='rbd' name='x'/></disk>", NAME_REMOTE,
		 "a disk on the network", "qcow2"},
		{"<disk type='network'><driver type='raw'/><source protocol='rbd' name='x'/></disk>", NAME_REMOTE, NULL, NULL},
		{"<filesystem><source dir='/a'/><target dir='t'/></filesystem>", NAME_DIRECTORY, "/a", NULL},
		{"<filesystem><source dir='/s'/><target dir='/a'/></filesystem>", NAME_FILE, NULL, NULL},
		{"<tpm><backend type='emulator'><source type='file' path='/a'/></backend></tpm>", NAME_DIRECTORY, "/a", NULL},
		{"<os><kernel> /a </kernel></os>", NAME_FILE, "/a", NULL},
		{"<os><nvram format='qcow2'>/a</nvram></os>", NAME_IMAGE, "/a", "qcow2"},
		{"<os><nvram template='/a'>/n</nvram></os>", NAME_FILE, "/a", NULL},
		{"<serial type='pty'><log file='/a'/></serial>", NAME_FILE, "/a", NULL},
		{"<whatever><comes next='/a'/></whatever>", NAME_FILE, "/a", NULL},
		{"<metadata><hostel path='/a'/></metadata>", NAME_FILE, NULL, NULL}, // what it was copied from, perhaps
		{"<q:commandline xmlns:q='u'><q:arg value='/a'/></q:commandline>", NAME_ARGUMENT, "/a", NULL},
		{"<q:commandline xmlns:q='u'><q:arg value='file=/a,if=none'/></q:commandline>", NAME_ARGUMENT, "/a", NULL},
		{"<q:commandline xmlns:q='u'><q:arg value='{\"driver\":\"file\",\"filename\":\"/a\"}'/></q:commandline>",
		 NAME_ARGUMENT, "/a", NULL},
		{"<q:commandline xmlns:q='u'><q:arg value='file=/a b,if=none'/></q:commandline>", NAME_ARGUMENT, "/a b", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *xml = mem_printf("<domain>%s</domain>", rows[i].xml);
		const char *wanted = rows[i].text ? rows[i].text : "/a";
		struct names names = {0};
		bool found = false;

		assert_int_equal(names_parse(&names, xml, NULL), 0);
		for (size_t k = 0; k < names.count; k++)
			found |= names.items[k].kind == rows[i].kind &&
			         (rows[i].kind == NAME_REMOTE || strcmp(names.items[k].text, wanted) == 0) &&
			         str_equal(names.items[k].format, rows[i].format);
		if (found != (rows[i].text != NULL))
			fail_msg("%s", xml);
		names_done(&names);
	}
}

static void definitions_that_are_none(void **state)
{
	struct names names = {0};

	assert_true(names_parse(&names, "<domain>", NULL) < 0);
	assert_true(names_parse(&names, "", NULL) < 0);
	names_done(&names);
}

// --- whose a file is ---

static const struct file_id mine = {1, 10}, other = {1, 11}, same_inode = {2, 10}, above = {1, 2};

// A file that is its guest's own, but for what else is said of it.
#pragma GCC diagnostic ignored "-Woverride-init"
#define STORED(...) {.part = PART_DISK, .path = (char *)"/i/a", .real = (char *)"/i/a", .file = {1, 10}, .mode = S_IFREG | 0600, .links = 1, __VA_ARGS__}
static const struct stored own = STORED();

static void reasons_against_a_file(void **state)
{
	static const struct {
		const char *why; // NULL: own
		struct stored s;
		struct file_id claimed, shared;
		const char *doubt;
	} rows[] = {
		{.s = STORED()},
		{.s = STORED(), .claimed = {1, 11}},
		{.s = STORED(), .claimed = {2, 10}},
		{.why = "used by guest 'two'", .s = STORED(), .claimed = {1, 10}},
		{.why = "used by guest 'two'", .s = STORED(.part = PART_NVRAM, .private = true), .claimed = {1, 10}},
		{.why = "in a directory used by guest 'two'", .s = STORED(.above = (struct file_id *)&above, .above_count = 1),
		 .shared = {1, 2}},
		{.why = "in a directory used by guest 'two'", .s = STORED(.part = PART_TPM, .mode = S_IFDIR), .shared = {1, 10}},
		{.s = STORED(.above = (struct file_id *)&above, .above_count = 1), .shared = {2, 2}},
		{.why = "may be in use: x", .s = STORED(), .doubt = "x"},
		{.why = "may be in use: x", .s = STORED(.part = PART_NVRAM), .doubt = "x"},
		{.s = STORED(.part = PART_NVRAM, .private = true), .doubt = "x"},
		{.why = "used by guest 'two'", .s = STORED(), .claimed = {1, 10}, .doubt = "x"},
		{.why = "not on this host", .s = STORED(.elsewhere = true)},
		{.why = "relative path, which depends on QEMU's working directory",
		 .s = STORED(.elsewhere = true, .relative = true)},
		{.why = "cannot be examined: Permission denied", .s = STORED(.error = 13)},
		{.why = "in use by process 7 (qemu-nbd)", .s = STORED(.user = (char *)"process 7 (qemu-nbd)")},
		{.why = "an ISO image", .s = STORED(.part = PART_MEDIUM)},
		{.why = "a floppy or a passed-through LUN", .s = STORED(.part = PART_DRIVE)},
		{.why = "a symbolic link", .s = STORED(.symlink = true)},
		{.why = "not a regular file", .s = STORED(.mode = S_IFBLK)},
		{.why = "not a regular file", .s = STORED(.mode = S_IFDIR)},
		{.s = STORED(.part = PART_TPM, .mode = S_IFDIR, .links = 2)},
		{.why = "read-only for this guest", .s = STORED(.readonly = true)},
		{.s = STORED(.part = PART_SEED, .readonly = true, .recorded = true)},
		{.why = "shared between guests", .s = STORED(.shareable = true)},
		{.why = "attached only while the guest runs", .s = STORED(.passing = true)},
		{.why = "of a snapshot, not in the current chain",
		 .s = STORED(.part = PART_LAYER, .aside = true, .recorded = true)},
		{.why = "has other hard links", .s = STORED(.links = 2)},
		{.why = "no record that it was created for this guest", .s = STORED(.part = PART_LAYER)},
		{.why = "no record that it was created for this guest", .s = STORED(.part = PART_LOG, .private = true)},
		{.s = STORED(.part = PART_LAYER, .recorded = true)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct claims n = {0};

		claims_add(&n, false, other, "guest 'three'");
		claims_add(&n, false, same_inode, "guest 'three'");
		if (rows[i].claimed.inode)
			claims_add(&n, false, rows[i].claimed, "guest 'two'");
		if (rows[i].shared.inode)
			claims_add(&n, true, rows[i].shared, "guest 'two'");
		if (rows[i].doubt)
			claims_doubt(&n, "%s", rows[i].doubt);
		auto_free char *why = ownership_why_kept(&rows[i].s, &n);
		if (!str_equal(why, rows[i].why))
			fail_msg("row %zu: '%s', not '%s'", i, why ? why : "own", rows[i].why ? rows[i].why : "own");
		claims_done(&n);
	}
}

static void neighbours_are_moved(void **state)
{
	struct claims a = {0}, b = {0};

	claims_add(&b, false, mine, "guest 'two'");
	claims_doubt(&b, "x");
	claims_move(&a, &b);
	assert_int_equal(b.file_count + b.doubts.count, 0);
	auto_free char *why = ownership_why_kept(&own, &a);
	assert_string_equal(why, "used by guest 'two'");
	assert_int_equal(a.doubts.count, 1);
	claims_done(&a);
}

// --- deleting what was judged ---

static int make_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static void change_nothing(int dir)
{
	(void)dir;
}

static void change_inode(int dir)
{
	close(make_file(dir, "d/new"));
	assert_int_equal(renameat(dir, "d/new", dir, "d/a"), 0);
}

static void change_directory(int dir)
{
	assert_int_equal(renameat(dir, "d", dir, "old"), 0);
	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	assert_int_equal(linkat(dir, "old/a", dir, "d/a", 0), 0);
	assert_int_equal(unlinkat(dir, "old/a", 0), 0);
}

static void change_to_link(int dir)
{
	assert_int_equal(renameat(dir, "d/a", dir, "b"), 0);
	assert_int_equal(symlinkat("../b", dir, "d/a"), 0);
}

static void add_name(int dir)
{
	assert_int_equal(linkat(dir, "d/a", dir, "b", 0), 0);
}

static void remove_name(int dir)
{
	assert_int_equal(unlinkat(dir, "d/a", 0), 0);
}

static int holder = -1;

static void lock_as_qemu(int dir)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 101, .l_len = 1};

	holder = openat(dir, "d/a", O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(holder, F_OFD_SETLK, &lock), 0);
}

static void only_what_was_judged_is_deleted(void **state)
{
	static const struct {
		void (*change)(int dir); // between judging and deleting
		int result;
		bool there; // d/a, afterwards
	} rows[] = {
		{change_nothing, 0, false}, {change_inode, -EBUSY, true}, {change_directory, -EBUSY, true}, {change_to_link,
		 -ELOOP, true},
		{add_name, -EBUSY, true}, {remove_name, 0, false}, {lock_as_qemu, -EBUSY, true},
	};

	if (vir_load(NULL) < 0 || vir.Initialize() < 0)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char top[] = "/tmp/hostel-test-XXXXXX";
		struct stat st, above_st;

		assert_non_null(mkdtemp(top));
		auto_free char *path = mem_printf("%s/d/a", top);
		auto_close int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(mkdirat(dir, "d", 0700), 0);
		int fd = make_file(dir, "d/a");
		assert_true(fstat(fd, &st) == 0 && fstatat(dir, "d", &above_st, 0) == 0);
		close(fd);
		struct file_id in = {above_st.st_dev, above_st.st_ino};
		const struct stored s = {.path = path,
		                         .real = path,
		                         .file = {st.st_dev, st.st_ino},
		                         .mode = st.st_mode,
		                         .links = 1,
		                         .above = &in,
		                         .above_count = 1};
		struct err e = {0};

		rows[i].change(dir);
		int r = storage_remove(NULL, &s, &e);
		if (r != rows[i].result)
			fail_msg("row %zu: %d, %s", i, r, e.text);
		assert_int_equal(faccessat(dir, "d/a", F_OK, AT_SYMLINK_NOFOLLOW) == 0, rows[i].there);
		if (holder >= 0)
			close(holder);
		assert_int_equal(fs_remove_tree(AT_FDCWD, top, NULL), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_by_their_first_bytes), cmocka_unit_test(contents_by_their_bytes), cmocka_unit_test(contents_that_are_text),
		cmocka_unit_test(contents_by_their_headers), cmocka_unit_test(user_data_by_its_header),
		cmocka_unit_test(references_of_images),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(names_in_definitions),
		cmocka_unit_test(definitions_that_are_none),
		cmocka_unit_test(reasons_against_a_file),
		cmocka_unit_test(neighbours_are_moved),
		cmocka_unit_test(only_what_was_judged_is_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
