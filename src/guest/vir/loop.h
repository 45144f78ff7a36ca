// The thread that serves libvirt's sockets and timers, one for all connections of this process.
#pragma once

// Starts it for its first user, after making libvirt silent. Must come before a connection is opened.
void loop_acquire(void);
// Ends it after its last user.
void loop_release(void);
