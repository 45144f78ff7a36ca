// Platforms of images: see platform.h. A foreign platform is accepted if the kernel has an emulator for it
// (binfmt_misc).
#include "platform.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "sys/proc.h"

#if defined(__x86_64__)
#define HOST "amd64"
#elif defined(__i386__)
#define HOST "386"
#elif defined(__aarch64__)
#define HOST "arm64"
#elif defined(__arm__)
#define HOST "arm"
#elif defined(__riscv)
#define HOST "riscv64"
#elif defined(__powerpc64__)
#define HOST "ppc64le"
#elif defined(__s390x__)
#define HOST "s390x"
#elif defined(__loongarch64)
#define HOST "loong64"
#else
#define HOST "unknown"
#endif

// Base ratings of platform_fit(): for the host's second architecture (386 on amd64), and for emulated ones. HEADER:
// bytes of an ELF header that identify the architecture.
enum { SECOND = 10, EMULATED = 20, HEADER = 20 };

static const struct architecture {
	const char *name, *also; // the name in images, and an alternative
	unsigned machine;        // of its programs (elf(5))
	int bits;
	bool big;
} architectures[] = {
	{"amd64", "x86_64", EM_X86_64, 64, false}, {"386", "i386", EM_386, 32, false}, {"arm64", "aarch64", EM_AARCH64, 64,
	 false},
	{"arm", "armhf", EM_ARM, 32, false}, {"riscv64", NULL, EM_RISCV, 64, false}, {"ppc64le", NULL, EM_PPC64, 64,
	 false},
	{"s390x", NULL, EM_S390, 64, true}, {"mips64le", NULL, EM_MIPS, 64, false}, {"loong64", "loongarch64", 258, 64,
	 false},
};

static const struct architecture *find_architecture(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (str_equal(architectures[i].name, name) ||
		    (architectures[i].also && str_equal(architectures[i].also, name)))
			return &architectures[i];
	return NULL;
}

const char *platform_host(void)
{
	return "linux/" HOST;
}

char *platform_name(const char *os, const char *architecture, const char *variant)
{
	const char *v = variant ? variant : "";

	return mem_printf("%s/%s%s%s", os ? os : "linux", architecture ? architecture : "unknown", *v ? "/" : "", v);
}

// The level of a variant ("v7" → 7), 0 if there is none.
static int level_of(const char *variant)
{
	return variant && variant[0] == 'v' && isdigit((unsigned char)variant[1]) ? atoi(variant + 1) : 0;
}

// The highest level of NAME that this host runs.
static int host_level(const char *name)
{
#if defined(__x86_64__)
	bool two = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"),
	     three = two && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
	bool four = three && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	            __builtin_cpu_supports("avx512vl");

	if (str_equal(name, "amd64"))
		return 1 + two + three + four;
#elif defined(__ARM_ARCH)
	if (str_equal(name, "arm"))
		return __ARM_ARCH;
#endif
	return str_equal(name, "arm64") ? INT_MAX : 8;
}

// Among several levels the highest that runs is best; an image without a variant runs on all.
static int fit_level(const char *name, const char *variant)
{
	int level = level_of(variant), least = str_equal(name, "arm64") ? 8 : str_equal(name, "arm") ? 7 : 1;

	if (level > host_level(name))
		return -1;
	level = level ? level : least;
	return level < SECOND ? SECOND - 1 - level : 0;
}

// Whether NAME is the second architecture that this host's CPU runs.
static bool is_second(const char *name)
{
	return (str_equal(HOST, "amd64") && str_equal(name, "386")) ||
	       (str_equal(HOST, "arm64") && str_equal(name, "arm"));
}

// The start of an ELF program for A.
static void make_header(const struct architecture *a, unsigned char header[HEADER])
{
	memset(header, 0, HEADER);
	memcpy(header, ELFMAG, SELFMAG);
	header[EI_CLASS] = a->bits == 64 ? ELFCLASS64 : ELFCLASS32;
	header[EI_DATA] = a->big ? ELFDATA2MSB : ELFDATA2LSB;
	header[EI_VERSION] = EV_CURRENT;
	header[a->big ? 17 : 16] = ET_EXEC;
	header[a->big ? 19 : 18] = (unsigned char)(a->machine & 0xff);
	header[a->big ? 18 : 19] = (unsigned char)(a->machine >> 8);
}

// Reads the hexadecimal digits after WORD in TEXT. Returns the number of bytes.
static size_t read_hex(const char *text, const char *word, unsigned char *bytes, size_t room)
{
	const char *at = strstr(text, word);
	size_t n = 0;
	unsigned byte;

	for (at = at ? at + strlen(word) : ""; n < room && sscanf(at, "%2x", &byte) == 1; at += 2)
		bytes[n++] = (unsigned char)byte;
	return n;
}

// Whether an entry of binfmt_misc (binfmt-misc.rst) runs programs with HEADER. Flag F: the emulator was opened on the
// host, so it works in any root.
static bool entry_runs(const char *text, const unsigned char header[HEADER])
{
	unsigned char magic[HEADER], mask[HEADER];
	const char *flags = strstr(text, "\nflags: ");
	size_t n = read_hex(text, "\nmagic ", magic, HEADER), masked = read_hex(text, "\nmask ", mask, HEADER);

	if (!str_starts(text, "enabled\n") || !flags || !memchr(flags, 'F', strcspn(flags + 1, "\n") + 1) ||
	    !strstr(text, "\noffset 0\n") || n < HEADER)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((magic[i] ^ header[i]) & (i < masked ? mask[i] : 0xff))
			return false;
	return true;
}

static bool is_emulated(const struct architecture *a)
{
	static const char path[] = "/proc/sys/fs/binfmt_misc";
	DIR *dir = opendir(path);
	unsigned char header[HEADER];
	struct dirent *entry;
	bool found = false;

	make_header(a, header);
	while (dir && !found && (entry = readdir(dir))) {
		char text[4096];
		found = entry->d_name[0] != '.' && proc_read_file_at(dirfd(dir), entry->d_name, text, sizeof(text)) > 0 &&
		        entry_runs(text, header);
	}
	if (dir)
		closedir(dir);
	return found;
}

int platform_fit(const char *os, const char *architecture, const char *variant)
{
	const struct architecture *a = architecture ? find_architecture(architecture) : NULL;

	if (os && !str_equal(os, "linux"))
		return -1;
	if (!architecture)
		return 0;
	const char *name = a ? a->name : architecture;
	if (str_equal(name, HOST))
		return fit_level(name, variant);
	if (is_second(name) && fit_level(name, variant) >= 0)
		return SECOND + fit_level(name, variant);
	return a && is_emulated(a) ? EMULATED : -1;
}
