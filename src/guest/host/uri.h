// Which libvirt URI to connect to, and why. Private to src/guest.
#pragma once

#include <stdbool.h>

#define SYSTEM_URI "qemu:///system"
#define SESSION_URI "qemu:///session"

struct uri_choice {
	char *uri;    // as libvirt takes it; owned
	char *why;    // the reason, for people; owned
	bool by_user; // given by --engine, the environment or a configuration file: never replaced by a fallback
	bool refused; // the system libvirt exists, but this user cannot access it
};

// GIVEN (may be NULL), else $LIBVIRT_DEFAULT_URI, else uri_default from libvirt.conf, as in libvirt itself. Otherwise
// the system libvirt if this user can access it (its read-only socket if READ_ONLY), else the user's session.
void uri_choose(struct uri_choice *c, const char *given, bool read_only);
void uri_choice_done(struct uri_choice *c);

// The value of uri_default in the TEXT of a libvirt.conf, owned; NULL when there is none.
char *uri_default_in(const char *text);
// Whether this user can access the read-only socket of the system libvirt.
bool uri_may_look(void);
// Whether there is a guest called NAME, by libvirt's files: 1, 0, or -1 when they do not say.
int uri_has(const char *uri, const char *name);
bool uri_is_session(const char *uri);
bool uri_is_local(const char *uri); // its QEMUs run on this host

// Whether a session daemon is installed, and whether this user's session has any guests: the daemon is not started
// just to list nothing.
bool session_is_installed(void);
bool session_has_something(void);
// Whether guests of the system libvirt are defined or running. True where this user cannot know.
bool system_has_something(void);
