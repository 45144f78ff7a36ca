// SPDX-License-Identifier: LGPL-2.1-or-later
// Explains why the kernel would refuse to execute a file: execve(2) has the same error for a missing interpreter, a
// missing loader and a missing file, and one for all unknown formats. Runs inside the container's root, whose files
// are hostile: reads must never block.
#include "program.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/fs.h"

enum { LOOK = 4096, DEPTH = 5 }; // bytes read of the file; nested interpreters that the kernel follows

// The first bytes of a file.
struct beginning {
	unsigned char bytes[LOOK];
	size_t size;
};

static const struct machine {
	unsigned number;
	const char *name; // in image-spec
} machines[] = {
	{EM_X86_64, "amd64"}, {EM_386, "386"}, {EM_AARCH64, "arm64"}, {EM_ARM, "arm"}, {EM_RISCV, "riscv64"}, {EM_S390,
	 "s390x"}, {EM_PPC64, "ppc64le"}, {EM_PPC, "ppc"},
	{EM_MIPS, "mips"}, {258, "loong64"}, {EM_SPARCV9, "sparc64"}, {EM_IA_64, "ia64"}, {EM_ALPHA, "alpha"},
};

// Executables of other systems.
static const struct foreign {
	const char *magic, *what;
} foreign[] = {
	{"MZ", "a program for Windows"},
	{"\xcf\xfa\xed\xfe", "a program for macOS"},
	{"\xca\xfe\xba\xbe", "a program for macOS or the Java virtual machine"},
};

static bool read_beginning(struct beginning *b, const char *path)
{
	struct stat st;
	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n = fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ? -1 : pread(fd, b->bytes, sizeof(b->bytes), 0);

	b->size = n < 0 ? 0 : (size_t)n;
	return n >= 0;
}

static char *find_trouble(const char *path, int depth);

// Explains what is wrong with INTERPRETER, which PATH needs.
static char *interpreter_trouble(const char *path, const char *interpreter, const char *hint, int depth)
{
	auto_free char *shown = str_visible(interpreter), *own = NULL;

	if (access(interpreter, F_OK) < 0)
		return mem_printf("interpreter '%s' of '%s' not found%s", shown, path, hint);
	if (access(interpreter, X_OK) < 0)
		return mem_printf("interpreter '%s' of '%s' is not executable", shown, path);
	own = depth < DEPTH ? find_trouble(interpreter, depth + 1) : NULL;
	return own ? mem_printf("interpreter '%s': %s", shown, own) : NULL;
}

static char *script_trouble(const struct beginning *b, const char *path, int depth)
{
	const char *text = (const char *)b->bytes + 2, *end = memchr(text, '\n', b->size - 2);
	size_t n = end ? (size_t)(end - text) : b->size - 2;
	auto_free char *line = mem_strndup(text, n), *word = NULL;
	size_t begin = strspn(line, " \t");

	word = mem_strndup(line + begin, strcspn(line + begin, " \t"));
	if (!*word)
		return mem_printf("the first line of '%s' does not name an interpreter", path);
	bool dos = word[strlen(word) - 1] == '\r';
	return interpreter_trouble(path, word, dos ? " (it has DOS line endings: convert it with dos2unix)" : "",
	                           depth);
}

static unsigned read_half(const struct beginning *b, size_t at)
{
	bool big = b->bytes[EI_DATA] == ELFDATA2MSB;

	return (unsigned)b->bytes[at + big] | (unsigned)b->bytes[at + !big] << 8;
}

static uint64_t read_number(const struct beginning *b, size_t at, size_t size)
{
	bool big = b->bytes[EI_DATA] == ELFDATA2MSB;
	uint64_t value = 0;

	for (size_t i = 0; i < size && at < b->size && size <= b->size - at; i++)
		value = value << 8 | b->bytes[at + (big ? i : size - 1 - i)];
	return value;
}

// The program's loader (PT_INTERP) if it is within the first bytes. Owned, or NULL.
static char *loader_of(const struct beginning *b)
{
	bool wide = b->bytes[EI_CLASS] == ELFCLASS64;
	uint64_t table =
	    wide ? read_number(b, offsetof(Elf64_Ehdr, e_phoff), 8) : read_number(b, offsetof(Elf32_Ehdr, e_phoff), 4);
	size_t row = read_half(b, wide ? offsetof(Elf64_Ehdr, e_phentsize) : offsetof(Elf32_Ehdr, e_phentsize));
	size_t rows = read_half(b, wide ? offsetof(Elf64_Ehdr, e_phnum) : offsetof(Elf32_Ehdr, e_phnum));

	for (size_t i = 0; i < rows && table < LOOK && row && table + (i + 1) * row <= b->size; i++) {
		size_t at = (size_t)table + i * row;
		uint64_t from = wide ? read_number(b, at + offsetof(Elf64_Phdr, p_offset), 8)
		                     : read_number(b, at + offsetof(Elf32_Phdr, p_offset), 4);
		if (read_number(b, at, 4) == PT_INTERP)
			return from < b->size ? mem_strndup((const char *)b->bytes + from,
			                                    strnlen((const char *)b->bytes + from, b->size - (size_t)from))
			                      : NULL;
	}
	return NULL;
}

static const char *machine_name(unsigned number)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].number == number)
			return machines[i].name;
	return NULL;
}

static bool runs_here(unsigned machine)
{
#if defined(__x86_64__)
	return machine == EM_X86_64 || machine == EM_386;
#elif defined(__aarch64__)
	return machine == EM_AARCH64 || machine == EM_ARM;
#elif defined(__i386__)
	return machine == EM_386;
#else
	(void)machine;
	return true; // unknown
#endif
}

static char *elf_trouble(const struct beginning *b, const char *path, int depth)
{
	unsigned machine = read_half(b, offsetof(Elf64_Ehdr, e_machine));
	struct utsname host = {0};

	if (!runs_here(machine)) {
		const char *name = machine_name(machine);

		uname(&host);
		return name ? mem_printf("'%s' is built for architecture %s; this host is %s", path, name, host.machine)
		            : mem_printf("'%s' is built for another architecture (number %u); this host is %s", path, machine,
		                         host.machine);
	}
	auto_free char *loader = loader_of(b);
	return loader && *loader
	           ? interpreter_trouble(path, loader, " (was it built for another distribution or C library?)", depth)
	           : NULL;
}

static char *find_trouble(const char *path, int depth)
{
	struct beginning b;

	if (!read_beginning(&b, path))
		return NULL;
	if (b.size == 0)
		return mem_printf("'%s' is empty", path);
	if (b.size > 2 && memcmp(b.bytes, "#!", 2) == 0)
		return script_trouble(&b, path, depth);
	if (b.size >= sizeof(Elf32_Ehdr) && memcmp(b.bytes, ELFMAG, SELFMAG) == 0)
		return elf_trouble(&b, path, depth);
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (b.size > strlen(foreign[i].magic) && memcmp(b.bytes, foreign[i].magic, strlen(foreign[i].magic)) == 0)
			return mem_printf("'%s' is %s", path, foreign[i].what);
	return mem_printf("'%s' is neither a program nor a script that begins with '#!'", path);
}

char *program_trouble(const char *path)
{
	return find_trouble(path, 0);
}

int program_failed(const char *path, const char *why, int code, struct err *e)
{
	if (why)
		err_set(e, code, "process.args[0]: cannot execute '%s': %s", path, why);
	else
		err_set(e, code, "process.args[0]: cannot execute '%s'", path);
	return err_not_executed(e);
}

int program_refused(const char *path, int code, struct err *e)
{
	struct statvfs fs;
	struct stat st;

	program_failed(path, NULL, code, e);
	if (code == EACCES && statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC)
		err_hint(e, "its file system is mounted with noexec");
	else if (code == EACCES && stat(path, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		err_hint(e, "make it executable: chmod +x");
	return -code;
}
