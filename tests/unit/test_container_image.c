// container: image layouts whose owner changes them while they are read. This program's own read(2) changes a file
// when a given byte was read.
#include "container/image/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/image/digest.h"
#include "sys/fs.h"

#include "test.h"

enum { CONTENT = 200000 };

// The file INODE gets BYTES in place of its own when the first AFTER bytes of it were read.
static struct trap {
	ino_t inode;
	size_t after, seen, length;
	const char *bytes; // NULL: the trap was sprung
} trap;

static ssize_t read_and_spring(int fd, void *bytes, size_t room)
{
	ssize_t n = syscall(SYS_read, fd, bytes, room);
	struct stat st;

	if (n < 0 || !trap.bytes || fstat(fd, &st) < 0 || st.st_ino != trap.inode || (trap.seen += (size_t)n) < trap.after)
		return n;
	auto_close int file = fs_reopen(fd, O_WRONLY);
	assert_int_equal(pwrite(file, trap.bytes, trap.length, 0), trap.length);
	trap.bytes = NULL;
	return n;
}

ssize_t read(int fd, void *bytes, size_t room)
{
	return read_and_spring(fd, bytes, room);
}

ssize_t __read_chk(int fd, void *bytes, size_t room, size_t size);
ssize_t __read_chk(int fd, void *bytes, size_t room, size_t size)
{
	return room > size ? -1 : read_and_spring(fd, bytes, room);
}

// Layers are on the disk before they get their names: what the store had under the name then, and what the file system
// answers.
static struct sync {
	const char *layer; // path
	int calls, named, error;
} sync_calls;

int syncfs(int fd)
{
	assert_true(fd >= 0);
	sync_calls.calls++;
	sync_calls.named += sync_calls.layer && access(sync_calls.layer, F_OK) == 0;
	errno = sync_calls.error;
	return errno ? -1 : 0;
}

struct place {
	char directory[64];
	struct store store;
	struct image image;
	char *layer, *config, *manifest; // blobs
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));
	struct err e = {0};

	strcpy(p->directory, "/tmp/test_container_image.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	auto_free char *blobs = mem_printf("%s/layout/blobs/sha256", p->directory),
	               *store = mem_printf("%s/store", p->directory);
	assert_int_equal(fs_make_directories(blobs, 0755, NULL), 0);
	assert_int_equal(store_open(&p->store, store, &e), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	trap = (struct trap){0};
	sync_calls = (struct sync){0};
	image_done(&p->image);
	store_done(&p->store);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p->layer);
	free(p->config);
	free(p->manifest);
	free(p);
	return 0;
}

static void put(const struct place *p, const char *name, const char *bytes, size_t n)
{
	auto_free char *path = mem_printf("%s/layout/%s", p->directory, name);
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, bytes, n), n);
}

// Writes a blob. Returns its digest, owned.
static char *put_blob(const struct place *p, const char *bytes, size_t n)
{
	char hex[DIGEST_HEX + 1];
	struct digest *d = digest_begin(NULL);

	digest_add(d, bytes, n);
	digest_end(d, hex);
	auto_free char *name = mem_printf("blobs/sha256/%s", hex);
	put(p, name, bytes, n);
	return mem_printf("sha256:%s", hex);
}

// A thread beside computes the same digest, of any number of bytes, added in pieces of any size.
static void digests_beside(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 3000001}, pieces[] = {1000, 65536, 200000};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (size_t j = 0; j < ARRAY_SIZE(pieces); j++) {
			auto_free char *bytes = mem_new(sizes[i] + 1);
			struct digest *plain = digest_begin(NULL), *beside = digest_begin_beside(NULL);
			char wanted[DIGEST_HEX + 1], got[DIGEST_HEX + 1];

			for (size_t n = 0; n < sizes[i]; n++)
				bytes[n] = (char)(n * 7 + n / 251);
			digest_add(plain, bytes, sizes[i]);
			for (size_t at = 0; at < sizes[i]; at += pieces[j]) {
				size_t left = sizes[i] - at;
				digest_add(beside, bytes + at, left < pieces[j] ? left : pieces[j]);
			}
			digest_end(plain, wanted);
			digest_end(beside, got);
			assert_string_equal(got, wanted);
		}
	digest_end(digest_begin_beside(NULL), NULL); // given up
}

// A tar archive (ustar, POSIX.1-1988) with the one file "f", full of LETTER.
static char *archive_of(char letter, size_t *length)
{
	char *a = mem_new(*length = 512 + (CONTENT + 511) / 512 * 512 + 1024);
	unsigned sum = 0;

	strcpy(a, "f");
	memcpy(a + 100, "0000644\0000000000\0000000000", 24);
	snprintf(a + 124, 12, "%011o", CONTENT);
	memcpy(a + 136, "00000000001\0        0", 21);
	memcpy(a + 257, "ustar\00000", 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)a[i];
	snprintf(a + 148, 8, "%06o", sum);
	memset(a + 512, letter, CONTENT);
	return a;
}

static char *config_of(const char *word)
{
	return mem_printf("{\"config\": {\"Cmd\": [\"%s\"]}}", word);
}

static char *manifest_of(const char *config, size_t config_size, const char *layer, size_t layer_size)
{
	return mem_printf(
	    "{\"config\": {\"digest\": \"%s\", \"size\": %zu}, \"layers\": [{\"digest\": \"%s\", \"size\": %zu}]}", config,
	    config_size, layer, layer_size);
}

// The layout: one layer of 'h' and the command "honest".
static void make_layout(struct place *p)
{
	size_t length;
	auto_free char *archive = archive_of('h', &length), *config = config_of("honest");

	p->layer = put_blob(p, archive, length);
	p->config = put_blob(p, config, strlen(config));
	auto_free char *manifest = manifest_of(p->config, strlen(config), p->layer, length);
	p->manifest = put_blob(p, manifest, strlen(manifest));
	auto_free char *index =
	    mem_printf("{\"manifests\": [{\"digest\": \"%s\", \"size\": %zu}]}", p->manifest, strlen(manifest));
	put(p, "index.json", index, strlen(index));
}

static void set_trap(const struct place *p, const char *digest, size_t after, const char *bytes, size_t length)
{
	auto_free char *path = mem_printf("%s/layout/blobs/sha256/%s", p->directory, digest_hex(digest));
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, length);
	trap = (struct trap){st.st_ino, after, 0, length, bytes};
}

static int open_image(struct place *p, struct err *e)
{
	auto_free char *reference = mem_printf("oci:%s/layout", p->directory);

	*e = (struct err){0};
	int r = image_open(&p->image, &p->store, reference, &(struct image_options){.pull = PULL_NEVER}, NULL, e);
	assert_null(trap.bytes); // it was read as far as that
	return r;
}

// What the store keeps under the layer's digest: its first and last letter, "" when there is none.
static void kept(const struct place *p, char text[3])
{
	auto_free char *path = mem_printf("%s/layers/%s/f", p->store.path, digest_hex(p->layer));
	auto_free char *bytes = NULL;
	ssize_t n = fs_read_file(AT_FDCWD, path, 1 << 20, &bytes, NULL);

	text[0] = n > 0 ? bytes[0] : '\0';
	text[1] = n > 0 ? bytes[n - 1] : '\0';
	text[2] = '\0';
}

static void a_layer_that_changes_once_it_was_read(void **state)
{
	struct place *p = *state;
	struct err e;
	size_t length;
	char letters[3];
	auto_free char *other = archive_of('x', &length);

	make_layout(p);
	set_trap(p, p->layer, length, other, length);
	assert_int_equal(open_image(p, &e), 0);
	kept(p, letters);
	assert_string_equal(letters, "hh");
}

static void a_layer_that_changes_while_it_is_read(void **state)
{
	struct place *p = *state;
	struct err e;
	size_t length;
	char letters[3];
	auto_free char *other = archive_of('x', &length);

	make_layout(p);
	set_trap(p, p->layer, 70000, other, length);
	assert_int_equal(open_image(p, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "is damaged: its content is sha256:"));
	kept(p, letters);
	assert_string_equal(letters, "");
	auto_free char *layers = mem_printf("%s/layers", p->store.path);
	assert_int_equal(rmdir(layers), 0); // nothing half made either
}

static void a_configuration_that_changes_once_it_was_read(void **state)
{
	struct place *p = *state;
	struct err e;
	auto_free char *other = config_of("hostil");

	make_layout(p);
	set_trap(p, p->config, strlen(other), other, strlen(other));
	assert_int_equal(open_image(p, &e), 0);
	assert_string_equal(p->image.cmd.items[0], "honest");
}

static void a_manifest_that_changes_once_it_was_read(void **state)
{
	struct place *p = *state;
	struct err e;
	size_t length;
	auto_free char *archive = archive_of('h', &length), *config = config_of("hostil");

	make_layout(p);
	auto_free char *other_config = put_blob(p, config, strlen(config));
	auto_free char *other = manifest_of(other_config, strlen(config), p->layer, length);
	set_trap(p, p->manifest, strlen(other), other, strlen(other));
	assert_int_equal(open_image(p, &e), 0);
	assert_string_equal(p->image.cmd.items[0], "honest");
}

static void a_layer_is_on_the_disk_before_it_has_its_name(void **state)
{
	struct place *p = *state;
	struct err e;
	char letters[3];

	make_layout(p);
	auto_free char *layer = mem_printf("%s/layers/%s", p->store.path, digest_hex(p->layer));
	sync_calls = (struct sync){.layer = layer, .error = EIO};
	assert_int_equal(open_image(p, &e), -EIO);
	assert_non_null(strstr(e.text, "cannot write the layer to the disk"));
	kept(p, letters);
	assert_string_equal(letters, "");
	sync_calls.error = 0;
	assert_int_equal(open_image(p, &e), 0);
	kept(p, letters);
	assert_string_equal(letters, "hh");
	assert_true(sync_calls.calls == 2 && sync_calls.named == 0);
	image_done(&p->image);
	assert_int_equal(open_image(p, &e), 0);
	assert_int_equal(sync_calls.calls, 2); // it is there
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_beside),
		TEST(a_layer_that_changes_once_it_was_read), TEST(a_layer_that_changes_while_it_is_read),
		TEST(a_configuration_that_changes_once_it_was_read), TEST(a_manifest_that_changes_once_it_was_read),
		TEST(a_layer_is_on_the_disk_before_it_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
