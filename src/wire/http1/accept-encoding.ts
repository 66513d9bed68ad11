// How much a client likes a content coding, by its Accept-Encoding (RFC 9110 12.5.3).

/** From 0 (refused, or not named) to 1000. `values`: those of all its lines. `coding`: lower case. */
export function codingQuality(values: readonly string[], coding: string): number {
  let byWildcard = 0;
  for (const value of values) {
    for (const member of value.split(',')) {
      const [name = '', ...parameters] = member.split(';');
      const named = name.trim().toLowerCase();
      if (named === coding || named === `x-${coding}`) return qualityOf(parameters);
      if (named === '*') byWildcard = qualityOf(parameters);
    }
  }
  return byWildcard;
}

/** What cannot be read refuses: an answer as it is suits everybody. */
function qualityOf(parameters: readonly string[]): number {
  if (parameters.length === 0) return 1_000;
  const match = /^[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*$/i.exec(parameters[0] ?? '');
  return match === null || parameters.length > 1 ? 0 : Math.round(Number(match[1]) * 1_000);
}
