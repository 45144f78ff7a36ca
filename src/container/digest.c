// The sum of a file, which is how an image names its parts (image-spec descriptor.md "Digests"). The only code that knows libcrypto, which is
// loaded when the first sum is taken.
#include "digest.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "config.h"
#include "sys/library.h"

#define CRYPTO_FUNCTIONS(F) F(DigestFinal_ex) F(DigestInit_ex) F(DigestUpdate) F(MD_CTX_free) F(MD_CTX_new) F(sha256)

// EVP_sha256() is called as evp.sha256().
static struct {
#define MEMBER(NAME) __typeof__(EVP_##NAME) *NAME;
	CRYPTO_FUNCTIONS(MEMBER)
#undef MEMBER
} evp;

static const struct library_function functions[] = {
#define ROW(NAME) {"EVP_" #NAME, offsetof(__typeof__(evp), NAME)},
	CRYPTO_FUNCTIONS(ROW)
#undef ROW
};

static struct library libcrypto = {
	.files = {CRYPTO_SONAME},
	.functions = functions,
	.count = ARRAY_SIZE(functions),
	.table = &evp,
	.purpose = "to check images, install libssl",
};

int digest_file(int fd, char hex[DIGEST_HEX + 1], struct err *e)
{
	unsigned char buffer[65536], sum[EVP_MAX_MD_SIZE];
	int r = library_load(&libcrypto, e);

	if (r < 0)
		return r;
	EVP_MD_CTX *context = evp.MD_CTX_new();
	ssize_t n = context && evp.DigestInit_ex(context, evp.sha256(), NULL) ? 1 : -1;
	while (n > 0) {
		n = read(fd, buffer, sizeof(buffer));
		if (n > 0)
			evp.DigestUpdate(context, buffer, (size_t)n);
	}
	if (n == 0)
		evp.DigestFinal_ex(context, sum, NULL);
	evp.MD_CTX_free(context);
	for (int i = 0; n == 0 && i < DIGEST_HEX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return n == 0 ? 0 : err_msg(e, EIO, "cannot read it to take its sum");
}
