// The table of all annotations of ingress-nginx, and what becomes of each here.
import { accessEntries } from './access.ts';
import { endpointEntries } from './endpoints.ts';
import type { DialectEntry, DialectSupport } from './entry.ts';
import { messageEntries } from './messages.ts';
import { routingEntries } from './routing.ts';

export type { DialectEntry, DialectSupport } from './entry.ts';

/** By name. */
export const dialectEntries: readonly DialectEntry[] = [
  ...routingEntries,
  ...endpointEntries,
  ...accessEntries,
  ...messageEntries,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** In the order in which they are counted out. */
export const supportWords: Readonly<Record<DialectSupport, string>> = {
  same: 'same',
  differs: 'differs on purpose',
  accepted: 'accepted without effect',
  refused: 'refused',
  missing: 'missing',
};
