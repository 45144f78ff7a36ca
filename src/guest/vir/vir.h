// libvirt's functions, loaded when the first connection is opened: hostel starts without loading libvirt and its fifty
// dependencies, and runs where libvirt is not installed. virDomainCreate() is called as vir.DomainCreate().
#pragma once

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/err.h"

#define VIR_FUNCTIONS(F) \
	F(ConnSetErrorFunc) F(ConnectClose) F(ConnectDomainEventDeregisterAny) F(ConnectDomainEventRegisterAny) \
	F(ConnectGetAllDomainStats) F(ConnectGetDomainCapabilities) F(ConnectIsAlive) F(ConnectListAllDomains) \
	F(ConnectOpen) \
	F(ConnectRef) F(ConnectRegisterCloseCallback) F(ConnectSetKeepAlive) F(ConnectUnregisterCloseCallback) \
	F(DomainCreate) \
	F(DomainDefineXMLFlags) F(DomainDestroy) F(DomainFree) F(DomainGetAutostart) F(DomainGetBlockInfo) \
	F(DomainGetDiskErrors) \
	F(DomainGetInfo) F(DomainGetMaxMemory) F(DomainGetName) F(DomainGetState) F(DomainGetUUID) \
	F(DomainGetUUIDString) F(DomainGetVcpusFlags) F(DomainGetXMLDesc) F(DomainHasManagedSaveImage) \
	F(DomainInterfaceAddresses) \
	F(DomainInterfaceFree) F(DomainIsActive) F(DomainIsPersistent) F(DomainLookupByName) F(DomainLookupByUUIDString) \
	F(DomainOpenConsole) F(DomainPMWakeup) F(DomainReboot) F(DomainRename) F(DomainResume) F(DomainSetAutostart) \
	F(DomainSetMemoryFlags) F(DomainSetMemoryStatsPeriod) F(DomainSetVcpusFlags) F(DomainShutdown) \
	F(DomainShutdownFlags) \
	F(DomainSnapshotNum) F(DomainStatsRecordListFree) F(DomainSuspend) F(DomainUndefine) F(DomainUndefineFlags) \
	F(EventAddTimeout) \
	F(EventRegisterDefaultImpl) F(EventRemoveTimeout) F(EventRunDefaultImpl) F(EventUpdateTimeout) F(GetLastError) \
	F(Initialize) \
	F(ConnectListAllNetworks) F(NetworkDHCPLeaseFree) F(NetworkFree) F(NetworkGetAutostart) F(NetworkGetBridgeName) \
	F(NetworkGetDHCPLeases) \
	F(NetworkGetName) F(NetworkGetUUIDString) F(NetworkGetXMLDesc) F(NetworkIsActive) F(NetworkIsPersistent) \
	F(NetworkCreate) F(NetworkDefineXML) F(NetworkDestroy) F(NetworkSetAutostart) F(NetworkUndefine) \
	F(NetworkLookupByName) F(NetworkLookupByUUIDString) F(NetworkUpdate) \
	F(NodeGetInfo) F(SecretFree) F(SecretGetUUIDString) F(SecretLookupByUsage) F(ConnectOpenReadOnly) \
	F(DomainCheckpointFree) F(DomainCheckpointGetXMLDesc) F(DomainListAllCheckpoints) F(DomainListAllSnapshots) \
	F(DomainManagedSaveGetXMLDesc) F(DomainSnapshotFree) F(DomainSnapshotGetXMLDesc) F(SetErrorFunc) \
	F(ConnectListAllStoragePools) F(StoragePoolGetXMLDesc) F(StoragePoolLookupByVolume) \
	F(StoragePoolRefresh) F(StorageVolLookupByName) F(StoragePoolCreateXML) F(StoragePoolDestroy) F(StoragePoolFree) \
	F(StoragePoolGetName) F(StoragePoolIsActive) F(StoragePoolLookupByName) \
	F(StoragePoolLookupByTargetPath) \
	F(StorageVolCreateXML) F(StorageVolDelete) F(StorageVolFree) F(StorageVolGetInfo) \
	F(StorageVolGetPath) F(StorageVolLookupByPath) \
	F(StoragePoolListAllVolumes) F(StoragePoolNumOfVolumes) F(StorageVolDownload) \
	F(StorageVolGetXMLDesc) F(StorageVolResize) F(StorageVolUpload) F(DomainBlockResize) \
	F(StreamAbort) \
	F(StreamEventAddCallback) F(StreamEventRemoveCallback) F(StreamEventUpdateCallback) F(StreamFinish) F(StreamFree) \
	F(StreamNew) \
	F(StreamRecv) F(StreamSend)

#define VIR_QEMU_FUNCTIONS(F) F(DomainQemuAgentCommand)

struct vir {
#define MEMBER(NAME) __typeof__(vir##NAME) *NAME;
	VIR_FUNCTIONS(MEMBER)
	VIR_QEMU_FUNCTIONS(MEMBER)
#undef MEMBER
};
extern struct vir vir;

// Loads libvirt once and keeps it. Returns 0, or -EOPNOTSUPP with the packages to install.
int vir_load(struct err *e);
// A symbol of libvirt or of its dependencies, or NULL.
void *vir_symbol(const char *name);
