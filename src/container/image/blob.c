// Blobs of an image layout: see blob.h.
#include "blob.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "digest.h"
#include "sys/fs.h"

enum { BLOCK = 64 * 1024 };

static int open_file(struct blob *b, int layout_fd, struct err *e)
{
	auto_free char *name = mem_printf("blobs/sha256/%s", b->hex);

	b->fd = fs_open_regular(layout_fd, name, e);
	if (b->fd == -ELOOP)
		return err_hint(e, "copy the layout with 'cp -rL', which turns links into files");
	return b->fd;
}

static int check_size(struct blob *b, int64_t wanted, struct err *e)
{
	struct stat st;

	if (fstat(b->fd, &st) < 0)
		return err_set(e, errno, "cannot read blob 'blobs/sha256/%s'", b->hex);
	b->size = (uint64_t)st.st_size;
	if (wanted == BLOB_SIZE_UNKNOWN || wanted == st.st_size)
		return 0;
	return err_msg(e, EBADMSG,
	               "blob 'blobs/sha256/%s' is damaged: its size is %lld bytes, not %" PRId64
	               " (fetch the image again)",
	               b->hex, (long long)st.st_size, wanted);
}

static int open_with(struct blob *b, int layout_fd, const char *digest, int64_t size,
                     struct digest *(*begin)(struct err *e), struct err *e)
{
	const char *hex = digest_hex(digest);

	*b = (struct blob){.fd = -1};
	if (!hex)
		return err_msg(e, EINVAL, "'%s' is not a sha256 digest", digest ? digest : "");
	memcpy(b->hex, hex, sizeof(b->hex));
	int r = open_file(b, layout_fd, e);
	if (r >= 0)
		r = check_size(b, size, e);
	if (r == 0 && !(b->sum = begin(e)))
		r = -EOPNOTSUPP;
	if (r < 0)
		blob_done(b);
	return r;
}

int blob_open(struct blob *b, int layout_fd, const char *digest, int64_t size, struct err *e)
{
	return open_with(b, layout_fd, digest, size, digest_begin, e);
}

int blob_open_large(struct blob *b, int layout_fd, const char *digest, int64_t size, struct err *e)
{
	return open_with(b, layout_fd, digest, size, digest_begin_beside, e);
}

void blob_done(struct blob *b)
{
	auto_close_run(&b->fd);
	digest_end(b->sum, NULL);
	*b = (struct blob){.fd = -1};
}

ssize_t blob_read(struct blob *b, void *bytes, size_t room, struct err *e)
{
	uint64_t left = b->size - b->done;
	ssize_t n;

	if (!left)
		return 0;
	do
		n = read(b->fd, bytes, room < left ? room : left);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(e, errno, "cannot read blob 'blobs/sha256/%s'", b->hex);
	if (n == 0)
		return err_msg(e, EBADMSG, "blob 'blobs/sha256/%s' was truncated while it was read", b->hex);
	digest_add(b->sum, bytes, (size_t)n);
	b->done += (uint64_t)n;
	return n;
}

int blob_check(struct blob *b, struct err *e)
{
	char buffer[BLOCK], hex[DIGEST_HEX + 1];
	ssize_t n;

	while ((n = blob_read(b, buffer, sizeof(buffer), e)) > 0)
		continue;
	if (n < 0)
		return (int)n;
	digest_end(steal(b->sum), hex);
	if (strcmp(hex, b->hex) == 0)
		return 0;
	return err_msg(e, EBADMSG, "blob 'blobs/sha256/%s' is damaged: its content is sha256:%s (fetch the image again)",
	               b->hex, hex);
}

char *blob_load(int layout_fd, const char *digest, int64_t size, size_t limit, size_t *length, struct err *e)
{
	auto_blob b = {.fd = -1};

	if (blob_open(&b, layout_fd, digest, size, e) < 0)
		return NULL;
	if (b.size > limit) {
		err_msg(e, EFBIG, "blob 'blobs/sha256/%s' is larger than %zu bytes", b.hex, limit);
		return NULL;
	}
	auto_free char *bytes = mem_new(b.size + 1);
	while (b.done < b.size)
		if (blob_read(&b, bytes + b.done, b.size - b.done, e) < 0)
			return NULL;
	*length = b.size;
	return blob_check(&b, e) == 0 ? steal(bytes) : NULL;
}
