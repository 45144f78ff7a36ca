// Texts composed for the pane: tables and events.
#include "text.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ui/canvas.h"

#include "app/know/app.h"
#include "app/know/journal.h"
#include "pane.h"

// Aligns a table whose cells are separated by tabs; the last column is left alone.
void pane_align(const char *text, struct str *out)
{
	enum { COLUMNS = 16 };
	int widths[COLUMNS] = {0};

	for (int pass = 0; pass < 2; pass++)
		for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
			const char *end = line + strcspn(line, "\n"), *cell = line;

			for (int column = 0; cell <= end && column < COLUMNS; column++) {
				size_t n = strcspn(cell, "\t\n");
				auto_free char *word = mem_strndup(cell, n);
				int width = text_width(word);

				if (pass == 0)
					widths[column] = width > widths[column] ? width : widths[column];
				else
					str_addf(out, "%s%*s", word, cell + n < end ? widths[column] - width + 2 : 0, "");
				cell += n + 1;
			}
			if (pass == 1)
				str_add_char(out, '\n');
		}
}

void pane_events_text(const struct app *app, struct str *out)
{
	const struct pane *pane = app->pane;
	auto_str here = {0};

	journal_text(&app->journal, pane->id, false, &here);
	if (pane->kept_events && *pane->kept_events)
		str_addf(out, "%s\n", pane->kept_events);
	str_add(out, here.length ? str_text(&here) : "No events since hostel was opened.");
}
