// Which annotations the Ingresses use, and what becomes of each: for whoever counts what a move would mean.
import { type DialectEntry, dialectEntries, features, renderKey } from '../../features/index.ts';
import type { Ingress } from '../../kube/index.ts';
import { findRetired } from '../../translate/index.ts';

/**
 * `understood`: followed; a note says what differs from ingress-nginx, or that it has no effect. `refused`: known, and not followed; an Ingress whose protection it is answers 503. `retired`: ingress-nginx itself has
 * dropped it. `unknown`: nobody knows it.
 */
export type AnnotationState = 'understood' | 'refused' | 'retired' | 'unknown';

export interface AnnotationUse {
  readonly key: string;
  readonly state: AnnotationState;
  readonly ingresses: number;
  /** What differs, what to use instead, or why not; empty: nothing to say. */
  readonly note: string;
}

const understood: ReadonlySet<string> = new Set(features.flatMap(({ keys }) => keys.map(renderKey)));

const dialect: ReadonlyMap<string, DialectEntry> = new Map(dialectEntries.map((each) => [each.name, each]));

/** By key. `refusedOf`: whether a problem says that the annotation is known and not followed. */
export function listAnnotationUses(
  ingresses: readonly Ingress[],
  nginxPrefix: string,
  refusedOf: (key: string) => boolean,
): readonly AnnotationUse[] {
  const prefixes = [`${nginxPrefix}/`, 'sallyport.dev/'];
  const counts = new Map<string, number>();
  for (const { metadata } of ingresses) {
    for (const key of Object.keys(metadata.annotations ?? {})) {
      if (prefixes.some((prefix) => key.startsWith(prefix))) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => ({ key, ...judge(key, nginxPrefix, refusedOf(key)), ingresses: count }));
}

function judge(key: string, nginxPrefix: string, isRefused: boolean): Pick<AnnotationUse, 'state' | 'note'> {
  const name = key.slice(key.indexOf('/') + 1);
  const isNginx = key.startsWith(`${nginxPrefix}/`);
  const full = isNginx ? renderKey({ dialect: 'nginx', name }) : key;
  const retired = isNginx ? findRetired(name) : null;
  if (retired?.isGone === true) return { state: 'retired', note: retired.advice };
  const entry = isNginx ? dialect.get(name) : undefined;
  if (isRefused) return { state: 'refused', note: 'known and not followed' };
  if (understood.has(full)) return { state: 'understood', note: entry === undefined ? '' : noteOf(entry) };
  if (entry !== undefined) return { state: 'refused', note: noteOf(entry) };
  return { state: 'unknown', note: 'has no effect' };
}

/** Of the table of annotations, without its Markdown. */
function noteOf({ support, difference }: DialectEntry): string {
  const text = difference.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('`', '');
  if (support === 'accepted') return `without effect: ${text}`;
  return support === 'differs' ? `differs: ${text}` : text;
}
