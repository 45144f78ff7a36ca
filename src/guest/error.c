// What libvirt says went wrong, as one line with a remedy. Must not print.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "parts.h"

static const struct {
	int code;
	int number; // errno
} codes[] = {
	{VIR_ERR_NO_DOMAIN, ENOENT},
	{VIR_ERR_NO_NETWORK, ENOENT},
	{VIR_ERR_NO_STORAGE_POOL, ENOENT},
	{VIR_ERR_NO_STORAGE_VOL, ENOENT},
	{VIR_ERR_DOM_EXIST, EEXIST},
	{VIR_ERR_STORAGE_VOL_EXIST, EEXIST},
	{VIR_ERR_OPERATION_INVALID, EBUSY},
	{VIR_ERR_OPERATION_DENIED, EPERM},
	{VIR_ERR_ACCESS_DENIED, EACCES},
	{VIR_ERR_AUTH_FAILED, EACCES},
	{VIR_ERR_AUTH_CANCELLED, EACCES},
	{VIR_ERR_AUTH_UNAVAILABLE, EACCES},
	{VIR_ERR_OPERATION_TIMEOUT, ETIMEDOUT},
	{VIR_ERR_AGENT_UNRESPONSIVE, ETIMEDOUT},
	{VIR_ERR_AGENT_UNSYNCED, ETIMEDOUT},
	{VIR_ERR_NO_SUPPORT, EOPNOTSUPP},
	{VIR_ERR_CONFIG_UNSUPPORTED, EOPNOTSUPP},
	{VIR_ERR_OPERATION_UNSUPPORTED, EOPNOTSUPP},
	{VIR_ERR_ARGUMENT_UNSUPPORTED, EOPNOTSUPP},
	{VIR_ERR_INVALID_ARG, EINVAL},
	{VIR_ERR_XML_ERROR, EINVAL},
	{VIR_ERR_XML_INVALID_SCHEMA, EINVAL},
	{VIR_ERR_NO_CONNECT, ENOTCONN},
	{VIR_ERR_RPC, ENOTCONN},
};

// Words of an error, and what helps; the first that fits.
static const struct {
	const char *words;
	int number; // errno, 0 = as the code says
	const char *hint;
} remedies[] = {
	{"no polkit agent", EACCES, "join the group: sudo usermod -aG libvirt $USER, and log in again; or use your own guests: --engine libvirt:qemu:///session"},
	{"system bus connection", EACCES, "polkit, which is to let you in, does not run; use your own guests: --engine libvirt:qemu:///session"},
	{"authentication", EACCES, "join the group: sudo usermod -aG libvirt $USER, and log in again; or use your own guests: --engine libvirt:qemu:///session"},
	{"Permission denied", 0, "the user QEMU runs as must be able to reach the file; for the daemon's socket, join the group 'libvirt'"},
	{"Connection refused", ENOTCONN, "libvirt's daemon does not run: sudo systemctl start libvirtd"},
	{"Failed to connect socket", ENOTCONN, "libvirt's daemon does not run: sudo systemctl start libvirtd, or install libvirt-daemon-system"},
	{"Failed to find the libvirtd binary", ENOTCONN, "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{"binary 'libvirtd'", ENOTCONN, "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{"binary 'virtqemud'", ENOTCONN, "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{"client socket is closed", ENOTCONN, "libvirt's daemon went away"},
	{"End of file while reading data", ENOTCONN, "libvirt's daemon went away"},
	{"keepalive", ENOTCONN, "libvirt's daemon does not answer"},
	{"cannot acquire state change lock", ETIMEDOUT, "its QEMU does not answer: look at the host's disks, or kill it"},
	{"failed to initialize kvm", 0, "this host cannot run KVM guests: create it with --accel emulated"},
	{"Could not access KVM", 0, "this host cannot run KVM guests: create it with --accel emulated"},
	{"Guest agent is not responding", ETIMEDOUT, "install and start qemu-guest-agent inside"},
	{"QEMU guest agent is not", EOPNOTSUPP, "install and start qemu-guest-agent inside"},
};

// Several lines become one, and a final stop goes.
static char *one_line(const char *message)
{
	auto_str out = {0};
	auto_strv lines = {0};

	strv_split(&lines, message ? message : "libvirt did not say why", "\r\n");
	for (size_t i = 0; i < lines.count; i++)
		str_addf(&out, "%s%s", i ? "; " : "", lines.items[i]);
	return str_steal(&out);
}

int guest_error(struct err *e, const char *fmt, ...)
{
	const virError *error = vir.GetLastError();
	auto_free char *said = one_line(error ? error->message : NULL);
	int number = EIO;
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	for (size_t i = 0; error && i < ARRAY_SIZE(codes); i++)
		if (codes[i].code == error->code)
			number = codes[i].number;
	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++)
		if (strstr(said, remedies[i].words)) {
			err_msg(e, remedies[i].number ? remedies[i].number : number, "%s: %s", what, said);
			return err_hint(e, "%s", remedies[i].hint);
		}
	return err_msg(e, number, "%s: %s", what, said);
}
