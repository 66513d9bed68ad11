// Deployment: stored for the manifests that bring it.
import {
  boolean,
  field,
  filled,
  int32,
  int64,
  intOrString,
  mapList,
  pointer,
  required,
  structOf,
  text,
  textOf,
  time,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { embeddedMeta, kindOf, labelSelector } from './meta.ts';
import { podSpec } from './pod.ts';

const podTemplateSpec: StructSchema = structOf('v1.PodTemplateSpec', {
  metadata: filled(1, embeddedMeta, 'Labels and annotations of the pods.'),
  spec: filled(2, podSpec, 'What the pods run.'),
});

const rollingUpdateDeployment: StructSchema = structOf('v1.RollingUpdateDeployment', {
  maxUnavailable: field(1, intOrString, 'How many pods may be missing meanwhile: a number or a percentage.'),
  maxSurge: field(2, intOrString, 'How many pods there may be beyond replicas meanwhile.'),
});

const deploymentStrategy: StructSchema = structOf('v1.DeploymentStrategy', {
  type: field(1, textOf('v1.DeploymentStrategyType'), '`RollingUpdate` (default) or `Recreate`.'),
  rollingUpdate: field(2, rollingUpdateDeployment, 'Settings of a rolling update.'),
});

const deploymentSpec: StructSchema = structOf('v1.DeploymentSpec', {
  replicas: pointer(1, int32, 'How many pods are wanted; 1 by default.'),
  selector: field(2, labelSelector, 'Labels of the pods that belong to the deployment.', {
    isRequired: true,
  }),
  template: required(3, podTemplateSpec, 'From what pods are made.'),
  strategy: filled(4, deploymentStrategy, 'How old pods are replaced.'),
  minReadySeconds: field(5, int32, 'Seconds that a pod must be ready before it counts.'),
  revisionHistoryLimit: pointer(6, int32, 'How many earlier revisions are kept.'),
  paused: field(7, boolean, 'Stops the replacing of pods.'),
  progressDeadlineSeconds: pointer(9, int32, 'Seconds after which a rollout without progress has failed.'),
});

const deploymentCondition: StructSchema = structOf('v1.DeploymentCondition', {
  type: required(1, textOf('v1.DeploymentConditionType')),
  status: required(2, textOf('v1.ConditionStatus')),
  lastUpdateTime: field(6, time),
  lastTransitionTime: field(7, time),
  reason: field(4, text),
  message: field(5, text),
});

const deploymentStatus: StructSchema = structOf('v1.DeploymentStatus', {
  observedGeneration: field(1, int64),
  replicas: field(2, int32),
  updatedReplicas: field(3, int32),
  readyReplicas: field(7, int32),
  availableReplicas: field(4, int32),
  unavailableReplicas: field(5, int32),
  terminatingReplicas: pointer(9, int32),
  conditions: field(6, mapList(deploymentCondition, ['type'], 'type')),
  collisionCount: pointer(8, int32),
});

export const deploymentSchema: StructSchema = kindOf('v1.Deployment', {
  spec: filled(2, deploymentSpec, 'What is to run, and how often.'),
  status: filled(3, deploymentStatus, 'What runs; written by the controller.'),
});
