// Network interfaces and their figures: see proc_interfaces().
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { INTERFACES_TEXT_MAX = 16 << 20 };

// A line of /proc/net/dev: "  eth0: RX-bytes packets … TX-bytes …". Returns whether it is one: not the two headings.
static bool parse_interface(const char *line, struct proc_interface *i)
{
	unsigned long long rx, tx;

	if (sscanf(line, " %63[^:]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", i->name, &rx, &tx) != 3)
		return false;
	i->rx = rx;
	i->tx = tx;
	return true;
}

size_t proc_interfaces(pid_t pid, struct proc_interface **items)
{
	auto_free char *path = pid ? mem_printf("/proc/%d/net/dev", (int)pid) : mem_strdup("/proc/net/dev"), *text = NULL;
	struct proc_interface next;
	size_t count = 0, room = 0;

	*items = NULL;
	if (fs_read_file(AT_FDCWD, path, INTERFACES_TEXT_MAX, &text, NULL) <= 0)
		return 0;
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
		if (!parse_interface(line, &next))
			continue;
		if (count == room)
			*items = mem_resize(*items, room = room ? 2 * room : 8, sizeof(**items));
		(*items)[count++] = next;
	}
	return count;
}
