// Decides whether a file belongs to a guest alone: a table of reasons to keep it, of which the first match is shown.
#include "ownership.h"

#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "claims.h"

// --- reasons to keep a file: each returns the rest of its text, or NULL if it does not apply ---

static const char *claimed_by(const struct claim *claims, size_t count, struct file_id file)
{
	for (size_t i = 0; i < count; i++)
		if (claims[i].file.device == file.device && claims[i].file.inode == file.inode)
			return claims[i].user;
	return NULL;
}

static const char *is_relative(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->relative ? "" : NULL;
}

static const char *is_elsewhere(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->elsewhere ? "" : NULL;
}

static const char *is_unseen(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->error ? strerror(s->error) : NULL;
}

static const char *is_claimed(const struct stored *s, const struct claims *n)
{
	return claimed_by(n->files, n->file_count, s->file);
}

// Also if the file is the shared directory itself.
static const char *is_shared_with(const struct stored *s, const struct claims *n)
{
	const char *user = claimed_by(n->directories, n->directory_count, s->file);

	for (size_t i = 0; !user && i < s->above_count; i++)
		user = claimed_by(n->directories, n->directory_count, s->above[i]);
	return user;
}

static const char *is_used(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->user;
}

static const char *is_medium(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->part == PART_MEDIUM ? "" : NULL;
}

static const char *is_drive(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->part == PART_DRIVE ? "" : NULL;
}

static const char *is_symlink(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->symlink ? "" : NULL;
}

static const char *is_irregular(const struct stored *s, const struct claims *n)
{
	(void)n;
	return !S_ISREG(s->mode) && !(s->part == PART_TPM && S_ISDIR(s->mode)) ? "" : NULL;
}

static const char *is_readonly(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->readonly && s->part != PART_SEED ? "" : NULL;
}

static const char *is_shareable(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->shareable ? "" : NULL;
}

static const char *is_passing(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->passing ? "" : NULL;
}

static const char *is_aside(const struct stored *s, const struct claims *n)
{
	(void)n;
	return s->aside ? "" : NULL;
}

static const char *is_linked(const struct stored *s, const struct claims *n)
{
	(void)n;
	return S_ISREG(s->mode) && s->links > 1 ? "" : NULL;
}

static const char *is_unrecorded(const struct stored *s, const struct claims *n)
{
	(void)n;
	return (s->part == PART_LAYER || s->part == PART_SEED || s->part == PART_LOG) && !s->recorded ? "" : NULL;
}

static const char *is_doubtful(const struct stored *s, const struct claims *n)
{
	return n->doubts.count && !s->private ? n->doubts.items[0] : NULL;
}

static const struct {
	const char *(*holds)(const struct stored *s, const struct claims *n);
	const char *text;
} reasons[] = {
	{is_relative, "relative path, which depends on QEMU's working directory"},
	{is_elsewhere, "not on this host"},
	{is_unseen, "cannot be examined: "},
	{is_claimed, "used by "},
	{is_shared_with, "in a directory used by "},
	{is_used, "in use by "},
	{is_medium, "an ISO image"},
	{is_drive, "a floppy or a passed-through LUN"},
	{is_symlink, "a symbolic link"},
	{is_irregular, "not a regular file"},
	{is_readonly, "read-only for this guest"},
	{is_shareable, "shared between guests"},
	{is_passing, "attached only while the guest runs"},
	{is_aside, "of a snapshot, not in the current chain"},
	{is_linked, "has other hard links"},
	{is_unrecorded, "no record that it was created for this guest"},
	{is_doubtful, "may be in use: "},
};

char *ownership_why_kept(const struct stored *s, const struct claims *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		const char *rest = reasons[i].holds(s, n);
		if (rest)
			return mem_printf("%s%s", reasons[i].text, rest);
	}
	return NULL;
}
