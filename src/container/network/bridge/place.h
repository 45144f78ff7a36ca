// The control group of a network's DNS server, which all of its containers use: in the group of the monitor that
// started it, a service manager would stop it together with that container and charge it for the server's usage.
#pragma once

// Moves the process PID, a number as text, into the group of the network with BRIDGE; if that fails, it stays where it
// is.
void network_place_enter(const char *bridge, const char *pid);
// Removes the group, in which no process is left.
void network_place_remove(const char *bridge);
