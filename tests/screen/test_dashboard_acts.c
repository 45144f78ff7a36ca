// What the dashboard does to workloads: menus with reasons, confirmations, nothing destructive by a slip, dialogs,
// read-only.
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dashboard.h"

static void stopping_by_the_menu(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "cache-1");
	screen_keys(s, "X");
	expect(s, "Stop 'cache-1'");
	expect(s, "stop cache-1");
	screen_keys(s, "Esc");
	expect_gone(s, "stop cache-1");
	assert_non_null(strstr(row_of(s, "cache-1"), "● running"));
	screen_keys(s, "X g");
	expect_row(s, "cache-1", "○ exited");
	screen_keys(s, "S");
	expect_row(s, "cache-1", "● running");
	screen_keys(s, "F9 f");
	expect(s, "Force stop 'cache-1'?");
	screen_keys(s, "Enter"); // by habit: no
	expect_gone(s, "Force stop 'cache-1'?");
	assert_non_null(strstr(row_of(s, "cache-1"), "● running"));
	screen_keys(s, "X f y");
	expect_row(s, "cache-1", "✗ SIGKILL");
}

static void pausing_and_restarting(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, "p");
	expect_row(s, "web-1", "◐ paused");
	screen_keys(s, "p");
	expect_row(s, "web-1", "● running");
	screen_keys(s, "r");
	expect(s, "Restart 'web-1'?");
	screen_keys(s, "n");
	expect_gone(s, "Restart 'web-1'?");
	screen_keys(s, "r y");
	expect(s, "restarting 'web-1': done");
	expect_row(s, "web-1", "● running");
	screen_keys(s, "L");
	expect(s, "restart web-1");
	screen_keys(s, "Esc");
}

// Each action of the menu shows the command line that does the same, of the selected one or of all that are marked.
static void actions_show_their_command_lines(void **state)
{
	static const char *const shown[] = {"hostel --engine fake:12,step,quiet logs --follow web-1",
	                                    "exec --tty web-1 sh -c 'command -v bash >/dev/null && exec bash; exec sh'",
	                                    "attach web-1",
	                                    "stop web-1",
	                                    "pause web-1",
	                                    "rm --force web-1",
	                                    "set --cpus=",
	                                    "inspect --config web-1"};
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 160});

	go_to(s, "web-1");
	screen_keys(s, "x");
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		expect(s, shown[i]);
	screen_keys(s, "Esc Space");
	go_to(s, "job-1"); // which is paused
	screen_keys(s, "Space Up x");
	expect(s, "resume web-1 job-1");
	expect(s, "is paused"); // a shell is for the selected one only
	screen_keys(s, "Esc U");
	go_to(s, "db-1");
	screen_keys(s, "D");
	expect(s, "rm --force db-1");
	expect(s, "rm --storage --force db-1");
	screen_keys(s, "Esc");
}

// A shell can run what the menu shows as it is: each line succeeds, except those that say why not.
static void command_lines_run_as_they_are_shown(void **state)
{
	static const char *const names[] = {"web-1", "db-1", "job-1", "api-1", "odd-1"};
	auto_free char *path = mem_printf("export EDITOR=true PATH=" TEST_BUILD ":%s", getenv("PATH"));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_screen *s = open_dashboard((struct opening){.rows = 50, .columns = 200, .engine = "fake:14,step,quiet"});
		size_t ran = 0;

		go_to(s, names[i]);
		screen_keys(s, "x");
		expect(s, "inspect");
		for (int row = 0; row < 50; row++) {
			const char *line = strstr(screen_row(s, row), "hostel --engine ");

			if (!line)
				continue;
			const char *frame = strstr(line, "│"); // the menu's
			size_t n = frame ? (size_t)(frame - line) : strlen(line);
			bool follows = strstr(line, " logs --follow "), asks = strstr(line, " edit ");
			auto_free char *command = mem_printf("%s; %s(%.*s)%s </dev/null 2>&1 %s", path,
			                                     asks ? "script -qec '" : "", (int)n, line,
			                                     asks ? "' /dev/null" : "",
			                                     follows ? "| head -n 1 | grep -q ." : ">/dev/null");
			int status = system(command);
			ran++;
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				fail_msg("%s: status %d", command, WEXITSTATUS(status));
		}
		assert_true(ran >= 5);
	}
}

// What the command line takes can be typed, with the same checks and the same question before it.
static void verbs_are_typed_with_their_fields(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 160});

	go_to(s, "web-1");
	screen_keys(s, ": =set Space =colour Space =red Enter");
	expect(s, ":set takes no 'colour'");
	screen_keys(s, ": =set Space =mem Space =lots Enter");
	expect(s, "for 'memory' (a size");
	screen_keys(s, ": =set Space =mem Space =2G Enter");
	expect(s, "'web-1': Memory 512M → 2.0G");
	screen_keys(s, ": =stop Space =web-1 Space =--timeout Space =soon Enter");
	expect(s, "for 'timeout' (a duration");
	screen_keys(s, ": =kill Space =web-1 Enter");
	expect(s, "Force stop 'web-1'?");
	screen_keys(s, "Esc : =stop Space =web-1 Space =--ti Tab =1s Enter");
	expect(s, "stopping 'web-1': done");
	expect(s, "○ exited");
	screen_keys(s, ": =rename Space =other Enter");
	expect(s, "renaming 'web-1': done");
	screen_keys(s, "L");
	expect(s, "stop --timeout=1s web-1");
	expect(s, "rename web-1 other");
	screen_keys(s, "Esc");
}

// A pane's help is about the pane, and each layer over it has its own.
static void every_layer_helps_with_its_own_keys(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 50, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, "l ?");
	expect(s, "Help: the keys of this pane, Logs");
	expect(s, "how far back the log goes");
	expect(s, "wrap long lines");
	expect(s, "show only lines that contain a text");
	assert_int_equal(screen_find(s, "sort by CPU", NULL), -1);
	assert_int_equal(screen_find(s, "guests only", NULL), -1);
	assert_int_equal(screen_find(s, "show a longer time in graphs", NULL), -1);
	screen_keys(s, "?"); // of the menu that this is
	expect(s, "Help: the keys of this menu");
	expect(s, "run that entry at once");
	screen_keys(s, "? Esc Esc [ ?");
	expect(s, "Help: the keys of this pane, Graphs");
	expect(s, "show a longer time in graphs");
	assert_int_equal(screen_find(s, "wrap long lines", NULL), -1);
	screen_keys(s, "Esc q ?");
	expect(s, "Help: the keys here");
	screen_keys(s, "Esc X F1");
	expect(s, "Help: the keys of this menu");
	screen_keys(s, "Esc Esc r ?");
	expect(s, "Help: the keys of this dialog");
	screen_keys(s, "Esc n C c F1");
	expect(s, "Help: the keys of this form");
	screen_keys(s, "Esc =?");
	expect(s, "?");
	screen_keys(s, "Esc : F1");
	expect(s, "Help: the keys of this line");
	screen_keys(s, "Esc Esc L ?");
	expect(s, "Help: the keys of this text");
	screen_keys(s, "Esc Esc q");
	assert_int_equal(screen_ended(s), 0);
}

// A guest that ignores the power button is not given up before its grace period, and the way to force it is named.
static void a_guest_that_does_not_shut_down_can_be_forced(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .engine = "fake:12,step,quiet,deaf"});

	go_to(s, "db-1");
	screen_keys(s, "X g");
	expect(s, "'db-1' is still shutting down after 60 s: force it off from the stop menu (X)");
	screen_keys(s, "X f y");
	expect_row(s, "db-1", "○ off");
}

static void taken_back(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, "p");
	expect_row(s, "web-1", "◐ paused");
	screen_keys(s, "j z"); // what was done last, wherever one is now
	expect_row(s, "web-1", "● running");
}

// What a guest uses and what is resident on the host are two facts: one is never shown as the other.
static void memory_that_is_not_told(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "old-dos-1");
	screen_keys(s, "S");
	expect_row(s, "old-dos-1", "● running");
	expect(s, "-  memory-limit 64M  host-rss 106M");
	assert_null(strstr(row_of(s, "old-dos-1"), "106M"));
}

static void reasons_where_something_cannot_be_done(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120});

	go_to(s, "api-1");
	screen_keys(s, "x");
	expect(s, "is not running");
	screen_keys(s, "s");
	expect(s, "is not running"); // picking it does nothing
	screen_keys(s, "Esc");
	screen_keys(s, "X");
	expect(s, "Stop: 'api-1' is not running");
	go_to(s, "old-dos-1");
	screen_keys(s, "a");
	expect(s, "Attach: 'old-dos-1' is not a container (a guest has a console)");
	go_to(s, "web-1");
	screen_keys(s, "S");
	expect(s, "Start: 'web-1' ");
}

static void a_guest_runs_commands(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120});

	go_to(s, "build-1");
	screen_keys(s, "x");
	expect(s, "console build-1");
	assert_int_equal(screen_find(s, "exec --tty", NULL), -1);
	screen_keys(s, "Esc E =echo Space =$((6*7))-out-of-it Enter");
	expect(s, "-out-of-it");
	expect(s, "[Enter: back to hostel]");
	screen_keys(s, "Enter");
	expect(s, "▌ build-1");
}

static void deleting(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "web-1");
	screen_keys(s, "D");
	expect(s, "Delete 'web-1'?");
	expect(s, "This permanently deletes:");
	expect(s, "It is running and will be killed first.");
	static const char *const no[] = {"Enter", "Esc", "n", "q"};
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		screen_keys(s, no[i]);
		expect_gone(s, "This permanently deletes:");
		screen_keys(s, "Delete");
		expect(s, "This permanently deletes:");
	}
	screen_keys(s, "y");
	expect_gone(s, " web-1 ");
	// the disks of a guest only with its name
	go_to(s, "old-dos-1");
	screen_keys(s, "D");
	expect(s, "Delete 'old-dos-1'");
	screen_keys(s, "Enter");
	expect(s, "Its disks are kept.");
	expect(s, "- /nvram/old-dos-1.fd (firmware variables)");
	expect_gone(s, "/images/old-dos-1.qcow2");
	screen_keys(s, "Esc D");
	expect(s, "Delete 'old-dos-1'");
	screen_keys(s, "Down Enter");
	expect(s, "- /images/old-dos-1.qcow2 (1.2G)");
	expect(s, "but not /images/base.qcow2 (used by guest 'db')");
	expect(s, "Type old-dos-1 to confirm:");
	screen_keys(s, "=old Enter");
	expect(s, "Type old-dos-1 to confirm:");
	screen_keys(s, "=-dos-1 Enter");
	expect_gone(s, " old-dos-1 ");
}

static void many_at_once_by_their_number(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "api-1");
	screen_keys(s, "Space");
	go_to(s, "job-1");
	screen_keys(s, "Space D");
	expect(s, "Delete 2 containers?");
	expect(s, "Type 2 to confirm:");
	screen_keys(s, "y Enter");
	expect(s, "Type 2 to confirm:");
	screen_keys(s, "Ctrl-U =2 Enter");
	expect_gone(s, " api-1 ");
	expect_gone(s, " job-1 ");
	expect(s, "1 All 10");
}

static void the_files_of_many_guests_are_named(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	go_to(s, "old-dos-1");
	screen_keys(s, "Space");
	go_to(s, "build-1");
	screen_keys(s, "Space D");
	expect(s, "Delete with the disks");
	screen_keys(s, "Down Enter");
	expect(s, "Type 2 to confirm:");
	expect(s, "- /images/old-dos-1.qcow2 (1.2G)");
	expect(s, "- /images/build-1.qcow2 (1.2G)");
	expect(s, "Files shared only by these guests are deleted with the last");
	expect(s, "but not /images/base.qcow2 (used by guest 'db')");
}

// Keys that stop, kill or delete in htop, top, k9s, lazydocker, ctop, virt-manager's friends, less and vim, each
// followed by what is pressed without reading. Nothing may have happened afterwards.
static void nothing_destructive_by_a_slip(void **state)
{
	static const char *const slips[] = {"k",
	                                    "Ctrl-K",
	                                    "d",
	                                    "d d",
	                                    "Ctrl-D",
	                                    "F8",
	                                    "Ctrl-X",
	                                    "Ctrl-C",
	                                    "Backspace",
	                                    "R",
	                                    "K",
	                                    "x Esc",
	                                    "u",
	                                    "Ctrl-W",
	                                    "F9 Esc",
	                                    "k Enter",
	                                    "Ctrl-K Enter",
	                                    "d Enter",
	                                    "D Enter",
	                                    "D Space Enter",
	                                    "Delete Enter",
	                                    "X Esc",
	                                    "r Enter",
	                                    "9",
	                                    "t",
	                                    "b",
	                                    "0",
	                                    "Z Z"};
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120});

	go_to(s, "cache-1");
	for (size_t i = 0; i < ARRAY_SIZE(slips); i++) {
		screen_keys(s, slips[i]);
		screen_keys(s, "Esc Esc Esc");
	}
	screen_keys(s, ": =journal Enter");
	expect(s, "Journal");
	assert_int_equal(screen_find(s, "stopping", NULL), -1);
	assert_int_equal(screen_find(s, "deleting", NULL), -1);
	assert_int_equal(screen_find(s, "killing", NULL), -1);
	assert_int_equal(screen_find(s, "restarting", NULL), -1);
	screen_keys(s, "Esc");
	expect(s, "1 All 12");
	go_to(s, "cache-1");
	expect_row(s, "cache-1", "● running");
}

static void a_paste_does_nothing(void **state)
{
	static const char paste[] = "\033[200~Dy\rXfy\rq\033[201~";
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_send(s, paste, sizeof(paste) - 1);
	screen_keys(s, "j");
	expect(s, "▌ batch-1");
	expect(s, "1 All 12");
	screen_keys(s, "D");
	expect(s, "This permanently deletes:");
	screen_send(s, paste, sizeof(paste) - 1);
	screen_keys(s, "n");
	expect_gone(s, "This permanently deletes:");
	expect_row(s, "batch-1", "● running");
}

// Replies of a terminal that come late, whole and in pieces with pauses between them, press no keys.
static void late_replies_do_nothing(void **state)
{
	static const char *const replies[] = {
		"\033]11;rgb:1e1e/1e1e/1e1e\033\\", "\033]10;rgb:dddd/dddd/dddd\a", "\033]52;c;U0RYOnE=\033\\",
		"\033P>|XTerm(380)\033\\", "\033P1$r0m\033\\", "\033_Gi=31;OK\033\\",
		"\033^DyXf:q\033\\",              "\033XcSDrX\033\\",               "\x9d" "11;rgb:S/D/X\x9c",
		"\033[?62;1;4c",          "\033[24;80R",       "\033[?2026;2$y",
		"\033[?997;1n",                  "\033[8;24;80t",               "\033[<35;12;5M",           "\033[I",
	};
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	expect(s, "▌ api-1");
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++)
		screen_send(s, replies[i], strlen(replies[i]));
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		size_t n = strlen(replies[i]), cut = n > 4 ? 3 + i * 5 % (n - 3) : 2;

		screen_send(s, replies[i], cut);
		screen_settle(s, 100); // longer than Esc waits
		screen_send(s, replies[i] + cut, n - cut);
	}
	screen_keys(s, "j");
	expect(s, "▌ batch-1");
	expect(s, "1 All 12");
	expect_key_line(s, 35);
	expect_row(s, "batch-1", "● running");
	// one whose end is lost: Esc gives the keys back
	screen_send(s, "\033]11;rgb:", 9);
	screen_send(s, "Xy", 2);
	screen_send(s, "\033", 1);
	// where the machine is so busy that it reads both at once, the first of these belongs to the Esc
	for (int i = 0; i < 10 && screen_find(s, "▌ batch-1", NULL) >= 0; i++) {
		screen_settle(s, 500);
		screen_keys(s, "j");
		screen_settle(s, 500);
	}
	expect_gone(s, "▌ batch-1");
	expect_row(s, "batch-1", "● running");
}

static void creating_a_container(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120});

	screen_keys(s, "C");
	expect(s, "A container");
	screen_keys(s, "c");
	expect(s, "Create a container");
	screen_keys(s, "=-wrong F10");
	expect(s, "beginning with a letter or digit)");
	screen_keys(s, "Ctrl-U =new-one F10");
	expect(s, "▌ new-one ");
	expect(s, "1 All 13");
	expect_row(s, "new-one", "● running");
	screen_keys(s, ": =new Space =container Enter");
	expect(s, "Create a container");
	screen_keys(s, "Down Down Down =much F10");
	expect(s, "much");
	expect(s, "Create a container");
	screen_keys(s, "Esc");
	expect_gone(s, "Create a container");
	expect(s, "1 All 13");
}

static void creating_a_guest(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 40, .columns = 120});

	screen_keys(s, "C g");
	expect(s, "Create a guest");
	screen_keys(s, "=machine Up Up"); // from the first field over the button to the last one
	expect(s, "show advanced options");
	screen_keys(s, "Space");
	expect(s, "[x]");
	screen_keys(s, "Esc");
	expect_gone(s, "Create a guest");
	expect(s, "1 All 12");
}

static void read_only_changes_nothing(void **state)
{
	static const char *const writes[] = {"X", "D", "C", "r", "p", "s", "S", "E", "a"};
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .options = "--read-only"});

	expect(s, "read-only");
	go_to(s, "web-1");
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		screen_keys(s, "j k");
		expect_gone(s, "--read-only was given");
		screen_keys(s, writes[i]);
		expect(s, "--read-only was given");
	}
	screen_keys(s, ": =stop Space =web-1 Enter");
	expect(s, "--read-only was given");
	screen_keys(s, ": =!id Enter");
	expect(s, "--read-only was given");
	screen_keys(s, "x");
	expect(s, "refused: --read-only was given");
	screen_keys(s, "Esc l"); // reading continues
	expect(s, "web-1[");
	assert_int_equal(screen_find(s, "X Stop", NULL), -1);
}

static void an_engine_in_trouble(void **state)
{
	auto_screen *s =
	    open_dashboard((struct opening){.rows = 24, .columns = 80, .engine = "fake:5,fail", .until = "is not running"});

	screen_keys(s, "?");
	expect(s, "Help: the keys here");
	screen_keys(s, "Esc q");
	assert_int_equal(screen_ended(s), 0);
	// one that does not answer does not hold the keys up
	auto_screen *hung =
	    open_dashboard((struct opening){.rows = 24, .columns = 80, .engine = "fake:5,hang", .until = "? Help"});
	screen_keys(hung, "?");
	expect(hung, "Help: the keys here");
	screen_keys(hung, "Esc");
	expect(hung, "no answer");
	screen_keys(hung, "q");
	assert_int_equal(screen_ended(hung), 0);
}

static void foreign_names_are_shown_not_obeyed(void **state)
{
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .engine = "fake:14,step,quiet"});

	go_to(s, "odd-1");
	expect(s, "^[[31mred^[[0m \\u{202e}gpj.exe");
	expect(s, "note=^Gbell");
	assert_false(screen_sent(s, 0, "\033[31mred"));
	assert_false(screen_sent(s, 0, "\xe2\x80\xae"));
	assert_false(screen_sent(s, 0, "note=\a"));
	screen_keys(s, "y");
	expect(s, "Copy to your own clipboard");
	screen_keys(s, "n");
	expect(s, "copied: odd-1");
	assert_true(screen_sent(s, 0, "\033]52;c;b2RkLTE=\a"));
}

// Inside tmux, which ignores what programs copy unless it is told otherwise, its own program is asked; one that cannot
// leaves it to the terminal.
static void copying_inside_tmux(void **state)
{
	static const char *const scripts[] = {"#!/bin/sh\n{ echo \"$@\"; cat; } > \"${0%/*}/buffer\"\n",
	                                      "#!/bin/sh\nexit 1\n"};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		char dir[] = "/tmp/hostel-tmux-XXXXXX";
		assert_non_null(mkdtemp(dir));
		auto_free char *program = mem_printf("%s/tmux", dir), *path = mem_printf("PATH=%s:%s", dir, getenv("PATH")),
		               *remove = mem_printf("rm -r %s", dir);
		auto_free char *check = mem_printf("printf 'load-buffer -w -\\nweb-1' | cmp -s - %s/buffer", dir);
		FILE *file = fopen(program, "w");

		assert_true(file && fputs(scripts[i], file) >= 0 && fchmod(fileno(file), 0755) == 0 && fclose(file) == 0);
		auto_screen *s = open_dashboard((struct opening){
		    .rows = 36, .columns = 120, .environ = (const char *[]){path, "TMUX=/nonexistent,1,0", NULL}});
		go_to(s, "web-1");
		screen_keys(s, "y n");
		expect(s, "copied: web-1");
		if (i == 0)
			assert_int_equal(system(check), 0);
		else
			expect(s, "set-clipboard on");
		assert_int_equal(screen_sent(s, 0, "\033]52;c;d2ViLTE=\a"), i == 1);
		assert_int_equal(system(remove), 0);
	}
}

// Of libvirt's test driver: one that crashed and is kept in memory, and one whose name would turn the text around.
static void odd_guests(void **state)
{
	static const char domains[] =
		"<node><domain type='test' "
		"xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>kept</name><uuid>00000000-0000-0000-0000-000000000001</uuid><memory>65536</memory><os><type>hvm</type></os>"
		"<test:runstate>6</test:runstate></domain><domain "
		"type='test'><name>a\xe2\x80\xae" "b</name><uuid>00000000-0000-0000-0000-000000000002</uuid><memory>65536</memory><os><type>hvm</type></os></domain></node>";
	char path[] = "/tmp/hostel-odd-XXXXXX";
	int fd = mkstemp(path);
	auto_free char *engine = mem_printf("libvirt:test://%s", path);

	assert_int_equal(write(fd, domains, sizeof(domains) - 1), sizeof(domains) - 1);
	close(fd);
	auto_screen *s = open_dashboard((struct opening){.rows = 36, .columns = 120, .engine = engine, .until = "kept"});
	expect_row(s, "kept", "✗ crashed");
	expect(s, "▌ a\\u{202e}b");
	screen_keys(s, "y");
	expect(s, "stop local/libvirt/guest/"); // by its id: a shell would not take the name as it is shown
	screen_keys(s, "n");
	expect(s, "copied:");
	assert_true(screen_sent(s, 0, "\033]52;c;YVx1ezIwMmV9Yg==\a"));
	screen_keys(s, "j S");
	expect(s, "is still in memory: stop or kill it first");
	screen_keys(s, "X");
	expect(s, "Force stop");
	screen_keys(s, "Esc D k");
	expect(s, "It is running and will be killed first.");
	screen_keys(s, "n l"); // why there is no log is said to its end, which is the remedy
	screen_resize(s, 24, 80);
	expect(s, "has no serial log");
	expect(s, "guests created by hostel");
	expect(s, "have one)");
	// its definition on a terminal
	const char *const argv[] = {TEST_BUILD "/hostel",
	                            "--engine",
	                            engine,
	                            "inspect",
	                            "--config",
	                            "a\xe2\x80\xae"
	                            "b",
	                            NULL};
	auto_screen *verb = screen_start(&(struct screen_start){.rows = 60, .columns = 120, .argv = argv});
	expect(verb, "<name>a\\u{202e}b</name>");
	assert_false(screen_sent(verb, 0, "\xe2\x80\xae"));
	unlink(path);
}

static void a_shell_and_back(void **state)
{
	auto_screen *s = open_dashboard(
	    (struct opening){.rows = 24, .columns = 80, .environ = (const char *[]){"SHELL=/bin/sh", NULL}});

	screen_keys(s, ": =!echo Space =from-the-$((6*7)) Enter");
	expect(s, "from-the-42");
	expect(s, "[Enter: back to hostel]");
	assert_false(screen_modes(s).raw);
	screen_keys(s, "Enter");
	expect(s, "▌ api-1");
	assert_true(screen_modes(s).raw);
	screen_keys(s, "j");
	expect(s, "▌ batch-1");
	// the output of a command inside is there to be read; a shell says how to leave it
	screen_keys(s, "E =echo Space =out-of-it Enter");
	expect(s, "out-of-it");
	expect(s, "[Enter: back to hostel]");
	screen_keys(s, "Enter");
	expect(s, "▌ batch-1");
	screen_keys(s, "s");
	expect(s, "[hostel: shell in batch-1; 'exit' or Ctrl-D leaves]");
	screen_keys(s, "=exit Enter");
	expect(s, "▌ batch-1");
}

static void a_shell_from_the_command_line_says_how_to_leave(void **state)
{
	auto_screen *s = screen_start(&(struct screen_start){
	    .rows = 24,
	    .columns = 80,
	    .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:12", "exec", "-t", "web-1", "bash", NULL}});

	expect(s, "[hostel: shell in web-1; 'exit' or Ctrl-D leaves]");
	screen_keys(s, "=exit Enter");
	assert_int_equal(screen_ended(s), 0);
	// a program whose name only ends like one is not a shell
	auto_screen *other =
	    screen_start(&(struct screen_start){.rows = 24,
	                                        .columns = 80,
	                                        .argv = (const char *[]){TEST_BUILD "/hostel", "--engine", "fake:12",
	                                                                 "exec", "-t", "web-1", "refresh", NULL}});
	expect(other, "web-1 is simulated");
	assert_int_equal(screen_find(other, "[hostel: shell", NULL), -1);
}

// A host that does not answer: what is waited for is said at once, on the command line too, and Ctrl-C ends it.
static void connecting_is_said_and_can_be_cancelled(void **state)
{
	static const char *const words[][3] = {{NULL}, {"ls", NULL}, {"logs", "web", NULL}, {"--linear", NULL}};
	char path[] = "/tmp/hostel-ssh-XXXXXX";
	int fd = mkstemp(path);
	auto_free char *ssh = mem_printf("HOSTEL_SSH=/bin/sh %s", path);

	assert_true(write(fd, "exec sleep 1000\n", 16) == 16);
	close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *argv[] = {
		    TEST_BUILD "/hostel", "-H", "lab-3", words[i][0], words[i][0] ? words[i][1] : NULL, NULL};
		auto_screen *s = screen_start(
		    &(struct screen_start){.rows = 24, .columns = 80, .argv = argv, .environ = (const char *[]){ssh, NULL}});

		expect(s, "connecting to lab-3 …");
		screen_keys(s, "Ctrl-C");
		int status = screen_ended(s);
		assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGINT : WIFEXITED(status));
		assert_false(screen_modes(s).raw);
	}
	unlink(path);
}

// e: the editor has the terminal, then the difference is shown and asked about; nothing changed is nothing done.
static void the_definition_is_edited(void **state)
{
	static const char *const environ[] = {"EDITOR=sed -i s/nginx/other/", NULL};
	auto_screen *s = open_dashboard((struct opening){.environ = environ});

	screen_keys(s, "F3 =web Enter e");
	expect(s, "-  \"image\": \"oci:nginx:1.27\"");
	expect(s, "Apply these changes?");
	screen_keys(s, "y Enter");
	expect(s, "'image' cannot be changed once it is created");
	expect(s, "Edit again?");
	screen_keys(s, "y Enter");
	expect(s, "Edit again? (y/n) y");
	screen_keys(s, "n Enter");
	expect(s, "1 All");
	screen_keys(s, "Esc q");
	assert_int_equal(screen_ended(s), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_definition_is_edited),
		cmocka_unit_test(stopping_by_the_menu),
		cmocka_unit_test(pausing_and_restarting),
		cmocka_unit_test(actions_show_their_command_lines),
		cmocka_unit_test(verbs_are_typed_with_their_fields),
		cmocka_unit_test(command_lines_run_as_they_are_shown),
		cmocka_unit_test(every_layer_helps_with_its_own_keys),
		cmocka_unit_test(a_guest_that_does_not_shut_down_can_be_forced),
		cmocka_unit_test(taken_back),
		cmocka_unit_test(memory_that_is_not_told),
		cmocka_unit_test(reasons_where_something_cannot_be_done),
		cmocka_unit_test(a_guest_runs_commands),
		cmocka_unit_test(deleting),
		cmocka_unit_test(many_at_once_by_their_number),
		cmocka_unit_test(the_files_of_many_guests_are_named),
		cmocka_unit_test(nothing_destructive_by_a_slip),
		cmocka_unit_test(a_paste_does_nothing),
		cmocka_unit_test(late_replies_do_nothing),
		cmocka_unit_test(creating_a_container),
		cmocka_unit_test(creating_a_guest),
		cmocka_unit_test(read_only_changes_nothing),
		cmocka_unit_test(an_engine_in_trouble),
		cmocka_unit_test(foreign_names_are_shown_not_obeyed),
		cmocka_unit_test(copying_inside_tmux),
		cmocka_unit_test(odd_guests),
		cmocka_unit_test(a_shell_and_back),
		cmocka_unit_test(a_shell_from_the_command_line_says_how_to_leave),
		cmocka_unit_test(connecting_is_said_and_can_be_cancelled),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
