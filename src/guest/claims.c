// The files that everything but one guest uses.
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "storage.h"

enum { DOUBTS_MAX = 16 };

void neighbours_add(struct neighbours *n, bool directory, struct file_id file, const char *who)
{
	struct claim **claims = directory ? &n->directories : &n->files;
	size_t *count = directory ? &n->directory_count : &n->file_count;

	*claims = mem_resize(*claims, *count + 1, sizeof(**claims));
	(*claims)[(*count)++] = (struct claim){file, mem_strdup(who)};
}

void neighbours_doubt(struct neighbours *n, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n->doubts.count < DOUBTS_MAX)
		strv_add(&n->doubts, text);
}

static void claims_done(struct claim *claims, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(claims[i].who);
	free(claims);
}

void neighbours_done(struct neighbours *n)
{
	claims_done(n->files, n->file_count);
	claims_done(n->directories, n->directory_count);
	strv_done(&n->doubts);
	*n = (struct neighbours){0};
}

void neighbours_move(struct neighbours *n, struct neighbours *from)
{
	for (size_t i = 0; i < from->file_count; i++)
		neighbours_add(n, false, from->files[i].file, from->files[i].who);
	for (size_t i = 0; i < from->directory_count; i++)
		neighbours_add(n, true, from->directories[i].file, from->directories[i].who);
	for (size_t i = 0; i < from->doubts.count; i++)
		neighbours_doubt(n, "%s", from->doubts.items[i]);
	neighbours_done(from);
}
