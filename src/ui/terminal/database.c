// See database.h. A separate file because term.h defines macros for many common words.
#include "database.h"

#include <curses.h>
#include <term.h>

int database_colours(const char *type, int out)
{
	int status;

	if (setupterm(type, out, &status) != OK)
		return -1;
	int colours = tigetnum("colors");
	del_curterm(cur_term);
	return colours;
}
