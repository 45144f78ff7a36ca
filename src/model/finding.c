// Findings of `hostel check`: see model/finding.h.
#include "model/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

void findings_done(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].subject);
		free(f->items[i].text);
		free(f->items[i].remedy);
	}
	free(f->items);
	strv_done(&f->checks);
	*f = (struct findings){0};
}

struct finding *findings_add(struct findings *f, const char *check, const char *subject, const char *remedy,
                             const char *fmt, ...)
{
	va_list args;
	char text[ERR_TEXT_MAX];

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	f->items = mem_resize(f->items, f->count + 1, sizeof(*f->items));
	f->items[f->count] = (struct finding){
	    .check = check, .subject = mem_strdup(subject), .text = mem_strdup(text), .remedy = mem_strdup(remedy)};
	return &f->items[f->count++];
}


bool finding_is_problem(const struct finding *f)
{
	return !f->note && !f->repaired;
}
