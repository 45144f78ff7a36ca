// What a container of the image "host" sees of the host.
#include "host_list.h"

#include <string.h>

#include "base/mem.h"
#include "host.h"

// Everything of the host that a container sees. Before adding a line, make sure that nothing below it is private data
// or a secret; what only some users of the host may read is left out in any case.
static const struct host_shown shown[] = {
	// programs, libraries and their data
	{"/usr", SHOW_WRITABLE},
	{"/bin", SHOW_WRITABLE}, {"/sbin", SHOW_WRITABLE}, {"/lib", SHOW_WRITABLE}, {"/lib32", SHOW_WRITABLE}, {"/lib64",
	 SHOW_WRITABLE},
	{"/libx32", SHOW_WRITABLE}, {"/libexec", SHOW_WRITABLE},
	{"/nix/store", SHOW}, {"/gnu/store", SHOW},
	// what package managers know
	{"/var/lib/apt", SHOW}, {"/var/lib/dpkg", SHOW}, {"/var/lib/rpm", SHOW}, {"/var/lib/pacman", SHOW},
	// what packages make for each other
	{"/var/cache/fontconfig", SHOW}, {"/var/lib/ca-certificates", SHOW}, {"/var/lib/texmf", SHOW},
	// large directories of /etc
	{"/etc/alternatives", SHOW}, {"/etc/apt", SHOW}, {"/etc/ca-certificates/extracted", SHOW}, {"/etc/crypto-policies",
	 SHOW}, {"/etc/fonts", SHOW},
	{"/etc/pki/ca-trust", SHOW}, {"/etc/pki/java", SHOW}, {"/etc/pki/rpm-gpg", SHOW}, {"/etc/pki/tls/certs", SHOW},
	 {"/etc/ssl/certs", SHOW},
	// users, names and addresses
	{"/etc/group", COPY}, {"/etc/passwd", COPY}, {"/etc/nsswitch.conf", COPY}, {"/etc/host.conf", COPY},
	{"/etc/gai.conf", COPY}, {"/etc/networks", COPY}, {"/etc/netconfig", COPY}, {"/etc/protocols", COPY},
	{"/etc/services", COPY}, {"/etc/rpc", COPY}, {"/etc/ethertypes", COPY}, {"/etc/login.defs", COPY},
	// the system's name
	{"/etc/os-release", COPY}, {"/etc/*-release", COPY}, {"/etc/*_version", COPY}, {"/etc/issue", COPY},
	// the loader
	{"/etc/ld.so.cache", COPY}, {"/etc/ld.so.conf", COPY}, {"/etc/ld.so.conf.d", COPY}, {"/etc/ld-musl-*", COPY},
	// language, time, terminal, shell
	{"/etc/locale.alias", COPY}, {"/etc/locale.conf", COPY}, {"/etc/locale.gen", COPY}, {"/etc/default/locale", COPY},
	{"/etc/localtime", COPY}, {"/etc/timezone", COPY}, {"/etc/terminfo", COPY}, {"/etc/inputrc", COPY},
	 {"/etc/profile", COPY},
	{"/etc/profile.d", COPY}, {"/etc/bash.bashrc", COPY}, {"/etc/bashrc", COPY}, {"/etc/bash_completion.d", COPY},
	 {"/etc/shells", COPY},
	{"/etc/skel", COPY}, {"/etc/zsh", COPY}, {"/etc/zshrc", COPY}, {"/etc/zprofile", COPY}, {"/etc/zshenv", COPY},
	 {"/etc/fish", COPY},
	{"/etc/csh.cshrc", COPY}, {"/etc/csh.login", COPY}, {"/etc/nanorc", COPY}, {"/etc/vim", COPY}, {"/etc/vimrc",
	 COPY}, {"/etc/emacs", COPY},
	// types of files, manuals, documents
	{"/etc/magic", COPY}, {"/etc/magic.mime", COPY}, {"/etc/mime.types", COPY}, {"/etc/mailcap", COPY},
	 {"/etc/manpath.config", COPY},
	{"/etc/man_db.conf", COPY}, {"/etc/groff", COPY}, {"/etc/sgml", COPY}, {"/etc/xml", COPY}, {"/etc/papersize",
	 COPY},
	// certificates
	{"/etc/ca-certificates", COPY}, {"/etc/ca-certificates.conf", COPY}, {"/etc/ssl/openssl.cnf", COPY},
	 {"/etc/ssl/cert.pem", COPY}, {"/etc/ssl/ct_log_list.cnf", COPY},
	{"/etc/pki/tls/cert.pem", COPY}, {"/etc/pki/tls/openssl.cnf", COPY}, {"/etc/gnutls", COPY},
	// languages
	{"/etc/java*", COPY}, {"/etc/maven", COPY}, {"/etc/perl", COPY}, {"/etc/python3*", COPY}, {"/etc/php", COPY},
	 {"/etc/texmf", COPY},
	{"/etc/lua", COPY}, {"/etc/ghc", COPY}, {"/etc/guile", COPY},
	// package managers, and what else programs ask for
	{"/etc/dpkg", COPY}, {"/etc/debconf.conf", COPY}, {"/etc/apk/arch", COPY}, {"/etc/apk/repositories", COPY},
	 {"/etc/apk/keys", COPY},
	{"/etc/pacman.conf", COPY}, {"/etc/pacman.d/mirrorlist", COPY}, {"/etc/rpm", COPY}, {"/etc/mke2fs.conf", COPY},
	 {"/etc/mtab", COPY},
	{"/etc/xattr.conf", COPY}, {"/etc/xdg", COPY}, {"/etc/X11/rgb.txt", COPY}, {"/etc/glvnd", COPY}, {"/etc/OpenCL",
	 COPY},
};

const struct host_shown *host_shown(size_t i)
{
	return i < ARRAY_SIZE(shown) ? &shown[i] : NULL;
}

const char *host_visible(size_t i)
{
	return i < ARRAY_SIZE(shown) ? shown[i].path : NULL;
}

bool host_is_top(const struct host_shown *s)
{
	return !strchr(s->path + 1, '/');
}
