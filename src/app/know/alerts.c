// Alerts: see alerts.h.
#include "alerts.h"

#include "base/mem.h"
#include "base/str.h"
#include "ui/term.h"

#include "app.h"
#include "machine.h"
#include "rows.h"
#include "settings.h"

enum { FIRST_FIGURES = 3 }; // of a connection: a rate needs two

// Whether ROW's problem is worse than the last one reported.
static bool is_new(struct row *row, struct str *text)
{
	int problem = row_problem(row, text), told = row->told;

	if (problem == 0 || problem > told)
		row->told = problem;
	return problem > told;
}

static void add_alert(struct str *out, const struct row *row, const struct str *problem)
{
	str_addf(out, "%s%s: %s", out->length ? "; " : "", row->w.name ? row->w.name : row->w.id, str_text(problem));
}

void alerts_look(struct app *app, struct machine *m)
{
	bool first = m->ticks < FIRST_FIGURES;
	auto_str text = {0};

	m->ticks += first;
	for (size_t i = 0; i < app->rows.count; i++) {
		struct row *row = app->rows.items[i];
		auto_str problem = {0};

		if (row->machine == m && is_new(row, &problem) && !first)
			add_alert(&text, row, &problem);
	}
	if (text.length && app->term && app->settings.alerts != ALERTS_NONE)
		term_alert(app->term, app->settings.alerts == ALERTS_NOTIFY ? str_text(&text) : NULL);
}
