// What a node reports about a pod.
import {
  atomicList,
  boolean,
  field,
  int32,
  int64,
  listOf,
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
import { resourceRequirements } from './pod-container.ts';

const podCondition: StructSchema = structOf('v1.PodCondition', {
  type: required(1, textOf('v1.PodConditionType')),
  observedGeneration: field(7, int64),
  status: required(2, textOf('v1.ConditionStatus')),
  lastProbeTime: field(3, time),
  lastTransitionTime: field(4, time),
  reason: field(5, text),
  message: field(6, text),
});

const hostIP: StructSchema = structOf('v1.HostIP', {
  ip: required(1, text),
});

const podIP: StructSchema = structOf('v1.PodIP', {
  ip: required(1, text),
});

const containerStateWaiting: StructSchema = structOf('v1.ContainerStateWaiting', {
  reason: field(1, text),
  message: field(2, text),
});

const containerStateRunning: StructSchema = structOf('v1.ContainerStateRunning', {
  startedAt: field(1, time),
});

const containerStateTerminated: StructSchema = structOf('v1.ContainerStateTerminated', {
  exitCode: required(1, int32),
  signal: field(2, int32),
  reason: field(3, text),
  message: field(4, text),
  startedAt: field(5, time),
  finishedAt: field(6, time),
  containerID: field(7, text),
});

const containerState: StructSchema = structOf('v1.ContainerState', {
  waiting: field(1, containerStateWaiting),
  running: field(2, containerStateRunning),
  terminated: field(3, containerStateTerminated),
});

const imageVolumeStatus: StructSchema = structOf('v1.ImageVolumeStatus', {
  imageRef: field(1, text, '', { isRequired: true }),
});

const volumeStatus: StructSchema = structOf('v1.VolumeStatus', {
  image: field(1, imageVolumeStatus),
});

const volumeMountStatus: StructSchema = structOf('v1.VolumeMountStatus', {
  name: required(1, text),
  mountPath: required(2, text),
  readOnly: field(3, boolean),
  recursiveReadOnly: pointer(4, textOf('v1.RecursiveReadOnlyMode')),
  volumeStatus: field(5, volumeStatus),
});

const linuxContainerUser: StructSchema = structOf('v1.LinuxContainerUser', {
  uid: required(1, int64),
  gid: required(2, int64),
  supplementalGroups: field(3, atomicList(int64)),
});

const containerUser: StructSchema = structOf('v1.ContainerUser', {
  linux: field(1, linuxContainerUser),
});

const resourceHealth: StructSchema = structOf('v1.ResourceHealth', {
  resourceID: required(1, textOf('v1.ResourceID')),
  health: field(2, textOf('v1.ResourceHealthStatus')),
  message: pointer(6, text),
});

const resourceStatus: StructSchema = structOf('v1.ResourceStatus', {
  name: required(1, textOf('v1.ResourceName')),
  resources: field(2, mapList(resourceHealth, ['resourceID'])),
});

const containerStatus: StructSchema = structOf('v1.ContainerStatus', {
  name: required(1, text),
  state: field(2, containerState),
  lastState: field(3, containerState),
  ready: required(4, boolean),
  restartCount: required(5, int32),
  image: required(6, text),
  imageID: required(7, text),
  containerID: field(8, text),
  started: pointer(9, boolean),
  allocatedResources: field(10, mapOf(quantity, 'v1.ResourceList')),
  resources: field(11, resourceRequirements),
  volumeMounts: field(12, mapList(volumeMountStatus, ['mountPath'], 'mountPath')),
  user: field(13, containerUser),
  allocatedResourcesStatus: field(14, mapList(resourceStatus, ['name'], 'name')),
  stopSignal: pointer(15, textOf('v1.Signal')),
});

const podResourceClaimStatus: StructSchema = structOf('v1.PodResourceClaimStatus', {
  name: required(1, text),
  resourceClaimName: pointer(2, text),
});

const containerExtendedResourceRequest: StructSchema = structOf('v1.ContainerExtendedResourceRequest', {
  containerName: required(1, text),
  resourceName: required(2, text),
  requestName: required(3, text),
});

const podExtendedResourceClaimStatus: StructSchema = structOf('v1.PodExtendedResourceClaimStatus', {
  requestMappings: required(1, atomicList(containerExtendedResourceRequest)),
  resourceClaimName: required(2, text),
});

const nodeAllocatableResourceClaimStatus: StructSchema = structOf('v1.NodeAllocatableResourceClaimStatus', {
  resourceClaimName: required(1, text),
  containers: field(2, setList(text)),
  resources: required(3, mapOf(quantity)),
});

export const podStatus: StructSchema = structOf('v1.PodStatus', {
  observedGeneration: field(17, int64),
  phase: field(1, textOf('v1.PodPhase'), '`Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.'),
  conditions: field(
    2,
    mapList(podCondition, ['type'], 'type'),
    'Whether the pod is scheduled, initialized and ready.',
  ),
  message: field(3, text),
  reason: field(4, text),
  nominatedNodeName: field(11, text),
  hostIP: field(5, text, 'Address of its node.'),
  hostIPs: field(16, listOf(hostIP, { listType: 'atomic', patchMergeKey: 'ip' })),
  podIP: field(6, text, 'Address of the pod.'),
  podIPs: field(12, mapList(podIP, ['ip'], 'ip')),
  startTime: field(7, time, 'When the node took the pod over.'),
  initContainerStatuses: field(10, atomicList(containerStatus)),
  containerStatuses: field(8, atomicList(containerStatus), 'State of the single containers.'),
  qosClass: field(9, textOf('v1.PodQOSClass')),
  ephemeralContainerStatuses: field(13, atomicList(containerStatus)),
  resize: field(14, textOf('v1.PodResizeStatus')),
  resourceClaimStatuses: field(15, mapList(podResourceClaimStatus, ['name'], 'name')),
  extendedResourceClaimStatus: field(18, podExtendedResourceClaimStatus),
  allocatedResources: field(19, mapOf(quantity, 'v1.ResourceList')),
  resources: field(20, resourceRequirements),
  nodeAllocatableResourceClaimStatuses: field(21, atomicList(nodeAllocatableResourceClaimStatus)),
});
