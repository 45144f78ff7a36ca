// The log of a container: see log.h.
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "base/mem.h"

static const char name[] = "log";

// The file that is AGE rotations old.
struct log_file {
	char name[16];
};

static struct log_file file_of(unsigned age)
{
	struct log_file f = {"log"};

	if (age)
		snprintf(f.name, sizeof(f.name), "%s.%u", name, age);
	return f;
}

static const char mark_stream[] = "hostel", mark_at[] = "at", mark_lost[] = "lost";

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
	*w = (struct log_writer){.dir_fd = container_fd, .most = LOG_BYTES_MAX, .files = LOG_FILES};
	w->fd = open_log(container_fd, &w->size);
	return w->fd < 0 ? err_set(e, errno, "cannot open the log") : 0;
}

void log_writer_done(struct log_writer *w)
{
	auto_close_run(&w->fd);
	w->fd = -1;
}

static void add_stamp(struct str *line, int64_t now)
{
	char date[DATE_TEXT];

	str_add(line, date_utc_ns(date, now));
}

static void add_mark(struct str *line, int64_t now, const char *mark, uint64_t bytes)
{
	add_stamp(line, now);
	str_addf(line, " %s F %s %llu bytes\n", mark_stream, mark, (unsigned long long)bytes);
}

static uint64_t output_end(int dir_fd);

// Makes room for a new log. The oldest file goes; one may be missing after a crash of the host.
static int age_files(const struct log_writer *w)
{
	int r = 0;

	if (w->files == 1)
		return unlinkat(w->dir_fd, name, 0);
	for (unsigned age = w->files - 1; age-- > 0;)
		r = renameat(w->dir_fd, file_of(age).name, w->dir_fd, file_of(age + 1).name);
	return r;
}

static void rotate_log(struct log_writer *w, int64_t now)
{
	auto_str mark = {0};
	uint64_t end = output_end(w->dir_fd);

	if (age_files(w) < 0)
		return;
	log_writer_done(w);
	w->fd = open_log(w->dir_fd, &w->size);
	w->torn = false;
	add_mark(&mark, now, mark_at, end);
	ssize_t n = w->fd < 0 ? 0 : write(w->fd, mark.text, mark.length);
	w->size += n > 0 ? (size_t)n : 0;
	w->torn = n > 0 && (size_t)n < mark.length;
}

static void add_records(struct str *lines, const char *stream, int64_t now, const char *bytes, size_t size)
{
	while (size) {
		const char *newline = memchr(bytes, '\n', size);
		size_t length = newline ? (size_t)(newline - bytes) : size;
		add_stamp(lines, now);
		str_addf(lines, " %s %c ", stream, newline ? 'F' : 'P');
		str_add_bytes(lines, bytes, length);
		str_add_char(lines, '\n');
		bytes += length + (newline ? 1 : 0);
		size -= length + (newline ? 1 : 0);
	}
}

// Bytes of output in the first N bytes of LINES, whose last line may be truncated.
static uint64_t output_in(const char *lines, size_t n)
{
	struct log_record record;
	uint64_t bytes = 0;

	while (n) {
		const char *newline = memchr(lines, '\n', n);
		size_t length = newline ? (size_t)(newline - lines) : n;
		if (log_parse(lines, length, &record) == 0)
			bytes += record.length + record.whole;
		lines += length + (newline != NULL);
		n -= length + (newline != NULL);
	}
	return bytes;
}

void log_writer_add(struct log_writer *w, const char *stream, int64_t now, const char *bytes, size_t size)
{
	auto_str lines = {0};

	if (!w->most)
		return;
	if (w->torn)
		str_add_char(&lines, '\n'); // the next record must start a line
	if (w->lost)
		add_mark(&lines, now, mark_lost, w->lost);
	size_t before = lines.length;
	add_records(&lines, stream, now, bytes, size);
	if (w->size + lines.length > w->most)
		rotate_log(w, now);
	if (w->fd < 0)
		w->fd = open_log(w->dir_fd, &w->size);
	ssize_t n = w->fd < 0 ? -1 : write(w->fd, lines.text, lines.length);
	size_t written = n > 0 ? (size_t)n : 0;
	w->size += written;
	if (written) // else the last record is as torn as before
		w->torn = written < lines.length && lines.text[written - 1] != '\n';
	if (written >= before)
		w->lost = size - output_in(lines.text + before, written - before);
	else
		w->lost += size;
}

int log_parse(const char *line, size_t n, struct log_record *record)
{
	const char *first = memchr(line, ' ', n);
	const char *second = first ? memchr(first + 1, ' ', n - (size_t)(first + 1 - line)) : NULL;

	if (!second || (size_t)(second - line) + 3 > n || second[2] != ' ' || (second[1] != 'F' && second[1] != 'P') ||
	    first - line > 40)
		return -EINVAL;
	char stamp[48] = "";
	int64_t time;
	memcpy(stamp, line, (size_t)(first - line));
	if (date_parse_utc(stamp, &time) < 0)
		return -EINVAL;
	*record = (struct log_record){
		.time = time,
		.stamp = line,
		.stamp_length = (int)(first - line),
		.stream = first + 1,
		.text = second + 3,
		.length = n - (size_t)(second + 3 - line),
		.whole = second[1] == 'F',
	};
	return 0;
}

// Whether RECORD is a complete mark of type MARK; sets *BYTES to its number.
static bool is_mark(const struct log_record *record, const char *mark, uint64_t *bytes)
{
	auto_free char *text = mem_strndup(record->text, record->length < 64 ? record->length : 64);
	auto_strv words = {0};

	strv_split(&words, text, " ");
	return words.count == 3 && str_equal(words.items[0], mark) && str_to_u64(words.items[1], bytes) == 0 &&
	       str_equal(words.items[2], "bytes");
}

static void report_missing(struct log_reader *r, const struct log_record *record, enum log_missing why, uint64_t bytes)
{
	if (r->missing && bytes && r->skip == 0 && record->time >= r->since)
		r->missing(r->context, why, bytes);
}

static void read_mark(struct log_reader *r, const struct log_record *record)
{
	uint64_t bytes;

	if (is_mark(record, mark_at, &bytes)) {
		if (r->placed && bytes > r->position)
			report_missing(r, record, LOG_ROTATED, bytes - r->position);
		r->position = bytes;
	} else if (is_mark(record, mark_lost, &bytes)) {
		report_missing(r, record, LOG_NOT_WRITTEN, bytes);
		r->position += bytes;
	}
	r->placed = true;
}

static void show_record(struct log_reader *r, const char *line, size_t n)
{
	struct log_record record;

	if (log_parse(line, n, &record) < 0)
		return;
	if (str_starts(record.stream, mark_stream)) {
		read_mark(r, &record);
		return;
	}
	r->placed = true;
	r->position += record.length + record.whole;
	if (record.time < r->since)
		return;
	if (r->skip > 0)
		r->skip -= record.whole;
	else
		r->sink(r->context, &record);
}

static bool read_chunk(struct log_reader *r)
{
	char buffer[65536];
	ssize_t n = r->fd < 0 ? 0 : read(r->fd, buffer, sizeof(buffer));

	if (n > 0)
		str_add_bytes(&r->rest, buffer, (size_t)n);
	return n > 0;
}

// Handles all complete lines read so far.
static void show_lines(struct log_reader *r)
{
	const char *at = str_text(&r->rest), *end = at + r->rest.length, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		show_record(r, at, (size_t)(newline - at));
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
	while (read_chunk(r))
		show_lines(r);
}

// A truncated record at the end of the previous file belongs to that file.
static void open_file(struct log_reader *r, const char *file)
{
	show_record(r, str_text(&r->rest), r->rest.length);
	str_clear(&r->rest);
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
	struct log_reader counter = {
	    .since = r->since, .container_fd = r->container_fd, .fd = -1, .sink = count_line, .context = &lines};

	open_file(&counter, file);
	show_file(&counter);
	log_reader_done(&counter);
	return lines;
}

static bool is_current(const struct log_reader *r, const char *file)
{
	struct stat here, there;

	return r->fd >= 0 && fstat(r->fd, &here) == 0 &&
	       fstatat(r->container_fd, file, &there, AT_SYMLINK_NOFOLLOW) == 0 && here.st_ino == there.st_ino;
}

static bool exists(const struct log_reader *r, unsigned age)
{
	return age < LOG_FILES_MAX && faccessat(r->container_fd, file_of(age).name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

// How many rotations the oldest file has seen. One may be missing where the host went down during a rotation.
static unsigned oldest_age(const struct log_reader *r)
{
	unsigned age = 0;

	while (exists(r, age + 1) || exists(r, age + 2))
		age++;
	return age;
}

// The tail is counted over all files.
static void open_first(struct log_reader *r)
{
	unsigned oldest = oldest_age(r);
	int64_t lines = 0;

	for (unsigned age = 0; r->tail >= 0 && age <= oldest; age++)
		lines += count_lines(r, file_of(age).name);
	r->skip = r->tail >= 0 && lines > r->tail ? lines - r->tail : 0;
	open_file(r, file_of(oldest).name);
	r->opened = true;
}

// The age of the file that follows the one that has been read; the oldest if that is gone.
static unsigned next_age(const struct log_reader *r)
{
	unsigned oldest = oldest_age(r);

	for (unsigned age = 1; r->fd >= 0 && age <= oldest; age++)
		if (is_current(r, file_of(age).name))
			return age - 1;
	return oldest;
}

// Skips files that are missing.
static bool open_next(struct log_reader *r)
{
	unsigned age = next_age(r);

	open_file(r, file_of(age).name);
	while (r->fd < 0 && age-- > 0)
		open_file(r, file_of(age).name);
	return r->fd >= 0;
}

void log_reader_next(struct log_reader *r)
{
	if (!r->opened)
		open_first(r);
	show_file(r);
	while (!is_current(r, name) && faccessat(r->container_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		show_file(r); // output written between the last read and the rotation
		if (!open_next(r))
			break;
		show_file(r);
	}
	r->skip = 0;
}

static void ignore_record(void *context, const struct log_record *record)
{
	(void)context, (void)record;
}

// Bytes of output up to the end of the log.
static uint64_t output_end(int dir_fd)
{
	struct log_reader r = {.container_fd = dir_fd, .fd = -1, .sink = ignore_record};

	open_file(&r, name);
	show_file(&r);
	uint64_t end = r.position;
	log_reader_done(&r);
	return end;
}

void log_reader_done(struct log_reader *r)
{
	auto_close_run(&r->fd);
	r->fd = -1;
	str_done(&r->rest);
}
