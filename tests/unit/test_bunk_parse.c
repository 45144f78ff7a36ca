// config.json: what is read, and that everything wrong is told with its place.
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "bunk/read/config.h"

static struct str warned;

static void hear(void *context, const char *text)
{
	(void)context;
	str_addf(&warned, "%s\n", text);
}

static int parse(struct config *c, const char *text, struct err *e)
{
	*c = (struct config){0};
	str_clear(&warned);
	return config_parse(c, "config.json", text, strlen(text), hear, NULL, e);
}

#define REST "\"root\": {\"path\": \"r\"}, \"linux\": {}"
#define MINIMAL "{\"ociVersion\": \"1.0.0\", " REST "}"
// A configuration with one more property at its top, or in its process, or in linux.
#define WITH(MORE) "{\"ociVersion\": \"1.0.0\", " REST ", " MORE "}"
#define PROCESS(MORE) WITH("\"process\": {\"cwd\": \"/\", " MORE "}")
#define LINUX(MORE) "{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": \"r\"}, \"linux\": {" MORE "}}"

static void wrong(const char *text, const char *message)
{
	struct err e = {0};
	struct config c;
	int r = parse(&c, text, &e);

	config_done(&c);
	if (r != -EINVAL)
		fail_msg("%s: gives %d", text, r);
	if (!strstr(e.text, message))
		fail_msg("'%s' does not say '%s'", e.text, message);
}

static void a_small_one_is_read(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(parse(&c, MINIMAL, &e), 0);
	assert_string_equal(c.oci_version, "1.0.0");
	assert_string_equal(c.root_path, "r");
	assert_false(c.has_process);
	assert_int_equal(c.mounts.count, 0);
	assert_string_equal(str_text(&warned), "");
	config_done(&c);
}

static void a_process_is_read(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(
	    parse(
	        &c,
	        PROCESS(
	            "\"terminal\": true, \"consoleSize\": {\"width\": 80, \"height\": 25}, \"args\": [\"a\", \"b\"], "
	            "\"env\": [\"X=1\"], \"user\": {\"uid\": 4294967295, \"gid\": 2, \"umask\": 63, \"additionalGids\": "
	            "[3, 4]}, "
	            "\"capabilities\": {\"bounding\": [\"CAP_KILL\"]}, \"noNewPrivileges\": true, \"oomScoreAdj\": -5, "
	            "\"rlimits\": [{\"type\": \"RLIMIT_CORE\", \"soft\": 1, \"hard\": 18446744073709551615}]"),
	        &e),
	    0);
	const struct process_config *p = &c.process;
	assert_true(c.has_process && p->terminal && p->no_new_privileges && p->caps.given);
	assert_int_equal(p->columns, 80);
	assert_int_equal(p->rows, 25);
	assert_int_equal(p->args.count, 2);
	assert_string_equal(p->args.items[1], "b");
	assert_string_equal(p->env.items[0], "X=1");
	assert_true(p->uid == UINT32_MAX && p->gid == 2 && p->umask.given && p->umask.value == 63);
	assert_true(p->groups.count == 2 && p->groups.items[1] == 4);
	assert_string_equal(p->caps.bounding.items[0], "CAP_KILL");
	assert_true(p->oom_score.given && p->oom_score.value == -5);
	assert_true(p->rlimits.items[0].soft == 1 && p->rlimits.items[0].hard == UINT64_MAX);
	config_done(&c);
}

static void the_linux_part_is_read(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(
	    parse(
	        &c,
	        LINUX(
	            "\"namespaces\": [{\"type\": \"pid\", \"path\": \"/x\"}], \"uidMappings\": [{\"containerID\": 0, "
	            "\"hostID\": 5, \"size\": 1}], "
	            "\"devices\": [{\"path\": \"/dev/x\", \"type\": \"c\", \"major\": 10, \"minor\": 229, \"fileMode\": "
	            "438}], "
	            "\"cgroupsPath\": \"/g\", \"sysctl\": {\"net.a\": \"1\"}, \"maskedPaths\": [\"/m\"], "
	            "\"readonlyPaths\": [\"/o\"], "
	            "\"resources\": {\"memory\": {\"limit\": -1}, \"cpu\": {\"shares\": 2, \"cpus\": \"0-1\"}, \"pids\": "
	            "{\"limit\": 7}, "
	            "\"devices\": [{\"allow\": true, \"type\": \"c\", \"major\": 1, \"access\": \"rw\"}], \"unified\": "
	            "{\"memory.high\": \"5\"}}, "
	            "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\"], "
	            "\"action\": \"SCMP_ACT_ERRNO\", "
	            "\"errnoRet\": 3, \"args\": [{\"index\": 1, \"value\": 2, \"valueTwo\": 3, \"op\": "
	            "\"SCMP_CMP_EQ\"}]}]}"),
	        &e),
	    0);
	assert_string_equal(c.namespaces.items[0].path, "/x");
	assert_true(c.uids.count == 1 && c.uids.items[0].outside == 5);
	assert_true(str_equal(c.devices.items[0].type, "c") && c.devices.items[0].major.value == 10 &&
	            c.devices.items[0].minor.value == 229 && c.devices.items[0].mode.value == 438);
	assert_string_equal(c.sysctl.items[0].name, "net.a");
	assert_true(c.resources.memory_limit.given && c.resources.memory_limit.value == -1);
	assert_string_equal(c.resources.cpus, "0-1");
	assert_true(c.resources.devices.items[0].major.given && !c.resources.devices.items[0].minor.given);
	assert_string_equal(c.resources.unified.items[0].value, "5");
	assert_true(c.seccomp.given && c.seccomp.rules.items[0].args.items[0].value_two == 3);
	assert_string_equal(c.masked.items[0], "/m");
	config_done(&c);
}

static void every_error_names_its_place(void **state)
{
	wrong("", "config.json:1:");
	wrong("{\"ociVersion\": 1", "config.json:1:");
	wrong("[]", "config.json: must be an object");
	wrong("{}", "config.json: ociVersion: is missing");
	wrong("{\"ociVersion\": \"1.0.0\", \"linux\": {}}", "config.json: root: is missing");
	wrong("{\"ociVersion\": \"1.0.0\", \"root\": {}, \"linux\": {}}", "config.json: root.path: is missing");
	wrong("{\"ociVersion\": \"1.0.0\", \"root\": {\"path\": 5}, \"linux\": {}}",
	      "config.json: root.path: must be a string");
	wrong(PROCESS("\"args\": [\"a\", 5]"), "config.json: process.args[1]: must be a string");
	wrong(PROCESS("\"args\": \"a\""), "config.json: process.args: must be a list");
	wrong(PROCESS("\"terminal\": 1"), "config.json: process.terminal: must be true or false");
	wrong(PROCESS("\"user\": {\"uid\": -1}"), "config.json: process.user.uid: -1 is out of range");
	wrong(PROCESS("\"user\": {\"uid\": 4294967296}"), "config.json: process.user.uid: 4294967296 is out of range");
	wrong(PROCESS("\"user\": {\"uid\": 1.5}"), "config.json: process.user.uid: must be an integer");
	wrong(PROCESS("\"user\": {\"uid\": \"1\"}"), "config.json: process.user.uid: must be an integer");
	wrong(PROCESS("\"rlimits\": [{\"type\": \"X\", \"soft\": 1}]"),
	      "config.json: process.rlimits[0].hard: is missing");
	wrong(WITH("\"mounts\": [{}, {}]"), "config.json: mounts[0].destination: is missing");
	wrong(WITH("\"mounts\": [{\"destination\": \"/\", \"options\": [1]}]"),
	      "config.json: mounts[0].options[0]: must be a string");
	wrong(WITH("\"annotations\": {\"a\": 1}"), "config.json: annotations.a: must be a string");
	wrong(WITH("\"hooks\": {\"prestart\": [{\"path\": \"/x\", \"timeout\": \"1\"}]}"),
	      "config.json: hooks.prestart[0].timeout: must be an integer");
	wrong(LINUX("\"seccomp\": {\"defaultAction\": \"A\", \"syscalls\": [{\"names\": []}]}"),
	      "config.json: linux.seccomp.syscalls[0].action: is missing");
}

// What is known but not done is never passed over in silence; its empty form asks for nothing.
static void what_is_not_supported_is_refused(void **state)
{
	struct err e = {0};
	struct config c;

	wrong(WITH("\"windows\": {\"layerFolders\": [\"x\"]}"), "config.json: windows: is not supported by bunk");
	wrong(WITH("\"vm\": {\"kernel\": {}}"), "config.json: vm: is not supported by bunk");
	wrong(PROCESS("\"commandLine\": \"x\""), "config.json: process.commandLine: is not supported by bunk");
	wrong(WITH("\"mounts\": [{\"destination\": \"/a\", \"uidMappings\": [{\"size\": 1}]}]"),
	      "mounts[0].uidMappings[0].containerID: is missing");
	assert_int_equal(parse(&c, LINUX("\"intelRdt\": null, \"netDevices\": {}, \"timeOffsets\": {}"), &e), 0);
	config_done(&c);
}

static void maps_of_objects_are_read(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(
	    parse(
	        &c,
	        LINUX(
	            "\"netDevices\": {\"eth7\": {}, \"eth8\": {\"name\": \"inside\"}}, \"timeOffsets\": {\"boottime\": "
	            "{\"secs\": -5}}, "
	            "\"resources\": {\"rdma\": {\"mlx\": {\"hcaHandles\": 3}}, \"blockIO\": {\"throttleWriteBpsDevice\": "
	            "[{\"major\": 8, \"minor\": 1, \"rate\": 99}]}}"),
	        &e),
	    0);
	assert_int_equal(c.net_devices.count, 2);
	assert_string_equal(c.net_devices.items[0].name, "eth7");
	assert_null(c.net_devices.items[0].new_name);
	assert_string_equal(c.net_devices.items[1].new_name, "inside");
	assert_string_equal(c.time_offsets.items[0].clock, "boottime");
	assert_int_equal(c.time_offsets.items[0].seconds.value, -5);
	assert_string_equal(c.resources.rdma.items[0].device, "mlx");
	assert_true(c.resources.rdma.items[0].handles.value == 3 && !c.resources.rdma.items[0].objects.given);
	assert_int_equal(c.resources.throttles[THROTTLE_WRITE_BPS].items[0].rate, 99);
	config_done(&c);
	wrong(LINUX("\"netDevices\": {\"eth7\": 3}"), "linux.netDevices.eth7: must be an object");
}

static void unknown_properties_are_told_and_passed_over(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(parse(&c, PROCESS("\"colour\": {\"deep\": [1]}, \"args\": [\"a\"]"), &e), 0);
	assert_string_equal(str_text(&warned), "config.json: process.colour: unknown property, ignored\n");
	assert_int_equal(c.process.args.count, 1);
	config_done(&c);
	assert_int_equal(parse(&c, WITH("\"\\u001b[31m\": 1"), &e), 0);
	assert_null(strchr(str_text(&warned), '\033'));
	config_done(&c);
}

static void keys_twice_are_refused(void **state)
{
	wrong("{\"ociVersion\": \"1.0.0\", \"ociVersion\": \"1.0.0\", " REST "}", "duplicate");
}

static void text_with_the_unlimited_number_is_left_alone(void **state)
{
	struct err e = {0};
	struct config c;

	assert_int_equal(parse(&c, PROCESS("\"args\": [\"18446744073709551615\", \"\\\"18446744073709551615\"], "
					   "\"rlimits\": [{\"type\": \"A\", \"soft\":18446744073709551615, "
					   "\"hard\":18446744073709551615}]"), &e), 0);
	assert_string_equal(c.process.args.items[0], "18446744073709551615");
	assert_string_equal(c.process.args.items[1], "\"18446744073709551615");
	assert_true(c.process.rlimits.items[0].soft == UINT64_MAX);
	config_done(&c);
}

static void parts_alone_are_read(void **state)
{
	static const char process[] = "{\"cwd\": \"/x\", \"args\": [\"a\"]}", resources[] = "{\"pids\": {\"limit\": 3}}",
	                  bad[] = "{\"pids\": {}}";
	struct config c = {0};
	struct err e = {0};

	assert_int_equal(config_parse_process(&c, "process", process, strlen(process), &e), 0);
	assert_true(c.has_process && str_equal(c.process.cwd, "/x"));
	config_done(&c);
	assert_int_equal(config_parse_resources(&c, "resources", resources, strlen(resources), &e), 0);
	assert_int_equal(c.resources.pids_limit.value, 3);
	config_done(&c);
	assert_int_equal(config_parse_resources(&c, "resources", bad, strlen(bad), &e), -EINVAL);
	assert_string_equal(e.text, "resources: pids.limit: is missing");
	config_done(&c);
}

// Every cut and every changed byte of a good file is either read or refused, and nothing else happens (the sanitizers
// watch).
static void damaged_files_do_no_harm(void **state)
{
	static const char good[] = PROCESS(
	    "\"args\": [\"a\"], \"rlimits\": [{\"type\": \"X\", \"soft\": 1, \"hard\": 18446744073709551615}], \"user\": "
	    "{\"uid\": 1}");
	static const char bytes[] = "\"{}[]:,0-e\\\0\xff\x01";
	size_t n = strlen(good);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++) {
			auto_free char *text = mem_strndup(good, n);
			struct config c = {0};

			text[i] = bytes[k];
			config_parse(&c, "config.json", text, k ? n : i, NULL, NULL, NULL);
			config_done(&c);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_one_is_read),
		cmocka_unit_test(a_process_is_read),
		cmocka_unit_test(the_linux_part_is_read),
		cmocka_unit_test(every_error_names_its_place),
		cmocka_unit_test(what_is_not_supported_is_refused),
		cmocka_unit_test(maps_of_objects_are_read),
		cmocka_unit_test(unknown_properties_are_told_and_passed_over),
		cmocka_unit_test(keys_twice_are_refused),
		cmocka_unit_test(text_with_the_unlimited_number_is_left_alone),
		cmocka_unit_test(parts_alone_are_read),
		cmocka_unit_test(damaged_files_do_no_harm),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	str_done(&warned);
	return r;
}
