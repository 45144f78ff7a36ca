// Kinds on the command line: `hostel image ls`, `hostel images`.
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "model/verb.h"

int cli_read_noun(struct cli *c, int argc, char **argv, int word, struct err *e)
{
	static char ls[] = "ls"; // argv holds what can be written to
	int kind = kind_find(argv[word]);

	if (kind < 0 || verb_find(argv[word]) >= 0)
		return word;
	c->noun = kind;
	if (word + 1 < argc && strcmp(argv[word + 1], ls) == 0)
		return word + 1;
	if (strcmp(argv[word], kind_info((enum kind)kind)->plural) != 0)
		return err_msg(e, EINVAL, "'%s' needs a verb (hostel %s ls)", argv[word], kind_name((enum kind)kind));
	argv[word] = ls;
	return word;
}
