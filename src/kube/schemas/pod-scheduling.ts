// Where pods may run: affinity, tolerations, spread.
import {
  atomic,
  atomicList,
  field,
  int32,
  int64,
  pointer,
  required,
  structOf,
  text,
  textOf,
} from '../schema.ts';
import type { StructSchema } from '../schema.ts';
import { labelSelector } from './meta.ts';

const nodeSelectorRequirement: StructSchema = structOf('v1.NodeSelectorRequirement', {
  key: required(1, text),
  operator: required(2, textOf('v1.NodeSelectorOperator')),
  values: field(3, atomicList(text)),
});

const nodeSelectorTerm: StructSchema = atomic(
  structOf('v1.NodeSelectorTerm', {
    matchExpressions: field(1, atomicList(nodeSelectorRequirement)),
    matchFields: field(2, atomicList(nodeSelectorRequirement)),
  }),
);

const nodeSelector: StructSchema = atomic(
  structOf('v1.NodeSelector', {
    nodeSelectorTerms: required(1, atomicList(nodeSelectorTerm)),
  }),
);

const preferredSchedulingTerm: StructSchema = structOf('v1.PreferredSchedulingTerm', {
  weight: required(1, int32),
  preference: required(2, nodeSelectorTerm),
});

const nodeAffinity: StructSchema = structOf('v1.NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: field(1, nodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: field(2, atomicList(preferredSchedulingTerm)),
});

const podAffinityTerm: StructSchema = structOf('v1.PodAffinityTerm', {
  labelSelector: field(1, labelSelector),
  namespaces: field(2, atomicList(text)),
  topologyKey: required(3, text),
  namespaceSelector: field(4, labelSelector),
  matchLabelKeys: field(5, atomicList(text)),
  mismatchLabelKeys: field(6, atomicList(text)),
});

const weightedPodAffinityTerm: StructSchema = structOf('v1.WeightedPodAffinityTerm', {
  weight: required(1, int32),
  podAffinityTerm: required(2, podAffinityTerm),
});

const podAffinity: StructSchema = structOf('v1.PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: field(1, atomicList(podAffinityTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: field(2, atomicList(weightedPodAffinityTerm)),
});

const podAntiAffinity: StructSchema = structOf('v1.PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: field(1, atomicList(podAffinityTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: field(2, atomicList(weightedPodAffinityTerm)),
});

export const affinity: StructSchema = structOf('v1.Affinity', {
  nodeAffinity: field(1, nodeAffinity),
  podAffinity: field(2, podAffinity),
  podAntiAffinity: field(3, podAntiAffinity),
});

export const toleration: StructSchema = structOf('v1.Toleration', {
  key: field(1, text),
  operator: field(2, textOf('v1.TolerationOperator')),
  value: field(3, text),
  effect: field(4, textOf('v1.TaintEffect')),
  tolerationSeconds: pointer(5, int64),
});

export const topologySpreadConstraint: StructSchema = structOf('v1.TopologySpreadConstraint', {
  maxSkew: required(1, int32),
  topologyKey: required(2, text),
  whenUnsatisfiable: required(3, textOf('v1.UnsatisfiableConstraintAction')),
  labelSelector: field(4, labelSelector),
  minDomains: pointer(5, int32),
  nodeAffinityPolicy: pointer(6, textOf('v1.NodeInclusionPolicy')),
  nodeTaintsPolicy: pointer(7, textOf('v1.NodeInclusionPolicy')),
  matchLabelKeys: field(8, atomicList(text)),
});
