// Running skopeo: see skopeo.h.
#include "skopeo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "digest.h"
#include "layout.h"
#include "sys/fs.h"
#include "sys/proc.h"

enum { LOOK_MS = 200, MESSAGE_MAX = 64 * 1024 };

void skopeo_add_platform(struct strv *argv, const char *platform)
{
	static const char *const options[] = {"--override-os", "--override-arch", "--override-variant"};
	auto_strv parts = {0};

	strv_split(&parts, platform ? platform : "", "/");
	for (size_t i = 0; i < parts.count && i < ARRAY_SIZE(options); i++) {
		strv_add(argv, options[i]);
		strv_add(argv, parts.items[i]);
	}
}

// skopeo's last words, without time and level: time="…" level=fatal msg="copying …: manifest unknown".
static char *message_in(const char *text)
{
	const char *found = NULL;
	struct str message = {0};

	for (const char *next = text; (next = strstr(next, "msg=\"")); found = next)
		next += strlen("msg=\"");
	for (const char *c = found ? found : text; *c && *c != '\n' && !(found && *c == '"'); c++) {
		c += found && c[0] == '\\' && c[1];
		str_add_char(&message, *c);
	}
	return str_steal(&message);
}

char *skopeo_message(const char *printed)
{
	auto_free char *message = message_in(printed);

	return str_visible(*message ? message : "skopeo failed without a message");
}

// It does not outlive this process.
static pid_t start(const struct skopeo *s, const struct strv *rest, int errors, struct err *e)
{
	auto_free char *setpriv = proc_find_program("setpriv"), *skopeo = proc_find_program("skopeo");
	auto_strv argv = {0};
	const int fds[3] = {-1, -1, errors};

	if (!skopeo)
		return err_msg(e, ENOENT, "cannot %s: skopeo is not installed (package skopeo)", s->doing);
	if (setpriv) {
		strv_add(&argv, setpriv);
		strv_add(&argv, "--pdeathsig=KILL");
	}
	strv_add(&argv, "skopeo");
	for (size_t i = 0; i < rest->count; i++)
		strv_add(&argv, rest->items[i]);
	return proc_spawn((const char *const *)argv.items, fds, s->store->images, true, e);
}

static int watch(const struct skopeo *s, pid_t pid, int pidfd, struct err *e)
{
	struct pollfd end = {pidfd, POLLIN, 0};

	while (poll(&end, 1, LOOK_MS) <= 0) {
		if (job_is_cancelled(s->job))
			return err_msg(e, ECANCELED, "cancelled");
		s->report(s->context, pid);
	}
	return 0;
}

static int result_of(const struct skopeo *s, int status, int errors, struct err *e)
{
	auto_free char *printed = mem_new(MESSAGE_MAX + 1);
	ssize_t n = pread(errors, printed, MESSAGE_MAX, 0);

	printed[n > 0 ? n : 0] = '\0';
	auto_free char *message = skopeo_message(printed);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0
	                                                     : err_msg(e, EREMOTEIO, "cannot %s: %s", s->doing, message);
}

int skopeo_run(const struct skopeo *s, const struct strv *argv, struct err *e)
{
	auto_close int errors = memfd_create("skopeo", MFD_CLOEXEC);
	pid_t pid = errors < 0 ? err_set(e, errno, "cannot %s", s->doing) : start(s, argv, errors, e);
	int status = 0;

	if (pid < 0)
		return pid;
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int r = pidfd < 0 ? err_set(e, errno, "cannot watch skopeo") : watch(s, pid, pidfd, e);
	if (r < 0) {
		proc_end(pid);
		return r;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for skopeo");
	return result_of(s, status, errors, e);
}

bool skopeo_position(pid_t pid, const char *name, uint64_t *at)
{
	auto_free char *directory = mem_printf("/proc/%d/fd", (int)pid), *end = mem_printf("/%s", name);
	DIR *dir = opendir(directory);
	struct dirent *entry;
	bool found = false;
	char path[4096], info[256];

	*at = 0;
	while (dir && (entry = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, path, sizeof(path) - 1);
		auto_free char *details = mem_printf("/proc/%d/fdinfo/%s", (int)pid, entry->d_name);
		unsigned long long position;
		path[n > 0 ? n : 0] = '\0';
		if (!str_ends(path, end) || proc_read_file(details, info, sizeof(info)) <= 0 ||
		    sscanf(info, "pos: %llu", &position) != 1)
			continue;
		found = true;
		*at = position > *at ? position : *at;
	}
	if (dir)
		closedir(dir);
	return found;
}

int skopeo_make_layout(int dir, const json_t *descriptor, struct err *e)
{
	static const char marker[] = "{\"imageLayoutVersion\": \"1.0.0\"}\n";
	auto_json named = json_deep_copy(descriptor);

	json_object_set_new(named, "annotations", json_pack("{s:s}", "org.opencontainers.image.ref.name", SKOPEO_IMAGE));
	auto_json index = json_pack("{s:i, s:[O]}", "schemaVersion", 2, "manifests", named);
	auto_free char *text = json_dumps(index, 0);
	int r = text ? fs_replace_volatile(dir, "index.json", 0600, text, strlen(text), e)
	             : err_set(e, ENOMEM, "cannot write index.json");
	return r < 0 ? r : fs_replace_volatile(dir, "oci-layout", 0600, marker, strlen(marker), e);
}

json_t *skopeo_written(const struct store *s, const char *stage, const char *doing, struct err *e)
{
	auto_free char *path = mem_printf("%s/images/%s", s->path, stage);
	auto_close int fd = openat(s->images, stage, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t left = LAYOUT_READ_MAX;
	const struct layout l = {.path = path, .fd = fd, .left = &left};
	auto_json index = NULL;
	int r = layout_read_index(&l, &index, e);
	json_t *descriptor = json_array_get(json_object_get(index, "manifests"), 0);

	if (r == 0 && digest_hex(layout_text(descriptor, "digest")))
		return json_incref(descriptor);
	if (r == 0)
		err_msg(e, EBADMSG, "cannot %s: skopeo wrote no manifest", doing);
	return NULL;
}
