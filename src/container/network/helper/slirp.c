// slirp4netns(1): see helper.h.
#include "helper.h"

// CONFINED: in a mount namespace of its own without the user's files, and with a system call filter.
static void add_command(struct strv *argv, pid_t process, bool confined)
{
	static const char *const words[] = {"--enable-sandbox", "--enable-seccomp", "--configure",
	                                    "--disable-host-loopback", "--ready-fd=0", "--exit-fd=3"};

	for (size_t i = confined ? 0 : 2; i < ARRAY_SIZE(words); i++)
		strv_add(argv, words[i]);
	strv_addf(argv, "--mtu=%d", HELPER_MTU);
	strv_addf(argv, "%d", (int)process);
	strv_add(argv, HELPER_INTERFACE);
}

const struct helper_program helper_slirp = {
    .name = "slirp4netns", .package = "slirp4netns", .command = add_command,
    .chatter = (const char *const[]){"WARNING", "sent tapfd", "received tapfd", NULL}};
