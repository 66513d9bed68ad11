// The JSON patch (RFC 6902) that makes one value of another. A list that is not only longer is replaced as a whole, so that a
// person can read what it becomes.

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

type Members = Readonly<Record<string, unknown>>;

export function diffValues(before: unknown, after: unknown, path = ''): readonly PatchOperation[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMembers(before) && isMembers(after)) return diffMembers(before, after, path);
  if (isObjectList(before) && isObjectList(after) && before.length === after.length) {
    return before.flatMap((item, index) => diffValues(item, after[index], `${path}/${index}`));
  }
  const more = Array.isArray(before) && Array.isArray(after) ? addedItems(before, after) : null;
  return (
    more?.map((value) => ({ op: 'add', path: `${path}/-`, value })) ?? [{ op: 'replace', path, value: after }]
  );
}

/** What `after` has behind all of `before`; null: it begins otherwise. */
function addedItems(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] | null {
  const isPrefix = before.every((item, index) => JSON.stringify(item) === JSON.stringify(after[index]));
  return isPrefix ? after.slice(before.length) : null;
}

function diffMembers(before: Members, after: Members, path: string): readonly PatchOperation[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): readonly PatchOperation[] => {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(after, name)) return [{ op: 'remove', path: place }];
    if (!Object.hasOwn(before, name)) return [{ op: 'add', path: place, value: after[name] }];
    return diffValues(before[name], after[name], place);
  });
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObjectList(value: unknown): value is readonly Members[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMembers);
}
