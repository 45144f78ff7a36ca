// The journal: see journal.h.
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "base/str.h"

static void entry_done(struct entry *entry)
{
	free(entry->id);
	free(entry->text);
}

void journal_done(struct journal *j)
{
	for (size_t i = 0; i < j->count; i++)
		entry_done(&j->entries[i]);
	free(j->entries);
	*j = (struct journal){0};
}

void journal_add(struct journal *j, int64_t at, const char *id, bool bad, bool ours, const char *text)
{
	if (!j->entries)
		j->entries = mem_array(JOURNAL_MOST, sizeof(*j->entries));
	if (j->count == JOURNAL_MOST) {
		entry_done(&j->entries[0]);
		memmove(&j->entries[0], &j->entries[1], (JOURNAL_MOST - 1) * sizeof(*j->entries));
		j->count--;
	}
	char *kept = mem_strdup(text);

	str_cut(kept, JOURNAL_TEXT_MOST);
	j->entries[j->count++] = (struct entry){at, mem_strdup(id), kept, bad, ours};
	j->changes++;
}

void journal_text(const struct journal *j, const char *id, bool ours, struct str *out)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct entry *entry = &j->entries[i];
		char time[DATE_TEXT];

		if ((id && !str_equal(entry->id, id)) || (ours && !entry->ours))
			continue;
		str_addf(out, "%s %s ", date_local(time, DATE_TIME, entry->at), entry->bad ? "!" : " ");
		str_add_visible(out, entry->text, strlen(entry->text));
		str_add_char(out, '\n');
	}
}
