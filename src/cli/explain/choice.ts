// How an endpoint is chosen among those that serve, as one phrase.
import { features, prepareFeatures, settingsOf } from '../../features/index.ts';
import type { KeyPart } from '../../model/index.ts';
import type { Explanation } from '../../table/index.ts';

/** Null: there are not two to choose from. */
export function describeChoice({ route, endpoints }: Explanation): string | null {
  if (endpoints.length < 2) return null;
  const { affinity, hash, spread } = settingsOf(prepareFeatures(features, route));
  const among = `one of ${endpoints.length} endpoints`;
  if (affinity !== null) return `${among}: that of the cookie "${affinity.name}"; without it by ${spread}`;
  if (hash === null) return `${among}, by ${spread}`;
  return `${among}, by a hash of ${hash.key.map(describePart).join(' and ')}; without it by ${spread}`;
}

function describePart(part: KeyPart): string {
  if (part.kind === 'text') return `"${part.text}"`;
  return 'name' in part ? `${part.kind} "${part.name}"` : `the ${part.kind}`;
}
