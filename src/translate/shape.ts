// Readings of objects that hold for odd data too: a shape that validation should have refused gives nothing instead of an exception.

/** The members of a list that are objects, each with its index in the list; none if it is no list. */
export function membersOf<Member>(list: readonly Member[] | undefined): (readonly [number, Member])[] {
  if (!Array.isArray(list)) return [];
  const members: (readonly [number, Member])[] = [];
  for (const [index, member] of (list as readonly Member[]).entries()) {
    if (typeof member === 'object' && member !== null) members.push([index, member]);
  }
  return members;
}

/** The strings of a list, each with its index; none if it is no list. */
export function textsOf(list: readonly string[] | undefined): (readonly [number, string])[] {
  if (!Array.isArray(list)) return [];
  return [...(list as readonly unknown[]).entries()].filter(
    (entry): entry is [number, string] => typeof entry[1] === 'string',
  );
}

/** A string, or '' for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The string entries of a map such as `annotations`. */
export function entriesOf(map: Readonly<Record<string, string>> | undefined): [string, string][] {
  if (typeof map !== 'object' || map === null) return [];
  return Object.entries(map).filter(([, value]) => typeof value === 'string');
}
