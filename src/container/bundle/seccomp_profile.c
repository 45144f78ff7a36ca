// The default system call filter, similar to that of other engines: calls known to be harmless are allowed; calls that
// reach beyond the container or widen the kernel's attack surface (modules, kexec, mounts, new namespaces, setting
// clocks, keyrings, bpf, perf, userfaultfd, io_uring) fail with EPERM; all others, including those of later kernels,
// fail with ENOSYS, so that C libraries fall back to older calls.
#include <errno.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"

static const char allowed[] =
	"accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown chown32 clock_getres "
	"clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range "
	"connect copy_file_range creat dup dup2 dup3 "
	"epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd "
	"eventfd2 execve execveat exit exit_group "
	"faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown "
	"fchown32 fchownat fcntl fcntl64 fdatasync "
	"fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync "
	"ftruncate ftruncate64 futex futex_requeue futex_time64 "
	"futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 "
	"getegid getegid32 geteuid geteuid32 getgid getgid32 "
	"getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid "
	"getresgid32 getresuid getresuid32 getrlimit getrusage "
	"getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch "
	"inotify_init inotify_init1 inotify_rm_watch io_cancel "
	"io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc "
	"kill landlock_add_rule landlock_create_ruleset "
	"landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr "
	"_llseek lremovexattr lseek lsetxattr lstat lstat64 "
	"madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 "
	"mlockall mmap mmap2 mprotect mq_getsetattr mq_notify "
	"mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl "
	"msgget msgrcv msgsnd msync munlock munlockall munmap "
	"name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_getfd pidfd_open "
	"pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll "
	"ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev "
	"pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read "
	"readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr "
	"removexattrat rename renameat renameat2 "
	"restart_syscall riscv_flush_icache riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask "
	"rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
	"rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max "
	"sched_get_priority_min sched_getscheduler "
	"sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam "
	"sched_setscheduler sched_yield seccomp select semctl semget "
	"semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 "
	"setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 "
	"setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid "
	"setreuid32 setrlimit set_robust_list setsid setsockopt "
	"set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown "
	"sigaltstack signalfd signalfd4 sigprocmask sigreturn "
	"socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync sync_file_range "
	"syncfs sysinfo tee tgkill time timer_create "
	"timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
	"timerfd_gettime timerfd_gettime64 timerfd_settime "
	"timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime "
	"utimensat utimensat_time64 utimes vfork wait4 waitid waitpid "
	"write writev chroot";

static const char forbidden[] =
	"acct add_key adjtimex bdflush bpf clock_adjtime clock_adjtime64 clock_settime clock_settime64 create_module "
	"delete_module fanotify_init finit_module fsconfig "
	"fsmount fsopen fspick get_kernel_syms get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup "
	"ioperm iopl kcmp kexec_file_load kexec_load "
	"keyctl lookup_dcookie lsm_set_self_attr mbind migrate_pages modify_ldt mount mount_setattr move_mount "
	"move_pages nfsservctl open_by_handle_at open_tree "
	"open_tree_attr pciconfig_iobase pciconfig_read pciconfig_write perf_event_open pivot_root process_madvise "
	"query_module quotactl quotactl_fd reboot request_key rtas "
	"s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr set_mempolicy set_mempolicy_home_node setdomainname "
	"sethostname setns settimeofday stime swapoff swapon "
	"switch_endian _sysctl sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old vmsplice";

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (clone(2))
static const unsigned namespaces[] = {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000};
enum { NEW_NAMESPACES = 0x7e020000 };

static json_t *names_of(const char *text)
{
	auto_strv words = {0};
	json_t *list = json_array();

	strv_split(&words, text, " ");
	for (size_t i = 0; i < words.count; i++)
		json_array_append_new(list, json_string(words.items[i]));
	return list;
}

#if defined(__s390__) || defined(__s390x__)
enum { CLONE_FLAGS = 1 }; // the argument of clone(2) with the flags
#else
enum { CLONE_FLAGS = 0 };
#endif

// Adds a rule for one argument; ERROR 0 allows the call.
static void add_condition(json_t *rules, const char *name, int error, unsigned argument, const char *op,
                          unsigned value, unsigned value_two)
{
	json_t *rule = json_pack("{s:[s], s:s, s:[{s:i, s:I, s:I, s:s}]}", "names", name, "action",
	                         error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW", "args", "index", (int)argument, "value",
	                         (json_int_t)value, "valueTwo", (json_int_t)value_two, "op", op);

	if (error)
		json_object_set_new(rule, "errnoRet", json_integer(error));
	json_array_append_new(rules, rule);
}

// Allows the personalities of Linux on 32 and 64 bits (personality(2)), and the query (all bits set). Others have a
// flag set while the highest bit is clear.
static void add_personalities(json_t *rules)
{
	static const unsigned allowed_ones[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
	static const unsigned flags[] = {0x1,      0x2,      0x4,      0x10,      0x40000,   0x80000,   0x100000,
	                                 0x200000, 0x400000, 0x800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000};
	const unsigned highest = 0x80000000;

	for (size_t i = 0; i < ARRAY_SIZE(allowed_ones); i++)
		// the kernel reads only these bits, too
		add_condition(rules, "personality", 0, 0, "SCMP_CMP_MASKED_EQ", 0xffffffff, allowed_ones[i]);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		add_condition(rules, "personality", EPERM, 0, "SCMP_CMP_MASKED_EQ", flags[i] | highest, flags[i]);
}

// Allows all socket families except AF_VSOCK: those that differ from it in at least one of the bits of a family. The
// kernel ignores the upper half of the argument, so comparing all of it would let AF_VSOCK pass with any bit set
// there. A filter cannot see what 32-bit programs request through socketcall(2).
static void add_families(json_t *rules)
{
	const unsigned vsock = 40, bits = 6;

	for (unsigned i = 0; i < bits; i++)
		add_condition(rules, "socket", 0, 0, "SCMP_CMP_MASKED_EQ", 1u << i, ~vsock & 1u << i);
	add_condition(rules, "socket", EPERM, 0, "SCMP_CMP_MASKED_EQ", (1u << bits) - 1, vsock);
}

// Rules on arguments: sockets except AF_VSOCK (which reaches the hypervisor), plain personalities, and clone without
// new namespaces. A filter cannot see the flags of clone3: it fails with ENOSYS, so that the C library uses clone.
static void add_conditional(json_t *rules)
{
	add_families(rules);
	add_personalities(rules);
	add_condition(rules, "clone", 0, CLONE_FLAGS, "SCMP_CMP_MASKED_EQ", NEW_NAMESPACES, 0);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		add_condition(rules, "clone", EPERM, CLONE_FLAGS, "SCMP_CMP_MASKED_EQ", namespaces[i], namespaces[i]);
}

json_t *bundle_seccomp(void)
{
	json_t *rules = json_array();

	json_array_append_new(rules, json_pack("{s:o, s:s}", "names", names_of(allowed), "action", "SCMP_ACT_ALLOW"));
	json_array_append_new(rules, json_pack("{s:o, s:s, s:i}", "names", names_of(forbidden), "action", "SCMP_ACT_ERRNO",
	                                       "errnoRet", EPERM));
	add_conditional(rules);
	return json_pack("{s:s, s:i, s:o, s:o}", "defaultAction", "SCMP_ACT_ERRNO", "defaultErrnoRet", ENOSYS,
	                 "architectures",
#if defined(__x86_64__)
	                 names_of("SCMP_ARCH_X86_64 SCMP_ARCH_X86"),
#elif defined(__aarch64__)
	                 names_of("SCMP_ARCH_AARCH64 SCMP_ARCH_ARM"),
#else
	                 json_array(),
#endif
	                 "syscalls", rules);
}
