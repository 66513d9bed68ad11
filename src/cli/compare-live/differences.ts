// Differences: what is different between two answers, counted by kind with a few samples each. Bounded, whatever is compared.
import type { ListedRequest } from '../request-list/index.ts';
import type { Seen } from './live-endpoint.ts';

const maxGroups = 200;
const maxSampleChars = 200;

export interface Sample {
  readonly line: number;
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly old: string;
  readonly new: string;
}

export interface DifferenceGroup {
  /** `status 200 → 404`, `field location`, `body`, `not compared, ECONNREFUSED from both`. */
  readonly kind: string;
  readonly count: number;
  readonly samples: readonly Sample[];
}

export class Differences {
  readonly #maxSamples: number;
  readonly #groups = new Map<string, { count: number; samples: Sample[] }>();
  /** Requests whose answers are the same. */
  same = 0;
  /** Requests with at least one difference. */
  different = 0;
  /** Differences of kinds for which there was no more room. */
  dropped = 0;

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  add(asked: ListedRequest, host: string, before: Seen, after: Seen): void {
    const found = compareSeen(before, after);
    if (found.length === 0) {
      this.same += 1;
      return;
    }
    this.different += 1;
    for (const { kind, old, new: now } of found) {
      const target = cut(asked.rawPath + asked.query);
      this.#count(kind, {
        line: asked.line,
        method: asked.method,
        host,
        target,
        old: cut(old),
        new: cut(now),
      });
    }
  }

  /** The most frequent first. */
  groups(): readonly DifferenceGroup[] {
    return [...this.#groups]
      .map(([kind, { count, samples }]) => ({ kind, count, samples }))
      .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
  }

  #count(kind: string, sample: Sample): void {
    let group = this.#groups.get(kind);
    if (group === undefined) {
      if (this.#groups.size >= maxGroups) {
        this.dropped += 1;
        return;
      }
      group = { count: 0, samples: [] };
      this.#groups.set(kind, group);
    }
    group.count += 1;
    if (group.samples.length < this.#maxSamples) group.samples.push(sample);
  }
}

interface Found {
  readonly kind: string;
  readonly old: string;
  readonly new: string;
}

/** Where the statuses differ, the rest does too and tells nothing. Two failures are no equal answers: nothing was compared. */
export function compareSeen(before: Seen, after: Seen): readonly Found[] {
  const [old, now] = [renderStatus(before), renderStatus(after)];
  if (old !== now) return [{ kind: `status ${old} → ${now}`, old, new: now }];
  if (before.error !== '') return [{ kind: `not compared, ${old} from both`, old, new: now }];
  const found: Found[] = [];
  for (const name of new Set([...before.fields.keys(), ...after.fields.keys()])) {
    const [left, right] = [before.fields.get(name) ?? '(none)', after.fields.get(name) ?? '(none)'];
    if (left !== right) found.push({ kind: `field ${name}`, old: left, new: right });
  }
  if (before.bodyHash !== after.bodyHash)
    found.push({ kind: 'body', old: `${before.bodyBytes} bytes`, new: `${after.bodyBytes} bytes` });
  return found;
}

function renderStatus({ status, error }: Seen): string {
  return error === '' ? String(status) : `${status === 0 ? '' : `${status} `}${error}`;
}

function cut(text: string): string {
  return text.length > maxSampleChars ? `${text.slice(0, maxSampleChars)}…` : text;
}
