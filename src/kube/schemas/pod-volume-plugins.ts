// Volumes of particular storage systems, most of them replaced by CSI drivers.
import {
  atomicList,
  boolean,
  field,
  int32,
  pointer,
  required,
  structOf,
  text,
  textMap,
  textOf,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { localObjectReference } from './references.ts';

export const gcePersistentDiskVolumeSource: StructSchema = structOf('v1.GCEPersistentDiskVolumeSource', {
  pdName: required(1, text),
  fsType: field(2, text),
  partition: field(3, int32),
  readOnly: field(4, boolean),
});

export const awsElasticBlockStoreVolumeSource: StructSchema = structOf(
  'v1.AWSElasticBlockStoreVolumeSource',
  {
    volumeID: required(1, text),
    fsType: field(2, text),
    partition: field(3, int32),
    readOnly: field(4, boolean),
  },
);

export const gitRepoVolumeSource: StructSchema = structOf('v1.GitRepoVolumeSource', {
  repository: required(1, text),
  revision: field(2, text),
  directory: field(3, text),
});

export const iscsiVolumeSource: StructSchema = structOf('v1.ISCSIVolumeSource', {
  targetPortal: required(1, text),
  iqn: required(2, text),
  lun: required(3, int32),
  iscsiInterface: field(4, text),
  fsType: field(5, text),
  readOnly: field(6, boolean),
  portals: field(7, atomicList(text)),
  chapAuthDiscovery: field(8, boolean),
  chapAuthSession: field(11, boolean),
  secretRef: field(10, localObjectReference),
  initiatorName: pointer(12, text),
});

export const glusterfsVolumeSource: StructSchema = structOf('v1.GlusterfsVolumeSource', {
  endpoints: required(1, text),
  path: required(2, text),
  readOnly: field(3, boolean),
});

export const rbdVolumeSource: StructSchema = structOf('v1.RBDVolumeSource', {
  monitors: required(1, atomicList(text)),
  image: required(2, text),
  fsType: field(3, text),
  pool: field(4, text),
  user: field(5, text),
  keyring: field(6, text),
  secretRef: field(7, localObjectReference),
  readOnly: field(8, boolean),
});

export const flexVolumeSource: StructSchema = structOf('v1.FlexVolumeSource', {
  driver: required(1, text),
  fsType: field(2, text),
  secretRef: field(3, localObjectReference),
  readOnly: field(4, boolean),
  options: field(5, textMap),
});

export const cinderVolumeSource: StructSchema = structOf('v1.CinderVolumeSource', {
  volumeID: required(1, text),
  fsType: field(2, text),
  readOnly: field(3, boolean),
  secretRef: field(4, localObjectReference),
});

export const cephFSVolumeSource: StructSchema = structOf('v1.CephFSVolumeSource', {
  monitors: required(1, atomicList(text)),
  path: field(2, text),
  user: field(3, text),
  secretFile: field(4, text),
  secretRef: field(5, localObjectReference),
  readOnly: field(6, boolean),
});

export const flockerVolumeSource: StructSchema = structOf('v1.FlockerVolumeSource', {
  datasetName: field(1, text),
  datasetUUID: field(2, text),
});

export const fcVolumeSource: StructSchema = structOf('v1.FCVolumeSource', {
  targetWWNs: field(1, atomicList(text)),
  lun: pointer(2, int32),
  fsType: field(3, text),
  readOnly: field(4, boolean),
  wwids: field(5, atomicList(text)),
});

export const azureFileVolumeSource: StructSchema = structOf('v1.AzureFileVolumeSource', {
  secretName: required(1, text),
  shareName: required(2, text),
  readOnly: field(3, boolean),
});

export const vsphereVirtualDiskVolumeSource: StructSchema = structOf('v1.VsphereVirtualDiskVolumeSource', {
  volumePath: required(1, text),
  fsType: field(2, text),
  storagePolicyName: field(3, text),
  storagePolicyID: field(4, text),
});

export const quobyteVolumeSource: StructSchema = structOf('v1.QuobyteVolumeSource', {
  registry: required(1, text),
  volume: required(2, text),
  readOnly: field(3, boolean),
  user: field(4, text),
  group: field(5, text),
  tenant: field(6, text),
});

export const azureDiskVolumeSource: StructSchema = structOf('v1.AzureDiskVolumeSource', {
  diskName: required(1, text),
  diskURI: required(2, text),
  cachingMode: pointer(3, textOf('v1.AzureDataDiskCachingMode')),
  fsType: pointer(4, text),
  readOnly: pointer(5, boolean),
  kind: pointer(6, textOf('v1.AzureDataDiskKind')),
});

export const photonPersistentDiskVolumeSource: StructSchema = structOf(
  'v1.PhotonPersistentDiskVolumeSource',
  {
    pdID: required(1, text),
    fsType: field(2, text),
  },
);

export const portworxVolumeSource: StructSchema = structOf('v1.PortworxVolumeSource', {
  volumeID: required(1, text),
  fsType: field(2, text),
  readOnly: field(3, boolean),
});

export const scaleIOVolumeSource: StructSchema = structOf('v1.ScaleIOVolumeSource', {
  gateway: required(1, text),
  system: required(2, text),
  secretRef: field(3, localObjectReference, '', { isRequired: true }),
  sslEnabled: field(4, boolean),
  protectionDomain: field(5, text),
  storagePool: field(6, text),
  storageMode: field(7, text),
  volumeName: field(8, text),
  fsType: field(9, text),
  readOnly: field(10, boolean),
});

export const storageOSVolumeSource: StructSchema = structOf('v1.StorageOSVolumeSource', {
  volumeName: field(1, text),
  volumeNamespace: field(2, text),
  fsType: field(3, text),
  readOnly: field(4, boolean),
  secretRef: field(5, localObjectReference),
});
