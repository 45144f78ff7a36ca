# container: store, images, layers, bundles, logs, the engine's side of containers
noinst_LIBRARIES += libcontainer.a
libcontainer_a_SOURCES = \
	src/container/check.c include/container/check.h \
	src/container/containers.c include/container/containers.h \
	include/container/copy.h \
	src/container/events.c \
	include/container/images.h \
	include/container/login.h \
	include/container/monitor.h \
	include/container/networks.h \
	include/container/volumes.h \
	src/container/bundle/account.c src/container/bundle/account.h \
	src/container/bundle/bundle.c src/container/bundle/bundle.h \
	src/container/bundle/capabilities.c \
	src/container/bundle/cgroup.c \
	src/container/bundle/device_spec.c src/container/bundle/device_spec.h \
	src/container/bundle/document.c src/container/bundle/document.h \
	src/container/bundle/host.c src/container/bundle/host.h \
	src/container/bundle/host_base.c src/container/bundle/host_base.h \
	src/container/bundle/host_list.c src/container/bundle/host_list.h \
	src/container/bundle/limits.c \
	src/container/bundle/linux.c \
	src/container/bundle/mount_spec.c src/container/bundle/mount_spec.h \
	src/container/bundle/mounts.c \
	src/container/bundle/network_files.c src/container/bundle/network_files.h \
	src/container/bundle/privileged.c \
	src/container/bundle/process.c \
	src/container/bundle/seccomp_file.c \
	src/container/bundle/seccomp_profile.c \
	src/container/bundle/sections.h \
	src/container/bundle/security.c \
	src/container/bundle/settings.c src/container/bundle/settings.h \
	src/container/bundle/sharing.c \
	src/container/bundle/sharing_hold.c src/container/bundle/sharing_hold.h \
	src/container/bundle/volume_users.c src/container/bundle/volume_users.h \
	src/container/image/archive.h \
	src/container/image/archive_load.c \
	src/container/image/archive_save.c \
	src/container/image/blob.c src/container/image/blob.h \
	src/container/image/build.c src/container/image/build.h \
	src/container/image/choose.c src/container/image/choose.h \
	src/container/image/collect.c src/container/image/collect.h \
	src/container/image/digest.c src/container/image/digest.h \
	src/container/image/entry.c src/container/image/entry.h \
	src/container/image/extract.c src/container/image/extract.h \
	src/container/image/foreign.c src/container/image/foreign.h \
	src/container/image/instruction.c src/container/image/instruction.h \
	src/container/image/layer.c src/container/image/layer.h \
	src/container/image/layout.c src/container/image/layout.h \
	src/container/image/list.c src/container/image/list.h \
	src/container/image/login.c \
	src/container/image/name.c src/container/image/name.h \
	src/container/image/oci.c src/container/image/oci.h \
	src/container/image/open.c src/container/image/open.h \
	src/container/image/pack.c src/container/image/pack.h \
	src/container/image/platform.c src/container/image/platform.h \
	src/container/image/pull.c src/container/image/pull.h \
	src/container/image/push.c src/container/image/push.h \
	src/container/image/short_name.c src/container/image/short_name.h \
	src/container/image/skopeo.c src/container/image/skopeo.h \
	src/container/image/stored.c src/container/image/stored.h \
	src/container/image/tar.c src/container/image/tar.h \
	src/container/image/trust.c src/container/image/trust.h \
	src/container/look/changes.c src/container/look/changes.h \
	src/container/look/image_text.c \
	src/container/look/images.c src/container/look/images.h \
	src/container/look/interfaces.c src/container/look/interfaces.h \
	src/container/look/list.c \
	src/container/look/logs.c \
	src/container/look/measure.c src/container/look/measure.h \
	src/container/look/network_uses.c src/container/look/network_uses.h \
	src/container/look/networks.c src/container/look/networks.h \
	src/container/look/read.c \
	src/container/look/space.c src/container/look/space.h \
	src/container/look/volumes.c src/container/look/volumes.h \
	src/container/look/when.c src/container/look/when.h \
	src/container/monitor/attach.c src/container/monitor/attach.h \
	src/container/monitor/clients.c src/container/monitor/clients.h \
	src/container/monitor/health.c \
	src/container/monitor/monitor.c src/container/monitor/monitor.h \
	src/container/monitor/name.c \
	src/container/monitor/network.c \
	src/container/monitor/sweep.c \
	src/container/monitor/note.c \
	src/container/monitor/policy.c src/container/monitor/policy.h \
	src/container/monitor/probe.c src/container/monitor/probe.h \
	src/container/monitor/start.c \
	src/container/monitor/stop.c \
	src/container/monitor/streams.c \
	src/container/network/batch.c src/container/network/batch.h \
	src/container/network/endpoint.c src/container/network/endpoint.h \
	src/container/network/join.c src/container/network/join.h \
	src/container/network/live.c src/container/network/live.h \
	src/container/network/names.c src/container/network/names.h \
	src/container/network/network.c src/container/network/network.h \
	src/container/network/rename.c \
	src/container/network/repair.c src/container/network/repair.h \
	src/container/network/space.c src/container/network/space.h \
	src/container/network/user.c src/container/network/user.h \
	src/container/network/watch.c src/container/network/watch.h \
	src/container/network/bridge/bridge.c src/container/network/bridge/bridge.h \
	src/container/network/bridge/dns.c src/container/network/bridge/dns.h \
	src/container/network/bridge/forwarding.c src/container/network/bridge/forwarding.h \
	src/container/network/bridge/ipv6.c src/container/network/bridge/ipv6.h \
	src/container/network/bridge/place.c src/container/network/bridge/place.h \
	src/container/network/bridge/program.c src/container/network/bridge/program.h \
	src/container/network/bridge/publish.c src/container/network/bridge/publish.h \
	src/container/network/bridge/server.c src/container/network/bridge/server.h \
	src/container/network/bridge/sources.c src/container/network/bridge/sources.h \
	src/container/network/bridge/subnets.c src/container/network/bridge/subnets.h \
	src/container/network/firewall/facts.c src/container/network/firewall/facts.h \
	src/container/network/firewall/firewall.c src/container/network/firewall/firewall.h \
	src/container/network/firewall/firewalld.c src/container/network/firewall/firewalld.h \
	src/container/network/firewall/legacy.c src/container/network/firewall/legacy.h \
	src/container/network/firewall/passage.c src/container/network/firewall/passage.h \
	src/container/network/firewall/trace.c src/container/network/firewall/trace.h \
	src/container/network/helper/choice.c \
	src/container/network/helper/helper.c src/container/network/helper/helper.h \
	src/container/network/helper/pasta.c \
	src/container/network/helper/slirp.c \
	src/container/network/libvirt/libvirt_files.c src/container/network/libvirt/libvirt_files.h \
	src/container/network/libvirt/reservation.c src/container/network/libvirt/reservation.h \
	src/container/network/libvirt/reservation6.c src/container/network/libvirt/reservation6.h \
	src/container/network/libvirt/shared.c src/container/network/libvirt/shared.h \
	src/container/network/publish/claim.c src/container/network/publish/claim.h \
	src/container/network/publish/forwarder.c src/container/network/publish/forwarder.h \
	src/container/network/publish/relay.c src/container/network/publish/relay.h \
	src/container/network/publish/relay_fd.c src/container/network/publish/relay_fd.h \
	src/container/network/publish/relay_udp.c src/container/network/publish/relay_udp.h \
	src/container/network/publish/rules.c src/container/network/publish/rules.h \
	src/container/network/record/attachment.c src/container/network/record/attachment.h \
	src/container/network/record/choice.c src/container/network/record/choice.h \
	src/container/network/record/definition.c src/container/network/record/definition.h \
	src/container/network/record/separate.c src/container/network/record/separate.h \
	src/container/network/record/state.c src/container/network/record/state.h \
	src/container/run/act.c \
	src/container/run/change.c src/container/run/change.h \
	src/container/run/commit.c \
	src/container/run/connect.c \
	src/container/run/copy.c src/container/run/copy.h \
	src/container/run/create.c \
	src/container/run/end.c src/container/run/end.h \
	src/container/run/ended.c src/container/run/ended.h \
	src/container/run/exec.c \
	src/container/run/image_verbs.c \
	src/container/run/inside.c src/container/run/inside.h \
	src/container/run/network_edit.c \
	src/container/run/network_state.c \
	src/container/run/sweep.c \
	src/container/run/network_verbs.c src/container/run/network_verbs.h \
	src/container/run/networking.c src/container/run/networking.h \
	src/container/run/rename.c src/container/run/rename.h \
	src/container/run/start.c src/container/run/start.h \
	src/container/run/volume_backup.c \
	src/container/run/volume_verbs.c \
	src/container/run/volumes.c src/container/run/volumes.h \
	src/container/state/containers.h \
	src/container/state/recover.c src/container/state/recover.h \
	src/container/state/runtime.c src/container/state/runtime.h \
	src/container/state/view.c src/container/state/view.h \
	src/container/state/view_monitor.c src/container/state/view_monitor.h \
	src/container/store/as_root.c src/container/store/as_root.h \
	src/container/store/copy.c src/container/store/copy.h \
	src/container/store/defaults.c src/container/store/defaults.h \
	src/container/store/health.c src/container/store/health.h \
	src/container/store/image.c src/container/store/image.h \
	src/container/store/joined.c src/container/store/joined.h \
	src/container/store/journal.c src/container/store/journal.h \
	src/container/store/log.c src/container/store/log.h \
	src/container/store/log_options.c src/container/store/log_options.h \
	src/container/store/record.c src/container/store/record.h \
	src/container/store/records.c \
	src/container/store/stack.c src/container/store/stack.h \
	src/container/store/store.c src/container/store/store.h \
	src/container/store/subids.c src/container/store/subids.h \
	src/container/store/tree.c src/container/store/tree.h \
	src/container/store/tree_size.c \
	src/container/store/volume.c src/container/store/volume.h
libcontainer_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(ARCHIVE_CFLAGS) $(CRYPTO_CFLAGS)
# libarchive and libcrypto are loaded when the first image is (include/sys/library.h)
CONTAINER_LIBS = libcontainer.a $(SYS_LIBS) $(MODEL_LIBS) $(SANITIZE_LIBS) -ldl -lpthread
# what the monitor needs of it: neither archives nor digests
MONITOR_LIBS = libcontainer.a $(SYS_LIBS) $(MODEL_LIBS)

CONTAINER_TESTS = test_container_bundle test_container_clients test_container_journal test_container_image test_container_layer test_container_log test_container_monitor test_container_name test_container_network test_container_relay test_container_reservation test_container_store
UNIT_TESTS += $(CONTAINER_TESTS)
if HAVE_CMOCKA
check_PROGRAMS += $(CONTAINER_TESTS)
endif
test_container_bundle_SOURCES = tests/unit/test_container_bundle.c
test_container_bundle_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_container_bundle_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_clients_SOURCES = tests/unit/test_container_clients.c
test_container_clients_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_image_SOURCES = tests/unit/test_container_image.c
test_container_image_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_journal_SOURCES = tests/unit/test_container_journal.c
test_container_journal_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_layer_SOURCES = tests/unit/test_container_layer.c
test_container_layer_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_log_SOURCES = tests/unit/test_container_log.c
test_container_log_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_monitor_SOURCES = tests/unit/test_container_monitor.c
test_container_monitor_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_name_SOURCES = tests/unit/test_container_name.c
test_container_name_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_network_SOURCES = tests/unit/test_container_network.c
test_container_network_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_relay_SOURCES = tests/unit/test_container_relay.c
test_container_relay_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_reservation_SOURCES = tests/unit/test_container_reservation.c
test_container_reservation_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
test_container_store_SOURCES = tests/unit/test_container_store.c
test_container_store_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
test_container_store_LDADD = $(CONTAINER_LIBS) $(CMOCKA_LIBS)
