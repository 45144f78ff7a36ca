// SPDX-License-Identifier: LGPL-2.1-or-later
// Device rules: see device_rules.h (devices.rst of cgroup-v1; BPF_PROG_TYPE_CGROUP_DEVICE).
#include "device_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "sys/fs.h"

#define NUMBER(N) {.given = true, .value = (N)}
// config-linux.md "Default Devices": always allowed, whatever the rules. Any node may be created, since mknod gives no
// access.
static const struct device_rule defaults[] = {
	{.allow = true, .type = "c", .access = "m"},
	{.allow = true, .type = "b", .access = "m"},
	{.allow = true, .type = "c", .major = NUMBER(1), .minor = NUMBER(3), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(1), .minor = NUMBER(5), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(1), .minor = NUMBER(7), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(1), .minor = NUMBER(8), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(1), .minor = NUMBER(9), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(5), .minor = NUMBER(0), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(5), .minor = NUMBER(2), .access = "rwm"},
	{.allow = true, .type = "c", .major = NUMBER(136), .access = "rwm"},
	// /dev/net/tun, like other runtimes: it is confined to the network namespace
	{.allow = true, .type = "c", .major = NUMBER(10), .minor = NUMBER(200), .access = "rwm"},
};

static bool is_any(const struct device_rule *rule)
{
	return !rule->type || !*rule->type || str_equal(rule->type, "a");
}

static int check_rule(const struct device_rule *rule, size_t i, struct err *e)
{
	if (!is_any(rule) && !str_equal(rule->type, "c") && !str_equal(rule->type, "b"))
		return err_msg(e, EINVAL, "linux.resources.devices[%zu].type: invalid type '%s' (a, b or c)", i, rule->type);
	if (rule->access && strspn(rule->access, "rwm") != strlen(rule->access))
		return err_msg(e, EINVAL, "linux.resources.devices[%zu].access: invalid access '%s' (letters r, w, m)", i,
		               rule->access);
	return 0;
}

static const char *access_of(const struct device_rule *rule)
{
	return rule->access && *rule->access ? rule->access : "rwm";
}

static int32_t access_bits(const struct device_rule *rule)
{
	const char *text = access_of(rule);

	return (strchr(text, 'm') ? BPF_DEVCG_ACC_MKNOD : 0) | (strchr(text, 'r') ? BPF_DEVCG_ACC_READ : 0) |
	       (strchr(text, 'w') ? BPF_DEVCG_ACC_WRITE : 0);
}

static void add_access(struct str *out, const struct device_rule *rule)
{
	static const struct letter {
		char letter;
		int32_t bit;
	} letters[] = {{'r', BPF_DEVCG_ACC_READ}, {'w', BPF_DEVCG_ACC_WRITE}, {'m', BPF_DEVCG_ACC_MKNOD}};

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (access_bits(rule) & letters[i].bit)
			str_add_char(out, letters[i].letter);
}

static void add_number(struct str *out, const struct number *n)
{
	if (n->given && n->value >= 0)
		str_addf(out, "%" PRId64, n->value);
	else
		str_add_char(out, '*');
}

// The files of a group, opened when they are needed; -1: not yet.
struct v1 {
	int directory, files[2];
};

static int write_text(struct v1 *v, bool allow, const char *text, size_t length)
{
	int *file = &v->files[allow];

	if (*file < 0)
		*file = openat(v->directory, allow ? "devices.allow" : "devices.deny", O_WRONLY | O_CLOEXEC);
	return *file < 0 || write(*file, text, length) < 0 ? -errno : 0; // writes all or nothing
}

static int write_v1(struct v1 *v, const struct device_rule *rule)
{
	auto_str text = {0};

	if (is_any(rule)) {
		str_add(&text, "a"); // the kernel ignores numbers and access
	} else {
		str_addf(&text, "%s ", rule->type);
		add_number(&text, &rule->major);
		str_add_char(&text, ':');
		add_number(&text, &rule->minor);
		str_add_char(&text, ' ');
		add_access(&text, rule);
	}
	return write_text(v, rule->allow, text.text, text.length);
}

static int apply_rules(struct v1 *v, const struct resources *r, struct err *e)
{
	for (size_t i = 0; i < r->devices.count + ARRAY_SIZE(defaults); i++) {
		const struct device_rule *rule = i < r->devices.count ? &r->devices.items[i] : &defaults[i - r->devices.count];
		int result = write_v1(v, rule);

		// a default device may be denied by a group above
		if (result < 0 && !(result == -EPERM && i >= r->devices.count))
			return err_set(e, -result, "linux.resources.devices[%zu]: cannot write the rule", i);
	}
	return 0;
}

static int apply_v1(int directory, const struct resources *r, struct err *e)
{
	struct v1 v = {directory, {-1, -1}};
	int result = apply_rules(&v, r, e);

	auto_close_run(&v.files[0]);
	auto_close_run(&v.files[1]);
	return result;
}

struct program {
	struct bpf_insn *items;
	size_t count;
};

static void emit_instruction(struct program *p, struct bpf_insn insn)
{
	p->items[p->count++] = insn;
}

enum { RULE_INSNS = 10 };

static struct bpf_insn jump_if_not(int reg, int32_t value)
{
	return (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = reg & 0xf, .imm = value};
}

// An allow rule must cover all requested access; a deny rule matches if it covers any of it.
static void emit_access(struct program *p, const struct device_rule *rule)
{
	emit_instruction(p, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 3});
	emit_instruction(p,
	                 (struct bpf_insn){.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = 1, .imm = access_bits(rule)});
	if (rule->allow)
		emit_instruction(p, (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 1, .src_reg = 3});
	else
		emit_instruction(p, (struct bpf_insn){.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 1, .imm = 0});
}

static void emit_rule(struct program *p, const struct device_rule *rule)
{
	size_t start = p->count;

	if (!is_any(rule)) {
		emit_instruction(p, jump_if_not(2, rule->type[0] == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR));
		if (access_bits(rule) != (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE))
			emit_access(p, rule);
		if (rule->major.given && rule->major.value >= 0)
			emit_instruction(p, jump_if_not(4, (int32_t)rule->major.value));
		if (rule->minor.given && rule->minor.value >= 0)
			emit_instruction(p, jump_if_not(5, (int32_t)rule->minor.value));
	}
	emit_instruction(p, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = rule->allow});
	emit_instruction(p, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
	for (size_t i = start; i < p->count; i++) // failed conditions jump to the next rule
		if (BPF_CLASS(p->items[i].code) == BPF_JMP && p->items[i].code != (BPF_JMP | BPF_EXIT))
			p->items[i].off = (int16_t)(p->count - i - 1);
}

static void emit_start(struct program *p)
{
	static const struct bpf_insn start[] = {
		{.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 2, .src_reg = 1,
		 .off = offsetof(struct bpf_cgroup_dev_ctx, access_type)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 2},
		{.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = 2, .imm = 0xffff},
		{.code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 3, .imm = 16},
		{.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 4, .src_reg = 1,
		 .off = offsetof(struct bpf_cgroup_dev_ctx, major)},
		{.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = 5, .src_reg = 1,
		 .off = offsetof(struct bpf_cgroup_dev_ctx, minor)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(start); i++)
		emit_instruction(p, start[i]);
}

// The last matching rule wins, so they are emitted in reverse order. Without a match access is allowed, like in a new
// v1 group.
struct bpf_insn *device_rules_program(const struct resources *r, size_t *count, struct err *e)
{
	static const struct device_rule everything = {.allow = true};
	struct program p = {
	    .items = mem_array((r->devices.count + ARRAY_SIZE(defaults) + 2) * RULE_INSNS, sizeof(struct bpf_insn))};

	for (size_t i = 0; i < r->devices.count; i++)
		if (check_rule(&r->devices.items[i], i, e) < 0) {
			free(p.items);
			return NULL;
		}
	emit_start(&p);
	for (size_t i = ARRAY_SIZE(defaults); i > 0; i--)
		emit_rule(&p, &defaults[i - 1]);
	for (size_t i = r->devices.count; i > 0; i--) {
		emit_rule(&p, &r->devices.items[i - 1]);
		if (is_any(&r->devices.items[i - 1])) {
			*count = p.count;
			return p.items; // matches everything: earlier rules have no effect
		}
	}
	emit_rule(&p, &everything);
	*count = p.count;
	return p.items;
}

static int call_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load_program(const struct resources *r, struct err *e)
{
	size_t count = 0;
	auto_free struct bpf_insn *program = device_rules_program(r, &count, e);
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = (uint32_t)count,
		.insns = (uint64_t)(uintptr_t)program,
		.license = (uint64_t)(uintptr_t)"GPL", // required only for helpers; none is called
	};

	if (!program)
		return -EINVAL;
	int fd = call_bpf(BPF_PROG_LOAD, &attr);
	return fd >= 0 ? fd : err_set(e, errno, "linux.resources.devices: cannot load the device program");
}

// Detaches the programs that an earlier create or update attached; the new one replaces them.
static void detach_program(int directory, const uint32_t *ids, uint32_t count, int keep)
{
	for (uint32_t i = 0; i < count; i++) {
		union bpf_attr by_id = {.prog_id = ids[i]};
		auto_close int old = call_bpf(BPF_PROG_GET_FD_BY_ID, &by_id);
		union bpf_attr attr = {
		    .target_fd = (uint32_t)directory, .attach_bpf_fd = (uint32_t)old, .attach_type = BPF_CGROUP_DEVICE};

		if (old >= 0 && old != keep)
			call_bpf(BPF_PROG_DETACH, &attr);
	}
}

static int apply_v2(int directory, const struct resources *r, struct err *e)
{
	uint32_t ids[64] = {0}; // the kernel attaches no more to a group (BPF_CGROUP_MAX_PROGS)
	union bpf_attr query = {.query = {.target_fd = (uint32_t)directory, .attach_type = BPF_CGROUP_DEVICE,
					  .prog_ids = (uint64_t)(uintptr_t)ids, .prog_cnt = ARRAY_SIZE(ids)}};
	bool known = call_bpf(BPF_PROG_QUERY, &query) == 0;
	auto_close int program = load_program(r, e);
	union bpf_attr attr = {.target_fd = (uint32_t)directory,
	                       .attach_bpf_fd = (uint32_t)program,
	                       .attach_type = BPF_CGROUP_DEVICE,
	                       .attach_flags = BPF_F_ALLOW_MULTI};

	if (program < 0)
		return program;
	if (call_bpf(BPF_PROG_ATTACH, &attr) < 0)
		return err_set(e, errno, "linux.resources.devices: cannot attach the device program");
	if (known)
		detach_program(directory, ids, query.query.prog_cnt, program);
	return 0;
}

int device_rules_apply(const char *directory, bool v2, const struct resources *r, struct err *e)
{
	auto_close int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd < 0)
		return err_msg(e, EOPNOTSUPP, "linux.resources.devices: the container has no control group for devices");
	for (size_t i = 0; i < r->devices.count; i++) {
		int result = check_rule(&r->devices.items[i], i, e);

		if (result < 0)
			return result;
	}
	return v2 ? apply_v2(fd, r, e) : apply_v1(fd, r, e);
}
