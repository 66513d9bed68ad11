// Containers of pods: images, ports, environment, probes, privileges.
import {
  atomic,
  atomicList,
  boolean,
  field,
  int32,
  mapList,
  mapOf,
  pointer,
  quantity,
  required,
  setList,
  structOf,
  text,
  textOf,
  within,
} from '../schema.ts';
import type { Member, StructSchema } from '../schema.ts';
import { lifecycle, probe } from './pod-probes.ts';
import { securityContext } from './pod-security.ts';
import { objectFieldSelector, resourceFieldSelector } from './pod-volumes.ts';
import { localName } from './references.ts';

const containerPort: StructSchema = structOf('v1.ContainerPort', {
  name: field(1, text, 'Name of the port, for Services.'),
  hostPort: field(2, int32, 'Port number on the node.'),
  containerPort: required(3, int32, 'Port number within the pod.'),
  protocol: field(4, textOf('v1.Protocol'), '`TCP` (default), `UDP` or `SCTP`.', { defaultText: 'TCP' }),
  hostIP: field(5, text),
});

const configMapEnvSource: StructSchema = structOf('v1.ConfigMapEnvSource', {
  ...within(1, 'LocalObjectReference', localName),
  optional: pointer(2, boolean),
});

const secretEnvSource: StructSchema = structOf('v1.SecretEnvSource', {
  ...within(1, 'LocalObjectReference', localName),
  optional: pointer(2, boolean),
});

const envFromSource: StructSchema = structOf('v1.EnvFromSource', {
  prefix: field(1, text),
  configMapRef: field(2, configMapEnvSource),
  secretRef: field(3, secretEnvSource),
});

const configMapKeySelector: StructSchema = atomic(
  structOf('v1.ConfigMapKeySelector', {
    ...within(1, 'LocalObjectReference', localName),
    key: required(2, text),
    optional: pointer(3, boolean),
  }),
);

const secretKeySelector: StructSchema = atomic(
  structOf('v1.SecretKeySelector', {
    ...within(1, 'LocalObjectReference', localName),
    key: required(2, text),
    optional: pointer(3, boolean),
  }),
);

const fileKeySelector: StructSchema = atomic(
  structOf('v1.FileKeySelector', {
    volumeName: required(1, text),
    path: required(2, text),
    key: required(3, text),
    optional: pointer(4, boolean),
  }),
);

const envVarSource: StructSchema = structOf('v1.EnvVarSource', {
  fieldRef: field(1, objectFieldSelector),
  resourceFieldRef: field(2, resourceFieldSelector),
  configMapKeyRef: field(3, configMapKeySelector),
  secretKeyRef: field(4, secretKeySelector),
  fileKeyRef: field(5, fileKeySelector),
});

const envVar: StructSchema = structOf('v1.EnvVar', {
  name: required(1, text, 'Name of the variable.'),
  value: field(2, text, 'Its value.'),
  valueFrom: field(3, envVarSource, 'Where its value comes from.'),
});

const resourceClaim: StructSchema = structOf('v1.ResourceClaim', {
  name: required(1, text),
  request: field(2, text),
});

export const resourceRequirements: StructSchema = structOf('v1.ResourceRequirements', {
  limits: field(1, mapOf(quantity, 'v1.ResourceList'), 'What the container may use at most.'),
  requests: field(2, mapOf(quantity, 'v1.ResourceList'), 'What the container needs at least.'),
  claims: field(3, mapList(resourceClaim, ['name'])),
});

const containerResizePolicy: StructSchema = structOf('v1.ContainerResizePolicy', {
  resourceName: required(1, textOf('v1.ResourceName')),
  restartPolicy: required(2, textOf('v1.ResourceResizeRestartPolicy')),
});

const containerRestartRuleOnExitCodes: StructSchema = structOf('v1.ContainerRestartRuleOnExitCodes', {
  operator: field(1, textOf('v1.ContainerRestartRuleOnExitCodesOperator'), '', { isRequired: true }),
  values: field(2, setList(int32)),
});

const containerRestartRule: StructSchema = structOf('v1.ContainerRestartRule', {
  action: field(1, textOf('v1.ContainerRestartRuleAction'), '', { isRequired: true }),
  exitCodes: field(2, containerRestartRuleOnExitCodes),
});

const volumeMount: StructSchema = structOf('v1.VolumeMount', {
  name: required(1, text, 'Name of the volume.'),
  readOnly: field(2, boolean, 'Whether it can only be read.'),
  recursiveReadOnly: pointer(7, textOf('v1.RecursiveReadOnlyMode')),
  mountPath: required(3, text, 'Where it appears in the container.'),
  subPath: field(4, text, 'Part of the volume that is mounted.'),
  mountPropagation: pointer(5, textOf('v1.MountPropagationMode')),
  subPathExpr: field(6, text),
});

const volumeDevice: StructSchema = structOf('v1.VolumeDevice', {
  name: required(1, text),
  devicePath: required(2, text),
});

const containerMembers: Readonly<Record<string, Member>> = {
  name: required(1, text, 'Name of the container, unique within the pod.'),
  image: field(2, text, 'Image that is run.'),
  command: field(3, atomicList(text), "Replaces the image's entrypoint."),
  args: field(4, atomicList(text), 'Arguments of the command.'),
  workingDir: field(5, text, 'Directory in which the command starts.'),
  ports: field(
    6,
    mapList(containerPort, ['containerPort', 'protocol'], 'containerPort'),
    'Ports at which the container listens.',
  ),
  envFrom: field(
    19,
    atomicList(envFromSource),
    'ConfigMaps and Secrets whose keys become environment variables.',
  ),
  env: field(7, mapList(envVar, ['name'], 'name'), 'Environment variables.'),
  resources: field(8, resourceRequirements, 'CPU, memory and other resources.'),
  resizePolicy: field(23, atomicList(containerResizePolicy)),
  restartPolicy: pointer(24, textOf('v1.ContainerRestartPolicy')),
  restartPolicyRules: field(25, atomicList(containerRestartRule)),
  volumeMounts: field(
    9,
    mapList(volumeMount, ['mountPath'], 'mountPath'),
    'Where volumes appear in the container.',
  ),
  volumeDevices: field(21, mapList(volumeDevice, ['devicePath'], 'devicePath')),
  livenessProbe: field(10, probe, 'Restarts the container when it fails.'),
  readinessProbe: field(11, probe, 'Takes the pod out of its Services while it fails.'),
  startupProbe: field(22, probe, 'Holds back the other probes until it succeeds.'),
  lifecycle: field(12, lifecycle),
  terminationMessagePath: field(13, text),
  terminationMessagePolicy: field(20, textOf('v1.TerminationMessagePolicy')),
  imagePullPolicy: field(14, textOf('v1.PullPolicy'), '`Always`, `IfNotPresent` or `Never`.'),
  securityContext: field(15, securityContext, 'Privileges of the container.'),
  stdin: field(16, boolean),
  stdinOnce: field(17, boolean),
  tty: field(18, boolean),
};

export const container: StructSchema = structOf('v1.Container', containerMembers);

export const ephemeralContainer: StructSchema = structOf('v1.EphemeralContainer', {
  ...within(1, 'EphemeralContainerCommon', containerMembers),
  targetContainerName: field(2, text),
});
