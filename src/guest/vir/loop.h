// The thread that runs libvirt's event loop, shared by all connections of this process.
#pragma once

// Starts the thread for its first user, after silencing libvirt's output. Call before opening a connection.
void loop_acquire(void);
// Stops the thread after its last user.
void loop_release(void);
