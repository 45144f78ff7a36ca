// The program of the containers that are measured: static, without a C library, it only ends. So what is measured is
// the runtime.
void _start(void);
void _start(void)
{
#if defined(__x86_64__)
	__asm__ volatile("syscall" : : "a"(60L), "D"(0L));
#elif defined(__aarch64__)
	register long number __asm__("x8") = 93, status __asm__("x0") = 0;
	__asm__ volatile("svc 0" : : "r"(number), "r"(status));
#else
#error "say here how a process of this architecture ends"
#endif
	__builtin_unreachable();
}
