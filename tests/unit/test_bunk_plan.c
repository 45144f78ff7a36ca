// From configurations to the kernel's numbers, device rules and system-call filters; and ids that people type.
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/mount.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/bunk.h"
#include "bunk/groups/device_rules.h"
#include "bunk/groups/rdt.h"
#include "bunk/plan/caps.h"
#include "bunk/plan/plan.h"
#include "bunk/read/config.h"
#include "bunk/state/state.h"
#include "sys/fs.h"
#include "sys/proc.h"

struct made {
	struct config config;
	struct plan plan;
	struct err e;
	int result;
};

// The configuration with MORE at its top, and PROCESS and LINUX in its parts (each empty, or ending with a comma).
static struct made *make(const char *more, const char *process, const char *linux_part)
{
	struct made *m = mem_new(sizeof(*m));
	auto_free char *text = mem_printf(
	    "{%s \"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"r\"}, \"process\": {%s \"cwd\": \"/\", \"args\": "
	    "[\"a\"]}, "
	    "\"linux\": {%s \"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"pid\"}, {\"type\": \"network\", "
	    "\"path\": \"/n\"}]}}",
	    more, process, linux_part);

	m->result = config_parse(&m->config, "config.json", text, strlen(text), NULL, NULL, &m->e);
	if (m->result == 0)
		m->result = plan_make(&m->plan, &m->config, &m->e);
	return m;
}

static void unmake(struct made *m)
{
	plan_done(&m->plan);
	config_done(&m->config);
	free(m);
}

static void check_wrong(struct made *m, const char *message)
{
	if (m->result != -EINVAL || !strstr(m->e.text, message))
		fail_msg("%d, '%s' does not say '%s'", m->result, m->e.text, message);
	unmake(m);
}

static void namespaces(void **state)
{
	struct made *m = make("", "", "");

	assert_int_equal(m->result, 0);
	assert_int_equal(m->plan.new_namespaces, CLONE_NEWNS | CLONE_NEWPID);
	assert_int_equal(m->plan.join_count, 1);
	assert_int_equal(m->plan.joins[0].flag, CLONE_NEWNET);
	assert_true(plan_is_new(&m->plan, CLONE_NEWPID) && !plan_is_new(&m->plan, CLONE_NEWNET));
	unmake(m);
	for (size_t i = 0; plan_namespace_type(i); i++)
		assert_non_null(plan_namespace_file(plan_namespace_flag(plan_namespace_type(i))));
	assert_int_equal(plan_namespace_flag("none"), 0);
}

static struct made *make_namespaces(const char *list)
{
	struct made *m = mem_new(sizeof(*m));
	auto_free char *text = mem_printf(
	    "{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"r\"}, \"process\": {\"cwd\": \"/\", \"args\": [\"a\"]}, "
	    "\"linux\": {\"namespaces\": [%s]}}",
	    list);

	m->result = config_parse(&m->config, "config.json", text, strlen(text), NULL, NULL, &m->e);
	if (m->result == 0)
		m->result = plan_make(&m->plan, &m->config, &m->e);
	return m;
}

static void wrong_namespaces(void **state)
{
	check_wrong(make_namespaces("{\"type\": \"none\"}"), "linux.namespaces[0].type: unknown type 'none'");
	check_wrong(make_namespaces("{\"type\": \"mount\"}, {\"type\": \"mount\"}"),
	            "linux.namespaces[1].type: duplicate 'mount'");
	check_wrong(make_namespaces("{\"type\": \"mount\"}, {\"type\": \"pid\", \"path\": \"p\"}"),
	            "linux.namespaces[1].path: 'p' is not absolute");
	check_wrong(make_namespaces("{\"type\": \"mount\"}, {\"type\": \"user\"}"), "linux.uidMappings: required");
}

// What takes a mount needs a mount namespace of the container's own.
static void shared_mounts(void **state)
{
	static const struct {
		const char *name, *more, *in_linux;
	} cases[] = {
		{"mounts", "\"mounts\": [{\"destination\": \"/a\", \"type\": \"tmpfs\"}],", ""},
		{"linux.devices", "", "\"devices\": [{\"path\": \"/dev/a\", \"type\": \"p\"}],"},
		{"linux.maskedPaths", "", "\"maskedPaths\": [\"/a\"],"},
		{"linux.readonlyPaths", "", "\"readonlyPaths\": [\"/a\"],"},
		{"linux.rootfsPropagation", "", "\"rootfsPropagation\": \"shared\","},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct made *m = mem_new(sizeof(*m));
		auto_free char *text = mem_printf(
		    "{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"r\"}, \"process\": {\"cwd\": \"/\", \"args\": "
		    "[\"a\"]}, "
		    "%s \"linux\": {%s \"namespaces\": [{\"type\": \"mount\", \"path\": \"/x\"}]}}",
		    cases[i].more, cases[i].in_linux);
		auto_free char *message = mem_printf("%s: needs a new mount namespace", cases[i].name);

		m->result = config_parse(&m->config, "config.json", text, strlen(text), NULL, NULL, &m->e);
		if (m->result == 0)
			m->result = plan_make(&m->plan, &m->config, &m->e);
		check_wrong(m, message);
	}
	struct made *m = make_namespaces("{\"type\": \"pid\"}, {\"type\": \"ipc\", \"path\": \"/x\"}");
	assert_int_equal(m->result, 0);
	assert_true(plan_wants_new(&m->config, CLONE_NEWPID) && !plan_wants_new(&m->config, CLONE_NEWIPC) &&
	            !plan_wants_new(&m->config, CLONE_NEWNS));
	unmake(m);
}

static void mounts(void **state)
{
	struct made *m = make(
	    "\"mounts\": [{\"destination\": \"/a\", \"type\": \"tmpfs\", \"options\": [\"ro\", \"nosuid\", \"size=5m\", "
	    "\"mode=1777\"]}, "
	    "{\"destination\": \"/b\", \"source\": \"/s\", \"options\": [\"rbind\", \"ro\", \"rw\", \"rnoexec\", "
	    "\"rslave\"]}, "
	    "{\"destination\": \"/c\", \"type\": \"cgroup\", \"source\": \"cgroup\"}],",
	    "", "");

	assert_int_equal(m->result, 0);
	const struct plan_mount *a = &m->plan.mounts[0], *b = &m->plan.mounts[1];
	assert_true(a->set == (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID) && !a->bind);
	assert_int_equal(a->data_count, 2);
	assert_string_equal(a->data[1], "mode=1777");
	assert_true(b->bind && b->recursive_bind && b->set == 0 && b->clear == MOUNT_ATTR_RDONLY); // the last word counts
	assert_true(b->set_below == MOUNT_ATTR_NOEXEC && b->propagation == MS_SLAVE && b->propagation_below);
	assert_true(m->plan.mounts[2].cgroup);
	unmake(m);
}

static void wrong_mounts(void **state)
{
	check_wrong(make("\"mounts\": [{\"destination\": \"\", \"type\": \"tmpfs\"}],", "", ""),
	            "mounts[0].destination: is empty");
	check_wrong(make("\"mounts\": [{\"destination\": \"/a\"}],", "", ""), "mounts[0].type: is missing");
	check_wrong(make("\"mounts\": [{\"destination\": \"/a\", \"options\": [\"bind\"]}],", "", ""),
	            "mounts[0].source: required");
	check_wrong(
	    make("\"mounts\": [{\"destination\": \"/a\", \"source\": \"/s\", \"options\": [\"bind\", \"size=1\"]}],", "",
	         ""),
	    "mounts[0].options: 'size=1' is not an option of a bind mount");
	check_wrong(make("\"mounts\": [{\"destination\": \"/a\", \"type\": \"proc\", \"options\": [\"idmap\"]}],", "", ""),
	            "mounts[0].options: 'idmap' is valid for bind mounts only");
	check_wrong(
	    make("\"mounts\": [{\"destination\": \"/a\", \"source\": \"/s\", \"options\": [\"rbind\", \"idmap\"]}],", "",
	         ""),
	    "mounts[0].options: 'idmap' needs uidMappings");
	check_wrong(
	    make(
	        "\"mounts\": [{\"destination\": \"/a\", \"source\": \"/s\", \"options\": [\"bind\"], \"uidMappings\": "
	        "[{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]}],",
	        "", ""),
	    "mounts[0].gidMappings: required with");
}

static void only_overlays_can_be_public(void **state)
{
	(void)state;
	check_wrong(
	    make("\"mounts\": [{\"destination\": \"/a\", \"type\": \"tmpfs\", \"options\": [\"publiconly\"]}],", "", ""),
	    "mounts[0].options: 'publiconly' is valid for overlays");
	check_wrong(
	    make("\"mounts\": [{\"destination\": \"/\", \"type\": \"overlay\", \"options\": [\"publiconly\"]}],", "", ""),
	    "mounts[0].options: 'publiconly' is valid for overlays");
}

static void every_mount_option_is_understood(void **state)
{
	static const char maps[] =
	    ", \"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}], \"gidMappings\": [{\"containerID\": "
	    "0, \"hostID\": 0, \"size\": 1}]";
	size_t i;

	for (i = 0; plan_mount_option(i); i++) {
		const char *option = plan_mount_option(i);
		bool mapped = str_ends(option, "idmap"), overlay = str_equal(option, "publiconly");
		auto_free char *more = mem_printf(
		    "\"mounts\": [{\"destination\": \"/a\", \"type\": \"%s\", \"source\": \"/s\", \"options\": [\"%s\"]%s}],",
		    mapped    ? "bind"
		    : overlay ? "overlay"
		              : "tmpfs",
		    option, mapped ? maps : "");
		struct made *m = make(more, "", "");
		bool by_name = str_equal(option, "sync") || str_equal(option, "dirsync") || str_equal(option, "lazytime") ||
		               str_equal(option, "mand");

		if (m->result < 0 || m->plan.mounts[0].data_count != by_name)
			fail_msg("'%s' is not understood: %s", option, m->e.text);
		unmake(m);
	}
	assert_true(i > 50);
}

// A directory that looks like resctrl: the group "gold" with its files.
static void resctrl_groups(void **state)
{
	char top[] = "/tmp/test_bunk_plan.XXXXXX", text[64];
	static const char shown[] = "    L3:0=7ff;1=001\n    MB:0=100;1=50\n";
	struct rdt_config r = {.given = true, .clos_id = "gold"};
	auto_free char *made = NULL;
	struct err e = {0};

	assert_non_null(mkdtemp(top));
	auto_close int root = open(top, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mkdirat(root, "gold", 0700), 0);
	auto_close int gold = openat(root, "gold", O_RDONLY | O_DIRECTORY);
	assert_int_equal(fs_replace_file(gold, "tasks", 0600, "", 0, &e), 0);
	assert_int_equal(fs_replace_file(gold, "schemata", 0600, shown, strlen(shown), &e), 0);
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), 0);
	assert_true(proc_read_file_at(gold, "tasks", text, sizeof(text)) > 0);
	assert_string_equal(text, "4711");
	assert_null(made);
	r.l3_schema = "L3:0=7FF;1=1\nMB:0=1";
	r.bandwidth_schema = "MB:1=50";
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), 0); // the same shares, written otherwise
	r.bandwidth_schema = "MB:1=60";
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), -EINVAL);
	assert_non_null(strstr(e.text, "with other shares than 'MB:1=60'"));
	r.bandwidth_schema = "L3:0=1";
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), -EINVAL);
	r = (struct rdt_config){.clos_id = "gold", .bandwidth_schema = "MB:0=20"};
	assert_int_equal(rdt_change(root, &r, "id", &e), 0);
	assert_true(proc_read_file_at(gold, "schemata", text, sizeof(text)) > 0);
	assert_non_null(strstr(text, "MB:0=20"));
	r.bandwidth_schema = "MB:0=20\nL3:0=1";
	assert_int_equal(rdt_change(root, &r, "id", &e), -EINVAL);
	r = (struct rdt_config){.l3_schema = "L3:0=1"};
	assert_int_equal(rdt_change(root, &r, "none", &e), -ENOENT);
	r = (struct rdt_config){.given = true, .clos_id = "silver"};
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), -ENOENT);
	r.clos_id = "../gold";
	assert_int_equal(rdt_assign(root, &r, "id", 4711, &made, &e), -EINVAL);
	assert_int_equal(fs_remove_tree(AT_FDCWD, top, &e), 0);
}

static void lists_of_numbers(void **state)
{
	static const char *const wrong[] = {"",   ",",    "1,", "-",  "1-",   "3-1",
	                                    "64", "0-64", "x",  "1 ", "1--2", "99999999999999999999"};
	unsigned long bits[1] = {0};

	assert_int_equal(plan_list("0-2,5,7-7", bits, 64), 0);
	assert_true(bits[0] == 0xa7);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (plan_list(wrong[i], bits, 64) == 0)
			fail_msg("'%s' is taken for a list", wrong[i]);
}

static void processes(void **state)
{
	struct made *m = make(
	    "",
	    "\"capabilities\": {\"bounding\": [\"CAP_CHOWN\", \"cap_kill\"], \"ambient\": [\"CAP_CHECKPOINT_RESTORE\"]}, "
	    "\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 5, \"hard\": 6}], "
	    "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_BE\", \"priority\": 3},",
	    "");

	assert_int_equal(m->result, 0);
	assert_true(m->plan.process.caps.bounding == (1 | 1 << 5) && m->plan.process.caps.ambient == 1ull << 40);
	assert_true(m->plan.process.rlimits[0].resource == RLIMIT_NOFILE &&
	            m->plan.process.rlimits[0].limit.rlim_max == 6);
	assert_int_equal(m->plan.process.io_priority, 2 << 13 | 3);
	unmake(m);
}

static void wrong_processes(void **state)
{
	check_wrong(make("", "\"rlimits\": [{\"type\": \"RLIMIT_X\", \"soft\": 1, \"hard\": 1}],", ""),
	            "process.rlimits[0].type: unknown limit 'RLIMIT_X'");
	check_wrong(make("", "\"rlimits\": [{\"type\": \"RLIMIT_CPU\", \"soft\": 2, \"hard\": 1}],", ""),
	            "process.rlimits[0].soft: is above hard");
	check_wrong(make("", "\"oomScoreAdj\": 1001,", ""), "process.oomScoreAdj");
	check_wrong(make("", "\"user\": {\"umask\": 512},", ""), "process.user.umask");
	check_wrong(make("", "\"ioPriority\": {\"priority\": 1},", ""), "process.ioPriority.class: is missing");
	check_wrong(make("", "\"ioPriority\": {\"class\": \"IOPRIO_CLASS_RT\", \"priority\": 8},", ""),
	            "process.ioPriority.priority: must be 0 to 7");
	check_wrong(make("", "\"scheduler\": {\"policy\": \"SCHED_FAST\"},", ""),
	            "process.scheduler.policy: unknown policy 'SCHED_FAST'");
	check_wrong(make("", "\"scheduler\": {\"policy\": \"SCHED_RR\", \"flags\": [\"X\"]},", ""),
	            "process.scheduler.flags[0]: unknown flag 'X'");
	check_wrong(make("", "\"execCPUAffinity\": {\"final\": \"1-0\"},", ""),
	            "process.execCPUAffinity.final: invalid list of CPUs '1-0'");
	check_wrong(make("\"hostname\": \"h\",", "", ""), "hostname: needs a uts namespace");
	check_wrong(make("\"hooks\": {\"poststop\": [{\"path\": \"x\"}]},", "", ""),
	            "hooks.poststop[0].path: 'x' is not absolute");
	check_wrong(make("\"hooks\": {\"prestart\": [{\"path\": \"/x\", \"timeout\": 0}]},", "", ""),
	            "hooks.prestart[0].timeout: must be greater than 0");
}

static void wrong_platforms(void **state)
{
	check_wrong(make("", "", "\"timeOffsets\": {\"monotonic\": {\"secs\": 1}},"),
	            "linux.timeOffsets: needs a new time namespace");
	check_wrong(make("", "", "\"timeOffsets\": {\"realtime\": {\"secs\": 1}},"),
	            "linux.timeOffsets: unknown clock 'realtime' (clocks: monotonic, boottime)");
	check_wrong(make("", "", "\"personality\": {\"domain\": \"BSD\"},"),
	            "linux.personality.domain: invalid domain 'BSD' (LINUX");
	check_wrong(make("", "", "\"personality\": {\"domain\": \"LINUX\", \"flags\": [\"X\"]},"),
	            "linux.personality.flags[0]: unknown flag (");
	check_wrong(make("", "", "\"memoryPolicy\": {\"mode\": \"MPOL_X\"},"),
	            "linux.memoryPolicy.mode: unknown mode 'MPOL_X'");
	check_wrong(make("", "", "\"memoryPolicy\": {\"mode\": \"MPOL_BIND\", \"nodes\": \"a\"},"),
	            "linux.memoryPolicy.nodes: invalid list of nodes 'a'");
	check_wrong(make("", "", "\"maskedPaths\": [\"proc\"],"), "linux.maskedPaths[0]: 'proc' is not absolute");
	check_wrong(make("", "", "\"readonlyPaths\": [\"/proc\", \"sys\"],"),
	            "linux.readonlyPaths[1]: 'sys' is not absolute");
	check_wrong(make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_NOTIFY\"},"),
	            "linux.seccomp.defaultAction: cannot be SCMP_ACT_NOTIFY");
	check_wrong(
	    make(
	        "", "",
	        "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\"], "
	        "\"action\": \"SCMP_ACT_NOTIFY\"}]},"),
	    "linux.seccomp.listenerPath: required for SCMP_ACT_NOTIFY");
	check_wrong(make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerMetadata\": \"x\"},"),
	            "linux.seccomp.listenerMetadata: needs listenerPath");
	check_wrong(make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1},"),
	            "does not take an error number");
	check_wrong(
	    make(
	        "", "",
	        "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [], \"action\": "
	        "\"SCMP_ACT_LOG\"}]},"),
	    "linux.seccomp.syscalls[0].names: is empty");
}

static void sysctls_belong_to_namespaces(void **state)
{
	// of the network namespace that is joined
	struct made *m = make("", "", "\"sysctl\": {\"net.ipv4.ip_forward\": \"1\"},");

	assert_int_equal(m->result, 0);
	unmake(m);
	check_wrong(make("", "", "\"sysctl\": {\"kernel.shmmax\": \"1\"},"), "needs the container's own ipc namespace");
	check_wrong(make("", "", "\"sysctl\": {\"kernel.panic\": \"1\"},"), "would change the host");
	check_wrong(make("", "", "\"sysctl\": {\"kernel.semantics\": \"1\"},"), "would change the host");
	check_wrong(make("", "", "\"sysctl\": {\"net\": \"1\"},"), "would change the host");
	check_wrong(make("", "", "\"sysctl\": {\"fs.mqueue/x\": \"1\"},"), "would change the host"); // "fs/mqueue.x"
}

// Both spellings of sysctl(8), and what no spelling may lead to.
static void sysctl_names(void **state)
{
	static const struct {
		const char *name, *path;
	} cases[] = {
		{"net.ipv4.ip_forward", "net/ipv4/ip_forward"},
		{"net/ipv4/ip_forward", "net/ipv4/ip_forward"},
		{"net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding"},
		{"net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding"},
		{"net/ipv4/conf/a..b/forwarding", "net/ipv4/conf/a..b/forwarding"},
		{"net.ipv4.conf.a//b.forwarding", "net/ipv4/conf/a..b/forwarding"},
		{"net.//.vm.stat_interval", NULL}, // net/../vm/stat_interval
		{"net/../vm/stat_interval", NULL},
		{"net.../../kernel/panic", NULL},
		{"net./.ipv4.ip_forward", NULL},
		{"net/./ipv4/ip_forward", NULL},
		{"net..ipv4", NULL},
		{"net//ipv4", NULL},
		{"net.", NULL},
		{"net/", NULL},
		{".net", NULL},
		{"/net/ipv4/ip_forward", NULL},
		{"..", NULL},
		{".", NULL},
		{"/", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_free char *path = sysctl_path(cases[i].name);

		if (!str_equal(path, cases[i].path))
			fail_msg("'%s' is '%s', not '%s'", cases[i].name, path ? path : "(none)",
			         cases[i].path ? cases[i].path : "(none)");
	}
	check_wrong(make("", "", "\"sysctl\": {\"net.//.vm.stat_interval\": \"7\"},"), "invalid name '");
}

// A small machine for the instructions that device_rules.c makes: what the kernel would answer.
static bool device_allowed(const struct bpf_insn *program, size_t count, unsigned type, unsigned access,
                           unsigned major, unsigned minor)
{
	const uint32_t context[] = {access << 16 | type, major, minor};
	uint64_t reg[11] = {0};

	for (size_t pc = 0; pc < count; pc++) {
		const struct bpf_insn *i = &program[pc];
		uint64_t value = i->code & BPF_X ? reg[i->src_reg] : (uint64_t)(int64_t)i->imm;

		if (BPF_CLASS(i->code) == BPF_LDX)
			reg[i->dst_reg] = context[i->off / 4];
		else if (i->code == (BPF_JMP | BPF_EXIT))
			return reg[0];
		else if (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) == BPF_JNE)
			pc += reg[i->dst_reg] != value ? (size_t)i->off : 0;
		else if (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) == BPF_JEQ)
			pc += reg[i->dst_reg] == value ? (size_t)i->off : 0;
		else if (BPF_OP(i->code) == BPF_MOV)
			reg[i->dst_reg] = value;
		else if (BPF_OP(i->code) == BPF_AND)
			reg[i->dst_reg] &= value;
		else if (BPF_OP(i->code) == BPF_RSH)
			reg[i->dst_reg] >>= value;
		else
			fail_msg("instruction %zu: code %#x", pc, i->code);
	}
	fail_msg("the program does not end");
	return false;
}

static void device_rules(void **state)
{
	enum {
		BLOCK = BPF_DEVCG_DEV_BLOCK,
		CHAR = BPF_DEVCG_DEV_CHAR,
		M = BPF_DEVCG_ACC_MKNOD,
		R = BPF_DEVCG_ACC_READ,
		W = BPF_DEVCG_ACC_WRITE
	};
	static const char text[] =
	    "{\"devices\": [{\"allow\": false, \"access\": \"rwm\"}, {\"allow\": true, \"type\": \"c\", \"major\": 10, "
	    "\"minor\": 229, \"access\": \"rw\"}, "
	    "{\"allow\": true, \"type\": \"b\", \"major\": 8, \"access\": \"r\"}, {\"allow\": false, \"type\": \"b\", "
	    "\"major\": 8, \"minor\": 1, \"access\": \"r\"}, "
	    "{\"allow\": true, \"type\": \"c\", \"major\": 240, \"access\": \"rrr\"}, {\"allow\": true, \"type\": \"c\", "
	    "\"major\": 241, \"access\": \"mwr\"}]}";
	struct config c = {0};
	struct err e = {0};
	size_t n = 0;

	assert_int_equal(config_parse_resources(&c, "resources", text, strlen(text), &e), 0);
	auto_free struct bpf_insn *p = device_rules_program(&c.resources, &n, &e);
	assert_non_null(p);
	assert_true(device_allowed(p, n, CHAR, R | W, 10, 229));
	assert_true(device_allowed(p, n, CHAR, W, 10, 229));
	assert_false(device_allowed(p, n, CHAR, R, 10, 228));
	assert_false(device_allowed(p, n, BLOCK, R, 10, 229));
	assert_true(device_allowed(p, n, BLOCK, R, 8, 0));
	assert_false(device_allowed(p, n, BLOCK, R | W, 8, 0)); // more than the rule gives
	assert_false(device_allowed(p, n, BLOCK, R, 8, 1));     // the later rule
	assert_true(device_allowed(p, n, BLOCK, M, 8, 1));      // a node alone gives nothing
	assert_true(device_allowed(p, n, CHAR, R | W | M, 1, 3));
	assert_true(device_allowed(p, n, CHAR, R | W, 136, 77));
	assert_false(device_allowed(p, n, CHAR, R, 1, 1));
	assert_true(device_allowed(p, n, CHAR, R, 240, 0));
	assert_false(device_allowed(p, n, CHAR, W, 240, 0)); // one letter three times is one right
	assert_true(device_allowed(p, n, CHAR, R | W | M, 241, 0));
	config_done(&c);
}

static void wrong_device_rules(void **state)
{
	static const char *const texts[][2] = {
		{"{\"devices\": [{\"allow\": true, \"type\": \"x\"}]}", "devices[0].type: invalid type 'x'"},
		{"{\"devices\": [{\"allow\": true}, {\"allow\": true, \"type\": \"c\", \"access\": \"q\"}]}",
		 "devices[1].access: invalid access 'q'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct config c = {0};
		struct err e = {0};
		size_t n;

		assert_int_equal(config_parse_resources(&c, "resources", texts[i][0], strlen(texts[i][0]), &e), 0);
		assert_null(device_rules_program(&c.resources, &n, &e));
		assert_non_null(strstr(e.text, texts[i][1]));
		config_done(&c);
	}
}

static void filters(void **state)
{
	struct made *m = make(
	    "", "",
	    "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\", "
	    "\"no_such_call\"], \"action\": \"SCMP_ACT_ALLOW\"}]},");

	assert_int_equal(m->result, 0);
	assert_true(m->plan.filter.program.len > 3);
	unmake(m);
	check_wrong(make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_FLY\"},"),
	            "linux.seccomp.defaultAction: 'SCMP_ACT_FLY' is unknown");
	check_wrong(
	    make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_Z80\"]},"),
	    "linux.seccomp.architectures[0]: unknown architecture 'SCMP_ARCH_Z80'");
	check_wrong(make("", "", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"X\"]},"),
	            "linux.seccomp.flags[0]: 'X'");
	check_wrong(
	    make(
	        "", "",
	        "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"read\"], \"action\": "
	        "\"SCMP_ACT_ERRNO\", "
	        "\"args\": [{\"index\": 6, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"}]}]},"),
	    "linux.seccomp.syscalls[0].args: index 6");
}

static void capabilities_have_names(void **state)
{
	for (int i = 0; caps_name(i); i++) {
		assert_int_equal(caps_number(caps_name(i)), i);
		assert_int_equal(caps_number(caps_name(i) + 4), i);
	}
	assert_string_equal(caps_name(21), "CAP_SYS_ADMIN");
	assert_int_equal(caps_number("CAP_"), -EINVAL);
	assert_null(caps_name(-1));
}

static void ids(void **state)
{
	static const char *const good[] = {"a", "0", "Web-1.2_3+x", "a.."};
	static const char *const bad[] = {"", ".", "..", "-a", "_a", "a/b", "a b", "a\nb", "\xc3\xa4", "../x", "a\x01"};
	char longest[257];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(state_check_id(good[i], NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(state_check_id(bad[i], NULL), -EINVAL);
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_int_equal(state_check_id(longest, NULL), -EINVAL);
	longest[255] = '\0';
	assert_int_equal(state_check_id(longest, NULL), 0);
}

static void our_own_spec_is_understood(void **state)
{
	for (int rootless = 0; rootless < 2; rootless++) {
		auto_free char *text = bunk_spec(rootless);
		struct made m = {0};

		m.result = config_parse(&m.config, "config.json", text, strlen(text), NULL, NULL, &m.e);
		if (m.result == 0)
			m.result = plan_make(&m.plan, &m.config, &m.e);
		if (m.result < 0)
			fail_msg("%s", m.e.text);
		assert_int_equal(plan_is_new(&m.plan, CLONE_NEWUSER), rootless);
		plan_done(&m.plan);
		config_done(&m.config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespaces),
		cmocka_unit_test(wrong_namespaces), cmocka_unit_test(shared_mounts),
		cmocka_unit_test(mounts),
		cmocka_unit_test(wrong_mounts),
		cmocka_unit_test(only_overlays_can_be_public),
		cmocka_unit_test(every_mount_option_is_understood),
		cmocka_unit_test(processes),
		cmocka_unit_test(wrong_processes),
		cmocka_unit_test(wrong_platforms),
		cmocka_unit_test(lists_of_numbers),
		cmocka_unit_test(resctrl_groups),
		cmocka_unit_test(sysctls_belong_to_namespaces),
		cmocka_unit_test(sysctl_names),
		cmocka_unit_test(device_rules),
		cmocka_unit_test(wrong_device_rules),
		cmocka_unit_test(filters),
		cmocka_unit_test(capabilities_have_names),
		cmocka_unit_test(ids),
		cmocka_unit_test(our_own_spec_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
