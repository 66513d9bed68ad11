// Names of hosts, as objects write them and as the table has them.
import type { HostPattern } from '../model/index.ts';

/** A host as the table names it: lower case; `` for every host. */
export function hostPattern(text: string): HostPattern {
  return text.toLowerCase();
}
