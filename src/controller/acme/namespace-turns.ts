// Whose certificate is ordered next: namespaces take turns, so that one with very many certificates does not keep the others waiting.
import { type ObjectKey, splitObjectKey } from '../../model/index.ts';

export class NamespaceTurns {
  /** When a namespace had its last turn; without one: never. */
  readonly #turns = new Map<string, number>();
  #count = 0;

  /** Up to `most` of `due`, of the namespaces that have waited longest; within one in the order of `due`. */
  take<Item extends { readonly secret: ObjectKey }>(due: readonly Item[], most: number): readonly Item[] {
    const waiting = Map.groupBy(due, ({ secret }) => splitObjectKey(secret).namespace);
    // Who waits for nothing has lost nothing by being forgotten.
    for (const namespace of this.#turns.keys()) if (!waiting.has(namespace)) this.#turns.delete(namespace);
    const taken: Item[] = [];
    while (taken.length < most && waiting.size > 0) {
      const namespace = this.#next(waiting.keys());
      const [first, ...rest] = waiting.get(namespace) ?? [];
      if (first !== undefined) taken.push(first);
      if (rest.length > 0) waiting.set(namespace, rest);
      else waiting.delete(namespace);
      this.#count += 1;
      this.#turns.set(namespace, this.#count);
    }
    return taken;
  }

  #next(namespaces: Iterable<string>): string {
    const turnOf = (namespace: string): number => this.#turns.get(namespace) ?? 0;
    return [...namespaces].reduce((best, each) => (turnOf(each) < turnOf(best) ? each : best));
  }
}
