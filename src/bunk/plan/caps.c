// SPDX-License-Identifier: LGPL-2.1-or-later
// Capabilities: see caps.h. The only user of libcap.
#include "caps.h"

#include <errno.h>
#include <strings.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/mem.h"
#include "plan.h"

// Names of linux/capability.h by number.
static const char *const names[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM",
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
		if (caps->bounding & 1ull << c || cap_drop_bound((cap_value_t)c) == 0 || errno == EINVAL)
			continue;
		int why = errno;
		if (cap_get_bound((cap_value_t)c) != 0) // without the right to drop it, it may already be absent
			return err_set(e, why, "cannot drop %s from the bounding set", names[c]);
	}
	return 0;
}

static void auto_cap_run(cap_t *state)
{
	if (*state)
		cap_free(*state);
}
#define auto_cap __attribute__((cleanup(auto_cap_run))) cap_t

static uint64_t permitted_of(cap_t state)
{
	uint64_t bits = 0;

	for (unsigned c = 0; c < ARRAY_SIZE(names); c++) {
		cap_flag_value_t value = CAP_CLEAR;

		if (cap_get_flag(state, (cap_value_t)c, CAP_PERMITTED, &value) == 0 && value == CAP_SET)
			bits |= 1ull << c;
	}
	return bits;
}

// All BITS must be known to the kernel: libcap rejects others.
static int add_set(cap_t state, cap_flag_t set, uint64_t bits)
{
	cap_value_t values[ARRAY_SIZE(names)];
	int count = 0;

	for (unsigned c = 0; c < ARRAY_SIZE(names); c++)
		if (bits & 1ull << c)
			values[count++] = (cap_value_t)c;
	return count ? cap_set_flag(state, set, count, values, CAP_SET) : 0;
}

// Like runc, limits the sets to the capabilities that this process itself holds instead of failing: a nested or
// unprivileged host has fewer than an engine's default list.
int caps_apply(const struct plan_caps *caps, struct err *e)
{
	auto_cap state = cap_get_proc();

	if (!state)
		return err_set(e, errno, "cannot read this process's capabilities");
	uint64_t have = permitted_of(state), permitted = caps->permitted & have, inheritable = caps->inheritable & have;

	if (cap_clear(state) < 0 || add_set(state, CAP_PERMITTED, permitted) < 0 ||
	    add_set(state, CAP_EFFECTIVE, caps->effective & permitted) < 0 ||
	    add_set(state, CAP_INHERITABLE, inheritable) < 0 || cap_set_proc(state) < 0)
		return err_set(e, errno, "cannot set capabilities");
	// not cap_reset_ambient(), which first queries each capability
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 && errno != EINVAL)
		return err_set(e, errno, "cannot clear the ambient capabilities");
	for (unsigned c = 0; c < ARRAY_SIZE(names); c++) {
		// the kernel accepts only permitted and inheritable capabilities
		if (caps->ambient & inheritable & permitted & 1ull << c && cap_set_ambient((cap_value_t)c, CAP_SET) < 0)
			return err_set(e, errno, "cannot make %s ambient", names[c]);
	}
	return 0;
}

void caps_drop(void)
{
	auto_cap none = cap_init();

	if (none)
		cap_set_proc(none);
}
