// SHA-256 digests: see digest.h and image-spec descriptor.md "Digests". libcrypto is loaded on first use.
#include "digest.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

// Bytes on their way to the thread that hashes them: a ring of blocks.
enum { BLOCKS = 4, BLOCK = 256 * 1024 };
struct beside {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t put, got; // blocks so far
	size_t filled;   // bytes of the next block
	bool over;       // there will be no more
	struct {
		size_t size;
		unsigned char bytes[BLOCK];
	} ring[BLOCKS];
};

struct digest {
	EVP_MD_CTX *context;
	struct beside *beside; // NULL: no thread
};

struct digest *digest_begin(struct err *e)
{
	if (library_load(&libcrypto, e) < 0)
		return NULL;
	EVP_MD_CTX *context = evp.MD_CTX_new();
	struct digest *d = mem_new(sizeof(*d));
	d->context = context;
	if (context && evp.DigestInit_ex(context, evp.sha256(), NULL))
		return d;
	digest_end(d, NULL);
	err_msg(e, EOPNOTSUPP, "libcrypto has no SHA-256");
	return NULL;
}

// --- the thread ---

// Waits for a block. Returns whether there is one.
static bool await_block(struct beside *b)
{
	pthread_mutex_lock(&b->lock);
	while (b->got == b->put && !b->over)
		pthread_cond_wait(&b->changed, &b->lock);
	bool there = b->got < b->put;
	pthread_mutex_unlock(&b->lock);
	return there;
}

static void *hash_blocks(void *argument)
{
	struct digest *d = argument;
	struct beside *b = d->beside;

	while (await_block(b)) {
		size_t i = b->got % BLOCKS;
		evp.DigestUpdate(d->context, b->ring[i].bytes, b->ring[i].size);
		pthread_mutex_lock(&b->lock);
		b->got++;
		pthread_cond_signal(&b->changed);
		pthread_mutex_unlock(&b->lock);
	}
	return NULL;
}

// Hands over the block that is being filled, and waits for a free one.
static void put_block(struct beside *b)
{
	b->ring[b->put % BLOCKS].size = b->filled;
	b->filled = 0;
	pthread_mutex_lock(&b->lock);
	b->put++;
	pthread_cond_signal(&b->changed);
	while (b->put - b->got == BLOCKS)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
}

static void put_bytes(struct beside *b, const unsigned char *bytes, size_t size)
{
	for (size_t n; size > 0; bytes += n, size -= n) {
		n = size < BLOCK - b->filled ? size : BLOCK - b->filled;
		memcpy(b->ring[b->put % BLOCKS].bytes + b->filled, bytes, n);
		b->filled += n;
		if (b->filled == BLOCK)
			put_block(b);
	}
}

static void beside_end(struct beside *b)
{
	if (b->filled)
		put_block(b);
	pthread_mutex_lock(&b->lock);
	b->over = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	pthread_join(b->thread, NULL);
	pthread_mutex_destroy(&b->lock);
	pthread_cond_destroy(&b->changed);
	free(b);
}

struct digest *digest_begin_beside(struct err *e)
{
	struct digest *d = digest_begin(e);

	if (!d)
		return NULL;
	d->beside = mem_new(sizeof(*d->beside));
	pthread_mutex_init(&d->beside->lock, NULL);
	pthread_cond_init(&d->beside->changed, NULL);
	if (pthread_create(&d->beside->thread, NULL, hash_blocks, d) != 0) {
		free(d->beside); // then without it
		d->beside = NULL;
	}
	return d;
}

// --- both ---

void digest_add(struct digest *d, const void *bytes, size_t size)
{
	if (!d->beside)
		evp.DigestUpdate(d->context, bytes, size);
	else
		put_bytes(d->beside, bytes, size);
}

void digest_end(struct digest *d, char hex[DIGEST_HEX + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE] = {0};

	if (!d)
		return;
	if (d->beside)
		beside_end(d->beside);
	if (hex)
		evp.DigestFinal_ex(d->context, sum, NULL);
	evp.MD_CTX_free(d->context);
	free(d);
	for (int i = 0; hex && i < DIGEST_HEX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

const char *digest_hex(const char *digest)
{
	static const char prefix[] = "sha256:";
	const char *hex = digest && str_starts(digest, prefix) ? digest + strlen(prefix) : NULL;

	return hex && strspn(hex, "0123456789abcdef") == DIGEST_HEX && hex[DIGEST_HEX] == '\0' ? hex : NULL;
}
