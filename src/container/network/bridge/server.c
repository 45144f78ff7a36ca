// The server of a network: see server.h.
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "container/network/helper/helper.h"
#include "dns.h"
#include "place.h"
#include "program.h"
#include "sys/proc.h"

enum { STOP_PATIENCE = 2000 }; // ms; normally, a server exits at once

// Its pid as text; returns whether there is one.
static bool read_server_pid(const struct own_network *o, char text[32])
{
	auto_free char *file = mem_printf("%s/dnsmasq.pid", o->directory);
	bool found = proc_read_file(file, text, 32) > 0;

	text[found ? strcspn(text, "\n") : 0] = '\0';
	return found;
}

// Recognizes a reused pid by the command line, and one that is reused meanwhile by the start time.
int own_network_open_server(const struct own_network *o)
{
	char text[32], line[4096];
	auto_free char *option = mem_printf("--conf-file=%s/dnsmasq.conf", o->directory);
	uint64_t pid, started;

	if (!read_server_pid(o, text))
		return -ESRCH;
	auto_free char *path = mem_printf("/proc/%s/cmdline", text);
	if (str_to_u64(text, &pid) < 0 || !pid || proc_start_time((pid_t)pid, &started) < 0)
		return -ESRCH;
	ssize_t n = proc_read_file(path, line, sizeof(line));
	return n > 0 && memmem(line, (size_t)n, option, strlen(option) + 1) ? proc_open((pid_t)pid, started) : -ESRCH;
}

static void signal_server(const struct own_network *o, int number)
{
	auto_close int server = own_network_open_server(o);

	if (server >= 0)
		pidfd_send_signal(server, number, NULL, 0);
}

bool own_network_is_served(const struct own_network *o)
{
	auto_close int server = o->shared ? -1 : own_network_open_server(o);

	return o->shared || server >= 0;
}

int own_network_start_server(const struct own_network *o, struct err *e)
{
	auto_free char *text = dns_configuration(o->directory, o->bridge, &o->subnet, o->isolated,
	                                         geteuid() == 0 ? NULL : HELPER_SERVER),
	               *option = mem_printf("--conf-file=%s/dnsmasq.conf", o->directory);
	char pid[32];
	int r = networks_write_file(o->directory, "dnsmasq.conf", text, false, e);

	if (r == 0)
		r = network_program_run((const char *const[]){"dnsmasq", option, NULL}, NULL, NULL, "dnsmasq-base", e);
	if (r == 0 && geteuid() == 0 && read_server_pid(o, pid))
		network_place_enter(o->bridge, pid);
	return r < 0 ? err_wrap(e, "cannot start the DNS server of network '%s'", o->name) : 0;
}

// Waits until it has exited: only then can its control group be removed.
void own_network_stop_server(const struct own_network *o)
{
	auto_close int server = own_network_open_server(o);
	struct pollfd p = {server, POLLIN, 0};

	if (server >= 0 && pidfd_send_signal(server, SIGTERM, NULL, 0) == 0)
		poll(&p, 1, STOP_PATIENCE);
	if (geteuid() == 0)
		network_place_remove(o->bridge);
}

int own_network_write_names(const struct own_network *o, const struct endpoints *l, struct err *e)
{
	if (o->shared) // libvirt knows them
		return 0;
	auto_free struct dns_name *names = mem_array(l->count + 1, sizeof(*names));
	for (size_t i = 0; i < l->count; i++)
		names[i] = (struct dns_name){l->items[i].address, l->items[i].container, &l->items[i].aliases,
		                             l->items[i].address6};
	auto_free char *text = dns_hosts(names, l->count);
	int r = networks_write_file(o->directory, "hosts", text, false, e);
	if (r == 0)
		signal_server(o, SIGHUP); // reads the file again
	return r;
}

int own_network_publish_names(const struct own_network *o, struct err *e)
{
	auto_endpoints l = {0};

	endpoints_read(o, &l);
	return own_network_write_names(o, &l, e);
}
