// Names of images in registries: see name.h.
#include "name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "digest.h"

enum { TAG_MOST = 128, NAME_MOST = 255 };

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// The length of the domain of NAME, 0 if it has none: a first part that no part of a path can look like.
static size_t domain_length(const char *name)
{
	size_t first = strcspn(name, "/");
	auto_free char *part = mem_strndup(name, first);

	return name[first] && (strpbrk(part, ".:" UPPER) || str_equal(part, "localhost")) ? first : 0;
}

bool image_name_has_domain(const char *name)
{
	return domain_length(name) > 0;
}

// The digest of NAME, or its end.
static const char *digest_of(const char *name)
{
	const char *at = strchr(name, '@');

	return at ? at + 1 : name + strlen(name);
}

static size_t length_before_digest(const char *name)
{
	return strcspn(name, "@");
}

const char *image_name_tag(const char *name)
{
	size_t n = length_before_digest(name);

	while (n > 0 && name[n - 1] != ':' && name[n - 1] != '/')
		n--;
	return n > 0 && name[n - 1] == ':' ? name + n : NULL;
}

size_t image_name_repository(const char *name)
{
	const char *tag = image_name_tag(name);

	return tag ? (size_t)(tag - 1 - name) : length_before_digest(name);
}

// "library/nginx" of "docker.io/library/nginx:1.27". Owned.
static char *path_of(const char *name)
{
	size_t domain = domain_length(name);
	const char *path = name + (domain ? domain + 1 : 0);

	return mem_strndup(path, image_name_repository(path));
}

// Between two runs of letters and digits: ".", "_", "__", or any number of "-".
static size_t separator_length(const char *text)
{
	if (*text == '.')
		return 1;
	size_t n = strspn(text, *text == '_' ? "_" : "-");
	return *text == '_' && n > 2 ? 0 : n;
}

static bool is_path_part(const char *part)
{
	for (;;) {
		size_t n = strspn(part, LOWER STR_DIGITS);
		if (n == 0)
			return false;
		part += n;
		if (!*part)
			return true;
		n = separator_length(part);
		if (n == 0)
			return false;
		part += n;
	}
}

static bool is_path(const char *path)
{
	auto_strv parts = {0};

	for (const char *rest = path;; rest++) {
		size_t n = strcspn(rest, "/");
		strv_take(&parts, mem_strndup(rest, n));
		if (!is_path_part(parts.items[parts.count - 1]))
			return false;
		rest += n;
		if (!*rest)
			return true;
	}
}

// The length of a host name, or of an address in brackets, at the beginning of DOMAIN.
static size_t host_length(const char *domain)
{
	size_t address = *domain == '[' ? 1 + strspn(domain + 1, STR_DIGITS "abcdefABCDEF:.") : 0;

	if (*domain == '[')
		return domain[address] == ']' ? address + 1 : 0;
	return strspn(domain, STR_LETTERS STR_DIGITS ".-");
}

static bool is_domain(const char *domain)
{
	size_t host = host_length(domain);
	const char *port = domain + host;

	return host > 0 && (!*port || (*port == ':' && port[1] && !port[1 + strspn(port + 1, STR_DIGITS)]));
}

static bool is_tag(const char *tag, size_t n)
{
	auto_free char *text = mem_strndup(tag, n);

	return str_is_made_of(text, STR_LETTERS STR_DIGITS "_", STR_LETTERS STR_DIGITS "_.-", TAG_MOST);
}

int image_name_check(const char *text, struct err *e)
{
	auto_free char *path = path_of(text), *domain = mem_strndup(text, domain_length(text));
	const char *tag = image_name_tag(text), *at = strchr(text, '@');

	if (strlen(text) > NAME_MOST)
		return err_msg(e, EINVAL, "invalid image name '%.40s…': longer than %d bytes", text, NAME_MOST);
	if (*domain && !is_domain(domain))
		return err_msg(e, EINVAL, "invalid image name '%s': '%s' is not a host name", text, domain);
	if (at && !digest_hex(digest_of(text)))
		return err_msg(e, EINVAL, "invalid image name '%s': '%s' is not a sha256 digest", text, digest_of(text));
	if (tag && !is_tag(tag, length_before_digest(tag)))
		return err_msg(e, EINVAL, "invalid image name '%s': '%s' is not a tag (letters, digits, '_', '.', '-')", text,
		               tag);
	if (!is_path(path))
		return err_msg(e, EINVAL,
		               "invalid image name '%s' (for example nginx, nginx:1.27, example.com/team/app:2; lower case)",
		               text);
	return 0;
}

char *image_name_canonical(const char *text)
{
	auto_free char *path = path_of(text);
	const char *tag = image_name_tag(text), *at = strchr(text, '@');
	size_t n = domain_length(text);
	auto_free char *domain = n ? mem_strndup(text, n) : mem_strdup("docker.io");
	bool hub = str_equal(domain, "docker.io") || str_equal(domain, "index.docker.io");
	size_t tag_length = tag ? length_before_digest(tag) : strlen("latest");

	return mem_printf("%s/%s%s%s%.*s", hub ? "docker.io" : domain, hub && !strchr(path, '/') ? "library/" : "", path,
	                  at ? "" : ":", at ? (int)strlen(at) : (int)tag_length, at ? at : tag ? tag : "latest");
}
