// What a log is told of an error that nobody expected.

const maxLines = 10;

/** Where it happened. Its message may hold values of an object, a Secret's among them, so it is not told. */
export function describeDefect(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const places = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return [error.name, ...places.slice(0, maxLines)].join('\n');
}
