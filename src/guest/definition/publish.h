// Published ports of a guest on libvirt's user network, in its domain XML: written and read. Two programs can publish
// them: passt, which libvirt supports, and QEMU itself, with arguments that libvirt passes on. Pure.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "facts.h"
#include "guest/vir/xpath.h"
#include "model/ports.h"

// Names of the programs, as shown.
#define PUBLISHER_PASST "passt"
#define PUBLISHER_QEMU "QEMU user network"

// Adds the ports of P (PARAM_PUBLISH) to PORTS. SESSION: the guest's connection is a user's session. Returns 0, or
// -EINVAL if a port is invalid or P's network or the connection cannot publish ports.
int publish_wanted(const struct params *p, bool session, struct ports *ports, struct err *e);
// Whether QEMU itself can publish PORTS: 0, or -EINVAL.
int publish_check_qemu(const struct ports *ports, struct err *e);
// Whether all PORTS of the host are known: 0, or -EINVAL.
int publish_check_chosen(const struct ports *ports, struct err *e);
// Adds the elements of an <interface type='user'> whose ports passt publishes.
void publish_add_passt(struct str *xml, const struct ports *ports);
// Adds the element of <domain> with QEMU's arguments for a network card of MODEL ("virtio", "e1000", …) and MAC on its
// user network, which publishes PORTS. ADDRESS: of the card on the PCI bus, NULL = QEMU's choice.
void publish_add_qemu(struct str *xml, const struct ports *ports, const char *model, const char *mac,
                      const char *address);
// Reads the published ports, their publisher and QEMU's network cards into F. Other programs may have defined them.
void publish_read(struct domain_facts *f, struct xml *x);
