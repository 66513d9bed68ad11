// "Did you mean", for flags, keys and commands.
import { findNearestWord } from '../std/nearest-word.ts';

/** A third of the letters of the known word, at least two. */
function maxEdits(candidate: string): number {
  return Math.max(2, Math.floor(candidate.length / 3));
}

/** `; did you mean "--workers"?`, or nothing. For the end of a message about an unknown word. */
export function renderSuggestion(word: string, known: Iterable<string>, prefix = ''): string {
  const suggestion = findNearestWord(word, known, maxEdits);
  return suggestion === null ? '' : `; did you mean "${prefix}${suggestion}"?`;
}
