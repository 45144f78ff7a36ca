// Files used by anything but one guest.
#include "claims.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { DOUBTS_MAX = 16 };

void claims_add(struct claims *n, bool directory, struct file_id file, const char *user)
{
	struct claim **claims = directory ? &n->directories : &n->files;
	size_t *count = directory ? &n->directory_count : &n->file_count;

	*claims = mem_resize(*claims, *count + 1, sizeof(**claims));
	(*claims)[(*count)++] = (struct claim){file, mem_strdup(user)};
}

void claims_doubt(struct claims *n, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n->doubts.count < DOUBTS_MAX)
		strv_add(&n->doubts, text);
}

static void claim_list_done(struct claim *claims, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(claims[i].user);
	free(claims);
}

void claims_done(struct claims *n)
{
	claim_list_done(n->files, n->file_count);
	claim_list_done(n->directories, n->directory_count);
	strv_done(&n->doubts);
	*n = (struct claims){0};
}

void claims_move(struct claims *n, struct claims *from)
{
	for (size_t i = 0; i < from->file_count; i++)
		claims_add(n, false, from->files[i].file, from->files[i].user);
	for (size_t i = 0; i < from->directory_count; i++)
		claims_add(n, true, from->directories[i].file, from->directories[i].user);
	for (size_t i = 0; i < from->doubts.count; i++)
		claims_doubt(n, "%s", from->doubts.items[i]);
	claims_done(from);
}
