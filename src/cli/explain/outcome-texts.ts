// Why a request that is over ended as it did, as one sentence; by the reason that the proxy gave.
import type { ProxyErrorKind } from '../../proxy/outcome.ts';
import type { RequestFacts } from '../../proxy/recent-requests.ts';
import { refusals } from '../../wire/http1/refusal.ts';
import { textOfReason } from './cause.ts';

const texts: Readonly<Record<ProxyErrorKind, string>> = {
  'downstream-closed': 'the client closed its connection before the answer was complete',
  'head-timeout': 'the client took too long to send the head of the request',
  'body-timeout': 'the client took too long to send the body of the request',
  'send-stall': 'the client did not read its answer',
  'body-too-large': 'the body is larger than the route allows',
  'grpc-web-body': 'the Base64 of the gRPC-Web body is none',
  'websocket-key': 'the key of the WebSocket handshake is none',
  'length-required': 'the body has no announced length, which FastCGI wants',
  'ambiguous-path': 'an endpoint that decodes more of the path would read one that another rule takes',
  'rewritten-path-invalid': 'what the path is rewritten to is no path in its plain form',
  misdirected: 'the Host is served under another TLS policy than the name in the handshake',
  'no-endpoint': 'no endpoint of the backend was there to be asked',
  overload:
    'descriptors, ports or places were used up: those of the proxy, or those that the route gives to its endpoints',
  'connect-refused': 'the endpoint refused the connection: nothing listens on its port',
  'connect-failed': 'no connection to the endpoint could be made',
  'connect-timeout': 'the endpoint did not accept the connection in time',
  'upstream-tls':
    'the TLS handshake with the endpoint failed, or its certificate is not what the route asks for',
  'upstream-tls-alert':
    'the endpoint ended the connection by a TLS alert, for example for want of a client certificate',
  'upstream-tls-secret': 'the Secret for TLS to the endpoints is not there, or TLS cannot be made of it',
  'upstream-refused': 'the endpoint refused the HTTP/2 stream without looking at the request',
  'upstream-reset': 'the endpoint closed the connection before the first byte of a response',
  'upstream-send-timeout': 'the endpoint did not take more of the request in time',
  'upstream-read-timeout': 'the endpoint did not send its response, or more of it, in time',
  'grpc-deadline': 'the time that the client gave in grpc-timeout was over',
  'upstream-response-malformed': 'what the endpoint sent is no response that can be passed on',
  'upstream-head-too-large': 'the head of the response is larger than the route takes',
  'upstream-truncated': 'the endpoint broke its response off in the middle',
  'upgrade-unexpected': 'the endpoint changed the protocol without being asked to',
  'upgrade-unsupported': 'the endpoint takes no WebSockets over HTTP/2',
  internal: 'a defect of the proxy; its log has more',
};

/** Without a final period. */
export function describeOutcome({ reason, status, attempts, upstreamStatus }: RequestFacts): string {
  if (reason !== '') {
    const text = Object.hasOwn(texts, reason) ? texts[reason as ProxyErrorKind] : textOfReason(reason);
    if (text !== null) return text;
    return Object.hasOwn(refusals, reason)
      ? `the message was refused as HTTP forbids it, or for its size (${reason})`
      : `the proxy answered itself (${reason})`;
  }
  if (attempts === 0) return `the proxy answered ${status} itself`;
  return upstreamStatus === status
    ? `the endpoint answered ${status}`
    : `the endpoint answered ${upstreamStatus}, and the proxy ${status} in its place`;
}
