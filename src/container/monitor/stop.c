// Requests to stop, by the file "stopping" in the container's directory. See monitor.h.
#include <fcntl.h>
#include <unistd.h>

#include "monitor.h"

// After such a request, no policy restarts the container.
bool monitor_must_stop(const struct monitor *m)
{
	return faccessat(m->dir, "stopping", F_OK, 0) == 0;
}
