// Stream routes: ports whose bytes go to an upstream unread. Plain readonly data, as routes are.
import type { SourceId } from './object-ref.ts';
import type { ProxyProtocolOut, UpstreamId } from './route.ts';

export type StreamProtocol = 'tcp' | 'udp';

/** `tcp/5432`: the protocol and the port that is listened on. */
export type StreamId = `${StreamProtocol}/${number}`;

export interface StreamRoute {
  readonly id: StreamId;
  readonly protocol: StreamProtocol;
  readonly port: number;
  readonly upstream: UpstreamId;
  /** Connections have to begin with a PROXY protocol header. TCP only. */
  readonly wantsProxyHeader: boolean;
  /** What endpoints get in front of a connection. TCP only. */
  readonly proxyProtocol: ProxyProtocolOut;
  readonly source: SourceId;
}

export function streamId(protocol: StreamProtocol, port: number): StreamId {
  return `${protocol}/${port}`;
}
