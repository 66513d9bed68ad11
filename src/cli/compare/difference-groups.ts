// DifferenceGroups: requests that differ, counted by Ingress, kind of difference and quirk, with a few samples of each. Bounded: when there
// are too many groups the smaller half is counted together, so that the sum stays right and large groups stay.
import { namesOf, type DifferenceName, type Differences } from './outcome.ts';

/** A request and what becomes of it, as texts. */
export interface Sample {
  readonly line: number;
  readonly method: string;
  readonly url: string;
  readonly old: string;
  readonly new: string;
}

export interface DifferenceGroup {
  /** `NAMESPACE/NAME`; empty: nobody's. */
  readonly oldIngress: string;
  readonly newIngress: string;
  readonly differences: readonly DifferenceName[];
  readonly quirks: readonly string[];
  count: number;
  readonly samples: Sample[];
}

export interface GroupKey {
  readonly oldIngress: string;
  readonly newIngress: string;
  readonly differences: Differences;
  readonly quirks: readonly string[];
}

const maxGroups = 4_096;
const maxTextLength = 400;

export class DifferenceGroups {
  readonly #groups = new Map<string, DifferenceGroup>();
  readonly #maxGroups: number;
  readonly #maxSamples: number;
  /** Requests whose groups are counted together. */
  others = 0;
  count = 0;

  constructor(maxSamples: number, groups = maxGroups) {
    this.#maxSamples = maxSamples;
    this.#maxGroups = groups;
  }

  /** `request` gives its URL while samples are wanted, `describe` the rest once it becomes one. */
  add(
    key: GroupKey,
    request: { readonly url: () => string; readonly describe: () => Omit<Sample, 'url'> },
  ): void {
    this.count += 1;
    const text = `${key.oldIngress} ${key.newIngress} ${key.differences} ${key.quirks.join(',')}`;
    let group = this.#groups.get(text);
    if (group === undefined) {
      if (this.#groups.size >= this.#maxGroups) this.#drop();
      group = {
        oldIngress: key.oldIngress,
        newIngress: key.newIngress,
        differences: namesOf(key.differences),
        quirks: key.quirks,
        count: 0,
        samples: [],
      };
      this.#groups.set(text, group);
    }
    group.count += 1;
    if (group.samples.length >= this.#maxSamples) return;
    const url = ownCopy(request.url());
    if (group.samples.some((sample) => sample.url === url)) return;
    const { line, method, old, new: next } = request.describe();
    group.samples.push({ line, url, method: ownCopy(method), old: ownCopy(old), new: ownCopy(next) });
  }

  /** Largest first. */
  sorted(): readonly DifferenceGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count);
  }

  #drop(): void {
    const bySize = [...this.#groups].sort(([, a], [, b]) => a.count - b.count);
    for (const [text, { count }] of bySize.slice(0, Math.ceil(bySize.length / 2))) {
      this.others += count;
      this.#groups.delete(text);
    }
  }
}

/** Not a slice, which would keep the line that it came from. */
function ownCopy(text: string): string {
  const cut = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  return Buffer.from(cut, 'utf8').toString('utf8');
}
