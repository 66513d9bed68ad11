// Keys that occur again in one mapping of a YAML document. The parser's own check compares each key with all before it: a mapping of a
// megabyte takes it minutes.
import { type Document, isScalar, visit } from 'yaml';

/** Where they stand in the text, in its order. */
export function findRepeatedKeys(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        else seen.add(key.value);
      }
    },
  });
  return offsets.sort((left, right) => left - right);
}
