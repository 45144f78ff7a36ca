// The dashboard's forms: their sections, choices and lists, what they say below, and how they end.
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dashboard.h"

static struct screen *open_container_form(void)
{
	struct screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "C c");
	expect(s, "Create a container");
	return s;
}

static void a_form_has_sections_and_says_what_a_field_takes(void **state)
{
	auto_screen *s = open_container_form();

	expect(s, "General ─");
	expect(s, "Resources ─");
	expect(s, "Lifetime ─");
	expect(s, "name (generated if empty), for example web-1");
	screen_keys(s, "Down Down");
	expect(s, "for example sleep 60");
	(void)state;
}

static void the_equal_command_line_is_live(void **state)
{
	auto_screen *s = open_container_form();

	expect(s, "run --detach container --network=default host");
	screen_keys(s, "=web");
	expect(s, "run --detach container --name=web --network=default host");
	screen_keys(s, "Down Down =sleep Space =60");
	expect(s, "sleep 60");
	(void)state;
}

static void several_values_are_several_lines(void **state)
{
	auto_screen *s = open_container_form();

	click_at(s, "Volumes", 0);
	expect(s, "SOURCE:TARGET[:ro]; Enter: another");
	screen_keys(s, "=/a:/x Enter =/b:/y Enter");
	expect(s, "--volume=/b:/y");
	screen_keys(s, "Backspace Backspace Ctrl-U Backspace"); // the empty line, then the second one
	expect_gone(s, "--volume=/b:/y");
	expect(s, "--volume=/a:/x");
	(void)state;
}

static void choices_are_chosen_by_key_and_by_mouse(void **state)
{
	auto_screen *s = open_container_form();

	expect(s, "‹no› always  unless-stopped  on-failure");
	click_at(s, "unless-stopped", 1);
	expect(s, "‹unless-stopped›");
	expect(s, "--restart=unless-stopped");
	screen_keys(s, "Right"); // and another one can be typed
	expect(s, "‹on-failure›");
	screen_keys(s, ":  =5");
	expect(s, "--restart=on-failure:5");
	click_at(s, "More fields", 19);
	expect(s, "Delete on exit");
	(void)state;
}

// A refusal of the engine: the form is still there, and says it at the field.
static void a_form_stays_when_the_engine_refuses(void **state)
{
	auto_screen *s = open_container_form();

	screen_keys(s, "=db-1 Down Down =sleep F10");
	expect(s, "'db-1' exists already");
	expect(s, "Create a container");
	expect(s, "--name=db-1 --network=default host");
	screen_keys(s, "=x F10");
	expect(s, "▌ db-1x ");
	expect_gone(s, "Create a container");
	(void)state;
}

// What a field can be is asked of the host: Tab does not move on before the answer is there.
static void tab_completes_what_the_host_has(void **state)
{
	auto_screen *s = open_container_form();

	screen_keys(s, "Down Ctrl-U =oci:d Tab");
	expect(s, "oci:debian:12");
	screen_keys(s, "Esc C g");
	expect(s, "Create a guest");
	click_at(s, "Disk image", 0);
	screen_keys(s, "=/etc/hostn Tab");
	expect(s, "/etc/hostname");
	expect(s, "--disk=/etc/hostname");
	(void)state;
}

static void a_guest_can_publish_ports(void **state)
{
	auto_screen *s = open_container_form();

	screen_keys(s, "Esc C g");
	expect(s, "Create a guest");
	click_at(s, "Ports", 0);
	screen_keys(s, "=127.0.0.1:2222:22");
	expect(s, "--publish=127.0.0.1:2222:22");
	(void)state;
}

// A kind and a verb that only the fake engine has: forms and menus come from their rows.
static void a_kind_of_one_engine_is_made_and_changed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "C");
	expect(s, "A bucket");
	screen_keys(s, "b");
	expect(s, "Create a bucket");
	screen_keys(s, "=second");
	expect(s, "bucket create --name=second");
	screen_keys(s, "F10");
	expect_gone(s, "Create a bucket");
	screen_keys(s, "0 End Enter");
	expect(s, "Buckets 2");
	screen_keys(s, "g");
	expect(s, "▌ demo ");
	screen_keys(s, "x");
	expect(s, "fill simulated buckets");
	screen_keys(s, "Enter");
	expect(s, "Fill 'demo'");
	screen_keys(s, "=5G");
	expect(s, "fill demo 5G");
	screen_keys(s, "F10");
	expect_row(s, "demo", "used");
	expect_gone(s, "Fill 'demo'");
	screen_keys(s, ": =fill Space =second Space =7G Enter");
	expect_row(s, "second", "7.0G");
	(void)state;
}

// Volumes are shown with their users, and one in use is not deleted.
static void volumes_are_items(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "6");
	expect(s, "6 Volumes 3");
	expect_row(s, "pages", "used");
	expect(s, " ? Help  / Filter  Enter Open  x Actions  C Create"); // and nothing that volumes never do
	screen_keys(s, "g Down D");
	expect(s, "This permanently deletes the volume with all its files.");
	screen_keys(s, "=cache Enter");
	expect(s, "volume 'cache' is in use by container");
	expect_row(s, "pages", "310M");
	screen_keys(s, "Esc C");
	expect(s, "A volume");
	screen_keys(s, "v");
	expect(s, "Create a volume");
	screen_keys(s, "=mine F10");
	expect_row(s, "mine", "unused");
	(void)state;
}

// Networks are started by their key; containers are connected and disconnected by forms.
static void networks_are_started_and_connected(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "5");
	expect_row(s, "lab", "inactive");
	go_to(s, "lab");
	screen_keys(s, "S");
	expect_row(s, "lab", " active");
	screen_keys(s, "x");
	expect(s, "Connect ");
	screen_keys(s, "/ =Connect Enter");
	expect(s, "Connect 'lab'");
	screen_keys(s, "=api-1 F10");
	expect(s, "connecting 'lab': done");
	expect_row(s, "lab", "api-1");
	screen_keys(s, "x");
	expect(s, "Disconnect ");
	screen_keys(s, "/ =Disconnect Enter");
	expect(s, "Disconnect 'lab'");
	screen_keys(s, "=api-1 F10");
	expect(s, "disconnecting 'lab': done");
	(void)state;
}

// Networks are deleted only after a confirmation, and cannot be stopped by force.
static void deleting_a_network_is_confirmed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "5");
	go_to(s, "default");
	screen_keys(s, "D");
	expect(s, "Delete 'default'?");
	expect(s, "This permanently deletes the network with its definition.");
	screen_keys(s, "y");
	expect(s, "network 'default' is used by web-1");
	screen_keys(s, "X");
	expect(s, "stopping 'default': network 'default' is used by");
	go_to(s, "lab");
	screen_keys(s, "Space");
	go_to(s, "default");
	screen_keys(s, "Space D");
	expect(s, "Delete 2 networks?");
	expect(s, "Type 2 to confirm:");
	screen_keys(s, "Esc Esc");
	expect_gone(s, "Type 2 to confirm:");
	screen_keys(s, ": =start Space =lab Enter");
	expect_row(s, "lab", " active");
	screen_keys(s, ": =stop Space =nosuch Enter");
	expect(s, "no network 'nosuch'");
	screen_keys(s, ": =rm Space =lab Enter");
	expect(s, "Delete 'lab'?");
	screen_keys(s, "y");
	expect_gone(s, " lab ");
	(void)state;
}

// Images get names and are removed by their verbs: the menu, a form, the question.
static void images_are_named_and_removed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "4");
	expect(s, "nginx:1.27");
	screen_keys(s, "g x");
	expect(s, "Add a name");
	expect(s, "Remove unused");
	screen_keys(s, "/ =name Enter");
	expect(s, "Add a name '");
	screen_keys(s, "=mine:2");
	expect(s, "tag ");
	expect(s, "mine:2");
	screen_keys(s, "F10");
	expect_gone(s, "Add a name '");
	screen_keys(s, "g D");
	expect(s, "The image is deleted with all its names");
	screen_keys(s, "y");
	expect_gone(s, "The image is removed");
	expect(s, "Images 3");
	(void)state;
}

static void a_click_presses_the_button(void **state)
{
	auto_screen *s = open_container_form();

	screen_keys(s, "=clicked");
	click_at(s, "[ Create ]", 3);
	expect(s, "▌ clicked ");
	(void)state;
}

static void limits_open_as_they_are_and_say_what_changed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, ": =limits Enter");
	expect(s, "Limits of 'web-1'");
	expect(s, "Memory        512M");
	expect(s, "nothing to change");
	screen_keys(s, "Ctrl-U =1G F10");
	expect(s, "'web-1': Memory 512M → 1.0G");
	expect_gone(s, "Limits of 'web-1'");
	expect_row(s, "web-1", "/1.0G");
	screen_keys(s, "z");
	expect(s, "'web-1': Memory 1.0G → 512M");
	(void)state;
}

// Seconds of the simulated clock since api-1 has ended.
static int seconds_on(struct screen *s)
{
	const char *ago = strstr(row_of(s, "api-1"), "s ago"), *from = ago;

	while (from && from[-1] >= '0' && from[-1] <= '9')
		from--;
	return from ? atoi(from) : strstr(row_of(s, "api-1"), "m ago") ? 60 : 0;
}

static bool is_later(struct screen *s, const void *seconds)
{
	return seconds_on(s) >= *(const int *)seconds;
}

static bool alert_came(struct screen *s, const void *bytes)
{
	return screen_sent(s, 0, bytes);
}

// A new problem rings the bell or notifies, once; what was wrong from the beginning does not.
static void alerts_of_new_problems(void **state)
{
	static const struct {
		const char *alerts, *sent;
	} cases[] = {{"none", NULL}, {"bell", "\a"}, {"notify", "\033]9;web-1: memory at "}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[] = "/tmp/hostel-conf-XXXXXX";
		auto_close int fd = mkstemp(path);
		assert_true(fd >= 0 && dprintf(fd, "[screen]\ninterval = 200ms\nalerts = %s\n", cases[i].alerts) > 0);
		auto_free char *options = mem_printf("--config-file %s", path);
		auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .options = options});

		go_to(s, "web-1");
		assert_true(screen_until(s, is_later, &(int){18}));
		assert_false(screen_sent(s, 0, "\a") || screen_sent(s, 0, "\033]9;"));
		screen_keys(s, ": =limits Enter");
		expect(s, "Limits of 'web-1'");
		screen_keys(s, "Ctrl-U =120M F10");
		expect(s, "! Problems 6");
		if (cases[i].sent)
			assert_true(screen_until(s, alert_came, cases[i].sent));
		size_t from = screen_bytes(s);
		assert_true(screen_until(s, is_later, &(int){seconds_on(s) + 5}));
		assert_false(screen_sent(s, from, "\a") || screen_sent(s, from, "\033]9;"));
		if (!cases[i].sent)
			assert_false(screen_sent(s, 0, "\a") || screen_sent(s, 0, "\033]9;"));
		unlink(path);
	}
	(void)state;
}

static void another_one_like_this(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, "x");
	expect(s, "Create another like this");
	screen_keys(s, "/ =another Enter Enter");
	expect(s, "Create a container");
	expect(s, "oci:nginx:1.27");
	expect(s, "--memory=512M");
	expect(s, "--label=app=shop");
	(void)state;
}

static void what_was_refused_among_several_is_said(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "api-1"); // has ended
	screen_keys(s, "Space");
	go_to(s, "web-1");
	screen_keys(s, "Space p");
	expect(s, "Pause: skipped 1 of 2: 'api-1' is not running");
	screen_keys(s, "U");
	expect_row(s, "web-1", "◐ paused");
	(void)state;
}

static void setup_is_saved_and_says_where(void **state)
{
	char dir[] = "/tmp/hostel-setup-XXXXXX";
	assert_non_null(mkdtemp(dir));
	auto_free char *config = mem_printf("XDG_CONFIG_HOME=%s", dir), *folder = mem_printf("%s/hostel", dir),
	               *file = mem_printf("%s/hostel.conf", folder), *saved = mem_printf("saved in %s", file);
	const char *const environ[] = {config, NULL};
	char text[256] = "";
	struct stat st;

	assert_return_code(mkdir(folder, 0755), 0);
	FILE *out = fopen(file, "w");
	assert_non_null(out);
	fputs("; mine\n[list]\nsort = -mem\n\n[keys]\nundo = u\n", out);
	fclose(out);
	assert_return_code(chmod(file, 0600), 0);
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 80, .environ = environ, .until = "web-1"});
	screen_keys(s, "F2");
	expect(s, "Sort by        ‹-memory›");
	click_at(s, "limit  host", 1);
	click_at(s, "[x]", 1); // the first column
	screen_keys(s, "F10");
	expect(s, saved);
	expect_gone(s, "KIND");
	out = fopen(file, "r");
	assert_non_null(out);
	size_t n = fread(text, 1, sizeof(text) - 1, out);
	text[n] = '\0';
	fclose(out);
	assert_non_null(strstr(text, "; mine\n[list]\nsort = -mem\ncpu = limit\ncolumns = "));
	assert_non_null(strstr(text, "\n[keys]\nundo = u\n"));
	assert_return_code(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(file);
	rmdir(folder);
	rmdir(dir);
	(void)state;
}

static void setup_that_cannot_be_saved_says_why(void **state)
{
	auto_screen *s = open_dashboard((struct opening){
	    .rows = 24, .columns = 80, .environ = (const char *[]){"XDG_CONFIG_HOME=/proc/hostel", NULL}});

	screen_keys(s, "F2");
	click_at(s, "limit  host", 1);
	screen_keys(s, "F10");
	expect(s, "applied but not saved: ");
	(void)state;
}

static void a_theme_that_is_not_accepted_goes_again(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 24, .columns = 80});
	struct screen_cell before = screen_cell(s, 0, 1);

	screen_keys(s, "F2 End Right");
	expect(s, "‹colour-blind›");
	screen_keys(s, "Esc");
	expect_gone(s, "Setup");
	screen_keys(s, "F2");
	expect(s, "Theme          ‹auto›");
	assert_int_equal(screen_cell(s, 0, 1).fg, before.fg);
	(void)state;
}

// Fields are arguments as they are: no shell reads them.
static void own_commands_are_run_with_fields_as_arguments(void **state)
{
	char path[] = "/tmp/hostel-conf-XXXXXX";
	int fd = mkstemp(path);
	FILE *out = fdopen(fd, "w");
	assert_non_null(out);
	fputs("[command]\n"
	      "Show it = Alt-v container printf '<%s>' \"{name} $(id)\" {image}\n"
	      "For guests = none guest true\n", out);
	fclose(out);
	auto_free char *options = mem_printf("--config-file %s", path);
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .options = options});

	go_to(s, "web-1");
	screen_keys(s, "x");
	expect(s, "Show it");
	expect(s, "'web-1 $(id)' oci:nginx:1.27");
	assert_int_equal(screen_find(s, "For guests", NULL), -1);
	screen_keys(s, "Esc Alt-v");
	expect(s, "<web-1 $(id)><oci:nginx:1.27>");
	expect(s, "[Enter: back to hostel]");
	screen_keys(s, "Enter");
	expect(s, "▌ web-1 ");
	go_to(s, "db-1");
	screen_keys(s, "Alt-v");
	expect(s, "Show it: not available for the selected item");
	unlink(path);
	(void)state;
}

static void own_commands_that_are_wrong_say_where(void **state)
{
	static const struct {
		const char *line, *error;
	} rows[] = {
		{"a = x any true", "key 'x' is already bound"},
		{"a = none host true", "unknown kind 'host'"},
		{"a = none any echo {colour}", "unknown field '{colour}'"},
		{"a = none any", "needs KEY KINDS COMMAND"},
		{"a = none any echo 'x", "a quote is not closed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[] = "/tmp/hostel-conf-XXXXXX";
		FILE *out = fdopen(mkstemp(path), "w");
		assert_non_null(out);
		fprintf(out, "[command]\n%s\n", rows[i].line);
		fclose(out);
		auto_free char *options = mem_printf("--config-file %s", path);
		auto_screen *s = open_dashboard(
		    (struct opening){.rows = 10, .columns = 160, .options = options, .until = rows[i].error});
		unlink(path);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_has_sections_and_says_what_a_field_takes),
		cmocka_unit_test(the_equal_command_line_is_live),
		cmocka_unit_test(several_values_are_several_lines),
		cmocka_unit_test(choices_are_chosen_by_key_and_by_mouse),
		cmocka_unit_test(a_form_stays_when_the_engine_refuses),
		cmocka_unit_test(tab_completes_what_the_host_has), cmocka_unit_test(a_guest_can_publish_ports),
		cmocka_unit_test(a_kind_of_one_engine_is_made_and_changed),
		cmocka_unit_test(images_are_named_and_removed),
		cmocka_unit_test(volumes_are_items),
		cmocka_unit_test(networks_are_started_and_connected),
		cmocka_unit_test(deleting_a_network_is_confirmed),
		cmocka_unit_test(a_click_presses_the_button),
		cmocka_unit_test(alerts_of_new_problems),
		cmocka_unit_test(limits_open_as_they_are_and_say_what_changed),
		cmocka_unit_test(another_one_like_this),
		cmocka_unit_test(what_was_refused_among_several_is_said),
		cmocka_unit_test(own_commands_are_run_with_fields_as_arguments),
		cmocka_unit_test(own_commands_that_are_wrong_say_where),
		cmocka_unit_test(setup_is_saved_and_says_where),
		cmocka_unit_test(setup_that_cannot_be_saved_says_why),
		cmocka_unit_test(a_theme_that_is_not_accepted_goes_again),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
