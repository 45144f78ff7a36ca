// Reports libvirt errors in one line, with a remedy.
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "model/param.h"
#include "vir.h"

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

// Words that an error contains (all of them), and the remedy; the first match wins. In the hint, '%' is the first
// quoted name in the error, and GUEST the guest named by the caller.
static const struct {
	const char *words[2];
	int number; // errno, 0 = from codes[]
	const char *hint;
} remedies[] = {
	{{"no polkit agent"}, EACCES,
	 "join the group: sudo usermod -aG libvirt $USER, and log in again; or use your own guests: "
	 "--" OPTION_ENGINE " libvirt:qemu:///session"},
	{{"system bus connection"}, EACCES,
	 "polkit, which would grant access, is not running; use your own guests: "
	 "--" OPTION_ENGINE " libvirt:qemu:///session"},
	{{"authentication"}, EACCES,
	 "join the group: sudo usermod -aG libvirt $USER, and log in again; or use your own guests: "
	 "--" OPTION_ENGINE " libvirt:qemu:///session"},
	// libvirt components that are separate packages or daemons
	{{"no connection driver available for network"}, EOPNOTSUPP,
	 "install libvirt-daemon-driver-network, or use --" PARAM_NETWORK " user"},
	{{"no connection driver available for storage"}, EOPNOTSUPP,
	 "install libvirt-daemon-driver-storage, or use --" PARAM_DIRECTORY},
	{{"no connection driver available for secret"}, EOPNOTSUPP, "install libvirt-daemon-driver-secret"},
	{{"no connection driver available for nodedev"}, EOPNOTSUPP, "install libvirt-daemon-driver-nodedev"},
	{{"no connection driver available for nwfilter"}, EOPNOTSUPP, "install libvirt-daemon-driver-nwfilter"},
	{{"no connection driver available"}, EOPNOTSUPP,
	 "install libvirt's driver for it, for example libvirt-daemon-driver-qemu or libvirt-daemon-driver-lxc"},
	{{"not supported by the connection driver: virNetwork"}, EOPNOTSUPP,
	 "install libvirt-daemon-driver-network, or use --" PARAM_NETWORK " user"},
	{{"not supported by the connection driver: virStorage"}, EOPNOTSUPP,
	 "install libvirt-daemon-driver-storage, or use --" PARAM_DIRECTORY},
	{{"virtnetworkd"}, ENOTCONN,
	 "libvirt's network daemon is not running: sudo systemctl enable --now virtnetworkd.socket (package "
	 "libvirt-daemon-driver-network); or use --" PARAM_NETWORK " user"},
	{{"virtstoraged"}, ENOTCONN,
	 "libvirt's storage daemon is not running: sudo systemctl enable --now virtstoraged.socket (package "
	 "libvirt-daemon-driver-storage); or use --" PARAM_DIRECTORY},
	{{"virtsecretd"}, ENOTCONN,
	 "libvirt's secret daemon is not running: sudo systemctl enable --now virtsecretd.socket"},
	{{"virtnodedevd"}, ENOTCONN,
	 "libvirt's device daemon is not running: sudo systemctl enable --now virtnodedevd.socket"},
	{{"virtnwfilterd"}, ENOTCONN,
	 "libvirt's filter daemon is not running: sudo systemctl enable --now virtnwfilterd.socket"},
	{{"virtqemud-sock"}, ENOTCONN,
	 "libvirt's QEMU daemon is not running: sudo systemctl enable --now virtqemud.socket"},
	{{"virtlxcd-sock"}, ENOTCONN, "libvirt's LXC daemon is not running: sudo systemctl enable --now virtlxcd.socket"},
	{{"virtxend-sock"}, ENOTCONN, "libvirt's Xen daemon is not running: sudo systemctl enable --now virtxend.socket"},
	{{"virtlogd"}, ENOTCONN, "libvirt's log daemon is not running: sudo systemctl enable --now virtlogd.socket"},
	// disks and other files
	{{"Failed to get ", "write\" lock"}, EBUSY,
	 "another guest or program uses the image: stop it, or give each guest a disk of its own"},
	{{"Failed to get ", "\" lock"}, EBUSY,
	 "another guest or program writes to the image: stop it, or give each guest a disk of its own"},
	{{"Failed to acquire lock"}, EBUSY, "another guest uses the disk: stop it, or give each guest a disk of its own"},
	{{"Cannot access", "Permission denied"}, EACCES,
	 "the user QEMU runs as must be able to open the file and search its directories: namei -l FILE"},
	{{"Could not open", "Permission denied"}, EACCES,
	 "the user QEMU runs as must be able to open the file and search its directories: namei -l FILE"},
	{{"Cannot access backing file"}, ENOENT,
	 "restore the backing file, or set its new path: qemu-img rebase -u -F FORMAT -b FILE IMAGE"},
	{{"Cannot access storage file"}, ENOENT, "restore the file, or change or remove the disk: virsh edit GUEST"},
	{{"Image is not in ", " format"}, EINVAL,
	 "the definition names the wrong format: see qemu-img info, then virsh edit GUEST"},
	{{"could not open kernel file"}, ENOENT, "restore the kernel, or change <kernel>: virsh edit GUEST"},
	{{"could not load kernel"}, EINVAL, "<kernel> must name a kernel for this machine: virsh edit GUEST"},
	{{"could not load initrd"}, ENOENT, "restore the initramfs, or change <initrd>: virsh edit GUEST"},
	{{"initrd", "No such file"}, ENOENT, "restore the initramfs, or change <initrd>: virsh edit GUEST"},
	{{"master var store"}, ENOENT,
	 "install the firmware (package ovmf), or change <loader> and <nvram>: virsh edit GUEST"},
	{{"firmware to satisfy"}, ENOENT, "install UEFI firmware (package ovmf), or use --" PARAM_FIRMWARE " bios"},
	{{"Could not load PC BIOS"}, ENOENT, "restore or install the firmware, or change <loader>: virsh edit GUEST"},
	{{"cannot initialize fsdev"}, ENOENT, "the shared directory must exist and be readable by the user QEMU runs as"},
	{{"Failed to open file", "No such file"}, ENOENT, "restore the file, or change what names it: virsh edit GUEST"},
	{{"Failed to create file"}, 0,
	 "the directory must exist and be writable, or change what names it: virsh edit GUEST"},
	{{"No space left on device"}, ENOSPC, "free space on that file system"},
	{{"storage pool", "is not active"}, EBUSY, "start it: virsh pool-start %"},
	{{"no storage pool with"}, ENOENT, "pools: virsh pool-list --all"},
	{{"no storage vol with"}, ENOENT, "restore the volume, or change or remove the disk: virsh edit GUEST"},
	// networks
	{{"network '", "is not active"}, EBUSY, "start it: hostel network start %"},
	{{"no network with"}, ENOENT, "networks: hostel network ls; or use --" PARAM_NETWORK " user"},
	{{"bridge helper"}, EACCES,
	 "the bridge must exist (ip link show type bridge) and be allowed to ordinary users in /etc/qemu/bridge.conf; or "
	 "use --" PARAM_NETWORK " user"},
	{{"Cannot get interface MTU on"}, ENODEV,
	 "this host has no bridge %: create it, or choose another (ip link show type bridge)"},
	{{"Unable to add bridge"}, ENODEV, "create the bridge, or choose another (ip link show type bridge)"},
	{{"get index for interface"}, ENODEV, "this host has no such network interface: ip link"},
	// host capabilities
	{{"does not support virt type 'kvm'"}, EOPNOTSUPP,
	 "this host has no KVM (is virtualization on in its firmware?); emulated: --" PARAM_ACCEL " emulated, or <domain "
	 "type='qemu'>"},
	{{"failed to initialize kvm"}, EOPNOTSUPP,
	 "this host cannot run KVM guests; emulated: --" PARAM_ACCEL " emulated, or <domain type='qemu'>"},
	{{"Could not access KVM"}, EOPNOTSUPP,
	 "this host cannot run KVM guests; emulated: --" PARAM_ACCEL " emulated, or <domain type='qemu'>"},
	{{"domaintype=kvm"}, EOPNOTSUPP,
	 "this host has no KVM (is virtualization on in its firmware?); emulated: --" PARAM_ACCEL " emulated, or <domain "
	 "type='qemu'>"},
	{{"Cannot check QEMU binary"}, ENOENT,
	 "install the emulator (qemu-system-x86, qemu-system-arm, …), or change <emulator>: virsh edit GUEST"},
	{{"the machine '", "is not supported by emulator"}, EOPNOTSUPP, "machine types: qemu-system-x86_64 -machine help"},
	{{"find any emulator"}, ENOENT, "install the emulator: qemu-system-x86, qemu-system-arm, …"},
	{{"unknown architecture"}, EINVAL, "for example x86_64, aarch64, riscv64 or ppc64"},
	{{"IDE controllers are unsupported"}, EOPNOTSUPP, "use --" PARAM_DISK_BUS " sata, or --" PARAM_MACHINE " pc"},
	{{"Unknown CPU model"}, EINVAL, "models: virsh cpu-models x86_64"},
	{{"unable to find CPU definition"}, EINVAL, "models: qemu-system-x86_64 -cpu help"},
	{{"suitable emulator"}, ENOENT, "install the emulator: qemu-system-x86, qemu-system-arm, …"},
	{{"does not support machine type"}, EOPNOTSUPP,
	 "machine types: qemu-system-x86_64 -machine help; change it: virsh edit GUEST"},
	{{"unsupported machine type"}, EOPNOTSUPP,
	 "machine types: qemu-system-x86_64 -machine help; change it: virsh edit GUEST"},
	{{"guest CPU doesn't match"}, EOPNOTSUPP,
	 "this host's CPU lacks features of the guest's: choose another model, or host-passthrough with KVM: virsh edit "
	 "GUEST"},
	{{"host doesn't provide required features"}, EOPNOTSUPP,
	 "this host's CPU lacks features of the guest's: choose another model, or host-passthrough with KVM: virsh edit "
	 "GUEST"},
	{{"CPU topology doesn't match"}, EINVAL,
	 "sockets × cores × threads must equal the maximum number of CPUs: virsh edit GUEST"},
	{{"cannot set up guest memory"}, ENOMEM,
	 "too little free memory on this host: give the guest less (hostel set --" PARAM_MEMORY "), or stop others"},
	{{"Cannot allocate memory"}, ENOMEM,
	 "too little free memory on this host: give the guest less (hostel set --" PARAM_MEMORY "), or stop others"},
	{{"hugetlbfs"}, ENOMEM,
	 "reserve huge pages (sysctl vm.nr_hugepages=…) and mount hugetlbfs, or remove <hugepages>: virsh edit GUEST"},
	{{"backing store for guest RAM"}, ENOMEM, "reserve more huge pages: sysctl vm.nr_hugepages=…"},
	{{"passt: ", "Failed to bind"}, EADDRINUSE,
	 "another program uses the port, or it is below 1024: ss -tulpn; change it: hostel edit GUEST"},
	{{"passt: ", "user namespace"}, EPERM,
	 "passt needs a user namespace: sysctl user.max_user_namespaces kernel.apparmor_restrict_unprivileged_userns"},
	{{"Could not start 'passt'"}, EPERM, "AppArmor or SELinux may confine passt: journalctl -k | grep passt"},
	{{"passt: "}, EPERM, "AppArmor or SELinux may confine passt: journalctl -k | grep passt"},
	{{"Cannot find 'passt'"}, ENOENT, "install passt"},
	{{"host forwarding rule"}, EADDRINUSE,
	 "another program uses the port, or it is below 1024: ss -tulpn; change it: hostel edit GUEST"},
	{{"Failed to reserve port"}, EADDRINUSE,
	 "another program uses the port: choose another, or autoport='yes': virsh edit GUEST"},
	{{"Address already in use"}, EADDRINUSE,
	 "another guest or program uses the port or socket: choose another: virsh edit GUEST"},
	{{"unused port"}, EADDRINUSE, "all ports for graphics are in use: stop other guests"},
	{{"Failed to connect to '"}, ENOTCONN, "start the program that serves that socket"},
	{{"virtiofsd"}, ENOENT, "install virtiofsd"},
	{{"swtpm"}, ENOENT, "install swtpm and swtpm-tools"},
	{{"TPM version"}, EOPNOTSUPP, "install swtpm and swtpm-tools"},
	{{"passthrough of host PCI devices"}, EOPNOTSUPP,
	 "enable the IOMMU (VT-d, AMD-Vi) in the host's firmware and kernel command line"},
	{{"Did not find USB device"}, ENODEV, "connect the USB device: lsusb"},
	// the daemon
	{{"Permission denied"}, 0,
	 "the user QEMU runs as must be able to reach the file; for the daemon's socket, join the group 'libvirt'"},
	{{"Connection refused"}, ENOTCONN, "libvirt's daemon is not running: sudo systemctl start libvirtd"},
	{{"Failed to connect socket"}, ENOTCONN,
	 "libvirt's daemon is not running: sudo systemctl start libvirtd, or install libvirt-daemon-system"},
	{{"Failed to find the libvirtd binary"}, ENOTCONN,
	 "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{{"binary 'libvirtd'"}, ENOTCONN, "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{{"binary 'virtqemud'"}, ENOTCONN, "install libvirt-daemon-system and qemu-system-x86 to run guests"},
	{{"client socket is closed"}, ENOTCONN, "libvirt's daemon went away"},
	{{"End of file while reading data"}, ENOTCONN, "libvirt's daemon went away"},
	{{"keepalive"}, ENOTCONN, "libvirt's daemon does not answer"},
	{{"cannot acquire state change lock"}, ETIMEDOUT,
	 "QEMU does not answer: check the host's disks, or kill the guest"},
	{{"Guest agent is not responding"}, ETIMEDOUT, "install and start qemu-guest-agent inside"},
	{{"QEMU guest agent is not"}, EOPNOTSUPP, "install and start qemu-guest-agent inside"},
};

bool vir_is_unsupported(void)
{
	const virError *error = vir.GetLastError();

	return error && (error->code == VIR_ERR_NO_SUPPORT || error->code == VIR_ERR_OPERATION_UNSUPPORTED);
}

// Joins several lines into one.
static char *one_line(const char *message)
{
	auto_str out = {0};
	auto_strv lines = {0};

	strv_split(&lines, message ? message : "libvirt reported no error", "\r\n");
	for (size_t i = 0; i < lines.count; i++)
		str_addf(&out, "%s%s", i ? "; " : "", lines.items[i]);
	return str_steal(&out);
}

// The message about QEMU exiting at startup in SAID, or NULL. Which one libvirt reports depends on how far QEMU got.
static const char *qemu_exit_message(const char *said)
{
	const char *closed = strstr(said, "closed the monitor");

	return closed ? closed : strstr(said, "exited while connecting to monitor");
}

// "Child process (passt --socket …) unexpected exit status 1: Failed to …" → "passt: Failed to …". Owned; NULL for
// other messages.
static char *passt_message(const char *said)
{
	const char *status = strstr(said, "Child process (passt ") ? strstr(said, "exit status ") : NULL;
	const char *colon = status ? strstr(status, ": ") : NULL;

	return colon ? mem_printf("passt: %s", colon + 2) : NULL;
}

// Drops libvirt's internal details and QEMU's JSON arguments: "internal error: qemu unexpectedly closed the monitor:
// 2026-11-27T20:51:05.6Z qemu-system-x86_64: -blockdev {"driver":…}: Failed to get …" → "QEMU: Failed to get …"
static char *without_noise(const char *said)
{
	static const char internal[] = "internal error: ";
	const char *closed = qemu_exit_message(said), *qemu = closed ? strstr(closed, "qemu") : NULL;
	const char *colon = qemu ? strstr(qemu, ": ") : NULL, *rest = colon ? colon + 2 : said;

	while (colon && str_starts(rest, "-") && strchr(rest, ' ') && strchr(rest, ' ')[1] == '{' && strstr(rest, "}: "))
		rest = strstr(rest, "}: ") + 3;
	char *passt = passt_message(said);

	return passt   ? passt
	       : colon ? mem_printf("QEMU: %s", rest)
	               : mem_strdup(said + (str_starts(said, internal) ? strlen(internal) : 0));
}

static bool remedy_fits(size_t row, const char *said)
{
	for (size_t i = 0; i < ARRAY_SIZE(remedies[row].words); i++)
		if (remedies[row].words[i] && !strstr(said, remedies[row].words[i]))
			return false;
	return true;
}

// The first quoted name in TEXT, owned; OTHERWISE if there is none.
static char *first_quoted(const char *text, const char *otherwise)
{
	const char *quote = strchr(text, '\''), *end = quote ? strchr(quote + 1, '\'') : NULL;

	return end ? mem_strndup(quote + 1, (size_t)(end - quote - 1)) : mem_strdup(otherwise);
}

// Fills in the names, so that the command in the hint can be run as shown.
static int add_hint(struct err *e, const char *hint, const char *what, const char *said)
{
	static const char guest[] = "GUEST";
	auto_free char *name = first_quoted(what, guest), *subject = first_quoted(said, "NAME");
	auto_str text = {0};

	for (const char *s = hint; *s; s++)
		if (*s == '%') {
			str_add(&text, subject);
		} else if (str_starts(s, guest)) {
			str_add(&text, name);
			s += strlen(guest) - 1;
		} else {
			str_add_char(&text, *s);
		}
	return err_hint(e, "%s", str_text(&text));
}

int guest_error(struct err *e, const char *fmt, ...)
{
	const virError *error = vir.GetLastError();
	auto_free char *all = one_line(error ? error->message : NULL);
	auto_free char *said = without_noise(all);
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
		if (remedy_fits(i, said)) {
			err_msg(e, remedies[i].number ? remedies[i].number : number, "%s: %s", what, said);
			return add_hint(e, remedies[i].hint, what, said);
		}
	return err_msg(e, number, "%s: %s", what, said);
}
