// Published ports of a guest on libvirt's user network, in its domain XML: written and read. Two programs can publish
// them: passt, which libvirt knows, and QEMU itself, by arguments that libvirt passes on. Pure.
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "facts.h"
#include "guest/vir/xpath.h"
#include "model/ports.h"

// Names of the programs, as shown.
#define PUBLISHER_PASST "passt"
#define PUBLISHER_QEMU "QEMU user network"

// Adds the ports that P asks for (PARAM_PUBLISH) to PORTS. Returns 0, or -EINVAL, also if P's network or the guest's
// connection cannot publish ports (SESSION: it is a user's session).
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
