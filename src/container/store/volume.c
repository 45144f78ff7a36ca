// Volumes on disk: see volume.h.
#include "volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <jansson.h>

#include "base/mem.h"
#include "model/kind.h"
#include "model/name.h"
#include "sys/fs.h"

static const char record_name[] = "volume.json", data_name[] = "data";

enum { RECORD_MAX = 1 << 20 };

void volume_record_done(struct volume_record *v)
{
	strv_done(&v->labels);
	*v = (struct volume_record){0};
}

int volume_record_write(int volume_fd, const struct volume_record *v, struct err *e)
{
	json_t *labels = json_array();

	for (size_t i = 0; i < v->labels.count; i++)
		json_array_append_new(labels, json_string(v->labels.items[i]));
	json_t *object = json_pack("{s:I, s:b, s:b, s:o}", "created", (json_int_t)v->created, "anonymous", v->anonymous,
	                           "fresh", v->fresh, "labels", labels);
	auto_free char *text = json_dumps(object, JSON_INDENT(1));
	json_decref(object);
	return text ? fs_replace_file(volume_fd, record_name, 0600, text, strlen(text), e)
	            : err_msg(e, EINVAL, "cannot write '%s': invalid UTF-8", record_name);
}

int volume_record_read(int volume_fd, struct volume_record *v, struct err *e)
{
	auto_free char *text = NULL;
	ssize_t n = fs_read_file(volume_fd, record_name, RECORD_MAX, &text, e);
	json_t *object = n < 0 ? NULL : json_loadb(text, (size_t)n, 0, NULL), *label;
	size_t i;

	*v = (struct volume_record){0};
	if (n < 0)
		return (int)n;
	json_array_foreach(json_object_get(object, "labels"), i, label)
		if (json_is_string(label))
			strv_add(&v->labels, json_string_value(label));
	v->created = json_integer_value(json_object_get(object, "created"));
	v->anonymous = json_is_true(json_object_get(object, "anonymous"));
	v->fresh = json_is_true(json_object_get(object, "fresh"));
	bool whole = json_is_object(object) && v->created;
	json_decref(object);
	return whole ? 0 : err_msg(e, EINVAL, "'%s' is damaged", record_name);
}

char *volume_new_name(void)
{
	unsigned char bytes[16] = {0};
	auto_str name = {0};

	(void)!getrandom(bytes, sizeof(bytes), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		str_addf(&name, "%02x", bytes[i]);
	return str_steal(&name);
}

char *volume_data_path(const char *store_path, const char *name)
{
	return mem_printf("%s/volumes/%s/%s", store_path, name, data_name);
}

int volume_open(int volumes_fd, const char *name, struct err *e)
{
	int fd = name_is_valid(KIND_VOLUME, name)
	             ? openat(volumes_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
	             : -1;

	return fd < 0 ? err_msg(e, ENOENT, "no volume '%s'", name) : fd;
}

int volume_open_data(int volumes_fd, const char *name, struct err *e)
{
	auto_close int volume = volume_open(volumes_fd, name, e);
	int fd = volume < 0 ? volume : openat(volume, data_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return volume >= 0 && fd < 0 ? err_set(e, errno, "cannot open the files of volume '%s'", name) : fd;
}

int volume_make(const struct store *s, const struct volume_record *v, char **entry, struct err *e)
{
	auto_free char *made = NULL;
	auto_close int fd = store_volume_make(s, &made, e);
	int r = fd < 0 ? fd : fs_make_directory(fd, data_name, 0755);

	if (fd >= 0 && r < 0)
		err_set(e, -r, "cannot create a volume");
	r = r < 0 ? r : volume_record_write(fd, v, e);
	if (r < 0 && made)
		volume_discard(s, made);
	if (r < 0)
		return r;
	*entry = steal(made);
	return steal_fd(&fd);
}

int volume_publish(const struct store *s, const char *entry, const char *name, struct err *e)
{
	if (renameat2(s->volumes, entry, s->volumes, name, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EEXIST ? err_msg(e, EEXIST, "volume '%s' already exists", name)
	                       : err_set(e, errno, "cannot create volume '%s'", name);
}

void volume_discard(const struct store *s, const char *entry)
{
	store_remove_entry(s->volumes, entry, NULL);
}

int volume_remove(int volumes_fd, const char *name, struct err *e)
{
	int r = name_is_valid(KIND_VOLUME, name) ? store_remove_named(volumes_fd, name, e) : -ENOENT;

	if (r == -ENOENT)
		return err_msg(e, ENOENT, "no volume '%s'", name);
	return r == -EUCLEAN ? err_wrap(e, "volume '%s' was deleted, but not all of its files", name)
	       : r < 0       ? err_wrap(e, "volume '%s'", name)
	                     : 0;
}

int volume_names(int volumes_fd, struct strv *names, struct err *e)
{
	DIR *dir = fs_open_directory(volumes_fd, ".");
	struct dirent *entry;

	if (!dir)
		return err_set(e, errno, "cannot read the volumes of the store");
	while ((entry = readdir(dir)))
		if (name_is_valid(KIND_VOLUME, entry->d_name))
			strv_add(names, entry->d_name);
	closedir(dir);
	strv_sort(names);
	return 0;
}

int volumes_beside(int containers_fd)
{
	int fd = openat(containers_fd, "../volumes", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}
