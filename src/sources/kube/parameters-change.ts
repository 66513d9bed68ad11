// Changes of SallyportParameters as plain values.
import type { ObjectChange } from '../object-change.ts';

/** `settings` null: the object is gone. */
export interface ParametersChange {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>> | null;
  /** 0: not known. */
  readonly generation: number;
  /** Empty: not known. */
  readonly uid: string;
}

export function parametersChanges(changes: readonly ObjectChange[]): ParametersChange[] {
  return changes.flatMap((change): ParametersChange[] => {
    if (change.kind === 'removed') {
      const { kind, name } = change.ref;
      return kind === 'SallyportParameters' ? [{ name, settings: null, generation: 0, uid: '' }] : [];
    }
    if (change.object.kind !== 'SallyportParameters') return [];
    const { metadata, spec } = change.object;
    const { name, generation = 0, uid = '' } = metadata;
    // An object of a cluster whose definition allows less than ours may have no spec.
    return [{ name, settings: spec?.settings ?? {}, generation, uid }];
  });
}
