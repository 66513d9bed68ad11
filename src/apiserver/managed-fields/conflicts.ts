// Conflicts of server-side apply: fields that another manager owns with another value, and how the API server tells them.
import { goQuote, type StatusCause } from '../../kube/index.ts';
import { compareText } from '../../std/compare-text.ts';
import type { FieldSet } from './field-set.ts';
import { type ManagerName, type Managers, type Manager, identityOf } from './managers.ts';
import { displayPath, type FieldPath } from './path-element.ts';

/** A field that is contested, and who owns it. */
export interface Conflict extends ManagerName {
  readonly time: string | null;
  readonly path: FieldPath;
}

/** Sorted by manager; the fields of one in the order of its set. */
export function conflictsOf(
  managers: Managers,
  contested: ReadonlyMap<string, FieldSet>,
): readonly Conflict[] {
  const owners = [...contested].toSorted(([a], [b]) => compareText(a, b));
  return owners.flatMap(([identity, fields]) => {
    const owner = managers.get(identity);
    return owner === undefined ? [] : fields.paths().map((path) => conflictAt(owner, path));
  });
}

function conflictAt(
  { manager, operation, apiVersion, subresource, time }: Manager,
  path: FieldPath,
): Conflict {
  return { manager, operation, apiVersion, subresource, time, path };
}

/** The version is named for those who update only; the time of their entry is not. */
function describeOwner({ manager, operation, apiVersion, subresource }: Conflict): string {
  const name = goQuote(manager);
  const owner = subresource === '' ? name : `${name} with subresource ${goQuote(subresource)}`;
  return operation === 'Update' ? `${owner} using ${apiVersion}` : owner;
}

export interface RenderedConflicts {
  readonly message: string;
  readonly causes: readonly StatusCause[];
}

/** The message and the causes of the 409 Conflict. */
export function renderConflicts(conflicts: readonly Conflict[]): RenderedConflicts {
  const causes = conflicts.map((conflict) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeOwner(conflict)}`,
    field: displayPath(conflict.path),
  }));
  const [first] = causes;
  if (conflicts.length === 1 && first !== undefined) {
    return { message: `Apply failed with 1 conflict: ${first.message}: ${first.field}`, causes };
  }
  const lines: string[] = [];
  let owner: string | null = null;
  for (const conflict of conflicts) {
    const identity = identityOf(conflict);
    if (identity !== owner) lines.push(`conflicts with ${describeOwner(conflict)}:`);
    owner = identity;
    lines.push(`- ${displayPath(conflict.path)}`);
  }
  return { message: `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`, causes };
}
