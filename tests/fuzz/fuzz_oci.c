// The JSON of an image layout: the input is an index, a manifest and a configuration, with a NUL between them. In the
// index "@M" is replaced by the manifest's digest, in the manifest "@C" for the configuration's, so that what is behind
// the check of digests is reached.
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "container/image/oci.h"
#include "fuzz.h"
#include "sys/fs.h"

static char top[64];

static void remove_all(void)
{
	fs_remove_tree(AT_FDCWD, top, NULL);
}

static void begin(void)
{
	snprintf(top, sizeof(top), "/dev/shm/fuzz-oci-XXXXXX");
	if (!mkdtemp(top))
		abort();
	atexit(remove_all);
}

static void put(const char *name, const char *text)
{
	auto_free char *path = mem_printf("%s/%s", top, name);
	FILE *file = fopen(path, "w");

	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
}

static void put_blob(const char *text, char digest[80])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char name[96];

	SHA256((const unsigned char *)text, strlen(text), sum);
	strcpy(digest, "sha256:");
	for (size_t i = 0; i < sizeof(sum); i++)
		sprintf(digest + 7 + 2 * i, "%02x", sum[i]);
	snprintf(name, sizeof(name), "layout/blobs/sha256/%s", digest + 7);
	put(name, text);
}

static char *with_digest(const char *text, const char *mark, const char *digest)
{
	struct str out = {0};

	for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
		str_add_bytes(&out, text, (size_t)(at - text));
		str_add(&out, digest);
	}
	str_add(&out, text);
	return str_steal(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = fuzz_text(data, size);
	const char *index = text, *manifest = index + strlen(index) + 1, *config = "";
	char manifest_digest[80], config_digest[80];
	struct store store = {.containers = -1};
	struct image image = {0};
	struct err e = {0};

	if (manifest > text + size)
		manifest = "";
	else
		config = manifest + strlen(manifest) + 1 <= text + size ? manifest + strlen(manifest) + 1 : "";
	if (!top[0])
		begin();
	auto_free char *layout = mem_printf("%s/layout", top), *where = mem_printf("%s/store", top);
	auto_free char *blobs = mem_printf("%s/blobs/sha256", layout);
	if (fs_make_directories(blobs, 0700, NULL) < 0 || store_open(&store, where, &e) < 0)
		abort();
	put("layout/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	put_blob(config, config_digest);
	auto_free char *real_manifest = with_digest(manifest, "@C", config_digest);
	put_blob(real_manifest, manifest_digest);
	auto_free char *real_index = with_digest(index, "@M", manifest_digest);
	put("layout/index.json", real_index);
	int r = image_open_layout(&image, &store, layout, NULL, NULL, &e);
	FUZZ_ERROR_IS_TOLD(r, e);
	image_done(&image);
	store_done(&store);
	fs_remove_tree(AT_FDCWD, blobs, NULL);
	return 0;
}
