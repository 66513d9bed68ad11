// Rows of what makes pods, how many of them, and how they may be disturbed. They are stored so that the manifests of a controller can be
// applied whole; nothing here acts on them.
import type { ApiObject } from '../../api-object.ts';
import {
  daemonSetPrinter,
  deploymentPrinter,
  horizontalPodAutoscalerPrinter,
  jobPrinter,
  podDisruptionBudgetPrinter,
} from '../../tables/index.ts';
import type { Resource, ResourceVersion } from '../resource.ts';
import { plainStrategy } from '../strategies/plain-strategy.ts';
import { convertsWith } from '../strategies/typed-strategy.ts';
import { deploymentStrategy } from '../strategies/workload-strategies.ts';
import {
  defaultDaemonSet,
  defaultDeployment,
  defaultHorizontalPodAutoscaler,
  defaultJob,
} from '../workload-defaults.ts';
import { openSchema, resourceOf, versionOf } from './row.ts';

function openVersion(
  apiVersion: string,
  kind: string,
  toStorage: (object: ApiObject) => ApiObject = (object) => object,
): ResourceVersion {
  return versionOf(apiVersion, kind, { schema: openSchema(apiVersion, kind), toStorage });
}

export const appsRows: readonly Resource[] = [
  resourceOf({
    group: 'apps',
    plural: 'daemonsets',
    kind: 'DaemonSet',
    shortNames: ['ds'],
    categories: ['all'],
    subresources: ['status'],
    versions: [openVersion('apps/v1', 'DaemonSet', defaultDaemonSet)],
    strategy: plainStrategy({
      namespaced: true,
      hasGeneration: true,
      emptyStatus: {
        currentNumberScheduled: 0,
        numberMisscheduled: 0,
        desiredNumberScheduled: 0,
        numberReady: 0,
      },
    }),
    printer: daemonSetPrinter,
    doc: 'A pod for every node. Stored here; no pod is made.',
  }),
  resourceOf({
    group: 'apps',
    plural: 'deployments',
    kind: 'Deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: ['status'],
    versions: [versionOf('apps/v1', 'Deployment', { toStorage: convertsWith(defaultDeployment) })],
    strategy: deploymentStrategy,
    printer: deploymentPrinter,
    doc: 'Pods of one kind, and how they are replaced when they change. Stored here; no pod is made.',
  }),
];

export const autoscalingRow: Resource = resourceOf({
  group: 'autoscaling',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  versions: [openVersion('autoscaling/v2', 'HorizontalPodAutoscaler', defaultHorizontalPodAutoscaler)],
  strategy: plainStrategy({ namespaced: true, emptyStatus: { currentMetrics: null, desiredReplicas: 0 } }),
  printer: horizontalPodAutoscalerPrinter,
  doc: 'How many pods a Deployment has, by what they are doing. Stored here; nothing is scaled.',
});

export const batchRow: Resource = resourceOf({
  group: 'batch',
  plural: 'jobs',
  kind: 'Job',
  categories: ['all'],
  subresources: ['status'],
  versions: [openVersion('batch/v1', 'Job', defaultJob)],
  strategy: plainStrategy({ namespaced: true, hasGeneration: true, emptyStatus: {} }),
  printer: jobPrinter,
  doc: 'Pods that run until enough of them have succeeded. Stored here; no pod is made.',
});

export const policyRow: Resource = resourceOf({
  group: 'policy',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  shortNames: ['pdb'],
  subresources: ['status'],
  versions: [openVersion('policy/v1', 'PodDisruptionBudget')],
  strategy: plainStrategy({
    namespaced: true,
    hasGeneration: true,
    allowsUnconditionalUpdate: false,
    emptyStatus: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  }),
  printer: podDisruptionBudgetPrinter,
  doc: 'How many pods may be taken away at once. Stored here; nothing is held back.',
});
