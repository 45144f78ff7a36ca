// Writes the BPF program that bunk makes of a config.json's linux.seccomp to standard output: what the floor program
// loads. usage: filter CONFIG
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "bunk/filter/filter.h"
#include "bunk/read/config.h"
#include "sys/fs.h"

int main(int argc, char **argv)
{
	struct config config = {0};
	struct filter filter = {0};
	struct err e = {0};
	auto_free char *text = NULL;
	ssize_t n =
	    argc == 2 ? fs_read_file(AT_FDCWD, argv[1], 16 << 20, &text, &e) : err_msg(&e, EINVAL, "usage: filter CONFIG");
	int r = n < 0 ? (int)n : config_parse(&config, argv[1], text, (size_t)n, NULL, NULL, &e);

	if (r == 0 && config.seccomp.given)
		r = filter_compile(&filter, &config.pool, &config.seccomp, &e);
	size_t size = filter.program.len * sizeof(struct sock_filter);
	if (r == 0 && size && write(1, filter.program.filter, size) != (ssize_t)size)
		r = err_set(&e, errno, "cannot write");
	if (r < 0)
		fprintf(stderr, "filter: %s\n", e.text);
	config_done(&config);
	return r < 0;
}
