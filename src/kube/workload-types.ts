// What is read of workloads (Deployment, DaemonSet, Job, Pod): these are stored for others to read, nobody runs them here. Readonly.
import type { ObjectMeta } from './object-meta.ts';
import type { ObjectBase } from './object-meta.ts';

/** `meta/v1 LabelSelector`. */
export interface ObjectSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly SelectorExpression[];
}

export interface SelectorExpression {
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: PodSpec;
}

export interface PodSpec {
  readonly containers?: readonly { readonly name?: string; readonly image?: string }[];
  readonly [field: string]: unknown;
}

export interface Deployment extends ObjectBase<'Deployment', 'apps/v1'> {
  readonly spec: DeploymentSpec;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector?: ObjectSelector;
  readonly template?: PodTemplate;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly progressDeadlineSeconds?: number;
  readonly [field: string]: unknown;
}
