// The guest layer's functions for containers on libvirt's networks. Nothing is loaded until one is opened.
#pragma once

#include "model/shared_network.h"

extern const struct shared_networks_table shared_networks_of_libvirt;
