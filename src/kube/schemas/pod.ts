// Pod: what its containers share, and its status.
import {
  atomicList,
  atomicMap,
  boolean,
  field,
  int32,
  int64,
  mapList,
  mapOf,
  pointer,
  quantity,
  required,
  structOf,
  text,
  textOf,
  within,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { kindOf } from './meta.ts';
import { container, ephemeralContainer, resourceRequirements } from './pod-container.ts';
import { affinity, toleration, topologySpreadConstraint } from './pod-scheduling.ts';
import {
  appArmorProfile,
  seLinuxOptions,
  seccompProfile,
  windowsSecurityContextOptions,
} from './pod-security.ts';
import { podStatus } from './pod-status.ts';
import { volumeSource } from './pod-volumes.ts';
import { localObjectReference } from './references.ts';

export const volume: StructSchema = structOf('v1.Volume', {
  name: required(1, text, 'Name of the volume, unique within the pod.'),
  ...within(2, 'VolumeSource', volumeSource),
});

const sysctl: StructSchema = structOf('v1.Sysctl', {
  name: required(1, text),
  value: required(2, text),
});

const podSecurityContext: StructSchema = structOf('v1.PodSecurityContext', {
  seLinuxOptions: field(1, seLinuxOptions),
  windowsOptions: field(8, windowsSecurityContextOptions),
  runAsUser: pointer(2, int64),
  runAsGroup: pointer(6, int64),
  runAsNonRoot: pointer(3, boolean),
  supplementalGroups: field(4, atomicList(int64)),
  supplementalGroupsPolicy: pointer(12, textOf('v1.SupplementalGroupsPolicy')),
  fsGroup: pointer(5, int64),
  sysctls: field(7, atomicList(sysctl)),
  fsGroupChangePolicy: pointer(9, textOf('v1.PodFSGroupChangePolicy')),
  seccompProfile: field(10, seccompProfile),
  appArmorProfile: field(11, appArmorProfile),
  seLinuxChangePolicy: pointer(13, textOf('v1.PodSELinuxChangePolicy')),
});

const hostAlias: StructSchema = structOf('v1.HostAlias', {
  ip: required(1, text),
  hostnames: field(2, atomicList(text)),
});

const podDNSConfigOption: StructSchema = structOf('v1.PodDNSConfigOption', {
  name: field(1, text),
  value: pointer(2, text),
});

const podDNSConfig: StructSchema = structOf('v1.PodDNSConfig', {
  nameservers: field(1, atomicList(text)),
  searches: field(2, atomicList(text)),
  options: field(3, atomicList(podDNSConfigOption)),
});

const podReadinessGate: StructSchema = structOf('v1.PodReadinessGate', {
  conditionType: required(1, textOf('v1.PodConditionType')),
});

const podOS: StructSchema = structOf('v1.PodOS', {
  name: required(1, textOf('v1.OSName')),
});

const podSchedulingGate: StructSchema = structOf('v1.PodSchedulingGate', {
  name: required(1, text),
});

const podResourceClaim: StructSchema = structOf('v1.PodResourceClaim', {
  name: required(1, text),
  resourceClaimName: pointer(3, text),
  resourceClaimTemplateName: pointer(4, text),
});

const podSchedulingGroup: StructSchema = structOf('v1.PodSchedulingGroup', {
  podGroupName: pointer(1, text),
});

export const podSpec: StructSchema = structOf('v1.PodSpec', {
  volumes: field(1, mapList(volume, ['name'], 'name'), 'Volumes that the containers may mount.'),
  initContainers: field(
    20,
    mapList(container, ['name'], 'name'),
    'Containers that run one after the other before the others start.',
  ),
  containers: required(2, mapList(container, ['name'], 'name'), 'The containers of the pod.'),
  ephemeralContainers: field(34, mapList(ephemeralContainer, ['name'], 'name')),
  restartPolicy: field(3, textOf('v1.RestartPolicy'), '`Always` (default), `OnFailure` or `Never`.'),
  terminationGracePeriodSeconds: pointer(4, int64, 'Seconds that the pod gets to end by itself.'),
  activeDeadlineSeconds: pointer(5, int64),
  dnsPolicy: field(6, textOf('v1.DNSPolicy')),
  nodeSelector: field(7, atomicMap(text), 'Labels that the node must have.'),
  serviceAccountName: field(8, text, 'Service account as which the pod runs.'),
  serviceAccount: field(9, text),
  automountServiceAccountToken: pointer(21, boolean),
  nodeName: field(10, text, 'Node on which the pod runs.'),
  hostNetwork: field(11, boolean, "Uses the node's network instead of one of its own."),
  hostPID: field(12, boolean),
  hostIPC: field(13, boolean),
  shareProcessNamespace: pointer(27, boolean),
  securityContext: field(14, podSecurityContext, 'Users, groups and kernel settings of the whole pod.'),
  imagePullSecrets: field(
    15,
    mapList(localObjectReference, ['name'], 'name'),
    'Secrets with the credentials of image registries.',
  ),
  hostname: field(16, text),
  subdomain: field(17, text),
  affinity: field(18, affinity, 'Preferences and demands about where the pod runs.'),
  schedulerName: field(19, text),
  tolerations: field(22, atomicList(toleration), 'Taints of nodes that the pod tolerates.'),
  hostAliases: field(23, mapList(hostAlias, ['ip'], 'ip'), 'Lines for the hosts file of the containers.'),
  priorityClassName: field(24, text),
  priority: pointer(25, int32),
  dnsConfig: field(26, podDNSConfig),
  readinessGates: field(28, atomicList(podReadinessGate)),
  runtimeClassName: pointer(29, text),
  enableServiceLinks: pointer(30, boolean),
  preemptionPolicy: pointer(31, textOf('v1.PreemptionPolicy')),
  overhead: field(32, mapOf(quantity, 'v1.ResourceList')),
  topologySpreadConstraints: field(
    33,
    mapList(topologySpreadConstraint, ['topologyKey', 'whenUnsatisfiable'], 'topologyKey'),
    'How pods are spread over zones and nodes.',
  ),
  setHostnameAsFQDN: pointer(35, boolean),
  os: field(36, podOS),
  hostUsers: pointer(37, boolean),
  schedulingGates: field(38, mapList(podSchedulingGate, ['name'], 'name')),
  resourceClaims: field(39, mapList(podResourceClaim, ['name'], 'name')),
  resources: field(40, resourceRequirements),
  hostnameOverride: pointer(41, text),
  schedulingGroup: field(43, podSchedulingGroup),
});

export const podSchema: StructSchema = kindOf('v1.Pod', {
  spec: field(2, podSpec, 'What is to run.'),
  status: field(3, podStatus, 'What runs; written by the node.'),
});
