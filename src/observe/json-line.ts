// The access log line as one JSON object, in ASCII. The keys are nginx's variable names, and `route` and `reason` of our own.
// Parts that often repeat from one request to the next are kept rendered; a repeat costs one comparison.
import type { AccessEntry } from './access-entry.ts';
import { escapeJson } from './line-escape.ts';
import { LogTime, renderMilliseconds, renderSeconds } from './log-time.ts';

/** Renders lines; holds the last rendered parts, so that one instance serves one log. */
export class JsonLine {
  readonly #time = new LogTime();
  #client = '';
  #remoteAddress = '';
  #remoteUser = '';
  #method: string | null = null;
  #protocol = '';
  #protocolPart = protocolPart('');
  #agent = agentPart('', '');
  #referer = '';
  #userAgent = '';
  #upstream = '';
  #upstreamName: string | null = null;
  #alternativeUpstream = '';
  #upstreamAddress = '';
  #route = '';
  #routeId: string | null = null;
  #reason = '';
  #host = '';
  #scheme = '';
  #tlsProtocol = '';
  #namespace = '';
  #ingress = '';
  #service = '';
  #servicePort = '';

  /** The object with a line end. Numbers are JSON numbers, times in seconds; what is not known is the empty string. */
  render(entry: AccessEntry): string {
    this.#time.moveTo(entry.timeMs);
    if (
      entry.remoteAddress !== this.#remoteAddress ||
      entry.remoteUser !== this.#remoteUser ||
      entry.method !== this.#method
    ) {
      this.#renderClient(entry);
    }
    if (entry.protocol !== this.#protocol) {
      this.#protocol = entry.protocol;
      this.#protocolPart = protocolPart(entry.protocol);
    }
    if (entry.userAgent !== this.#userAgent || entry.referer !== this.#referer) this.#renderAgent(entry);
    if (
      entry.upstreamName !== this.#upstreamName ||
      entry.upstreamAddress !== this.#upstreamAddress ||
      entry.alternativeUpstream !== this.#alternativeUpstream
    ) {
      this.#renderUpstream(entry);
    }
    if (!this.#isSameRoute(entry)) this.#renderRoute(entry);
    return (
      `{"time_iso8601":"${this.#time.iso8601}","msec":${this.#time.epochSeconds}.${renderMilliseconds(entry.timeMs)}${this.#client}` +
      `${escapeJson(entry.target)}${this.#protocolPart}` +
      `${entry.status},"body_bytes_sent":${entry.bytesSent}${this.#agent}${entry.requestBytes}` +
      `,"request_time":${renderSeconds(entry.durationMs)}${this.#upstream}${entry.upstreamResponseBytes}` +
      `","upstream_response_time":"${entry.upstreamDurationMs}","upstream_status":"${entry.upstreamStatus}` +
      `","req_id":"${escapeJson(entry.requestId)}${this.#route}`
    );
  }

  #renderClient(entry: AccessEntry): void {
    this.#remoteAddress = entry.remoteAddress;
    this.#remoteUser = entry.remoteUser;
    this.#method = entry.method;
    this.#client =
      `,"remote_addr":"${escapeJson(entry.remoteAddress)}","remote_user":"${escapeJson(entry.remoteUser)}` +
      `","request_method":"${escapeJson(entry.method)}","request_uri":"`;
  }

  #renderAgent(entry: AccessEntry): void {
    this.#referer = entry.referer;
    this.#userAgent = entry.userAgent;
    this.#agent = agentPart(entry.referer, entry.userAgent);
  }

  #renderUpstream(entry: AccessEntry): void {
    this.#upstreamName = entry.upstreamName;
    this.#alternativeUpstream = entry.alternativeUpstream;
    this.#upstreamAddress = entry.upstreamAddress;
    this.#upstream =
      `,"proxy_upstream_name":"${escapeJson(entry.upstreamName)}` +
      `","proxy_alternative_upstream_name":"${escapeJson(entry.alternativeUpstream)}` +
      `","upstream_addr":"${escapeJson(entry.upstreamAddress)}","upstream_response_length":"`;
  }

  #isSameRoute(entry: AccessEntry): boolean {
    return (
      entry.routeId === this.#routeId &&
      entry.reason === this.#reason &&
      entry.host === this.#host &&
      entry.scheme === this.#scheme &&
      entry.tlsProtocol === this.#tlsProtocol &&
      entry.ingress === this.#ingress &&
      entry.service === this.#service &&
      entry.servicePort === this.#servicePort &&
      entry.namespace === this.#namespace
    );
  }

  #renderRoute(entry: AccessEntry): void {
    this.#routeId = entry.routeId;
    this.#reason = entry.reason;
    this.#host = entry.host;
    this.#scheme = entry.scheme;
    this.#tlsProtocol = entry.tlsProtocol;
    this.#namespace = entry.namespace;
    this.#ingress = entry.ingress;
    this.#service = entry.service;
    this.#servicePort = entry.servicePort;
    this.#route =
      `","route":"${escapeJson(entry.routeId)}","reason":"${escapeJson(entry.reason)}","host":"${escapeJson(entry.host)}` +
      `","scheme":"${escapeJson(entry.scheme)}","ssl_protocol":"${escapeJson(entry.tlsProtocol)}` +
      `","namespace":"${escapeJson(entry.namespace)}","ingress_name":"${escapeJson(entry.ingress)}` +
      `","service_name":"${escapeJson(entry.service)}","service_port":"${escapeJson(entry.servicePort)}"}\n`;
  }
}

function protocolPart(protocol: string): string {
  return `","server_protocol":"${escapeJson(protocol)}","status":`;
}

function agentPart(referer: string, userAgent: string): string {
  return `,"http_referer":"${escapeJson(referer)}","http_user_agent":"${escapeJson(userAgent)}","request_length":`;
}
