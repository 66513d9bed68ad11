// What is to be said of two sides apart from requests.
import type { RouteTable } from '../../model/index.ts';
import { canonicalText } from './fingerprint.ts';
import type { Sides } from './read-sides.ts';

/** Complete sentences without a final period. */
export function notesOn({ old, new: next, names, failures }: Sides): readonly string[] {
  const notes: string[] = [];
  if (failures > 0)
    notes.push(
      `${failures} files or objects of the manifests could not be read: sallyport check tells which`,
    );
  for (const [index, table] of [old, next].entries()) {
    if (table.hosts.size === 0)
      notes.push(
        `nothing is served by the side "${names[index]}": are the Ingresses of our class? See --from, --controller-class and --ingress-class`,
      );
  }
  const parts = (['arrivals', 'traffic', 'tls'] as const).filter((part) => !isSame(old, next, part));
  if (parts.length > 0)
    notes.push(
      `settings of the whole proxy differ, which is not seen in single requests: ${parts.join(', ')}`,
    );
  return notes;
}

function isSame(old: RouteTable, next: RouteTable, part: 'arrivals' | 'traffic' | 'tls'): boolean {
  return canonicalText(old[part]) === canonicalText(next[part]);
}
