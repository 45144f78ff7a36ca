// SPDX-License-Identifier: LGPL-2.1-or-later
// System calls newer than libseccomp, by number: a profile that allows mseal applies also if the library does not know
// that call. Their checks precede the library's program, which knows none of them.
#include "numbers.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/reader.h"

// scripts/syscall.tbl and arch/x86/entry/syscalls/syscall_64.tbl of Linux 6.19. From 424 on a call has the same number
// on every architecture but Alpha.
static const struct new_call {
	const char *name;
	uint32_t number;
	uint32_t arch; // AUDIT_ARCH_…; 0: all
} new_calls[] = {
	{"uretprobe", 335, AUDIT_ARCH_X86_64},
	{"uprobe", 336, AUDIT_ARCH_X86_64},
	{"pidfd_send_signal", 424, 0},
	{"io_uring_setup", 425, 0},
	{"io_uring_enter", 426, 0},
	{"io_uring_register", 427, 0},
	{"open_tree", 428, 0},
	{"move_mount", 429, 0},
	{"fsopen", 430, 0},
	{"fsconfig", 431, 0},
	{"fsmount", 432, 0},
	{"fspick", 433, 0},
	{"pidfd_open", 434, 0},
	{"clone3", 435, 0},
	{"close_range", 436, 0},
	{"openat2", 437, 0},
	{"pidfd_getfd", 438, 0},
	{"faccessat2", 439, 0},
	{"process_madvise", 440, 0},
	{"epoll_pwait2", 441, 0},
	{"mount_setattr", 442, 0},
	{"quotactl_fd", 443, 0},
	{"landlock_create_ruleset", 444, 0},
	{"landlock_add_rule", 445, 0},
	{"landlock_restrict_self", 446, 0},
	{"memfd_secret", 447, 0},
	{"process_mrelease", 448, 0},
	{"futex_waitv", 449, 0},
	{"set_mempolicy_home_node", 450, 0},
	{"cachestat", 451, 0},
	{"fchmodat2", 452, 0},
	{"map_shadow_stack", 453, 0},
	{"futex_wake", 454, 0},
	{"futex_wait", 455, 0},
	{"futex_requeue", 456, 0},
	{"statmount", 457, 0},
	{"listmount", 458, 0},
	{"lsm_get_self_attr", 459, 0},
	{"lsm_set_self_attr", 460, 0},
	{"lsm_list_modules", 461, 0},
	{"mseal", 462, 0},
	{"setxattrat", 463, 0},
	{"getxattrat", 464, 0},
	{"listxattrat", 465, 0},
	{"removexattrat", 466, 0},
	{"open_tree_attr", 467, 0},
	{"file_getattr", 468, 0},
	{"file_setattr", 469, 0},
	{"listns", 470, 0},
};

// Architectures whose numbers do not start at 0, by libseccomp's token; for all others the token is the kernel's.
static const struct offset {
	uint32_t token, arch, offset;
} offsets[] = {
	{AUDIT_ARCH_X86_64 & ~(uint32_t)__AUDIT_ARCH_64BIT, AUDIT_ARCH_X86_64, 0x40000000}, // x32
	{AUDIT_ARCH_MIPS, AUDIT_ARCH_MIPS, 4000},
	{AUDIT_ARCH_MIPSEL, AUDIT_ARCH_MIPSEL, 4000},
	{AUDIT_ARCH_MIPS64, AUDIT_ARCH_MIPS64, 5000},
	{AUDIT_ARCH_MIPSEL64, AUDIT_ARCH_MIPSEL64, 5000},
	{AUDIT_ARCH_MIPS64N32, AUDIT_ARCH_MIPS64N32, 6000},
	{AUDIT_ARCH_MIPSEL64N32, AUDIT_ARCH_MIPSEL64N32, 6000},
};

enum { ROW = 2, HEAD = 3, TAIL = 3 }; // instructions per call, and around those of an architecture

_Static_assert(ROW * FILTER_NEW_CALLS + TAIL + 1 <= UINT8_MAX, "a jump cannot skip all calls");
_Static_assert(ARRAY_SIZE(new_calls) <= FILTER_NEW_CALLS, "not enough room for all calls");

uint32_t filter_newest_call(void)
{
	return new_calls[ARRAY_SIZE(new_calls) - 1].number;
}

bool filter_add_new(struct filter_new *n, const char *name, uint32_t answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(new_calls); i++) {
		if (!str_equal(new_calls[i].name, name))
			continue;
		for (size_t k = 0; k < n->count; k++)
			if (n->items[k].call == i)
				return true; // the first rule applies, as in libseccomp
		n->items[n->count].call = i;
		n->items[n->count++].answer = answer;
		return true;
	}
	return false;
}

static struct offset offset_of(uint32_t token)
{
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		if (offsets[i].token == token)
			return offsets[i];
	return (struct offset){token, token, 0};
}

uint32_t filter_new_number(const char *name, uint32_t token)
{
	for (size_t i = 0; i < ARRAY_SIZE(new_calls); i++)
		if (str_equal(new_calls[i].name, name))
			return new_calls[i].arch && new_calls[i].arch != token ? 0 : offset_of(token).offset + new_calls[i].number;
	return 0;
}

// Programs fall back when a call does not exist (ENOSYS) but give up when it is forbidden (EPERM). Above an
// architecture's numbers are those of x32, and -1.
static size_t write_beyond(struct sock_filter *out, uint32_t newest)
{
	uint32_t end = (newest & 0x40000000) + 0x40000000;

	out[0] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, newest + 1, 0, 2);
	out[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, end, 1, 0);
	out[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	return TAIL;
}

// Appends the checks of one architecture. Returns their number.
static size_t write_questions(struct sock_filter *out, const struct filter_new *n, uint32_t token, uint32_t newest)
{
	struct offset o = offset_of(token);
	size_t count = HEAD;

	for (size_t i = 0; i < n->count; i++) {
		const struct new_call *call = &new_calls[n->items[i].call];

		if (call->arch && call->arch != token)
			continue;
		out[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, o.offset + call->number, 0, 1);
		out[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, n->items[i].answer);
	}
	if (newest)
		count += write_beyond(out + count, newest);
	if (count == HEAD)
		return 0;
	out[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	out[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, o.arch, 0, (uint8_t)(count - HEAD + 1));
	out[2] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	return count;
}

int filter_prepend_new(struct sock_fprog *p, struct pool **pool, const struct filter_new *n, const uint32_t *tokens,
                       size_t token_count, struct err *e)
{
	size_t most = token_count * (HEAD + ROW * n->count + TAIL) + p->len, count = 0;

	if (most > UINT16_MAX)
		return err_msg(e, E2BIG, "the system-call filter is too long");
	struct sock_filter *whole = pool_new(pool, most, sizeof(*whole));
	for (size_t i = 0; i < token_count; i++)
		count += write_questions(whole + count, n, tokens[i], n->newest[i]);
	memcpy(whole + count, p->filter, p->len * sizeof(*whole));
	*p = (struct sock_fprog){.len = (unsigned short)(count + p->len), .filter = whole};
	return 0;
}
