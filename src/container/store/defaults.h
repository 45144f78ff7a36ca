// Defaults of containers, from the user's configuration.
#pragma once

#include "base/err.h"

// The network of a new container: HOSTEL_NETWORK of the environment, else the setting containers.network of the user's
// configuration, else "default". Owned; NULL if that file cannot be read.
char *default_network(struct err *e);
// The helper of an ordinary user's networks (network/helper/helper.h): the setting containers.network-helper of the
// user's configuration, else "auto". Owned; NULL if that file cannot be read.
char *default_network_helper(struct err *e);
