// Which libvirt is connected to, and why. Private to src/guest; must not talk to libvirt.
#pragma once

#include <stdbool.h>

#define SYSTEM_URI "qemu:///system"
#define SESSION_URI "qemu:///session"

struct uri_choice {
	char *uri;    // as libvirt takes it; owned
	char *why;    // in a few words, for people; owned
	bool by_user; // named on the command line or in the user's configuration: never replaced by another
	bool refused; // the usual one would be the system's, but this user may not use it
};

// GIVEN (NULL: nothing), else $LIBVIRT_DEFAULT_URI, else uri_default of libvirt.conf: as libvirt itself chooses. Else the system's for who
// may use it, to READ_ONLY or to write, and the user's own session for others.
void uri_choose(struct uri_choice *c, const char *given, bool read_only);
void uri_choice_done(struct uri_choice *c);

// The value of uri_default in the TEXT of a libvirt.conf, owned; NULL when there is none.
char *uri_default_in(const char *text);
// Whether this user may at least look at the system's guests.
bool uri_may_look(void);
bool uri_is_session(const char *uri);
bool uri_is_local(const char *uri); // its QEMUs run on this host

// Whether a daemon of sessions is installed, and whether this user's has anything to show: it is not started to hear that there is nothing.
bool session_is_installed(void);
bool session_has_something(void);
