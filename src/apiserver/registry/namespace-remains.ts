// What keeps a namespace from being removed, counted, and as the conditions that kube writes into its status
// (controller/namespace/deletion/status_condition_utils.go).
import type { ApiObject } from '../api-object.ts';
import { readText } from './read-value.ts';

/** More names are not counted: whoever writes objects chooses them. */
const maxFinalizers = 20;

export interface Remains {
  /** Objects by storage. */
  readonly counts: ReadonlyMap<string, number>;
  /** Objects by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export const noRemains: Remains = { counts: new Map(), finalizers: new Map() };

/** `remains` and the objects that finalizers keep. */
export function addRemains(remains: Remains, storage: string, kept: readonly ApiObject[]): Remains {
  if (kept.length === 0) return remains;
  const counts = new Map(remains.counts).set(storage, (remains.counts.get(storage) ?? 0) + kept.length);
  const finalizers = new Map(remains.finalizers);
  for (const finalizer of kept.flatMap((object) => [...new Set(object.metadata.finalizers)])) {
    const count = finalizers.get(finalizer);
    if (count !== undefined || finalizers.size < maxFinalizers) finalizers.set(finalizer, (count ?? 0) + 1);
  }
  return { counts, finalizers };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** The conditions of a namespace that waits, in place of those of the same types; times stay while a status does. */
export function contentConditions(
  old: readonly unknown[],
  remains: Remains,
  nowMs: number,
): readonly unknown[] {
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const fresh = describeRemains(remains).map((condition): Condition => {
    const before = old.find((each) => readText(each, 'type') === condition.type);
    const isSame = readText(before, 'status') === condition.status;
    return { ...condition, lastTransitionTime: isSame ? readText(before, 'lastTransitionTime') : now };
  });
  const types = new Set(fresh.map(({ type }) => type));
  return [...old.filter((each) => !types.has(readText(each, 'type'))), ...fresh];
}

function describeRemains({ counts, finalizers }: Remains): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const resources = [...counts].map(
    ([storage, count]) => `${nameOf(storage)} has ${count} resource instances`,
  );
  const names = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`);
  return [
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${resources.sort().join(', ')}`,
    },
    {
      type: 'NamespaceFinalizersRemaining',
      status: 'True',
      reason: 'SomeFinalizersRemain',
      message: `Some content in the namespace has finalizers remaining: ${names.sort().join(', ')}`,
    },
  ];
}

/** kube writes the dot of the core group too. */
function nameOf(storage: string): string {
  const [group = '', plural = ''] = storage.split('/');
  return `${plural}.${group === 'core' ? '' : group}`;
}
