// How much aliases would make of a document: a text of some kilobytes can stand for gigabytes ("billion laughs"), also with few
// aliases to one long list. Counted before anything is expanded.
import { type Document, isAlias, isMap, isPair, isScalar, isSeq } from 'yaml';

/** Nodes that aliases may add to a document; a person's anchors save some dozens. */
export const maxAliasNodes = 100_000;

/** True when the aliases of a document stand for more nodes than are allowed. No alias may hold itself. */
export function growsTooMuch(document: Document): boolean {
  const sizes = new Map<string, number>();
  let added = 0;
  const measure = (node: unknown): number => {
    if (isAlias(node)) {
      const size = sizes.get(node.source) ?? 1;
      added += size;
      return size;
    }
    let size = 1;
    if (isPair(node)) size = measure(node.key) + measure(node.value);
    else if (isMap(node) || isSeq(node)) for (const item of node.items as unknown[]) size += measure(item);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      sizes.set(node.anchor, size);
    }
    return size;
  };
  measure(document.contents);
  return added > maxAliasNodes;
}
