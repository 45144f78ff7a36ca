// Collects the files used by guests of all libvirt daemons on this host, including daemons that the current connection
// does not list. Their definitions are read from files, because a daemon may be stopped or hang.
#include "daemons.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "guest/connection/guests.h"
#include "guest/connection/worker.h"
#include "guest/files/claims.h"
#include "guest/files/images.h"
#include "guest/host/uri.h"
#include "guest/vir/error.h"
#include "guest/vir/vir.h"
#include "pool.h"
#include "sys/fs.h"
#include "usage.h"

enum { XML_MAX = 16 << 20, WAIT_SECONDS = 5 };

// The state of reading one daemon's files.
struct reading {
	struct claims *found;
	struct guests *guests;
	const char *daemon;  // "qemu:///system"
	struct account as;   // owner of the definitions: images are examined with this user's credentials
	const char *pools;   // directory of storage pool definitions
	size_t read;         // number of definitions read
	int refusal;         // errno of an unreadable file, 0 = none
};

// --- one daemon ---

static char *pool_path(void *context, const char *pool, const char *volume)
{
	const struct reading *p = context;
	auto_free char *path = mem_printf("%s/%s.xml", p->pools, pool);
	auto_free char *xml = NULL;

	if (strchr(pool, '/') || fs_read_file(AT_FDCWD, path, XML_MAX, &xml, NULL) < 0)
		return NULL;
	return volume_path_of(xml, volume);
}

static void read_definition(struct reading *p, const char *directory, const char *file)
{
	auto_free char *path = mem_printf("%s/%s", directory, file);
	auto_free char *name = mem_strndup(file, strlen(file) - strlen(".xml"));
	auto_free char *user = mem_printf("guest '%s' of %s", name, p->daemon);
	auto_free char *xml = NULL;
	ssize_t n = fs_read_file(AT_FDCWD, path, XML_MAX, &xml, NULL);

	if (n >= 0)
		usage_add_definition(p->found, p->guests, xml, user, p->as, pool_path, p);
	p->read += n >= 0;
	if (n < 0 && n != -ENOENT)
		p->refusal = (int)-n;
}

// Reads every "*.xml" in DIRECTORY and, DEPTH levels down, in its subdirectories.
static void read_directory(struct reading *p, const char *directory, int depth)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	if (!dir && errno != ENOENT && errno != ENOTDIR)
		p->refusal = errno;
	while (dir && (entry = readdir(dir))) {
		auto_free char *below =
		    depth && entry->d_name[0] != '.' ? mem_printf("%s/%s", directory, entry->d_name) : NULL;

		if (below)
			read_directory(p, below, depth - 1);
		else if (str_ends(entry->d_name, ".xml"))
			read_definition(p, directory, entry->d_name);
	}
	if (dir)
		closedir(dir);
}

void daemon_read(struct claims *n, struct guests *g, const struct libvirt_files *files, int *refusal)
{
	auto_free char *pools = mem_printf("%s/storage", files->config);
	auto_free char *definitions = mem_printf("%s/%s", files->config, files->driver);
	struct reading p = {.found = n, .guests = g, .daemon = files->daemon, .as = files->as, .pools = pools};
	static const char *const kept[] = {"snapshot", "checkpoint"};

	*refusal = 0;
	// the daemon creates this directory, so it has never run
	if (access(definitions, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return;
	read_directory(&p, definitions, 0);
	if (files->running)
		read_directory(&p, files->running, 0);
	bool any = p.read || p.refusal; // otherwise snapshots can only be of guests that no longer exist
	for (size_t i = 0; any && files->state && i < ARRAY_SIZE(kept); i++) {
		auto_free char *directory = mem_printf("%s/%s", files->state, kept[i]);
		read_directory(&p, directory, 1);
	}
	*refusal = p.refusal;
}

// --- sessions ---

static void read_session(struct claims *n, struct guests *g, const char *config, const char *runtime,
                         const char *daemon, struct account as)
{
	auto_free char *libvirt = mem_printf("%s/libvirt", config);
	auto_free char *state = mem_printf("%s/qemu", libvirt);
	auto_free char *running = mem_printf("%s/libvirt/qemu/run", runtime);
	int refusal;

	daemon_read(
	    n, g,
	    &(struct libvirt_files){
	        .daemon = daemon, .driver = "qemu", .config = libvirt, .running = running, .state = state, .as = as},
	    &refusal);
	if (refusal)
		claims_doubt(n, "cannot read the guests of %s: %s", daemon, strerror(refusal));
}

static void read_own_session(struct claims *n, struct guests *g)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *runtime = getenv("XDG_RUNTIME_DIR"), *home = getenv("HOME");
	auto_free char *usual_config = mem_printf("%s/.config", home ? home : "");
	auto_free char *usual_runtime = mem_printf("/run/user/%d", (int)geteuid());

	read_session(n, g, config && *config ? config : usual_config, runtime && *runtime ? runtime : usual_runtime,
	             SESSION_URI, (struct account){0});
}

// Root reads the sessions of all users of this host.
static void read_all_sessions(struct claims *n, struct guests *g)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd entry, *found;
	char room[4096];
	int r = file ? 0 : errno;

	while (file && (r = fgetpwent_r(file, &entry, room, sizeof(room), &found)) == 0) {
		auto_free char *config = mem_printf("%s/.config", found->pw_dir);
		auto_free char *runtime = mem_printf("/run/user/%d", (int)found->pw_uid);
		auto_free char *daemon = mem_printf("the session of '%s'", found->pw_name);

		if (found->pw_uid)
			read_session(n, g, config, runtime, daemon, (struct account){found->pw_uid, found->pw_gid});
	}
	if (r != ENOENT) // end of file
		claims_doubt(n, "cannot read the users of this host: %s", strerror(r));
	if (file)
		fclose(file);
}

// --- the system daemon, seen from a session ---

static void system_worker(struct guests *g)
{
	struct claims found = {0};
	virConnectPtr conn = vir.ConnectOpenReadOnly(SYSTEM_URI);
	struct err e = {0};

	if (conn)
		usage_add_connection(&found, g, conn, NULL);
	else
		guest_error(&e, "cannot read the guests of " SYSTEM_URI);
	if (!conn)
		claims_doubt(&found, "%s", e.text);
	if (conn)
		vir.ConnectClose(conn);
	pthread_mutex_lock(&g->lock);
	claims_done(&g->system_claims);
	g->system_claims = found;
	pthread_mutex_unlock(&g->lock);
}

// Queries the daemon, with a timeout.
static void ask_system(struct claims *n, struct guests *g)
{
	struct claims found = {0};
	int64_t until = clock_mono() + WAIT_SECONDS * SECOND;

	pthread_mutex_lock(&g->lock);
	bool done = worker_wait(g, WORKER_SYSTEM, until) && worker_start(g, WORKER_SYSTEM, system_worker) &&
	            worker_wait(g, WORKER_SYSTEM, until);
	if (done) {
		found = g->system_claims;
		g->system_claims = (struct claims){0};
	}
	pthread_mutex_unlock(&g->lock);
	if (!done)
		claims_doubt(n, "cannot read the guests of " SYSTEM_URI ": its daemon does not answer");
	claims_move(n, &found);
}

static void read_system(struct claims *n, struct guests *g)
{
	struct claims found = {0};
	int refusal;

	daemon_read(&found, g,
	            &(struct libvirt_files){.daemon = SYSTEM_URI,
	                                    .driver = "qemu",
	                                    .config = "/etc/libvirt",
	                                    .running = "/run/libvirt/qemu",
	                                    .state = "/var/lib/libvirt/qemu"},
	            &refusal);
	claims_move(n, &found);
	if (refusal)
		ask_system(n, g);
}

// --- all daemons ---

// Root reaches the system daemon by any URI except that of the driver embedded in this process.
static bool is_system_daemon(const struct guests *g)
{
	return !strstr(g->uri, "/embed") && (geteuid() == 0 || !guests_is_session(g));
}

// Adds the files used by guests of other daemons on this host.
static void collect_others(struct claims *n, struct guests *g)
{
	static const char *const drivers[] = {"lxc", "libxl"};
	int refusal;

	// unreadable files are ignored: such guests are rare, and root can read them
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		daemon_read(n, g,
		            &(struct libvirt_files){.daemon = drivers[i], .driver = drivers[i], .config = "/etc/libvirt"},
		            &refusal);
	if (geteuid() == 0)
		read_all_sessions(n, g);
	else if (!guests_is_session(g))
		read_own_session(n, g);
	if (!is_system_daemon(g))
		read_system(n, g);
}

void usage_collect(struct claims *n, struct guests *g, virConnectPtr conn, const char *uuid)
{
	usage_add_connection(n, g, conn, uuid);
	collect_others(n, g);
}
