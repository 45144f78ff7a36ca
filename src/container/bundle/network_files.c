// Files for name resolution: see network_files.h.
#include "network_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "container/store/record.h"
#include "sys/fs.h"

enum { READ_MAX = 4 << 20 }; // bytes of a file of the host; block lists in hosts(5) are large

#define BLANKS " \t\r\n"

bool network_is_hosts(const struct record *r)
{
	return str_equal(params_or(&r->params, PARAM_NETWORK, "none"), "host");
}

const char *network_host_name(const struct record *r)
{
	static struct utsname host;

	if (str_equal(params_get(&r->params, PARAM_UTS), "host") && uname(&host) == 0)
		return host.nodename;
	return params_or(&r->params, PARAM_HOSTNAME, r->name);
}

// The next word of a line; advances *AT past it. Owned; "" at the end of the line or at a comment.
static char *next_word(const char **at)
{
	*at += strspn(*at, " \t\r");
	size_t n = strcspn(*at, BLANKS "#");
	char *word = mem_strndup(*at, n);

	*at += n;
	return word;
}

// The line after LINE, or NULL.
static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end && end[1] ? end + 1 : NULL;
}

// Whether LINE of hosts(5) defines NAME for one address family: IPv6 addresses contain ':'.
static bool line_names(const char *line, const char *name, bool v6)
{
	auto_free char *address = next_word(&line);
	bool found = false;

	if (!*address || !!strchr(address, ':') != v6)
		return false;
	for (bool more = true; more && !found;) {
		auto_free char *word = next_word(&line);

		found = strcasecmp(word, name) == 0;
		more = *word != '\0';
	}
	return found;
}

static bool hosts_names(const char *text, const char *name, bool v6)
{
	for (const char *line = text; line; line = next_line(line))
		if (line_names(line, name, v6))
			return true;
	return false;
}

char *network_hosts(const char *text, const char *name)
{
	auto_str out = {0};
	size_t label = strcspn(name, ".");

	str_add(&out, text);
	if (out.length && out.text[out.length - 1] != '\n')
		str_add_char(&out, '\n');
	if (!hosts_names(text, "localhost", false))
		str_add(&out, "127.0.0.1\tlocalhost\n");
	if (!hosts_names(text, "localhost", true) && !hosts_names(text, "ip6-localhost", true))
		str_add(&out, "::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
	if (!hosts_names(str_text(&out), name, false)) // "web.example.org" is also "web"
		str_addf(&out, "127.0.0.1\t%s%s%.*s\n", name, name[label] ? " " : "", name[label] ? (int)label : 0, name);
	return str_steal(&out);
}

static bool is_loopback(const char *address)
{
	return str_starts(address, "127.") || str_equal(address, "::1");
}

// The server in a line of resolv.conf(5). Owned, "" if there is none.
static char *server_of(const char *line)
{
	auto_free char *keyword = next_word(&line);

	return str_equal(keyword, "nameserver") ? next_word(&line) : mem_strdup("");
}

char *network_resolver(const char *text)
{
	auto_str out = {0};

	for (const char *line = text; line; line = next_line(line)) {
		auto_free char *server = server_of(line);

		if (!is_loopback(server) && *line)
			str_addf(&out, "%.*s\n", (int)strcspn(line, "\n"), line);
	}
	return str_steal(&out);
}

// Whether LINE begins with one of the KEYWORDS.
static bool line_is(const char *line, const char *const keywords[])
{
	auto_free char *keyword = next_word(&line);

	for (; *keywords; keywords++)
		if (str_equal(keyword, *keywords))
			return true;
	return false;
}

static void add_line(struct str *out, const char *keyword, const struct strv *words)
{
	str_add(out, keyword);
	for (size_t i = 0; i < words->count; i++)
		str_addf(out, " %s", words->items[i]);
	str_add_char(out, '\n');
}

char *network_resolver_with(const char *text, const struct strv *servers, const struct strv *search)
{
	static const char *const of_servers[] = {"nameserver", NULL}, *const of_search[] = {"search", "domain", NULL};
	auto_str out = {0};

	for (const char *line = text; line; line = next_line(line))
		if (*line && !(servers->count && line_is(line, of_servers)) && !(search->count && line_is(line, of_search)))
			str_addf(&out, "%.*s\n", (int)strcspn(line, "\n"), line);
	for (size_t i = 0; i < servers->count; i++)
		str_addf(&out, "nameserver %s\n", servers->items[i]);
	if (search->count)
		add_line(&out, "search", search);
	return str_steal(&out);
}

// Reads a file of the host, following symbolic links; "" if it does not exist.
static char *read_host_file(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = NULL;

	return fd >= 0 && fs_read_open(fd, path, READ_MAX, &text, NULL) >= 0 ? text : mem_strdup("");
}

static bool uses_stub(const char *text)
{
	for (const char *line = text; line; line = next_line(line)) {
		auto_free char *server = server_of(line);

		if (str_equal(server, "127.0.0.53"))
			return true;
	}
	return false;
}

// The address of this host for the container; NULL if it has none.
static const char *address_of_host(const struct record *r)
{
	return network_is_hosts(r) ? "127.0.0.1" : r->join.host;
}

// NAME:ADDRESS → "ADDRESS NAME"
static void add_entry(struct str *out, const struct record *r, const char *host)
{
	size_t n = strcspn(host, ":");
	const char *value = host[n] ? host + n + 1 : NULL;
	const char *address = str_equal(value, HOST_GATEWAY) ? address_of_host(r) : value;

	if (address)
		str_addf(out, "%s\t%.*s\n", address, (int)n, host);
}

static const char mark[] = "# hostel writes the lines above.\n";

// The container's own addresses are the first ones of its hostname.
static void add_networks(struct str *out, const struct record *r)
{
	for (size_t i = 0; i < r->join.addresses.count; i++)
		str_addf(out, "%s\t%s\n", r->join.addresses.items[i], network_host_name(r));
	for (size_t i = 0; i < r->join.names.count; i++)
		str_addf(out, "%s\n", r->join.names.items[i]);
	if (r->join.addresses.count)
		str_add(out, mark);
}

static char *make_hosts(const struct record *r)
{
	auto_free char *text = network_is_hosts(r) ? read_host_file("/etc/hosts") : mem_strdup("");
	auto_str out = {0};
	const char *host;

	str_add(&out, text);
	if (out.length && out.text[out.length - 1] != '\n')
		str_add_char(&out, '\n');
	add_networks(&out, r);
	for (size_t i = 0; (host = params_get_nth(&r->params, PARAM_ADD_HOST, i)); i++)
		add_entry(&out, r, host);
	return network_hosts(str_text(&out), network_host_name(r));
}

char *network_hosts_again(const char *text, const struct record *r)
{
	const char *end = strstr(text, mark);
	auto_str out = {0};

	add_networks(&out, r);
	str_add(&out, end ? end + strlen(mark) : text);
	return str_steal(&out);
}

static char *make_hostname(const struct record *r)
{
	return mem_printf("%s\n", network_host_name(r));
}

// systemd-resolved's stub resolver listens on the host's loopback; its upstream servers are in a separate file
// (systemd-resolved(8)).
static char *host_resolver(const struct record *r)
{
	auto_free char *text = read_host_file("/etc/resolv.conf");
	auto_free char *upstream =
	    network_is_hosts(r) || !uses_stub(text) ? NULL : read_host_file("/run/systemd/resolve/resolv.conf");

	return network_is_hosts(r) ? steal(text) : network_resolver(upstream && *upstream ? upstream : text);
}

static void add_list(const struct record *r, const char *parameter, struct strv *list)
{
	const char *value;

	for (size_t i = 0; (value = params_get_nth(&r->params, parameter, i)); i++)
		if (*value)
			strv_add(list, value);
}

// The name servers that were asked for, or else those of the networks.
static void add_servers(const struct record *r, struct strv *servers)
{
	add_list(r, PARAM_DNS, servers);
	bool asked = servers->count;
	for (size_t i = 0; !asked && i < r->join.servers.count; i++)
		strv_add(servers, r->join.servers.items[i]);
}

static void add_search(const struct record *r, struct strv *search)
{
	add_list(r, PARAM_DNS_SEARCH, search);
	if (!search->count && r->join.domain)
		strv_add(search, r->join.domain);
}

static char *make_resolver(const struct record *r)
{
	auto_free char *text = host_resolver(r);
	auto_strv servers = {0}, search = {0};

	add_servers(r, &servers);
	add_search(r, &search);
	return network_resolver_with(text, &servers, &search);
}

char *network_resolver_again(const char *text, const struct record *r)
{
	auto_strv servers = {0}, search = {0};

	add_servers(r, &servers);
	add_search(r, &search);
	return network_resolver_with(text, &servers, &search);
}

static const struct file {
	const char *name;
	char *(*make)(const struct record *r);
	bool shared; // the same in all containers of one network namespace
} files[] = {
	{"hosts", make_hosts, true},
	{"hostname", make_hostname, false},
	{"resolv.conf", make_resolver, true},
};

// The text of FILE. Containers in one network namespace share it. DIR_FD is its directory.
// Owned.
static char *file_text(const struct file *file, int dir_fd, const struct record *r)
{
	static const char prefix[] = "container:";
	const char *network = params_or(&r->params, PARAM_NETWORK, "");
	auto_free char *path = NULL, *text = NULL;

	if (file->shared && str_starts(network, prefix))
		path = mem_printf("../%s/etc/%s", network + strlen(prefix), file->name);
	auto_close int fd = path ? openat(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC) : -1;
	return fd >= 0 && fs_read_open(fd, path, READ_MAX, &text, NULL) >= 0 ? steal(text) : file->make(r);
}

const char *network_file(size_t i)
{
	return i < ARRAY_SIZE(files) ? files[i].name : NULL;
}

// Not flushed to disk: the next start writes it again.
static int write_file(int dir_fd, const char *name, const char *text)
{
	unlinkat(dir_fd, name, 0); // a process of a previous run may still have it open
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	ssize_t n = fd < 0 || fchmod(fd, 0644) < 0 ? -1 : write(fd, text, strlen(text));

	return n < 0 ? -errno : (size_t)n < strlen(text) ? -ENOSPC : 0;
}

int network_files_write(int dir_fd, const struct record *r, struct err *e)
{
	int made = fs_make_directory(dir_fd, "etc", 0755);
	auto_close int etc =
	    made < 0 && made != -EEXIST ? made : openat(dir_fd, "etc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (etc < 0)
		return err_set(e, made < 0 && made != -EEXIST ? -made : errno,
		               "cannot create the container's network files");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		auto_free char *text = file_text(&files[i], dir_fd, r);
		int result = write_file(etc, files[i].name, text);

		if (result < 0)
			return err_set(e, -result, "cannot write the container's '/etc/%s'", files[i].name);
	}
	return 0;
}
