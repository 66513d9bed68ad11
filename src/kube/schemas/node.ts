// Node: stored for clients that ask for nodes.
import {
  atomicList,
  boolean,
  field,
  filled,
  int32,
  int64,
  mapList,
  mapOf,
  pointer,
  quantity,
  required,
  setList,
  structOf,
  text,
  textOf,
  time,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';

const taint: StructSchema = structOf('v1.Taint', {
  key: required(1, text),
  value: field(2, text),
  effect: required(3, textOf('v1.TaintEffect')),
  timeAdded: field(4, time),
});

const configMapNodeConfigSource: StructSchema = structOf('v1.ConfigMapNodeConfigSource', {
  namespace: required(1, text),
  name: required(2, text),
  uid: field(3, textOf('types.UID')),
  resourceVersion: field(4, text),
  kubeletConfigKey: required(5, text),
});

const nodeConfigSource: StructSchema = structOf('v1.NodeConfigSource', {
  configMap: field(2, configMapNodeConfigSource),
});

const nodeSpec: StructSchema = structOf('v1.NodeSpec', {
  podCIDR: field(1, text, "Range of the pods' addresses on the node."),
  podCIDRs: field(7, setList(text, 'merge'), 'All ranges, one for each IP family.'),
  providerID: field(3, text, "The node's name at the cloud provider."),
  unschedulable: field(4, boolean, 'True: no new pods are put on the node.'),
  taints: field(5, atomicList(taint), 'What pods must tolerate to run here.'),
  configSource: field(6, nodeConfigSource),
  externalID: field(2, text),
});

const nodeCondition: StructSchema = structOf('v1.NodeCondition', {
  type: required(1, textOf('v1.NodeConditionType')),
  status: required(2, textOf('v1.ConditionStatus')),
  lastHeartbeatTime: field(3, time),
  lastTransitionTime: field(4, time),
  reason: field(5, text),
  message: field(6, text),
});

const nodeAddress: StructSchema = structOf('v1.NodeAddress', {
  type: required(
    1,
    textOf('v1.NodeAddressType'),
    '`InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS` or `ExternalDNS`.',
  ),
  address: required(2, text, 'The address or host name.'),
});

const daemonEndpoint: StructSchema = structOf('v1.DaemonEndpoint', {
  Port: required(1, int32),
});

const nodeDaemonEndpoints: StructSchema = structOf('v1.NodeDaemonEndpoints', {
  kubeletEndpoint: field(1, daemonEndpoint),
});

const nodeSwapStatus: StructSchema = structOf('v1.NodeSwapStatus', {
  capacity: pointer(1, int64),
});

const nodeSystemInfo: StructSchema = structOf('v1.NodeSystemInfo', {
  machineID: required(1, text),
  systemUUID: required(2, text),
  bootID: required(3, text),
  kernelVersion: required(4, text),
  osImage: required(5, text),
  containerRuntimeVersion: required(6, text),
  kubeletVersion: required(7, text),
  kubeProxyVersion: required(8, text),
  operatingSystem: required(9, text),
  architecture: required(10, text),
  swap: field(11, nodeSwapStatus),
});

const containerImage: StructSchema = structOf('v1.ContainerImage', {
  names: filled(1, atomicList(text)),
  sizeBytes: field(2, int64),
});

const attachedVolume: StructSchema = structOf('v1.AttachedVolume', {
  name: required(1, textOf('v1.UniqueVolumeName')),
  devicePath: required(2, text),
});

const nodeConfigStatus: StructSchema = structOf('v1.NodeConfigStatus', {
  assigned: field(1, nodeConfigSource),
  active: field(2, nodeConfigSource),
  lastKnownGood: field(3, nodeConfigSource),
  error: field(4, text),
});

const nodeRuntimeHandlerFeatures: StructSchema = structOf('v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: pointer(1, boolean),
  userNamespaces: pointer(2, boolean),
});

const nodeRuntimeHandler: StructSchema = structOf('v1.NodeRuntimeHandler', {
  name: filled(1, text),
  features: field(2, nodeRuntimeHandlerFeatures),
});

const nodeFeatures: StructSchema = structOf('v1.NodeFeatures', {
  supplementalGroupsPolicy: pointer(1, boolean),
});

const nodeStatus: StructSchema = structOf('v1.NodeStatus', {
  capacity: field(1, mapOf(quantity, 'v1.ResourceList'), 'All resources of the node.'),
  allocatable: field(2, mapOf(quantity, 'v1.ResourceList'), 'What of them is left for pods.'),
  phase: field(3, textOf('v1.NodePhase')),
  conditions: field(
    4,
    mapList(nodeCondition, ['type'], 'type'),
    'Whether the node is ready and short of anything.',
  ),
  addresses: field(5, mapList(nodeAddress, ['type'], 'type'), 'Addresses and host names of the node.'),
  daemonEndpoints: field(6, nodeDaemonEndpoints),
  nodeInfo: field(7, nodeSystemInfo, 'Versions and identifiers of the node.'),
  images: field(8, atomicList(containerImage)),
  volumesInUse: field(9, atomicList(textOf('v1.UniqueVolumeName'))),
  volumesAttached: field(10, atomicList(attachedVolume)),
  config: field(11, nodeConfigStatus),
  runtimeHandlers: field(12, atomicList(nodeRuntimeHandler)),
  features: field(13, nodeFeatures),
  declaredFeatures: field(14, atomicList(text)),
});

export const nodeSchema: StructSchema = kindOf('v1.Node', {
  spec: field(2, nodeSpec, 'How the node is set up.'),
  status: field(3, nodeStatus, 'What the node reports.'),
});
