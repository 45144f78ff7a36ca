# sys: child processes, ptys, file-system helpers, cgroup layout and reading, netlink
noinst_LIBRARIES += libsys.a
libsys_a_SOURCES = \
	src/sys/cgroup.c src/sys/cgroup_layout.c src/sys/cgroup_parse.c include/sys/cgroup.h \
	src/sys/child.c src/sys/host.c src/sys/proc.c include/sys/proc.h \
	src/sys/fs.c include/sys/fs.h \
	src/sys/netlink.c include/sys/netlink.h \
	src/sys/pty.c include/sys/pty.h
SYS_LIBS = libsys.a

UNIT_TESTS += test_sys_fs
if HAVE_CMOCKA
check_PROGRAMS += test_sys_fs
endif
test_sys_fs_SOURCES = tests/unit/test_sys_fs.c
test_sys_fs_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
