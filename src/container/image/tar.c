// Reading tar archives: see tar.h. Archives are untrusted: libarchive is limited to the formats and filters that
// images use.
#include "tar.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config.h"
#include "digest.h"
#include "layer.h"
#include "sys/library.h"

enum { BLOCK = 64 * 1024 };

struct archive_table la;

static const struct library_function functions[] = {
#define ROW(NAME) {"archive_" #NAME, offsetof(struct archive_table, NAME)},
	ARCHIVE_FUNCTIONS(ROW)
#undef ROW
};

static struct library libarchive = {
	.files = {ARCHIVE_SONAME},
	.functions = functions,
	.count = ARRAY_SIZE(functions),
	.table = &la,
	.purpose = "to pack and unpack files, install libarchive",
};

// If libarchive was built without a filter, enabling it falls back to running a program from PATH, and only the return
// value tells: so a second archive is tried first.
static void support_filter(struct archive *a, int (*filter)(struct archive *))
{
	struct archive *probe = la.read_new();

	if (filter(probe) == ARCHIVE_OK)
		filter(a);
	la.read_free(probe);
}

int tar_problem(const struct tar *t, struct err *e)
{
	const char *inner = t->inner ? la.error_string(t->inner) : NULL;

	if (t->problem.code)
		return err_msg(e, t->problem.code, "%s", t->problem.text);
	return err_msg(e, EBADMSG, "the archive is damaged: %s", inner ? inner : "unexpected end");
}

static la_ssize_t read_packed(struct archive *a, void *context, const void **bytes)
{
	struct tar *t = context;

	(void)a;
	*bytes = t->buffer;
	if (job_is_cancelled(t->job))
		return err_msg(&t->problem, ECANCELED, "cancelled"), -1;
	ssize_t n = t->source->read(t->source->context, t->buffer, BLOCK, &t->problem);
	return n < 0 ? -1 : n;
}

static la_ssize_t read_unpacked(struct archive *a, void *context, const void **bytes)
{
	struct tar *t = context;
	la_int64_t offset;
	size_t size = 0;
	int r = t->empty ? ARCHIVE_EOF : ARCHIVE_OK;

	(void)a;
	while (r == ARCHIVE_OK && size == 0)
		r = la.read_data_block(t->outer, bytes, &size, &offset);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK) {
		const char *text = la.error_string(t->outer);
		if (!t->problem.code)
			err_msg(&t->problem, EBADMSG, "the compressed archive is damaged: %s", text ? text : "unexpected end");
		return -1;
	}
	if (t->sum)
		digest_add(t->sum, *bytes, size);
	return (la_ssize_t)size;
}

static int open_outer(struct tar *t, struct err *e)
{
	struct archive_entry *member;

	t->outer = la.read_new();
	support_filter(t->outer, la.read_support_filter_gzip);
	support_filter(t->outer, la.read_support_filter_xz);
	support_filter(t->outer, la.read_support_filter_zstd);
	la.read_support_format_raw(t->outer);
	la.read_support_format_empty(t->outer);
	int r = la.read_open(t->outer, t, NULL, read_packed, NULL);
	if (r == ARCHIVE_OK)
		r = la.read_next_header(t->outer, &member);
	t->empty = r == ARCHIVE_EOF;
	if (t->problem.code)
		return tar_problem(t, e);
	if (r == ARCHIVE_OK || r == ARCHIVE_EOF)
		return 0;
	const char *text = la.error_string(t->outer);
	return err_msg(e, EBADMSG, "the compressed archive is damaged: %s", text ? text : "unexpected end");
}

ssize_t tar_read_fd(void *context, void *bytes, size_t room, struct err *e)
{
	ssize_t n;

	do
		n = read(*(const int *)context, bytes, room);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_set(e, errno, "cannot read the archive") : n;
}

int tar_load(struct err *e)
{
	return library_load(&libarchive, e);
}

int tar_open(struct tar *t, const struct layer_source *source, enum tar_sum sum, const struct job *job, struct err *e)
{
	*t = (struct tar){.source = source, .job = job};
	int r = tar_load(e);
	if (r < 0)
		return r;
	if (sum == TAR_WITH_SUM && !(t->sum = digest_begin_beside(e)))
		return -EOPNOTSUPP;
	t->buffer = mem_new(BLOCK);
	r = open_outer(t, e);
	if (r < 0)
		return r;
	t->inner = la.read_new();
	la.read_support_format_tar(t->inner);
	la.read_support_format_empty(t->inner);
	if (la.read_open(t->inner, t, NULL, read_unpacked, NULL) == ARCHIVE_OK)
		return 0;
	if (t->problem.code)
		return tar_problem(t, e);
	return err_msg(e, EBADMSG, "not a tar archive (plain, or compressed with gzip, xz or zstd)");
}

void tar_done(struct tar *t)
{
	if (t->inner)
		la.read_free(t->inner);
	if (t->outer)
		la.read_free(t->outer);
	digest_end(t->sum, NULL);
	free(t->buffer);
	*t = (struct tar){0};
}

int tar_next(struct tar *t, struct archive_entry **entry, struct err *e)
{
	int r = la.read_next_header(t->inner, entry);

	if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
		return 1;
	return r == ARCHIVE_EOF ? 0 : tar_problem(t, e);
}

int tar_finish(struct tar *t, char hex[DIGEST_HEX + 1], struct err *e)
{
	const void *bytes;
	la_ssize_t n;

	while ((n = read_unpacked(t->outer, t, &bytes)) > 0)
		continue;
	if (n < 0)
		return tar_problem(t, e);
	digest_end(steal(t->sum), hex);
	return 0;
}
