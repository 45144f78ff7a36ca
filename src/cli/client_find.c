// Finding what the words of a command line name: see client.h.
#include "client_state.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/opts.h"
#include "engine/registry.h"
#include "model/id.h"
#include "model/image.h"
#include "model/network.h"

static int ambiguous(const struct inventory *inv, const char *word, size_t matches, struct err *e)
{
	auto_str ids = {0};

	for (size_t i = 0; i < inventory_count(inv); i++)
		if (strcmp(inventory_at(inv, i)->name, word) == 0)
			str_addf(&ids, "%s%s", ids.length ? ", " : "", inventory_at(inv, i)->id);
	return err_msg(e, ENOTUNIQ, "%zu guests and containers are named '%s' (use an id: %s)", matches, word,
	               str_text(&ids));
}

static const char *nearest(const struct inventory *inv, const char *word)
{
	size_t count = inventory_count(inv);
	auto_free const char **names = mem_array(count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = inventory_at(inv, i)->name;
	return opts_nearest(word, names, count, sizeof(*names));
}

const struct workload *client_find(const struct client *s, const char *word, const struct str *trouble, struct err *e)
{
	const struct inventory *inv = client_inventory(s);
	size_t matches = 0;
	const struct workload *w = inventory_lookup(inv, word, -1, &matches);

	if (w && matches == 1)
		return w;
	if (w) {
		ambiguous(inv, word, matches, e);
		return NULL;
	}
	const struct str *hint = trouble->length ? trouble : &s->absent;
	const char *near = nearest(inv, word);
	err_msg(e, ENOENT, "no guest or container '%s'", word);
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	else if (trouble->length || s->absent.length)
		err_hint(e, "%.*s", (int)strcspn(str_text(hint), "\n"), str_text(hint));
	else
		err_hint(e, "see 'hostel ls'");
	return NULL;
}

static bool is_named(const struct client *s, const struct item *item, const char *word, bool exact)
{
	if (!(s->kinds >> item->kind & 1))
		return false;
	return strcmp(item->id, word) == 0 || str_equal(item->name, word) ||
	       (item->kind == KIND_IMAGE && image_called((const struct image_item *)item, word, exact));
}

// Whether ITEM is hostel's default network, neither up nor defined: another network of the same name is preferred.
static bool yields(const struct item *item)
{
	const struct network *n = item->kind == KIND_NETWORK ? (const struct network *)item : NULL;

	return n && n->state == STATE_INACTIVE && !n->persistent;
}

// Finds the items called WORD. Returns how many there are.
static size_t find_items(const struct client *s, const char *word, bool exact, const struct item **found)
{
	const struct inventory *inv = client_inventory(s);
	const struct item *item;
	size_t matches = 0;

	for (size_t i = 0; (item = inventory_item_at(inv, i)); i++)
		if (is_named(s, item, word, exact) && !(matches && yields(item))) {
			matches += !matches || !yields(*found);
			*found = item;
		}
	return matches;
}

const struct item *client_find_item(const struct client *s, const char *word, const struct str *trouble, struct err *e)
{
	const struct item *found = NULL;

	if (s->kinds & KIND_BIT_ANY) {
		const struct workload *w = client_find(s, word, trouble, e);

		if (w && !(s->kinds >> w->kind & 1))
			err_msg(e, ENOENT, "'%s' is %s", word, kind_phrase(w->kind));
		return w && s->kinds >> w->kind & 1 ? &w->item : NULL;
	}
	size_t matches = find_items(s, word, true, &found);
	if (!matches)
		matches = find_items(s, word, false, &found);
	if (matches == 1)
		return found;
	const char *kind = kind_name(s->cli->kind);
	if (found)
		err_msg(e, ENOTUNIQ, "%zu are named '%s' (use an id, for example %s)", matches, word, found->id);
	else
		err_msg(e, ENOENT, "no %s '%s' (see 'hostel %s ls')", kind, word, kind);
	return NULL;
}

char *client_all_of(const struct client *s, enum kind kind)
{
	const char *engine = client_engine_doing(s, kind, VERB_PRUNE);

	if (!engine)
		cli_fail(EXIT_FAILED, "no engine on this host can remove unused %s", kind_info(kind)->plural);
	return engine ? id_make(engine, kind, "*") : NULL;
}

const char *client_engine_doing(const struct client *s, enum kind kind, enum verb verb)
{
	const struct link_engine *engine;

	for (unsigned i = 0; (engine = link_engine(s->link, i)); i++) {
		const struct engine_ops *ops = engine_find(engine->name);

		if (ops && ops->does(kind, verb))
			return engine->name;
	}
	return NULL;
}

int client_check_kind(const struct cli *c, const struct item *item)
{
	auto_free char *wrong = verb_wrong_kind(c->verb, item);

	return wrong ? cli_fail(EXIT_FAILED, "%s", wrong) : EXIT_OK;
}

// Opens the engines of KINDS and finds WORD. Returns 0 with *ITEM, or negative errno.
static int look_for(struct cli *c, struct client **s, char *word, unsigned kinds, const struct item **item,
                    struct err *e)
{
	auto_str trouble = {0};

	if (client_open(s, c, kinds, e) < 0 || client_list(*s, &trouble, e) < 0)
		return -e->code;
	*item = client_find_item(*s, word, &trouble, e);
	return *item ? 0 : -e->code;
}

// For a verb of one kind, the other kinds are searched only for the error message.
int client_find_one(struct cli *c, struct client **s, char *word, char **id)
{
	unsigned all = client_kinds_of(c, 1, &word), own = all & c->info->kinds ? all & c->info->kinds : all;
	const struct item *item = NULL;
	struct err e = {0};
	int r = look_for(c, s, word, own, &item, &e);

	if (r < 0 && r != -ENOTUNIQ && own != all && !c->engines.count) {
		client_close(*s);
		r = look_for(c, s, word, all, &item, &e);
	}
	if (r < 0)
		return cli_not_found(&e);
	*id = mem_strdup(item->id);
	return client_check_kind(c, item);
}
