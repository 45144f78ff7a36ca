// The program bunk: an OCI runtime.
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>

#include "bunkcli/main.h"

// Seeds the hashing of JSON objects with the second half of AT_RANDOM (getauxval(3)), without a system call; the stack
// canary comes from the first half.
static void seed_hashes(void)
{
	const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
	size_t seed = 0;

	if (random)
		memcpy(&seed, random + 8, sizeof(seed));
	json_object_seed(seed); // 0: jansson generates one
}

int main(int argc, char **argv)
{
	seed_hashes();
	signal(SIGPIPE, SIG_IGN);
	return bunkcli_main(argc, argv);
}
