// Columns of what makes pods and how many: Deployment, DaemonSet, Job, HorizontalPodAutoscaler, PodDisruptionBudget.
import type { ApiObject } from '../api-object.ts';
import { readList, readNumber, readObject, readText, readValue } from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { renderAge } from './age.ts';
import { renderContainers, renderLabels, renderSelector, renderSelectorCell } from './cell-text.ts';
import { ageColumn, ageOf, column, containerColumns, nameColumn } from './columns.ts';

export const deploymentPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Ready', 'Pods that are ready, of those wanted.'),
    column('Up-to-date', 'Pods made from the newest template.'),
    column('Available', 'Pods that have been ready for long enough.'),
    ageColumn,
    ...containerColumns,
  ],
  cells: (deployment, nowMs) => {
    const status = readObject(deployment, 'status');
    const selector = renderSelector(readObject(deployment, 'spec', 'selector'));
    return [
      deployment.metadata.name,
      `${readNumber(status, 'readyReplicas')}/${readNumber(deployment, 'spec', 'replicas')}`,
      readNumber(status, 'updatedReplicas'),
      readNumber(status, 'availableReplicas'),
      ageOf(deployment, nowMs),
      ...renderContainers(readObject(deployment, 'spec', 'template', 'spec')),
      selector ?? '<invalid>',
    ];
  },
};

export const daemonSetPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Desired', 'Nodes that shall run the pod.', 'integer'),
    column('Current', 'Nodes that run the pod.', 'integer'),
    column('Ready', 'Nodes whose pod is ready.', 'integer'),
    column('Up-to-date', 'Nodes whose pod is made from the newest template.', 'integer'),
    column('Available', 'Nodes whose pod has been ready for long enough.', 'integer'),
    column('Node Selector', 'Labels of the nodes that shall run the pod.'),
    ageColumn,
    ...containerColumns,
  ],
  cells: (set, nowMs) => {
    const status = readObject(set, 'status');
    const podSpec = readObject(set, 'spec', 'template', 'spec');
    return [
      set.metadata.name,
      readNumber(status, 'desiredNumberScheduled'),
      readNumber(status, 'currentNumberScheduled'),
      readNumber(status, 'numberReady'),
      readNumber(status, 'updatedNumberScheduled'),
      readNumber(status, 'numberAvailable'),
      renderLabels(readObject(podSpec, 'nodeSelector')),
      ageOf(set, nowMs),
      ...renderContainers(podSpec),
      renderSelectorCell(readObject(set, 'spec', 'selector')),
    ];
  },
};

export const jobPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Status', 'State of the Job.'),
    column('Completions', 'Pods that succeeded, of those wanted.'),
    column('Duration', 'Time that the Job took or has taken so far.'),
    ageColumn,
    ...containerColumns,
  ],
  cells: (job, nowMs) => [
    job.metadata.name,
    renderJobStatus(job),
    renderCompletions(job),
    renderDuration(job, nowMs),
    ageOf(job, nowMs),
    ...renderContainers(readObject(job, 'spec', 'template', 'spec')),
    renderSelectorCell(readObject(job, 'spec', 'selector')),
  ],
};

function renderCompletions(job: ApiObject): string {
  const succeeded = readNumber(job, 'status', 'succeeded');
  const wanted = readValue(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  const parallelism = readNumber(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function renderDuration(job: ApiObject, nowMs: number): string {
  const startMs = Date.parse(readText(job, 'status', 'startTime'));
  if (Number.isNaN(startMs)) return '';
  const endMs = Date.parse(readText(job, 'status', 'completionTime'));
  return renderAge((Number.isNaN(endMs) ? nowMs : endMs) - startMs);
}

const jobStates: readonly (readonly [condition: string, status: string])[] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
];

/** The first state that holds; the one without a condition is that of a deleted Job. */
function renderJobStatus(job: ApiObject): string {
  const conditions = readList(job, 'status', 'conditions');
  const holds = (type: string): boolean => {
    if (type === '') return job.metadata.deletionTimestamp !== undefined;
    const condition = conditions.find((each) => readText(each, 'type') === type);
    return readText(condition, 'status') === 'True';
  };
  return jobStates.find(([type]) => holds(type))?.[1] ?? 'Running';
}

export const podDisruptionBudgetPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Min Available', 'Pods that must stay available.'),
    column('Max Unavailable', 'Pods that may be unavailable.'),
    column('Allowed Disruptions', 'Pods that may be taken away now.', 'integer'),
    ageColumn,
  ],
  cells: (budget, nowMs) => [
    budget.metadata.name,
    renderLimit(readValue(budget, 'spec', 'minAvailable')),
    renderLimit(readValue(budget, 'spec', 'maxUnavailable')),
    readNumber(budget, 'status', 'disruptionsAllowed'),
    ageOf(budget, nowMs),
  ],
};

function renderLimit(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : 'N/A';
}

export const horizontalPodAutoscalerPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Reference', 'What is scaled.'),
    column('Targets', 'Metrics: the current value and the wanted one.'),
    column('MinPods', 'Fewest pods.'),
    column('MaxPods', 'Most pods.'),
    column('Replicas', 'Pods that were there when it last looked.'),
    ageColumn,
  ],
  cells: (autoscaler, nowMs) => {
    const target = readObject(autoscaler, 'spec', 'scaleTargetRef');
    const min = readValue(autoscaler, 'spec', 'minReplicas');
    return [
      autoscaler.metadata.name,
      `${readText(target, 'kind')}/${readText(target, 'name')}`,
      renderMetrics(
        readList(autoscaler, 'spec', 'metrics'),
        readList(autoscaler, 'status', 'currentMetrics'),
      ),
      typeof min === 'number' ? String(min) : '<unset>',
      readNumber(autoscaler, 'spec', 'maxReplicas'),
      readNumber(autoscaler, 'status', 'currentReplicas'),
      ageOf(autoscaler, nowMs),
    ];
  },
};

const maxMetrics = 2;

function renderMetrics(specs: readonly unknown[], statuses: readonly unknown[]): string {
  if (specs.length === 0) return '<none>';
  const list = specs.slice(0, maxMetrics).map((spec, index) => renderMetric(spec, statuses[index]));
  const head = list.join(', ');
  return specs.length > maxMetrics ? `${head} + ${specs.length - maxMetrics} more...` : head;
}

/** Names of the members that hold a metric, by its type. */
const metricMembers: ReadonlyMap<string, string> = new Map([
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Object', 'object'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
]);

function renderMetric(spec: unknown, status: unknown): string {
  const member = metricMembers.get(readText(spec, 'type'));
  if (member === undefined) return '<unknown type>';
  const source = readObject(spec, member);
  const current = readObject(status, member, 'current');
  const average = readValue(source, 'target', 'averageValue');
  if (member === 'resource' || member === 'containerResource') {
    const values = hasQuantity(average)
      ? `${renderQuantity(current, 'averageValue')}/${String(average)}`
      : `${renderPercent(current, '<unknown>')}/${renderPercent(readObject(source, 'target'), '<auto>')}`;
    return `${readText(source, 'name')}: ${values}`;
  }
  if (member === 'pods') {
    return `${renderQuantity(current, 'averageValue')}/${hasQuantity(average) ? average : '0'}`;
  }
  if (hasQuantity(average)) return `${renderQuantity(current, 'averageValue')}/${String(average)} (avg)`;
  return `${renderQuantity(current, 'value')}/${renderQuantity(readObject(source, 'target'), 'value')}`;
}

function hasQuantity(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function renderQuantity(values: Readonly<Record<string, unknown>>, name: string): string {
  const value = readValue(values, name);
  return hasQuantity(value) ? String(value) : '<unknown>';
}

function renderPercent(values: Readonly<Record<string, unknown>>, otherwise: string): string {
  const value = readValue(values, 'averageUtilization');
  return typeof value === 'number' ? `${value}%` : otherwise;
}
