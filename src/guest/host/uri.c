// Chooses the libvirt URI.
#include "uri.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "directory.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/userns.h"

enum { CONF_MAX = 1 << 20 }; // maximum size of a libvirt.conf

static bool any_accessible(const char *const paths[], size_t count, int mode)
{
	for (size_t i = 0; i < count; i++)
		if (access(paths[i], mode) == 0)
			return true;
	return false;
}

// Read-write and read-only sockets.
static const char *const sockets[][2] = {{"/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock"},
                                         {"/run/libvirt/virtqemud-sock-ro", "/run/libvirt/libvirt-sock-ro"}};

// Starting a session daemon takes seconds: users without guests are spared that.
bool session_is_installed(void)
{
	static const char *const programs[] = {"/usr/sbin/libvirtd", "/usr/sbin/virtqemud"}, *const names[] = {
	                                                                                         "libvirtd", "virtqemud"};

	if (any_accessible(programs, ARRAY_SIZE(programs), X_OK))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *found = proc_find_program(names[i]);

		if (found)
			return true;
	}
	return false;
}

static bool holds_xml(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = !dir && errno == EACCES; // unreadable: it may

	while (dir && !found && (entry = readdir(dir)))
		found = str_ends(entry->d_name, ".xml");
	if (dir)
		closedir(dir);
	return found;
}

// The runtime directory of the session daemon. Owned.
static char *session_base(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	return runtime && *runtime ? mem_printf("%s/libvirt", runtime)
	                           : directory_of_user("XDG_CACHE_HOME", ".cache", "libvirt");
}

static bool session_has_socket(const char *base)
{
	auto_free char *modular = mem_printf("%s/virtqemud-sock", base), *single = mem_printf("%s/libvirt-sock", base);

	return access(modular, F_OK) == 0 || access(single, F_OK) == 0;
}

// Whether the session has a daemon, definitions, or running guests whose daemon has exited.
bool session_has_something(void)
{
	auto_free char *base = session_base(), *running = mem_printf("%s/qemu/run", base),
	               *defined = directory_of_user("XDG_CONFIG_HOME", ".config", "libvirt/qemu");

	return session_has_socket(base) || holds_xml(defined) || holds_xml(running);
}

// Whether one of the directories has NAME.xml: libvirt keeps one for each defined and each running guest. If neither
// directory exists, a DAEMON may keep its files elsewhere: -1.
static int has_xml_of(const char *const directories[2], const char *name, bool daemon)
{
	int answer = daemon ? -1 : 0;

	for (size_t i = 0; i < 2; i++) {
		auto_free char *path = mem_printf("%s/%s.xml", directories[i], name);

		if (access(path, F_OK) == 0)
			return 1;
		if (errno != ENOENT)
			return -1;
		answer = access(directories[i], F_OK) == 0 ? 0 : answer;
	}
	return answer;
}

int uri_has(const char *uri, const char *name)
{
	auto_free char *base = session_base(), *running = mem_printf("%s/qemu/run", base),
	               *defined = directory_of_user("XDG_CONFIG_HOME", ".config", "libvirt/qemu");

	if (strcmp(uri, SESSION_URI) == 0)
		return has_xml_of((const char *const[]){defined, running}, name, session_has_socket(base));
	if (strcmp(uri, SYSTEM_URI) == 0)
		return has_xml_of((const char *const[]){"/etc/libvirt/qemu", "/run/libvirt/qemu"}, name,
		                  any_accessible(sockets[false], 2, F_OK));
	return -1;
}

bool system_has_something(void)
{
	return holds_xml("/etc/libvirt/qemu") || holds_xml("/run/libvirt/qemu");
}

bool uri_may_have_pools(const char *uri)
{
	auto_free char *base = session_base(), *active = mem_printf("%s/storage/run", base),
	               *defined = directory_of_user("XDG_CONFIG_HOME", ".config", "libvirt/storage");

	if (strcmp(uri, SESSION_URI) == 0)
		return holds_xml(defined) || holds_xml(active);
	if (strcmp(uri, SYSTEM_URI) == 0)
		return holds_xml("/etc/libvirt/storage") || holds_xml("/run/libvirt/storage");
	return true;
}

// --- properties of a URI ---

bool uri_is_session(const char *uri)
{
	const char *authority = strstr(uri, "://");
	const char *path = authority ? strchr(authority + 3, '/') : NULL;
	size_t n = path ? strcspn(path, "?#") : 0;

	return n == strlen("/session") && strncmp(path, "/session", n) == 0;
}

bool uri_is_local(const char *uri)
{
	return str_starts(uri, "qemu:///") || str_starts(uri, "qemu+unix://");
}

// A worker thread cannot prompt for a password.
static char *without_prompts(const char *uri)
{
	const char *scheme_end = strstr(uri, "://");

	if (!scheme_end || !memmem(uri, (size_t)(scheme_end - uri), "+ssh", 4) || strstr(uri, "no_tty="))
		return mem_strdup(uri);
	return mem_printf("%s%cno_tty=1", uri, strchr(uri, '?') ? '&' : '?');
}

// --- the choice ---

// The text between the quotes at VALUE, owned; NULL if it is not quoted.
static char *quoted_value(const char *value)
{
	char quote = *value;
	const char *end = quote == '"' || quote == '\'' ? strchr(value + 1, quote) : NULL;

	return end ? mem_strndup(value + 1, (size_t)(end - value - 1)) : NULL;
}

char *uri_default_in(const char *text)
{
	static const char name[] = "uri_default";
	auto_strv lines = {0};

	strv_split(&lines, text, "\r\n");
	for (size_t i = 0; i < lines.count; i++) {
		const char *at = lines.items[i] + strspn(lines.items[i], " \t");

		if (!str_starts(at, name))
			continue;
		at += sizeof(name) - 1;
		at += strspn(at, " \t");
		char *value = *at == '=' ? quoted_value(at + 1 + strspn(at + 1, " \t")) : NULL;
		if (value && *value)
			return value;
		free(value);
	}
	return NULL;
}

// Like libvirt: the system-wide file for root, the user's own file otherwise.
static char *uri_from_config(char **where)
{
	auto_free char *path = geteuid() == 0 ? mem_strdup("/etc/libvirt/libvirt.conf")
	                                      : directory_of_user("XDG_CONFIG_HOME", ".config", "libvirt/libvirt.conf");
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // may be a symbolic link
	auto_free char *text = NULL;
	char *uri = fd >= 0 && fs_read_open(fd, path, CONF_MAX, &text, NULL) >= 0 ? uri_default_in(text) : NULL;

	*where = uri ? mem_printf("uri_default in %s", path) : NULL;
	return uri;
}

bool uri_may_look(void)
{
	return any_accessible(sockets[true], 2, R_OK | W_OK);
}

// Root has no session: libvirt connects it to the system daemon.
static void choose_default(struct uri_choice *c, bool read_only)
{
	bool root = userns_is_host_root(), may = root || any_accessible(sockets[read_only], 2, R_OK | W_OK);

	c->refused = !may && any_accessible(sockets[read_only], 2, F_OK);
	c->uri = mem_strdup(may ? SYSTEM_URI : SESSION_URI);
	c->why =
	    mem_strdup(root         ? "the default for root"
	               : may        ? "the default: this user has access to the system libvirt"
	               : c->refused ? SYSTEM_URI
	                   " denies access to this user; join the group (sudo usermod -aG libvirt $USER) and log in again"
	                            : "the default: no system libvirt on this host");
}

void uri_choose(struct uri_choice *c, const char *given, bool read_only)
{
	const char *variable = getenv("LIBVIRT_DEFAULT_URI");
	char *why = NULL;

	*c = (struct uri_choice){.by_user = true};
	auto_free char *uri = given                   ? mem_strdup(given)
	                      : variable && *variable ? mem_strdup(variable)
	                                              : uri_from_config(&why);
	c->by_user = uri;
	if (uri) {
		c->uri = without_prompts(uri);
		c->why = why ? why : mem_strdup(given ? "set by --" OPTION_ENGINE : "LIBVIRT_DEFAULT_URI");
	} else {
		choose_default(c, read_only);
	}
}

void uri_choice_done(struct uri_choice *c)
{
	free(c->uri);
	free(c->why);
	*c = (struct uri_choice){0};
}
