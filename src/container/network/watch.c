// Watching a container's networks: see watch.h.
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "container/network/bridge/server.h"
#include "container/network/firewall/facts.h"
#include "container/network/firewall/legacy.h"
#include "container/network/record/state.h"
#include "repair.h"
#include "sys/netlink_events.h"
#include "sys/pty.h"

#define PAUSE_LEAST (200 * MS)
#define PAUSE_MOST (60 * SECOND)
#define LEGACY_PAUSE (3 * SECOND)
enum { REPORT_MOST = 256 };

static void forget_items(struct network_watch *w)
{
	for (size_t i = 0; i < w->count; i++) {
		free(w->items[i].link);
		free(w->items[i].bridge);
		auto_close_run(&w->items[i].server);
	}
	free(w->items);
	w->items = NULL;
	w->count = 0;
	auto_close_run(&w->helper);
	w->helper = -1;
}

static void watch_descriptor(const struct network_watch *w, int fd)
{
	if (fd >= 0)
		epoll_ctl(w->events, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN});
}

static void add_item(struct network_watch *w, const struct own_network *o)
{
	struct endpoint p = {0};

	if (endpoint_read(o, w->container, &p, NULL) == 0) {
		w->items = mem_resize(w->items, w->count + 1, sizeof(*w->items));
		w->items[w->count++] =
			(struct watched){mem_strdup(p.link), mem_strdup(o->bridge), own_network_open_server(o), o->shared};
		watch_descriptor(w, w->items[w->count - 1].server);
	}
	endpoint_done(&p);
}

// Filters for the interfaces that matter. While one is missing, any new interface may be it.
static void filter_links(const struct network_watch *w)
{
	auto_free int *indexes = mem_array(2 * w->count + 1, sizeof(*indexes));
	bool complete = true;

	for (size_t i = 0; i < w->count; i++) {
		indexes[2 * i] = (int)if_nametoindex(w->items[i].link);
		indexes[2 * i + 1] = (int)if_nametoindex(w->items[i].bridge);
		complete &= indexes[2 * i] && indexes[2 * i + 1];
	}
	netlink_filter_links(w->links, indexes, complete ? 2 * w->count : 0);
}

// Where iptables-legacy has no tables, nothing is polled.
static void watch_legacy(struct network_watch *w)
{
	bool any = !w->space && w->count && (legacy_has_table(false, NULL) || legacy_has_table(true, NULL));

	w->legacy = !any ? 0 : w->legacy ? w->legacy : clock_mono() + LEGACY_PAUSE;
}

// Reads which networks the container is on: that may change while it runs.
static void find_items(struct network_watch *w)
{
	auto_networks n = {.lock = -1, .containers = -1};
	auto_strv names = {0};

	forget_items(w);
	if (networks_open(&n, w->store, NETWORKS_READ, NULL) < 0)
		return;
	networks_up(&n, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_own_network o = {0};
		if (own_network_read(&n, names.items[i], &o, NULL) == 0)
			add_item(w, &o);
	}
	if (!w->table) {
		w->table = mem_strdup(n.table);
		w->run = mem_strdup(n.run);
	}
	watch_legacy(w);
	if (w->space)
		watch_descriptor(w, w->helper = network_space_helper(&n));
	else
		filter_links(w);
}

static int send_listener(void *context, struct err *e)
{
	const int socket = *(const int *)context;
	auto_close int fd = netlink_listen_deletions();
	int r = fd < 0 ? fd : fd_send(socket, fd, "links");

	return r < 0 ? err_set(e, -r, "cannot watch the interfaces of networks") : 0;
}

// Returns a descriptor from netlink_listen_deletions() in S, or -1: then only processes are watched.
static int listen_inside(const struct network_space *s)
{
	struct err ignored;
	int sockets[2], fd = -1;
	char text[8];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	if (network_space_run(s, true, send_listener, &sockets[1], &ignored) == 0)
		fd = fd_receive(sockets[0], text, sizeof(text));
	close(sockets[0]);
	close(sockets[1]);
	return fd < 0 ? -1 : fd;
}

void network_watch_start(struct network_watch *w, const char *store, const char *container,
                         const struct network_space *space)
{
	*w = NETWORK_WATCH_NONE;
	w->space = space;
	w->store = mem_strdup(store);
	w->container = mem_strdup(container);
	w->links = space ? listen_inside(space) : netlink_listen_links();
	w->rules = space ? -1 : netlink_listen_rules();
	w->events = !space && (w->links < 0 || w->rules < 0) ? -1 : epoll_create1(EPOLL_CLOEXEC);
	if (w->events < 0) {
		network_watch_stop(w);
		return;
	}
	watch_descriptor(w, w->links);
	watch_descriptor(w, w->rules);
	find_items(w);
	w->look = true; // something may have changed since it joined
}

void network_watch_stop(struct network_watch *w)
{
	forget_items(w);
	auto_close_run(&w->events);
	auto_close_run(&w->links);
	auto_close_run(&w->rules);
	auto_close_run(&w->report);
	free(w->store);
	free(w->table);
	free(w->run);
	free(w->container);
	*w = NETWORK_WATCH_NONE;
}

int network_watch_poll(const struct network_watch *w, int64_t now, int *timeout)
{
	if (w->events < 0 || w->repair)
		return -1;
	bool ready = w->rest <= now && !w->look;
	int64_t until = ready ? w->legacy : w->rest;
	int ms = until <= now ? 0 : (int)((until - now) / MS) + 1;
	if (until && (*timeout < 0 || ms < *timeout))
		*timeout = ms;
	return ready ? w->events : -1;
}

bool network_watch_is_due(const struct network_watch *w, int64_t now)
{
	return w->events >= 0 && !w->repair && (w->look || (w->legacy && w->legacy <= now));
}

static bool is_dead(int server)
{
	struct pollfd p = {server, POLLIN, 0};

	return server < 0 || poll(&p, 1, 0) != 0;
}

// A libvirt network that is stopped is not damaged: its start is awaited.
static bool is_item_damaged(const struct watched *i)
{
	if (i->shared && !if_nametoindex(i->bridge))
		return false;
	return (!i->shared && is_dead(i->server)) || !network_is_connected(i->link, i->bridge);
}

static bool is_damaged(const struct network_watch *w)
{
	bool damaged = w->damaged || w->lost;

	if (w->space)
		damaged |= is_dead(w->helper);
	for (size_t i = 0; i < w->count; i++)
		damaged |= w->space ? is_dead(w->items[i].server) : is_item_damaged(&w->items[i]);
	return damaged && w->count;
}

// In the child: writes what it has done to a file, and exits.
static _Noreturn void restore(const struct network_watch *w)
{
	auto_str done = {0};
	struct err e = {0};

	int r = w->space ? network_repair_space(w->store, w->container, w->space, &done, &e)
	                 : network_repair(w->store, w->container, w->rules, w->damaged, &done, &e);
	dprintf(w->report, "%.*s", REPORT_MOST, r < 0 ? e.text : str_text(&done));
	_exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void start_repair(struct network_watch *w, int64_t now)
{
	bool again = w->pause && now - w->rest < w->pause;

	w->pause = !again ? PAUSE_LEAST : 2 * w->pause < PAUSE_MOST ? 2 * w->pause : PAUSE_MOST;
	w->rest = now + w->pause;
	w->report = memfd_create("report", MFD_CLOEXEC);
	pid_t pid = fork();
	if (pid == 0)
		restore(w);
	w->repair = pid > 0 ? pid : 0;
	w->look = pid < 0;
}

// Whether an interface of the container, or a bridge, was deleted in the namespace of an ordinary user's networks.
static bool has_lost_interface(const struct network_watch *w)
{
	auto_strv names = {0};

	for (size_t i = 0; i < w->count; i++) {
		strv_add(&names, w->items[i].link);
		strv_add(&names, w->items[i].bridge);
	}
	strv_sort(&names);
	return w->links >= 0 && netlink_read_deletions(w->links, &names);
}

static bool check_legacy(struct network_watch *w, int64_t now)
{
	bool changed = w->run && firewall_legacy_changed(w->run);

	w->damaged |= changed ? NETLINK_RULES_OF_OTHERS : 0;
	w->legacy = now + LEGACY_PAUSE;
	return changed;
}

static bool has_events(const struct network_watch *w)
{
	struct pollfd p = {w->events, POLLIN, 0};

	return poll(&p, 1, 0) > 0;
}

void network_watch_serve(struct network_watch *w, int64_t now)
{
	if (w->events < 0 || w->repair || now < w->rest)
		return;
	if (w->legacy && w->legacy <= now && !w->look && !check_legacy(w, now) && !has_events(w))
		return;
	w->look = false;
	if (w->space) {
		w->lost |= has_lost_interface(w);
	} else {
		netlink_read_links(w->links);
		w->damaged = network_read_changes(w->rules, w->table, w->damaged);
	}
	find_items(w);
	if (is_damaged(w))
		start_repair(w, now);
}

int network_watch_ended(struct network_watch *w, pid_t pid, int status, char **text)
{
	char report[REPORT_MOST + 1] = "";

	if (!w->repair || pid != w->repair)
		return 0;
	ssize_t n = pread(w->report, report, REPORT_MOST, 0);
	report[n > 0 ? n : 0] = '\0';
	auto_close_run(&w->report);
	w->report = -1;
	w->repair = 0;
	w->look = status != 0;
	if (!w->look)
		w->damaged = w->lost = 0;
	find_items(w);
	*text = *report ? mem_strdup(report) : NULL;
	return !*report ? 0 : w->look ? -EIO : 1;
}
