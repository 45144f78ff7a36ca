// container/store and container/record: what is on disk is whole or not there, locks can be asked, records survive
// their file, damage is told.
#include "container/bundle/mount_spec.h"
#include "container/bundle/volume_users.h"
#include "container/store/copy.h"
#include "container/store/record.h"
#include "container/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/name.h"
#include "model/workload.h"
#include "sys/fs.h"

#include "test.h"

struct place {
	char directory[64];
	struct store store;
};

static int set_up(void **state)
{
	struct place *p = mem_new(sizeof(*p));
	struct err e = {0};

	strcpy(p->directory, "/tmp/test_container.XXXXXX");
	assert_non_null(mkdtemp(p->directory));
	auto_free char *path = mem_printf("%s/store", p->directory);
	assert_int_equal(store_open(&p->store, path, &e), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	store_done(&p->store);
	store_done(&p->store);
	assert_int_equal(fs_remove_tree(AT_FDCWD, p->directory, NULL), 0);
	free(p);
	return 0;
}

static int make(struct place *p, const char *name)
{
	struct err e = {0};
	auto_free char *entry = NULL;
	auto_close int fd = store_container_make(&p->store, &entry, &e);

	assert_true(fd >= 0);
	assert_true(store_is_unfinished(entry));
	assert_false(name_is_valid(KIND_CONTAINER, entry)); // no container can be called so
	return store_container_publish(&p->store, entry, name, &e);
}

static bool exists(const struct place *p, const char *name)
{
	return faccessat(p->store.containers, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void a_container_appears_whole(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	assert_int_equal(make(p, "web"), 0);
	auto_close int fd = store_container_open(&p->store, "web", &e);
	assert_true(fd >= 0);
	assert_true(faccessat(fd, "upper", F_OK, 0) == 0 && faccessat(fd, "work", F_OK, 0) == 0 &&
	            faccessat(fd, "root", F_OK, 0) == 0);
	assert_int_equal(make(p, "web"), -EEXIST);
	assert_int_equal(store_container_remove(p->store.containers, "web", &e), 0);
	assert_int_equal(store_container_remove(p->store.containers, "web", &e), -ENOENT);
	assert_int_equal(store_container_open(&p->store, "web", &e), -ENOENT);
	assert_int_equal(store_container_open(&p->store, "../containers", &e), -ENOENT);
	assert_int_equal(store_container_open(&p->store, "", &e), -ENOENT);
}

static void a_link_is_no_container(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	assert_int_equal(symlinkat("/etc", p->store.containers, "link"), 0);
	assert_int_equal(store_container_open(&p->store, "link", &e), -ENOENT);
	assert_int_equal(store_container_remove(p->store.containers, "link", &e), 0); // the link, not what it leads to
	assert_int_equal(access("/etc/passwd", F_OK), 0);
}

// A process that makes a container and a layer, removes the container "old", and never gets to the end. Returns its
// pid once it has begun.
static pid_t begin_and_wait(struct place *p, char **entry, char **layer)
{
	int up[2];
	char names[2][128] = {{0}};

	assert_int_equal(pipe(up), 0);
	pid_t pid = fork();
	if (pid == 0) {
		auto_free char *made = NULL, *made_layer = NULL;
		store_busy(p->store.containers);
		store_container_make(&p->store, &made, NULL);
		store_layer_make(&p->store, &made_layer, NULL);
		strcpy(names[0], made);
		strcpy(names[1], made_layer);
		(void)!write(up[1], names, sizeof(names));
		pause();
	}
	assert_int_equal(read(up[0], names, sizeof(names)), sizeof(names));
	close(up[0]);
	close(up[1]);
	*entry = mem_strdup(names[0]);
	*layer = mem_strdup(names[1]);
	return pid;
}

static bool has_layer(const struct place *p, const char *name)
{
	return store_has_layer(&p->store, name);
}

static void kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

// What a killed process leaves is cleared away although others are at work, and what those work on is not.
static void leftovers_are_swept(void **state)
{
	struct place *p = *state;
	auto_free char *entry = NULL, *layer = NULL, *others = NULL, *other_layer = NULL;

	assert_int_equal(make(p, "kept"), 0);
	pid_t dies = begin_and_wait(p, &entry, &layer), lives = begin_and_wait(p, &others, &other_layer);
	store_sweep(&p->store);
	assert_true(exists(p, entry) && has_layer(p, layer) && exists(p, others) && has_layer(p, other_layer));
	kill_and_wait(dies);
	store_sweep(&p->store);
	assert_false(exists(p, entry) || has_layer(p, layer));
	assert_true(exists(p, others) && has_layer(p, other_layer) && exists(p, "kept"));
	kill_and_wait(lives);
	store_sweep(&p->store);
	assert_false(exists(p, others) || has_layer(p, other_layer));
	assert_true(exists(p, "kept"));
}

// The version before this one holds ".busy", and no lock on the directory.
static void leftovers_of_an_older_version(void **state)
{
	struct place *p = *state;
	static const char old[] = ".part.1795795824283238777.24541.0";

	assert_int_equal(mkdirat(p->store.containers, old, 0700) | mkdirat(p->store.layers, old, 0755), 0);
	int busy = store_busy(p->store.containers), other = store_busy(p->store.containers); // two at once
	assert_true(busy >= 0 && other >= 0);
	close(other);
	store_sweep(&p->store);
	assert_true(exists(p, old) && has_layer(p, old));
	close(busy);
	store_sweep(&p->store);
	assert_false(exists(p, old) || has_layer(p, old));
}

static void the_first_of_two_equal_layers_stays(void **state)
{
	struct place *p = *state;
	auto_free char *first = NULL, *second = NULL;
	auto_close int a = store_layer_make(&p->store, &first, NULL), b = store_layer_make(&p->store, &second, NULL);

	assert_int_equal(mkdirat(a, "first", 0755) | mkdirat(b, "second", 0755), 0);
	assert_int_equal(store_layer_publish(&p->store, first, "same", NULL), 0);
	assert_int_equal(store_layer_publish(&p->store, second, "same", NULL), 0);
	assert_true(has_layer(p, "same/first") && !has_layer(p, "same/second") && !has_layer(p, second));
}

static void modes_do_not_depend_on_the_umask(void **state)
{
	static const mode_t masks[] = {0, 022, 027, 077, 0777};
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		auto_free char *path = mem_printf("%s/%zu/store", p->directory, i), *entry = NULL, *layer = NULL;
		struct store s;
		struct stat st;
		mode_t mask = umask(masks[i]);
		int opened = store_open(&s, path, NULL);
		auto_close int fd = store_container_make(&s, &entry, NULL), into = store_layer_make(&s, &layer, NULL);
		int deep = fs_resolve(into, "a/b", FS_CREATE | FS_DIRECTORY, NULL),
		    file = fs_resolve(into, "c/f", FS_CREATE, NULL);
		umask(mask);
		assert_true(opened == 0 && fd >= 0 && into >= 0 && deep >= 0 && file >= 0);
		static const struct {
			bool layer;
			const char *name;
			mode_t mode;
		} rows[] = {{false, ".", 0700}, {false, "upper", 0755}, {false, "work", 0755}, {false, "root", 0755},
		            {true, ".", 0755},  {true, "a", 0755},      {true, "a/b", 0755},   {true, "c/f", 0644}};
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
			assert_int_equal(fstatat(rows[k].layer ? into : fd, rows[k].name, &st, 0), 0);
			assert_int_equal(st.st_mode & 07777, rows[k].mode);
		}
		close(deep);
		close(file);
		store_done(&s);
	}
}

static void locks_can_be_asked_without_taking_them(void **state)
{
	struct place *p = *state;
	struct err e = {0};

	assert_int_equal(make(p, "web"), 0);
	auto_close int fd = store_container_open(&p->store, "web", &e);
	assert_false(store_is_locked(fd, "monitor"));
	int lock = store_lock(fd, "monitor", false);
	assert_true(lock >= 0);
	assert_true(store_is_locked(fd, "monitor"));
	assert_int_equal(store_lock(fd, "monitor", false), -EWOULDBLOCK);
	close(lock);
	assert_false(store_is_locked(fd, "monitor"));
	int one = store_lock_shared(fd, "stopping"), two = store_lock_shared(fd, "stopping");
	assert_true(one >= 0 && two >= 0);
	assert_true(store_is_locked(fd, "stopping"));
	close(one);
	assert_true(store_is_locked(fd, "stopping"));
	close(two);
	assert_false(store_is_locked(fd, "stopping"));
}

// Otherwise a container that runs would be taken for a dead one.
static void a_lock_that_cannot_be_asked_counts_as_held(void **state)
{
	struct place *p = *state;
	struct err e = {0};
	struct rlimit before, none;

	assert_int_equal(make(p, "web"), 0);
	auto_close int fd = store_container_open(&p->store, "web", &e);
	close(store_lock(fd, "monitor", false));
	assert_false(store_is_locked(fd, "monitor"));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){0, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	bool locked = store_is_locked(fd, "monitor");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(locked);
	assert_false(store_is_locked(fd, "never"));
}

// Whatever number of open files is allowed: a volume is filled from an image as a whole, or with an error.
static void a_copy_is_complete_or_fails(void **state)
{
	struct place *p = *state;
	struct rlimit before;
	auto_strv roots = {0};
	int copied = 0, failed = 0;

	for (int i = 0; i < 2; i++) {
		auto_free char *command = mem_printf("mkdir -p %s/root%d/data/a/b && touch %s/root%d/data/a/b/%d", p->directory,
		                                     i, p->directory, i, i);
		assert_int_equal(system(command), 0);
		strv_addf(&roots, "%s/root%d", p->directory, i);
	}
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (rlim_t limit = 3; limit < 64; limit++) {
		auto_free char *name = mem_printf("%s/to%d", p->directory, (int)limit);
		const struct rlimit few = {limit, before.rlim_max};
		struct err e = {0};
		assert_int_equal(mkdir(name, 0700), 0);
		auto_close int to = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		setrlimit(RLIMIT_NOFILE, &few);
		int r = copy_stacked(&roots, "/data", to, &e);
		setrlimit(RLIMIT_NOFILE, &before);
		if (r == 0)
			assert_true(faccessat(to, "a/b/0", F_OK, 0) == 0 && faccessat(to, "a/b/1", F_OK, 0) == 0);
		copied += r == 0;
		failed += r < 0;
	}
	assert_true(copied > 0 && failed > 0);
}

static void a_killed_process_holds_no_lock(void **state)
{
	struct place *p = *state;
	struct err e = {0};
	int line[2];
	char c;

	assert_int_equal(make(p, "web"), 0);
	auto_close int fd = store_container_open(&p->store, "web", &e);
	assert_int_equal(pipe(line), 0);
	pid_t pid = fork();
	if (pid == 0) {
		store_lock(fd, "monitor", true);
		(void)!write(line[1], "x", 1);
		pause();
	}
	assert_int_equal(read(line[0], &c, 1), 1);
	assert_true(store_is_locked(fd, "monitor"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(store_is_locked(fd, "monitor"));
	close(line[0]);
	close(line[1]);
}

static void only_a_private_directory_is_a_store(void **state)
{
	struct place *p = *state;
	struct store s;
	struct err e = {0};
	auto_free char *open_path = mem_printf("%s/open", p->directory);
	auto_free char *link_path = mem_printf("%s/link", p->directory);

	mkdir(open_path, 0700);
	chmod(open_path, 0777);
	assert_int_equal(store_open(&s, open_path, &e), -EPERM);
	assert_non_null(strstr(e.text, "only you can write"));
	store_done(&s);
	assert_int_equal(symlink(p->store.path, link_path), 0);
	assert_int_equal(store_open(&s, link_path, &e), -EPERM);
	store_done(&s);
	assert_int_equal(store_open(&s, "relative", &e), -EINVAL);
	store_done(&s);
	static const char *const odd[] = {"a:b", "a,b", "a\\b", "a\nb", "a b"};
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) { // overlayfs's options are written without them
		auto_free char *path = mem_printf("%s/%s", p->directory, odd[i]);
		assert_int_equal(store_open(&s, path, &e), 0);
		store_done(&s);
	}
}

static void a_record_survives_its_file(void **state)
{
	struct place *p = *state;
	struct record r = {.name = mem_strdup("web"), .created = INT64_C(1767268800000000001)}, back;
	struct err e = {0};
	auto_close int fd = open(p->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	params_add(&r.params, "env", "A=1");
	params_add(&r.params, "env", "B=\"\n\t\xc3\xa4");
	params_add(&r.params, "command", "");
	params_add(&r.params, "network", "none");
	r.image.reference = mem_strdup("oci:/x:1");
	r.image.user = mem_strdup("app");
	strv_add(&r.image.lowers, "/a");
	strv_add(&r.image.lowers, "/b");
	strv_add(&r.image.env, "X=y");
	strv_add(&r.image.exposed, "80/tcp");
	assert_int_equal(record_write(fd, &r, &e), 0);
	assert_int_equal(record_read(fd, &back, &e), 0);
	assert_true(str_equal(back.name, "web") && back.created == r.created && back.params.count == 4);
	assert_string_equal(params_get_nth(&back.params, "env", 1), "B=\"\n\t\xc3\xa4");
	assert_string_equal(params_get(&back.params, "command"), "");
	assert_true(strv_equal(&back.image.lowers, &r.image.lowers) && strv_equal(&back.image.env, &r.image.env));
	assert_true(strv_equal(&back.image.exposed, &r.image.exposed));
	assert_true(str_equal(back.image.user, "app") && !back.image.workdir && !back.image.digest);
	record_done(&back);
	params_add(&r.params, "label", "bad\xff");
	assert_true(record_write(fd, &r, &e) < 0); // JSON could not carry it: said before anything is made
	record_done(&r);
	record_done(NULL);
}

// A container whose directory cannot be opened might use the volume.
static void an_unknown_container_keeps_a_volume(void **state)
{
	struct place *p = *state;
	int containers = p->store.containers;
	auto_strv users = {0};
	auto_records records = {0};
	struct rlimit before, few;
	struct err e = {0}, more = {0};

	assert_int_equal(mkdirat(containers, "web", 0700), 0);
	int next = dup(containers);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){(rlim_t)next + 1, before.rlim_max}; // for the list only
	assert_int_equal(close(next) | setrlimit(RLIMIT_NOFILE, &few), 0);
	int r = volume_users(containers, "data", &users, &e), list = records_read(containers, &records, &more);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(r, -EMFILE);
	assert_int_equal(list, -EMFILE); // its layers could be removed
	assert_non_null(strstr(e.text, "container 'web', whose volumes are unknown"));
	assert_int_equal(unlinkat(containers, "web", AT_REMOVEDIR), 0);
	assert_int_equal(symlinkat("/nowhere", containers, "web"), 0); // nothing of hostel's
	assert_int_equal(volume_users(containers, "data", &users, &e), 0);
}

// An image names only where its volumes are: a colon in the path asks for no source and no options.
static void a_volume_of_an_image_is_a_path(void **state)
{
	auto_mount_specs m = {0};
	struct err e = {0};

	(void)state;
	struct mount_spec *one = mount_specs_add(&m);
	assert_int_equal(mount_spec_of_image(one, "/etc:/host:suid,dev", &e), 0);
	assert_int_equal(one->type, MOUNT_VOLUME);
	assert_string_equal(one->target, "/etc:/host:suid,dev");
	assert_true(!one->source && !one->allow_suid && !one->allow_dev);
	assert_int_equal(mount_spec_of_image(mount_specs_add(&m), "/", &e), -EINVAL);
}

static void a_state_survives_its_file(void **state)
{
	struct place *p = *state;
	auto_close int fd = open(p->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct run_state s = {.phase = RUN_WAITING,
	                      .boot = run_state_boot(),
	                      .pid = 7,
	                      .monitor = 8,
	                      .pid_started = UINT64_C(1) << 50,
	                      .started = 1,
	                      .finished = 2,
	                      .start_ms = 9.5,
	                      .restarts = 3,
	                      .code = 137,
	                      .reason = mem_strdup("OOM")},
	                 back;
	struct err e = {0};

	assert_int_equal(run_state_read(fd, &back, &e), 0); // no file yet
	assert_true(back.phase == RUN_NEVER && back.code == -1);
	for (enum run_phase phase = RUN_NEVER; phase <= RUN_ENDED; phase++) {
		s.phase = phase;
		assert_int_equal(run_state_write(fd, &s, true, &e), 0);
		assert_int_equal(run_state_read(fd, &back, &e), 0);
		assert_int_equal(back.phase, phase);
		assert_true(back.pid == 7 && back.monitor == 8 && back.pid_started == s.pid_started && back.restarts == 3 &&
		            back.code == 137);
		assert_true(str_equal(back.boot, s.boot) && str_equal(back.reason, "OOM") && back.start_ms > 9.4 &&
		            back.start_ms < 9.6);
		run_state_done(&back);
	}
	assert_true(strlen(s.boot) > 30);
	run_state_done(&s);
}

static void damage_is_told_with_its_place(void **state)
{
	struct place *p = *state;
	auto_close int fd = open(p->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	static const char *const damaged[] = {"",
	                                      "{",
	                                      "[]",
	                                      "3",
	                                      "{\"name\":\"x\"}",
	                                      "{\"name\":\"x\",\"image\":{}}",
	                                      "\xff\xfe",
	                                      "{\"name\":1,\"image\":{\"lowers\":[\"/\"]}}"};

	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		struct record r;
		struct err e = {0};
		assert_int_equal(fs_replace_file(fd, "record.json", 0600, damaged[i], strlen(damaged[i]), NULL), 0);
		assert_int_equal(record_read(fd, &r, &e), -EINVAL);
		assert_non_null(strstr(e.text, "'record.json' is damaged"));
	}
	for (size_t i = 0; i < 4; i++) {
		struct run_state s;
		struct err e = {0};
		assert_int_equal(fs_replace_file(fd, "state.json", 0600, damaged[i], strlen(damaged[i]), NULL), 0);
		assert_int_equal(run_state_read(fd, &s, &e), -EINVAL);
	}
}

int main(void)
{
#define TEST(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_container_appears_whole),        TEST(a_link_is_no_container), TEST(leftovers_are_swept), TEST(leftovers_of_an_older_version), TEST(the_first_of_two_equal_layers_stays), TEST(modes_do_not_depend_on_the_umask), TEST(locks_can_be_asked_without_taking_them),
		TEST(a_lock_that_cannot_be_asked_counts_as_held), TEST(a_copy_is_complete_or_fails),
		TEST(a_killed_process_holds_no_lock),   TEST(only_a_private_directory_is_a_store), TEST(a_record_survives_its_file),
		TEST(an_unknown_container_keeps_a_volume), TEST(a_volume_of_an_image_is_a_path),
		TEST(a_state_survives_its_file),        TEST(damage_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
