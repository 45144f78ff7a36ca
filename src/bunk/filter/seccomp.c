// SPDX-License-Identifier: LGPL-2.1-or-later
// System-call filters: see filter.h. The only file that uses libseccomp. The parent compiles a filter, the child loads
// it.

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"
#include "bunk/read/reader.h"
#include "filter.h"
#include "numbers.h"
#include "shorten.h"
#include "config.h"

#define WRONG(E, ...) err_msg(E, EINVAL, "config.json: linux.seccomp." __VA_ARGS__)

static const struct action_name {
	const char *name;
	uint32_t action;
	bool has_number;
} action_names[] = {
	{"SCMP_ACT_KILL", SCMP_ACT_KILL, false},
	{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false},
	{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false},
	{"SCMP_ACT_TRAP", SCMP_ACT_TRAP, false},
	{"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true},
	{"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true},
	{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false},
	{"SCMP_ACT_LOG", SCMP_ACT_LOG, false},
	{"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY, false},
};

static const struct operator_name {
	const char *name;
	enum scmp_compare op;
} operator_names[] = {
	{"SCMP_CMP_NE", SCMP_CMP_NE}, {"SCMP_CMP_LT", SCMP_CMP_LT}, {"SCMP_CMP_LE", SCMP_CMP_LE},
	{"SCMP_CMP_EQ", SCMP_CMP_EQ}, {"SCMP_CMP_GE", SCMP_CMP_GE}, {"SCMP_CMP_GT", SCMP_CMP_GT},
	{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

static const struct filter_flag {
	const char *name;
	unsigned flag;
} filter_flags[] = {
	{"SECCOMP_FILTER_FLAG_TSYNC", 0}, // no other threads to synchronise
	{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
	{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
	// newer than some kernel headers; for filters with SCMP_ACT_NOTIFY
	{"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1u << 5},
};

static const struct action_name *find_action(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_names); i++)
		if (str_equal(action_names[i].name, name))
			return &action_names[i];
	return NULL;
}

static int action_of(uint32_t *action, const char *name, const struct number *number, const char *where, struct err *e)
{
	const struct action_name *a = find_action(name);

	if (!a)
		return WRONG(e, "%s: '%s' is unknown or not supported by bunk", where, name);
	if (number->given && !a->has_number)
		return WRONG(e, "%s: '%s' does not take an error number", where, name);
	if (number->given && (number->value < 0 || number->value > 4095))
		return WRONG(e, "%s: error number %lld is out of range", where, (long long)number->value);
	*action = a->action | (a->has_number ? (uint32_t)(number->given ? number->value : EPERM) & 0xffff : 0);
	return 0;
}

// A program that is being compiled.
struct compiler {
	scmp_filter_ctx filter;
	uint32_t tokens[FILTER_ARCHS]; // of its architectures
	size_t token_count;
	struct filter_new newer; // calls that libseccomp does not know
};

static void note_architecture(struct compiler *c, uint32_t token)
{
	for (size_t i = 0; i < c->token_count; i++)
		if (c->tokens[i] == token)
			return;
	if (c->token_count < ARRAY_SIZE(c->tokens))
		c->tokens[c->token_count++] = token;
}

static int add_architectures(struct compiler *c, const struct texts *names, struct err *e)
{
	note_architecture(c, seccomp_arch_native());
	for (size_t i = 0; i < names->count; i++) {
		char text[32] = "";
		const char *name = names->items[i];

		if (str_starts(name, "SCMP_ARCH_"))
			name += strlen("SCMP_ARCH_");
		for (size_t k = 0; name[k] && k + 1 < sizeof(text); k++)
			text[k] = (char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] + 32 : name[k]);
		uint32_t arch = seccomp_arch_resolve_name(text);
		if (!arch)
			return WRONG(e, "architectures[%zu]: unknown architecture '%s'", i, names->items[i]);
		int r = seccomp_arch_add(c->filter, arch);
		if (r < 0 && r != -EEXIST)
			return WRONG(e, "architectures[%zu]: '%s' cannot be added: %s", i, names->items[i], strerror(-r));
		note_architecture(c, arch);
	}
	return 0;
}

static int compare_of(struct scmp_arg_cmp *out, const struct seccomp_arg *arg, size_t rule, struct err *e)
{
	if (arg->index > 5)
		return WRONG(e, "syscalls[%zu].args: index %u is above 5", rule, arg->index);
	for (size_t i = 0; i < ARRAY_SIZE(operator_names); i++) {
		if (!str_equal(operator_names[i].name, arg->op))
			continue;
		*out = (struct scmp_arg_cmp){
		    .arg = arg->index, .op = operator_names[i].op, .datum_a = arg->value, .datum_b = arg->value_two};
		return 0;
	}
	return WRONG(e, "syscalls[%zu].args: unknown operator '%s'", rule, arg->op);
}

// One libseccomp rule cannot have two conditions on the same argument; like runc, each is then a rule of its own (any
// of them matches).
static bool repeats_argument(const struct scmp_arg_cmp *compares, size_t count)
{
	unsigned seen = 0;

	for (size_t i = 0; i < count; i++) {
		if (seen & 1u << compares[i].arg)
			return true;
		seen |= 1u << compares[i].arg;
	}
	return false;
}

static int add_call(scmp_filter_ctx filter, uint32_t action, int number, const struct scmp_arg_cmp *compares,
                    size_t count)
{
	if (!repeats_argument(compares, count))
		return seccomp_rule_add_array(filter, action, number, (unsigned)count, compares);
	for (size_t i = 0; i < count; i++) {
		int r = seccomp_rule_add_array(filter, action, number, 1, &compares[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

// The author of a profile cannot have known calls newer than all that it names.
static void note_newest(struct compiler *c, const char *name)
{
	for (size_t i = 0; i < c->token_count; i++) {
		int known = seccomp_syscall_resolve_name_arch(c->tokens[i], name);
		uint32_t number = known >= 0 ? (uint32_t)known : filter_new_number(name, c->tokens[i]);

		if (number > c->newer.newest[i])
			c->newer.newest[i] = number;
	}
}

// An agent or tracer can decide about a new call itself.
static bool is_forbidding(uint32_t action)
{
	static const uint32_t forbidding[] = {SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_TRAP};

	for (size_t i = 0; i < ARRAY_SIZE(forbidding); i++)
		if (action == forbidding[i])
			return true;
	return (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO && action != SCMP_ACT_ERRNO(ENOSYS);
}

static int add_rule(struct compiler *c, uint32_t default_action, const struct seccomp_rule *rule, size_t index,
                    struct err *e)
{
	struct scmp_arg_cmp compares[12];
	uint32_t action;
	int r = action_of(&action, rule->action, &rule->errno_return, "syscalls.action", e);

	if (r == 0 && rule->args.count > ARRAY_SIZE(compares))
		r = WRONG(e, "syscalls[%zu].args: more than %zu", index, ARRAY_SIZE(compares));
	for (size_t i = 0; r == 0 && i < rule->args.count; i++)
		r = compare_of(&compares[i], &rule->args.items[i], index, e);
	for (size_t i = 0; r == 0 && is_forbidding(default_action) && i < rule->names.count; i++)
		note_newest(c, rule->names.items[i]);
	if (r < 0 || action == default_action)
		return r; // the same as the default action
	for (size_t i = 0; i < rule->names.count; i++) {
		int number = seccomp_syscall_resolve_name(rule->names.items[i]);

		if (number == __NR_SCMP_ERROR) { // newer than this library; with conditions, the default action applies
			if (!rule->args.count)
				filter_add_new(&c->newer, rule->names.items[i], action);
			continue;
		}
		r = add_call(c->filter, action, number, compares, rule->args.count);
		if (r < 0 && r != -EEXIST)
			return WRONG(e, "syscalls[%zu]: '%s' cannot be added: %s", index, rule->names.items[i], strerror(-r));
	}
	return 0;
}

// The compiled program as an array: libseccomp can only write it to a descriptor.
static int export_program(struct filter *f, struct pool **pool, scmp_filter_ctx filter, struct err *e)
{
	auto_close int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct stat st;

	if (fd < 0 || seccomp_export_bpf(filter, fd) < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "cannot compile the system-call filter");
	size_t size = (size_t)st.st_size;
	if (size == 0 || size % sizeof(struct sock_filter) || size / sizeof(struct sock_filter) > UINT16_MAX)
		return err_msg(e, EINVAL, "the system-call filter has %zu bytes, more than the kernel accepts", size);
	f->program.filter = pool_new(pool, size, 1);
	f->program.len = (unsigned short)(size / sizeof(struct sock_filter));
	return pread(fd, f->program.filter, size, 0) == (ssize_t)size
	           ? 0
	           : err_set(e, EIO, "cannot read back the system-call filter");
}

static int read_flags(struct filter *f, const struct texts *names, struct err *e)
{
	for (size_t i = 0; i < names->count; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(filter_flags) && !str_equal(filter_flags[k].name, names->items[i]))
			k++;
		if (k == ARRAY_SIZE(filter_flags))
			return WRONG(e, "flags[%zu]: '%s' is not supported by bunk", i, names->items[i]);
		f->flags |= filter_flags[k].flag;
	}
	return 0;
}

static void auto_compiler_run(struct compiler **c)
{
	if ((*c)->filter)
		seccomp_release((*c)->filter);
	free(*c);
}

int filter_compile_long(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e)
{
	uint32_t action;
	int r = action_of(&action, config->default_action, &config->default_errno, "defaultAction", e);

	if (r == 0)
		r = read_flags(f, &config->flags, e);
	if (r < 0)
		return r;
	AUTO(compiler) struct compiler *c = mem_new(sizeof(*c));
	c->filter = seccomp_init(action);
	if (!c->filter)
		return err_set(e, ENOMEM, "cannot begin the system-call filter");
	seccomp_attr_set(c->filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); // a tree is what the kernel checks and loads fastest
	r = add_architectures(c, &config->architectures, e);
	for (size_t i = 0; r == 0 && i < config->rules.count; i++)
		r = add_rule(c, action, &config->rules.items[i], i, e);
	if (r == 0)
		r = export_program(f, pool, c->filter, e);
	return r < 0 ? r : filter_prepend_new(&f->program, pool, &c->newer, c->tokens, c->token_count, e);
}

int filter_compile(struct filter *f, struct pool **pool, const struct seccomp_config *config, struct err *e)
{
	int r = filter_compile_long(f, pool, config, e);

	if (r == 0)
		filter_shorten(&f->program, pool);
	return r;
}

void filter_compiler(char *text, size_t size)
{
	const struct scmp_version *version = seccomp_version();

	snprintf(text, size, "bunk %s, calls to %u and beyond, libseccomp %u.%u.%u", PACKAGE_VERSION, filter_newest_call(),
	         version->major, version->minor, version->micro);
}

int filter_load(const struct filter *f, struct err *e)
{
	if (!f->program.len)
		return 0;
	unsigned flags = f->flags | (f->notify ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &f->program);
	return fd >= 0 ? (int)fd : err_set(e, errno, "cannot load the system-call filter");
}

const char *filter_action_name(size_t i)
{
	return i < ARRAY_SIZE(action_names) ? action_names[i].name : NULL;
}

const char *filter_operator_name(size_t i)
{
	return i < ARRAY_SIZE(operator_names) ? operator_names[i].name : NULL;
}

const char *filter_flag_name(size_t i)
{
	return i < ARRAY_SIZE(filter_flags) ? filter_flags[i].name : NULL;
}

const char *filter_arch_name(size_t i)
{
	static const char *const archs[] = {
	    "x86",         "x86_64", "x32",   "arm",     "aarch64", "mips",  "mips64", "mips64n32", "mipsel", "mipsel64",
	    "mipsel64n32", "ppc",    "ppc64", "ppc64le", "s390",    "s390x", "parisc", "parisc64",  "riscv64"};
	static char name[32];

	// by age: if the library does not know one, it does not know the later ones
	if (i >= ARRAY_SIZE(archs) || !seccomp_arch_resolve_name(archs[i]))
		return NULL;
	snprintf(name, sizeof(name), "SCMP_ARCH_%s", archs[i]);
	for (char *p = name; *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	return name;
}
