// What the appProtocol of a Service's port makes of an upstream: the names of Kubernetes (KEP-3726) and the ones in common use.
import type { UpstreamProtocol } from '../model/index.ts';
import type { ResolvedUpstream, UpstreamIssue } from './resolve-upstream.ts';
import { quoteValue } from './problems.ts';

/** In lower case. WebSocket is an upgrade of HTTP/1.1, which every upstream may be asked for. */
const protocols: ReadonlyMap<string, UpstreamProtocol> = new Map([
  ['', 'http'],
  ['http', 'http'],
  ['https', 'https'],
  ['kubernetes.io/h2c', 'h2c'],
  ['h2c', 'h2c'],
  ['grpc', 'h2c'],
  ['grpcs', 'h2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

/** Adds the protocol; one that is not known is worth a word, if there is nothing worse to say. */
export function withAppProtocol(
  name: string,
  appProtocol: string,
  resolved: ResolvedUpstream,
): ResolvedUpstream {
  const protocol = protocols.get(appProtocol.toLowerCase());
  if (protocol === undefined) {
    return { ...resolved, issue: resolved.issue ?? unknownIssue(name, appProtocol) };
  }
  return protocol === 'http' ? resolved : { ...resolved, protocol };
}

function unknownIssue(name: string, appProtocol: string): UpstreamIssue {
  const message = `appProtocol ${quoteValue(appProtocol)} of Service ${quoteValue(name)} is not known, wanted "http", "https", "grpc", "kubernetes.io/h2c", "kubernetes.io/ws" or "kubernetes.io/wss"; HTTP/1.1 is spoken`;
  return { code: 'UnsupportedProtocol', severity: 'info', part: 'port', message };
}
