// Logging in to registries: see container/login.h.
#include "container/login.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "skopeo.h"
#include "sys/proc.h"

enum { MESSAGE_MAX = 64 * 1024 };

// HOST[:PORT], perhaps with the beginning of a path; never what skopeo would take for an option.
static int check_registry(const char *registry, struct err *e)
{
	return str_is_made_of(registry, STR_LETTERS STR_DIGITS "[", STR_LETTERS STR_DIGITS ".-_:/[]", 255)
	           ? 0
	           : err_msg(e, EINVAL, "invalid registry '%s' (for example registry.example.com:5000)", registry);
}

static int result_of(const char *doing, const char *registry, int status, int errors, struct err *e)
{
	auto_free char *printed = mem_new(MESSAGE_MAX + 1);
	ssize_t n = pread(errors, printed, MESSAGE_MAX, 0);

	printed[n > 0 ? n : 0] = '\0';
	auto_free char *message = skopeo_message(printed);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
	           ? 0
	           : err_msg(e, EREMOTEIO, "cannot log %s '%s': %s", doing, registry, message);
}

// Its questions go to standard error; it reads the answers from the terminal, or INPUT.
static int run(const struct strv *argv, const char *doing, const char *registry, struct err *e)
{
	auto_close int errors = memfd_create("skopeo", MFD_CLOEXEC);
	auto_free char *skopeo = proc_find_program("skopeo");
	const int fds[3] = {STDIN_FILENO, STDERR_FILENO, errors};
	int status = 0;

	if (!skopeo)
		return err_msg(e, ENOENT, "cannot log %s '%s': skopeo is not installed (package skopeo)", doing, registry);
	pid_t pid = errors < 0 ? err_set(e, errno, "cannot run skopeo")
	                       : proc_spawn((const char *const *)argv->items, fds, -1, false, e);
	if (pid < 0)
		return pid;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "cannot wait for skopeo");
	return result_of(doing, registry, status, errors, e);
}

int container_login(const char *registry, const char *user, bool from_input, struct err *e)
{
	auto_strv argv = {0};

	if (check_registry(registry, e) < 0)
		return -e->code;
	strv_add(&argv, "skopeo");
	strv_add(&argv, "login");
	if (user)
		strv_addf(&argv, "--username=%s", user);
	if (from_input)
		strv_add(&argv, "--password-stdin");
	strv_add(&argv, registry);
	return run(&argv, "in to", registry, e);
}

int container_logout(const char *registry, struct err *e)
{
	auto_strv argv = {0};

	if (check_registry(registry, e) < 0)
		return -e->code;
	strv_add(&argv, "skopeo");
	strv_add(&argv, "logout");
	strv_add(&argv, registry);
	return run(&argv, "out of", registry, e);
}
