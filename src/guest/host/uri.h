// Chooses the libvirt URI. Private to src/guest.
#pragma once

#include <stdbool.h>

#define SYSTEM_URI "qemu:///system"
#define SESSION_URI "qemu:///session"

struct uri_choice {
	char *uri;    // a libvirt URI; owned
	char *why;    // the reason, in plain text; owned
	bool by_user; // set by --engine, the environment or a configuration file: no fallback
	bool refused; // the system libvirt exists but denies this user access
};

// Uses GIVEN (may be NULL), else $LIBVIRT_DEFAULT_URI, else uri_default from libvirt.conf, like libvirt itself.
// Otherwise the system libvirt if this user can access it (its read-only socket if READ_ONLY), else the user's
// session.
void uri_choose(struct uri_choice *c, const char *given, bool read_only);
void uri_choice_done(struct uri_choice *c);

// The value of uri_default in TEXT, a libvirt.conf; owned, NULL if it is not set.
char *uri_default_in(const char *text);
// Whether this user can access the read-only socket of the system libvirt.
bool uri_may_look(void);
// Whether guest NAME exists, according to libvirt's files: 1, 0, or -1 if they cannot tell.
int uri_has(const char *uri, const char *name);
bool uri_is_session(const char *uri);
bool uri_is_local(const char *uri); // its QEMU processes run on this host

// Whether a session daemon is installed, and whether this user's session may have any guests. The daemon is not
// started just to list nothing.
bool session_is_installed(void);
bool session_has_something(void);
// Whether libvirt at URI may have storage pools, according to its files: active or defined ones.
bool uri_may_have_pools(const char *uri);
// Whether the system libvirt has any guests, defined or running. True if this user cannot tell.
bool system_has_something(void);
