// SPDX-License-Identifier: LGPL-2.1-or-later
// The cache of compiled system-call filters, beside the state of the containers. Compiling an engine's usual profile
// takes longer than all other steps of a start, and parsing it half as long as these.
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/reader.h"
#include "filter.h"
#include "sys/fs.h"

enum { REMEMBERED = 64, FILE_LIMIT = 4 << 20, NAME = 24 };

#define FOLDER ".filters" // an id cannot begin with a dot

// The header of a file; the profile's text and the program follow.
struct header {
	char compiler[64];
	uint64_t sum; // of everything after it: a truncated or damaged file is ignored
	uint32_t text, count, flags;
	uint32_t zero;
};

// Hash for the name of the file and to detect damage. A match is verified by comparing the whole text.
static uint64_t sum_of(const char *bytes, size_t n)
{
	uint64_t sum = n;

	for (; n > 0; bytes += sizeof(sum)) {
		size_t part = n < sizeof(sum) ? n : sizeof(sum);
		uint64_t word = 0;

		memcpy(&word, bytes, part);
		sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
		n -= part;
	}
	return sum;
}

static void name_of(struct profile profile, char name[NAME])
{
	snprintf(name, NAME, "%016" PRIx64, sum_of(profile.text, profile.size));
}

// The directory, which must belong to this user and not be writable by others.
static int open_folder(int root, bool make)
{
	struct stat st;

	if (make && mkdirat(root, FOLDER, 0700) < 0 && errno != EEXIST)
		return -errno;
	auto_close int fd = openat(root, FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid != geteuid() || st.st_mode & 077 ? -EPERM : steal_fd(&fd);
}

static int open_private(int folder, const char *name)
{
	auto_close int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -ENOENT;
	return !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077 || st.st_nlink != 1 ? -EPERM
	                                                                                              : steal_fd(&fd);
}

// The program in the N BYTES of a file, or NULL if they are incomplete or for another profile.
static const char *program_in(const char *bytes, size_t n, struct profile profile, struct header *h)
{
	char compiler[sizeof(h->compiler)] = "";

	if (n < sizeof(*h))
		return NULL;
	memcpy(h, bytes, sizeof(*h));
	filter_compiler(compiler, sizeof(compiler));
	if (memcmp(h->compiler, compiler, sizeof(compiler)) || h->text != profile.size || !h->count ||
	    h->count > UINT16_MAX || n != sizeof(*h) + h->text + h->count * sizeof(struct sock_filter) ||
	    memcmp(bytes + sizeof(*h), profile.text, profile.size))
		return NULL;
	if (sum_of(bytes + offsetof(struct header, text), n - offsetof(struct header, text)) != h->sum)
		return NULL;
	return bytes + sizeof(*h) + h->text;
}

int filter_recall(struct filter *f, struct pool **pool, int root, struct profile profile)
{
	auto_close int folder = open_folder(root, false);
	auto_free char *bytes = NULL;
	char name[NAME];
	struct header h;

	name_of(profile, name);
	auto_close int file = folder < 0 ? -1 : open_private(folder, name);
	ssize_t n = file < 0 ? -ENOENT : fs_read_open(file, name, FILE_LIMIT, &bytes, NULL);
	const char *program = n < 0 ? NULL : program_in(bytes, (size_t)n, profile, &h);
	if (!program)
		return -ENOENT;
	f->program.filter = pool_new(pool, h.count, sizeof(struct sock_filter));
	f->program.len = (unsigned short)h.count;
	f->flags = h.flags;
	memcpy(f->program.filter, program, h.count * sizeof(struct sock_filter));
	return 0;
}

// Bounded: beyond a number of files the cache is emptied, so that a different profile for every container does not
// fill the disk.
static bool is_full(int folder)
{
	size_t count = 0;
	DIR *dir = fs_open_directory(folder, ".");

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count > REMEMBERED;
}

void filter_remember(const struct filter *f, int root, struct profile profile)
{
	auto_close int folder = open_folder(root, true);
	auto_str file = {0};
	struct header h = {.text = (uint32_t)profile.size, .count = f->program.len, .flags = f->flags};
	char name[NAME];

	if (folder >= 0 && is_full(folder)) {
		fs_remove_tree(root, FOLDER, NULL);
		close(folder);
		folder = open_folder(root, true);
	}
	if (folder < 0 || profile.size > FILE_LIMIT / 2)
		return; // harmless: it will be compiled again
	filter_compiler(h.compiler, sizeof(h.compiler));
	str_add_bytes(&file, &h, sizeof(h));
	str_add_bytes(&file, profile.text, profile.size);
	str_add_bytes(&file, f->program.filter, f->program.len * sizeof(struct sock_filter));
	h.sum = sum_of(file.text + offsetof(struct header, text), file.length - offsetof(struct header, text));
	memcpy(file.text + offsetof(struct header, sum), &h.sum, sizeof(h.sum));
	name_of(profile, name);
	fs_replace_file(folder, name, 0600, file.text, file.length, NULL);
}

// --- finding the profile: just enough JSON to skip a value ---

struct scan {
	const char *at, *end;
};

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at))
		s->at++;
}

static bool skip_char(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

// The end of a string whose opening quote was already read; NULL if it does not end.
static const char *after_string(const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\')
			at++;
	}
	return NULL;
}

static bool skip_string(struct scan *s)
{
	const char *after = after_string(s->at, s->end);

	s->at = after ? after : s->end;
	return after;
}

// Skips a value: a string, a list or an object; numbers and words up to their end.
static bool skip_value(struct scan *s)
{
	const char *at;
	int depth = 0;

	skip_blanks(s);
	for (at = s->at; at && at < s->end;) {
		char c = *at++;

		if (c == '"')
			at = after_string(at, s->end);
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (depth > 0 || (at < s->end && !strchr(",}] \t\r\n", *at)))
			continue;
		if (depth > 0 || !at)
			continue;
		s->at = at;
		return depth == 0;
	}
	return false;
}

// Moves S to the value of NAME in the object at S.
static bool enter_value(struct scan *s, const char *name)
{
	size_t n = strlen(name);

	if (!skip_char(s, '{'))
		return false;
	do {
		if (!skip_char(s, '"'))
			return false;
		const char *key = s->at;
		if (!skip_string(s))
			return false;
		bool is_name = (size_t)(s->at - 1 - key) == n && memcmp(key, name, n) == 0;
		if (!skip_char(s, ':'))
			return false;
		if (is_name)
			return skip_blanks(s), true;
		if (!skip_value(s))
			return false;
	} while (skip_char(s, ','));
	return false;
}

struct profile filter_find(const char *text, size_t n)
{
	struct scan s = {text, text + n};

	if (!enter_value(&s, "linux") || !enter_value(&s, "seccomp") || s.at == s.end || *s.at != '{')
		return (struct profile){0};
	const char *start = s.at;
	return skip_value(&s) ? (struct profile){start, (size_t)(s.at - start)} : (struct profile){0};
}
