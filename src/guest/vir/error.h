// Reports libvirt errors in one line, with a remedy.
#pragma once

#include <stdbool.h>

#include "base/err.h"

// Records "text: " and libvirt's last error of this thread in one line, with the usual remedy. Returns negative errno.
// Call it right after the failed call: any other libvirt call, even a getter or a free function, resets the last
// error.
int guest_error(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Whether the last call in this thread failed because the driver or the daemon does not support it.
bool vir_is_unsupported(void);
