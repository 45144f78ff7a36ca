// Loads libvirt and its dependencies.
#include "vir.h"

#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/library.h"

struct vir vir;

static const struct library_function functions[] = {
#define ROW(NAME) {"vir" #NAME, offsetof(struct vir, NAME)},
	VIR_FUNCTIONS(ROW) VIR_QEMU_FUNCTIONS(ROW)
#undef ROW
};

static struct library libvirt = {
	.files = {"libvirt.so.0", "libvirt-qemu.so.0"},
	.functions = functions,
	.count = ARRAY_SIZE(functions),
	.table = &vir,
	.purpose = "to run guests, install libvirt-daemon-system and qemu-system-x86",
};

int vir_load(struct err *e)
{
	int r = library_load(&libvirt, e);

	return r < 0 ? err_wrap(e, "libvirt is not installed") : 0;
}

void *vir_symbol(const char *name)
{
	return library_symbol(&libvirt, name);
}
