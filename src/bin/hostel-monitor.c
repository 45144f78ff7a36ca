// hostel-monitor DIRECTORY RUNTIME RUNTIME-STATE [foreground]: hostel starts one for each running container
// (container/monitor.h).
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "container/monitor.h"

int main(int argc, char **argv)
{
	bool foreground = argc == 5 && str_equal(argv[4], "foreground");

	if (argc != 4 && !foreground) {
		fputs("usage: hostel-monitor DIRECTORY RUNTIME RUNTIME-STATE [foreground] (started by hostel)\n", stderr);
		return 2;
	}
	unsetenv("NOTIFY_SOCKET"); // meant for hostel's caller: the runtime would wait for the container's readiness
	fcntl(MONITOR_STARTER, F_SETFD, FD_CLOEXEC);
	close_range(MONITOR_STARTER + 1, ~0u, 0); // must not keep the caller's descriptors open
	return monitor_run(argv[1], argv[2], argv[3], foreground);
}
