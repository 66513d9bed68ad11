// Deployment and Pod: stored for the manifests and tools that bring them. Nothing here runs a pod.
import {
  checkSubdomainName,
  requiredError,
  validateDeploymentCreate,
  validateDeploymentUpdate,
  validateObjectMeta,
  validateObjectMetaUpdate,
  type Deployment,
  type FieldError,
  type ObjectBase,
  type PodSpec,
} from '../../../kube/index.ts';
import { isEqualValue } from '../equal-values.ts';
import { readList, readObject } from '../read-value.ts';
import type { Strategy, WriteContext } from '../resource.ts';
import { changesSpec, strategyOf, withMemberOf } from './typed-strategy.ts';

/** Status of a Deployment does not change labels either. */
function keepDeployment(next: Deployment, old: Deployment, { subresource }: WriteContext): Deployment {
  if (subresource !== 'status') return withMemberOf(next, old, 'status');
  return {
    ...withMemberOf(next, old, 'spec'),
    metadata: withMemberOf(next.metadata, old.metadata, 'labels'),
  };
}

export const deploymentStrategy: Strategy = strategyOf<Deployment>({
  emptyStatus: {},
  prepareUpdate: keepDeployment,
  validateCreate: validateDeploymentCreate,
  validateUpdate: (next, old, { subresource }) =>
    subresource === 'status'
      ? validateObjectMetaUpdate(next.metadata, old.metadata)
      : validateDeploymentUpdate(next, old),
  countsGeneration: (next, old) =>
    changesSpec(next, old) || !isEqualValue(next.metadata.annotations, old.metadata.annotations),
});

interface Pod extends ObjectBase<'Pod', 'v1'> {
  readonly spec: PodSpec;
  readonly status?: Readonly<Record<string, unknown>>;
}

const podRules = { namespaced: true, checkName: checkSubdomainName };

function validatePod(pod: Pod): FieldError[] {
  return [
    ...validateObjectMeta(pod.metadata, podRules),
    ...((pod.spec.containers ?? []).length === 0 ? [requiredError('spec.containers')] : []),
  ];
}

export const podStrategy: Strategy = strategyOf<Pod>({
  // Nobody schedules it: it stays pending until whoever wrote it says otherwise.
  emptyStatus: {},
  prepareCreate: (pod) => ({ ...pod, status: { phase: 'Pending', qosClass: qosClassOf(pod.spec) } }),
  validateCreate: validatePod,
  validateUpdate: (next, old) => [
    ...validateObjectMetaUpdate(next.metadata, old.metadata),
    ...validatePod(next),
  ],
  countsGeneration: changesSpec,
});

/** Guaranteed: every container gets exactly what it may use; best effort: none asks for anything. */
function qosClassOf(spec: PodSpec): string {
  const containers = [...readList(spec, 'initContainers'), ...readList(spec, 'containers')];
  const sides = containers.map((container) => ({
    requests: readObject(container, 'resources', 'requests'),
    limits: readObject(container, 'resources', 'limits'),
  }));
  const isBestEffort = sides.every(
    ({ requests, limits }) => Object.keys(requests).length + Object.keys(limits).length === 0,
  );
  if (isBestEffort) return 'BestEffort';
  const isGuaranteed = sides.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (name) =>
        limits[name] !== undefined && (requests[name] === undefined || requests[name] === limits[name]),
    ),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}
