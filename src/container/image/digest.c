// SHA-256 digests: see digest.h and image-spec descriptor.md "Digests". libcrypto is loaded on first use.
#include "digest.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "base/str.h"
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
	.purpose = "to verify images, install libssl",
};

struct digest *digest_begin(struct err *e)
{
	if (library_load(&libcrypto, e) < 0)
		return NULL;
	EVP_MD_CTX *context = evp.MD_CTX_new();
	if (context && evp.DigestInit_ex(context, evp.sha256(), NULL))
		return (struct digest *)context;
	evp.MD_CTX_free(context);
	err_msg(e, EOPNOTSUPP, "libcrypto has no SHA-256");
	return NULL;
}

void digest_add(struct digest *d, const void *bytes, size_t size)
{
	evp.DigestUpdate((EVP_MD_CTX *)d, bytes, size);
}

void digest_end(struct digest *d, char hex[DIGEST_HEX + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE] = {0};

	if (!d)
		return;
	if (hex)
		evp.DigestFinal_ex((EVP_MD_CTX *)d, sum, NULL);
	evp.MD_CTX_free((EVP_MD_CTX *)d);
	for (int i = 0; hex && i < DIGEST_HEX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

const char *digest_hex(const char *digest)
{
	static const char prefix[] = "sha256:";
	const char *hex = digest && str_starts(digest, prefix) ? digest + strlen(prefix) : NULL;

	return hex && strspn(hex, "0123456789abcdef") == DIGEST_HEX && hex[DIGEST_HEX] == '\0' ? hex : NULL;
}
