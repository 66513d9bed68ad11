// Columns of Pod: its state in one word, from its phase, its conditions and its containers (printers.go, printPod).
import type { ApiObject } from '../api-object.ts';
import { readFlag, readList, readNumber, readObject, readText, readValue } from '../registry/read-value.ts';
import type { TablePrinter } from '../registry/resource.ts';
import { renderSince } from './age.ts';
import { ageColumn, ageOf, column, nameColumn, wideColumn } from './columns.ts';

export const podPrinter: TablePrinter = {
  columns: [
    nameColumn,
    column('Ready', 'Containers that are ready, of all.'),
    column('Status', 'State of the pod and its containers in one word.'),
    column('Restarts', 'Restarts of the containers, and how long ago the last one was.'),
    ageColumn,
    wideColumn('IP', 'Address of the pod.'),
    wideColumn('Node', 'Node that the pod runs on.'),
    wideColumn('Nominated Node', 'Node that the pod shall run on once others made room.'),
    wideColumn('Readiness Gates', 'Further conditions of readiness that hold, of all.'),
  ],
  cells: (pod, nowMs) => {
    const summary = summarize(pod);
    const [podIp] = readList(pod, 'status', 'podIPs');
    return [
      pod.metadata.name,
      `${summary.ready}/${summary.total}`,
      summary.reason,
      renderRestarts(summary, nowMs),
      ageOf(pod, nowMs),
      readText(podIp, 'ip') || '<none>',
      readText(pod, 'spec', 'nodeName') || '<none>',
      readText(pod, 'status', 'nominatedNodeName') || '<none>',
      renderGates(pod),
    ];
  },
};

interface Restarts {
  readonly count: number;
  /** RFC 3339; empty: never. */
  readonly last: string;
}

interface Summary extends Restarts {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
}

function summarize(pod: ApiObject): Summary {
  const phase = readText(pod, 'status', 'phase');
  const sidecars = new Set(
    readList(pod, 'spec', 'initContainers')
      .filter((container) => readText(container, 'restartPolicy') === 'Always')
      .map((container) => readText(container, 'name')),
  );
  const isGated = readList(pod, 'status', 'conditions').some(
    (condition) =>
      readText(condition, 'type') === 'PodScheduled' && readText(condition, 'reason') === 'SchedulingGated',
  );
  const initial = isGated ? 'SchedulingGated' : readText(pod, 'status', 'reason') || phase;
  const init = summarizeInit(pod, sidecars);
  const total = readList(pod, 'spec', 'containers').length + sidecars.size;
  const isInitialized = init.reason === null || hasCondition(pod, 'Initialized');
  const main = isInitialized
    ? summarizeMain(pod, init.reason ?? initial)
    : { reason: init.reason ?? initial, ready: 0, restarts: [] };
  const restarts = isInitialized ? [...init.sidecarRestarts, ...main.restarts] : init.restarts;
  return {
    ready: init.ready + main.ready,
    total,
    reason: reasonOfDeletion(pod, phase) ?? main.reason,
    ...sumRestarts(restarts),
  };
}

function reasonOfDeletion(pod: ApiObject, phase: string): string | null {
  if (pod.metadata.deletionTimestamp === undefined) return null;
  if (readText(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  return phase === 'Succeeded' || phase === 'Failed' ? null : 'Terminating';
}

function hasCondition(pod: ApiObject, type: string): boolean {
  return readList(pod, 'status', 'conditions').some(
    (condition) => readText(condition, 'type') === type && readText(condition, 'status') === 'True',
  );
}

function restartsOf(status: unknown): Restarts {
  return {
    count: readNumber(status, 'restartCount'),
    last: readText(status, 'lastState', 'terminated', 'finishedAt'),
  };
}

function sumRestarts(all: readonly Restarts[]): Restarts {
  const count = all.reduce((sum, each) => sum + each.count, 0);
  const last = all.reduce((newest, each) => (each.last > newest ? each.last : newest), '');
  return { count, last };
}

interface InitSummary {
  /** Null: nothing is left to be initialised. */
  readonly reason: string | null;
  readonly ready: number;
  readonly restarts: readonly Restarts[];
  readonly sidecarRestarts: readonly Restarts[];
}

/** Containers that run one after the other before the others; those that keep running beside them are sidecars. */
function summarizeInit(pod: ApiObject, sidecars: ReadonlySet<string>): InitSummary {
  const total = readList(pod, 'spec', 'initContainers').length;
  const restarts: Restarts[] = [];
  const sidecarRestarts: Restarts[] = [];
  let ready = 0;
  for (const [index, status] of readList(pod, 'status', 'initContainerStatuses').entries()) {
    const isSidecar = sidecars.has(readText(status, 'name'));
    restarts.push(restartsOf(status));
    if (isSidecar) sidecarRestarts.push(restartsOf(status));
    const terminated = readValue(status, 'state', 'terminated');
    if (hasValue(terminated) && readNumber(terminated, 'exitCode') === 0) continue;
    if (isSidecar && readFlag(status, 'started')) {
      if (readFlag(status, 'ready')) ready += 1;
      continue;
    }
    const reason = initReason(status, terminated) ?? `${index}/${total}`;
    return { reason: `Init:${reason}`, ready, restarts, sidecarRestarts };
  }
  return { reason: null, ready, restarts, sidecarRestarts };
}

function initReason(status: unknown, terminated: unknown): string | null {
  if (hasValue(terminated)) return renderTermination(terminated);
  const waiting = readText(status, 'state', 'waiting', 'reason');
  return waiting === '' || waiting === 'PodInitializing' ? null : waiting;
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function renderTermination(terminated: unknown): string {
  const reason = readText(terminated, 'reason');
  const signal = readNumber(terminated, 'signal');
  if (reason !== '') return reason;
  return signal === 0 ? `ExitCode:${readNumber(terminated, 'exitCode')}` : `Signal:${signal}`;
}

interface MainSummary {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: readonly Restarts[];
}

/** The first container that says something has the word. */
function summarizeMain(pod: ApiObject, initial: string): MainSummary {
  const statuses = readList(pod, 'status', 'containerStatuses');
  let reason = initial;
  let errorReason = '';
  let ready = 0;
  for (const status of statuses.toReversed()) {
    const state = readObject(status, 'state');
    const waiting = readText(state, 'waiting', 'reason');
    const terminated = readValue(state, 'terminated');
    if (waiting !== '') reason = waiting;
    else if (hasValue(terminated)) {
      reason = renderTermination(terminated);
      if (readNumber(terminated, 'exitCode') !== 0) errorReason = reason;
    } else if (readFlag(status, 'ready') && hasValue(readValue(state, 'running'))) ready += 1;
  }
  if (reason === 'Completed') {
    if (ready > 0 && hasCondition(pod, 'Ready')) reason = 'Running';
    else if (errorReason !== '') reason = errorReason;
    else if (ready > 0) reason = 'NotReady';
  }
  return { reason, ready, restarts: statuses.map(restartsOf) };
}

function renderRestarts({ count, last }: Restarts, nowMs: number): string {
  return count === 0 || last === '' ? String(count) : `${count} (${renderSince(last, nowMs)} ago)`;
}

function renderGates(pod: ApiObject): string {
  const gates = readList(pod, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = readList(pod, 'status', 'conditions');
  const open = gates.filter((gate) => {
    const type = readText(gate, 'conditionType');
    const condition = conditions.find((each) => readText(each, 'type') === type);
    return readText(condition, 'status') === 'True';
  });
  return `${open.length}/${gates.length}`;
}
