// The D-Bus client against a peer that this test plays: what it sends byte for byte, what it understands, and that no
// answer can harm it.
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/dbus.h"

static char top[] = "/tmp/test_sys_dbus.XXXXXX";

// A peer in a process of its own: lets the client in, and then answers each message with the next of ANSWERS.
struct answer {
	const char *bytes;
	size_t size;
};

static void read_line(int fd)
{
	char c = 0;

	while (c != '\n' && read(fd, &c, 1) == 1)
		;
}

static _Noreturn void serve(int listener, const char *greeting, const struct answer *answers, size_t count)
{
	static const char wanted[] = "\0AUTH EXTERNAL\r\n"; // no number: in a user namespace it would be another one
	char message[4096];
	int fd = accept(listener, NULL, NULL);

	if (read(fd, message, sizeof(message)) != sizeof(wanted) - 1 || memcmp(message, wanted, sizeof(wanted) - 1) != 0)
		_exit(1);
	(void)!write(fd, greeting, strlen(greeting));
	if (strncmp(greeting, "DATA", 4) == 0) {
		read_line(fd);
		(void)!write(fd, "OK 123\r\n", 8);
	}
	if (strncmp(greeting, "REJECTED", 8) != 0)
		read_line(fd); // BEGIN
	for (size_t i = 0; i < count; i++)
		if (read(fd, message, sizeof(message)) <= 0 || write(fd, answers[i].bytes, answers[i].size) < 0)
			break;
	close(fd);
	_exit(0);
}

static pid_t peer(const char *path, const char *greeting, const struct answer *answers, size_t count)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	pid_t pid = fork();
	if (pid == 0)
		serve(listener, greeting, answers, count);
	close(listener);
	return pid;
}

// A reply (TYPE 2) or error (3) to serial 1 with the body TEXT, or a signal (4) "Gone" with a job's arguments.
static void message(struct str *out, uint8_t type, const char *error, const char *signature, const struct str *body)
{
	const char head[] = {'l', (char)type, 0, 1};

	str_add_bytes(out, head, sizeof(head));
	dbus_u32(out, (uint32_t)body->length);
	dbus_u32(out, 77);
	size_t mark = dbus_array_begin(out, 8);
	dbus_byte(out, 5);
	dbus_signature(out, "u");
	dbus_u32(out, 1);
	dbus_align(out, 8);
	dbus_byte(out, error ? 4 : 3);
	dbus_signature(out, "s");
	dbus_text(out, error ? error : "Gone");
	dbus_align(out, 8);
	dbus_byte(out, 8);
	dbus_signature(out, "g");
	dbus_signature(out, signature);
	dbus_array_end(out, mark);
	dbus_align(out, 8);
	str_add_bytes(out, body->text, body->length);
}

static void job_body(struct str *body, const char *path, const char *result)
{
	dbus_u32(body, 5);
	dbus_text(body, path);
	dbus_text(body, "x.scope");
	dbus_text(body, result);
}

static const struct dbus_call call = {"org.x", "/x", "org.x.Y", "Do", NULL, NULL};

static void arguments_are_aligned(void **state)
{
	static const unsigned char wanted[] = {7, 0, 0, 0, 2, 0, 0, 0, 'a', 'b', 0, 0, 24, 0, 0, 0, // the array's length
					       1, 0, 0, 0, 'n', 0, 1, 't', 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0};
	auto_str body = {0};

	dbus_byte(&body, 7);
	dbus_text(&body, "ab");
	size_t mark = dbus_array_begin(&body, 8);
	dbus_align(&body, 8);
	dbus_text(&body, "n");
	dbus_signature(&body, "t");
	dbus_u64(&body, 9);
	dbus_array_end(&body, mark);
	assert_int_equal(body.length, sizeof(wanted));
	assert_memory_equal(body.text, wanted, sizeof(wanted));
	str_clear(&body);
	dbus_array_end(&body, dbus_array_begin(&body, 8)); // empty: no padding is counted
	assert_int_equal(body.text[0], 0);
}

static void calls_are_answered(void **state)
{
	auto_free char *path = mem_printf("%s/good", top), *answer = NULL, *result = NULL;
	auto_str signal = {0}, signal_body = {0}, reply = {0}, body = {0};
	struct err e = {0};
	struct dbus *d = NULL;

	job_body(&signal_body, "/job/9", "done");
	message(&signal, 4, NULL, "uoss", &signal_body); // comes before the answer, and is remembered
	dbus_text(&body, "/job/9");
	message(&reply, 2, NULL, "o", &body);
	str_add_bytes(&signal, reply.text, reply.length);
	pid_t pid = peer(path, "DATA\r\n", &(struct answer){signal.text, signal.length}, 1);
	assert_int_equal(dbus_connect(&d, path, false, &e), 0);
	assert_int_equal(dbus_call(d, &call, &answer, &e), 0);
	assert_string_equal(answer, "/job/9");
	assert_int_equal(dbus_wait_job(d, "Gone", answer, &result, &e), 0);
	assert_string_equal(result, "done");
	dbus_free(d);
	waitpid(pid, NULL, 0);
}

static void refusals_have_their_words(void **state)
{
	auto_free char *path = mem_printf("%s/bad", top), *answer = NULL;
	auto_str reply = {0}, body = {0};
	struct err e = {0};
	struct dbus *d = NULL;

	dbus_text(&body, "not today");
	message(&reply, 3, "org.x.Error.No", "s", &body);
	pid_t pid = peer(path, "OK 123\r\n", &(struct answer){reply.text, reply.length}, 1);
	assert_int_equal(dbus_connect(&d, path, false, &e), 0);
	assert_int_equal(dbus_call(d, &call, &answer, &e), -EREMOTEIO);
	assert_string_equal(e.text, "org.x.Error.No: not today");
	assert_string_equal(answer, "org.x.Error.No");
	dbus_free(d);
	waitpid(pid, NULL, 0);
	pid = peer(path, "REJECTED\r\n", NULL, 0);
	assert_int_equal(dbus_connect(&d, path, false, &e), -EACCES);
	waitpid(pid, NULL, 0);
	assert_int_equal(dbus_connect(&d, "/nowhere", false, &e), -ENOENT);
}

// Every byte of an answer changed, and every cut: an error or an answer, and nothing else (the sanitizers look on).
static void damaged_answers_do_no_harm(void **state)
{
	auto_free char *path = mem_printf("%s/damaged", top);
	auto_str reply = {0}, body = {0};

	job_body(&body, "/job/9", "done");
	message(&reply, 2, NULL, "s", &body);
	for (size_t i = 0; i < 2 * reply.length; i++) {
		auto_free char *copy = mem_new(reply.length), *answer = NULL;
		bool cut = i >= reply.length;
		struct dbus *d = NULL;
		struct err e = {0};

		memcpy(copy, reply.text, reply.length);
		if (!cut)
			copy[i] = (char)(copy[i] ^ 0xff);
		pid_t pid = peer(path, "OK 123\r\n", &(struct answer){copy, cut ? i - reply.length : reply.length}, 1);
		assert_int_equal(dbus_connect(&d, path, false, &e), 0);
		int r = dbus_call(d, &call, &answer, &e);
		if (cut && r == 0)
			fail_msg("a cut answer is taken for one");
		dbus_free(d);
		waitpid(pid, NULL, 0);
	}
	unlink(path);
}

static int make_top(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	return mkdtemp(top) ? 0 : -1;
}

static int remove_top(void **state)
{
	auto_free char *command = mem_printf("rm -rf '%s'", top);

	(void)state;
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_aligned),
		cmocka_unit_test(calls_are_answered),
		cmocka_unit_test(refusals_have_their_words),
		cmocka_unit_test(damaged_answers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
