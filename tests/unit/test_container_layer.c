// container: layers of hostile images. Archives are made here, byte by byte (ustar, POSIX.1-1988), and nothing but the
// target directory may change.
#include "container/image/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/image/digest.h"
#include "sys/fs.h"

#include "test.h"

enum { LONG_NAME = 'L', FILE_ = '0', HARD = '1', LINK = '2', NODE = '3', DIRECTORY = '5', FIFO = '6' };

struct place {
	char directory[64];
	int top, into; // DIRECTORY, and "into" in it
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));

	strcpy(p->directory, "/tmp/test_container_layer.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	p->top = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(p->top, "into", 0755), 0);
	assert_int_equal(fs_replace_file(p->top, "outside", 0600, "mine", 4, NULL), 0);
	p->into = openat(p->top, "into", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return 0;
}

// Whatever the archive said, beside the target there is what was there.
static int tear_down(void **state)
{
	struct place *p = *state;
	auto_free char *text = NULL;

	assert_int_equal(fs_read_file(p->top, "outside", 100, &text, NULL), 4);
	assert_string_equal(text, "mine");
	assert_int_equal(faccessat(p->top, "escaped", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	close(p->into);
	close(p->top);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

// One entry: for a link TEXT is where it leads, for a file what is in it.
static void add(struct str *archive, int kind, const char *name, const char *text, unsigned mode)
{
	char block[512] = {0};
	bool file = kind == FILE_ || kind == LONG_NAME;
	size_t size = file ? strlen(text) : 0;
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "%07o", mode);
	snprintf(block + 108, 8, "%07o", (unsigned)geteuid());
	snprintf(block + 116, 8, "%07o", (unsigned)getegid());
	snprintf(block + 124, 12, "%011o", (unsigned)size % 512);
	snprintf(block + 136, 12, "%011o", 1000000000u);
	block[156] = (char)kind;
	if (!file && text)
		snprintf(block + 157, 100, "%s", text);
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	str_add_bytes(archive, block, sizeof(block));
	if (!size)
		return;
	char padded[512] = {0};
	memcpy(padded, text, size);
	str_add_bytes(archive, padded, sizeof(padded));
}

static ssize_t read_descriptor(void *fd, void *bytes, size_t room, struct err *e)
{
	ssize_t n = read(*(int *)fd, bytes, room);

	return n < 0 ? err_set(e, EIO, "cannot read the archive") : n;
}

static int unpack_descriptor(struct place *p, int fd, const char *diff_id, const struct job *job, struct err *e)
{
	const struct layer_source source = {read_descriptor, &fd};

	lseek(fd, 0, SEEK_SET);
	*e = (struct err){0};
	return layer_unpack(&source, p->into, NULL, diff_id, job, e);
}

static int unpack_bytes(struct place *p, const char *bytes, size_t n, struct err *e)
{
	auto_close int fd = memfd_create("layer", MFD_CLOEXEC);

	assert_int_equal(write(fd, bytes, n), n);
	return unpack_descriptor(p, fd, NULL, NULL, e);
}

static int unpack(struct place *p, struct str *archive, struct err *e)
{
	char end[1024] = {0};

	str_add_bytes(archive, end, sizeof(end));
	int r = unpack_bytes(p, archive->text, archive->length, e);
	str_done(archive);
	return r;
}

static bool contains(struct place *p, const char *name, const char *wanted)
{
	auto_free char *text = NULL;

	return fs_read_file(p->into, name, 4096, &text, NULL) >= 0 && strcmp(text, wanted) == 0;
}

// Parents that no entry lists, and links to files that are not there: each name of a path is looked up once, however
// long it is.
static void deep_paths(void **state)
{
	enum { DEPTH = 240, PATHS = 8 };
	struct place *p = *state;
	struct str a = {0};
	struct err e;
	char name[512];

	for (int i = 0; i < PATHS; i++) {
		int n = snprintf(name, sizeof(name), "%d", i);
		for (int k = 0; k < DEPTH; k++)
			n += snprintf(name + n, sizeof(name) - (size_t)n, "/d");
		snprintf(name + n, sizeof(name) - (size_t)n, "/f");
		add(&a, LONG_NAME, "././@LongLink", name, 0);
		add(&a, FILE_, "short", "text", 0644);
	}
	assert_int_equal(unpack(p, &a, &e), 0);
	assert_true(contains(p, name, "text"));
}

static void plain_things(void **state)
{
	struct place *p = *state;
	struct str a = {0};
	struct stat st, other;
	struct err e;
	char target[64] = "";

	add(&a, DIRECTORY, "./", NULL, 0755);
	add(&a, DIRECTORY, "d/", NULL, 0555); // closed at once, and still filled
	add(&a, FILE_, "./d/f", "text", 04755);
	add(&a, LINK, "d/l", "f", 0777);
	add(&a, HARD, "h", "d/f", 0);
	add(&a, FILE_, "implicit/x/y", "deep", 0600);
	add(&a, FIFO, "pipe", NULL, 0644);
	assert_int_equal(unpack(p, &a, &e), 0);
	assert_true(contains(p, "d/f", "text") && contains(p, "h", "text") && contains(p, "implicit/x/y", "deep"));
	assert_int_equal(fstatat(p->into, "d", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, 1000000000);
	assert_int_equal(fstatat(p->into, "d/f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 04755);
	assert_int_equal(fstatat(p->into, "h", &other, 0), 0);
	assert_int_equal(st.st_ino, other.st_ino);
	assert_int_equal(readlinkat(p->into, "d/l", target, sizeof(target) - 1), 1);
	assert_int_equal(fstatat(p->into, "pipe", &st, 0), 0);
	assert_true(S_ISFIFO(st.st_mode));
}

static void names_that_lead_out_are_refused(void **state)
{
	static const char *const names[] = {"../escaped", "a/../../escaped", "../../../../../../../../tmp/escaped", "..",
	                                    "d/.."};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct str a = {0};
		struct err e;
		add(&a, FILE_, names[i], "x", 0644);
		assert_int_equal(unpack(p, &a, &e), -EBADMSG);
		assert_non_null(strstr(e.text, "invalid file name"));
	}
}

static void the_root_may_be_an_entry(void **state)
{
	static const char *const names[] = {"/", "//", "./", "."};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct str a = {0};
		struct err e;
		add(&a, DIRECTORY, names[i], NULL, 0755);
		add(&a, FILE_, "f", "x", 0644);
		assert_int_equal(unpack(p, &a, &e), 0);
		assert_int_equal(faccessat(p->into, "f", F_OK, 0), 0);
	}
}

static void links_lead_nowhere_else(void **state)
{
	struct place *p = *state;
	auto_free char *outside = mem_printf("%s/outside", p->directory);
	struct str a = {0};
	struct err e;

	add(&a, LINK, "up", "..", 0777);
	add(&a, FILE_, "up/escaped", "kept inside", 0644); // as if the target were the root
	add(&a, LINK, "absolute", p->directory, 0777);
	add(&a, FILE_, "absolute/escaped", "x", 0644);
	add(&a, LINK, "file", outside, 0777);
	add(&a, FILE_, "file", "x", 0644); // replaces the link
	assert_int_equal(unpack(p, &a, &e), 0);
	assert_true(contains(p, "escaped", "kept inside") && contains(p, "file", "x"));
	add(&a, LINK, "to", outside, 0777);
	add(&a, HARD, "stolen", "to", 0); // the link, never what it leads to
	assert_int_equal(unpack(p, &a, &e), 0);
	struct stat st;
	assert_int_equal(fstatat(p->into, "stolen", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(st.st_mode));
	add(&a, HARD, "out", "../outside", 0);
	assert_int_equal(unpack(p, &a, &e), -EBADMSG);
	add(&a, LINK, "loop", "loop", 0777);
	add(&a, FILE_, "loop/x", "x", 0644);
	assert_true(unpack(p, &a, &e) < 0);
}

static void a_later_entry_replaces_an_earlier_one(void **state)
{
	struct place *p = *state;
	struct str a = {0};
	struct err e;

	add(&a, DIRECTORY, "x", NULL, 0755);
	add(&a, FILE_, "x/in", "old", 0644);
	add(&a, FILE_, "x", "a file", 0644);
	add(&a, FILE_, "y", "old", 0644);
	add(&a, DIRECTORY, "y", NULL, 0700);
	add(&a, FILE_, "y/in", "new", 0644);
	add(&a, DIRECTORY, "y", NULL, 0750); // once more: stays filled
	assert_int_equal(unpack(p, &a, &e), 0);
	assert_true(contains(p, "x", "a file") && contains(p, "y/in", "new"));
	add(&a, FILE_, "f", "x", 0644);
	add(&a, FILE_, "f/below", "x", 0644);
	assert_true(unpack(p, &a, &e) < 0);
}

static bool is_whiteout(struct place *p, const char *name)
{
	struct stat st;

	return fstatat(p->into, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

static bool is_opaque(struct place *p, const char *name)
{
	auto_free char *path = mem_printf("%s/into/%s", p->directory, name);
	char value[4] = "";

	return getxattr(path, geteuid() ? "user.overlay.opaque" : "trusted.overlay.opaque", value, sizeof(value)) == 1 &&
	       value[0] == 'y';
}

static void whiteouts(void **state)
{
	struct place *p = *state;
	struct str a = {0};
	struct err e;

	add(&a, FILE_, ".wh.gone", "", 0);
	add(&a, DIRECTORY, "d", NULL, 0755);
	add(&a, FILE_, "d/.wh..wh..opq", "", 0);
	add(&a, FILE_, "d/new", "x", 0644);
	add(&a, FILE_, ".wh.again", "", 0); // removed, then its own: nothing from below may shine through
	add(&a, DIRECTORY, "again", NULL, 0755);
	add(&a, DIRECTORY, "later", NULL, 0755);
	add(&a, FILE_, ".wh.later", "", 0);
	add(&a, FILE_, "file", "x", 0644);
	add(&a, FILE_, ".wh.file", "", 0); // of the layers below: this one's stays
	int r = unpack(p, &a, &e);
	if (r == -EOPNOTSUPP || r == -EPERM)
		skip(); // a file system without these attributes
	assert_int_equal(r, 0);
	assert_true(is_whiteout(p, "gone") && is_opaque(p, "d") && is_opaque(p, "again") && is_opaque(p, "later") &&
	            contains(p, "file", "x") && contains(p, "d/new", "x"));
	assert_false(is_opaque(p, "."));
	static const char *const nothing[] = {".wh.", ".wh..", ".wh...", "d/.wh.."};
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		add(&a, FILE_, nothing[i], "", 0);
		assert_int_equal(unpack(p, &a, &e), -EBADMSG);
	}
	assert_false(is_opaque(p, "."));
}

// An archive cut or changed anywhere is an error or harmless, never a crash and never outside.
static void damage_anywhere(void **state)
{
	struct place *p = *state;
	struct str a = {0};
	struct err e;
	unsigned random = 1;

	add(&a, DIRECTORY, "d", NULL, 0755);
	add(&a, FILE_, "d/f", "some text in a file", 0644);
	add(&a, LINK, "l", "d", 0777);
	add(&a, HARD, "h", "d/f", 0);
	for (size_t n = 0; n < a.length; n += 97)
		unpack_bytes(p, a.text, n, &e);
	for (int turn = 0; turn < 400; turn++) {
		auto_free char *copy = mem_new(a.length);
		memcpy(copy, a.text, a.length);
		for (int i = 0; i < 3; i++) {
			random = random * 1103515245 + 12345;
			copy[random / 65536 % a.length] = (char)(random >> 8);
		}
		unpack_bytes(p, copy, a.length, &e);
	}
	assert_int_equal(unpack_bytes(p, "not a tar archive at all, only some text", 40, &e), -EBADMSG);
	str_done(&a);
}

static void a_cancelled_job_ends(void **state)
{
	struct place *p = *state;
	atomic_bool cancelled = true;
	struct job job = {.cancelled = &cancelled};
	struct str a = {0};
	struct err e;

	add(&a, FILE_, "f", "x", 0644);
	auto_close int fd = memfd_create("layer", MFD_CLOEXEC);
	assert_int_equal(write(fd, a.text, a.length), a.length);
	assert_int_equal(unpack_descriptor(p, fd, NULL, &job, &e), -ECANCELED);
	str_done(&a);
}

// Compresses TEXT with PROGRAM. Returns a descriptor, or -1 when the machine has no such program.
static int packed(const char *program, const void *text, size_t n)
{
	char name[] = "/tmp/test_container_layer.XXXXXX";
	auto_close int plain = mkstemp(name);
	auto_free char *command = mem_printf("%s -c <%s 2>/dev/null", program, name);

	assert_int_equal(write(plain, text, n), n);
	int out = memfd_create("packed", MFD_CLOEXEC);
	FILE *from = popen(command, "r");
	char buffer[4096];
	while ((n = fread(buffer, 1, sizeof(buffer), from)) > 0)
		assert_int_equal(write(out, buffer, n), n);
	int status = pclose(from);
	unlink(name);
	if (status == 0)
		return out;
	close(out);
	return -1;
}

// The compressions that images have, and no others: for many of those libarchive would run a program from PATH.
static void compressions(void **state)
{
	static const struct {
		const char *program;
		bool known;
	} rows[] = {{"gzip", true},  {"xz", true},   {"zstd", true},  {"bzip2", false},
	            {"lzma", false}, {"lz4", false}, {"lzop", false}, {"compress", false}};
	struct place *p = *state;
	struct str a = {0};
	struct err e;

	add(&a, FILE_, "f", "text", 0644);
	str_add_bytes(&a, (const char[1024]){0}, 1024);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_close int fd = packed(rows[i].program, a.text, a.length);
		if (fd < 0)
			continue;
		assert_int_equal(fs_remove_tree(p->into, "f", NULL), 0);
		assert_int_equal(unpack_descriptor(p, fd, NULL, NULL, &e), rows[i].known ? 0 : -EBADMSG);
		assert_int_equal(contains(p, "f", "text"), rows[i].known);
		assert_true(rows[i].known || strstr(e.text, "gzip, xz or zstd"));
	}
	str_done(&a);
}

// PATH holds programs of all names that libarchive knows, each of which leaves a trace.
static void no_program_is_run(void **state)
{
	static const char *const programs[] = {"gzip",  "xz",   "zstd",   "bzip2", "lz4",       "lzop",
	                                       "lrzip", "lzma", "unlzma", "grzip", "uncompress"};
	static const struct {
		const char *bytes;
		size_t count;
	} starts[] = {{"LRZI\0\6", 6},    {"\211LZO\0\r\n\032\n", 9}, {"GRZipII\0\2\4:)", 12}, {"LZIP\1", 5},
	              {"BZh91AY&SY", 10}, {"\004\"M\030", 4},         {"\037\235\220", 3}};
	struct place *p = *state;
	auto_free char *bin = mem_printf("%s/bin", p->directory);
	auto_free char *script = mem_printf("#!/bin/sh\n: >'%s/escaped'\ncat\n", p->directory);
	auto_free char *path = mem_strdup(getenv("PATH"));
	auto_close int dir = mkdir(bin, 0755) < 0 ? -1 : open(bin, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char block[4096] = {0};
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		assert_int_equal(fs_replace_file(dir, programs[i], 0755, script, strlen(script), NULL), 0);
	setenv("PATH", bin, 1);
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		memcpy(block, starts[i].bytes, starts[i].count);
		assert_int_equal(unpack_bytes(p, block, sizeof(block), &e), -EBADMSG); // tear_down() looks for the trace
	}
	setenv("PATH", path, 1);
}

static void only_tar(void **state)
{
	static const char zip[] = "PK\005\006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", cpio[] = "070701", ar[] = "!<arch>\n",
	                  shar[] = "#!/bin/sh\n# This is a shell archive\n";
	static const struct {
		const char *bytes;
		size_t count;
	} starts[] = {{zip, sizeof(zip)},   {cpio, sizeof(cpio)},      {ar, sizeof(ar)},
	              {shar, sizeof(shar)}, {"7z\xbc\xaf\x27\x1c", 6}, {"", 1}};
	struct place *p = *state;
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		assert_int_equal(unpack_bytes(p, starts[i].bytes, starts[i].count, &e), -EBADMSG);
}

// What is summed is the whole archive, without compression, with what follows its end.
static void the_sum_of_the_archive(void **state)
{
	struct place *p = *state;
	struct str a = {0};
	struct err e;
	char hex[DIGEST_HEX + 1];

	add(&a, FILE_, "f", "text", 0644);
	str_add_bytes(&a, (const char[8192]){0}, 8192);
	str_add(&a, "what follows");
	struct digest *d = digest_begin(&e);
	digest_add(d, a.text, a.length);
	digest_end(d, hex);
	auto_free char *right = mem_printf("sha256:%s", hex),
	               *wrong = mem_printf("sha256:%c%s", hex[0] == '0' ? '1' : '0', hex + 1);
	auto_close int plain = memfd_create("layer", MFD_CLOEXEC);
	assert_int_equal(write(plain, a.text, a.length), a.length);
	auto_close int small = packed("gzip", a.text, a.length);
	const int files[] = {plain, small};
	for (size_t i = 0; i < ARRAY_SIZE(files) && files[i] >= 0; i++) {
		assert_int_equal(unpack_descriptor(p, files[i], right, NULL, &e), 0);
		assert_int_equal(unpack_descriptor(p, files[i], wrong, NULL, &e), -EBADMSG);
		assert_non_null(strstr(e.text, "diff_ids"));
		assert_int_equal(unpack_descriptor(p, files[i], "sha256:", NULL, &e), -EBADMSG);
	}
	str_done(&a);
}

// An archive of no bytes is an empty layer, as some builders write them.
static void nothing_at_all(void **state)
{
	struct place *p = *state;
	struct err e;
	auto_close int fd = packed("gzip", "", 0);

	assert_int_equal(unpack_bytes(p, "", 0, &e), 0);
	if (fd >= 0)
		assert_int_equal(unpack_descriptor(p, fd, NULL, NULL, &e), 0);
	if (fd < 0 || ftruncate(fd, 12) < 0)
		return;
	assert_int_equal(unpack_descriptor(p, fd, NULL, NULL, &e), -EBADMSG);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(plain_things), TEST(deep_paths), TEST(names_that_lead_out_are_refused), TEST(the_root_may_be_an_entry),
		TEST(links_lead_nowhere_else), TEST(a_later_entry_replaces_an_earlier_one), TEST(whiteouts),
		TEST(damage_anywhere), TEST(a_cancelled_job_ends), TEST(compressions), TEST(no_program_is_run), TEST(only_tar),
		TEST(the_sum_of_the_archive), TEST(nothing_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
