// pasta(1): see helper.h. Without these options it would forward every port that is open in the namespace, and map its
// gateway's address to the host's loopback services. It confines itself, with an empty root directory and a system
// call filter. With "--dns none", --dns-forward would have no effect.
#include "helper.h"

static void add_command(struct strv *argv, pid_t process, bool confined)
{
	static const char *const words[] = {
	    "--foreground", "--config-net", "--no-netns-quit", "--no-map-gw",
	    "--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none",
	    "--ns-ifname", HELPER_INTERFACE, "--address", HELPER_ADDRESS, "--netmask", HELPER_PREFIX,
	    "--gateway", HELPER_GATEWAY, "--dns-forward", HELPER_SERVER,
	    "--pid", "/proc/self/fd/0", // it writes this once it is ready
	};

	(void)confined;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(argv, words[i]);
	strv_add(argv, "--mtu");
	strv_addf(argv, "%d", HELPER_MTU);
	strv_add(argv, "--userns");
	strv_addf(argv, "/proc/%d/ns/user", (int)process);
	strv_add(argv, "--netns");
	strv_addf(argv, "/proc/%d/ns/net", (int)process);
}

// Versions before 2024-08-14 need a default route on the host, use twice the memory, and have no flow table for UDP.
const struct helper_program helper_pasta = {
    .name = "pasta", .package = "passt", .least = 20240814, .command = add_command,
    .chatter = (const char *const[]){"Failed to send ", "Multiple default", NULL}};
