// Lists of the client of verbs: see client.h.
#include "client_state.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/registry.h"

// Fails with the first line of TROUBLE.
static int no_engine(const struct client *s, const struct str *trouble, struct err *e)
{
	const char *text = trouble->length ? trouble->text : s->absent.length ? s->absent.text : "no engine is available";

	return err_msg(e, ENOTCONN, "%.*s", (int)strcspn(text, "\n"), text);
}

void client_ask_all(struct client *s, bool list, struct answer *answers)
{
	const struct link_engine *engine;

	for (unsigned i = 0; i < ENGINES && (engine = link_engine(s->link, i)); i++) {
		answers[i].client = s;
		s->pending++;
		if (list)
			link_list(s->link, engine->name, s->listed, PATIENCE * SECOND, client_on_answer, &answers[i]);
		else
			link_sample(s->link, engine->name, PATIENCE * SECOND, client_on_answer, &answers[i]);
	}
	client_run_until_answered(s);
}

// Whether ENGINE timed out without an error of its own, which would be its trouble.
static bool is_silent(const struct link_engine *engine, const struct err *e)
{
	return e->code == ETIMEDOUT && !str_equal(engine->trouble, e->text);
}

// Whether the user asked for ENGINE or a kind it lists: then its absence is reported.
static bool is_asked_for(const struct client *s, const struct link_engine *engine)
{
	const struct engine_ops *ops = engine_find(engine->name);

	return s->chosen || (s->cli->noun >= 0 && ops && ops->lists >> s->cli->noun & 1);
}

// Adds the error or note of a list of ENGINE to TROUBLE. Returns whether it succeeded.
static bool add_outcome(struct client *s, const struct link_engine *engine, const struct err *e, struct str *trouble)
{
	bool absent = e->code == ENOPKG && !is_asked_for(s, engine);

	if (is_silent(engine, e))
		str_addf(trouble, "%s: no answer within %d seconds\n", engine->name, PATIENCE);
	else if (e->code)
		str_addf(absent ? &s->absent : trouble, "%s: %s\n", engine->name, e->text);
	else if (engine->note)
		str_addf(trouble, "%s: %s\n", engine->name, engine->note);
	return e->code == 0;
}

static size_t list_here(struct client *s, struct str *trouble)
{
	struct answer answers[ENGINES] = {0};
	const struct link_engine *engine;
	size_t fine = 0;

	client_ask_all(s, true, answers);
	for (unsigned i = 0; i < ENGINES && (engine = link_engine(s->link, i)); i++) {
		fine += add_outcome(s, engine, &answers[i].e, trouble);
		str_done(&answers[i].text);
	}
	return fine;
}

static size_t list_there(struct client *s, struct str *trouble)
{
	const struct link_engine *engine;
	size_t fine = 0;

	for (size_t i = 0; (engine = link_engine(s->link, i)); i++) {
		fine += engine->listed;
		const char *text = engine->trouble ? engine->trouble : engine->note;
		bool absent = engine->absent && !is_asked_for(s, engine);
		if (text)
			str_addf(absent ? &s->absent : trouble, "%s on %s: %s\n", engine->name, link_name(s->link), text);
	}
	return fine;
}

int client_list(struct client *s, struct str *trouble, struct err *e)
{
	int r = s->own ? 0 : client_run_until(s, &s->ready, e);

	if (r < 0)
		return r;
	str_clear(&s->absent);
	size_t fine = s->own ? list_here(s, trouble) : list_there(s, trouble);
	r = client_check_opened(s, e);
	if (r < 0)
		return r;
	bool none_here = s->narrowed && s->absent.length && !trouble->length; // others were not asked
	return fine || none_here ? 0 : no_engine(s, trouble, e);
}

const struct str *client_absent(const struct client *s)
{
	return &s->absent;
}
