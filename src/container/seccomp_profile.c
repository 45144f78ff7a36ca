// The default system call filter: an allow-list; what is not on it fails with EPERM. Left out are calls that reach beyond the container or widen
// the kernel's attack surface: modules, kexec, mounts, new namespaces, setting clocks, keyrings, bpf, perf, userfaultfd, io_uring.
#include <errno.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/str.h"
#include "container/bundle.h"

static const char allowed[] =
	"accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown chown32 clock_getres "
	"clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 "
	"epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group "
	"faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync "
	"fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 "
	"futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 "
	"getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage "
	"getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel "
	"io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset "
	"landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 "
	"madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify "
	"mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap "
	"name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll "
	"ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read "
	"readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 "
	"restart_syscall riscv_flush_icache riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
	"rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler "
	"sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget "
	"semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 "
	"setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid setsockopt "
	"set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn "
	"socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create "
	"timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime "
	"timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork wait4 waitid waitpid "
	"write writev chroot";

enum { NEW_NAMESPACES = 0x7e020000 }; // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (clone(2))

static json_t *names_of(const char *text)
{
	auto_strv words = {0};
	json_t *list = json_array();

	strv_split(&words, text, " ");
	for (size_t i = 0; i < words.count; i++)
		json_array_append_new(list, json_string(words.items[i]));
	return list;
}

// Rules that look at arguments: sockets but AF_VSOCK (which reaches the hypervisor), plain personalities, clone without new namespaces, and
// clone3, whose flags a filter cannot see, as a call that is not there, so that the C library uses clone.
static void add_conditional(json_t *rules)
{
	static const unsigned personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff};

	json_array_append_new(rules, json_pack("{s:[s], s:s, s:[{s:i, s:i, s:s}]}", "names", "socket", "action", "SCMP_ACT_ALLOW", "args", "index", 0, "value",
	                                       40, "op", "SCMP_CMP_NE"));
	for (size_t i = 0; i < ARRAY_SIZE(personalities); i++)
		json_array_append_new(rules, json_pack("{s:[s], s:s, s:[{s:i, s:I, s:s}]}", "names", "personality", "action", "SCMP_ACT_ALLOW", "args", "index", 0,
		                                       "value", (json_int_t)personalities[i], "op", "SCMP_CMP_EQ"));
	json_array_append_new(rules, json_pack("{s:[s], s:s, s:[{s:i, s:I, s:i, s:s}]}", "names", "clone", "action", "SCMP_ACT_ALLOW", "args", "index",
#if defined(__s390__) || defined(__s390x__)
	                                       1,
#else
	                                       0,
#endif
	                                       "value", (json_int_t)NEW_NAMESPACES, "valueTwo", 0, "op", "SCMP_CMP_MASKED_EQ"));
	json_array_append_new(rules, json_pack("{s:[s], s:s, s:i}", "names", "clone3", "action", "SCMP_ACT_ERRNO", "errnoRet", ENOSYS));
}

json_t *bundle_seccomp(void)
{
	json_t *rules = json_array();

	json_array_append_new(rules, json_pack("{s:o, s:s}", "names", names_of(allowed), "action", "SCMP_ACT_ALLOW"));
	add_conditional(rules);
	return json_pack("{s:s, s:i, s:o, s:o}", "defaultAction", "SCMP_ACT_ERRNO", "defaultErrnoRet", EPERM, "architectures",
#if defined(__x86_64__)
	                 names_of("SCMP_ARCH_X86_64 SCMP_ARCH_X86"),
#elif defined(__aarch64__)
	                 names_of("SCMP_ARCH_AARCH64 SCMP_ARCH_ARM"),
#else
	                 json_array(),
#endif
	                 "syscalls", rules);
}
