// "Did you mean": the known word nearest to a mistyped one.

/** Number of single-letter edits (insert, remove, replace) between two words. */
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

/** The known word that at most a third of its letters (and at least two edits' worth) separate from `word`, or null. */
export function suggestWord(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = countEdits(word, candidate);
    if (edits < bestEdits && edits <= Math.max(2, Math.floor(candidate.length / 3))) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** `; did you mean "--workers"?`, or nothing. For the end of a message about an unknown word. */
export function renderSuggestion(word: string, known: Iterable<string>, prefix = ''): string {
  const suggestion = suggestWord(word, known);
  return suggestion === null ? '' : `; did you mean "${prefix}${suggestion}"?`;
}
