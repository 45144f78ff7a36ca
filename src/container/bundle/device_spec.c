// Devices of the host: see device_spec.h.
#include "device_spec.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/mem.h"
#include "base/str.h"
#include "host.h"
#include "model/param.h"

struct device_spec {
	char *host, *inside;
	const char *access; // some of "rwm"
	struct stat st;
};

static bool is_access(const char *text)
{
	return *text && strlen(text) <= 3 && !text[strspn(text, "rwm")];
}

static int split(struct device_spec *d, const struct strv *parts, struct err *e)
{
	const char *last = parts->items[parts->count ? parts->count - 1 : 0];
	bool access = parts->count > 1 && is_access(last);
	size_t paths = parts->count - access;

	if (paths < 1 || paths > 2 || parts->items[0][0] != '/' || parts->items[paths - 1][0] != '/')
		return err_msg(e, EINVAL, "expected PATH[:INSIDE[:rwm]] with absolute paths");
	d->host = mem_strdup(parts->items[0]);
	d->inside = host_without_dots(parts->items[paths - 1]);
	d->access = access ? last : "rwm";
	return 0;
}

static int look_at(struct device_spec *d, struct err *e)
{
	if (stat(d->host, &d->st) < 0)
		return err_set(e, errno, "'%s'", d->host);
	if (S_ISDIR(d->st.st_mode))
		return err_msg(e, EINVAL, "'%s' is a directory (name each device in it)", d->host);
	return S_ISCHR(d->st.st_mode) || S_ISBLK(d->st.st_mode) ? 0 : err_msg(e, EINVAL, "'%s' is not a device", d->host);
}

static int add_bind(const struct device_spec *d, json_t *mounts, struct err *e)
{
	if (!strchr(d->access, 'r') || !strchr(d->access, 'w'))
		return err_msg(e, EPERM, "only root can limit the access to a device (leave out '%s')", d->access);
	json_array_append_new(mounts, json_pack("{s:s, s:s, s:s, s:[s, s, s, s]}", "destination", d->inside, "type",
	                                        "bind", "source", d->host, "options", "bind", "rprivate", "nosuid",
	                                        "noexec"));
	return 0;
}

// The array KEY of OBJECT, which is created if it is missing. Borrowed.
static json_t *array_of(json_t *object, const char *key)
{
	json_t *array = json_object_get(object, key);

	if (!array) {
		array = json_array();
		json_object_set_new(object, key, array);
	}
	return array;
}

static void add_node(const struct device_spec *d, json_t *linux_section)
{
	const char *type = S_ISCHR(d->st.st_mode) ? "c" : "b";
	json_int_t major_number = major(d->st.st_rdev), minor_number = minor(d->st.st_rdev);
	json_t *resources = json_object_get(linux_section, "resources");

	json_array_append_new(array_of(linux_section, "devices"),
	                      json_pack("{s:s, s:s, s:I, s:I, s:i, s:I, s:I}", "path", d->inside, "type", type, "major",
	                                major_number, "minor", minor_number, "fileMode", (int)(d->st.st_mode & 0777),
	                                "uid", (json_int_t)d->st.st_uid, "gid", (json_int_t)d->st.st_gid));
	json_array_append_new(array_of(resources, "devices"),
	                      json_pack("{s:b, s:s, s:I, s:I, s:s}", "allow", 1, "type", type, "major", major_number,
	                                "minor", minor_number, "access", d->access));
}

static int add_device(const char *text, bool restricted, json_t *mounts, json_t *linux_section, struct err *e)
{
	struct device_spec d = {0};
	auto_strv parts = {0};

	strv_split(&parts, text, ":");
	int r = parts.count ? split(&d, &parts, e) : err_msg(e, EINVAL, "expected PATH[:INSIDE[:rwm]]");
	r = r < 0 ? r : look_at(&d, e);
	if (r == 0 && restricted)
		r = add_bind(&d, mounts, e);
	else if (r == 0)
		add_node(&d, linux_section);
	free(d.host);
	free(d.inside);
	return r < 0 ? err_wrap(e, "device '%s'", text) : 0;
}

int device_specs_add(const struct record *r, bool restricted, json_t *mounts, json_t *linux_section, struct err *e)
{
	const char *text;
	int result = 0;

	for (size_t i = 0; result == 0 && (text = params_get_nth(&r->params, PARAM_DEVICE, i)); i++)
		result = add_device(text, restricted, mounts, linux_section, e);
	return result;
}
