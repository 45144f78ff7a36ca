// SPDX-License-Identifier: LGPL-2.1-or-later
// Capabilities: see caps.h. By capget(2), capset(2) and prctl(2): libcap asks the kernel six times for its last capability before main().
#include "caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "plan.h"

// Names of linux/capability.h by number.
static const char *const names[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
	"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

int caps_number(const char *name)
{
	size_t skip = strncasecmp(name, "CAP_", 4) == 0 ? 0 : 4;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(name, names[i] + skip) == 0)
			return (int)i;
	return -EINVAL;
}

const char *caps_name(int number)
{
	return number >= 0 && (size_t)number < ARRAY_SIZE(names) ? names[number] : NULL;
}

int caps_limit(const struct plan_caps *caps, struct err *e)
{
	for (unsigned c = 0; c < ARRAY_SIZE(names); c++) {
		if (caps->bounding & 1ull << c || prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0 || errno == EINVAL)
			continue;
		int why = errno;
		if (prctl(PR_CAPBSET_READ, c, 0, 0, 0) != 0) // who may not drop may lack it already
			return err_set(e, why, "cannot drop %s from the bounding set", names[c]);
	}
	return 0;
}

enum { WORDS = 2 }; // of 32 capabilities each
typedef struct __user_cap_data_struct cap_words[WORDS];

static long caps_call(long number, cap_words words)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(number, &header, words);
}

// What this process itself does not hold cannot be given: like runc, the sets are cut to it rather than failing (a nested or unprivileged
// host has fewer capabilities than an engine's default list).
int caps_apply(const struct plan_caps *caps, struct err *e)
{
	cap_words words;

	if (caps_call(SYS_capget, words) < 0)
		return err_set(e, errno, "cannot read this process's capabilities");
	uint64_t have = words[0].permitted | (uint64_t)words[1].permitted << 32;
	uint64_t permitted = caps->permitted & have, effective = caps->effective & permitted, inheritable = caps->inheritable & have;
	for (unsigned i = 0; i < WORDS; i++)
		words[i] = (struct __user_cap_data_struct){.effective = (uint32_t)(effective >> 32 * i), .permitted = (uint32_t)(permitted >> 32 * i),
		                                           .inheritable = (uint32_t)(inheritable >> 32 * i)};
	if (caps_call(SYS_capset, words) < 0)
		return err_set(e, errno, "cannot set capabilities");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_set(e, errno, "cannot clear the ambient capabilities");
	for (unsigned c = 0; c < ARRAY_SIZE(names); c++) {
		// the kernel allows only what is permitted and inheritable
		if (caps->ambient & inheritable & permitted & 1ull << c && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0) < 0)
			return err_set(e, errno, "cannot make %s ambient", names[c]);
	}
	return 0;
}
