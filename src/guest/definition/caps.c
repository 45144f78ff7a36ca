// Parses libvirt's domain capabilities (libvirt.org/formatdomaincaps.html).
#include "caps.h"

#include <errno.h>

#include "base/err.h"
#include "base/mem.h"
#include "guest/vir/xpath.h"

int caps_parse(struct caps *c, const char *xml, struct err *e)
{
	struct xml *x = xml_read(xml, "domainCapabilities");

	if (!x)
		return err_msg(e, EINVAL, "libvirt's description of this host has no domainCapabilities element");
	c->emulator = xml_text(x, "path");
	c->machine = xml_text(x, "machine");
	c->cpus_max = (unsigned)xml_number(x, "vcpu/@max");
	c->passthrough = xml_has(x, "cpu/mode[@name='host-passthrough'][@supported='yes']");
	c->maximum = xml_has(x, "cpu/mode[@name='maximum'][@supported='yes']");
	c->uefi = xml_has(x, "os/enum[@name='firmware']/value[.='efi']");
	c->passt = xml_has(x, "devices/interface/enum[@name='backendType']/value[.='passt']");
	xml_free(x);
	return 0;
}

void caps_done(struct caps *c)
{
	free(c->emulator);
	free(c->machine);
	*c = (struct caps){0};
}
