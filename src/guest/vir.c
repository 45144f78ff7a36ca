// Finding libvirt: see vir.h. Must not call it.
#include "vir.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

struct vir vir;

static void *libvirt, *libvirt_qemu;
static char problem[256]; // why it could not be loaded

static const struct {
	const char *name;
	size_t at;
	void **library;
} functions[] = {
#define ROW(NAME) {"vir" #NAME, offsetof(struct vir, NAME), &libvirt},
	VIR_FUNCTIONS(ROW)
#undef ROW
#define ROW(NAME) {"vir" #NAME, offsetof(struct vir, NAME), &libvirt_qemu},
	VIR_QEMU_FUNCTIONS(ROW)
#undef ROW
};

static void note_problem(void)
{
	const char *text = dlerror();

	strncpy(problem, text ? text : "it cannot be loaded", sizeof(problem) - 1);
}

static void load(void)
{
	libvirt = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	libvirt_qemu = libvirt ? dlopen("libvirt-qemu.so.0", RTLD_NOW | RTLD_LOCAL) : NULL;
	if (!libvirt_qemu) {
		note_problem();
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *address = dlsym(*functions[i].library, functions[i].name);

		if (!address) {
			note_problem();
			return;
		}
		memcpy((char *)&vir + functions[i].at, &address, sizeof(address));
	}
}

int vir_load(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (!*problem)
		return 0;
	return err_msg(e, EOPNOTSUPP, "libvirt is not there: %s (to run guests, install libvirt-daemon-system and qemu-system-x86)", problem);
}

void *vir_symbol(const char *name)
{
	return libvirt ? dlsym(libvirt, name) : NULL;
}
