// guest/uri: which libvirt is chosen, by whom, and what an URI says.
#include "guest/host/uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#include "test.h"

static void the_default_in_a_configuration(void **state)
{
	static const struct {
		const char *text, *uri;
	} rows[] = {
		{"uri_default = \"qemu:///session\"\n", "qemu:///session"},
		{"# uri_default = \"no:///\"\n\turi_default='test:///default'", "test:///default"},
		{"uri_default=\"qemu+ssh://root@host/system?keyfile=/k\" # mine\n", "qemu+ssh://root@host/system?keyfile=/k"},
		{"uri_aliases = [\n  \"hail=qemu+ssh://hail/system\",\n]\r\nuri_default = \"hail\"\r\n", "hail"},
		{"uri_default = \"\"\n", NULL},
		{"uri_default = qemu:///session\n", NULL},
		{"uri_default = \"never ends\n", NULL},
		{"uri_defaults = \"x\"\n", NULL},
		{"uri_default\n", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *uri = uri_default_in(rows[i].text);

		assert_true(str_equal(uri, rows[i].uri));
	}
}

static void what_an_uri_says(void **state)
{
	static const struct {
		const char *uri;
		bool session, local;
	} rows[] = {
		{"qemu:///session", true, true},
		{"qemu:///system", false, true},
		{"qemu:///session?socket=/tmp/s", true, true},
		{"qemu+unix:///session?socket=/tmp/s", true, true},
		{"qemu+ssh://me@host/session", true, false},
		{"qemu+ssh://session/system", false, false},
		{"qemu+ssh://host/system?socket=/run/session", false, false},
		{"qemu+ext:///session?command=/bin/x", true, false},
		{"qemu:///embed?root=/session", false, true},
		{"test:///default", false, false},
		{"test:///home/session", false, false},
		{"lxc:///system", false, false},
		{"hail", false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (uri_is_session(rows[i].uri) != rows[i].session || uri_is_local(rows[i].uri) != rows[i].local)
			fail_msg("%s", rows[i].uri);
}

static void the_user_chooses_first(void **state)
{
	struct uri_choice c;

	setenv("LIBVIRT_DEFAULT_URI", "qemu+ssh://host/system", 1);
	uri_choose(&c, "test:///default", false);
	assert_true(c.by_user && !c.refused);
	assert_string_equal(c.uri, "test:///default");
	assert_string_equal(c.why, "set by --engine");
	uri_choice_done(&c);
	uri_choose(&c, NULL, false);
	assert_true(c.by_user && !c.refused);
	assert_string_equal(c.uri, "qemu+ssh://host/system?no_tty=1"); // there is no user to answer
	assert_string_equal(c.why, "LIBVIRT_DEFAULT_URI");
	uri_choice_done(&c);
	setenv("LIBVIRT_DEFAULT_URI", "", 1); // as libvirt: not set
	uri_choose(&c, NULL, true);
	assert_true(c.uri && c.why && strcmp(c.why, "LIBVIRT_DEFAULT_URI") != 0);
	uri_choice_done(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_in_a_configuration),
		cmocka_unit_test(what_an_uri_says),
		cmocka_unit_test(the_user_chooses_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
