// Volumes of pods.
import {
  atomic,
  atomicList,
  boolean,
  field,
  filled,
  int32,
  int64,
  mapOf,
  pointer,
  quantity,
  required,
  structOf,
  text,
  textMap,
  textOf,
  within,
} from '../schema.ts';
import type { Member, StructSchema } from '../schema.ts';
import { embeddedMeta, labelSelector } from './meta.ts';
import {
  awsElasticBlockStoreVolumeSource,
  azureDiskVolumeSource,
  azureFileVolumeSource,
  cephFSVolumeSource,
  cinderVolumeSource,
  fcVolumeSource,
  flexVolumeSource,
  flockerVolumeSource,
  gcePersistentDiskVolumeSource,
  gitRepoVolumeSource,
  glusterfsVolumeSource,
  iscsiVolumeSource,
  photonPersistentDiskVolumeSource,
  portworxVolumeSource,
  quobyteVolumeSource,
  rbdVolumeSource,
  scaleIOVolumeSource,
  storageOSVolumeSource,
  vsphereVirtualDiskVolumeSource,
} from './pod-volume-plugins.ts';
import {
  localName,
  localObjectReference,
  typedLocalObjectReference,
  typedObjectReference,
} from './references.ts';

const hostPathVolumeSource: StructSchema = structOf('v1.HostPathVolumeSource', {
  path: required(1, text),
  type: pointer(2, textOf('v1.HostPathType')),
});

const emptyDirVolumeSource: StructSchema = structOf('v1.EmptyDirVolumeSource', {
  medium: field(1, textOf('v1.StorageMedium')),
  sizeLimit: field(2, quantity),
});

const keyToPath: StructSchema = structOf('v1.KeyToPath', {
  key: required(1, text),
  path: required(2, text),
  mode: pointer(3, int32),
});

const secretVolumeSource: StructSchema = structOf('v1.SecretVolumeSource', {
  secretName: field(1, text),
  items: field(2, atomicList(keyToPath)),
  defaultMode: pointer(3, int32),
  optional: pointer(4, boolean),
});

const nfsVolumeSource: StructSchema = structOf('v1.NFSVolumeSource', {
  server: required(1, text),
  path: required(2, text),
  readOnly: field(3, boolean),
});

const persistentVolumeClaimVolumeSource: StructSchema = structOf('v1.PersistentVolumeClaimVolumeSource', {
  claimName: required(1, text),
  readOnly: field(2, boolean),
});

export const objectFieldSelector: StructSchema = atomic(
  structOf('v1.ObjectFieldSelector', {
    apiVersion: field(1, text),
    fieldPath: required(2, text),
  }),
);

export const resourceFieldSelector: StructSchema = atomic(
  structOf('v1.ResourceFieldSelector', {
    containerName: field(1, text),
    resource: required(2, text),
    divisor: field(3, quantity),
  }),
);

const downwardAPIVolumeFile: StructSchema = structOf('v1.DownwardAPIVolumeFile', {
  path: required(1, text),
  fieldRef: field(2, objectFieldSelector),
  resourceFieldRef: field(3, resourceFieldSelector),
  mode: pointer(4, int32),
});

const downwardAPIVolumeSource: StructSchema = structOf('v1.DownwardAPIVolumeSource', {
  items: field(1, atomicList(downwardAPIVolumeFile)),
  defaultMode: pointer(2, int32),
});

const configMapVolumeSource: StructSchema = structOf('v1.ConfigMapVolumeSource', {
  ...within(1, 'LocalObjectReference', localName),
  items: field(2, atomicList(keyToPath)),
  defaultMode: pointer(3, int32),
  optional: pointer(4, boolean),
});

const secretProjection: StructSchema = structOf('v1.SecretProjection', {
  ...within(1, 'LocalObjectReference', localName),
  items: field(2, atomicList(keyToPath)),
  optional: pointer(4, boolean),
});

const downwardAPIProjection: StructSchema = structOf('v1.DownwardAPIProjection', {
  items: field(1, atomicList(downwardAPIVolumeFile)),
});

const configMapProjection: StructSchema = structOf('v1.ConfigMapProjection', {
  ...within(1, 'LocalObjectReference', localName),
  items: field(2, atomicList(keyToPath)),
  optional: pointer(4, boolean),
});

const serviceAccountTokenProjection: StructSchema = structOf('v1.ServiceAccountTokenProjection', {
  audience: field(1, text),
  expirationSeconds: pointer(2, int64),
  path: required(3, text),
});

const clusterTrustBundleProjection: StructSchema = structOf('v1.ClusterTrustBundleProjection', {
  name: pointer(1, text),
  signerName: pointer(2, text),
  labelSelector: field(3, labelSelector),
  optional: pointer(5, boolean),
  path: required(4, text),
});

const podCertificateProjection: StructSchema = structOf('v1.PodCertificateProjection', {
  signerName: field(1, text, '', { isRequired: true }),
  keyType: field(2, text, '', { isRequired: true }),
  maxExpirationSeconds: pointer(3, int32),
  credentialBundlePath: field(4, text),
  keyPath: field(5, text),
  certificateChainPath: field(6, text),
  userAnnotations: field(7, textMap),
});

const volumeProjection: StructSchema = structOf('v1.VolumeProjection', {
  secret: field(1, secretProjection),
  downwardAPI: field(2, downwardAPIProjection),
  configMap: field(3, configMapProjection),
  serviceAccountToken: field(4, serviceAccountTokenProjection),
  clusterTrustBundle: field(5, clusterTrustBundleProjection),
  podCertificate: field(6, podCertificateProjection),
});

const projectedVolumeSource: StructSchema = structOf('v1.ProjectedVolumeSource', {
  sources: filled(1, atomicList(volumeProjection)),
  defaultMode: pointer(2, int32),
});

const csiVolumeSource: StructSchema = structOf('v1.CSIVolumeSource', {
  driver: required(1, text),
  readOnly: pointer(2, boolean),
  fsType: pointer(3, text),
  volumeAttributes: field(4, textMap),
  nodePublishSecretRef: field(5, localObjectReference),
});

const volumeResourceRequirements: StructSchema = structOf('v1.VolumeResourceRequirements', {
  limits: field(1, mapOf(quantity, 'v1.ResourceList')),
  requests: field(2, mapOf(quantity, 'v1.ResourceList')),
});

const persistentVolumeClaimSpec: StructSchema = structOf('v1.PersistentVolumeClaimSpec', {
  accessModes: field(1, atomicList(textOf('v1.PersistentVolumeAccessMode'))),
  selector: field(4, labelSelector),
  resources: field(2, volumeResourceRequirements),
  volumeName: field(3, text),
  storageClassName: pointer(5, text),
  volumeMode: pointer(6, textOf('v1.PersistentVolumeMode')),
  dataSource: field(7, typedLocalObjectReference),
  dataSourceRef: field(8, typedObjectReference),
  volumeAttributesClassName: pointer(9, text),
});

const persistentVolumeClaimTemplate: StructSchema = structOf('v1.PersistentVolumeClaimTemplate', {
  metadata: field(1, embeddedMeta),
  spec: required(2, persistentVolumeClaimSpec),
});

const ephemeralVolumeSource: StructSchema = structOf('v1.EphemeralVolumeSource', {
  volumeClaimTemplate: field(1, persistentVolumeClaimTemplate),
});

const imageVolumeSource: StructSchema = structOf('v1.ImageVolumeSource', {
  reference: field(1, text),
  pullPolicy: field(2, textOf('v1.PullPolicy')),
});

export const volumeSource: Readonly<Record<string, Member>> = {
  hostPath: field(1, hostPathVolumeSource, 'A file or directory of the node.'),
  emptyDir: field(2, emptyDirVolumeSource, 'An empty directory that lives as long as the pod.'),
  gcePersistentDisk: field(3, gcePersistentDiskVolumeSource),
  awsElasticBlockStore: field(4, awsElasticBlockStoreVolumeSource),
  gitRepo: field(5, gitRepoVolumeSource),
  secret: field(6, secretVolumeSource, 'The keys of a Secret as files.'),
  nfs: field(7, nfsVolumeSource),
  iscsi: field(8, iscsiVolumeSource),
  glusterfs: field(9, glusterfsVolumeSource),
  persistentVolumeClaim: field(10, persistentVolumeClaimVolumeSource, 'A claimed persistent volume.'),
  rbd: field(11, rbdVolumeSource),
  flexVolume: field(12, flexVolumeSource),
  cinder: field(13, cinderVolumeSource),
  cephfs: field(14, cephFSVolumeSource),
  flocker: field(15, flockerVolumeSource),
  downwardAPI: field(16, downwardAPIVolumeSource),
  fc: field(17, fcVolumeSource),
  azureFile: field(18, azureFileVolumeSource),
  configMap: field(19, configMapVolumeSource, 'The keys of a ConfigMap as files.'),
  vsphereVolume: field(20, vsphereVirtualDiskVolumeSource),
  quobyte: field(21, quobyteVolumeSource),
  azureDisk: field(22, azureDiskVolumeSource),
  photonPersistentDisk: field(23, photonPersistentDiskVolumeSource),
  projected: field(26, projectedVolumeSource, 'Several sources in one directory.'),
  portworxVolume: field(24, portworxVolumeSource),
  scaleIO: field(25, scaleIOVolumeSource),
  storageos: field(27, storageOSVolumeSource),
  csi: field(28, csiVolumeSource),
  ephemeral: field(29, ephemeralVolumeSource),
  image: field(30, imageVolumeSource),
};
