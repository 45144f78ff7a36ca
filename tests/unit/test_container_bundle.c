// container/bundle and container/account: from a record to the runtime's configuration, and who a user is inside.
#include "container/bundle/account.h"
#include "container/bundle/bundle.h"
#include "container/bundle/host.h"
#include "container/bundle/network_files.h"
#include "container/store/subids.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs.h"

#include "test.h"

struct place {
	char directory[64];
	struct record record;
};

static void put(const struct place *p, const char *name, const char *text)
{
	auto_free char *path = mem_printf("%s/%s", p->directory, name);
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

// A record over an image in DIRECTORY/image.
static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));

	strcpy(p->directory, "/tmp/test_container_bundle.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	auto_free char *image = mem_printf("%s/image", p->directory);
	auto_free char *etc = mem_printf("%s/image/etc", p->directory);
	mkdir(image, 0755);
	mkdir(etc, 0755);
	put(p, "image/etc/passwd",
	    "root:x:0:0:root:/root:/bin/sh\napp:x:100:200:An app:/srv/app:/bin/sh\nbroken:x:many:0::/:\nhome:x:5:5:::\n");
	put(p, "image/etc/group", "root:x:0:\nmore:x:300:app,root\nother:x:301:nobody,app\nappgroup:x:200:app\n");
	p->record = (struct record){.name = mem_strdup("web"), .image = {.reference = mem_strdup("dir:/x")}};
	strv_add(&p->record.image.lowers, image);
	params_add(&p->record.params, "image", "dir:/x");
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	record_done(&p->record);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

static void users_are_the_images_own(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *who;
		int result;
		unsigned uid, gid, groups;
		const char *home;
	} rows[] = {
		{"app", 0, 100, 200, 3, "/srv/app"}, {"100", 0, 100, 200, 3, "/srv/app"}, {"app:more", 0, 100, 300, 1,
		 "/srv/app"}, {"app:7", 0, 100, 7, 1, "/srv/app"},
		{"1234", 0, 1234, 0, 1, NULL}, {"1234:5", 0, 1234, 5, 1, NULL}, {"root", 0, 0, 0, 2, "/root"}, {"", 0, 0, 0, 2,
		 "/root"}, {":300", 0, 0, 300, 1, "/root"},
		{"nobody", -ENOENT, 0, 0, 0, NULL}, {"app:none", -ENOENT, 0, 0, 0, NULL}, {"broken", -EINVAL, 0, 0, 0, NULL},
		 {"-1", -ENOENT, 0, 0, 0, NULL},
		{"4294967295", -ENOENT, 0, 0, 0, NULL}, {"1 ", -ENOENT, 0, 0, 0, NULL}, {"+1", -ENOENT, 0, 0, 0, NULL},
		 {"app:", 0, 100, 200, 3, "/srv/app"}, {":", 0, 0, 0, 2, "/root"}, {"1234:", 0, 1234, 0, 1, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct account a;
		struct err e = {0};
		int r = account_find(&a, &p->record.image.lowers, rows[i].who, &e);
		if (r != rows[i].result)
			fail_msg("'%s': %d, %s", rows[i].who, r, e.text);
		if (r < 0)
			continue;
		assert_true(a.uid == rows[i].uid && a.gid == rows[i].gid && a.group_count == rows[i].groups &&
		            a.groups[0] == a.gid);
		assert_true(str_equal(a.home, rows[i].home));
		account_done(&a);
	}
	account_done(NULL);
}

static void an_image_cannot_borrow_the_hosts_users(void **state)
{
	struct place *p = *state;
	auto_free char *passwd = mem_printf("%s/image/etc/passwd", p->directory);
	struct account a;
	struct err e;

	unlink(passwd);
	assert_int_equal(symlink("/etc/passwd", passwd), 0); // leads to itself: the image is the root
	assert_int_equal(account_find(&a, &p->record.image.lowers, "root", &e), -ELOOP);
	unlink(passwd);
	assert_int_equal(mkfifo(passwd, 0644), 0); // and does not hang
	assert_int_equal(account_find(&a, &p->record.image.lowers, "root", &e), -EINVAL);
	assert_non_null(strstr(e.text, "'etc/passwd' is not a regular file"));
	unlink(passwd);
	assert_int_equal(symlink("../../../../../../../../etc/group", passwd), 0); // resolved inside, too
	assert_int_equal(account_find(&a, &p->record.image.lowers, "daemon", &e), -ENOENT);
}

// No file of an image is read without an end, and what is too large is not taken for a missing one.
static void large_files_are_refused(void **state)
{
	struct place *p = *state;
	auto_free char *group = mem_printf("%s/image/etc/group", p->directory);
	struct account a;
	struct err e;

	assert_int_equal(truncate(group, 1ll << 40), 0);
	assert_int_equal(account_find(&a, &p->record.image.lowers, "0", &e), -EFBIG);
	assert_non_null(strstr(e.text, "'etc/group' is larger than"));
}

static void a_removed_file_has_no_users(void **state)
{
	struct place *p = *state;
	auto_free char *upper = mem_printf("%s/upper", p->directory), *etc = mem_printf("%s/etc", upper),
	               *passwd = mem_printf("%s/passwd", etc);
	auto_strv roots = {0};
	struct account a;

	mkdir(upper, 0755);
	mkdir(etc, 0755);
	if (mknod(passwd, S_IFCHR, makedev(0, 0)) < 0)
		skip();
	strv_add(&roots, upper);
	strv_add(&roots, p->record.image.lowers.items[0]);
	assert_int_equal(account_find(&a, &roots, "app", NULL), -ENOENT);
}

// As many groups as the kernel takes, its own with them; one more is an error.
static void many_groups(void **state)
{
	static const size_t counts[] = {64, 65, 100, 65535, 65536};
	struct place *p = *state;
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		auto_str text = {0};
		struct account a;
		for (size_t k = 0; k < counts[i]; k++)
			str_addf(&text, "g%zu:x:%zu:other,app\n", k, 100000 + k);
		put(p, "image/etc/group", str_text(&text));
		int r = account_find(&a, &p->record.image.lowers, "app", &e);
		assert_int_equal(r, counts[i] < 65536 ? 0 : -E2BIG);
		if (r < 0)
			continue;
		assert_int_equal(a.group_count, counts[i] + 1);
		assert_int_equal(a.groups[counts[i]], 100000 + counts[i] - 1);
		account_done(&a);
	}
	assert_non_null(strstr(e.text, "more than 65536 groups"));
}

static void the_upper_layer_counts_first(void **state)
{
	struct place *p = *state;
	auto_free char *upper = mem_printf("%s/upper", p->directory);
	auto_free char *etc = mem_printf("%s/upper/etc", p->directory);
	auto_strv roots = {0};
	struct account a;

	mkdir(upper, 0755);
	mkdir(etc, 0755);
	put(p, "upper/etc/passwd", "app:x:900:901::/new:\n");
	strv_add(&roots, upper);
	strv_add(&roots, p->record.image.lowers.items[0]);
	struct err e = {0};
	assert_int_equal(account_find(&a, &roots, "app", &e), 0); // etc/group is in the lower layer only
	assert_int_equal(e.code, 0);
	assert_true(a.uid == 900 && a.gid == 901);
	account_done(&a);
}

static json_t *bundle(struct place *p, struct err *e)
{
	auto_free char *text = bundle_make(&p->record, p->directory, "/store", e);

	return text ? json_loads(text, 0, NULL) : NULL;
}

static bool lists(const json_t *list, const char *text)
{
	size_t i;
	json_t *item;

	json_array_foreach (list, i, item)
		if (str_equal(json_string_value(item), text))
			return true;
	return false;
}

static json_t *mount_on(const json_t *config, const char *destination)
{
	size_t i;
	json_t *mount;

	json_array_foreach (json_object_get(config, "mounts"), i, mount)
		if (str_equal(json_string_value(json_object_get(mount, "destination")), destination))
			return mount;
	return NULL;
}

static void a_container_may_little_by_default(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	params_add(&p->record.params, "command", "true");
	json_t *config = bundle(p, &e);
	assert_non_null(config);
	const json_t *process = json_object_get(config, "process"), *platform = json_object_get(config, "linux");
	const json_t *capabilities = json_object_get(process, "capabilities");
	assert_true(json_is_true(json_object_get(process, "noNewPrivileges")));
	for (size_t i = 0; i < 3; i++) {
		const json_t *set =
		    json_object_get(capabilities, (const char *const[]){"bounding", "effective", "permitted"}[i]);
		assert_true(json_array_size(set) == 11 && lists(set, "CAP_CHOWN"));
		assert_false(lists(set, "CAP_SYS_ADMIN") || lists(set, "CAP_NET_RAW") || lists(set, "CAP_MKNOD"));
	}
	assert_null(json_object_get(capabilities, "inheritable"));
	assert_int_equal(json_array_size(json_object_get(platform, "namespaces")), geteuid() ? 7 : 6);
	assert_string_equal(json_string_value(json_object_get(json_object_get(platform, "seccomp"), "defaultAction")),
	                    "SCMP_ACT_ERRNO");
	assert_true(lists(json_object_get(platform, "maskedPaths"), "/proc/kcore") &&
	            lists(json_object_get(platform, "readonlyPaths"), "/proc/sys"));
	// this is not the usual store
	assert_true(str_starts(json_string_value(json_object_get(platform, "cgroupsPath")), "/hostel/web@"));
	assert_true(lists(json_object_get(mount_on(config, "/sys"), "options"), "ro"));
	assert_true(lists(json_object_get(mount_on(config, "/proc"), "options"), "noexec"));
	assert_null(mount_on(config, "/home")); // only of the host's own userland
	if (geteuid() == 0)
		assert_false(json_is_true(json_object_get(
		    json_array_get(json_object_get(json_object_get(platform, "resources"), "devices"), 0), "allow")));
	json_decref(config);
}

// Nothing of the host is below the root but what is mounted or copied because it is listed.
static void the_hosts_userland_hides_its_secrets(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	free(p->record.image.reference);
	p->record.image.reference = mem_strdup("host");
	params_add(&p->record.params, "command", "true");
	json_t *config = bundle(p, &e);
	const json_t *masked = json_object_get(json_object_get(config, "linux"), "maskedPaths");
	assert_true(lists(masked, "/usr/local/etc") && lists(masked, "/store"));
	assert_true(mount_on(config, "/usr") && mount_on(config, "/etc"));
	const json_t *mounts = json_object_get(config, "mounts");
	size_t i;
	json_t *entry;
	json_array_foreach (mounts, i, entry) {
		const json_t *options = json_object_get(entry, "options");
		assert_false(lists(options, "lowerdir=/") || lists(options, "lowerdir=/etc") ||
		             lists(options, "lowerdir=/var"));
	}
	assert_true(mount_on(config, "/home") && mount_on(config, "/root") && mount_on(config, "/tmp") &&
	            mount_on(config, "/run"));
	json_decref(config);
}

static void what_was_asked_for_is_there(void **state)
{
	struct place *p = *state;
	struct err e = {0};
	static const struct {
		const char *name, *value;
	} asked[] = {{"command", "a b"},
	             {"command", ""},
	             {"env", "A=1"},
	             {"env", "PATH=/mine"},
	             {"memory", "64M"},
	             {"cpus", "0.001"},
	             {"pids", "7"},
	             {"cap-drop", "chown"},
	             {"cap-add", "net_raw"},
	             {"tty", "yes"},
	             {"workdir", "/w"},
	             {"hostname", "box"},
	             {"read-only-root", "yes"},
	             {"network", "host"},
	             {"volume", "/etc:/in:ro"}};

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		params_add(&p->record.params, asked[i].name, asked[i].value);
	strv_add(&p->record.image.entrypoint, "/entry");
	strv_add(&p->record.image.cmd, "unused");
	strv_add(&p->record.image.env, "A=image");
	strv_add(&p->record.image.env, "B=image");
	json_t *config = bundle(p, &e);
	assert_non_null(config);
	const json_t *process = json_object_get(config, "process"), *args = json_object_get(process, "args"),
	             *env = json_object_get(process, "env");
	// words stay words
	assert_true(json_array_size(args) == 3 && lists(args, "/entry") && lists(args, "a b") && lists(args, ""));
	assert_true(lists(env, "A=1") && lists(env, "B=image") && lists(env, "PATH=/mine") && lists(env, "HOSTNAME=box"));
	assert_false(lists(env, "A=image"));
	const json_t *set = json_object_get(json_object_get(process, "capabilities"), "effective");
	assert_true(lists(set, "CAP_NET_RAW") && !lists(set, "CAP_CHOWN"));
	const json_t *resources = json_object_get(json_object_get(config, "linux"), "resources");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(resources, "memory"), "limit")), 64 << 20);
	// the kernel takes no less
	assert_int_equal(json_integer_value(json_object_get(json_object_get(resources, "cpu"), "quota")), 1000);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(resources, "pids"), "limit")), 7);
	assert_true(json_is_true(json_object_get(process, "terminal")) &&
	            json_is_true(json_object_get(json_object_get(config, "root"), "readonly")));
	assert_true(lists(json_object_get(mount_on(config, "/in"), "options"), "ro"));
	assert_string_equal(json_string_value(json_object_get(config, "hostname")), "box");
	json_decref(config);
	auto_free char *command = bundle_command(&p->record);
	assert_string_equal(command, "/entry a b ");
}

static void hosts_gets_what_is_missing(void **state)
{
#define LOCAL4 "127.0.0.1\tlocalhost\n"
#define LOCAL6 "::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
	static const struct {
		const char *text, *name, *hosts;
	} rows[] = {
		{"", "box", LOCAL4 LOCAL6 "127.0.0.1\tbox\n"},
		{"", "localhost", LOCAL4 LOCAL6},
		{"127.0.0.1 localhost\n::1 localhost", "box", "127.0.0.1 localhost\n::1 localhost\n127.0.0.1\tbox\n"},
		{"127.0.0.1 localhost\n::1 ip6-localhost\n", "a.b.c",
		 "127.0.0.1 localhost\n::1 ip6-localhost\n127.0.0.1\ta.b.c a\n"},
		{"::1 localhost\r\n127.0.0.1\tother  LocalHost\r\n\n192.0.2.1 BOX box2\n", "box",
		 "::1 localhost\r\n127.0.0.1\tother  LocalHost\r\n\n192.0.2.1 BOX box2\n"},
		{"#127.0.0.1 localhost\n127.0.0.1 x#localhost\n 127.0.0.1 localhosts\n", "x",
		 "#127.0.0.1 localhost\n127.0.0.1 x#localhost\n 127.0.0.1 localhosts\n" LOCAL4 LOCAL6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *hosts = network_hosts(rows[i].text, rows[i].name);
		assert_string_equal(hosts, rows[i].hosts);
	}
}

static void the_hosts_loopback_is_no_name_server(void **state)
{
	static const struct {
		const char *text, *own;
	} rows[] = {
		{"", ""},
		{"nameserver 127.0.0.53", ""},
		{"# nameserver 127.0.0.1\nnameserver 192.0.2.1", "# nameserver 127.0.0.1\nnameserver 192.0.2.1\n"},
		{"nameserver\t127.1.2.3 # stub\nnameserver ::1\r\nnameserver 2001:db8::1\nsearch a b\noptions ndots:2\n",
		 "nameserver 2001:db8::1\nsearch a b\noptions ndots:2\n"},
		{"search 127.0.0.1\n\n;x\n", "search 127.0.0.1\n\n;x\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *own = network_resolver(rows[i].text);
		assert_string_equal(own, rows[i].own);
	}
}

static void places_are_plain(void **state)
{
	static const struct {
		const char *path, *place;
	} rows[] = {{"/", "/"}, {"//a//b/", "/a/b"}, {"/a/./b/../c", "/a/c"}, {"/../../etc/", "/etc"}, {"/..", "/"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *place = host_place(rows[i].path);
		assert_string_equal(place, rows[i].place);
	}
}

static void a_network_of_its_own_is_open_to_every_user(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	params_add(&p->record.params, "command", "true");
	json_t *config = bundle(p, &e);
	const json_t *sysctl = json_object_get(json_object_get(config, "linux"), "sysctl");
	const char *groups = json_string_value(json_object_get(sysctl, "net.ipv4.ping_group_range"));
	if (groups) // not where /proc/sys is read-only
		assert_true(str_starts(groups, "0 ") &&
		            str_equal(json_string_value(json_object_get(sysctl, "net.ipv4.ip_unprivileged_port_start")), "0"));
	json_decref(config);
	params_add(&p->record.params, "network", "host");
	config = bundle(p, &e);
	assert_int_equal(json_object_size(json_object_get(json_object_get(config, "linux"), "sysctl")), 0);
	json_decref(config);
}

static void all_capabilities_can_be_dropped(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	params_add(&p->record.params, "command", "true");
	params_add(&p->record.params, "cap-drop", "ALL");
	params_add(&p->record.params, "cap-add", "CAP_KILL");
	json_t *config = bundle(p, &e);
	const json_t *set =
	    json_object_get(json_object_get(json_object_get(config, "process"), "capabilities"), "bounding");
	assert_true(json_array_size(set) == 1 && lists(set, "CAP_KILL"));
	json_decref(config);
}

static void what_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} rows[] = {{"volume", "x", "volume 'x': the target 'x' must be an absolute path"},
	            {"volume", "/a:b", "the target 'b' must be"},
	            {"volume", "/a:/b:rx", "unknown option 'rx'"},
	            {"volume", "/a:/b:ro:z", "expected SOURCE:TARGET"},
	            {"device", "/etc/passwd", "'/etc/passwd' is not a device"},
	            {"mount", "type=bind,target=/x", "a bind mount needs a source"},
	            {"volume", "/nonexistent:/b", "'/nonexistent': No such file"},
	            {"user", "nobody-there", "no user 'nobody-there'"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *each;
		struct err e = {0};
		set_up(&each);
		struct place *p = each;
		params_add(&p->record.params, "command", "true");
		params_add(&p->record.params, rows[i].name, rows[i].value);
		assert_null(bundle(p, &e));
		if (!strstr(e.text, rows[i].says))
			fail_msg("'%s' does not say '%s'", e.text, rows[i].says);
		tear_down(&each);
	}
	struct place *p = *state;
	struct err e = {0};
	assert_null(bundle(p, &e)); // nothing to run
	assert_non_null(strstr(e.text, "specify a command"));
}

static void subordinate_ids_are_found_by_number_or_name(void **state)
{
	static const struct {
		const char *subuid, *subgid;
		bool found;
		unsigned first, count;
	} rows[] = {
		{"app:100000:65536\n", "app:200000:10\n", true, 100000, 65536}, {"other:1:1\n500:7:8\n", "500:7:8\n", true, 7,
		 8}, {"app:100000:65536", "", false, 0, 0},
		{"", "app:1:1", false, 0, 0}, {"apple:1:1\n", "apple:1:1\n", false, 0, 0}, {"5000:1:1\n", "5000:1:1\n", false,
		 0, 0}, {"app:x:1\napp:3:4\n", "app:3:4", true, 3, 4},
		{"app:0:10\n", "app:0:10\n", false, 0, 0}, // root is nobody's to give
		{"app:4294967000:1000\n", "app:1:1\n", false, 0, 0}, {"app:1\napp\n::\n", "app:1:1\n", false, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct subids s;
		assert_int_equal(subids_parse(&s, rows[i].subuid, rows[i].subgid, 500, "app"), rows[i].found);
		if (rows[i].found)
			assert_true(s.uid_first == rows[i].first && s.uid_count == rows[i].count);
	}
}

// In a child with namespaces of its own: the image is also mounted on its /etc. Returns the exit status: 0, or 2
// without namespaces.
static int remove_a_mounted_tree(const char *directory)
{
	auto_free char *tree = mem_printf("%s/image", directory), *below = mem_printf("%s/etc", tree),
	               *kept = mem_printf("%s/passwd", below);

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || mount(tree, below, NULL, MS_BIND, NULL) < 0)
		return 2;
	if (subids_remove_tree(tree, NULL) != -EBUSY || umount2(below, MNT_DETACH) < 0)
		return 1;
	return access(kept, F_OK) == 0 ? 0 : 1;
}

static void a_tree_with_a_mount_below_is_not_removed(void **state)
{
	const struct place *p = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(remove_a_mounted_tree(p->directory));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		skip(); // no user namespaces
	assert_int_equal(status, 0);
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(users_are_the_images_own), TEST(an_image_cannot_borrow_the_hosts_users), TEST(large_files_are_refused), TEST(a_removed_file_has_no_users), TEST(many_groups), TEST(the_upper_layer_counts_first), TEST(a_container_may_little_by_default),
		TEST(the_hosts_userland_hides_its_secrets), TEST(what_was_asked_for_is_there), TEST(all_capabilities_can_be_dropped), TEST(what_cannot_be_is_refused), TEST(a_tree_with_a_mount_below_is_not_removed),
		cmocka_unit_test(subordinate_ids_are_found_by_number_or_name),
		cmocka_unit_test(hosts_gets_what_is_missing), cmocka_unit_test(the_hosts_loopback_is_no_name_server), cmocka_unit_test(places_are_plain),
		TEST(a_network_of_its_own_is_open_to_every_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
