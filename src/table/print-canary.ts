// The canary of a route on one line: where some requests go, and which.
import type { Canary, CanaryHeader } from '../model/index.ts';

/** `shop/next:80 for field "x-canary" always|never, 10 of 100 others`. */
export function printCanary({ upstream, header, cookie, weight, total }: Canary): string {
  const choices = [
    ...(header === null ? [] : [`field "${header.name}" ${describeHeader(header)}`]),
    ...(cookie === '' ? [] : [`cookie "${cookie}" always|never`]),
    `${Math.min(weight, total)} of ${total} others`,
  ];
  return `${upstream} for ${choices.join(', ')}`;
}

function describeHeader(header: CanaryHeader): string {
  if (header.kind === 'value') return `= "${header.value}"`;
  if (header.kind === 'pattern') return `~ ${header.pattern}`;
  return header.kind === 'switch' ? 'always|never' : 'never (its pattern cannot be read)';
}
