// "Did you mean": the known word nearest to a mistyped one.

/** The first of the known words with the fewest single-letter edits from `word`, at most `maxEdits` of it; null if none is so near. */
export function findNearestWord(
  word: string,
  known: Iterable<string>,
  maxEdits: (candidate: string) => number,
): string | null {
  let best: string | null = null;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const most = Math.min(maxEdits(candidate), bestEdits - 1);
    if (Math.abs(candidate.length - word.length) > most) continue;
    const edits = countEdits(word, candidate);
    if (edits > most) continue;
    best = candidate;
    bestEdits = edits;
  }
  return best;
}

/** Levenshtein distance (insert, remove, replace), one row at a time. */
function countEdits(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
