// The log of a container: see container/log.h. Must not know who wrote it or who reads it.
#include "container/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define SECOND INT64_C(1000000000)

static const char name[] = "log", old_name[] = "log.1";

static int open_log(int container_fd, size_t *size)
{
	int fd = openat(container_fd, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st = {0};

	if (fd >= 0)
		fstat(fd, &st);
	*size = (size_t)st.st_size;
	return fd;
}

int log_writer_open(struct log_writer *w, int container_fd, struct err *e)
{
	*w = (struct log_writer){.dir_fd = container_fd};
	w->fd = open_log(container_fd, &w->size);
	return w->fd < 0 ? err_set(e, errno, "cannot open the log") : 0;
}

void log_writer_done(struct log_writer *w)
{
	auto_close_run(&w->fd);
	w->fd = -1;
}

static void rotate(struct log_writer *w)
{
	if (renameat(w->dir_fd, name, w->dir_fd, old_name) < 0)
		return;
	log_writer_done(w);
	w->fd = open_log(w->dir_fd, &w->size);
}

static void add_stamp(struct str *line, int64_t now)
{
	char date[32];
	struct tm tm;
	time_t seconds = (time_t)(now / SECOND);

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &tm));
	str_addf(line, "%s.%09dZ", date, (int)(now % SECOND));
}

void log_writer_add(struct log_writer *w, const char *stream, int64_t now, const char *bytes, size_t size)
{
	auto_str lines = {0};

	while (size) {
		const char *newline = memchr(bytes, '\n', size);
		size_t length = newline ? (size_t)(newline - bytes) : size;
		add_stamp(&lines, now);
		str_addf(&lines, " %s %c ", stream, newline ? 'F' : 'P');
		str_add_bytes(&lines, bytes, length);
		str_add_char(&lines, '\n');
		bytes += length + (newline ? 1 : 0);
		size -= length + (newline ? 1 : 0);
	}
	if (w->size + lines.length > LOG_BYTES_MAX)
		rotate(w);
	if (w->fd < 0 || !lines.length)
		return;
	ssize_t n = write(w->fd, lines.text, lines.length);
	w->size += n > 0 ? (size_t)n : 0;
	if (n > 0 && (size_t)n < lines.length) // the disk is full in the middle of a record: end it, so that the next one stands by itself
		n = write(w->fd, "\n", 1);
}

static int64_t parse_stamp(const char *text)
{
	struct tm tm = {0};
	int fraction = 0;
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!rest || sscanf(rest, ".%9dZ", &fraction) != 1)
		return -1;
	int64_t seconds = timegm(&tm); // of any year: nanoseconds reach to 2262 only
	return seconds < 0 || seconds >= INT64_MAX / SECOND || fraction < 0 ? -1 : seconds * SECOND + fraction;
}

int log_parse(const char *line, size_t n, struct log_record *record)
{
	const char *first = memchr(line, ' ', n);
	const char *second = first ? memchr(first + 1, ' ', n - (size_t)(first + 1 - line)) : NULL;

	if (!second || (size_t)(second - line) + 3 > n || second[2] != ' ' || (second[1] != 'F' && second[1] != 'P') || first - line > 40)
		return -EINVAL;
	char stamp[48] = "";
	memcpy(stamp, line, (size_t)(first - line));
	*record = (struct log_record){
		.time = parse_stamp(stamp),
		.stamp = line,
		.stamp_length = (int)(first - line),
		.stream = first + 1,
		.text = second + 3,
		.length = n - (size_t)(second + 3 - line),
		.whole = second[1] == 'F',
	};
	return record->time < 0 ? -EINVAL : 0;
}

static void show(struct log_reader *r, const char *line, size_t n)
{
	struct log_record record;

	if (log_parse(line, n, &record) < 0 || record.time < r->since)
		return;
	if (r->skip > 0)
		r->skip -= record.whole;
	else
		r->sink(r->context, &record);
}

static bool read_more(struct log_reader *r)
{
	char buffer[65536];
	ssize_t n = r->fd < 0 ? 0 : read(r->fd, buffer, sizeof(buffer));

	if (n > 0)
		str_add_bytes(&r->rest, buffer, (size_t)n);
	return n > 0;
}

// All whole lines of what was read.
static void show_lines(struct log_reader *r)
{
	const char *at = str_text(&r->rest), *end = at + r->rest.length, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		show(r, at, (size_t)(newline - at));
		at = newline + 1;
	}
	if (at == str_text(&r->rest))
		return;
	r->rest.length = (size_t)(end - at);
	memmove(r->rest.text, at, r->rest.length);
	r->rest.text[r->rest.length] = '\0';
}

static void show_file(struct log_reader *r)
{
	while (read_more(r))
		show_lines(r);
}

static void open_file(struct log_reader *r, const char *file)
{
	auto_close_run(&r->fd);
	r->fd = openat(r->container_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

static void count_line(void *context, const struct log_record *record)
{
	*(int64_t *)context += record->whole;
}

static int64_t count_lines(const struct log_reader *r, const char *file)
{
	int64_t lines = 0;
	struct log_reader counter = {.since = r->since, .container_fd = r->container_fd, .fd = -1, .sink = count_line, .context = &lines};

	open_file(&counter, file);
	show_file(&counter);
	log_reader_done(&counter);
	return lines;
}

// The first look: the old log before the new one, and the tail counted over both.
static void open_first(struct log_reader *r)
{
	if (r->tail >= 0) {
		int64_t lines = count_lines(r, old_name) + count_lines(r, name);
		r->skip = lines > r->tail ? lines - r->tail : 0;
	}
	open_file(r, old_name);
	show_file(r);
	open_file(r, name);
}

// Whether the file being read is no longer the log.
static bool is_rotated(const struct log_reader *r)
{
	struct stat here, there;

	return r->fd < 0 || (fstat(r->fd, &here) == 0 && fstatat(r->container_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino != there.st_ino);
}

void log_reader_next(struct log_reader *r)
{
	if (!r->opened)
		open_first(r);
	r->opened = true;
	show_file(r);
	if (is_rotated(r)) {
		show_file(r); // what came between the last look and the rotation
		open_file(r, name);
		show_file(r);
	}
	r->skip = 0;
}

void log_reader_done(struct log_reader *r)
{
	auto_close_run(&r->fd);
	r->fd = -1;
	str_done(&r->rest);
}
