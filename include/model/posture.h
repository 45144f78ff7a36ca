// Isolation checks of a workload, as the kernel reports them, not from a configuration.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum barrier {
	BARRIER_HARDWARE,   // its own kernel under hardware virtualisation
	BARRIER_EMULATED,   // its own kernel in an emulator (TCG)
	BARRIER_USER_NS,
	BARRIER_PID_NS,
	BARRIER_MOUNT_NS,
	BARRIER_NET_NS,
	BARRIER_IPC_NS,
	BARRIER_UTS_NS,
	BARRIER_CGROUP_NS,
	BARRIER_SECCOMP,    // a filter is loaded
	BARRIER_NO_NEW_PRIVS,
	BARRIER_CAPS,       // none of the capabilities that reach beyond a container
	BARRIER_NOT_ROOT,   // its first process is not uid 0 on the host
	BARRIER_LSM,        // confined by AppArmor or SELinux
	BARRIER_LIMITS,     // memory and pids are limited
	BARRIERS,
};

struct barrier_info {
	const char *name;
	const char *help; // shown in the Isolation tab if it passes
	const char *missing; // shown if it fails
};
const struct barrier_info *barrier_info(enum barrier b);

// Bits 1 << barrier: which are known (could be read) and which pass.
struct posture {
	uint32_t known, stands;
	uint64_t capabilities; // effective capabilities of the first process
};

void posture_set(struct posture *p, enum barrier b, bool stands);
bool posture_stands(const struct posture *p, enum barrier b);
// Strength of isolation for the ISO column: 0 to 5, or -1 if nothing is known.
int posture_level(const struct posture *p);
// Sets the checks that follow from the text of /proc/PID/status: Seccomp, NoNewPrivs, CapEff, Uid
// (proc_pid_status(5)).
void posture_from_status(struct posture *p, const char *status);
