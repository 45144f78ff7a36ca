# sys: child processes, ptys, file-system helpers, cgroup layout and reading, netlink
noinst_LIBRARIES += libsys.a
libsys_a_SOURCES = \
	src/sys/cgroup.c src/sys/cgroup_layout.c src/sys/cgroup_parse.c include/sys/cgroup.h \
	src/sys/child.c src/sys/host.c src/sys/interfaces.c src/sys/proc.c include/sys/proc.h \
	src/sys/closing.c include/sys/closing.h \
	src/sys/dbus.c include/sys/dbus.h \
	src/sys/fs.c src/sys/fs_files.c src/sys/fs_remove.c src/sys/fs_resolve.c include/sys/fs.h \
	src/sys/library.c include/sys/library.h \
	src/sys/lock.c include/sys/lock.h \
	src/sys/mountinfo.c include/sys/mountinfo.h \
	src/sys/netlink.c include/sys/netlink.h \
	src/sys/netlink_events.c include/sys/netlink_events.h \
	src/sys/netns.c include/sys/netns.h \
	src/sys/output.c include/sys/output.h \
	src/sys/pty.c include/sys/pty.h \
	src/sys/signal_name.c include/sys/signal_name.h \
	src/sys/userns.c include/sys/userns.h \
	src/sys/write.c include/sys/write.h
SYS_LIBS = libsys.a

SYS_TESTS = test_sys_cgroup test_sys_dbus test_sys_fs test_sys_library test_sys_output test_sys_proc test_sys_userns test_sys_write
UNIT_TESTS += $(SYS_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(SYS_TESTS)
endif
test_sys_cgroup_SOURCES = tests/unit/test_sys_cgroup.c
test_sys_cgroup_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
test_sys_fs_SOURCES = tests/unit/test_sys_fs.c
test_sys_fs_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
test_sys_library_SOURCES = tests/unit/test_sys_library.c tests/unit/test.h
test_sys_library_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS) -ldl -lpthread
test_sys_output_SOURCES = tests/unit/test_sys_output.c
test_sys_output_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
test_sys_proc_SOURCES = tests/unit/test_sys_proc.c
test_sys_proc_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
test_sys_userns_SOURCES = tests/unit/test_sys_userns.c
test_sys_userns_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
test_sys_write_SOURCES = tests/unit/test_sys_write.c
test_sys_write_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS) -lpthread
test_sys_dbus_SOURCES = tests/unit/test_sys_dbus.c
test_sys_dbus_LDADD = $(SYS_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
