// A line of a list of URLs: `URL`, `METHOD URL`, or a path in place of the URL.
import { isMethod, type ListedRequest, readTarget } from './listed-request.ts';

export function parseUrlLine(text: string, line: number): ListedRequest | null {
  const gap = text.search(/[ \t]/);
  const method = gap < 0 ? 'GET' : text.slice(0, gap);
  const written = gap < 0 ? text : text.slice(gap).trim();
  if (!isMethod(method) || /[\0-\x20]/.test(written)) return null;
  const target = readTarget(written);
  if (target === null) return null;
  return {
    line,
    method,
    ...target,
    clientAddress: '',
    status: 0,
    upstreamName: '',
    requestId: '',
    route: '',
    reason: '',
  };
}
