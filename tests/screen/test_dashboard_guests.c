// Guests on the screen: a shell by ssh, and the viewer of a graphical console.
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dashboard.h"

// Writes an executable at PATH.
static void write_program(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

static bool file_has(struct screen *s, const void *context)
{
	const char *const *path_and_text = context;
	auto_free char *line = mem_printf("grep -qxF -e '%s' '%s'", path_and_text[1], path_and_text[0]);

	(void)s;
	return system(line) == 0;
}

static void expect_in_file(struct screen *s, const char *path, const char *line)
{
	const char *const context[] = {path, line};

	if (!screen_until(s, file_has, context))
		fail_msg("'%s' does not get the line '%s'", path, line);
}

static char *make_directory(void)
{
	char *path = mem_strdup("/tmp/hostel-guests-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static void remove_directory(const char *path)
{
	auto_free char *line = mem_printf("rm -r '%s'", path);

	assert_int_equal(system(line), 0);
}

static void a_shell_in_a_guest_is_ssh(void **state)
{
	auto_free char *dir = make_directory(), *ssh = mem_printf("%s/ssh", dir), *log = mem_printf("%s/log", dir),
	               *script = mem_printf("#!/bin/sh\necho \"$@\" >>'%s'\necho inside\n", log),
	               *variable = mem_printf("HOSTEL_SSH=%s", ssh), *line = mem_printf("%s 10.0.0.7", ssh);
	const char *const environ[] = {variable, NULL};

	write_program(ssh, script);
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ});
	go_to(s, "build-1");
	screen_keys(s, "x");
	expect(s, line);
	screen_keys(s, "Esc s");
	expect_in_file(s, log, "10.0.0.7");
	expect(s, "▌ build-1");
	screen_keys(s, "y");
	expect(s, "Command: shell");
	remove_directory(dir);
}

static void the_user_of_the_shell_is_a_setting_or_a_label(void **state)
{
	auto_free char *dir = make_directory(), *config = mem_printf("%s/conf", dir),
	               *options = mem_printf("--config-file %s", config);

	write_program(config, "[guests]\nssh-user = admin\n");
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .options = options});
	go_to(s, "build-1");
	screen_keys(s, "x");
	expect(s, "ssh admin@10.0.0.7");
	screen_keys(s, "Esc");
	go_to(s, "slow-1");
	screen_keys(s, "x");
	expect(s, "ssh operator@10.0.0.11");
	remove_directory(dir);
}

// What ssh says can be read; then the console is one key away. Where no address is known, it is offered at once.
static void without_ssh_there_is_the_console(void **state)
{
	auto_free char *dir = make_directory(), *ssh = mem_printf("%s/ssh", dir),
	               *variable = mem_printf("HOSTEL_SSH=%s", ssh);
	const char *const environ[] = {variable, NULL};

	write_program(ssh, "#!/bin/sh\necho No route to host\nexit 255\n");
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ});
	go_to(s, "build-1");
	screen_keys(s, "s");
	expect(s, "No route to host");
	expect(s, "[Enter: back to hostel]");
	screen_keys(s, "Enter");
	expect(s, "No shell in 'build-1': ssh failed");
	expect(s, "console build-1");
	screen_keys(s, "Esc");
	go_to(s, "old-dos-1");
	screen_keys(s, "s");
	expect(s, "Shell: 'old-dos-1' is not running");
	remove_directory(dir);
}

static void the_viewer_needs_graphics_a_display_and_a_program(void **state)
{
	auto_free char *dir = make_directory(), *viewer = mem_printf("%s/remote-viewer", dir),
	               *log = mem_printf("%s/log", dir), *script = mem_printf("#!/bin/sh\necho \"$@\" >>'%s'\n", log),
	               *path = mem_printf("PATH=%s:/usr/bin:/bin", dir);
	const char *const with[] = {path, "DISPLAY=:7", "SSH_CONNECTION", NULL},
	                  *const without[] = {"PATH=/bin", "DISPLAY=:7", "SSH_CONNECTION", NULL};

	write_program(viewer, script);
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = with});
	go_to(s, "db-1");
	screen_keys(s, "v");
	expect(s, "Viewer: 'db-1' has no graphical console");
	go_to(s, "web-1");
	screen_keys(s, "v");
	expect(s, "Viewer: 'web-1' is not a guest");
	go_to(s, "build-1");
	screen_keys(s, "x");
	expect(s, "remote-viewer vnc://127.0.0.1:5905");
	screen_keys(s, "v");
	expect(s, "opening the viewer of 'build-1'");
	expect_in_file(s, log, "vnc://127.0.0.1:5905");
	auto_screen *bare = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = without + 2});
	go_to(bare, "build-1");
	screen_keys(bare, "v");
	expect(bare, "needs a display");
	auto_screen *poor = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = without});
	go_to(poor, "build-1");
	screen_keys(poor, "v");
	expect(poor, access("/bin/remote-viewer", X_OK) == 0 ? "viewer of" : "install the package virt-viewer");
	remove_directory(dir);
}

static void over_ssh_the_viewer_runs_on_the_users_own_machine(void **state)
{
	const char *const environ[] = {"SSH_CONNECTION=192.0.2.1 50000 192.0.2.9 22", "USER=pat", NULL};
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ});

	go_to(s, "build-1");
	screen_keys(s, "v");
	expect(s, "run both on your own machine");
	expect(s, "ssh -N -L 5905:127.0.0.1:5905 pat@192.0.2.9");
	expect(s, "remote-viewer vnc://127.0.0.1:5905");
	screen_keys(s, "1");
	expect(s, "copied: ssh -N -L 5905:127.0.0.1:5905 pat@192.0.2.9");
	screen_keys(s, "Esc");
	expect_gone(s, "run both");
}

static void published_ports_are_opened_in_the_browser(void **state)
{
	auto_free char *dir = make_directory(), *browser = mem_printf("%s/xdg-open", dir),
	               *log = mem_printf("%s/log", dir), *script = mem_printf("#!/bin/sh\necho \"$@\" >>'%s'\n", log),
	               *path = mem_printf("PATH=%s:/usr/bin:/bin", dir);
	const char *const environ[] = {path, "DISPLAY=:7", "SSH_CONNECTION", NULL};

	write_program(browser, script);
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ});
	go_to(s, "batch-1");
	screen_keys(s, "o");
	expect(s, "Open port: 'batch-1' publishes no TCP port");
	go_to(s, "api-1");
	screen_keys(s, "o");
	expect(s, "Open port: 'api-1' is not running");
	go_to(s, "cache-1");
	screen_keys(s, "x");
	expect(s, "xdg-open http://127.0.0.1:6379/");
	screen_keys(s, "o");
	expect(s, "opening http://127.0.0.1:6379/");
	expect_in_file(s, log, "http://127.0.0.1:6379/");
	go_to(s, "web-1");
	screen_keys(s, "o");
	expect(s, "Open a port of 'web-1'");
	expect(s, "http://127.0.0.1:8080/");
	assert_int_equal(screen_find(s, ":5353/", NULL), -1); // UDP
	screen_keys(s, "2");
	expect(s, "opening https://192.0.2.11:443/");
	expect_in_file(s, log, "https://192.0.2.11:443/");
	auto_screen *bare = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ + 2});
	go_to(bare, "web-1");
	screen_keys(bare, "o");
	expect(bare, "Ports of 'web-1': no browser can be started here (Enter copies)");
	screen_keys(bare, "1");
	expect(bare, "copied: http://127.0.0.1:8080/");
	remove_directory(dir);
}

static void over_ssh_ports_are_tunnelled(void **state)
{
	const char *const environ[] = {"SSH_CONNECTION=192.0.2.1 50000 192.0.2.9 22", "USER=pat", NULL};
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120, .environ = environ});

	go_to(s, "web-1");
	screen_keys(s, "o");
	expect(s, "tunnel and address on your own machine");
	expect(s, "ssh -N -L 8080:127.0.0.1:8080 pat@192.0.2.9");
	expect(s, "ssh -N -L 8443:192.0.2.11:443 pat@192.0.2.9"); // 443 would need root there
	expect(s, "https://127.0.0.1:8443/");
	screen_keys(s, "1");
	expect(s, "copied: ssh -N -L 8080:127.0.0.1:8080 pat@192.0.2.9");
	screen_keys(s, "Esc");
	expect_gone(s, "your own machine");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_in_a_guest_is_ssh),
		cmocka_unit_test(the_user_of_the_shell_is_a_setting_or_a_label),
		cmocka_unit_test(without_ssh_there_is_the_console),
		cmocka_unit_test(the_viewer_needs_graphics_a_display_and_a_program),
		cmocka_unit_test(over_ssh_the_viewer_runs_on_the_users_own_machine),
		cmocka_unit_test(published_ports_are_opened_in_the_browser),
		cmocka_unit_test(over_ssh_ports_are_tunnelled),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
