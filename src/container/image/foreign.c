// Recognises what a path is instead of an image layout: see foreign.h. Only names and first bytes are read.
#include "foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "sys/fs.h"

static const char archive[] = "if it contains a layout, unpack it: mkdir LAYOUT && tar -xf 'PATH' -C LAYOUT; "
                              "if docker save wrote it: skopeo copy 'docker-archive:PATH' oci:LAYOUT:latest; "
                              "if it contains a root file system, unpack it and use dir:DIRECTORY";
static const char disk[] = "use it for a guest: hostel create guest --" PARAM_NAME " NAME --" PARAM_DISK " 'PATH'";

struct kind {
	const char *description, *remedy; // "PATH" in the remedy is replaced by the path
};

static const struct {
	off_t at;
	const char *bytes;
	struct kind kind;
} files[] = {
	{257, "ustar", {"a tar archive", archive}},
	{0, "\x1f\x8b", {"a gzip-compressed file", archive}},
	{0, "\x28\xb5\x2f\xfd", {"a zstd-compressed file", archive}},
	{0, "\xfd\x37zXZ", {"an xz-compressed file", archive}},
	{0, "BZh", {"a bzip2-compressed file", archive}},
	{0, "QFI\xfb", {"a guest disk (qcow2)", disk}},
	{0, "KDMV", {"a guest disk (VMDK)", disk}},
	{0, "# Disk DescriptorFile", {"a guest disk (VMDK)", disk}},
	{0, "vhdxfile", {"a guest disk (VHDX)", "convert it: qemu-img convert -O qcow2 'PATH' DISK.qcow2"}},
	{0, "conectix", {"a guest disk (VHD)", disk}},
	{64, "\x7f\x10\xda\xbe", {"a guest disk (VDI)", disk}},
	{32769, "CD001",
	 {"a CD image (ISO 9660)",
	  "use it for a guest: hostel create guest --" PARAM_NAME " NAME --" PARAM_ISO " 'PATH'"}},
	{0, "hsqs", {"a squashfs file system", "mount it and use dir:DIRECTORY"}},
	{510, "\x55\xaa", {"a disk with a boot sector", disk}},
	{0, "\x7f\x45LF", {"a program", NULL}},
	{0, "{", {"a JSON document", "use the directory that contains it"}},
};

// The first row whose names all exist in the directory applies.
static const struct {
	const char *names[2];
	struct kind kind;
} directories[] = {
	{{"manifest.json", "version"},
	 {"a directory written by skopeo's dir: transport", "skopeo copy 'dir:PATH' oci:LAYOUT:latest"}},
	{{"manifest.json", NULL},
	 {"an unpacked archive written by docker save",
	  "tar -C 'PATH' -c . | skopeo copy docker-archive:/dev/stdin oci:LAYOUT:latest"}},
	{{"blobs", "oci-layout"}, {"an image layout without its index.json", "fetch the image again"}},
	{{"overlay-images", NULL},
	 {"the storage of podman or buildah", "skopeo copy containers-storage:NAME oci:LAYOUT:latest"}},
	{{"config.json", "rootfs"}, {"an OCI runtime bundle", "use 'dir:PATH/rootfs'"}},
	{{"Chart.yaml", NULL}, {"a Helm chart", NULL}},
	{{"Dockerfile", NULL},
	 {"a build context",
	  "build it, for example with buildah, and write the result with 'buildah push IMAGE oci:LAYOUT:latest'"}},
	{{"Containerfile", NULL},
	 {"a build context",
	  "build it, for example with buildah, and write the result with 'buildah push IMAGE oci:LAYOUT:latest'"}},
	{{"usr", "etc"}, {"a root file system", "use 'dir:PATH'"}},
	{{"bin", NULL}, {"a root file system", "use 'dir:PATH'"}},
};

static const struct kind *kind_of_file(int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char bytes[32];
		size_t n = strlen(files[i].bytes);
		if (pread(fd, bytes, n, files[i].at) == (ssize_t)n && memcmp(bytes, files[i].bytes, n) == 0)
			return &files[i].kind;
	}
	return NULL;
}

static bool has_entry(int dir, const char *name)
{
	return !name || faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const struct kind *kind_of_directory(int dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (has_entry(dir, directories[i].names[0]) && has_entry(dir, directories[i].names[1]))
			return &directories[i].kind;
	return NULL;
}

static char *insert_path(const char *remedy, const char *path)
{
	static const char mark[] = "PATH";
	auto_str text = {0};

	for (const char *at; (at = strstr(remedy, mark)); remedy = at + strlen(mark)) {
		str_add_bytes(&text, remedy, (size_t)(at - remedy));
		str_add(&text, path);
	}
	str_add(&text, remedy);
	return str_steal(&text);
}

int foreign_explain(const char *path, struct err *e)
{
	auto_close int fd = open(path, O_PATH | O_CLOEXEC);
	auto_close int file = fd < 0 ? -1 : fs_reopen_regular(fd, path, NULL);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "image 'oci:%s'", path);
	const struct kind *kind = S_ISDIR(st.st_mode) ? kind_of_directory(fd) : file >= 0 ? kind_of_file(file) : NULL;
	if (S_ISDIR(st.st_mode) && !kind)
		return err_msg(e, ENOENT, "image 'oci:%s': no 'index.json' (is this an OCI image layout?)", path);
	int r = err_msg(e, EINVAL, "image 'oci:%s' is not an OCI image layout (a directory): it is %s", path,
	                kind ? kind->description : "a file");
	auto_free char *remedy = kind && kind->remedy ? insert_path(kind->remedy, path) : NULL;
	return remedy ? err_hint(e, "%s", remedy) : r;
}
