// The dashboard with real containers: created in its dialog, measured, entered, attached to, logged, stopped and
// deleted by keys alone, and none of them hurt when the terminal goes away.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dashboard.h"

static char store[] = "/tmp/hostel-screen-XXXXXX";
static char *name; // control groups bear it: not the same in two tests side by side

static struct screen *open_real(void)
{
	auto_free char *where = mem_printf("HOSTEL_STORE=%s", store);

	return open_dashboard((struct opening){
	    .rows = 36, .columns = 120, .engine = "bunk", .until = "? Help",
	    .environ = (const char *[]){where, "HOSTEL_NETWORK=none", NULL}});
}

static int hostel(const char *words)
{
	auto_free char *line =
	    mem_printf("HOSTEL_STORE=%s '" TEST_BUILD "/hostel' --engine bunk %s >/dev/null 2>&1", store, words);
	int status = system(line);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_container_from_its_dialog_to_its_end(void **state)
{
	if (hostel("run --rm --memory 64M host -- true") != 0)
		skip(); // its limit needs a control group, which not every user has
	auto_screen *s = open_real();

	expect(s, "No guests or containers yet.");
	screen_keys(s, "C c");
	expect(s, "Create a container");
	auto_free char *fields = mem_printf(
	    "=%s Down Down =sh Space =-c Space ='echo Space =out-$((6*7)); Space =exec Space =sleep Space =1000' Down "
	    "=64M Down =0.5 F10",
	    name);
	screen_keys(s, fields);
	expect_row(s, name, "● running");
	expect_row(s, name, "/64M"); // measured from its control group
	screen_keys(s, "]");
	screen_keys(s, "]");
	expect(s, "out-42");
	screen_keys(s, "] ]");
	expect(s, "pid-ns");
	screen_keys(s, "s"); // a shell inside, on this terminal
	expect_gone(s, "NAME▲");
	expect(s, "#"); // its prompt: one is root in there
	screen_send(s, "echo in-$((50+5)) $$\r", 21);
	expect(s, "in-55 ");
	screen_send(s, "exit\r", 5);
	expect(s, "NAME▲");
	assert_true(screen_modes(s).raw);
	screen_keys(s, "p");
	expect_row(s, name, "◐ paused");
	screen_keys(s, "p");
	expect_row(s, name, "● running");
	screen_keys(s, "X f y");
	expect_row(s, name, "✗ SIGKILL");
	screen_keys(s, "S");
	expect_row(s, name, "● running");
	screen_keys(s, "D");
	expect(s, "It is running and will be killed first.");
	screen_keys(s, "y");
	expect(s, "No guests or containers yet.");
	auto_free char *done = mem_printf("deleting '%s': done", name);
	expect(s, done); // else leaving asks, because something is under way
	screen_keys(s, "q");
	assert_int_equal(screen_ended(s), 0);
}

static void attached_and_left_again(void **state)
{
	auto_free char *run = mem_printf("run -d -t --name %s host -- sh", name),
	               *remove = mem_printf("rm --force %s", name);

	assert_int_equal(hostel(run), 0);
	auto_screen *s = open_real();
	expect_row(s, name, "● running");
	screen_keys(s, "a");
	expect_gone(s, "NAME▲");
	expect(s, "; Ctrl-] leaves]");
	screen_send(s, "\r", 1);
	expect(s, "#");
	screen_send(s, "echo here-$((9*9))\r", 19);
	expect(s, "here-81");
	screen_keys(s, "Ctrl-]");
	expect(s, "NAME▲");
	expect_row(s, name, "● running");
	screen_keys(s, "q");
	assert_int_equal(screen_ended(s), 0);
	assert_int_equal(hostel(remove), 0);
}

static bool footer_has(struct screen *s, const void *text)
{
	return strstr(screen_row(s, 35), text) != NULL;
}

// Without a terminal of its own and without output: it can be attached to and left, its log says that there is none,
// and an answer stays where an event comes.
static void one_that_says_nothing(void **state)
{
	auto_free char *run = mem_printf("run -d --name %s host -- sleep 1000", name), *kill = mem_printf("kill %s", name),
	               *start = mem_printf("start %s", name), *remove = mem_printf("rm --force %s", name);

	assert_int_equal(hostel(run), 0);
	auto_screen *s = open_real();
	expect_row(s, name, "● running");
	screen_keys(s, "a");
	expect(s, "; Ctrl-] leaves]");
	screen_keys(s, "Ctrl-]");
	expect(s, "NAME▲");
	screen_keys(s, "] ]");
	expect(s, "no output yet");
	screen_keys(s, "Tab 1");
	expect(s, "no output in the last minute");
	screen_keys(s, "0 Tab [ [ [ Z"); // Events
	expect(s, "the order is frozen");
	assert_int_equal(hostel(kill), 0);
	expect_row(s, name, "✗ SIGKILL");
	auto_free char *event = mem_printf("! %s", name);
	expect(s, event);
	assert_true(screen_find(s, "the order is frozen", NULL) >= 0);
	screen_keys(s, "Z");
	expect(s, "the order is no longer frozen");
	screen_keys(s, "j");
	expect_gone(s, "the order is no longer frozen");
	assert_int_equal(hostel(start), 0);
	expect_row(s, name, "● running");
	assert_int_equal(hostel(kill), 0);
	assert_true(screen_until(s, footer_has, "exited 137")); // nothing else was said
	screen_keys(s, "l");
	expect(s, "no output");
	assert_int_equal(screen_find(s, "no output yet", NULL), -1);
	screen_keys(s, "Esc q");
	assert_int_equal(screen_ended(s), 0);
	assert_int_equal(hostel(remove), 0);
}

// The connection drops while a terminal is attached: the container keeps running.
static void a_dropped_line_hurts_nobody(void **state)
{
	auto_free char *run = mem_printf("run -d -t --name %s host -- sh", name),
	               *remove = mem_printf("rm --force %s", name);

	assert_int_equal(hostel(run), 0);
	for (int attached = 0; attached < 2; attached++) {
		auto_screen *s = open_real();

		expect_row(s, name, "● running");
		if (attached) {
			screen_keys(s, "a");
			expect_gone(s, "NAME▲");
		}
		screen_hang_up(s);
		assert_true(screen_ended(s) != -1);
	}
	auto_screen *again = open_real();
	expect_row(again, name, "● running");
	screen_keys(again, "q");
	assert_int_equal(screen_ended(again), 0);
	assert_int_equal(hostel(remove), 0);
}

// Restarted once while no dashboard ran: the end before, and the journal that its monitor has kept.
static void what_happened_before_it_was_opened(void **state)
{
	auto_free char *run = mem_printf(
	    "run -d --name %s --restart on-failure:1 host -- sh -c 'test -e /usr/second && exec sleep 1000; touch "
	    "/usr/second; exit 44'",
	    name);
	auto_free char *remove = mem_printf("rm --force %s", name);

	assert_int_equal(hostel(run), 0);
	auto_screen *s = open_real();
	expect(s, "last-exit 44");
	screen_keys(s, "["); // from the first tab to the last, which is Events
	expect(s, "STATUS");
	expect(s, "ended    44");
	screen_keys(s, "q");
	assert_int_equal(screen_ended(s), 0);
	assert_int_equal(hostel(remove), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_from_its_dialog_to_its_end),
		cmocka_unit_test(attached_and_left_again),
		cmocka_unit_test(one_that_says_nothing),
		cmocka_unit_test(a_dropped_line_hurts_nobody),
		cmocka_unit_test(what_happened_before_it_was_opened),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	if (!mkdtemp(store))
		return 99;
	name = mem_printf("s%s", store + strlen(store) - 6);
	auto_free char *probe = mem_printf("run --rm --name %s-probe host -- true", name);
	auto_free char *cleanup = mem_printf("chmod -R u+rwx %s; rm -rf %s", store, store),
	               *remove = mem_printf("rm --force %s", name);
	int r = 0;
	if (hostel(probe) != 0)
		printf("ok 1 - containers on the screen # SKIP containers cannot run here\n1..1\n");
	else
		r = cmocka_run_group_tests(tests, NULL, NULL);
	hostel(remove);
	if (system(cleanup) != 0)
		r = r ? r : 1;
	free(name);
	return r;
}
