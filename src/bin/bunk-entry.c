// The entry point of bunk, before the C library is initialised. To protect its executable (see
// src/bunk/verbs/guard.c) this process executes a copy of it; doing that here avoids initialising the C library twice,
// which takes a quarter of a millisecond on a virtual CPU because of its many CPUID instructions. This is only an
// optimisation: bunk_guard_self() checks and does the same later. Code here must not use the library: no functions,
// no errno, no stack protector.
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/mount.h>
#include <unistd.h>

#ifndef AT_EACCESS
#define AT_EACCESS 0x200 // the C library's name
#endif

#if defined(__x86_64__)
// The initial stack pointer leads to argc; registers and stack are restored before the library's _start.
__asm__(".text\n"
	".globl bunk_entry\n"
	".type bunk_entry, @function\n"
	"bunk_entry:\n"
	"	mov %rsp, %rbx\n"
	"	mov %rdx, %r12\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call bunk_early_guard\n"
	"	mov %rbx, %rsp\n"
	"	mov %r12, %rdx\n"
	"	jmp _start\n");

static long call5(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
	                 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl bunk_entry\n"
	".type bunk_entry, %function\n"
	"bunk_entry:\n"
	"	mov x19, x0\n"
	"	mov x0, sp\n"
	"	bl bunk_early_guard\n"
	"	mov x0, x19\n"
	"	b _start\n");

static long call5(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c,
	                 x3 __asm__("x3") = d, x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#endif

#if defined(__x86_64__) || defined(__aarch64__)
void bunk_early_guard(long *stack);

static int is_word(const char *text, const char *word)
{
	while (*text && *text == *word) {
		text++;
		word++;
	}
	return *text == *word;
}

// Whether the command line contains a verb that creates processes. A container called "run" only costs another execve.
static int creates_process(char **words)
{
	for (; *words; words++)
		if (is_word(*words, "run") || is_word(*words, "create") || is_word(*words, "exec"))
			return 1;
	return 0;
}

void bunk_early_guard(long *stack)
{
	static const char self[] = "/proc/self/exe", nothing[] = "";
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID};
	char **argv = (char **)(stack + 1), **environment = argv + stack[0] + 1;

	if (!creates_process(argv) || call5(__NR_faccessat2, AT_FDCWD, (long)self, W_OK, AT_EACCESS, 0) < 0)
		return;
	long fd = call5(__NR_open_tree, AT_FDCWD, (long)self, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);
	if (fd < 0)
		return;
	if (call5(__NR_mount_setattr, fd, (long)nothing, AT_EMPTY_PATH, (long)&attr, sizeof(attr)) == 0)
		call5(__NR_execveat, fd, (long)nothing, (long)argv, (long)environment, AT_EMPTY_PATH);
	call5(__NR_close, fd, 0, 0, 0, 0);
}
#endif
