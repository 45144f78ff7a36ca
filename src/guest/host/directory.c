// Directories of the system daemon and of session daemons: see directory.h.
#include "directory.h"

#include <stdlib.h>

#include "base/mem.h"

char *directory_of_user(const char *variable, const char *otherwise, const char *rest)
{
	const char *base = getenv(variable), *home = getenv("HOME");

	return base && *base ? mem_printf("%s/%s", base, rest)
	                     : mem_printf("%s/%s/%s", home ? home : "/", otherwise, rest);
}

static const struct {
	const char *system;                     // system daemon
	const char *variable, *usual, *session; // session daemon: below $VARIABLE, or USUAL in the home directory
} directories[] = {
    [DIRECTORY_IMAGES] = {"/var/lib/libvirt/images", "XDG_DATA_HOME", ".local/share", "libvirt/images"},
    [DIRECTORY_LOG] = {"/var/log/libvirt/qemu", "XDG_CACHE_HOME", ".cache", "libvirt/qemu/log"},
    [DIRECTORY_NVRAM] = {"/var/lib/libvirt/qemu/nvram", "XDG_CONFIG_HOME", ".config", "libvirt/qemu/nvram"},
    [DIRECTORY_TPM] = {"/var/lib/libvirt/swtpm", "XDG_CONFIG_HOME", ".config", "libvirt/qemu/swtpm"},
    [DIRECTORY_SAVED] = {"/var/lib/libvirt/qemu/save", "XDG_CONFIG_HOME", ".config", "libvirt/qemu/save"},
};

char *directory_of(enum directory directory, bool session)
{
	if (!session)
		return mem_strdup(directories[directory].system);
	return directory_of_user(directories[directory].variable, directories[directory].usual,
	                         directories[directory].session);
}
