// Isolation checks: see model/posture.h.
#include "model/posture.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	struct barrier_info info;
	unsigned weight;
} barriers[BARRIERS] = {
	[BARRIER_HARDWARE] = {.info = {.name = "hardware",
	 .help = "its own kernel, isolated by hardware virtualization (KVM)",
	 .missing = "no hardware virtualization"}, .weight = 12},
	[BARRIER_EMULATED] = {.info = {.name = "emulated", .help = "its own kernel in an emulator (TCG), which QEMU "
	 "does not consider a security boundary",
	 .missing = "not emulated"}, .weight = 4},
	[BARRIER_USER_NS] = {.info = {.name = "user-ns", .help = "root inside is not root on the host",
	 .missing = "no user namespace: root inside is root on the host"}, .weight = 3},
	[BARRIER_PID_NS] = {.info = {.name = "pid-ns", .help = "sees and signals only its own processes",
	 .missing = "sees and signals the host's processes"}, .weight = 1},
	[BARRIER_MOUNT_NS] = {.info = {.name = "mount-ns", .help = "has its own file-system tree",
	 .missing = "shares the host's mounts"}, .weight = 1},
	[BARRIER_NET_NS] = {.info = {.name = "net-ns", .help = "has its own network stack",
	 .missing = "shares the host's network"}, .weight = 1},
	[BARRIER_IPC_NS] = {.info = {.name = "ipc-ns", .help = "has its own shared memory and message queues",
	 .missing = "shares the host's memory segments and message queues"}, .weight = 1},
	[BARRIER_UTS_NS] = {.info = {.name = "uts-ns", .help = "has its own hostname",
	 .missing = "shares the host's hostname"}},
	[BARRIER_CGROUP_NS] = {.info = {.name = "cgroup-ns", .help = "sees only its own cgroup",
	 .missing = "sees the host's cgroups"}},
	[BARRIER_SECCOMP] = {.info = {.name = "seccomp", .help = "a seccomp filter blocks dangerous system calls",
	 .missing = "no seccomp filter: every system call is allowed"}, .weight = 2},
	[BARRIER_NO_NEW_PRIVS] = {.info = {.name = "no-new-privs", .help = "setuid programs cannot raise privileges",
	 .missing = "setuid programs can raise privileges"}, .weight = 1},
	[BARRIER_CAPS] = {.info = {.name = "capabilities", .help = "has no capability that reaches beyond a container",
	 .missing = "holds a capability that reaches beyond a container"}, .weight = 2},
	[BARRIER_NOT_ROOT] = {.info = {.name = "not-root", .help = "its first process is not root on the host",
	 .missing = "its first process is root on the host"}, .weight = 2},
	[BARRIER_LSM] = {.info = {.name = "lsm", .help = "confined by AppArmor or SELinux",
	 .missing = "not confined by AppArmor or SELinux"}, .weight = 1},
	[BARRIER_LIMITS] = {.info = {.name = "limits", .help = "its memory and tasks are limited",
	 .missing = "no limit on memory or on tasks"}, .weight = 1},
};

const struct barrier_info *barrier_info(enum barrier b)
{
	return &barriers[b].info;
}

void posture_set(struct posture *p, enum barrier b, bool stands)
{
	p->known |= 1u << b;
	p->stands = stands ? p->stands | 1u << b : p->stands & ~(1u << b);
}

bool posture_stands(const struct posture *p, enum barrier b)
{
	return p->stands >> b & 1;
}

// The minimum weight of each level above 0: a plain root container with all namespaces, seccomp and reduced
// capabilities reaches 4, one in a user namespace or a guest 5.
int posture_level(const struct posture *p)
{
	static const unsigned least[] = {1, 3, 6, 8, 12};
	unsigned weight = 0;
	int level = 0;

	if (!p->known)
		return -1;
	for (enum barrier b = 0; b < BARRIERS; b++)
		if (posture_stands(p, b))
			weight += barriers[b].weight;
	while (level < 5 && weight >= least[level])
		level++;
	return level;
}

// The text after "NAME:" and blanks, or NULL.
static const char *status_value(const char *status, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			return line + n + 1 + strspn(line + n + 1, " \t");
	}
	return NULL;
}

// The capabilities (numbers of capabilities(7)) that affect the whole machine or bypass other isolation.
static uint64_t far_reaching(void)
{
	enum {
		DAC_READ_SEARCH = 2,
		SYS_MODULE = 16,
		SYS_RAWIO = 17,
		SYS_PTRACE = 19,
		SYS_ADMIN = 21,
		SYS_BOOT = 22,
		SYS_TIME = 25,
		AUDIT_CONTROL = 30,
		MAC_OVERRIDE = 32,
		MAC_ADMIN = 33,
		SYSLOG = 34,
		PERFMON = 38,
		BPF = 39,
		CHECKPOINT_RESTORE = 40
	};
	static const int numbers[] = {DAC_READ_SEARCH, SYS_MODULE, SYS_RAWIO,     SYS_PTRACE,        SYS_ADMIN,
	                              SYS_BOOT,        SYS_TIME,   AUDIT_CONTROL, MAC_OVERRIDE,      MAC_ADMIN,
	                              SYSLOG,          PERFMON,    BPF,           CHECKPOINT_RESTORE};
	uint64_t all = 0;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		all |= UINT64_C(1) << numbers[i];
	return all;
}

void posture_from_status(struct posture *p, const char *status)
{
	const char *seccomp = status_value(status, "Seccomp");
	const char *privs = status_value(status, "NoNewPrivs");
	const char *caps = status_value(status, "CapEff");
	const char *uid = status_value(status, "Uid");

	if (seccomp)
		posture_set(p, BARRIER_SECCOMP, *seccomp == '2');
	if (privs)
		posture_set(p, BARRIER_NO_NEW_PRIVS, *privs == '1');
	if (caps) {
		p->capabilities = strtoull(caps, NULL, 16);
		posture_set(p, BARRIER_CAPS, !(p->capabilities & far_reaching()));
	}
	if (uid)
		posture_set(p, BARRIER_NOT_ROOT, strtoul(uid, NULL, 10) != 0);
}
