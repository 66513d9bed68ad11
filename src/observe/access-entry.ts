// What the access log is told of a finished request: one plain object that the proxy fills again for each request.

/** What is known of a finished request. Strings are latin1, as received; empty = not known or not applicable. */
export interface AccessEntry {
  /** Wall clock at the end of the request, milliseconds since the epoch. */
  timeMs: number;
  /** The client's address, after trusted forwarding has been taken into account. */
  remoteAddress: string;
  /** User name of basic authentication. */
  remoteUser: string;
  method: string;
  /** Request target as received. */
  target: string;
  /** `HTTP/1.1` */
  protocol: string;
  status: number;
  /** Body bytes sent to the client. */
  bytesSent: number;
  referer: string;
  userAgent: string;
  /** Request line, head and body, bytes. */
  requestBytes: number;
  durationMs: number;
  /** `NAMESPACE-SERVICE-PORT`, `upstream-default-backend`, or empty when the proxy answered itself. */
  upstreamName: string;
  /** Name of the canary's upstream, when one was used. */
  alternativeUpstream: string;
  /** `ADDRESS:PORT`, or a list `ADDRESS:PORT, ADDRESS:PORT` with one element for each try. */
  upstreamAddress: string;
  /** This and the next two are made of numbers by the proxy, in lists likewise, and written as they are. */
  upstreamResponseBytes: string;
  /** Seconds with three decimals. */
  upstreamDurationMs: string;
  upstreamStatus: string;
  requestId: string;
  host: string;
  /** Source of the route, `ingress/NAMESPACE/NAME/rule/I/path/J`. */
  routeId: string;
  /** Why the proxy itself answered or gave up: the name of a refusal, redirect or error. */
  reason: string;
  /** `http` or `https` */
  scheme: string;
  /** `TLSv1.3` */
  tlsProtocol: string;
  namespace: string;
  ingress: string;
  service: string;
  servicePort: string;
}

/** A fresh entry with nothing known, for the proxy to fill. */
export function emptyAccessEntry(): AccessEntry {
  return {
    timeMs: 0,
    remoteAddress: '',
    remoteUser: '',
    method: '',
    target: '',
    protocol: '',
    status: 0,
    bytesSent: 0,
    referer: '',
    userAgent: '',
    requestBytes: 0,
    durationMs: 0,
    upstreamName: '',
    alternativeUpstream: '',
    upstreamAddress: '',
    upstreamResponseBytes: '',
    upstreamDurationMs: '',
    upstreamStatus: '',
    requestId: '',
    host: '',
    routeId: '',
    reason: '',
    scheme: '',
    tlsProtocol: '',
    namespace: '',
    ingress: '',
    service: '',
    servicePort: '',
  };
}
